"""Frames beside each other are read one by one; the cells of a table row by row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from order_pages import PITCH, bar, box, drawn, flat, rule

from ocrcli.engine.frames import find_frames
from ocrcli.engine.order import _left_edges, reading_order
from ocrcli.engine.squaring import squaring

LINES = (150, 90)  # widths of the lines in a frame


def framed(x: float, y: float, lines=LINES, size=(200, 90)) -> tuple[list, list, list]:
    """Lines in a frame: their quads, its level and its upright sides."""
    width, height = size
    quads = [box(x + 25, y + 20 + i * PITCH, line) for i, line in enumerate(lines)]
    return quads, [rule(x, x + width, y), rule(x, x + width, y + height)], [
        bar(x, y, y + height), bar(x + width, y, y + height)
    ]  # fmt: skip


def page(*frames: tuple[list, list, list]):
    quads, rules, bars = ([one for frame in frames for one in frame[kind]] for kind in range(3))
    return np.array(quads), drawn(rules, bars)


@pytest.mark.parametrize("gap", [20, 60])
def test_boxes_of_a_chart_are_read_one_by_one(gap: float) -> None:
    frames = [framed(50 + i * (200 + gap), y) for y in (50, 190) for i in range(3)]
    quads, lines = page(*frames)
    assert flat(reading_order(quads, 0.0, drawn=lines)) == list(range(12))
    assert flat(reading_order(quads, 0.0)) != list(range(12))


def test_panels_of_another_colour_are_read_one_by_one() -> None:
    frames = [framed(50 + i * 220, 50) for i in range(3)]
    quads, level, bars = ([one for frame in frames for one in frame[kind]] for kind in range(3))
    panels = drawn(edges=level, bars=bars)
    assert flat(reading_order(np.array(quads), 0.0, drawn=panels)) == list(range(6))


def test_cells_that_share_their_edges_are_read_row_by_row() -> None:
    quads, lines = page(*(framed(50 + i * 200, y) for y in (50, 140) for i in range(3)))
    row = [0, 2, 4, 1, 3, 5]
    assert flat(reading_order(quads, 0.0, drawn=lines)) == [*row, *(i + 6 for i in row)]


def test_panels_whose_sides_were_taken_for_one_line() -> None:
    """Two rows of panels a little apart: each upright line seems to go from top to bottom."""
    frames = [framed(x, y, (150, 90, 120), (200, 110)) for y in (50, 175) for x in (50, 270)]
    quads, rules = (
        np.array([q for frame in frames for q in frame[0]]),
        [r for frame in frames for r in frame[1]],
    )
    bars = [bar(x, 50, 285) for x in (50, 250, 270, 470)]
    assert flat(reading_order(quads, 0.0, drawn=drawn(rules, bars))) == list(range(12))


def test_text_above_between_and_below_stays_in_its_place() -> None:
    frames = [framed(50 + i * 260, y) for y in (100, 300) for i in range(2)]
    around = [([box(50, y, 400)], [], []) for y in (50, 230, 430)]
    quads, lines = page(around[0], *frames[:2], around[1], *frames[2:], around[2])
    assert flat(reading_order(quads, 0.0, drawn=lines)) == list(range(11))


def test_frames_with_text_beside_them_are_left_to_the_columns() -> None:
    """What no frame holds belongs to the row in which it stands."""
    quads, lines = page(framed(50, 50), framed(310, 50), ([box(560, 70, 100)], [], []))
    assert flat(reading_order(quads, 0.0, drawn=lines)) == [0, 2, 4, 1, 3]


def test_frames_in_a_frame() -> None:
    inner = [framed(70 + i * 230, 100) for i in range(2)]
    outer = ([box(80, 65, 300)], *framed(40, 50, (), (480, 170))[1:])
    beside = framed(560, 50, (150, 90, 120, 100), (200, 170))
    quads, lines = page(outer, *inner, beside)
    assert flat(reading_order(quads, 0.0, drawn=lines)) == list(range(9))


def test_columns_in_a_frame_beside_running_text_part_that_frame_alone() -> None:
    """A box of facts at the head of an article."""
    beside = [box(24, 87 + i * 21, 590, 16) for i in range(9)]
    facts = [box(x, 107 + i * 18, 45, 12) for x in (669, 748) for i in range(9)]
    quads = np.array([*beside, *facts])
    square = squaring(quads, 0.0)
    sides = drawn([rule(675, 915, y) for y in (83, 274)], [bar(x, 90, 265) for x in (664, 923)])(square)
    boxes = replace(square.boxes(quads), rules=sides[0], bars=sides[1], edges=sides[2])
    frames = find_frames(boxes)
    assert [frame.pieces.tolist() for frame in frames] == [list(range(9, 27))]
    page, frame = np.arange(27), np.arange(9, 27)
    assert list(_left_edges(boxes, page, 12.0, frames)) == [669]
    assert list(_left_edges(boxes, frame, 12.0, frames)) == [748]

"""Whatever boxes and texts a dataset holds, each word is kept or has one reason why not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.datasets import quads as q
from ocrcli.datasets.quads import judge, line_quad, lines_by_place, widened

SIZE = (300, 200)


def box(x0: float, y0: float, x1: float, y1: float) -> list[list[float]]:
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


numbers = st.one_of(
    st.floats(-50, 350),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, 1e30, -1e7, 300.0]),
)
any_quads = st.lists(st.lists(st.tuples(numbers, numbers), min_size=4, max_size=4), max_size=8)
texts = st.text(max_size=8)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_each_word_is_kept_whole_or_named_a_reason(data: st.DataObject) -> None:
    found = np.array(data.draw(any_quads), float).reshape(-1, 4, 2)
    words = data.draw(st.lists(texts, min_size=len(found), max_size=len(found)))
    judged = judge(found, words, SIZE)
    assert len(judged.reasons) == len(judged.quads) == len(words)
    assert {reason for reason in judged.reasons if reason} <= set(q.REASONS)
    for quad, text, kept in zip(judged.quads, words, judged.kept, strict=True):
        if kept:
            assert text.strip() and text.encode()
            assert (quad >= 0).all() and (quad <= SIZE).all()
            assert np.ptp(quad, axis=0).max() >= q.NARROWEST


@settings(max_examples=100, deadline=None)
@given(st.floats(20, 280), st.floats(20, 180), st.floats(0, 2 * math.pi), st.floats(8, 14))
def test_a_good_word_is_kept_as_it_is_at_any_angle(x: float, y: float, angle: float, half: float) -> None:
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    quad = np.array(box(-half, -half / 2, half, half / 2)) @ turn.T + (x, y)
    judged = judge(quad[None], ["wört"], SIZE)
    assert judged.reasons == [None]
    np.testing.assert_allclose(judged.quads[0], quad, atol=1e-3)


@pytest.mark.parametrize(
    ("quad", "text", "reason"),
    [
        (box(10, 10, 60, 30), " \t", q.NO_TEXT),
        (box(10, 10, 60, 30), "a\ud800b", q.UNPRINTABLE),
        (box(10, 10, 60, 30), "a\x07b", q.UNPRINTABLE),
        (box(math.nan, 10, 60, 30), "a", q.NOT_FINITE),
        (box(10, 10, 1e20, 30), "a", q.NOT_FINITE),
        (box(400, 10, 460, 30), "a", q.OUTSIDE),
        (box(-100, -100, -60, -80), "a", q.OUTSIDE),
        (box(270, 10, 340, 30), "a", q.OUTSIDE),  # more than half of it is missing
        (box(10, 10, 10, 30), "a", q.DEGENERATE),
        (box(10, 30, 60, 10), "a", q.DEGENERATE),  # mirrored
        ([[10, 10], [60, 30], [60, 10], [10, 30]], "a", q.DEGENERATE),  # crosses itself
        (box(10, 10, 60, 14), "a", q.SMALL),
        (box(0, 10, 300, 16.5), "a", q.LONG),
    ],
)
def test_reasons(quad: list[list[float]], text: str, reason: str) -> None:
    assert judge(np.array([quad]), [text], SIZE).reasons == [reason]


def test_a_box_that_reaches_over_the_border_is_clipped_to_it() -> None:
    judged = judge(np.array([box(-3, 150, 60, 203)]), ["word"], SIZE)
    assert judged.reasons == [None]
    np.testing.assert_array_equal(judged.quads[0], box(0, 150, 60, 200))


def test_widening_adds_a_share_of_the_height_on_every_side() -> None:
    np.testing.assert_allclose(widened(np.array([box(10, 10, 110, 30)], float), 0.1)[0], box(8, 8, 112, 32))


def test_the_words_of_a_line_are_in_its_rectangle_in_reading_direction() -> None:
    words = np.array([box(10, 20, 60, 40), box(70, 18, 120, 40), box(130, 20, 150, 44)], float)
    np.testing.assert_allclose(line_quad(words), box(10, 18, 150, 44), atol=2)
    turned = words[:, :, ::-1] * (-1, 1) + (200, 0)  # by a quarter, to the right: text runs down
    quad = line_quad(turned)
    assert quad[0, 0] > quad[3, 0] and quad[1, 1] > quad[0, 1]


def test_lines_are_told_from_places_where_nothing_else_tells_them() -> None:
    words = [box(10, 20, 60, 40), box(66, 20, 120, 40), box(10, 60, 60, 80), box(200, 60, 260, 80)]
    assert lines_by_place(np.array(words, float)).tolist() == [0, 0, 1, 2]
    assert lines_by_place(np.zeros((0, 4, 2))).tolist() == []

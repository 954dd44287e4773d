"""Columns of single characters are taken apart, sideways text is left whole."""

import numpy as np
import pytest

from ocrcli.engine.stacks import unstacked

HEIGHT, PITCH = 20, 30


def level(x, y, width):
    return [(x, y), (x + width, y), (x + width, y + HEIGHT), (x, y + HEIGHT)]


def upwards(x, y, width, height):
    """A quad that the detector takes for text running up the page."""
    return [(x, y + height), (x, y), (x + width, y), (x + width, y + height)]


def page(marks, rows=6, background=230, ink=20):
    """A table of ``rows`` level lines, and marks (x, y, width, height) of ink beside it."""
    grey = np.full((300, 600), background, np.uint8)
    for x, y, width, height in marks:
        grey[y : y + height, x : x + width] = ink
    return grey, [level(50, 40 + PITCH * i, 300) for i in range(rows)]


def column(x, first, count, pitch=PITCH, height=14):
    return [(x, 40 + pitch * i + 3, 10, height) for i in range(first, first + count)]


@pytest.mark.parametrize(("background", "ink"), [(230, 20), (20, 230)])
def test_characters_in_the_rows_of_a_table_are_taken_apart(background, ink):
    marks = column(400, 1, 3)
    grey, lines = page(marks, background=background, ink=ink)
    stack = upwards(394, 68, 22, 80)
    quads, scores = unstacked(grey, np.array([*lines, stack], np.float32), np.linspace(0.5, 0.9, 7))
    assert len(quads) == 6 + 3
    assert scores.tolist()[6:] == [0.9] * 3
    for (x, y, width, height), quad in zip(marks, quads[6:], strict=True):
        assert quad[0] == pytest.approx([x, y], abs=5) and quad[2] == pytest.approx(
            [x + width, y + height], abs=5
        )
        assert quad[1, 0] > quad[0, 0]  # level now


def test_sideways_text_between_the_rows_stays_whole():
    marks = [(400, 45 + 12 * i, 14, 9) for i in range(9)]
    grey, lines = page(marks)
    quads = np.array([*lines, upwards(396, 42, 22, 110)], np.float32)
    assert unstacked(grey, quads, np.ones(7))[0].tolist() == quads.tolist()


def test_large_characters_out_of_rows_stay_whole():
    marks = [(400, y, 12, 14) for y in (50, 84, 118)]
    grey, lines = page([(x, y + 8, w, h) for x, y, w, h in marks])
    quads = np.array([*lines, upwards(395, 55, 22, 85)], np.float32)
    assert len(unstacked(grey, quads, np.ones(7))[0]) == 7


def test_a_tall_line_of_unbroken_ink_and_a_faint_one_stay_whole():
    grey, lines = page([(400, 60, 3, 90)])
    quads = np.array([*lines, upwards(394, 58, 22, 94), upwards(500, 58, 22, 94)], np.float32)
    assert len(unstacked(grey, quads, np.ones(8))[0]) == 8


def test_a_page_without_level_lines_is_left_alone():
    grey, lines = page(column(400, 1, 3), rows=3)
    quads = np.array([*lines, upwards(394, 68, 22, 80)], np.float32)
    assert len(unstacked(grey, quads, np.ones(4))[0]) == 4
    none = np.zeros((0, 4, 2), np.float32)
    assert len(unstacked(grey, none, np.zeros(0))[0]) == 0


def test_a_page_that_leans_has_leaning_rows():
    slope = 0.03  # 1.7°: over the width of the table a row sinks by half its pitch
    marks = [(x, round(y + slope * (x - 50)), w, h) for x, y, w, h in column(500, 1, 3)]
    grey, lines = page(marks)
    leaning = np.array(lines, np.float32)
    leaning[..., 1] += slope * (leaning[..., 0] - 50)
    stack = upwards(494, 66 + 13, 22, 84)
    quads, _ = unstacked(grey, np.array([*leaning, stack], np.float32), np.ones(7))
    assert len(quads) == 6 + 3

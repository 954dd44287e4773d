import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.document import Block, Line, Page, Word
from ocrcli.formats.layout import PageNumbers, baseline_of, blocks_of, box_on, direction_of, height_of
from ocrcli.formats.xmltext import number


def turned(angle, length=100.0, height=20.0, at=(300.0, 200.0)):
    """A quad whose reading direction is turned by ``angle`` degrees counter-clockwise."""
    a = math.radians(angle)
    along, down = (math.cos(a), -math.sin(a)), (math.sin(a), math.cos(a))
    points = [(0, 0), (length, 0), (length, height), (0, height)]
    return tuple((at[0] + u * along[0] + v * down[0], at[1] + u * along[1] + v * down[1]) for u, v in points)


@given(st.floats(-179, 179))
def test_direction_height_and_baseline_of_a_turned_line(angle):
    quad = turned(angle)
    assert direction_of(quad) == pytest.approx(angle, abs=1e-6)
    assert height_of(quad) == pytest.approx(20)
    start, end = baseline_of(quad)
    assert math.dist(start, end) == pytest.approx(100)
    assert math.dist(start, quad[3]) < math.dist(start, quad[0])  # nearer to the bottom


def test_box_of_a_line_holds_words_that_stick_out():
    words = tuple(Word("w", 1.0, turned(0, at=at)) for at in ((10, 20), (120, 14)))
    line = Line("w w", 1.0, turned(0, length=210, at=(10, 20)), words)
    page = Page("a", 1, 640, 480, "page", (Block((line,)),))
    assert box_on(page, line) == box_on(page, page.blocks[0]) == (10, 14, 220, 40)


def test_line_without_words_is_one_word():
    page = Page("a", 1, 640, 480, "page", (Block((Line("one two", 0.5, turned(0)),)),))
    ((line,),) = (block.lines for block in blocks_of(page))
    assert line.words == (Word("one two", 0.5, turned(0)),)


def test_numbers_of_chosen_pages_are_kept_and_of_further_inputs_run_on():
    numbers = PageNumbers()
    given_out = []
    for pages in ((2, 5), (), (1, 2), (1,)):
        numbers.begin()
        given_out += [numbers.of(Page("a", page, 1, 1, "page")) for page in pages]
    assert given_out == [2, 5, 6, 7, 8]


@pytest.mark.parametrize(
    "value, digits, text",
    [
        (1.0, 1, "1"),
        (100.0, 2, "100"),
        (0.25, 1, "0.2"),
        (-0.0001, 2, "0"),
        (1e-9, 4, "0"),
        (65536.25, 2, "65536.25"),
    ],
)
def test_numbers_are_short_and_plain(value, digits, text):
    assert number(value, digits) == text

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ocrcli.engine.images import LoadedPage
from ocrcli.engine.orientation import as_it_lay, quarter_turns, right_way_up, set_upright, upside_down
from ocrcli.engine.pipeline import Reader
from ocrcli.engine.reading import CharSpan, as_reading

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
PAPER, UPPER, LOWER = 255, 40, 90  # grey; a painted line is UPPER above its middle, LOWER below


def said(text, confidence):
    return as_reading(tuple(CharSpan(char, confidence, i, i + 1) for i, char in enumerate(text)))


def painted(lines=8, width=300, turns=0):
    """A page of level lines that show which way up they are, then turned; and its quads as found."""
    page = np.full((40 * lines + 20, 400, 3), PAPER, np.uint8)
    boxes = [(30, 20 + 40 * i, 30 + width, 44 + 40 * i) for i in range(lines)]
    for x0, y0, x1, y1 in boxes:
        page[y0 : (y0 + y1) // 2, x0:x1] = UPPER
        page[(y0 + y1) // 2 : y1, x0:x1] = LOWER
    quads = np.array([[(a, b), (c, b), (c, d), (a, d)] for a, b, c, d in boxes], np.float32)
    given = np.ascontiguousarray(np.rot90(page, turns))
    quads = as_it_lay(quads, turns, given.shape[:2])
    # A detector sees where a line is, not which end is up: it reads to the right, or upwards.
    return given, np.roll(quads, 2, axis=1) if turns in (2, 3) else quads


class Clerk:
    """Reads painted strips: sure of the right way up, less so of the wrong one."""

    def __init__(self, right=0.99, wrong=0.7, text="some words"):
        self.right, self.wrong, self.text = right, wrong, text
        self.calls = 0

    def __call__(self, strips):
        self.calls += 1
        rights = [strip[6:12].mean() < strip[20:26].mean() for strip in strips]
        return [said(self.text, self.right if right else self.wrong) for right in rights]


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize(("right", "wrong"), [(0.99, 0.75), (0.6, 0.45)])
def test_pages_turned_by_quarters_are_recognised(turns, right, wrong):
    assert quarter_turns(*painted(turns=turns), Clerk(right, wrong)) == turns


def test_an_upright_page_of_clear_print_costs_one_look_at_a_few_lines():
    clerk = Clerk()
    assert quarter_turns(*painted(lines=30), clerk) == 0
    assert clerk.calls == 1  # the way it stands


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_what_reads_no_better_either_way_stays_as_it_is(turns):
    assert quarter_turns(*painted(turns=turns), Clerk(0.5, 0.5)) == 0


def test_a_line_or_two_turn_a_page_only_when_beyond_doubt():
    assert quarter_turns(*painted(lines=1, turns=2), Clerk(0.9, 0.6)) == 0
    assert quarter_turns(*painted(lines=1, turns=2), Clerk(0.99, 0.6, "no")) == 0
    assert quarter_turns(*painted(lines=2, turns=2), Clerk(0.99, 0.6)) == 2


def test_nothing_found_is_upright():
    none = np.zeros((0, 4, 2), np.float32)
    assert quarter_turns(np.zeros((50, 50, 3), np.uint8), none, Clerk()) == 0
    assert quarter_turns(*painted(width=40), Clerk(0.5, 0.9)) == 0  # pieces too short to tell


def test_a_chart_with_many_names_that_run_up_it_stays_as_it_is():
    page, level = painted(lines=4)
    _, on_end = painted(lines=6, turns=1)  # as on its axis
    assert quarter_turns(page, np.concatenate([level, on_end]), Clerk()) == 0


def test_a_single_line_upside_down_is_turned():
    _, quads = painted(lines=3)
    strips = [np.repeat([[UPPER], [LOWER]], 16, axis=0).repeat(100, axis=1)] * 3
    strips[1] = upside_down(strips[1])
    clerk = Clerk(0.95, 0.4)
    turned, readings = right_way_up(quads, strips, clerk(strips), clerk)
    assert [reading.confidence for reading in readings] == pytest.approx([0.95] * 3)
    assert (turned[[0, 2]] == quads[[0, 2]]).all()
    assert (turned[1] == quads[1][[2, 3, 0, 1]]).all()


def test_doubtful_lines_that_are_not_far_better_upside_down_stay():
    _, quads = painted(lines=1)
    strip = upside_down(np.repeat([[UPPER], [LOWER]], 16, axis=0).repeat(100, axis=1))
    clerk = Clerk(0.7, 0.6)
    turned, readings = right_way_up(quads, [strip], clerk([strip]), clerk)
    assert (turned == quads).all()
    assert readings[0].confidence == pytest.approx(0.6)


def test_a_line_down_the_margin_is_read_downwards():
    _, quads = painted(lines=1, turns=3)
    strip = upside_down(np.repeat([[UPPER], [LOWER]], 16, axis=0).repeat(100, axis=1))
    clerk = Clerk(0.8, 0.7)
    turned, readings = right_way_up(quads, [strip], clerk([strip]), clerk)
    assert readings[0].confidence == pytest.approx(0.8)
    along = turned[0, 1] - turned[0, 0]
    assert along[1] > 0 and abs(along[0]) < 1


@given(st.integers(0, 3), st.integers(1, 9), st.integers(1, 9), st.data())
def test_places_come_back_to_where_they_were(turns, height, width, data):
    page = np.arange(height * width).reshape(height, width)
    y, x = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    upright = set_upright(page, turns)
    row, column = np.argwhere(upright == page[y, x])[0]
    place = as_it_lay(np.array([column + 0.5, row + 0.5]), turns, page.shape)
    assert place.tolist() == [x + 0.5, y + 0.5]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_the_sample_page_reads_alike_whichever_way_it_lies(turns):
    page = np.asarray(Image.open(SAMPLES / "page.png").convert("RGB"))[:700]
    reader = Reader(threads=1)
    expected = reader.read_page(LoadedPage("page.png", 1, page), "page")
    result = reader.read_page(LoadedPage("page.png", 1, np.ascontiguousarray(np.rot90(page, turns))), "page")
    assert result.text == expected.text
    assert result.angle == pytest.approx(expected.angle + 90 * turns, abs=0.01)
    height, width = np.rot90(page, turns).shape[:2]
    assert (result.height, result.width) == (height, width)
    placed = as_it_lay(np.array([line.quad for line in expected.lines]), turns, (height, width))
    assert np.array([line.quad for line in result.lines]) == pytest.approx(placed, abs=0.01)

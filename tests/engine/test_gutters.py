"""Lines joined across the gutter of two columns are taken apart; others are left whole."""

import numpy as np
import pytest

from ocrcli.engine.gutters import split_at_gutters
from ocrcli.engine.lines import Piece, text_quad
from ocrcli.engine.reading import CharSpan, as_reading

HEIGHT, LETTER, PITCH = 20, 10, 26


def piece(y, *runs, turn=0.0):
    """A line of ``runs`` (x, text) at a height, its letters ten pixels wide, and a space in every gap."""
    chars, end = [], runs[0][0]
    for x, text in runs:
        if chars:
            chars.append(CharSpan(" ", 0.9, end, x))
        for i, letter in enumerate(text):
            chars.append(CharSpan(letter, 0.9, x + LETTER * i, x + LETTER * (i + 1)))
        end = x + LETTER * len(text)
    x0 = runs[0][0]
    chars = [CharSpan(c.text, c.confidence, c.start - x0, c.end - x0) for c in chars]
    quad = np.array([(x0, y), (end, y), (end, y + HEIGHT), (x0, y + HEIGHT)], np.float32)
    turn = np.radians(turn)
    quad = quad @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]], np.float32)
    return Piece(quad, quad, end - x0, as_reading(tuple(chars)))


LEFT, RIGHT = (0, "a column of letters"), (206, "and the one beside it")


def columns(rows, joined, **options):
    """Two columns, of which some rows were found as one line."""
    pieces = []
    for row in range(rows):
        parts = [[LEFT, RIGHT]] if row in joined else [[LEFT], [RIGHT]]
        pieces += [piece(PITCH * row, *part, **options) for part in parts]
    return pieces


def texts(pieces):
    return sorted(each.reading.text for each in pieces)


@pytest.mark.parametrize("turn", [0.0, 2.0])
@pytest.mark.parametrize("joined", [{3}, {3, 4, 5}, set(range(7))])
def test_columns_are_taken_apart(joined, turn):
    found = split_at_gutters(columns(8, joined, turn=turn), -turn)
    assert texts(found) == sorted([LEFT[1], RIGHT[1]] * 8)
    rows = [round(float(each.quad[0] @ (0, 1))) for each in found]
    assert all(np.ptp(each.quad[:, 0]) < 230 for each in found) and len(rows) == 16


def test_three_columns_in_one_line():
    third = (432, "while the third is far")
    rows = [[[LEFT], [RIGHT], [third]] if row != 4 else [[LEFT, RIGHT, third]] for row in range(8)]
    pieces = [piece(PITCH * row, *part) for row, parts in enumerate(rows) for part in parts]
    assert texts(split_at_gutters(pieces, 0.0)) == sorted([LEFT[1], RIGHT[1], third[1]] * 8)


def test_a_rule_between_columns_is_no_word():
    pieces = columns(8, set())
    pieces[6:8] = [piece(3 * PITCH, LEFT, (194, "|"), RIGHT)]
    assert texts(split_at_gutters(pieces, 0.0)) == sorted([LEFT[1], RIGHT[1]] * 8)


def test_an_indented_line_after_the_gap():
    pieces = columns(8, set())
    pieces[6:8] = [piece(3 * PITCH, LEFT, (226, "indented is this one"))]
    assert "indented is this one" in texts(split_at_gutters(pieces, 0.0))


def test_running_text_with_a_wide_gap_stays_whole():
    pieces = [piece(PITCH * row, (0, "a line that is as wide as the whole page is")) for row in range(8)]
    pieces[3] = piece(3 * PITCH, LEFT, RIGHT)
    assert texts(split_at_gutters(pieces, 0.0)) == texts(pieces)


def test_a_heading_over_columns_stays_whole():
    heading = piece(-PITCH, (0, "a heading that is wider than a column"))
    assert heading in split_at_gutters([heading, *columns(8, {2})], 0.0)


def test_rows_of_a_table_stay_whole():
    cells = [[(0, "item"), (206, "12.50")] for _ in range(8)]
    pieces = [piece(PITCH * row, *part) for row, part in enumerate(cells)]
    loose = [piece(PITCH * (8 + row), part) for row in range(4) for part in ((0, "item"), (206, "12.50"))]
    assert texts(split_at_gutters([*pieces[:1], *loose], 0.0)) == texts([*pieces[:1], *loose])


def test_a_listing_stays_whole():
    rows = [[(0, "-rw-r--r--"), (120, "1"), (150, "alice users and"), (320, "12345")] for _ in range(8)]
    pieces = [piece(PITCH * i, *row) for i, row in enumerate(rows)]
    assert split_at_gutters(pieces, 0.0) == pieces


def test_no_lines():
    assert split_at_gutters([], 0.0) == []


def test_text_may_be_narrower_than_what_was_found():
    wide = piece(0, (100, "text"))
    found = np.array([(90, 0), (160, 0), (160, 20), (90, 20)], np.float32)
    loose = Piece(
        found,
        found,
        70,
        as_reading(tuple(CharSpan(c.text, 0.9, c.start + 10, c.end + 10) for c in wide.reading.chars)),
    )
    assert np.allclose(text_quad(loose), wide.quad)


@pytest.mark.parametrize("number", ["15", "1s"])
def test_the_number_of_a_line_between_columns_stands_by_itself(number):
    """As in patents: the number fills the gutter, so the whole row is found as one line."""
    right = (236, RIGHT[1])
    rows = [[LEFT, (205, number), right] if row == 4 else [LEFT, right] for row in range(9)]
    pieces = [
        piece(PITCH * row, *part)
        for row, parts in enumerate(rows)
        for part in ([parts] if len(parts) == 3 else [[one] for one in parts])
    ]
    assert texts(split_at_gutters(pieces, 0.0)) == sorted([LEFT[1], RIGHT[1]] * 9 + ["15"])


def test_a_number_at_the_end_of_a_line_stays_in_its_column():
    left, right = (0, "a column with some 15"), (226, RIGHT[1])
    parts = [[left, right]] + [[one] for one in (left, right) for _ in range(7)]
    rows = [3, *(row for _ in range(2) for row in range(8) if row != 3)]
    pieces = [piece(PITCH * row, *part) for row, part in zip(rows, parts, strict=True)]
    assert texts(split_at_gutters(pieces, 0.0)) == sorted([left[1], right[1]] * 8)

"""Lists beside each other are read one after the other; tables, row by row."""

from __future__ import annotations

import numpy as np
import pytest
from order_pages import PITCH, box, drawn, flat, rule

from ocrcli.engine.listcolumns import are_entries, item_numbers, sort_keys
from ocrcli.engine.order import reading_order

ALPHABETICAL = "among behind came deep even found good here just known long more never over press quite"
WORDS = ALPHABETICAL.split()
NAMES = ["Width", "Height", "Screen", "Memory", "Battery", "Camera", "Weight", "Colour"]
VALUES = ["14 mm", "Yes", "No", "6 GB", "172 mm", "12 kg", "None", "Blue"]


def test_words_with_numbers_of_pages_are_entries() -> None:
    texts = ["among, 92, 520", "river, 12–14", "Some Chapter . . . 12", "Main Street 12", "12, 14", "a word"]
    assert are_entries(texts).tolist() == [True, True, False, False, False, False]


def test_keys_are_in_the_order_of_the_alphabet() -> None:
    keys = sort_keys(["12 GB", "“Apple", "apricot", "Banana", "über", ""])
    assert keys[0] == keys[-1] == -1
    assert (np.diff(keys[1:5]) > 0).all()


def test_numbers_of_items_are_those_before_words() -> None:
    texts = ["4 Wild river", "(12) a word", "31. “Which", "12 GB", "4.5 metres", "1984", "a 4", "2 x 4", ""]
    assert item_numbers(texts).tolist() == [4, 12, 31, 12, -1, -1, -1, -1, -1]


def grid(columns: int, rows: int, width: float = 120, pitch: float = 300) -> list[np.ndarray]:
    """Pieces on one grid, column by column."""
    return [box(50 + c * pitch, 100 + r * PITCH, width) for c in range(columns) for r in range(rows)]


def by_rows(columns: int, rows: int) -> list[int]:
    return [c * rows + r for r in range(rows) for c in range(columns)]


@pytest.mark.parametrize("columns", [2, 4])
def test_an_index_is_read_column_by_column(columns: int) -> None:
    rows = 8
    texts = [f"{WORDS[(7 * i) % 16]}, {i + 3}, {i + 50}" for i in range(columns * rows)]
    assert flat(reading_order(np.array(grid(columns, rows)), 0.0, texts)) == list(range(columns * rows))


def test_words_in_the_order_of_the_alphabet_are_read_column_by_column() -> None:
    quads = np.array(grid(2, 8))
    assert flat(reading_order(quads, 0.0, WORDS)) == list(range(16))
    assert flat(reading_order(quads, 0.0, WORDS[8:] + WORDS[:8])) == by_rows(2, 8)
    across = [word for pair in zip(WORDS[:8], WORDS[8:], strict=True) for word in pair]
    assert flat(reading_order(quads, 0.0, across)) == by_rows(2, 8)


def test_a_table_of_terms_and_what_they_mean_stays_one() -> None:
    texts = [*WORDS[:8], "what", "one", "finds", "in", "any", "of", "those", "books"]
    assert flat(reading_order(np.array(grid(2, 8)), 0.0, texts)) == by_rows(2, 8)


def pairs(
    sides: int, values: list[str], right: bool = True, letter: float = 12
) -> tuple[np.ndarray, list[str]]:
    """Names and values side by side, row by row on each side; the values at its right edge or not.

    Each ``letter`` of a value is so wide.
    """
    quads, texts = [], []
    for side in range(sides):
        for row, (name, value) in enumerate(zip(NAMES, values, strict=True)):
            x, y, width = 50 + 400 * side, 100 + PITCH * row, letter * len(value)
            quads += [box(x, y, 12 * len(name)), box(x + 320 - (width if right else 100), y, width)]
            texts += [name, value]
    return np.array(quads), texts


def across(sides: int, rows: int) -> list[int]:
    return [2 * (side * rows + row) + i for row in range(rows) for side in range(sides) for i in range(2)]


@pytest.mark.parametrize("ruled", [False, True])
def test_lists_of_names_and_values_are_read_one_after_the_other(ruled: bool) -> None:
    quads, texts = pairs(2, VALUES)
    rules = [rule(x, x + 320, 97 + PITCH * row) for row in range(9) for x in (50, 450)] if ruled else []
    assert flat(reading_order(quads, 0.0, texts, drawn(rules))) == list(range(32))


@pytest.mark.parametrize("letter", [2, 12])  # narrow ones end nearly at one edge, whatever they say
def test_values_that_are_not_at_the_right_edge_are_columns_of_a_table(letter: float) -> None:
    quads, texts = pairs(2, VALUES, right=False, letter=letter)
    assert flat(reading_order(quads, 0.0, texts)) == across(2, 8)


def test_units_name_no_rows() -> None:
    """Goods, how many, the unit, the price: the right half begins with words, too, but always the same."""
    quads, texts = pairs(2, ["12", "7", "130", "9", "24", "5", "81", "16"])
    texts[16::2] = ["kg"] * 8
    assert flat(reading_order(quads, 0.0, texts)) == across(2, 8)


def test_frames_beside_each_other_are_read_one_by_one() -> None:
    """Few lines in capitals, level with those of the next frame: without the frames, cells of a table."""
    lines = ((110, 180), (136, 90), (300, 140), (326, 100))
    quads = [box(x + 40, y, width) for x in (50, 350) for y, width in lines]
    texts = ["NO SENTENCE GOES ON HERE"] * 8
    bars = [np.array([(x, 90), (x, 360), (x + 2, 360), (x + 2, 90)]) for x in (40, 320, 340, 620)]
    assert flat(reading_order(np.array(quads), 0.0, texts, drawn([], bars))) == list(range(8))
    single = [bars[0], bars[2], bars[3]]
    assert flat(reading_order(np.array(quads), 0.0, texts, drawn([], single))) == by_rows(2, 4)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([1, 3, 4, 8, 9, 11, 12, 15, 2, 3, 5, 6, 9, 13, 14, 16], list(range(16))),  # clues across and down
        ([*range(1, 17)], list(range(16))),
        ([*range(1, 17, 2), *range(2, 18, 2)], by_rows(2, 8)),  # counted from side to side
        ([*range(1, 9), 4, 2, 7, 1, 3, 9, 2, 5], by_rows(2, 8)),  # a column of amounts
    ],
)
def test_items_numbered_from_top_to_bottom_are_read_column_by_column(
    numbers: list[int], expected: list[int]
) -> None:
    texts = [f"{number} {WORDS[(5 * i + i // 8) % 16]} river" for i, number in enumerate(numbers)]
    assert flat(reading_order(np.array(grid(2, 8)), 0.0, texts)) == expected

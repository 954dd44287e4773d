"""Lists that stand beside each other: the columns of an index, of a price list, of a data sheet.

Their rows are as level as those of a table, but each column says all that there is to a row: words in the
order of the alphabet, numbered items, words with numbers of pages, or a word at its left edge with a value at
its right one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ocrcli.engine.fewnumbers import distinct, median, quantile
from ocrcli.engine.straighten import Boxes

FLUSH = 0.5  # heights by which the edge of a list may vary
MOST = 0.8  # of what is looked at is as it should be
ENTRIES = 0.6  # of the pieces of an index end with numbers of pages, at least
PAIRS = 0.4  # of the rows of a list hold a word and a value, at least; the others are headings and remarks
FEWEST = 4  # rows that tell
LONGEST_KEY = 3  # letters by which words are ordered
DISTINCT = 0.6  # of the first words of a list differ from each other; those of units do not
NUMBERED = 0.4  # of the pieces of a list begin with numbers of items, at least; the others go on with them
ITEM = re.compile(r"[(\[]?(\d{1,3})[.):\]]?\s+\W*(?:[^\W\d_]{2}|[AaI]\s)")
ENTRY = re.compile(r"[^\W\d_].*(?:,|\.\.|…)\s?\d[\d, –-]*\.?")


def are_lists(
    boxes: Boxes, sides: Sequence[np.ndarray], columns: Sequence[Sequence[np.ndarray]], row_of: np.ndarray
) -> bool:
    """Whether the ``sides`` of a gutter are lists, not cells of the same rows.

    ``columns`` are the pieces of each side in groups that begin at one left edge.
    """
    if boxes.key is None or boxes.entry is None:
        return False
    if all(len(side) >= FEWEST and boxes.entry[side].mean() >= ENTRIES for side in sides):
        return True
    return (
        _are_in_order(boxes, columns)
        or _are_numbered(boxes, sides, row_of)
        or all(_are_pairs(boxes, side, row_of) for side in sides)
    )


def sort_keys(texts: Sequence[str]) -> np.ndarray:
    """By which words are in the order of the alphabet, int64 (n,); −1 where no letter comes first."""
    return np.array([_sort_key(text) for text in texts], np.int64)


def _sort_key(text: str) -> int:
    letters = "".join(filter(str.isalnum, text[: 2 * LONGEST_KEY])).casefold()
    code = letters.encode("latin-1", "replace")[:LONGEST_KEY].ljust(LONGEST_KEY, b"\0")
    return int.from_bytes(code, "big") if letters[:1].isalpha() else -1


def are_entries(texts: Sequence[str]) -> np.ndarray:
    """Which texts are entries of an index, a word and numbers of pages: bool (n,)."""
    return np.array([ENTRY.fullmatch(text.strip()) is not None for text in texts])


def item_numbers(texts: Sequence[str]) -> np.ndarray:
    """The numbers of items that texts begin with, as "4. Which of …", int64 (n,); −1 without one."""
    found = [ITEM.match(text.strip()) for text in texts]
    return np.array([int(match[1]) if match else -1 for match in found], np.int64)


def are_numbers(boxes: Boxes, pieces: np.ndarray) -> bool:
    """Whether most of some pieces do not begin with a letter."""
    return boxes.key is not None and bool((boxes.key[pieces] < 0).mean() >= MOST)


def _are_in_order(boxes: Boxes, sides: Sequence[Sequence[np.ndarray]]) -> bool:
    """Whether words are in the order of the alphabet down each column, and from each to the next.

    Each side begins with a column of words. Those of numbers belong to the words before them.
    """
    if any(are_numbers(boxes, columns[0]) for columns in sides):
        return False
    last = -1.0
    for column in (column for columns in sides for column in columns if not are_numbers(boxes, column)):
        keys = _leading_keys(boxes, column)
        if distinct(keys) < FEWEST or (np.diff(keys) >= 0).mean() < MOST:
            return False
        if median(keys[:2]) < last:
            return False
        last = median(keys[-2:])
    return True


def _are_numbered(boxes: Boxes, sides: Sequence[np.ndarray], row_of: np.ndarray) -> bool:
    """Whether the items of each side are numbered from top to bottom, and not from side to side."""
    assert boxes.number is not None
    items = []
    for side in sides:
        numbered = side[boxes.number[side] >= 0]
        if len(numbered) < max(FEWEST, NUMBERED * len(side)):
            return False
        numbered = numbered[np.argsort(boxes.middle[numbered])]
        if (np.diff(boxes.number[numbered]) > 0).mean() < MOST:
            return False
        items.append(dict(zip(row_of[numbered].tolist(), boxes.number[numbered].tolist(), strict=True)))
    left, right = items
    shared = left.keys() & right.keys()
    return sum(right[row] - left[row] == 1 for row in shared) < MOST * max(len(shared), 1)


def _leading_keys(boxes: Boxes, column: np.ndarray) -> np.ndarray:
    """From top to bottom; not those of what stands further in, which belongs to the word above."""
    assert boxes.key is not None
    edge = quantile(boxes.x0[column], 0.1) + FLUSH * quantile(boxes.height[column], 0.5)
    leading = column[boxes.x0[column] <= edge]
    keys = boxes.key[leading[np.argsort(boxes.middle[leading])]]
    return keys[keys >= 0]


def _are_pairs(boxes: Boxes, side: np.ndarray, row_of: np.ndarray) -> bool:
    """Whether many rows of a side are a word at its left edge and a value at its right one."""
    assert boxes.key is not None
    by_row = side[np.lexsort((boxes.x0[side], row_of[side]))]
    _, starts, counts = np.unique(row_of[by_row], return_index=True, return_counts=True)
    paired = counts > 1
    if paired.sum() < max(FEWEST, PAIRS * len(paired)):
        return False
    firsts, lasts = by_row[starts[paired]], by_row[(starts + counts - 1)[paired]]
    margin = FLUSH * quantile(boxes.height[side], 0.5)
    left, right = boxes.x0[firsts], boxes.x1[lasts]
    off_left, off_right = _off_line(left), _off_line(right)
    return bool(
        (off_left < margin).mean() >= MOST
        and (off_right < margin).mean() >= MOST
        and off_right.sum() <= _off_line(boxes.x0[lasts]).sum()  # else they are one more column of cells
        and median(right) > quantile(boxes.x1[side], 0.9) - margin
        and (boxes.key[firsts] >= 0).mean() >= MOST
        and distinct(boxes.key[firsts]) >= DISTINCT * len(firsts)
    )


def _off_line(edges: np.ndarray) -> np.ndarray:
    """By how much each of some edges (n,) is off the line that most of them make."""
    return np.abs(edges - median(edges))

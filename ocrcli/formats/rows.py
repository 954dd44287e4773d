"""How the lines of a page stand to each other: their cells, and the columns that cells make."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocrcli.document import Line, Quad

GAP = re.compile(r" {2,}")  # how a line of text shows that a cell ends
MIN_FILLED = 0.6  # share of the cells of a table that hold something; fewer stand anywhere


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands between two gaps of a line, and from where to where, in pixels of the level page."""

    text: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line on the level page: its cells, its height and the width of its first word, in pixels."""

    text: str
    cells: tuple[Cell, ...]
    height: float
    first_word: float

    @property
    def x0(self) -> float:
        """Where the line begins."""
        return self.cells[0].x0

    @property
    def x1(self) -> float:
        """Where the line ends."""
        return self.cells[-1].x1


def rows_of(lines: Sequence[Line], angle: float) -> list[Row]:
    """Lines that hold text, on the page turned level; ``angle`` is its skew in degrees."""
    return [_row(line, math.radians(angle)) for line in lines if line.text.strip()]


def _row(line: Line, turn: float) -> Row:
    top_left, top_right, bottom_right, bottom_left = line.quad
    height = (math.dist(top_left, bottom_left) + math.dist(top_right, bottom_right)) / 2
    texts = GAP.split(line.text.strip())
    spans = [_span(word.quad, turn) for word in line.words]
    counts = [len(text.split()) for text in texts]
    if sum(counts) != len(spans):  # a line that came without its words
        x0, x1 = _span(line.quad, turn)
        return Row(line.text, (Cell(line.text, x0, x1),), height, x1 - x0)
    cells = []
    for text, count in zip(texts, counts, strict=True):
        own, spans = spans[:count], spans[count:]
        cells.append(Cell(text, min(x0 for x0, _ in own), max(x1 for _, x1 in own)))
    x0, x1 = _span(line.words[0].quad, turn)
    return Row(line.text, tuple(cells), height, x1 - x0)


def _span(quad: Quad, turn: float) -> tuple[float, float]:
    xs = [x * math.cos(turn) - y * math.sin(turn) for x, y in quad]
    return min(xs), max(xs)


def columns_of(rows: Sequence[Row]) -> list[list[str]]:
    """Texts of the cells, row by row and column by column, empty where a row has none.

    A column is of cells that share a place across the page. Without at least two rows and
    columns, or where two cells of a row would share a column, the rows are no table: ``[]``.
    """
    cells = sorted((cell.x0, cell.x1) for row in rows for cell in row.cells)
    ends: list[float] = []  # of the columns, from left to right
    for x0, x1 in cells:
        if ends and x0 < ends[-1]:
            ends[-1] = max(ends[-1], x1)
        else:
            ends.append(x1)
    table = []
    for row in rows:
        texts = [""] * len(ends)
        for cell in row.cells:
            column = next(i for i, end in enumerate(ends) if cell.x1 <= end)
            if texts[column]:
                return []
            texts[column] = cell.text
        table.append(texts)
    filled = sum(len(row.cells) for row in rows)
    if len(rows) < 2 or len(ends) < 2 or filled < MIN_FILLED * len(rows) * len(ends):
        return []
    return table

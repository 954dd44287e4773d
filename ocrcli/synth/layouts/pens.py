"""The hands of a filled-in paper, and the table they set."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.runs import Colour, grey
from ocrcli.synth.layouts.studio import Desk
from ocrcli.synth.layouts.typeset import type_at

CELL_GAP = 1.9  # line heights kept free in a cell: texts of one row stay apart as separate lines


class Pens:
    """Print, bold print, and what was filled in: typed, printed alike, or written by hand.

    ``em`` is a letter's width and ``row`` the usual distance of rows, in pixels.
    """

    def __init__(self, desk: Desk) -> None:
        face = desk.mono_face() if desk.chance(0.25) else desk.body_face(serif=0.4)
        height = desk.text_height(8.5, 19)
        self.print = type_at(face, height)
        self.bold = type_at(desk.sibling(face), height * desk.uniform(1.0, 1.15))
        roll = desk.roll()
        filled = desk.mono_face() if roll < 0.45 else face if roll < 0.75 else desk.any_face(handwriting=1.0)
        self.fill = type_at(filled, height * desk.uniform(0.95, 1.5 if roll >= 0.75 else 1.15))
        self.em = self.print.length("n")
        self.row = height * desk.uniform(1.15, 2.2)


def splits(desk: Desk, width: float, least: float) -> np.ndarray:
    """Edges of two to eight columns across ``width`` pixels, each about ``least`` wide or wider."""
    count = min(max(1, int(width / least)), desk.integer(2, 9))
    shares = desk.rng.dirichlet(np.full(count, 6.0)) * (width - least * count * 0.8) + least * 0.8
    edges = np.concatenate([[0.0], np.cumsum(shares)])
    return edges * (width / edges[-1])


class Table:
    """Rows and columns; words to the left of their cells, figures to the right."""

    def __init__(self, desk: Desk, column: Column, pens: Pens, money: bool = False) -> None:
        self.desk, self.column, self.pens, self.money = desk, column, pens, money
        self.edges = splits(desk, column.width, pens.em * 8)
        self.figures = desk.rng.random(len(self.edges) - 1) < (0.75 if money else 0.5)
        self.figures[0] = False
        self.figures[-1] |= money
        self.rules = desk.pick(["grid", "rows", "head", "stripes", "none"])
        self.empty = desk.pick([0, 0.1, 0.4])  # share of the cells without text
        self.reverse = desk.chance(0.15)  # white on black in the head
        self.row = max(pens.row, pens.print.height * 1.12)

    def draw(self, rows: int) -> None:
        """Set the head and up to ``rows`` rows, as far as the column reaches."""
        column, top = self.column, self.column.y
        for i in range(rows + 1):
            if column.y + self.row > column.bottom:
                break
            self._ground(i)
            self._cells(head=i == 0, colour=column.sheet.paper if self.reverse and i == 0 else None)
            column.skip(self.row)
            if self.rules in {"grid", "rows"} or (self.rules == "head" and i == 0):
                self._across(column.y)
        if self.rules in {"grid", "rows", "head"}:
            self._across(top, self.desk.integer(1, 3))
            self._across(column.y, self.desk.integer(1, 3))
        if self.rules == "grid":
            for x in self.edges:
                column.sheet.rule(column.x + x, top, column.x + x, column.y)

    def _across(self, y: float, width: int = 1) -> None:
        self.column.sheet.rule(self.column.x, y, self.column.x + self.column.width, y, width)

    def _ground(self, i: int) -> None:
        column, fill = self.column, None
        if i == 0 and self.reverse:
            fill = column.sheet.ink
        elif i % 2 and self.rules == "stripes":
            fill = grey(self.desk.integer(215, 245))
        if fill is not None:
            column.sheet.box(column.x, column.y, column.x + column.width, column.y + self.row, fill=fill)

    def _cells(self, head: bool, colour: Colour | None) -> None:
        desk, column, words = self.desk, self.column, self.desk.wording
        type = self.pens.bold if head or desk.chance(0.03) else self.pens.print
        baseline = column.y + (self.row - type.height) / 2 + type.ascent
        right = (
            0.5 if self.rules == "grid" else 1.0
        ) * type.height  # a rule parts cells where space does not
        for j, (x0, x1) in enumerate(pairwise(self.edges)):
            if not head and j and desk.chance(self.empty):
                continue
            if head:
                text = words.label().rstrip(":")
            elif self.figures[j]:
                text = words.amount()
            else:
                text = words.item() if self.money and j == 0 else words.value()
            text = type.fit(text, x1 - x0 - CELL_GAP * type.height)
            at = column.x + (x1 - right if self.figures[j] else x0 + 0.5 * type.height)
            column.sheet.text(
                at, baseline, text, type, align=float(self.figures[j]), leading=self.row, colour=colour
            )


def remarks(desk: Desk, column: Column, pens: Pens) -> None:
    """A paragraph of small print."""
    style = Style(pens.print, desk.uniform(1.05, 1.4), "justify" if desk.chance(0.3) else "left")
    column.paragraph(desk.wording.paragraph(desk.integer(8, 70)), style, desk.rng)

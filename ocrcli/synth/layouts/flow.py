"""Running text: lines broken to a width and set down a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrcli.synth.layouts.canvas import Colour, Sheet
from ocrcli.synth.layouts.typeset import Type

WIDEST_SPACE = 0.8  # of the line height: a justified line whose spaces would be wider is left ragged


@dataclass(frozen=True)
class Style:
    """How a column of text is set. ``leading`` is the line distance as a share of the line box."""

    type: Type
    leading: float = 1.2
    align: str = "left"  # left, justify, center, right
    indent: float = 0.0  # of the first line, pixels
    hang: float = 0.0  # of the other lines, pixels
    colour: Colour | None = None
    hyphenate: bool = False
    underline: float = 0.0  # share of the lines that have a few words underlined; from 1: all words
    tracking: float = 0.0  # pixels between letters

    @property
    def step(self) -> float:
        """Line distance in pixels."""
        return self.type.height * self.leading


@dataclass
class Column:
    """A column being filled from ``y`` down to ``bottom``."""

    sheet: Sheet
    x: float
    y: float
    width: float
    bottom: float

    def room(self, style: Style, lines: int = 1) -> bool:
        """Whether ``lines`` more fit."""
        return self.y + style.step * lines <= self.bottom

    def skip(self, pixels: float) -> None:
        """Leave a space."""
        self.y += pixels

    def paragraph(self, words: list[str], style: Style, rng: np.random.Generator) -> int:
        """Set a block of text as far as the column reaches; returns the number of lines set."""
        lines = break_lines(words, style, self.width, rng)
        count = 0
        for i, (line, _) in enumerate(lines):
            if not self.room(style):
                break
            rule = None
            if style.underline and rng.random() < style.underline:
                ends = np.sort(rng.integers(0, len(line) + 1, 2))
                rule = (0, len(line)) if style.underline >= 1 else (int(ends[0]), int(ends[1]))
            self.line(
                line, style, style.indent if i == 0 else style.hang, last=i == len(lines) - 1, underline=rule
            )
            count += 1
        self.sheet.next_block()
        return count

    def line(
        self,
        words: list[str],
        style: Style,
        indent: float = 0.0,
        last: bool = True,
        underline: tuple[int, int] | None = None,
    ) -> tuple[float, float]:
        """Set one line in the next place of the column; returns its ends."""
        type = style.type
        baseline = self.y + (style.step - type.height) / 2 + type.ascent
        self.y += style.step
        gap = None
        if style.align == "justify" and not last and len(words) > 1 and not style.tracking:
            used = sum(type.length(word) for word in words)
            gap = (self.width - indent - used) / (len(words) - 1)
            if not 0.12 * type.height < gap < WIDEST_SPACE * type.height:
                gap = None
        share = {"center": 0.5, "right": 1.0}.get(style.align, 0.0)
        x = self.x + (self.width * share if share else indent)
        return self.sheet.text(
            x, baseline, words, type, align=share, gap=gap, colour=style.colour, leading=style.step,
            tracking=style.tracking, underline=underline,
        )  # fmt: skip


def break_lines(
    words: list[str], style: Style, width: float, rng: np.random.Generator
) -> list[tuple[list[str], float]]:
    """Greedy lines of at most ``width`` pixels as (words, natural width)."""
    type = style.type
    lines: list[tuple[list[str], float]] = []
    line: list[str] = []
    used, room = 0.0, width - style.indent
    for whole in words:
        word = type.plain(whole)
        length = type.length(word) + style.tracking * len(word)
        extra = length + (type.space if line else 0.0)
        if used + extra <= room:
            line.append(word)
            used += extra
            continue
        if style.hyphenate and len(word) > 6 and word.isalpha() and rng.random() < 0.7:
            cut = int(rng.integers(3, len(word) - 2))
            head = word[:cut] + "-"
            if line and used + type.space + type.length(head) <= room:
                line.append(head)
                used += type.space + type.length(head)
                word, length = word[cut:], type.length(word[cut:])
        if line:
            lines.append((line, used))
        room = width - style.hang
        line, used = (
            ([word], length) if length <= room else ([], 0.0)
        )  # a word too wide for the column is left out
    if line:
        lines.append((line, used))
    return lines

"""A roll of receipt paper: lines printed one below the other, some with a text at either end."""

from __future__ import annotations

from collections.abc import Sequence

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.studio import Desk
from ocrcli.synth.layouts.typeset import Type, type_at


class Roll:
    """A receipt being printed line by line. Two texts of a row stay at least ``GAP`` heights apart."""

    GAP = 1.6

    def __init__(self, desk: Desk, sheet: Sheet) -> None:
        self.desk, self.sheet = desk, sheet
        roll = desk.roll()
        face = desk.mono_face() if roll < 0.55 else desk.body_face(serif=0.2)
        columns = desk.uniform(28, 52)  # characters to the width of the paper
        self.left = sheet.width * desk.uniform(0.02, 0.12)
        self.right = sheet.width * desk.uniform(0.88, 0.98)
        probe = type_at(face, 100)
        height = 100 * (self.right - self.left) / (columns * probe.length("n"))
        self.type = type_at(face, max(8.5, height))
        self.bold = type_at(desk.sibling(face), self.type.height * desk.uniform(1.0, 1.25))
        big_face = face if desk.chance(0.6) else desk.any_face(sans=2, serif=1, display=1)
        self.big = type_at(big_face, self.type.height * desk.uniform(1.1, 2.2))
        self.leading = desk.uniform(1.02, 1.5)
        self.y = sheet.height * desk.uniform(0.01, 0.06)
        self.bottom = sheet.height * desk.uniform(0.94, 0.99)

    @property
    def width(self) -> float:
        """Printable width in pixels."""
        return self.right - self.left

    def room(self, type: Type | None = None) -> bool:
        """Whether another line fits."""
        return self.y + (type or self.type).height * self.leading < self.bottom

    def _advance(self, type: Type) -> tuple[float, float]:
        baseline, step = self.y + type.ascent, type.height * self.leading
        self.y += step
        return baseline, step

    def centred(self, text: str, type: Type | None = None) -> None:
        """One line in the middle."""
        type = type or self.type
        text = type.fit(text, self.width)
        if text and self.room(type):
            baseline, step = self._advance(type)
            self.sheet.text((self.left + self.right) / 2, baseline, text, type, align=0.5, leading=step)

    def pair(self, left: str, right: str, type: Type | None = None, indent: float = 0.0) -> None:
        """A text at the left and one at the right end of a row."""
        type = type or self.type
        if not self.room(type):
            return
        baseline, step = self._advance(type)
        end = self.right
        if right:
            right = type.fit(right, self.width * 0.45)
            end, _ = self.sheet.text(self.right, baseline, right, type, align=1, leading=step)
            end -= self.GAP * type.height
        left = type.fit(left, end - self.left - indent)
        # The price was set first; reading order wants the item first.
        placed = self.sheet.runs.pop() if right and self.sheet.runs else None
        if left:
            self.sheet.text(self.left + indent, baseline, left, type, leading=step)
        if placed is not None:
            self.sheet.runs.append(placed)

    def row(self, texts: list[str], edges: Sequence[float], type: Type | None = None) -> None:
        """A row of a table; the first text to the left, the others to the right of their columns."""
        type = type or self.type
        if not self.room(type):
            return
        baseline, step = self._advance(type)
        for i, text in enumerate(texts):
            x0, x1 = self.left + edges[i] * self.width, self.left + edges[i + 1] * self.width
            text = type.fit(text, x1 - x0 - self.GAP * type.height * (i > 0))
            if i == 0:
                self.sheet.text(x0, baseline, text, type, leading=step)
            else:
                self.sheet.text(x1, baseline, text, type, align=1, leading=step)

    def rule(self) -> None:
        """A line across, drawn or dashed."""
        y = self.y + self.type.height * 0.3
        if self.y + self.type.height > self.bottom:
            return
        kind = self.desk.integer(3)
        if kind == 0:
            self.sheet.rule(self.left, y, self.right, y, max(1, round(self.type.height / 14)))
        else:
            step = self.type.length("n") * (1.0 if kind == 1 else 0.5)
            graphics.dashes(
                self.sheet, self.left, self.right, y, max(3.0, step), max(1, round(self.type.height / 14))
            )
        self.y += self.type.height * 0.7
        self.sheet.next_block()

    def blank(self, lines: float) -> None:
        """Leave a space and begin a new block."""
        self.y += self.type.height * lines
        self.sheet.next_block()

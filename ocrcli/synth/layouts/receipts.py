"""Receipts: narrow paper, centred heads, items with their prices far to the right."""

from __future__ import annotations

import numpy as np

from ocrcli.synth import vocabulary as vocab
from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.studio import Studio, chance, paper_sheet, pick
from ocrcli.synth.layouts.typeset import Type, type_at
from ocrcli.synth.layouts.wording import clean


class _Roll:
    """A receipt being printed line by line. Two texts of a row stay at least ``GAP`` heights apart."""

    GAP = 1.6

    def __init__(self, rng: np.random.Generator, studio: Studio, sheet: Sheet) -> None:
        self.rng, self.studio, self.sheet = rng, studio, sheet
        roll = rng.random()
        face = studio.faces.mono(rng) if roll < 0.55 else studio.faces.body(rng, serif=0.2)
        columns = float(rng.uniform(28, 52))  # characters to the width of the paper
        self.left = sheet.width * float(rng.uniform(0.02, 0.12))
        self.right = sheet.width * float(rng.uniform(0.88, 0.98))
        probe = type_at(face, 100)
        height = 100 * (self.right - self.left) / (columns * probe.length("n"))
        self.type = type_at(face, max(8.5, height))
        self.bold = type_at(studio.faces.sibling(face, rng), self.type.height * float(rng.uniform(1.0, 1.25)))
        big_face = face if chance(rng, 0.6) else studio.faces.any(rng, sans=2, serif=1, display=1)
        self.big = type_at(big_face, self.type.height * float(rng.uniform(1.1, 2.2)))
        self.leading = float(rng.uniform(1.02, 1.5))
        self.y = sheet.height * float(rng.uniform(0.01, 0.06))
        self.bottom = sheet.height * float(rng.uniform(0.94, 0.99))

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
        text = _cut(text, type, self.width)
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
            right = _cut(right, type, self.width * 0.45)
            end, _ = self.sheet.text(self.right, baseline, right, type, align=1, leading=step)
            end -= self.GAP * type.height
        left = _cut(left, type, end - self.left - indent)
        # The price was set first; reading order wants the item first.
        placed = self.sheet.runs.pop() if right and self.sheet.runs else None
        if left:
            self.sheet.text(self.left + indent, baseline, left, type, leading=step)
        if placed is not None:
            self.sheet.runs.append(placed)

    def row(self, texts: list[str], edges: np.ndarray, type: Type | None = None) -> None:
        """A row of a table; the first text to the left, the others to the right of their columns."""
        type = type or self.type
        if not self.room(type):
            return
        baseline, step = self._advance(type)
        for i, text in enumerate(texts):
            x0, x1 = self.left + edges[i] * self.width, self.left + edges[i + 1] * self.width
            text = _cut(text, type, x1 - x0 - self.GAP * type.height * (i > 0))
            if i == 0:
                self.sheet.text(x0, baseline, text, type, leading=step)
            else:
                self.sheet.text(x1, baseline, text, type, align=1, leading=step)

    def rule(self) -> None:
        """A line across, drawn or dashed."""
        rng, y = self.rng, self.y + self.type.height * 0.3
        if self.y + self.type.height > self.bottom:
            return
        kind = int(rng.integers(3))
        if kind == 0:
            self.sheet.rule(self.left, y, self.right, y, max(1, round(self.type.height / 14)))
        else:
            step = self.type.length("n") * (1.0 if kind == 1 else 0.5)
            graphics.dashes(self.sheet, self.left, self.right, y, max(3.0, step), max(1, round(self.type.height / 14)))
        self.y += self.type.height * 0.7
        self.sheet.next_block()

    def blank(self, lines: float) -> None:
        """Leave a space and begin a new block."""
        self.y += self.type.height * lines
        self.sheet.next_block()


def draw(rng: np.random.Generator, studio: Studio) -> Sheet:
    """A receipt on its own sheet."""
    width, height = studio.size(rng, float(rng.uniform(1.2, 3.0)))
    sheet = paper_sheet(rng, width, height, grey=0.6)
    if chance(rng, 0.5):  # thermal print is grey, dot-matrix ribbons are violet
        level = int(rng.integers(20, 120))
        sheet.ink = (level, level, min(255, level + int(rng.integers(0, 40))))
    roll = _Roll(rng, studio, sheet)
    _head(roll)
    _facts(roll)
    _items(roll)
    _sums(roll)
    while roll.room() and roll.y < sheet.height * 0.8 and chance(rng, 0.8):
        (_summary, _facts, _items, _sums, _foot)[int(rng.integers(5))](roll)
    _foot(roll)
    if chance(rng, 0.12):
        _ticks(roll)
    return sheet


def _head(roll: _Roll) -> None:
    rng, wording = roll.rng, roll.studio.wording
    if chance(rng, 0.25):
        size = roll.type.height * float(rng.uniform(3, 6))
        graphics.logo(roll.sheet, rng, (roll.left + roll.right - size) / 2, roll.y, size)
        roll.y += size * 1.1
    roll.centred(wording.company(rng), roll.big)
    if chance(rng, 0.5):
        roll.centred(f"({rng.integers(10000, 999999)}-{chr(65 + int(rng.integers(26)))})")
    for line in wording.address_lines(rng):
        roll.centred(line.upper() if chance(rng, 0.6) else line)
    if chance(rng, 0.5):
        roll.centred(f"GST ID : {rng.integers(10**11, 10**12)}")
    roll.blank(float(rng.uniform(0.2, 1)))
    if chance(rng, 0.6):
        roll.centred(str(pick(rng, ["TAX INVOICE", "RECEIPT", "INVOICE", "CASH SALES", "Official Receipt", "SIMPLIFIED TAX INVOICE"])), roll.bold)
        roll.blank(0.4)


def _facts(roll: _Roll) -> None:
    rng, wording = roll.rng, roll.studio.wording
    if chance(rng, 0.5):
        roll.rule()
    for _ in range(int(rng.integers(1, 6))):
        left = f"{_key(roll)}{pick(rng, [': ', ' : ', ' ', ':'])}{wording.value(rng)}"
        right = wording.corpus.date(rng) if chance(rng, 0.35) else ""
        if chance(rng, 0.2):
            roll.row([f"{_key(roll)}", f": {wording.value(rng)}"], np.array([0, 0.25, 0.9]))
        else:
            roll.pair(left, right)
    roll.sheet.next_block()


def _items(roll: _Roll) -> None:
    rng, wording = roll.rng, roll.studio.wording
    roll.rule()
    manner = int(rng.integers(4))
    names = ["Item", "Description", "DESCRIPTION", "ITEM", "Product"]
    name = str(pick(rng, names))
    edges = np.array([0, 0.34, 0.5, 0.74, 1.0]) if manner == 0 else np.array([0, 0.3, 0.62, 1.0])
    if manner == 0:
        roll.row([name, "Qty", "Price", "Amt" if chance(rng, 0.5) else "AMT"], edges, roll.bold if chance(rng, 0.3) else None)
    elif manner == 1:
        roll.row([name, "Qty", "Amount"], edges)
    if chance(rng, 0.6):
        roll.rule()
    for _ in range(int(rng.integers(1, 14))):
        price, count = wording.amount(rng, signs=False), int(rng.integers(1, 12))
        if manner == 0:
            roll.row([wording.item(rng), str(count), price, wording.amount(rng, signs=False)], edges)
        elif manner == 1:
            roll.pair(wording.item(rng), "")
            roll.row([str(rng.integers(10**5, 10**8)), f"{count} x", f"{price} {pick(rng, ['SR', 'S', 'ZR', ''])}".strip()], edges)
        elif manner == 2:
            roll.pair(f"{count} {wording.item(rng)}", f"{price}{pick(rng, ['', '', ' S', ' T', '*'])}")
        else:
            roll.pair(wording.item(rng), "")
            roll.pair(f"{count} @ {price}", price, indent=roll.type.length("n") * 3)
    roll.rule()


def _sums(roll: _Roll) -> None:
    rng, wording = roll.rng, roll.studio.wording
    right_labels = chance(rng, 0.4)
    for i in range(int(rng.integers(2, 8))):
        type = roll.bold if chance(rng, 0.2) else roll.big if i == 2 and chance(rng, 0.2) else roll.type
        label = clean(_key(roll)) + str(pick(rng, ["", ":", " :", " (RM):"]))
        indent = 0.0
        if right_labels:
            indent = max(0.0, roll.width * 0.66 - type.length(label))
        roll.pair(label, wording.amount(rng), type, indent)
    roll.sheet.next_block()
    if chance(rng, 0.4):
        roll.rule()


def _summary(roll: _Roll) -> None:
    rng, wording = roll.rng, roll.studio.wording
    edges = np.array([0, 0.3, 0.66, 1.0])
    roll.pair(str(pick(rng, ["GST Summary", "GST SUMMARY", "Tax Summary", "VAT Analysis"])), "", roll.bold)
    roll.row(["Tax Code", "Amount", "Tax"], edges)
    for code in ("SR", "ZR"):
        roll.row([f"{code} @ {rng.integers(0, 20)}%", wording.amount(rng, signs=False), f"{rng.uniform(0, 99):.2f}"], edges)
    roll.blank(0.5)


def _foot(roll: _Roll) -> None:
    rng, wording = roll.rng, roll.studio.wording
    roll.blank(float(rng.uniform(0.3, 1.5)))
    for _ in range(int(rng.integers(1, 5))):
        phrase = pick(rng, ["THANK YOU", "Thank you, please come again", "GOODS SOLD ARE NOT RETURNABLE", "***", ""]) or " ".join(
            wording.sentence(rng, 3, 8)
        )
        roll.centred(str(phrase))
    if chance(rng, 0.25) and roll.y + roll.type.height * 4 < roll.bottom:
        graphics.barcode(roll.sheet, rng, roll.left + roll.width * 0.2, roll.y, roll.width * 0.6, roll.type.height * 2.5)
        roll.y += roll.type.height * 3
    roll.sheet.next_block()


def _ticks(roll: _Roll) -> None:
    """Pen marks of somebody who checked the bill: over the text, but no text."""
    rng, sheet = roll.rng, roll.sheet

    def mark() -> None:
        for _ in range(int(rng.integers(1, 4))):
            x, y = rng.uniform(0.1, 0.9) * sheet.width, rng.uniform(0.1, 0.9) * sheet.height
            size = roll.type.height * rng.uniform(1, 3)
            width = max(1, round(roll.type.height / 9))
            if rng.random() < 0.5:
                sheet.pen.line((x, y, x + size * 0.3, y + size * 0.4, x + size, y - size * 0.5), sheet.tone((20, 20, 90)), width)
            else:
                sheet.pen.arc((x - size * 2, y - size * 0.7, x + size * 2, y + size * 0.7), 10, 350, sheet.tone((20, 20, 90)), width)

    sheet.after.append(mark)


def _key(roll: _Roll) -> str:
    words = vocab.RECEIPT
    text = str(words[roll.rng.integers(len(words))])
    return clean(text.upper() if chance(roll.rng, 0.4) else text)


def _cut(text: str, type: Type, room: float) -> str:
    """As much of ``text`` as fits, at a space where there is one."""
    text = clean(text)
    while text and type.length(text) > room:
        head, _, _ = text.rpartition(" ")
        text = head or text[: max(0, min(len(text) - 1, int(len(text) * room / max(type.length(text), 1))))]
    return text

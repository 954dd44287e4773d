"""Forms and tables: boxes, rules, check boxes, labels and what was typed or written beside them."""

from __future__ import annotations

import numpy as np

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.letters import letterhead
from ocrcli.synth.layouts.studio import Studio, chance, paper_sheet
from ocrcli.synth.layouts.typeset import Type, type_at


class _Pens:
    """The three hands of a form: its print, its bold print, and what was filled in."""

    def __init__(self, rng: np.random.Generator, studio: Studio) -> None:
        faces = studio.faces
        face = faces.mono(rng) if chance(rng, 0.25) else faces.body(rng, serif=0.4)
        height = studio.text_height(rng, 8.5, 19)
        self.print = type_at(face, height)
        self.bold = type_at(faces.sibling(face, rng), height * float(rng.uniform(1.0, 1.15)))
        roll = rng.random()
        filled = faces.mono(rng) if roll < 0.45 else face if roll < 0.75 else faces.any(rng, handwriting=1.0)
        self.fill = type_at(filled, height * float(rng.uniform(0.95, 1.5 if roll >= 0.75 else 1.15)))
        self.em = self.print.length("n")
        self.row = height * float(rng.uniform(1.15, 2.2))


def draw_form(rng: np.random.Generator, studio: Studio) -> Sheet:
    """A form of some sections, each in another manner."""
    width, height = studio.size(rng, float(rng.uniform(0.8, 1.5)))
    sheet = paper_sheet(rng, width, height, grey=0.9)
    pens = _Pens(rng, studio)
    margin = width * float(rng.uniform(0.02, 0.1))
    column = Column(sheet, margin, height * float(rng.uniform(0.02, 0.08)), width - 2 * margin, height * 0.96)
    _heading(rng, studio, column, pens)
    sections = (_labelled, _labelled, _labelled, _cells, _cells, _checks, _table_section, _remarks, _lines, _leaders, _banner)
    while column.y + pens.row * 2 < column.bottom:
        section = sections[int(rng.integers(len(sections)))]
        section(rng, studio, column, pens)
        sheet.next_block()
        column.skip(pens.row * float(rng.uniform(0.2, 1.2)))
    _margins(rng, studio, sheet, pens)
    return sheet


def draw_table(rng: np.random.Generator, studio: Studio) -> Sheet:
    """A page that is mostly one table, with or without rules."""
    width, height = studio.size(rng, float(rng.uniform(0.6, 1.4)))
    sheet = paper_sheet(rng, width, height, grey=0.8)
    pens = _Pens(rng, studio)
    margin = width * float(rng.uniform(0.02, 0.08))
    column = Column(sheet, margin, height * float(rng.uniform(0.02, 0.08)), width - 2 * margin, height * 0.97)
    if chance(rng, 0.8):
        _heading(rng, studio, column, pens)
    while column.y + pens.row * 4 < column.bottom:
        table(rng, studio, column, pens, rows=int(rng.integers(5, 60)))
        sheet.next_block()
        column.skip(pens.row * float(rng.uniform(0.5, 2)))
        if chance(rng, 0.5):
            _remarks(rng, studio, column, pens)
            column.skip(pens.row * 0.5)
    return sheet


def draw_invoice(rng: np.random.Generator, studio: Studio) -> Sheet:
    """An invoice: letterhead, two address blocks, items, sums to the right."""
    width, height = studio.size(rng, float(rng.uniform(0.9, 1.5)))
    sheet = paper_sheet(rng, width, height, grey=0.6)
    pens = _Pens(rng, studio)
    margin = width * float(rng.uniform(0.03, 0.08))
    column = Column(sheet, margin, height * float(rng.uniform(0.02, 0.06)), width - 2 * margin, height * 0.96)
    letterhead(rng, studio, sheet, column, Style(pens.print))
    _labelled(rng, studio, column, pens)
    sheet.next_block()
    column.skip(pens.row)
    table(rng, studio, column, pens, rows=int(rng.integers(2, 18)), money=True)
    sheet.next_block()
    for i in range(int(rng.integers(2, 6))):
        if column.y + pens.row > column.bottom:
            break
        type = pens.bold if i == 0 or chance(rng, 0.2) else pens.print
        baseline = column.y + type.ascent
        right = column.x + column.width - pens.em
        left, _ = sheet.text(right, baseline, studio.wording.amount(rng), type, align=1)
        label_at = min(left - type.height * 2, right - pens.em * float(rng.uniform(10, 16)))
        sheet.text(label_at, baseline, studio.wording.label(rng), type, align=1)
        column.skip(pens.row)
    sheet.next_block()
    if column.y + pens.row * 3 < column.bottom:
        _remarks(rng, studio, column, pens)
    return sheet


def _heading(rng: np.random.Generator, studio: Studio, column: Column, pens: _Pens) -> None:
    if chance(rng, 0.35):
        letterhead(rng, studio, column.sheet, column, Style(pens.print))
    face = studio.faces.sibling(pens.print.face, rng) if chance(rng, 0.6) else studio.faces.any(rng, serif=1, sans=1)
    type = type_at(face, pens.print.height * float(rng.uniform(1.0, 2.0)))
    for _ in range(int(rng.integers(1, 4))):
        column.paragraph(studio.wording.title(rng, 2, 6).split(), Style(type, 1.2, str(rng.choice(["center", "left"]))), rng)
    column.skip(pens.row * float(rng.uniform(0.3, 1.2)))


def _labelled(rng: np.random.Generator, studio: Studio, column: Column, pens: _Pens) -> None:
    """Labels with values behind them, one to three to a row, over rules, dots or nothing."""
    sheet, per_row = column.sheet, int(rng.integers(1, 4))
    per_row = max(1, min(per_row, int(column.width / (pens.em * 24))))
    each, ground = column.width / per_row, int(rng.integers(4))
    aligned = pens.em * float(rng.uniform(9, 18)) if chance(rng, 0.5) else 0.0
    inline = chance(rng, 0.3)
    for _ in range(int(rng.integers(2, 9))):
        if column.y + pens.row > column.bottom:
            return
        for i in range(per_row):
            x, baseline = column.x + i * each, column.y + pens.print.ascent
            label = pens.bold if chance(rng, 0.15) else pens.print
            if inline and chance(rng, 0.7):  # one hand, one space: one line
                sheet.text(x, baseline, _fitting(f"{studio.wording.label(rng)} {studio.wording.value(rng)}", label, each - 2 * pens.em), label)
                continue
            _, end = sheet.text(x, baseline, _fitting(studio.wording.label(rng), label, each * 0.6), label)
            start = max(end + pens.em * float(rng.choice([0.8, 1.5, 3])), x + min(aligned, each * 0.5))
            stop = x + each - pens.em
            if ground == 0:
                sheet.rule(start, baseline + 2, stop, baseline + 2)
            elif ground == 1:
                graphics.leader(sheet, start, stop, baseline, max(2.0, pens.em * 0.5))
            if chance(rng, 0.75) and ground != 1:
                _value(rng, studio, sheet, start, baseline - int(rng.integers(0, 2)), stop - start, pens, end)
        column.skip(pens.row)


def _value(
    rng: np.random.Generator, studio: Studio, sheet: Sheet, x: float, baseline: float, room: float, pens: _Pens, label_end: float
) -> None:
    """A filled-in value; kept clear of its label so that the two are two lines, or else close as one would type."""
    type = pens.fill
    text = _fitting(studio.wording.value(rng), type, room)
    if not text:
        return
    if x - label_end < 1.2 * type.height:  # too near to be told apart by eye: move it away
        x = label_end + 1.6 * type.height
        text = _fitting(text, type, room - 1.6 * type.height)
    sheet.text(x, baseline, text, type)


def _cells(rng: np.random.Generator, studio: Studio, column: Column, pens: _Pens) -> None:
    """A grid of boxes, each with a small label in its corner and a value below it."""
    sheet = column.sheet
    label = type_at(pens.print.face, max(8.0, pens.print.height * float(rng.uniform(0.7, 1.0))))
    tall = label.height * 1.3 + pens.fill.height * 1.35
    for _ in range(int(rng.integers(1, 6))):
        if column.y + tall > column.bottom:
            return
        edges = _splits(rng, column.width, pens.em * 10)
        for x0, x1 in zip(edges[:-1], edges[1:], strict=True):
            left, right, y = column.x + x0, column.x + x1, column.y
            sheet.box(left, y, right, y + tall, outline=sheet.ink, width=1 if chance(rng, 0.85) else 2)
            text = _fitting(studio.wording.label(rng), label, x1 - x0 - pens.em)
            sheet.text(left + pens.em * 0.4 + 1, y + 2 + label.ascent, text, label)
            if chance(rng, 0.65):
                text = _fitting(studio.wording.value(rng), pens.fill, x1 - x0 - pens.em)
                sheet.text(left + pens.em * 0.5 + 1, y + tall - pens.fill.descent - 2, text, pens.fill)
        column.skip(tall)


def _checks(rng: np.random.Generator, studio: Studio, column: Column, pens: _Pens) -> None:
    """Rows of boxes (ticked or not) with a word or two behind each."""
    sheet, size = column.sheet, pens.print.ascent
    round_box = chance(rng, 0.2)
    for _ in range(int(rng.integers(1, 5))):
        if column.y + pens.row > column.bottom:
            return
        x, baseline = column.x + pens.em, column.y + pens.print.ascent
        while x + pens.em * 6 < column.x + column.width:
            y = baseline - size
            if round_box:
                sheet.pen.ellipse((x, y, x + size, y + size), outline=sheet.tone(sheet.ink))
            else:
                sheet.box(x, y, x + size, y + size, outline=sheet.ink)
            if chance(rng, 0.3):
                sheet.rule(x, y, x + size, y + size, max(1, round(size / 8)))
                sheet.rule(x + size, y, x, y + size, max(1, round(size / 8)))
            words = _fitting(" ".join(studio.wording.words(rng, int(rng.integers(1, 4)))).capitalize(), pens.print, column.x + column.width - x - size - pens.em)
            _, end = sheet.text(x + size + pens.em * 0.7, baseline, words, pens.print)
            x = end + pens.print.height * float(rng.uniform(1.8, 4))
            if chance(rng, 0.15):
                break
        column.skip(pens.row)


def _table_section(rng: np.random.Generator, studio: Studio, column: Column, pens: _Pens) -> None:
    table(rng, studio, column, pens, rows=int(rng.integers(2, 9)))


def table(
    rng: np.random.Generator, studio: Studio, column: Column, pens: _Pens, rows: int, money: bool = False
) -> None:
    """Rows and columns; words to the left of their cells, figures to the right."""
    sheet = column.sheet
    edges = _splits(rng, column.width, pens.em * 8)
    figures = rng.random(len(edges) - 1) < (0.75 if money else 0.5)
    figures[0] = False
    if money:
        figures[-1] = True
    ruled, empty, reverse = int(rng.integers(5)), float(rng.choice([0, 0.1, 0.4])), chance(rng, 0.15)
    row = max(pens.row, pens.print.height * 1.12)
    top = column.y
    for i in range(rows + 1):
        if column.y + row > column.bottom:
            break
        head = i == 0
        type = pens.bold if head or chance(rng, 0.03) else pens.print
        baseline = column.y + (row - type.height) / 2 + type.ascent
        colour = sheet.paper if head and reverse else None
        if head and reverse:
            sheet.box(column.x, column.y, column.x + column.width, column.y + row, fill=sheet.ink)
        if ruled == 3 and i % 2 and i:
            grey = int(rng.integers(215, 245))
            sheet.box(column.x, column.y, column.x + column.width, column.y + row, fill=(grey, grey, grey))
        for j, (x0, x1) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
            if not head and j and chance(rng, empty):
                continue
            room = x1 - x0 - 1.9 * type.height  # cells of one row stay apart as separate lines
            text = studio.wording.label(rng).rstrip(":") if head else (
                studio.wording.amount(rng) if figures[j] else studio.wording.item(rng) if money and j == 0 else studio.wording.value(rng)
            )  # fmt: skip
            text = _fitting(text, type, room)
            if figures[j]:
                sheet.text(column.x + x1 - (0.5 if ruled == 0 else 1.0) * type.height, baseline, text, type, align=1, leading=row, colour=colour)
            else:
                sheet.text(column.x + x0 + 0.5 * type.height, baseline, text, type, leading=row, colour=colour)
        column.skip(row)
        if ruled in (0, 1) or (ruled == 2 and head):
            sheet.rule(column.x, column.y, column.x + column.width, column.y)
    if ruled in (0, 1, 2):
        sheet.rule(column.x, top, column.x + column.width, top, int(rng.integers(1, 3)))
        sheet.rule(column.x, column.y, column.x + column.width, column.y, int(rng.integers(1, 3)))
    if ruled == 0:
        for x in edges:
            sheet.rule(column.x + x, top, column.x + x, column.y)


def _remarks(rng: np.random.Generator, studio: Studio, column: Column, pens: _Pens) -> None:
    """A paragraph of small print."""
    style = Style(pens.print, float(rng.uniform(1.05, 1.4)), "justify" if chance(rng, 0.3) else "left")
    column.paragraph(studio.wording.paragraph(rng, int(rng.integers(8, 70))), style, rng)


def _banner(rng: np.random.Generator, studio: Studio, column: Column, pens: _Pens) -> None:
    """The title of a section: reversed in a bar, on grey, in a box, or underlined."""
    sheet, type = column.sheet, pens.bold
    tall = type.height * float(rng.uniform(1.2, 1.7))
    manner = int(rng.integers(4))
    text = _fitting(studio.wording.title(rng, 1, 5), type, column.width - 2 * pens.em)
    baseline = column.y + (tall - type.height) / 2 + type.ascent
    x1, y1 = column.x + column.width, column.y + tall
    if manner == 0:
        sheet.box(column.x, column.y, x1, y1, fill=sheet.ink)
    elif manner == 1:
        grey = int(rng.integers(170, 235))
        sheet.box(column.x, column.y, x1, y1, fill=(grey, grey, grey))
    elif manner == 2:
        sheet.box(column.x, column.y, x1, y1, outline=sheet.ink)
    align = 0.5 if chance(rng, 0.3) else 0.0
    at = column.x + pens.em if align == 0 else column.x + column.width / 2
    rule = (0, 99) if manner == 3 else None
    sheet.text(at, baseline, text, type, align=align, colour=sheet.paper if manner == 0 else None, underline=rule)
    column.skip(tall)


def _lines(rng: np.random.Generator, studio: Studio, column: Column, pens: _Pens) -> None:
    """Empty ruled lines to write on, some of them written on."""
    written = chance(rng, 0.5)
    step = max(pens.row, pens.fill.height * 1.2)
    for _ in range(int(rng.integers(1, 7))):
        if column.y + step > column.bottom:
            return
        y = column.y + step
        column.sheet.rule(column.x, y, column.x + column.width, y)
        if written and chance(rng, 0.8):
            words = _fitting(" ".join(studio.wording.sentence(rng, 4, 14)), pens.fill, column.width * 0.95)
            column.sheet.text(column.x + pens.em, y - pens.fill.descent * float(rng.uniform(0.2, 1)), words, pens.fill, leading=step)
        column.skip(step)


def _leaders(rng: np.random.Generator, studio: Studio, column: Column, pens: _Pens) -> None:
    """Entries tied to figures by dots: tables of contents, price lists."""
    right = column.x + column.width
    for _ in range(int(rng.integers(3, 10))):
        if column.y + pens.row > column.bottom:
            return
        baseline = column.y + pens.print.ascent
        text = _fitting(studio.wording.title(rng, 1, 6), pens.print, column.width * 0.6)
        _, end = column.sheet.text(column.x, baseline, text, pens.print)
        start, _ = column.sheet.text(right, baseline, studio.wording.amount(rng), pens.print, align=1)
        graphics.leader(column.sheet, end + pens.em, start - pens.em, baseline, max(2.0, pens.em * 0.6))
        column.skip(pens.row)


def _margins(rng: np.random.Generator, studio: Studio, sheet: Sheet, pens: _Pens) -> None:
    """A number up the side, as archives stamp it, and a bold one at the foot."""
    if chance(rng, 0.35):
        sheet.next_block()
        digits = "".join(str(d) for d in rng.integers(0, 10, int(rng.integers(6, 11))))
        type = type_at(studio.faces.body(rng, bold=1.0), pens.print.height * float(rng.uniform(1, 1.6)))
        if chance(rng, 0.6):
            side = sheet.width - type.height * float(rng.uniform(0.6, 1.6))
            origin = (side, sheet.height * float(rng.uniform(0.5, 0.9)))
            sheet.text(0, 0, digits, type, turn=int(rng.choice([1, 3])), origin=origin)
        else:
            sheet.text(sheet.width * float(rng.uniform(0.5, 0.9)), sheet.height - type.height * 0.6, digits, type, align=0.5)


def _splits(rng: np.random.Generator, width: float, least: float) -> np.ndarray:
    """Edges of two to eight columns, each at least ``least`` wide."""
    most = max(1, int(width / least))
    count = int(min(most, rng.integers(2, 9)))
    shares = rng.dirichlet(np.full(count, 6.0)) * (width - least * count * 0.8) + least * 0.8
    edges = np.concatenate([[0.0], np.cumsum(shares)])
    return edges * (width / edges[-1])


def _fitting(text: str, type: Type, room: float) -> str:
    """The first words of ``text`` that fit into ``room`` pixels; a first word too wide is cut short."""
    words: list[str] = []
    used = 0.0
    for word in text.split():
        length = type.length(word) + (type.space if words else 0.0)
        if used + length > room:
            break
        words.append(word)
        used += length
    if words:
        return " ".join(words)
    first = text.split()[0] if text.split() else ""
    return first[: max(0, int(room / max(type.length("M"), 1.0)))]

"""Books, papers and newspapers: justified type in one to four columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.studio import Studio, chance, paper_sheet
from ocrcli.synth.layouts.typeset import type_at


def draw_book(rng: np.random.Generator, studio: Studio) -> Sheet:
    """A page of a book: running head, justified lines, notes at its foot."""
    width, height = studio.size(rng, float(rng.uniform(0.9, 1.6)))
    sheet = paper_sheet(rng, width, height)
    face = studio.faces.body(rng, bold=0.02, serif=0.85)
    type = type_at(face, studio.text_height(rng, 9, 26))
    body = Style(type, float(rng.uniform(1.0, 1.4)), "justify", indent=type.length("n") * 2, hyphenate=chance(rng, 0.8))
    left, right, top, bottom = rng.uniform(0.04, 0.16, 4) * [width, width, height, height]
    column = Column(sheet, left, top, width - left - right, height - bottom)
    if chance(rng, 0.75):
        _head(rng, studio, sheet, column, body)
    opening = chance(rng, 0.2)
    if opening:
        column.skip(body.step * float(rng.uniform(0.5, 3)))
        head = Style(type_at(studio.faces.any(rng, serif=3, display=1, sans=1), type.height * float(rng.uniform(1.1, 2.5))), 1.3, "center")
        column.paragraph(studio.wording.title(rng, 1, 5).split(), head, rng)
        column.skip(body.step)
        if chance(rng, 0.6):
            _drop_capital(rng, studio, column, body)
    notes = column.bottom
    if chance(rng, 0.2):
        notes = column.y + (column.bottom - column.y) * float(rng.uniform(0.75, 0.93))
    main = Column(sheet, column.x, column.y, column.width, notes)
    _fill(rng, studio, main, body, picture=0.04)
    if notes < column.bottom:
        sheet.rule(column.x, notes + 2, column.x + column.width * 0.3, notes + 2)
        small = replace(body, type=type_at(face, max(8.0, type.height * 0.8)))
        _fill(rng, studio, Column(sheet, column.x, notes + 5, column.width, column.bottom), small)
    return sheet


def draw_columns(rng: np.random.Generator, studio: Studio) -> Sheet:
    """A paper or a newspaper: a spanning title, then columns with pictures between."""
    width, height = studio.size(rng, float(rng.uniform(0.6, 1.5)))
    sheet = paper_sheet(rng, width, height)
    face = studio.faces.body(rng, bold=0.02, serif=0.75)
    type = type_at(face, studio.text_height(rng, 8, 18))
    body = Style(
        type, float(rng.uniform(1.0, 1.3)), "justify" if chance(rng, 0.8) else "left",
        indent=type.length("n") * float(rng.choice([0, 1.5])), hyphenate=chance(rng, 0.8),
    )  # fmt: skip
    margin = width * float(rng.uniform(0.02, 0.08))
    y = height * float(rng.uniform(0.02, 0.07))
    fitting = int((width - 2 * margin) / (type.length("n") * 22))  # a column wants some 22 letters at least
    count = int(np.clip(rng.integers(2, 5), 1, max(1, fitting)))
    if chance(rng, 0.6):
        top = Column(sheet, margin, y, width - 2 * margin, height * 0.4)
        _title(rng, studio, top, body)
        y = top.y
    gutter = type.length("n") * float(rng.uniform(1.8, 4))
    each = (width - 2 * margin - gutter * (count - 1)) / count
    ruled = chance(rng, 0.25)
    bottom = height * float(rng.uniform(0.9, 0.98))
    for i in range(count):
        x = margin + i * (each + gutter)
        if ruled and i:
            sheet.rule(x - gutter / 2, y, x - gutter / 2, bottom)
        _fill(rng, studio, Column(sheet, x, y, each, bottom), body, picture=0.08, heading=0.12)
        sheet.next_block()
    return sheet


def _head(rng: np.random.Generator, studio: Studio, sheet: Sheet, column: Column, body: Style) -> None:
    type, number = body.type, str(rng.integers(1, 900))
    title = studio.wording.title(rng, 1, 4)
    baseline = column.y + type.ascent
    sides = [column.x, column.x + column.width]
    outer = int(rng.integers(2))
    sheet.text(sides[outer], baseline, number, type, align=float(outer))
    spread = float(rng.choice([0, 0, 1]))
    if type.length(title) + spread * len(title) < column.width - 12 * type.length("n"):  # clear of the number
        sheet.text(column.x + column.width / 2, baseline, title, type, align=0.5, tracking=spread)
    column.skip(type.height * float(rng.uniform(1.6, 2.6)))
    sheet.next_block()


def _drop_capital(rng: np.random.Generator, studio: Studio, column: Column, body: Style) -> None:
    """A large initial with two or three lines beside it."""
    lines = int(rng.integers(2, 4))
    if not column.room(body, lines + 1):
        return
    letter = chr(65 + int(rng.integers(26)))
    face = studio.faces.any(rng, serif=2, display=1)
    type = type_at(face, body.step * lines * 0.97)
    column.sheet.text(column.x, column.y + type.ascent, letter, type, leading=body.step * lines)
    column.sheet.next_block()
    offset = type.length(letter) + body.type.length("n")
    beside = Column(column.sheet, column.x + offset, column.y, column.width - offset, column.y + body.step * lines)
    if beside.width > body.type.length("n") * 8:
        beside.paragraph(studio.wording.paragraph(rng, 60), replace(body, indent=0.0), rng)
    column.skip(body.step * lines)


def _title(rng: np.random.Generator, studio: Studio, top: Column, body: Style) -> None:
    face = studio.faces.any(rng, serif=3, sans=3, display=1) if chance(rng, 0.5) else studio.faces.sibling(body.type.face, rng)
    align = "center" if chance(rng, 0.7) else "left"
    big = Style(type_at(face, body.type.height * float(rng.uniform(1.4, 4.0))), 1.15, align)
    top.paragraph(studio.wording.title(rng, 3, 9).split(), big, rng)
    if chance(rng, 0.7):
        top.skip(body.step * 0.4)
        names = ", ".join(studio.wording.value(rng) for _ in range(int(rng.integers(1, 4))))
        top.paragraph(names.split(), replace(body, align=align, indent=0.0), rng)
    top.skip(body.step * float(rng.uniform(0.4, 1.5)))


def _fill(
    rng: np.random.Generator, studio: Studio, column: Column, body: Style, picture: float = 0.0, heading: float = 0.0
) -> None:
    """Paragraphs down to the column's bottom, with pictures and headings between at these odds."""
    head = Style(type_at(studio.faces.sibling(body.type.face, rng), body.type.height * float(rng.uniform(1, 1.4))), 1.25)
    gap = body.step * float(rng.choice([0, 0, 0.4, 0.8]))
    while column.room(body):
        roll = rng.random()
        if roll < picture:
            tall = column.width * float(rng.uniform(0.3, 0.8))
            if column.y + tall < column.bottom:
                graphics.picture(column.sheet, rng, studio, column.x, column.y, column.width, tall)
                column.skip(tall + body.step * 0.3)
                caption = replace(body, align="left", indent=0.0)
                column.paragraph([f"Figure {rng.integers(1, 20)}.", *studio.wording.sentence(rng, 3, 12)], caption, rng)
                column.skip(body.step * 0.4)
        elif roll < picture + heading and column.room(head, 3):
            column.skip(body.step * 0.4)
            column.paragraph(studio.wording.title(rng, 1, 5).split(), head, rng)
        else:
            column.paragraph(studio.wording.paragraph(rng, int(rng.integers(25, 140))), body, rng)
        column.skip(gap)

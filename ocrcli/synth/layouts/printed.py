"""Books, papers and newspapers: justified type in one to four columns."""

from __future__ import annotations

from dataclasses import replace

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.studio import Desk
from ocrcli.synth.layouts.typeset import type_at


def draw_book(desk: Desk) -> Sheet:
    """A page of a book: running head, justified lines, notes at its foot."""
    width, height = desk.size(desk.uniform(0.9, 1.6))
    sheet = desk.paper(width, height)
    face = desk.body_face(bold=0.02, serif=0.85)
    type = type_at(face, desk.text_height(9, 26))
    body = Style(
        type, desk.uniform(1.0, 1.4), "justify", indent=type.length("n") * 2, hyphenate=desk.chance(0.8)
    )
    left, right = (desk.uniform(0.04, 0.16) * width for _ in range(2))
    top, bottom = (desk.uniform(0.04, 0.16) * height for _ in range(2))
    column = Column(sheet, left, top, width - left - right, height - bottom)
    if desk.chance(0.75):
        _head(desk, column, body)
    if desk.chance(0.2):
        _chapter(desk, column, body)
    notes = column.bottom
    if desk.chance(0.2):
        notes = column.y + (column.bottom - column.y) * desk.uniform(0.75, 0.93)
    main = Column(sheet, column.x, column.y, column.width, notes)
    _fill(desk, main, body, picture=0.04)
    if notes < column.bottom:
        sheet.rule(column.x, notes + 2, column.x + column.width * 0.3, notes + 2)
        small = replace(body, type=type_at(face, max(8.0, type.height * 0.8)))
        _fill(desk, Column(sheet, column.x, notes + 5, column.width, column.bottom), small)
    return sheet


def draw_columns(desk: Desk) -> Sheet:
    """A paper or a newspaper: a spanning title, then columns with pictures between."""
    width, height = desk.size(desk.uniform(0.6, 1.5))
    sheet = desk.paper(width, height)
    face = desk.body_face(bold=0.02, serif=0.75)
    type = type_at(face, desk.text_height(8, 18))
    body = Style(
        type, desk.uniform(1.0, 1.3), "justify" if desk.chance(0.8) else "left",
        indent=type.length("n") * desk.pick([0, 1.5]), hyphenate=desk.chance(0.8),
    )  # fmt: skip
    margin = width * desk.uniform(0.02, 0.08)
    y = height * desk.uniform(0.02, 0.07)
    fitting = int((width - 2 * margin) / (type.length("n") * 22))  # a column wants some 22 letters at least
    count = max(1, min(desk.integer(2, 5), fitting))
    if desk.chance(0.6):
        top = Column(sheet, margin, y, width - 2 * margin, height * 0.4)
        _title(desk, top, body)
        y = top.y
    gutter = type.length("n") * desk.uniform(1.8, 4)
    each = (width - 2 * margin - gutter * (count - 1)) / count
    ruled = desk.chance(0.25)
    bottom = height * desk.uniform(0.9, 0.98)
    for i in range(count):
        x = margin + i * (each + gutter)
        if ruled and i:
            sheet.rule(x - gutter / 2, y, x - gutter / 2, bottom)
        _fill(desk, Column(sheet, x, y, each, bottom), body, picture=0.08, heading=0.12)
        sheet.next_block()
    return sheet


def _head(desk: Desk, column: Column, body: Style) -> None:
    sheet, type, number = column.sheet, body.type, str(desk.integer(1, 900))
    title = desk.wording.title(1, 4)
    baseline = column.y + type.ascent
    sides = [column.x, column.x + column.width]
    outer = desk.integer(2)
    sheet.text(sides[outer], baseline, number, type, align=float(outer))
    spread = desk.pick([0, 0, 1])
    if type.length(title) + spread * len(title) < column.width - 12 * type.length("n"):  # clear of the number
        sheet.text(column.x + column.width / 2, baseline, title, type, align=0.5, tracking=spread)
    column.skip(type.height * desk.uniform(1.6, 2.6))
    sheet.next_block()


def _chapter(desk: Desk, column: Column, body: Style) -> None:
    """The heading of a chapter, with a large initial below it or not."""
    column.skip(body.step * desk.uniform(0.5, 3))
    type = type_at(desk.any_face(serif=3, display=1, sans=1), body.type.height * desk.uniform(1.1, 2.5))
    column.paragraph(desk.wording.title(1, 5).split(), Style(type, 1.3, "center"), desk.rng)
    column.skip(body.step)
    if desk.chance(0.6):
        _drop_capital(desk, column, body)


def _drop_capital(desk: Desk, column: Column, body: Style) -> None:
    """A large initial with two or three lines beside it."""
    lines = desk.integer(2, 4)
    if not column.room(body, lines + 1):
        return
    letter = chr(65 + desk.integer(26))
    face = desk.any_face(serif=2, display=1)
    type = type_at(face, body.step * lines * 0.97)
    column.sheet.text(column.x, column.y + type.ascent, letter, type, leading=body.step * lines)
    column.sheet.next_block()
    offset = type.length(letter) + body.type.length("n")
    beside = Column(
        column.sheet, column.x + offset, column.y, column.width - offset, column.y + body.step * lines
    )
    if beside.width > body.type.length("n") * 8:
        beside.paragraph(desk.wording.paragraph(60), replace(body, indent=0.0), desk.rng)
    column.skip(body.step * lines)


def _title(desk: Desk, top: Column, body: Style) -> None:
    face = desk.any_face(serif=3, sans=3, display=1) if desk.chance(0.5) else desk.sibling(body.type.face)
    align = "center" if desk.chance(0.7) else "left"
    big = Style(type_at(face, body.type.height * desk.uniform(1.4, 4.0)), 1.15, align)
    top.paragraph(desk.wording.title(3, 9).split(), big, desk.rng)
    if desk.chance(0.7):
        top.skip(body.step * 0.4)
        names = ", ".join(desk.wording.value() for _ in range(desk.integer(1, 4)))
        top.paragraph(names.split(), replace(body, align=align, indent=0.0), desk.rng)
    top.skip(body.step * desk.uniform(0.4, 1.5))


def _fill(desk: Desk, column: Column, body: Style, picture: float = 0.0, heading: float = 0.0) -> None:
    """Paragraphs down to the column's bottom, with pictures and headings between at these odds."""
    head = Style(type_at(desk.sibling(body.type.face), body.type.height * desk.uniform(1, 1.4)), 1.25)
    gap = body.step * desk.pick([0, 0, 0.4, 0.8])
    while column.room(body):
        roll = desk.roll()
        if roll < picture:
            tall = column.width * desk.uniform(0.3, 0.8)
            if column.y + tall < column.bottom:
                graphics.picture(column.sheet, desk, column.x, column.y, column.width, tall)
                column.skip(tall + body.step * 0.3)
                caption = replace(body, align="left", indent=0.0)
                column.paragraph(
                    [f"Figure {desk.integer(1, 20)}.", *desk.wording.sentence(3, 12)], caption, desk.rng
                )
                column.skip(body.step * 0.4)
        elif roll < picture + heading and column.room(head, 3):
            column.skip(body.step * 0.4)
            column.paragraph(desk.wording.title(1, 5).split(), head, desk.rng)
        else:
            column.paragraph(desk.wording.paragraph(desk.integer(25, 140)), body, desk.rng)
        column.skip(gap)

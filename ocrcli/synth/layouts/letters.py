"""Letters, memos and reports: typed or printed, one column."""

from __future__ import annotations

from dataclasses import replace

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.studio import Desk
from ocrcli.synth.layouts.typeset import type_at

BULLETS = ("•", "-", "*", "–", "")  # none: the items are numbered
CLOSINGS = ("Sincerely,", "Yours truly,", "Best regards,", "Very truly yours,")


def draw(desk: Desk) -> Sheet:
    """A page of a letter or report."""
    width, height = desk.size(desk.uniform(0.7, 1.5))
    sheet = desk.paper(width, height)
    body, column = _set_up(desk, sheet)
    first_page = desk.chance(0.45)
    if first_page:
        letterhead(desk, column, body)
        _opening(desk, column, body)
    elif desk.chance(0.5):
        _running_head(desk, column, body)
    _body(desk, column, body)
    if first_page and column.room(body, 5):
        _closing(desk, column, body)
    if desk.chance(0.5):
        number = desk.pick(["{}", "- {} -", "Page {}", "{}", "page {} of 9"])
        at = height - max(body.step * 0.8, height * 0.03)
        x = column.x + column.width * desk.pick([0.1, 0.5, 0.9])
        sheet.next_block()
        sheet.text(x, at, number.format(desk.integer(1, 400)), body.type, align=0.5)
    return sheet


def _set_up(desk: Desk, sheet: Sheet) -> tuple[Style, Column]:
    typed = desk.chance(0.4)
    face = desk.mono_face() if typed else desk.body_face()
    type = type_at(face, desk.text_height(8.5, 24))
    leading = desk.pick([1.05, 1.2, 1.35, 1.6, 2.1]) if typed else desk.uniform(1.02, 1.5)
    align = "justify" if desk.chance(0.25 if typed else 0.45) else "left"
    indent = type.length("n") * desk.pick([0, 0, 3, 5, 8])
    underline = 0.12 if desk.chance(0.2) else 0.0
    style = Style(type, leading, align, indent=indent, hyphenate=desk.chance(0.3), underline=underline)
    left, right = desk.rng.uniform(0.02, 0.16, 2) * sheet.width
    top, bottom = desk.rng.uniform(0.02, 0.1, 2) * sheet.height
    return style, Column(sheet, left, top, sheet.width - left - right, sheet.height - bottom - type.height)


def letterhead(desk: Desk, column: Column, body: Style) -> None:
    """A firm's name, its emblem and address at the head of a page."""
    face = desk.any_face() if desk.chance(0.6) else desk.sibling(body.type.face)
    type = type_at(face, body.type.height * desk.uniform(1.3, 2.8))
    big = Style(type, 1.15, desk.pick(["left", "center", "right"]))
    if desk.chance(0.45):
        size = body.type.height * desk.uniform(2.5, 6)
        x = column.x if big.align != "left" else column.x + column.width - size
        graphics.logo(column.sheet, desk, x, column.y, size)
    column.paragraph(desk.wording.company().split(), big, desk.rng)
    small = Style(type_at(body.type.face, max(8.0, body.type.height * 0.85)), 1.15, big.align)
    for line in desk.wording.address_lines():
        if column.room(small):
            column.line(line.split(), small)
    column.sheet.next_block()
    if desk.chance(0.4):
        column.sheet.rule(column.x, column.y + 4, column.x + column.width, column.y + 4, desk.integer(1, 4))
    column.skip(body.step * desk.uniform(0.8, 2))


def _opening(desk: Desk, column: Column, body: Style) -> None:
    wording, plain = desk.wording, replace(body, align="left", indent=0.0)
    if desk.chance(0.3):  # a memorandum's fields
        for label in ("TO:", "FROM:", "DATE:", "SUBJECT:"):
            if not column.room(plain):
                return
            y = column.y
            column.line([label], plain)
            column.y = y
            column.line(wording.value().split(), plain, indent=body.type.length("n") * 11)
            column.skip(body.step * desk.pick([0, 0.5]))
        column.sheet.next_block()
    else:
        column.paragraph(wording.date().split(), replace(plain, align=desk.pick(["left", "right"])), desk.rng)
        column.skip(body.step * 0.7)
        for line in [wording.name(), *wording.address_lines()[:2]]:
            if column.room(plain):
                column.line(line.split(), plain)
        column.sheet.next_block()
        column.skip(body.step * 0.7)
        column.paragraph(f"Dear {wording.name().strip(',')}:".split(), plain, desk.rng)
    column.skip(body.step * 0.6)


def _running_head(desk: Desk, column: Column, body: Style) -> None:
    type = body.type
    title = desk.wording.title(1, 3)
    if type.length(title) < column.width - 8 * type.length("n"):
        column.sheet.text(column.x, column.y + type.ascent, title, type)
    number = str(desk.integer(1, 900))
    column.sheet.text(column.x + column.width, column.y + type.ascent, number, type, align=1)
    column.skip(type.height * 1.5)
    if desk.chance(0.4):
        column.sheet.rule(column.x, column.y, column.x + column.width, column.y)
    column.skip(type.height)
    column.sheet.next_block()


def _body(desk: Desk, column: Column, body: Style) -> None:
    gap = body.step * desk.pick([0, 0.5, 1.0])
    head_face = desk.sibling(body.type.face) if desk.chance(0.7) else desk.any_face()
    head_type = type_at(head_face, body.type.height * desk.uniform(0.95, 1.5))
    head = Style(head_type, 1.25, underline=float(desk.chance(0.2)))
    stop = column.y + (column.bottom - column.y) * (1.0 if desk.chance(0.7) else desk.uniform(0.2, 1))
    while column.room(body) and column.y < stop:
        roll = desk.roll()
        if roll < 0.12 and column.room(head, 3):
            column.skip(body.step * 0.5)
            align = "center" if desk.chance(0.3) else "left"
            column.paragraph(desk.wording.title().split(), replace(head, align=align), desk.rng)
            column.skip(body.step * 0.2)
        elif roll < 0.24:
            _list(desk, column, body)
        elif roll < 0.29:
            size = column.width * desk.uniform(0.2, 0.6)
            if column.y + size * 0.6 < column.bottom:
                place = graphics.chart if desk.chance(0.4) else graphics.picture
                x = column.x + (column.width - size) * desk.roll()
                place(column.sheet, desk, x, column.y + 4, size, size * 0.55)
                column.skip(size * 0.6 + body.step * 0.5)
        else:
            column.paragraph(desk.wording.paragraph(desk.integer(15, 120)), body, desk.rng)
        column.skip(gap)


def _list(desk: Desk, column: Column, body: Style) -> None:
    bullet, em = desk.pick(BULLETS), body.type.length("n")
    item = replace(body, align="left", indent=em * 2, hang=em * 4)
    for i in range(desk.integer(2, 7)):
        if not column.room(item):
            return
        mark = bullet or f"{i + 1}."
        column.paragraph([mark, *desk.wording.sentence(3, 18)], item, desk.rng)


def _closing(desk: Desk, column: Column, body: Style) -> None:
    plain = replace(body, align="left", indent=0.0)
    x = column.x + column.width * desk.pick([0.0, 0.5])
    part = Column(column.sheet, x, column.y + body.step * 0.5, column.width * 0.5, column.bottom)
    part.paragraph(desk.pick(CLOSINGS).split(), plain, desk.rng)
    graphics.scribble(column.sheet, desk, part.x, part.y, body.type.height * 9, body.step * 1.6)
    part.skip(body.step * 1.7)
    if part.room(plain):
        part.paragraph(desk.wording.name().split(), plain, desk.rng)
    column.y = part.y

"""Letters, memos and reports: typed or printed, one column."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.studio import Studio, chance, paper_sheet, pick
from ocrcli.synth.layouts.typeset import type_at

BULLETS = ["•", "-", "*", "–", ""]


def draw(rng: np.random.Generator, studio: Studio) -> Sheet:
    """A page of a letter or report."""
    width, height = studio.size(rng, float(rng.uniform(0.7, 1.5)))
    sheet = paper_sheet(rng, width, height)
    body, column = _set_up(rng, studio, sheet)
    first_page = chance(rng, 0.45)
    if first_page:
        letterhead(rng, studio, sheet, column, body)
        _opening(rng, studio, column, body)
    elif chance(rng, 0.5):
        _running_head(rng, studio, sheet, column, body)
    _body(rng, studio, sheet, column, body)
    if first_page and column.room(body, 5):
        _closing(rng, studio, sheet, column, body)
    if chance(rng, 0.5):
        number = pick(rng, ["{}", "- {} -", "Page {}", "{}", "page {} of 9"])
        at = height - max(body.step * 0.8, height * 0.03)
        x = float(rng.choice([column.x + column.width / 2, column.x + column.width * 0.9, column.x + column.width * 0.1]))
        sheet.next_block()
        sheet.text(x, at, str(number).format(rng.integers(1, 400)), body.type, align=0.5)
    return sheet


def _set_up(rng: np.random.Generator, studio: Studio, sheet: Sheet) -> tuple[Style, Column]:
    typed = chance(rng, 0.4)
    face = studio.faces.mono(rng) if typed else studio.faces.body(rng)
    type = type_at(face, studio.text_height(rng, 8.5, 24))
    leading = float(rng.choice([1.05, 1.2, 1.35, 1.6, 2.1])) if typed else float(rng.uniform(1.02, 1.5))
    align = "justify" if chance(rng, 0.25 if typed else 0.45) else "left"
    indent = type.length("n") * float(rng.choice([0, 0, 3, 5, 8]))
    underline = 0.12 if chance(rng, 0.2) else 0.0
    style = Style(type, leading, align, indent=indent, hyphenate=chance(rng, 0.3), underline=underline)
    left, right = rng.uniform(0.02, 0.16, 2) * sheet.width
    top, bottom = rng.uniform(0.02, 0.1, 2) * sheet.height
    return style, Column(sheet, left, top, sheet.width - left - right, sheet.height - bottom - type.height)


def letterhead(rng: np.random.Generator, studio: Studio, sheet: Sheet, column: Column, body: Style) -> None:
    """A firm's name, its emblem and address at the head of a page."""
    face = studio.faces.any(rng) if chance(rng, 0.6) else studio.faces.sibling(body.type.face, rng)
    big = Style(type_at(face, body.type.height * float(rng.uniform(1.3, 2.8))), 1.15, str(rng.choice(["left", "center", "right"])))
    if chance(rng, 0.45):
        size = body.type.height * float(rng.uniform(2.5, 6))
        x = column.x if big.align != "left" else column.x + column.width - size
        graphics.logo(sheet, rng, x, column.y, size)
    column.paragraph(studio.wording.company(rng).split(), big, rng)
    small = Style(type_at(body.type.face, max(8.0, body.type.height * 0.85)), 1.15, big.align)
    for line in studio.wording.address_lines(rng):
        if column.room(small):
            column.line(line.split(), small)
    sheet.next_block()
    if chance(rng, 0.4):
        sheet.rule(column.x, column.y + 4, column.x + column.width, column.y + 4, int(rng.integers(1, 4)))
    column.skip(body.step * float(rng.uniform(0.8, 2)))


def _opening(rng: np.random.Generator, studio: Studio, column: Column, body: Style) -> None:
    wording, plain = studio.wording, replace(body, align="left", indent=0.0)
    if chance(rng, 0.3):  # a memorandum's fields
        for label in ("TO:", "FROM:", "DATE:", "SUBJECT:"):
            if not column.room(plain):
                return
            y = column.y
            column.line([label], plain)
            column.y = y
            value = replace(plain, indent=0.0)
            column.line(wording.value(rng).split(), value, indent=body.type.length("n") * 11)
            column.skip(body.step * float(rng.choice([0, 0.5])))
        column.sheet.next_block()
    else:
        column.paragraph(wording.corpus.date(rng).split(), replace(plain, align=str(rng.choice(["left", "right"]))), rng)
        column.skip(body.step * 0.7)
        for line in [wording.corpus.name(rng), *wording.address_lines(rng)[:2]]:
            if column.room(plain):
                column.line(line.split(), plain)
        column.sheet.next_block()
        column.skip(body.step * 0.7)
        column.paragraph(f"Dear {wording.corpus.name(rng).strip(',')}:".split(), plain, rng)
    column.skip(body.step * 0.6)


def _running_head(rng: np.random.Generator, studio: Studio, sheet: Sheet, column: Column, body: Style) -> None:
    type = body.type
    title = studio.wording.title(rng, 1, 3)
    if type.length(title) < column.width - 8 * type.length("n"):
        sheet.text(column.x, column.y + type.ascent, title, type)
    sheet.text(column.x + column.width, column.y + type.ascent, str(rng.integers(1, 900)), type, align=1)
    column.skip(type.height * 1.5)
    if chance(rng, 0.4):
        sheet.rule(column.x, column.y, column.x + column.width, column.y)
    column.skip(type.height)
    sheet.next_block()


def _body(rng: np.random.Generator, studio: Studio, sheet: Sheet, column: Column, body: Style) -> None:
    gap = body.step * float(rng.choice([0, 0.5, 1.0]))
    head_face = studio.faces.sibling(body.type.face, rng) if chance(rng, 0.7) else studio.faces.any(rng)
    head = Style(type_at(head_face, body.type.height * float(rng.uniform(0.95, 1.5))), 1.25, underline=float(chance(rng, 0.2)))
    stop = column.y + (column.bottom - column.y) * (1.0 if chance(rng, 0.7) else float(rng.uniform(0.2, 1)))
    while column.room(body) and column.y < stop:
        roll = rng.random()
        if roll < 0.12 and column.room(head, 3):
            column.skip(body.step * 0.5)
            align = "center" if chance(rng, 0.3) else "left"
            column.paragraph(studio.wording.title(rng).split(), replace(head, align=align), rng)
            column.skip(body.step * 0.2)
        elif roll < 0.24:
            _list(rng, studio, column, body)
        elif roll < 0.29:
            size = column.width * float(rng.uniform(0.2, 0.6))
            if column.y + size * 0.6 < column.bottom:
                place = graphics.chart if chance(rng, 0.4) else None
                x = column.x + (column.width - size) * float(rng.random())
                if place:
                    place(sheet, rng, x, column.y + 4, size, size * 0.55)
                else:
                    graphics.picture(sheet, rng, studio, x, column.y + 4, size, size * 0.55)
                column.skip(size * 0.6 + body.step * 0.5)
        else:
            column.paragraph(studio.wording.paragraph(rng, int(rng.integers(15, 120))), body, rng)
        column.skip(gap)


def _list(rng: np.random.Generator, studio: Studio, column: Column, body: Style) -> None:
    bullet, em = str(pick(rng, BULLETS)), body.type.length("n")
    item = replace(body, align="left", indent=em * 2, hang=em * 4)
    for i in range(int(rng.integers(2, 7))):
        if not column.room(item):
            return
        mark = bullet or f"{i + 1}."
        column.paragraph([mark, *studio.wording.sentence(rng, 3, 18)], item, rng)


def _closing(rng: np.random.Generator, studio: Studio, sheet: Sheet, column: Column, body: Style) -> None:
    plain = replace(body, align="left", indent=0.0)
    x = column.x + column.width * float(rng.choice([0.0, 0.5]))
    part = Column(sheet, x, column.y + body.step * 0.5, column.width * 0.5, column.bottom)
    part.paragraph(str(pick(rng, ["Sincerely,", "Yours truly,", "Best regards,", "Very truly yours,"])).split(), plain, rng)
    graphics.scribble(sheet, rng, part.x, part.y, body.type.height * 9, body.step * 1.6)
    part.skip(body.step * 1.7)
    if part.room(plain):
        part.paragraph(studio.wording.corpus.name(rng).split(), plain, rng)
    column.y = part.y

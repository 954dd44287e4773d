"""Forms, pages of tables, and invoices: boxes, rules, check boxes, labels and what stands beside them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.letters import letterhead
from ocrcli.synth.layouts.pens import Pens, Table, remarks, splits
from ocrcli.synth.layouts.runs import grey
from ocrcli.synth.layouts.studio import Desk
from ocrcli.synth.layouts.typeset import type_at

Section = Callable[[Desk, Column, Pens], None]
LABEL_GAP = 1.6  # line heights between a label and a value that are two lines


def _page(desk: Desk, aspect: tuple[float, float], in_grey: float) -> tuple[Column, Pens]:
    """A sheet with one column between its margins."""
    width, height = desk.size(desk.uniform(*aspect))
    margin = width * desk.uniform(0.02, 0.1)
    sheet = desk.paper(width, height, in_grey)
    return Column(sheet, margin, height * desk.uniform(0.02, 0.08), width - 2 * margin, height * 0.96), Pens(
        desk
    )


def draw_form(desk: Desk) -> Sheet:
    """A form of some sections, each in another manner."""
    column, pens = _page(desk, (0.8, 1.5), in_grey=0.9)
    _heading(desk, column, pens)
    while column.y + pens.row * 2 < column.bottom:
        desk.pick(SECTIONS)(desk, column, pens)
        column.sheet.next_block()
        column.skip(pens.row * desk.uniform(0.2, 1.2))
    _archive_number(desk, column.sheet, pens)
    return column.sheet


def draw_table(desk: Desk) -> Sheet:
    """A page that is mostly one table, with or without rules."""
    column, pens = _page(desk, (0.6, 1.4), in_grey=0.8)
    if desk.chance(0.8):
        _heading(desk, column, pens)
    while column.y + pens.row * 4 < column.bottom:
        Table(desk, column, pens).draw(desk.integer(5, 60))
        column.sheet.next_block()
        column.skip(pens.row * desk.uniform(0.5, 2))
        if desk.chance(0.5):
            remarks(desk, column, pens)
            column.skip(pens.row * 0.5)
    return column.sheet


def draw_invoice(desk: Desk) -> Sheet:
    """An invoice: letterhead, fields, items, sums to the right."""
    column, pens = _page(desk, (0.9, 1.5), in_grey=0.6)
    sheet = column.sheet
    letterhead(desk, column, Style(pens.print))
    _labelled(desk, column, pens)
    sheet.next_block()
    column.skip(pens.row)
    Table(desk, column, pens, money=True).draw(desk.integer(2, 18))
    sheet.next_block()
    for i in range(desk.integer(2, 6)):
        if column.y + pens.row > column.bottom:
            break
        type = pens.bold if i == 0 or desk.chance(0.2) else pens.print
        baseline, right = column.y + type.ascent, column.x + column.width - pens.em
        amount = desk.wording.amount()
        label_end = min(right - type.length(amount) - type.height * 2, right - pens.em * desk.uniform(10, 16))
        sheet.text(label_end, baseline, desk.wording.label(), type, align=1)
        sheet.text(right, baseline, amount, type, align=1)
        column.skip(pens.row)
    sheet.next_block()
    if column.y + pens.row * 3 < column.bottom:
        remarks(desk, column, pens)
    return sheet


def _heading(desk: Desk, column: Column, pens: Pens) -> None:
    if desk.chance(0.35):
        letterhead(desk, column, Style(pens.print))
    face = desk.sibling(pens.print.face) if desk.chance(0.6) else desk.any_face(serif=1, sans=1)
    type = type_at(face, pens.print.height * desk.uniform(1.0, 2.0))
    for _ in range(desk.integer(1, 4)):
        style = Style(type, 1.2, desk.pick(["center", "left"]), underline=float(desk.chance(0.15)))
        column.paragraph(desk.wording.title(2, 6).split(), style, desk.rng)
    column.skip(pens.row * desk.uniform(0.3, 1.2))


def _labelled(desk: Desk, column: Column, pens: Pens) -> None:
    """Labels with values behind them, one to three to a row, over rules, dots or nothing."""
    per_row = max(1, min(desk.integer(1, 4), int(column.width / (pens.em * 24))))
    each, ground = column.width / per_row, desk.pick(["rule", "dots", "none", "none"])
    aligned = pens.em * desk.uniform(9, 18) if desk.chance(0.5) else 0.0
    inline = desk.chance(0.3)
    for _ in range(desk.integer(2, 9)):
        if column.y + pens.row > column.bottom:
            return
        for i in range(per_row):
            x = column.x + i * each
            if inline and desk.chance(0.7):  # one hand, one space: one line
                text = pens.print.fit(f"{desk.wording.label()} {desk.wording.value()}", each - 2 * pens.em)
                column.sheet.text(x, column.y + pens.print.ascent, text, pens.print)
            else:
                _field(desk, column, pens, (x, each, aligned), ground)
        column.skip(pens.row)


def _field(desk: Desk, column: Column, pens: Pens, place: tuple[float, float, float], ground: str) -> None:
    """A label and its value. ``place`` is where it starts, its width, and where values begin in it."""
    (x, width, aligned), sheet = place, column.sheet
    label = pens.bold if desk.chance(0.15) else pens.print
    baseline = column.y + pens.print.ascent
    _, end = sheet.text(x, baseline, label.fit(desk.wording.label(), width * 0.6), label)
    start = max(end + pens.em * desk.pick([0.8, 1.5, 3]), x + min(aligned, width * 0.5))
    stop = x + width - pens.em
    if ground == "rule":
        sheet.rule(start, baseline + 2, stop, baseline + 2)
    elif ground == "dots":
        graphics.leader(sheet, start, stop, baseline, max(2.0, pens.em * 0.5))
        return
    if desk.chance(0.75):
        if start - end < 1.2 * pens.fill.height:  # too near to be told apart by eye: move it away
            start = end + LABEL_GAP * pens.fill.height
        text = pens.fill.fit(desk.wording.value(), stop - start)
        sheet.text(start, baseline - desk.integer(2), text, pens.fill)


def _cells(desk: Desk, column: Column, pens: Pens) -> None:
    """A grid of boxes, each with a small label in its corner and a value below it."""
    sheet = column.sheet
    label = type_at(pens.print.face, max(8.0, pens.print.height * desk.uniform(0.7, 1.0)))
    tall = label.height * 1.3 + pens.fill.height * 1.35
    for _ in range(desk.integer(1, 6)):
        if column.y + tall > column.bottom:
            return
        edges = splits(desk, column.width, pens.em * 10)
        for x0, x1 in pairwise(edges):
            left, right, y, room = column.x + x0, column.x + x1, column.y, x1 - x0 - pens.em
            sheet.box(left, y, right, y + tall, outline=sheet.ink, width=1 if desk.chance(0.85) else 2)
            text = label.fit(desk.wording.label(), room)
            sheet.text(left + pens.em * 0.4 + 1, y + 2 + label.ascent, text, label)
            if desk.chance(0.65):
                text = pens.fill.fit(desk.wording.value(), room)
                sheet.text(left + pens.em * 0.5 + 1, y + tall - pens.fill.descent - 2, text, pens.fill)
        column.skip(tall)


def _checks(desk: Desk, column: Column, pens: Pens) -> None:
    """Rows of boxes (ticked or not) with a word or two behind each."""
    sheet, size, end = column.sheet, pens.print.ascent, column.x + column.width
    round_box = desk.chance(0.2)
    for _ in range(desk.integer(1, 5)):
        if column.y + pens.row > column.bottom:
            return
        x, baseline = column.x + pens.em, column.y + pens.print.ascent
        while x + pens.em * 6 < end:
            _box(desk, sheet, x, baseline - size, size, round_box)
            x += size + pens.em * 0.7
            text = pens.print.fit(" ".join(desk.wording.words(1, 4)).capitalize(), end - x)
            _, x = sheet.text(x, baseline, text, pens.print)
            x += pens.print.height * desk.uniform(1.8, 4)
            if desk.chance(0.15):
                break
        column.skip(pens.row)


def _box(desk: Desk, sheet: Sheet, x: float, y: float, size: float, round_box: bool) -> None:
    if round_box:
        sheet.pen.ellipse((x, y, x + size, y + size), outline=sheet.tone(sheet.ink))
    else:
        sheet.box(x, y, x + size, y + size, outline=sheet.ink)
    if desk.chance(0.3):
        width = max(1, round(size / 8))
        sheet.rule(x, y, x + size, y + size, width)
        sheet.rule(x + size, y, x, y + size, width)


def _table(desk: Desk, column: Column, pens: Pens) -> None:
    Table(desk, column, pens).draw(desk.integer(2, 9))


def _banner(desk: Desk, column: Column, pens: Pens) -> None:
    """The title of a section: reversed in a bar, on grey, in a box, or underlined."""
    sheet, type = column.sheet, pens.bold
    tall = type.height * desk.uniform(1.2, 1.7)
    manner = desk.pick(["reversed", "grey", "box", "underlined"])
    text = type.fit(desk.wording.title(1, 5), column.width - 2 * pens.em)
    x1, y1 = column.x + column.width, column.y + tall
    if manner in {"reversed", "grey"}:
        fill = sheet.ink if manner == "reversed" else grey(desk.integer(170, 235))
        sheet.box(column.x, column.y, x1, y1, fill=fill)
    elif manner == "box":
        sheet.box(column.x, column.y, x1, y1, outline=sheet.ink)
    centred = desk.chance(0.3)
    sheet.text(
        column.x + (column.width / 2 if centred else pens.em),
        column.y + (tall - type.height) / 2 + type.ascent,
        text,
        type,
        align=0.5 if centred else 0.0,
        colour=sheet.paper if manner == "reversed" else None,
        underline=(0, len(text)) if manner == "underlined" else None,
    )
    column.skip(tall)


def _lines(desk: Desk, column: Column, pens: Pens) -> None:
    """Empty ruled lines to write on, some of them written on."""
    written, step = desk.chance(0.5), max(pens.row, pens.fill.height * 1.2)
    for _ in range(desk.integer(1, 7)):
        if column.y + step > column.bottom:
            return
        y = column.y + step
        column.sheet.rule(column.x, y, column.x + column.width, y)
        if written and desk.chance(0.8):
            text = pens.fill.fit(" ".join(desk.wording.sentence(4, 14)), column.width * 0.95)
            above = y - pens.fill.descent * desk.uniform(0.2, 1)
            column.sheet.text(column.x + pens.em, above, text, pens.fill, leading=step)
        column.skip(step)


def _leaders(desk: Desk, column: Column, pens: Pens) -> None:
    """Entries tied to figures by dots: tables of contents, price lists."""
    sheet, right = column.sheet, column.x + column.width
    for _ in range(desk.integer(3, 10)):
        if column.y + pens.row > column.bottom:
            return
        baseline = column.y + pens.print.ascent
        _, end = sheet.text(
            column.x, baseline, pens.print.fit(desk.wording.title(1, 6), column.width * 0.6), pens.print
        )
        start, _ = sheet.text(right, baseline, desk.wording.amount(), pens.print, align=1)
        graphics.leader(sheet, end + pens.em, start - pens.em, baseline, max(2.0, pens.em * 0.6))
        column.skip(pens.row)


def _archive_number(desk: Desk, sheet: Sheet, pens: Pens) -> None:
    """A bold number up the side or at the foot, as archives stamp it."""
    if not desk.chance(0.35):
        return
    sheet.next_block()
    digits = "".join(str(desk.integer(10)) for _ in range(desk.integer(6, 11)))
    type = type_at(desk.body_face(bold=1.0), pens.print.height * desk.uniform(1, 1.6))
    if desk.chance(0.6):
        origin = (sheet.width - type.height * desk.uniform(0.6, 1.6), sheet.height * desk.uniform(0.5, 0.9))
        sheet.text(0, 0, digits, type, turn=desk.pick([1, 3]), origin=origin)
    else:
        sheet.text(
            sheet.width * desk.uniform(0.5, 0.9), sheet.height - type.height * 0.6, digits, type, align=0.5
        )


# How often each manner comes is how often it stands here.
SECTIONS: tuple[Section, ...] = (
    _labelled, _labelled, _labelled, _cells, _cells, _checks, _table, remarks, _lines, _leaders, _banner,
)  # fmt: skip

"""Web pages: navigation, headlines, columns of text, pictures, links and buttons."""

from __future__ import annotations

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.screens import Screen
from ocrcli.synth.layouts.studio import Desk
from ocrcli.synth.layouts.typeset import type_at

COLUMN_LETTERS = 60  # letters that fit on the screen before a second column is thought of


def draw(desk: Desk) -> Sheet:
    """A page of a web site."""
    screen = Screen(desk)
    sheet, type = screen.sheet, screen.theme.type
    screen.bar(desk.integer(3, 8))
    edge = sheet.width * desk.uniform(0.03, 0.12)
    if desk.chance(0.35):
        tall = sheet.height * desk.uniform(0.12, 0.35)
        graphics.picture(sheet, desk, 0, screen.y, sheet.width, tall)
        screen.y += tall
    count = desk.integer(1, 4) if sheet.width > type.length("n") * COLUMN_LETTERS else 1
    gutter = type.height * 2
    each = (sheet.width - 2 * edge - gutter * (count - 1)) / count
    head = type_at(desk.any_face(serif=1, sans=2), type.height * desk.uniform(1.2, 2.6))
    for i in range(count):
        column = Column(sheet, edge + i * (each + gutter), screen.y + gutter * 0.5, each, sheet.height - 2)
        _articles(screen, column, Style(head, 1.2))
    return sheet


def _articles(screen: Screen, column: Column, head: Style) -> None:
    desk, type = screen.desk, screen.theme.type
    body = Style(type, desk.uniform(1.15, 1.6))
    link = Style(type, body.leading, colour=screen.tinted(), underline=float(desk.chance(0.4)))
    while column.room(body):
        roll = desk.roll()
        if roll < 0.2 and column.room(head, 2):
            column.paragraph(desk.wording.title(2, 8).split(), head, desk.rng)
        elif roll < 0.35:
            tall = column.width * desk.uniform(0.3, 0.7)
            if column.y + tall < column.bottom:
                graphics.picture(column.sheet, desk, column.x, column.y, column.width, tall)
                column.skip(tall)
        elif roll < 0.45:
            column.paragraph(desk.wording.words(2, 6), link, desk.rng)
        elif roll < 0.52:
            name = screen.entry()
            if (
                type.length(name) + 2 * type.height < column.width
                and column.y + type.height * 2 < column.bottom
            ):
                screen.button(column.x, column.y, name, main=True)
                column.sheet.next_block()
                column.skip(type.height * 1.8)
        else:
            column.paragraph(desk.wording.paragraph(desk.integer(8, 70)), body, desk.rng)
        column.skip(type.height * desk.uniform(0.3, 1.2))

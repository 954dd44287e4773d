"""Handwriting on paper, and what people add to a finished page: stamps, notes on a slant."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ocrcli.synth.layouts.canvas import Inset, Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.runs import BLACK, WHITE, Colour
from ocrcli.synth.layouts.studio import Desk
from ocrcli.synth.layouts.typeset import Type, type_at
from ocrcli.synth.layouts.view import spanned, window

STAMPS = ("POSTED", "PAID", "COPY", "RECEIVED", "APPROVED", "ORIGINAL", "DRAFT", "CONFIDENTIAL", "FILE COPY")


def draw(desk: Desk) -> Sheet:
    """A page written by hand on plain, ruled or squared paper."""
    width, height = desk.size(desk.uniform(0.6, 1.5))
    sheet = desk.paper(width, height, grey=0.3)
    sheet.ink = desk.colour(dark=1.0)
    type = type_at(desk.any_face(handwriting=1.0), desk.text_height(14, 44))
    body = Style(type, desk.uniform(1.0, 1.5), hang=type.length("n") * desk.pick([0, 0, 2]))
    margin = width * desk.uniform(0.03, 0.15)
    column = Column(sheet, margin, height * desk.uniform(0.02, 0.1), width - 1.4 * margin, height * 0.97)
    _ruling(desk, sheet, column, body)
    while column.room(body):
        manner = desk.roll()
        if manner < 0.35:
            column.paragraph([desk.pick(["-", "•", "*", "1."]), *desk.wording.words(1, 6)], body, desk.rng)
        elif manner < 0.45:
            column.paragraph(desk.wording.value().split(), body, desk.rng)
        else:
            column.paragraph(desk.wording.paragraph(desk.integer(4, 40)), body, desk.rng)
        column.skip(body.step * desk.pick([0, 0, 1]))
    return sheet


def _ruling(desk: Desk, sheet: Sheet, column: Column, body: Style) -> None:
    """Lines or squares on the paper, in the rhythm of the writing or not."""
    kind = desk.integer(3)
    if kind == 0:
        return
    tone: Colour = (170, 190, 225) if desk.chance(0.6) else (205, 205, 205)
    below = (body.step - body.type.height) / 2 + body.type.ascent + 2
    for y in np.arange(column.y + below - body.step, sheet.height, body.step if kind == 1 else body.step / 2):
        sheet.rule(0, float(y), sheet.width, float(y), 1, tone)
    if kind == 2:
        for x in np.arange(column.x % (body.step / 2), sheet.width, body.step / 2):
            sheet.rule(float(x), 0, float(x), sheet.height, 1, tone)
    elif desk.chance(0.5):
        sheet.rule(column.x - 4, 0, column.x - 4, sheet.height, 1, (230, 140, 140))


def annotate(desk: Desk, sheet: Sheet, height: float) -> None:
    """A stamp or a remark written on a slant, in a free place of the sheet; nothing where there is none."""
    stamp = desk.chance(0.5)
    face = desk.any_face(sans=2, serif=1, display=1) if stamp else desk.any_face(handwriting=1.0)
    type = type_at(face, height * desk.uniform(1.2, 3.0))
    text = desk.pick(STAMPS) if stamp and desk.chance(0.7) else desk.wording.value()
    slant = desk.normal(0, 9)
    scrap = _scrap(text, type, framed=stamp)
    lines, colour = scrap.finish(), desk.colour(dark=1.0)
    for _ in range(4):
        centre = np.array([desk.uniform(0.12, 0.9) * sheet.width, desk.uniform(0.12, 0.9) * sheet.height])
        matrix = _turned(scrap, centre, slant)
        low, high = spanned(matrix, scrap.width, scrap.height)
        if len(lines.quads) and sheet.free((*low.tolist(), *high.tolist())):
            mask = window(scrap.image, matrix, low, high)

            def stamp_it(mask: Image.Image = mask, at: np.ndarray = low) -> None:
                sheet.image.paste(sheet.tone(colour), (int(at[0]), int(at[1])), mask)

            sheet.insets.append(Inset(lines.moved(matrix), stamp_it))
            return


def _scrap(text: str, type: Type, framed: bool) -> Sheet:
    """The text in white on black, in a frame or not: a mask."""
    pad = type.height * (0.5 if framed else 0.3)
    scrap = Sheet(round(type.length(text) + 2 * pad), round(type.height + 2 * pad), BLACK, WHITE)
    if framed:
        width = max(1, round(type.height / 12))
        scrap.box(1, 1, scrap.width - 2, scrap.height - 2, outline=WHITE, width=width, radius=pad * 0.4)
    scrap.text(scrap.width / 2, pad + type.ascent, text, type, align=0.5)
    return scrap


def _turned(scrap: Sheet, centre: np.ndarray, degrees: float) -> np.ndarray:
    """The 3×3 map that lays a scrap with its middle on ``centre``, turned clockwise."""
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = centre - np.array([[cos, -sin], [sin, cos]]) @ (scrap.width / 2, scrap.height / 2)
    return np.array([[cos, -sin, x], [sin, cos, y], [0, 0, 1]])

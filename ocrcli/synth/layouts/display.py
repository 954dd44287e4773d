"""Slides, posters, covers and labels: large type on colours, gradients and photographs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.runs import Colour
from ocrcli.synth.layouts.studio import Desk, as_colour
from ocrcli.synth.layouts.typeset import type_at


def draw_slide(desk: Desk) -> Sheet:
    """A slide of a talk: title, points, a picture or a chart."""
    width, height = desk.size(desk.pick([0.5625, 0.75]))
    sheet = _ground(desk, width, height, calm=0.85)
    face = desk.body_face(serif=0.2) if desk.chance(0.8) else desk.any_face()
    title = Style(
        type_at(face, height * desk.uniform(0.055, 0.12)), 1.15, desk.pick(["left", "left", "center"])
    )
    points = Style(type_at(face, height * desk.uniform(0.032, 0.065)), desk.uniform(1.1, 1.6))
    margin = width * desk.uniform(0.03, 0.09)
    column = Column(sheet, margin, height * desk.uniform(0.03, 0.1), width - 2 * margin, height * 0.93)
    if desk.chance(0.25):
        bar = desk.colour(0.7)
        sheet.box(0, 0, width, column.y * 1.3 + title.step, fill=bar)
        title = replace(title, colour=desk.contrasting(bar))
    column.paragraph(desk.wording.title(2, 7).split(), title, desk.rng)
    column.skip(points.step * desk.uniform(0.5, 1.2))
    if desk.chance(0.4):
        side = column.width * desk.uniform(0.3, 0.5)
        x, y = column.x + column.width - side, column.y
        if desk.chance(0.4):
            graphics.chart(sheet, desk, x, y, side, height * 0.4)
        else:
            graphics.picture(sheet, desk, x, y, side, height * 0.45)
        column.width -= side + margin * 0.5
    bullet, em = desk.pick(["•", "-", "–", "", ""]), points.type.length("n")
    while column.room(points) and not desk.chance(0.08):
        deep = 2 * em if desk.chance(0.25) else 0.0
        style = replace(points, indent=deep, hang=deep + (em * 1.5 if bullet else 0))
        column.paragraph([bullet, *desk.wording.words(2, 12)], style, desk.rng)
        column.skip(points.step * desk.pick([0, 0.3]))
    small = type_at(face, max(9.0, height * 0.025))
    if desk.chance(0.5):
        sheet.text(width - margin, height - small.height, str(desk.integer(1, 60)), small, align=1)
    if desk.chance(0.3):
        sheet.text(margin, height - small.height, desk.wording.company(), small)
    return sheet


def draw_poster(desk: Desk) -> Sheet:
    """A poster, cover, advertisement or package label: a few lines of any size and face."""
    width, height = desk.size(desk.uniform(0.6, 1.6))
    sheet = _ground(desk, width, height, calm=0.55)
    margin = width * desk.uniform(0.03, 0.1)
    column = Column(sheet, margin, height * desk.uniform(0.03, 0.12), width - 2 * margin, height * 0.97)
    align = desk.pick(["left", "center", "center", "right"])
    faces = [desk.any_face(display=2, sans=2, serif=1, handwriting=0.5) for _ in range(desk.integer(1, 4))]
    least = max(9.0, 0.014 * height)
    while column.y < height * 0.9:
        face = desk.pick(faces)
        tall = desk.text_height(least, height * 0.2)
        words = desk.wording.words(1, 4) if tall > height * 0.05 else desk.wording.sentence(2, 20)
        text = " ".join(words)
        text = text.upper() if desk.chance(0.5) else text.title() if desk.chance(0.4) else text
        type = type_at(face, tall)
        widest = max(type.length(word) for word in text.split())
        if widest > column.width:  # as large as the sheet allows
            type = type_at(face, max(least, tall * column.width / widest * 0.97))
        tracking = desk.pick([0, 0, 0, 0.08, 0.2]) * type.size
        ink = _ink(desk, sheet, column.y, type.height)
        style = Style(type, desk.uniform(1.0, 1.4), align, tracking=tracking, colour=ink)
        before = len(sheet.runs)
        column.paragraph(text.split(), style, desk.rng)
        if len(sheet.runs) == before and not column.room(style):
            break
        column.skip(type.height * desk.uniform(0.1, 1.5))
        if desk.chance(0.12):
            size = height * desk.uniform(0.05, 0.2)
            if column.y + size < column.bottom:
                graphics.logo(sheet, desk, column.x + desk.roll() * (column.width - size), column.y, size)
                column.skip(size * 1.1)
    return sheet


def _ink(desk: Desk, sheet: Sheet, y: float, height: float) -> Colour:
    """A colour that stands off the ground at this height of the sheet."""
    top = int(np.clip(y, 0, sheet.height - 2))
    bottom = int(np.clip(y + height, top + 1, sheet.height))
    mean = np.asarray(sheet.image.crop((0, top, sheet.width, bottom))).mean((0, 1))
    return desk.contrasting(as_colour(mean), desk.uniform(60, 120))


def _ground(desk: Desk, width: int, height: int, calm: float) -> Sheet:
    """A coloured sheet: plain, a gradient, or a photograph toned down."""
    paper: Colour = (255, 255, 255) if desk.chance(0.3) else desk.colour()
    sheet = Sheet(width, height, paper, desk.contrasting(paper, 90), grey=False)
    if desk.chance(calm):
        if desk.chance(0.35):
            shade = Image.linear_gradient("L").resize((width, height))
            if desk.chance(0.5):
                shade = shade.transpose(Image.Transpose.ROTATE_90).resize((width, height))
            sheet.image.paste(desk.near(paper, 28), (0, 0), shade)
        return sheet
    photo = desk.photo(width, height, grey=False)
    sheet.image.paste(photo, (0, 0), Image.new("L", (width, height), desk.integer(40, 200)))
    return sheet

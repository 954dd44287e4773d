"""Slides, posters, covers and labels: large type on colours, gradients and photographs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Colour, Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.studio import Studio, chance, contrasting, pick, random_colour
from ocrcli.synth.layouts.typeset import type_at


def draw_slide(rng: np.random.Generator, studio: Studio) -> Sheet:
    """A slide of a talk: title, points, a picture or a chart."""
    width, height = studio.size(rng, float(rng.choice([0.5625, 0.75])))
    sheet = _ground(rng, studio, width, height, calm=0.85)
    face = studio.faces.body(rng, serif=0.2) if chance(rng, 0.8) else studio.faces.any(rng)
    title = Style(type_at(face, height * float(rng.uniform(0.055, 0.12))), 1.15, str(rng.choice(["left", "left", "center"])))
    points = Style(type_at(face, height * float(rng.uniform(0.032, 0.065))), float(rng.uniform(1.1, 1.6)))
    margin = width * float(rng.uniform(0.03, 0.09))
    column = Column(sheet, margin, height * float(rng.uniform(0.03, 0.1)), width - 2 * margin, height * 0.93)
    if chance(rng, 0.25):
        bar = random_colour(rng, 0.7)
        sheet.box(0, 0, width, column.y * 1.3 + title.step, fill=bar)
        title = replace(title, colour=contrasting(rng, bar))
    column.paragraph(studio.wording.title(rng, 2, 7).split(), title, rng)
    column.skip(points.step * float(rng.uniform(0.5, 1.2)))
    if chance(rng, 0.4):
        side = column.width * float(rng.uniform(0.3, 0.5))
        x, y = column.x + column.width - side, column.y
        if chance(rng, 0.4):
            graphics.chart(sheet, rng, x, y, side, height * 0.4)
        else:
            graphics.picture(sheet, rng, studio, x, y, side, height * 0.45)
        column.width -= side + margin * 0.5
    bullet, em = str(pick(rng, ["•", "-", "–", "", ""])), points.type.length("n")
    while column.room(points) and not chance(rng, 0.08):
        deep = 2 * em if chance(rng, 0.25) else 0.0
        style = replace(points, indent=deep, hang=deep + (em * 1.5 if bullet else 0))
        column.paragraph([bullet, *studio.wording.words(rng, int(rng.integers(2, 12)))], style, rng)
        column.skip(points.step * float(rng.choice([0, 0.3])))
    small = type_at(face, max(9.0, height * 0.025))
    if chance(rng, 0.5):
        sheet.text(width - margin, height - small.height, str(rng.integers(1, 60)), small, align=1)
    if chance(rng, 0.3):
        sheet.text(margin, height - small.height, studio.wording.company(rng), small)
    return sheet


def draw_poster(rng: np.random.Generator, studio: Studio) -> Sheet:
    """A poster, cover, advertisement or package label: a few lines of any size and face."""
    width, height = studio.size(rng, float(rng.uniform(0.6, 1.6)))
    sheet = _ground(rng, studio, width, height, calm=0.55)
    margin = width * float(rng.uniform(0.03, 0.1))
    column = Column(sheet, margin, height * float(rng.uniform(0.03, 0.12)), width - 2 * margin, height * 0.97)
    align = str(rng.choice(["left", "center", "center", "right"]))
    faces = [studio.faces.any(rng, display=2, sans=2, serif=1, handwriting=0.5) for _ in range(int(rng.integers(1, 4)))]
    least = max(9.0, 0.014 * height)
    while column.y < height * 0.9:
        face = faces[int(rng.integers(len(faces)))]
        tall = float(np.exp(rng.uniform(np.log(least), np.log(height * 0.2))))
        words = studio.wording.words(rng, int(rng.integers(1, 4))) if tall > height * 0.05 else studio.wording.sentence(rng, 2, 20)
        text = " ".join(words)
        text = text.upper() if chance(rng, 0.5) else text.title() if chance(rng, 0.4) else text
        type = type_at(face, tall)
        widest = max(type.length(word) for word in text.split())
        if widest > column.width:  # as large as the sheet allows
            type = type_at(face, max(least, tall * column.width / widest * 0.97))
        tracking = float(rng.choice([0, 0, 0, 0.08, 0.2])) * type.size
        style = Style(type, float(rng.uniform(1.0, 1.4)), align, tracking=tracking, colour=_ink(rng, sheet, column.y, type.height))
        before = len(sheet.runs)
        column.paragraph(text.split(), style, rng)
        if len(sheet.runs) == before and not column.room(style):
            break
        column.skip(type.height * float(rng.uniform(0.1, 1.5)))
        if chance(rng, 0.12):
            size = height * float(rng.uniform(0.05, 0.2))
            if column.y + size < column.bottom:
                graphics.logo(sheet, rng, column.x + float(rng.random()) * (column.width - size), column.y, size)
                column.skip(size * 1.1)
    return sheet


def _ink(rng: np.random.Generator, sheet: Sheet, y: float, height: float) -> Colour:
    """A colour that stands off the ground at this height of the sheet."""
    top = int(np.clip(y, 0, sheet.height - 2))
    bottom = int(np.clip(y + height, top + 1, sheet.height))
    level = sheet.image.crop((0, top, sheet.width, bottom)).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return contrasting(rng, level, float(rng.uniform(60, 120)))  # type: ignore[arg-type]


def _ground(rng: np.random.Generator, studio: Studio, width: int, height: int, calm: float) -> Sheet:
    """A coloured sheet: plain, a gradient, or a photograph toned down."""
    paper: Colour = (255, 255, 255) if chance(rng, 0.3) else random_colour(rng)
    sheet = Sheet(width, height, paper, contrasting(rng, paper, 90), grey=False)
    if chance(rng, calm):
        if chance(rng, 0.35):
            shade = Image.linear_gradient("L").resize((width, height))
            if chance(rng, 0.5):
                shade = shade.transpose(Image.Transpose.ROTATE_90).resize((width, height))
            near = np.clip(np.array(paper) + rng.normal(0, 28, 3), 0, 255).astype(int).tolist()
            sheet.image.paste(tuple(near), (0, 0), shade)
        return sheet
    photo = studio.photo(rng, width, height, grey=False)
    sheet.image.paste(photo, (0, 0), Image.new("L", (width, height), int(rng.integers(40, 200))))
    return sheet

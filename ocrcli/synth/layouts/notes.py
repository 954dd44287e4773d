"""Handwriting on paper, and what people add to a finished page: stamps, notes on a slant."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ocrcli.synth.layouts.canvas import Colour, Inset, Lines, Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.studio import Studio, chance, paper_sheet, pick, random_colour
from ocrcli.synth.layouts.typeset import Type, type_at
from ocrcli.synth.layouts.view import apply

STAMPS = ["POSTED", "PAID", "COPY", "RECEIVED", "APPROVED", "ORIGINAL", "DRAFT", "CONFIDENTIAL", "VOID", "FILE COPY", "URGENT"]


def draw(rng: np.random.Generator, studio: Studio) -> Sheet:
    """A page written by hand on plain, ruled or squared paper."""
    width, height = studio.size(rng, float(rng.uniform(0.6, 1.5)))
    sheet = paper_sheet(rng, width, height, grey=0.3)
    sheet.ink = random_colour(rng, dark=1.0)
    type = type_at(studio.faces.any(rng, handwriting=1.0), studio.text_height(rng, 14, 44))
    body = Style(type, float(rng.uniform(1.0, 1.5)), hang=type.length("n") * float(rng.choice([0, 0, 2])))
    margin = width * float(rng.uniform(0.03, 0.15))
    column = Column(sheet, margin, height * float(rng.uniform(0.02, 0.1)), width - 1.4 * margin, height * 0.97)
    _ruling(rng, sheet, column, body)
    while column.room(body):
        manner = rng.random()
        if manner < 0.35:
            column.paragraph([str(pick(rng, ["-", "•", "*", "1."])), *studio.wording.words(rng, int(rng.integers(1, 6)))], body, rng)
        elif manner < 0.45:
            column.paragraph(studio.wording.value(rng).split(), body, rng)
        else:
            column.paragraph(studio.wording.paragraph(rng, int(rng.integers(4, 40))), body, rng)
        column.skip(body.step * float(rng.choice([0, 0, 1])))
    return sheet


def _ruling(rng: np.random.Generator, sheet: Sheet, column: Column, body: Style) -> None:
    """Lines or squares on the paper, in the rhythm of the writing or not."""
    kind = int(rng.integers(3))
    if kind == 0:
        return
    tone: Colour = (170, 190, 225) if chance(rng, 0.6) else (205, 205, 205)
    below = (body.step - body.type.height) / 2 + body.type.ascent + 2
    for y in np.arange(column.y + below - body.step, sheet.height, body.step if kind == 1 else body.step / 2):
        sheet.rule(0, float(y), sheet.width, float(y), 1, tone)
    if kind == 2:
        for x in np.arange(column.x % (body.step / 2), sheet.width, body.step / 2):
            sheet.rule(float(x), 0, float(x), sheet.height, 1, tone)
    elif chance(rng, 0.5):
        sheet.rule(column.x - 4, 0, column.x - 4, sheet.height, 1, (230, 140, 140))


def annotate(rng: np.random.Generator, studio: Studio, sheet: Sheet, height: float) -> None:
    """A stamp or a handwritten remark in a free place of the sheet, on a slant; nothing where there is no room."""
    stamp = chance(rng, 0.5)
    face = studio.faces.any(rng, sans=2, serif=1, display=1) if stamp else studio.faces.any(rng, handwriting=1.0)
    type = type_at(face, height * float(rng.uniform(1.2, 3.0)))
    text = str(pick(rng, STAMPS)) if stamp and chance(rng, 0.7) else studio.wording.value(rng)
    slant = float(rng.normal(0, 9))
    for _ in range(4):
        at = rng.uniform(0.12, 0.9, 2) * (sheet.width, sheet.height)
        if _slanted(sheet, text, type, at, slant, random_colour(rng, dark=1.0), framed=stamp):
            return


def _slanted(
    sheet: Sheet, text: str, type: Type, centre: np.ndarray, degrees: float, colour: Colour, framed: bool
) -> bool:
    pad = type.height * (0.5 if framed else 0.3)
    width, height = type.length(text) + 2 * pad, type.height + 2 * pad
    scrap = Sheet(round(width), round(height), (0, 0, 0), (255, 255, 255))
    if framed:
        scrap.box(1, 1, scrap.width - 2, scrap.height - 2, outline=(255, 255, 255), width=max(1, round(type.height / 12)), radius=pad * 0.4)
    scrap.text(width / 2, pad + type.ascent, text, type, align=0.5)
    lines = scrap.finish()
    if not len(lines.quads):
        return False
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    shift = centre - np.array([cos * width - sin * height, sin * width + cos * height]) / 2
    matrix = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]], [0, 0, 1]])
    outline = apply(matrix, np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64))
    low, high = np.floor(outline.min(0)), np.ceil(outline.max(0))
    if not sheet.free((*low, *high)):
        return False
    move = np.array([[1, 0, low[0]], [0, 1, low[1]], [0, 0, 1]])
    inverse = np.linalg.inv(matrix) @ move
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    coefficients = (inverse / inverse[2, 2]).ravel()[:8].tolist()
    mask = scrap.image.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)

    def stamp() -> None:
        sheet.image.paste(sheet.tone(colour), (int(low[0]), int(low[1])), mask)

    placed = Lines(apply(matrix, lines.quads), apply(matrix, lines.word_quads), lines.word_lines, lines.words, lines.blocks)
    sheet.insets.append(Inset(placed, stamp))
    return True

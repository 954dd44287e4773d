"""Signs of a scene: boards with a ground of their own, and letters straight on the wall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.runs import BLACK, WHITE, Colour, Lines
from ocrcli.synth.layouts.studio import Desk, as_colour
from ocrcli.synth.layouts.typeset import Type, type_at

FACES = {"sans": 0.42, "serif": 0.2, "display": 0.26, "handwriting": 0.06, "mono": 0.06}
TYPICAL, SPREAD = 32.0, 0.9  # line height on a megapixel: median in pixels and deviation of its logarithm

TRACKING = (0, 0, 0, 0, 0.06, 0.15, 0.35)  # line heights between letters; names of shops are set wide


@dataclass
class Sign:
    """A flat drawing with its lines. ``opacity`` 0: the drawing is a mask to be painted through."""

    sheet: Sheet
    lines: Lines
    smallest: float  # lowest line height in pixels
    opacity: int = 0


def _height(desk: Desk, scale: float) -> float:
    """Line height: mostly small, as text that happens to be in a picture is."""
    return float(np.clip(np.exp(desk.normal(np.log(TYPICAL), SPREAD)) * scale, 9, 260))


def _text(desk: Desk, longest: int) -> str:
    roll = desk.roll()
    if roll < 0.5:
        return desk.wording.scene() or "OPEN"
    if roll < 0.62:
        return desk.wording.value()
    text = " ".join(desk.wording.words(1, longest + 1))
    return text.upper() if desk.chance(0.5) else text.title() if desk.chance(0.6) else text


def board(desk: Desk, scale: float) -> Sign | None:
    """A sign, poster or label; None when it came out larger than any picture."""
    count = desk.pick([1, 1, 2, 3, 5, 8])
    height, face = _height(desk, scale) * (0.75 if count > 2 else 1.0), desk.any_face(**FACES)
    lines = []
    for _ in range(count):
        face = desk.any_face(**FACES) if desk.chance(0.2) else face
        size = height * (desk.uniform(0.6, 1.6) if desk.chance(0.4) else 1.0)
        lines.append((_text(desk, 5 if count > 1 else 2), type_at(face, max(9.0, size))))
    leading, edge = desk.uniform(1.05, 1.6), desk.uniform(0.3, 1.5) * lines[0][1].height
    widest = max(type.length(text) for text, type in lines)
    tall = sum(type.height for _, type in lines) * leading
    if widest > 4000 or tall > 4000:
        return None
    ground = paint(desk)
    ink = desk.contrasting(ground, desk.uniform(40, 110))
    tracking = desk.pick(TRACKING) * lines[0][1].height if count == 1 else 0.0
    widest += tracking * max(len(text) for text, _ in lines)
    sheet = Sheet(
        round(widest + 2 * edge), round(tall + 2 * edge * desk.uniform(0.5, 1)), ground, ink, grey=False
    )
    _dress(desk, sheet)
    align, y = desk.pick([0.0, 0.5, 0.5, 0.5, 1.0]), (sheet.height - tall) / 2
    for text, type in lines:
        step = type.height * leading
        baseline = y + (step - type.height) / 2 + type.ascent
        sheet.text(
            edge + align * widest,
            baseline,
            text,
            type,
            align=align,
            leading=step,
            tracking=tracking,
            **_finery(desk, type, ground),
        )
        y += step
    smallest = min(type.height for _, type in lines)
    return Sign(sheet, sheet.finish(), smallest, 255 if desk.chance(0.85) else desk.integer(150, 255))


def paint(desk: Desk) -> Colour:
    """The ground of a sign: any colour, though white, black and pure colours are what most have."""
    roll = desk.roll()
    if roll < 0.2:
        return desk.near(WHITE, 14)
    if roll < 0.35:
        return desk.near(BLACK, 20)
    if roll < 0.6:  # pure: one or two of red, green and blue
        level = desk.uniform(90, 230)
        return as_colour(level * (desk.rng.random(3) < 0.45) + desk.rng.uniform(0, 60, 3))
    return desk.colour()


def _finery(desk: Desk, type: Type, ground: Colour) -> dict[str, Any]:
    """An outline or a drop shadow, now and then, on type large enough to show it."""
    roll = desk.roll()
    if roll < 0.08 and type.height > 20:
        return {"outline": (max(1, round(type.height / 25)), desk.contrasting(ground, 40))}
    return {"effect": desk.colour()} if roll < 0.18 and type.height > 16 else {}


def _dress(desk: Desk, sheet: Sheet) -> None:
    """Gradient, picture or frame on the ground of a board."""
    size, roll = sheet.image.size, desk.roll()
    if roll < 0.2:
        shade = Image.linear_gradient("L").resize(size)
        if desk.chance(0.5):
            shade = shade.transpose(Image.Transpose.ROTATE_180)
        sheet.image.paste(desk.near(sheet.paper), (0, 0), shade)
    elif roll < 0.3:
        sheet.image.paste(desk.photo(*size), (0, 0), Image.new("L", size, desk.integer(20, 90)))
    if desk.chance(0.3):
        inset, thick = (
            desk.uniform(0, 0.06) * sheet.height,
            max(1, int(desk.uniform(0.01, 0.05) * sheet.height)),
        )
        right, bottom = sheet.width - 1 - inset, sheet.height - 1 - inset
        sheet.box(inset, inset, right, bottom, outline=sheet.ink, width=thick)


def lettering(desk: Desk, scale: float) -> Sign | None:
    """Letters without a ground, as a mask; None when they came out larger than any picture."""
    text = _text(desk, 5 if desk.chance(0.3) else 2)
    type = type_at(desk.any_face(**FACES), _height(desk, scale) * 1.2)
    tracking = desk.pick(TRACKING) * type.height
    width = type.length(text) + tracking * len(text) + type.height
    if width > 4000:
        return None
    sheet = Sheet(round(width), round(type.height * 1.6), BLACK, WHITE)
    baseline = (sheet.height - type.height) / 2 + type.ascent
    sheet.text(width / 2, baseline, text, type, align=0.5, tracking=tracking)
    return Sign(sheet, sheet.finish(), type.height)


def coats(desk: Desk, sign: Sign, wall: np.ndarray) -> list[tuple[Image.Image, Colour]]:
    """Masks and colours to paint lettering with, first to last; ``wall`` is the mean colour behind it."""
    mask, ink = sign.sheet.image, desk.contrasting(as_colour(wall), desk.uniform(45, 130))
    roll = desk.roll()
    if roll < 0.25:  # a rim lifts it off the wall
        rim = mask.filter(ImageFilter.MaxFilter(3 if sign.smallest < 40 else 5))
        return [(rim, desk.contrasting(ink, 60)), (mask, ink)]
    if roll < 0.4:  # a shadow does
        reach = max(1, round(sign.smallest * 0.05))
        shadow = Image.new("L", mask.size, 0)
        shadow.paste(mask, (reach, reach))
        return [(shadow, BLACK), (mask, ink)]
    if roll < 0.5 and sign.smallest > 14:  # lit letters
        lit = as_colour(255 - desk.rng.uniform(0, 110, 3) * (desk.rng.random(3) < 0.5))
        glow = mask.filter(ImageFilter.GaussianBlur(sign.smallest * 0.12))
        return [
            (glow.point([min(255, round(v * 1.6)) for v in range(256)]), as_colour(np.array(lit) * 0.6)),
            (mask, lit),
        ]
    return [(mask, ink)]


def emblem(desk: Desk, image: Image.Image, at: tuple[float, float], size: float) -> None:
    """A logo painted on the picture."""
    graphics.logo(Sheet(image.width, image.height, grey=False, base=image), desk, *at, size)

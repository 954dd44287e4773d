"""Things on a page that are not text: logos, pictures, bar codes, stamps, scribbles, charts."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.studio import Desk


def scribble(sheet: Sheet, desk: Desk, x: float, y: float, width: float, height: float) -> None:
    """A signature-like stroke: no letters in it."""
    count = desk.integer(6, 16)
    t = np.linspace(0, 1, count * 8)
    phase, turns = desk.rng.uniform(0, 6.28, 3), desk.rng.uniform(2, count / 1.5, 3)
    xs = x + width * (t + 0.10 * np.sin(phase[0] + turns[0] * 6.28 * t))
    swing = 0.35 * np.sin(phase[1] + turns[1] * 6.28 * t) * (1 - 0.6 * t) + 0.12 * np.sin(turns[2] * 6 * t)
    ys = y + height * (0.5 + swing)
    points = np.stack([xs, ys], 1).ravel().tolist()
    sheet.pen.line(points, sheet.tone(desk.colour(dark=1.0)), max(1, round(height / 22)), joint="curve")


def logo(sheet: Sheet, desk: Desk, x: float, y: float, size: float) -> None:
    """An emblem of two or three simple shapes."""
    for shrink in np.linspace(1, 0.4, desk.integer(2, 4)):
        r, cx, cy = size * shrink / 2, x + size / 2, y + size / 2
        tone = sheet.tone(desk.colour(dark=0.6))
        kind = desk.integer(4)
        if kind == 0:
            sheet.pen.ellipse((cx - r, cy - r, cx + r, cy + r), tone)
        elif kind == 1:
            circle = (cx, cy, max(r, 1))
            sheet.pen.regular_polygon(circle, desk.integer(3, 9), rotation=desk.uniform(0, 90), fill=tone)
        elif kind == 2:
            around = (cx - r, cy - r, cx + r, cy + r)
            sheet.pen.pieslice(around, desk.uniform(0, 180), desk.uniform(181, 360), tone)
        else:
            edge = max(1, round(r / 5))
            sheet.box(cx - r, cy - r * 0.6, cx + r, cy + r * 0.6, outline=desk.colour(0.8), width=edge)


def barcode(sheet: Sheet, desk: Desk, x: float, y: float, width: float, height: float) -> None:
    """Bars, or a square of modules."""
    module = max(1, round(width / 90))
    if desk.chance(0.3):
        side = int(min(width, height) // max(1, module)) or 1
        cells = (desk.rng.random((min(side, 41), min(side, 41))) < 0.5).astype(np.uint8) * 255
        shown = max(1, int(min(width, height)))
        code = Image.fromarray(cells).resize((shown, shown), Image.Resampling.NEAREST)
        sheet.image.paste(sheet.tone(sheet.ink), (int(x), int(y)), code)
        return
    at = x
    while at < x + width:
        bar = module * desk.integer(1, 4)
        sheet.box(at, y, at + bar, y + height, fill=sheet.ink)
        at += bar + module * desk.integer(1, 4)


def picture(sheet: Sheet, desk: Desk, x: float, y: float, width: float, height: float) -> None:
    """A photograph, now and then as a coarse screen of dots."""
    w, h = int(width), int(height)
    if w < 8 or h < 8:
        return
    image = desk.photo(w, h, sheet.grey)
    if desk.chance(0.25):
        image = image.convert("L").convert("1").convert(sheet.image.mode)  # error-diffused dots
    sheet.image.paste(image, (int(x), int(y)))


def chart(sheet: Sheet, desk: Desk, x: float, y: float, width: float, height: float) -> None:
    """Axes with bars or curves, without figures."""
    sheet.rule(x, y, x, y + height)
    sheet.rule(x, y + height, x + width, y + height)
    count = desk.integer(4, 14)
    values = desk.rng.uniform(0.05, 1, count)
    if desk.chance(0.5):
        for i, value in enumerate(values):
            left = x + width * (i + 0.15) / count
            sheet.box(
                left, y + height * (1 - value), left + width * 0.7 / count, y + height, fill=desk.colour()
            )
        return
    points = [(x + width * (i + 0.5) / count, y + height * (1 - value)) for i, value in enumerate(values)]
    sheet.pen.line(points, sheet.tone(sheet.ink), max(1, round(height / 80)))
    if desk.chance(0.5):
        for px, py in points:
            sheet.pen.ellipse((px - 2, py - 2, px + 2, py + 2), sheet.tone(sheet.ink))


def leader(sheet: Sheet, x0: float, x1: float, y: float, step: float) -> None:
    """A dotted line, as between a title and its page number."""
    size = max(1.0, step / 4)
    at = x0
    while at < x1:
        sheet.pen.rectangle((at, y - size, at + max(size - 1, 0), y - min(size, 1)), sheet.tone(sheet.ink))
        at += step


def dashes(sheet: Sheet, x0: float, x1: float, y: float, step: float, width: int = 1) -> None:
    """A dashed rule."""
    at = x0
    while at < x1:
        sheet.rule(at, y, min(at + step * 0.6, x1), y, width)
        at += step

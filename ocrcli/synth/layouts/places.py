"""Where scenes happen: photographs, rooms made of planes, and clutter that is busy like text but none."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ocrcli.synth.layouts.studio import Desk


def ground(desk: Desk, width: int, height: int) -> Image.Image:
    """A picture RGB to put signs up in."""
    roll = desk.roll()
    if roll < 0.5:
        image = desk.photo(width, height, grey=False)
        if desk.chance(0.5):
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    else:
        image = _room(desk, width, height)
        if roll < 0.7:  # with the grain of a photograph
            image = Image.blend(image, desk.photo(width, height, grey=False), desk.uniform(0.1, 0.5))
    if desk.chance(0.4):  # indoor pictures are dull, or much too bright
        gain, lift = desk.rng.uniform(0.5, 1.1), desk.rng.uniform(-20, 70)
        image = image.point([int(np.clip(v * gain + lift, 0, 255)) for v in range(256)] * 3)
    return image


def _room(desk: Desk, width: int, height: int) -> Image.Image:
    """Walls, floor and ceiling that run to one vanishing point, with pillars, shop windows and lamps.

    Drawn at half size: planes have no detail, and the edges come out as soft as a lens makes them.
    """
    w, h = max(32, width // 2), max(32, height // 2)
    muted = desk.rng.uniform(0.2, 0.9)

    def colour() -> tuple[int, int, int]:
        tone = np.array(desk.colour(), dtype=float)
        red, green, blue = (int(v) for v in tone.mean() * muted + tone * (1 - muted))
        return red, green, blue

    image = Image.new("RGB", (w, h), colour())
    pen = ImageDraw.Draw(image)
    vx, vy = desk.rng.uniform(-0.2, 1.2) * w, desk.rng.uniform(0.25, 0.65) * h
    far = (
        [(-w, 2 * h), (2 * w, 2 * h)],
        [(-w, -h), (2 * w, -h)],
        [(-w, -h), (-w, 2 * h)],
        [(2 * w, -h), (2 * w, 2 * h)],
    )
    for (ax, ay), (bx, by) in far:
        pen.polygon([(vx, vy), (ax, ay), (bx, by)], colour())
    x0, x1 = sorted(vx + desk.rng.uniform(-0.4, 0.4, 2) * w)
    y0, y1 = vy - desk.rng.uniform(0.05, 0.3) * h, vy + desk.rng.uniform(0.05, 0.3) * h
    pen.rectangle((x0, y0, x1, y1), colour())  # the end of the room
    for _ in range(desk.integer(2, 14)):  # shop windows and doors along the walls
        a, b = np.sort(desk.rng.uniform(0.0, 1.6, 2))
        side = -1 if desk.chance(0.5) else 1
        top, foot = desk.rng.uniform(-0.9, 0.2), desk.rng.uniform(0.3, 1.0)
        near = np.array([vx + side * b * w, vy]), np.array([vx + side * a * w, vy])
        corners = [
            (x, vy + t * (abs(x - vx) / w) * h * 0.8)
            for (x, _), t in ((near[0], top), (near[1], top), (near[1], foot), (near[0], foot))
        ]
        pen.polygon(corners, colour(), colour() if desk.chance(0.5) else None)
    if desk.chance(0.5):  # tiles of the floor
        for t in np.linspace(-2, 3, desk.integer(8, 30)):
            pen.line((vx, vy + 0.1 * h, t * w, h), colour(), 1)
    for _ in range(desk.integer(0, 4)):  # pillars
        x, wide = desk.rng.uniform(0, 1) * w, desk.rng.uniform(0.02, 0.14) * w
        pen.rectangle((x, 0, x + wide, h), colour())
    for _ in range(desk.integer(0, 25)):  # lamps
        x, y, r = desk.rng.uniform(0, w), desk.rng.uniform(0, 0.5) * h, desk.rng.uniform(1, 5)
        pen.ellipse((x - r, y - r * 0.6, x + r, y + r * 0.6), (255, 255, 240))
    if desk.chance(0.5):
        image = image.filter(ImageFilter.GaussianBlur(desk.uniform(0.5, 2.0)))
    light = desk.rng.uniform(120, 255, (3, 4)).astype(np.uint8)
    shade = Image.fromarray(light).resize((w, h), Image.Resampling.BICUBIC)
    image = Image.composite(image, image.point([v // 2 for v in range(256)] * 3), shade)
    return image.resize((width, height), Image.Resampling.BICUBIC)


def wires(desk: Desk, image: Image.Image) -> None:
    """A few thin things before everything else: wires, branches, a pole."""
    pen, (width, height) = ImageDraw.Draw(image), image.size
    for _ in range(desk.integer(1, 4)):
        ends = desk.rng.uniform(-0.1, 1.1, 4) * (width, height, width, height)
        pen.line(ends.tolist(), desk.colour(), desk.integer(1, 4))


def clutter(desk: Desk, image: Image.Image) -> None:
    """Windows, railings, tiles, lamps, poles, leaves."""
    pen, (width, height) = ImageDraw.Draw(image), image.size
    kinds = (_windows, _rails, _blinds, _dots, _door, _leaves, _shape, _shelf)
    for _ in range(desk.integer(0, 6)):
        x, y = desk.rng.uniform(-0.1, 0.9) * width, desk.rng.uniform(-0.1, 0.9) * height
        w, h = desk.rng.uniform(0.05, 0.5) * width, desk.rng.uniform(0.05, 0.5) * height
        kinds[desk.integer(len(kinds))](desk, pen, x, y, w, h)


def _windows(desk: Desk, pen: ImageDraw.ImageDraw, x: float, y: float, w: float, h: float) -> None:
    dx, dy, tone = (
        max(6.0, w / desk.rng.integers(3, 12)),
        max(6.0, h / desk.rng.integers(2, 9)),
        desk.colour(),
    )
    for wx in np.arange(x, x + w, dx):
        for wy in np.arange(y, y + h, dy):
            pen.rectangle((wx, wy, wx + dx * 0.7, wy + dy * 0.7), tone)


def _rails(desk: Desk, pen: ImageDraw.ImageDraw, x: float, y: float, w: float, h: float) -> None:
    lean, tone, thick = desk.rng.uniform(-0.3, 0.3), desk.colour(), desk.integer(1, 5)
    for at in np.arange(0, w, desk.rng.uniform(5, 24)):
        pen.line((x + at, y, x + at + lean * h, y + h), tone, thick)


def _blinds(desk: Desk, pen: ImageDraw.ImageDraw, x: float, y: float, w: float, h: float) -> None:
    tone, thick = desk.colour(), desk.integer(1, 5)
    for at in np.arange(0, h, desk.rng.uniform(5, 24)):
        pen.line((x, y + at, x + w, y + at), tone, thick)


def _dots(desk: Desk, pen: ImageDraw.ImageDraw, x: float, y: float, w: float, h: float) -> None:
    tone = desk.colour()
    for _ in range(desk.integer(3, 40)):
        cx, cy, r = x + desk.roll() * w, y + desk.roll() * h, desk.rng.uniform(1, 9)
        pen.ellipse((cx - r, cy - r, cx + r, cy + r), tone)


def _door(desk: Desk, pen: ImageDraw.ImageDraw, x: float, y: float, w: float, h: float) -> None:
    pen.rectangle((x, y, x + w, y + h), desk.colour(), desk.colour(), desk.integer(1, 5))


def _leaves(desk: Desk, pen: ImageDraw.ImageDraw, x: float, y: float, w: float, h: float) -> None:
    for cx, cy in desk.rng.normal(0, 0.25, (desk.integer(20, 90), 2)) * (w, h) + (x + w / 2, y + h / 2):
        r = desk.rng.uniform(2, 8)
        pen.ellipse((cx - r, cy - r * 0.4, cx + r, cy + r * 0.4), desk.colour())


def _shape(desk: Desk, pen: ImageDraw.ImageDraw, x: float, y: float, w: float, h: float) -> None:
    points = desk.rng.uniform(0, 1, (desk.integer(3, 7), 2)) * (w, h) + (x, y)
    pen.polygon(points.ravel().tolist(), desk.colour())


def _shelf(desk: Desk, pen: ImageDraw.ImageDraw, x: float, y: float, w: float, h: float) -> None:
    """Rows of bottles, books or boxes: as regular as a line of text."""
    rows = desk.integer(1, 5)
    for row in range(rows):
        top, foot = y + h * row / rows, y + h * (row + 0.85) / rows
        at = x
        while at < x + w:
            wide = desk.rng.uniform(0.15, 0.7) * (foot - top)
            high = desk.rng.uniform(0.5, 1.0) * (foot - top)
            pen.rectangle((at, foot - high, at + wide * 0.85, foot), desk.colour())
            at += max(wide, 2.0)
        pen.line((x, foot, x + w, foot), desk.colour(), 2)

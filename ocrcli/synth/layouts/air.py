"""What comes between a sign and the camera: light, glass, things in front, and the lens.

Large letters stay legible behind much more of it than small ones: all of it goes by their height.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ocrcli.synth import degrade
from ocrcli.synth.layouts.studio import Desk

LARGE = 26.0  # pixels of line height from which something in front, or a lost focus, leaves letters legible
DEFOCUS = 0.07  # standard deviation of a blur over line height, at most
SHAKE = 0.2  # way of the camera over line height, at most


def between(desk: Desk, image: Image.Image, low: np.ndarray, high: np.ndarray, height: float) -> None:
    """Change what lies between the corners ``low`` and ``high`` of a picture RGB, in place.

    ``height`` is that of the lowest line there, in pixels.
    """
    edge = round(height / 2)
    size = np.array(image.size)
    x0, y0 = (int(v) for v in np.clip(low - edge, 0, size))
    x1, y1 = (int(v) for v in np.clip(high + edge, 0, size))
    if x1 - x0 < 8 or y1 - y0 < 8:
        return
    before = image.crop((x0, y0, x1, y1))
    seen = before
    if desk.chance(0.3):
        seen = _lit(desk, seen)
    if desk.chance(0.12):
        glass = desk.photo(*seen.size) if desk.chance(0.6) else Image.new("RGB", seen.size, desk.colour())
        seen = Image.blend(seen, glass, desk.uniform(0.1, 0.4))
    if height >= LARGE and desk.chance(0.3):
        seen = _behind_things(desk, seen, height)
    if height >= LARGE and desk.chance(0.4):
        seen = _unfocused(desk, seen, height)
    if seen is not before:
        image.paste(seen, (x0, y0), _soft_edged(seen.size, edge))


def _lit(desk: Desk, image: Image.Image) -> Image.Image:
    """Brighter or darker towards one side, or about a spot."""
    light = Image.radial_gradient("L") if desk.chance(0.4) else Image.linear_gradient("L")
    light = light.rotate(desk.pick([0, 90, 180, 270])).resize(image.size)
    most = desk.uniform(0.15, 0.6)
    tone = (255, 255, 255) if desk.chance(0.5) else (0, 0, 0)
    lit = image.copy()
    lit.paste(tone, (0, 0), light.point([round(v * most) for v in range(256)]))
    return lit


def _behind_things(desk: Desk, image: Image.Image, height: float) -> Image.Image:
    """Poles, wires, streaks of light, heads: narrower than the letters are high."""
    image = image.copy()
    pen, (wide, tall) = ImageDraw.Draw(image), image.size
    for _ in range(desk.integer(1, 4)):
        thick = max(1, round(height * desk.uniform(0.02, 0.25)))
        if desk.chance(0.7):
            ends = desk.rng.uniform(-0.2, 1.2, 4) * (wide, tall, wide, tall)
            pen.line(ends.tolist(), desk.colour(), thick)
        else:
            x, y = desk.roll() * wide, desk.roll() * tall
            pen.ellipse((x - thick, y - thick, x + thick, y + 2 * thick), desk.colour())
    return image


def _unfocused(desk: Desk, image: Image.Image, height: float) -> Image.Image:
    """Out of focus, or blurred along the way that the camera took."""
    if desk.chance(0.6):
        return image.filter(ImageFilter.GaussianBlur(height * desk.uniform(0.02, DEFOCUS)))
    way, angle = height * desk.uniform(0.05, SHAKE), desk.uniform(0, np.pi)
    moved = degrade.shaken(np.asarray(image, np.float32), way, angle)
    return Image.fromarray(moved.astype(np.uint8))


def _soft_edged(size: tuple[int, int], edge: int) -> Image.Image:
    """White, and towards the sides black."""
    mask = Image.new("L", size, 0)
    inset = max(1, edge // 2)
    mask.paste(255, (inset, inset, max(inset + 1, size[0] - inset), max(inset + 1, size[1] - inset)))
    return mask.filter(ImageFilter.GaussianBlur(inset / 2))

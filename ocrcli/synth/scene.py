"""The look of signs and things photographed: paint, effects, cameras."""

from __future__ import annotations

import numpy as np

from ocrcli.synth import degrade
from ocrcli.synth.backgrounds import Backgrounds, smooth_field
from ocrcli.synth.compose import deviation, paint, shifted, thicken
from ocrcli.synth.geometry import View
from ocrcli.synth.paper import add_rules
from ocrcli.synth.tokens import pick

MOST_NOISE = 0.35  # of the contrast; beyond it letters drown


def scene_view(rng: np.random.Generator, whole_line: bool) -> View:
    """Mostly nearly frontal, one in three seen from well aside, one in five climbing or falling."""
    roll = rng.random()
    if roll < 0.2 and not whole_line:
        return View(
            rotation=float(rng.uniform(8, 38) * pick((-1, 1), rng)),
            shear=float(rng.normal(0, 0.15)),
            perspective=(float(rng.normal(0, 0.2)), float(rng.normal(0, 0.1))),
        )
    strong = roll < 0.5
    return View(
        rotation=float(rng.normal(0, 6 if strong else 1.5)) * (0.3 if whole_line else 1.0),
        shear=float(rng.normal(0, 0.25 if strong else 0.07)),
        perspective=(float(rng.normal(0, 0.22 if strong else 0.05)), float(rng.normal(0, 0.1))),
    )


def scene_image(rng: np.random.Generator, mask: np.ndarray, backgrounds: Backgrounds) -> np.ndarray:
    """Text in any colours on anything, as a camera saw it: uint8 (h, w) → float32 (h, w)."""
    if rng.random() < 0.12 and mask.shape[0] >= 20:  # signs like their letters bold
        mask = thicken(mask, 1)
    canvas = _wall(rng, mask.shape, backgrounds)
    level, ink, delta = _colours(rng, canvas)
    image = _letters(rng, canvas, mask, level, ink)
    if rng.random() < 0.05:  # the frame of a sign
        image = add_rules(rng, image, ink)
    return _camera(rng, image, delta)


def _wall(rng: np.random.Generator, shape: tuple[int, ...], backgrounds: Backgrounds) -> np.ndarray:
    roll = rng.random()
    if roll < 0.4:
        return np.full(shape, rng.uniform(0, 255), dtype=np.float32)
    canvas = backgrounds.grey(rng, shape[0], shape[1], photos=0.6)
    if roll < 0.75:  # most signs are painted on something calmer than a landscape
        canvas = canvas.mean() + (canvas - canvas.mean()) * np.float32(rng.uniform(0.1, 0.6))
    return canvas


def _colours(rng: np.random.Generator, canvas: np.ndarray) -> tuple[float, float, float]:
    """Grey of the wall, of the letters, and their distance: at least what an eye needs."""
    level = float(canvas.mean())
    least = 14 + 66 * rng.random() + deviation(canvas) * 0.8
    up, down = 255 - level, level
    # Signs, and things that shine, are mostly lighter than what is around them.
    lighter = rng.random() < 0.62 if min(up, down) > least else up > down
    reach = up if lighter else down
    most = min(1.0, 2 * least / max(reach, 1)) if rng.random() < 0.25 else 1.0  # faded, in shadow
    delta = reach * rng.uniform(min(1.0, least / max(reach, 1)), most)
    return level, (level + delta if lighter else level - delta), delta


def _letters(
    rng: np.random.Generator, canvas: np.ndarray, mask: np.ndarray, level: float, ink: float
) -> np.ndarray:
    """Painted letters with an outline, a shadow, depth, or none of them."""
    rows, columns = mask.shape
    opposite = 0.0 if ink > level else 255.0
    effect = rng.random()
    if ink > level and rng.random() < 0.1:  # lit letters shine on what is around them
        glow = degrade.blur(thicken(mask, 1), rows * rng.uniform(0.03, 0.2))
        canvas = paint(canvas, glow, ink, rng.uniform(0.3, 0.9))
    if effect < 0.12:
        edge = thicken(mask, 1 if rows < 30 else int(rng.integers(1, 3)))
        canvas = paint(
            canvas, edge, opposite if rng.random() < 0.5 else rng.uniform(0, 255), rng.uniform(0.5, 1)
        )
    elif effect < 0.27:
        dx, dy = (int(v) for v in rng.integers(-2, 3, 2) * max(1, rows // 24))
        shade = opposite if rng.random() < 0.7 else rng.uniform(0, 255)
        canvas = paint(canvas, shifted(mask, dx, dy), shade, rng.uniform(0.2, 0.9))
    elif effect < 0.39 and effect >= 0.35 and rows >= 20:  # cast letters: lit from one side, hardly coloured
        lit = shifted(mask, -1, -1).astype(np.float32) - shifted(mask, 1, 1)
        canvas = canvas + lit * np.float32(rng.uniform(0.15, 0.4) * pick((-1, 1), rng))
        return paint(canvas, mask, ink, rng.uniform(0.25, 0.7))
    elif effect < 0.35:  # letters with depth, seen from aside
        dx, dy = (int(v) * 2 - 1 for v in rng.integers(0, 2, 2))
        side = rng.uniform(0, 255)
        for step in range(int(rng.integers(2, 2 + max(2, rows // 10))), 0, -1):
            canvas = paint(canvas, shifted(mask, dx * step, dy * step), side)
    fill: float | np.ndarray = ink
    if rng.random() < 0.2:
        fill = ink + smooth_field(rng, rows, columns, 2) * np.float32(min(40.0, abs(ink - level) * 0.4))
    if effect > 0.96 and rows >= 28:  # hollow letters
        inner = 255 - thicken(255 - mask, 1)
        return paint(paint(canvas, mask, fill), inner, level, rng.uniform(0.5, 1))
    return paint(canvas, mask, fill, rng.uniform(0.75, 1.0))


def _camera(rng: np.random.Generator, image: np.ndarray, delta: float) -> np.ndarray:
    rows = image.shape[0]
    if rng.random() < 0.2:
        image = degrade.uneven_light(rng, image, rng.uniform(0.1, 0.5))
    roll = rng.random()
    if roll < 0.4:
        image = degrade.blur(image, 0.3 + rng.random() ** 2 * rows / 20)  # squared: strong blur is rare
    elif roll < 0.5:
        length, angle = rng.uniform(1, 1 + rows / 10), rng.uniform(0, 2 * np.pi)
        image = degrade.shaken(image, length, angle)
    if rng.random() < 0.22:
        image = degrade.noise(rng, image, min(1 + 11 * rng.random() ** 2, MOST_NOISE * delta))
    if rows > 12 and rng.random() < 0.2:
        image = degrade.low_resolution(rng, image, int(rng.uniform(9, rows)))
    if rng.random() < 0.45:
        # An 8-pixel block holds a whole letter of small text; strong compression would erase it.
        image = degrade.jpeg(image, int(rng.uniform(12 if rows > 20 else 35, 85)))
    return image

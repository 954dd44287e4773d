"""The look of paper and of screens: print, rules, wear, scanners, themes."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ocrcli.synth import degrade
from ocrcli.synth.backgrounds import smooth_field, texture
from ocrcli.synth.compose import paint

DOT = 5  # pixels a printed dot is drawn at before it is scaled: enough to be round
CLEAN = 0.22  # share of faultless prints: office documents made today
HAND_HELD = 0.28  # share of the others that a camera took, at arm's length, and not a scanner
FOCUS, SHAKE = 0.09, 0.36  # of the strip's height: standard deviation of a blur, way of the camera, at most


def paper_image(rng: np.random.Generator, mask: np.ndarray, receipt: bool) -> np.ndarray:
    """Dark text on light paper as a scanner saw it: uint8 (h, w) → float32 (h, w)."""
    rows, columns = mask.shape
    if rows >= 30 and rng.random() < (0.12 if receipt else 0.04):
        mask = dot_matrix(rng, mask)
    paper, ink = rng.uniform(195, 255), rng.uniform(0, 75)
    if rng.random() < (0.35 if receipt else 0.12):
        ink = rng.uniform(70, 165)  # faded
    canvas = np.full((rows, columns), paper, dtype=np.float32)
    if rng.random() < 0.15:
        canvas += smooth_field(rng, rows, columns, rng.uniform(0.3, 1.5)) * np.float32(rng.uniform(2, 12))
    elif rng.random() < 0.06:  # a tinted or hatched field of a form
        canvas += texture(rng, rows, columns) * np.float32(0.12) - 20
    if rng.random() < CLEAN:
        image = paint(canvas, mask, ink)
        return degrade.blur(image, rng.uniform(0.2, 0.7)) if rng.random() < 0.5 else image
    image = paint(canvas, _worn(rng, mask), ink)
    if rng.random() < 0.09:  # the other side of the sheet shines through
        image = np.minimum(image, paint(canvas, mask[::-1, ::-1], paper - rng.uniform(10, 45)))
    if rng.random() < 0.12:
        image = add_rules(rng, image, ink)
    if rng.random() < HAND_HELD:
        return _hand_held(rng, image, paper - ink)
    if rng.random() < 0.5:
        image = degrade.blur(image, rng.uniform(0.3, 0.3 + rows / 45))
    return _scanner(rng, image, mask, paper, ink)


def _hand_held(rng: np.random.Generator, image: np.ndarray, depth: float) -> np.ndarray:
    """Small print on a photograph of a whole page: few pixels, out of focus, shaken, in poor light."""
    rows = image.shape[0]
    if rng.random() < 0.5:
        image = degrade.uneven_light(rng, image, rng.uniform(0.05, 0.4))
    if rng.random() < 0.55:
        image = degrade.blur(image, rows * rng.uniform(0.015, FOCUS))
    else:
        way, angle = rows * rng.uniform(0.05, SHAKE), rng.uniform(0, np.pi)
        image = degrade.shaken(image, way, angle)
    if rng.random() < 0.6:
        image = degrade.low_resolution(rng, image, int(rng.uniform(11, 26)))
    if rng.random() < 0.6:
        image = degrade.noise(rng, image, min(rng.uniform(1, 8), 0.1 * depth))
    return degrade.jpeg(image, int(rng.uniform(30, 92))) if rng.random() < 0.7 else image


def _worn(rng: np.random.Generator, mask: np.ndarray) -> np.ndarray:
    """Uneven ink: worn type, a dry ribbon, thermal paper."""
    rows, columns = mask.shape
    roll = rng.random()
    if roll < 0.12:
        field = smooth_field(rng, rows, columns, rng.uniform(1, 9))
        return (
            mask * np.clip(1 - rng.uniform(0.2, 0.75) * (field + rng.uniform(-0.3, 0.4)), 0.15, 1)
        ).astype(np.uint8)
    if roll < 0.17:
        return (mask * (rng.random((rows, columns), dtype=np.float32) > rng.uniform(0.05, 0.35))).astype(
            np.uint8
        )
    if roll < 0.19 and rows >= 20:  # a head with dead dots leaves white rows
        mask = mask.copy()
        mask[int(rng.integers(2, 6)) :: int(rng.integers(5, 12))] //= 3
    return mask


def _scanner(
    rng: np.random.Generator, image: np.ndarray, mask: np.ndarray, paper: float, ink: float
) -> np.ndarray:
    rows = image.shape[0]
    roll = rng.random()
    if roll < 0.45:
        if rng.random() < 0.4:
            image = degrade.noise(rng, image, rng.uniform(0, 0.15) * (paper - ink))
        image = degrade.binarise(image, _threshold(rng, image, mask, paper, ink))
        if rng.random() < 0.3:
            image = degrade.speckle(rng, image, rng.uniform(0, 0.003), 0 if rng.random() < 0.7 else 255)
        if rng.random() < 0.45:  # kept as a smaller grey picture, as archives do
            image = degrade.low_resolution(rng, image, int(rng.uniform(11, 26)))
    else:
        if rng.random() < 0.5:
            image = degrade.noise(rng, image, min(rng.uniform(1, 14), 0.25 * (paper - ink)))
        if roll > 0.8:
            image = degrade.contrast(image, rng.uniform(1.2, 3), (paper + ink) / 2 + rng.uniform(-10, 50))
        if rng.random() < 0.15:
            image = degrade.uneven_light(rng, image, rng.uniform(0.05, 0.35))
        if rows > 26 and rng.random() < 0.2:
            image = degrade.low_resolution(rng, image, int(rng.uniform(11, 26)))
    if rng.random() < 0.3:
        image = degrade.jpeg(image, int(rng.uniform(25, 90)))
    return 255 - image if rng.random() < 0.04 else image


def _threshold(
    rng: np.random.Generator, image: np.ndarray, mask: np.ndarray, paper: float, ink: float
) -> float:
    """A threshold that makes the strokes up to 30 % thinner or 60 % thicker than drawn."""
    share = np.count_nonzero(mask > 110) / mask.size * rng.uniform(0.7, 1.6)
    depth = paper - ink
    return min(max(_quantile(image, min(share, 0.6)) + 1, ink + 0.15 * depth), paper - 0.12 * depth)


def _quantile(image: np.ndarray, share: float) -> float:
    """Of every fourth pixel, as ``np.quantile`` has it in four times the time; ``share`` is less than 1."""
    values = image[::2, ::2].ravel()
    place = share * (values.size - 1)
    ranks = int(place), min(int(place) + 1, values.size - 1)
    values.partition(ranks)
    low, high = values[ranks[0]].item(), values[ranks[1]].item()
    return low + (high - low) * (place % 1)


def add_rules(rng: np.random.Generator, image: np.ndarray, ink: float) -> np.ndarray:
    """Lines of forms and tables near the text: above, below, at the sides; dotted or dashed at times."""
    rows, columns = image.shape
    image = image.copy()
    thick = max(1, round(rows * rng.uniform(0.02, 0.07)))
    gone = slice(None)
    if rng.random() < 0.65:
        at = int(rows * (rng.uniform(0.86, 1.0) if rng.random() < 0.7 else rng.uniform(0, 0.1)))
        start = 0 if rng.random() < 0.6 else int(rng.integers(columns))
        line = np.full(columns - start, True)
        if rng.random() < 0.25:
            period = int(rng.integers(3, 12))
            line = np.arange(columns - start) % period < max(1, period // 2)
        image[at : at + thick, start:][:, line] = ink
    else:
        at = (
            int(columns - 1 - rng.uniform(0, 0.1 * rows))
            if rng.random() < 0.5
            else int(rng.uniform(0, 0.1 * rows))
        )
        image[gone, at : at + thick] = ink
    return image


def dot_matrix(rng: np.random.Generator, mask: np.ndarray) -> np.ndarray:
    """Letters made of round dots: uint8 (h, w) → same shape."""
    rows, columns = mask.shape
    pins = int(rng.integers(10, 17))  # dots to the height of the strip: 9-pin heads and a little better
    grid = (max(2, round(columns * pins / rows)), pins)
    struck = np.asarray(Image.fromarray(mask).resize(grid, Image.Resampling.BOX)) > rng.uniform(40, 80)
    centre = np.arange(DOT, dtype=np.float32) - (DOT - 1) / 2
    distance = np.hypot(centre[:, None], centre[None, :])
    dot = np.clip(rng.uniform(0.42, 0.6) * DOT - distance + 0.5, 0, 1)
    dots = np.kron(struck.astype(np.float32), dot) * 255
    return np.asarray(
        Image.fromarray(dots.astype(np.uint8)).resize((columns, rows), Image.Resampling.BILINEAR)
    )


def screen_image(rng: np.random.Generator, mask: np.ndarray) -> np.ndarray:
    """Crisp text of a program or a web page, light or dark theme: uint8 (h, w) → float32 (h, w)."""
    rows, columns = mask.shape
    theme = rng.random()
    if theme < 0.5:
        paper, ink = rng.uniform(215, 255), rng.uniform(0, 130)
    elif theme < 0.88:
        paper, ink = rng.uniform(0, 70), rng.uniform(150, 255)
    else:  # a coloured button
        paper = rng.uniform(70, 180)
        ink = 0.0 if paper > 125 and rng.random() < 0.6 else 255.0
    canvas = np.full((rows, columns), paper, dtype=np.float32)
    if rng.random() < 0.12:
        canvas = canvas * np.float32(0.75) + texture(rng, rows, columns) * np.float32(0.25)
    image = paint(canvas, mask, ink)
    if rng.random() < 0.08:
        image = add_rules(rng, image, ink)
    if rows > 16 and rng.random() < 0.2:  # a screenshot scaled down for the web
        image = degrade.low_resolution(rng, image, int(rng.uniform(10, 20)))
    return degrade.jpeg(image, int(rng.uniform(30, 95))) if rng.random() < 0.3 else image

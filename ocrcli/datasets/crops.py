"""Random crops of labelled pages: scale, turn, place, then colours and damage.

Rendering a page costs far more than cutting it, so each page gives several crops. A crop is anchored
at a random line, so that most crops hold text; its scale is such that the page's usual line gets about
the height that lines have in a document at 150 dpi, or that the anchor gets any height from tiny to a
third of the crop.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from ocrcli.engine.polygons import quad_sides

CROP = 512  # pixels; a multiple of 32. Twice what the network sees around a pixel would be wasted on borders
USUAL = 0.6  # share of crops in which the page's lines are of usual height, the others have any …
USUAL_OF_FEW = 0.25  # … where the page has few lines: a sign in a picture has no usual height
FEW = 16  # lines
USUAL_HEIGHT = 17.0  # pixels, its median: 10 points at 150 dpi are 21, 7 points on a receipt 15
USUAL_JITTER = 0.35  # standard deviation of its natural logarithm
TEXT_HEIGHTS = (8.0, CROP / 2.5)  # pixels of the anchor line where the scale is free
SCALES = (0.2, 4.0)  # pages are never stretched or shrunk beyond
ANYWHERE = 0.1  # share of crops that are not anchored at a line
TURNS = (0.5, 0.35, 0.1, 0.05)  # shares: upright, slightly turned, quarter turns, any angle
SLIGHT = np.deg2rad(2.5)  # standard deviation of the slight turn
SQUEEZE, SHEAR = 0.1, 0.03  # standard deviations: log aspect ratio; x per y


@dataclass(frozen=True)
class LabelledPage:
    """Pixels (H, W, 3) uint8, line quads (n, 4, 2), and which of them nobody can read (n,)."""

    pixels: np.ndarray
    quads: np.ndarray
    ignore: np.ndarray


def random_crop(page: LabelledPage, rng: np.random.Generator) -> LabelledPage:
    """One crop of CROP × CROP pixels with the lines that touch it."""
    matrix = _placement(page, rng)  # 2×3, page → crop
    quads = page.quads @ matrix[:, :2].T + matrix[:, 2]
    low, high = quads.min(1), quads.max(1)  # (n, 2)
    touching = (low < CROP).all(1) & (high > 0).all(1)
    pixels = spoil(_cut(page.pixels, matrix, rng), rng)
    return LabelledPage(pixels, quads[touching].astype(np.float32), page.ignore[touching])


def _placement(page: LabelledPage, rng: np.random.Generator) -> np.ndarray:
    """The affine map (2, 3) from page to crop."""
    height, width = page.pixels.shape[:2]
    readable = np.flatnonzero(~page.ignore)
    anchored = len(readable) > 0 and rng.random() > ANYWHERE
    centre, scale = rng.random(2) * (width, height), np.exp(rng.normal(0.2, 0.4))
    if anchored:
        anchor = rng.choice(readable)
        quad = page.quads[anchor].astype(float)
        start, end = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
        centre = start + rng.random() * (end - start)
        scale = _scale(rng, quad_sides(page.quads[readable]).min(-1), float(quad_sides(quad[None]).min()))
    linear = scale * _turn(rng)
    if rng.random() < 0.5:
        squeeze = np.exp(rng.normal(0, SQUEEZE) / 2)
        linear = linear @ np.array([[squeeze, rng.normal(0, SHEAR)], [0, 1 / squeeze]])
    target = CROP / 2 + rng.uniform(-0.4, 0.4, 2) * CROP
    # Little beyond the page: a large page fills the crop, a small one lies wholly within it.
    inverse = np.linalg.inv(linear)
    middle = centre + inverse @ (CROP / 2 - target)
    half = np.abs(inverse).sum(1) * CROP / 2 * 0.9
    size = np.array([width, height], float)
    middle = np.clip(middle, np.minimum(half, size - half), np.maximum(half, size - half))
    return np.column_stack([linear, CROP / 2 - linear @ middle])


def _scale(rng: np.random.Generator, heights: np.ndarray, anchor: float) -> float:
    """The factor for a page whose lines have ``heights``, the anchor among them ``anchor`` pixels."""
    if rng.random() < (USUAL if len(heights) > FEW else USUAL_OF_FEW):
        scale = USUAL_HEIGHT * np.exp(rng.normal(0, USUAL_JITTER)) / max(float(np.median(heights)), 1.0)
    else:
        scale = np.exp(rng.uniform(*np.log(TEXT_HEIGHTS))) / max(anchor, 1.0)
    return float(np.clip(scale, *SCALES))


def _turn(rng: np.random.Generator) -> np.ndarray:
    kind = rng.choice(len(TURNS), p=TURNS)
    angle = (0.0, rng.normal(0, SLIGHT), rng.integers(1, 4) * np.pi / 2, rng.uniform(-np.pi, np.pi))[kind]
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _cut(pixels: np.ndarray, matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The crop's pixels; the page is reduced first where it shrinks, so that nothing aliases."""
    inverse = np.linalg.inv(matrix[:, :2])
    corners = (np.array([[0, 0], [CROP, 0], [CROP, CROP], [0, CROP]]) - matrix[:, 2]) @ inverse.T
    height, width = pixels.shape[:2]
    x0, y0 = np.clip(np.floor(corners.min(0)) - 2, 0, (width - 1, height - 1)).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(0)) + 2, (x0 + 1, y0 + 1), (width, height)).astype(int)
    part = Image.fromarray(np.ascontiguousarray(pixels[y0:y1, x0:x1]))
    shrink = float(np.sqrt(abs(np.linalg.det(inverse))))  # page pixels to one crop pixel
    size = part.size
    if shrink > 1:
        reduced = max(round(part.width / shrink), 1), max(round(part.height / shrink), 1)
        part = part.resize(reduced, Image.Resampling.BOX if rng.random() < 0.3 else Image.Resampling.BICUBIC)
    factor = np.array([part.width / size[0], part.height / size[1]])
    offset = (-inverse @ matrix[:, 2] - (x0, y0)) * factor
    linear = inverse * factor[:, None]
    coefficients = [*linear[0], offset[0], *linear[1], offset[1]]
    fill = _surroundings(part, rng)
    turned = part.transform(
        (CROP, CROP), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR, fillcolor=fill
    )
    return np.asarray(turned)


def _surroundings(part: Image.Image, rng: np.random.Generator) -> tuple[int, int, int]:
    """What lies beyond the page: mostly its own mean colour, sometimes black, white or any other."""
    kind = rng.random()
    if kind < 0.6:
        r, g, b = np.asarray(part.resize((1, 1), Image.Resampling.BOX))[0, 0].tolist()
        return r, g, b
    if kind < 0.9:
        return (0, 0, 0) if kind < 0.75 else (255, 255, 255)
    r, g, b = rng.integers(0, 256, 3).tolist()
    return r, g, b


# --- colours and damage ------------------------------------------------------------------------


def spoil(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other colours, blur, noise and compression, each now and then: (H, W, 3) → (H, W, 3) uint8.

    Pages come with the renderer's own damage; this makes the crops of one page differ.
    """
    image = Image.fromarray(pixels)
    if rng.random() < 0.15:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.6)))
    if rng.random() < 0.12:  # a picture that was enlarged from a small one
        small = int(CROP * rng.uniform(0.35, 0.8))
        image = image.resize((small, small), Image.Resampling.BILINEAR).resize(image.size)
    pixels = _recolour(np.asarray(image), rng)
    if rng.random() < 0.2:
        sigma = rng.uniform(2, 18)
        grain = rng.normal(0, sigma, pixels.shape if rng.random() < 0.5 else (*pixels.shape[:2], 1))
        pixels = np.clip(pixels + grain, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=int(rng.integers(20, 90)))
        pixels = np.asarray(Image.open(buffer))
    return pixels


def _recolour(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gamma, contrast and brightness a channel, by table; grey, swapped channels or negative at times."""
    own = rng.random() < 0.3  # each channel its own
    levels = np.arange(256) / 255.0
    tables: list[np.ndarray] = []
    for _ in range(3):
        if own or not tables:
            curve = levels ** np.exp(rng.normal(0, 0.35))
            curve = (curve - 0.5) * np.exp(rng.normal(-0.1, 0.3)) + 0.5 + rng.normal(0, 0.08)
            tables.append(np.rint(np.clip(curve, 0, 1) * 255).astype(np.uint8))
        else:
            tables.append(tables[0])
    if rng.random() < 0.15:
        tables = [255 - table for table in tables]
    if rng.random() < 0.2:
        grey = np.asarray(Image.fromarray(pixels).convert("L"))
        return np.repeat(tables[0][grey][..., None], 3, 2)
    order = rng.permutation(3) if rng.random() < 0.1 else range(3)
    return np.stack([tables[i][pixels[..., channel]] for i, channel in enumerate(order)], -1)

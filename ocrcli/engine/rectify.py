"""Cuts lines out of a page and makes them level strips of one height, ready to be read.

Upright quads are cropped and resized; others go through the perspective map that takes the strip's
corners to the quad's. Either way the page is first reduced about as much as the line
shrinks, so that no detail aliases into false strokes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

HEIGHT = 32  # pixels; what the recogniser reads
MARGIN = 0.06  # of the line's height, on every side: found boxes cut letters at times
WIDER = (0.3, 0.15)  # beside and above a line that is blurred: its ends and edges are hard to find
MIN_WIDTH = 8  # pixels; two columns of the recogniser
MAX_WIDTH = 4096  # pixels; a line of some 250 letters. Bounds time and memory on odd quads
# How far corners may be off a level rectangle: page pixels, or a share of its height (one strip pixel).
UPRIGHT, UPRIGHT_SHARE = 0.5, 0.03
SKEWED = 0.2  # pixels by which a quad may miss a parallelogram
FINE = 1.2  # times HEIGHT; a strip cut so much finer than needed is reduced afterwards
GAP = 2.0  # a first reduction leaves at least so many times the pixels that the resize needs


def rectify(
    pixels: np.ndarray,
    quads: np.ndarray,
    height: int = HEIGHT,
    margins: tuple[float, float] = (MARGIN, MARGIN),
) -> list[np.ndarray]:
    """Grey strips ``(height, w)`` uint8 of the lines ``quads`` (n, 4, 2) of a page.

    ``pixels`` is RGB (H, W, 3) or grey (H, W) uint8. A strip keeps its line's aspect ratio and runs in
    the quad's reading direction, with ``margins`` beside and above it, in its heights. What lies outside the
    page repeats its border.
    """
    page = Image.fromarray(pixels)
    page = page if page.mode == "L" else page.convert("L")
    reduced: dict[int, Image.Image] = {1: page}
    return [
        _strip(reduced, quad, height, margins) for quad in np.asarray(quads, np.float64).reshape(-1, 4, 2)
    ]


def _strip(
    reduced: dict[int, Image.Image], quad: np.ndarray, height: int, margins: tuple[float, float]
) -> np.ndarray:
    """One strip; ``reduced`` keeps the page divided by 1, 2, 4 …, each made when first needed."""
    quad = widened(quad, margins)
    along = (np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    across = max((np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2, 1e-3)
    width = int(np.clip(round(along * height / across), MIN_WIDTH, MAX_WIDTH))
    if level(quad, across):
        return _cropped(reduced[1], quad, (width, height))
    factor = 1
    while across / (2 * factor) >= height:  # half as many pixels are still enough
        factor *= 2
    if factor not in reduced:
        reduced[factor] = reduced[1].reduce(factor)
    # First as fine as the page is, then to size by a resize that filters.
    fine = max(across / (factor * height), 1.0)
    strip = _turned(reduced[factor], quad / factor, (round(width * fine), round(height * fine)))
    if strip.shape == (height, width):
        return strip
    return np.asarray(Image.fromarray(strip).resize((width, height), Image.Resampling.BICUBIC))


def from_wider(height: int = HEIGHT) -> tuple[float, float]:
    """Factor and offset that take places in a strip cut ``WIDER`` to those of the usual strip, in pixels."""
    beside, above = WIDER
    usual = 1 + 2 * MARGIN
    return (1 + 2 * above) / usual, (MARGIN - beside) * height / usual


def widened(quad: np.ndarray, margins: tuple[float, float] = (MARGIN, MARGIN)) -> np.ndarray:
    """The quad (4, 2) with shares of its height added at its ends, and above and below it."""
    along = _unit(quad[1] - quad[0] + quad[2] - quad[3])
    across = _unit(quad[3] - quad[0] + quad[2] - quad[1])
    height = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(margins) * height
    return quad + signs[:, :1] * along + signs[:, 1:] * across


def level(quad: np.ndarray, across: float) -> bool:
    """Whether the quad is a level rectangle that reads from left to right, but for a pixel of its strip."""
    x0, y0, x1, y1 = _box(quad)
    rectangle = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    return bool(np.abs(quad - rectangle).max() <= max(UPRIGHT, UPRIGHT_SHARE * across))


def _box(quad: np.ndarray) -> tuple[float, float, float, float]:
    """Mean left, top, right and bottom of a quad."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad.tolist()
    return (ax + dx) / 2, (ay + by) / 2, (bx + cx) / 2, (cy + dy) / 2


def _cropped(page: Image.Image, quad: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resizes the part of the page under a level quad; the resize filters as it shrinks."""
    x0, y0, x1, y1 = _box(quad)
    left, top, right, bottom = max(x0, 0.0), max(y0, 0.0), min(x1, page.width), min(y1, page.height)
    if right - left < 1 or bottom - top < 1:  # hardly on the page at all
        return _turned(page, quad, size)
    width, height = size
    # The part on the page gets its share of the strip; its border is repeated for the rest.
    share_x, share_y = width / (x1 - x0), height / (y1 - y0)
    before, above = round((left - x0) * share_x), round((top - y0) * share_y)
    after, below = round((x1 - right) * share_x), round((y1 - bottom) * share_y)
    inner = max(width - before - after, 1), max(height - above - below, 1)
    box = (left, top, right, bottom)
    strip = np.asarray(page.resize(inner, Image.Resampling.BICUBIC, box, reducing_gap=GAP))
    if inner == size:
        return strip
    after, below = max(width - before - inner[0], 0), max(height - above - inner[1], 0)  # after rounding
    return np.pad(strip, ((above, below), (before, after)), "edge")[:height, :width]


def _turned(page: Image.Image, quad: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Maps a quad of any shape onto the strip. The page must not be much finer than the strip."""
    # Only the part around the quad, its border repeated where the quad leaves the page.
    x0, y0 = np.floor(quad.min(0)).astype(int) - 2
    x1, y1 = np.ceil(quad.max(0)).astype(int) + 2
    columns = np.clip(np.arange(x0, x1), 0, page.width - 1)
    rows = np.clip(np.arange(y0, y1), 0, page.height - 1)
    inside = page.crop((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))
    if inside.size != (len(columns), len(rows)):
        inside = Image.fromarray(np.asarray(inside)[(rows - rows[0])[:, None], columns - columns[0]])
    target = quad - (x0, y0)
    fill = int(np.asarray(inside).mean())  # seen only by quads too crooked for any map
    # Enough pixels for a smooth result are there anyway where the strip is reduced afterwards.
    method = Image.Resampling.BILINEAR if size[1] > HEIGHT * FINE else Image.Resampling.BICUBIC
    transform, coefficients = strip_map(target, size)
    return np.asarray(inside.transform(size, transform, coefficients, method, fillcolor=fill))


def strip_map(quad: np.ndarray, size: tuple[int, int]) -> tuple[Image.Transform, Sequence[float]]:
    """Pillow's map from a strip of ``size`` to a quad: affine for a parallelogram, as it is faster."""
    width, height = size
    if np.abs(quad[0] - quad[1] + quad[2] - quad[3]).max() < SKEWED:
        (ax, ay), (bx, by) = (quad[1] - quad[0]) / width, (quad[3] - quad[0]) / height
        return Image.Transform.AFFINE, [ax, bx, quad[0, 0], ay, by, quad[0, 1]]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    return Image.Transform.PERSPECTIVE, homography(corners, quad)


def homography(source: np.ndarray, target: np.ndarray) -> Sequence[float]:
    """Eight numbers a … h with x' = (ax + by + c) / (gx + hy + 1), y' = (dx + ey + f) / (gx + hy + 1).

    They take four points ``source`` (4, 2) to ``target`` (4, 2), as nearly as a degenerate target allows.
    """
    x, y = source.T
    ones, zeros = np.ones(4), np.zeros(4)
    for_x = np.stack([x, y, ones, zeros, zeros, zeros, -x * target[:, 0], -y * target[:, 0]], 1)
    for_y = np.stack([zeros, zeros, zeros, x, y, ones, -x * target[:, 1], -y * target[:, 1]], 1)
    solution = np.linalg.lstsq(np.concatenate([for_x, for_y]), np.concatenate([*target.T]), rcond=None)[0]
    return solution.tolist()


def _unit(vector: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else np.zeros(2)

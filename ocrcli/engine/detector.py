"""Finds the lines of text on a page: resize, network, kernels, quads.

Each step is a function of its own, so that a page can be seen at several scales, or a map be
looked at without a network.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from PIL import Image

from ocrcli.engine.fewnumbers import median
from ocrcli.engine.kernels import Kernels, find_kernels
from ocrcli.engine.letterheight import component_heights, letter_height, small_print
from ocrcli.engine.polygons import Rectangles, grown, kernel_outset, upright
from ocrcli.engine.scale import LONG_SIDE, LOWEST_SEEN, enlargement, reduction, working_scale
from ocrcli.engine.tiles import MULTIPLE, STRIDE, by_tiles
from ocrcli.engine.whole import is_grey
from ocrcli.modelcard import ModelCard

# What a model's card may set; these are for a card that does not.
DECODING: dict[str, float] = {
    "threshold": 0.2,  # a map pixel is text above it (Liao 2020, section 3.5)
    "box_threshold": 0.54,  # score of a kernel below which it is dropped; chosen on development pages
    "gain": 1.15,  # true mass of a kernel over that found; chosen likewise (1.1 on held-out rendered pages)
    "shrink": 0.6,  # r of Liao 2020, section 3.4
    "long_side": float(LONG_SIDE),
}
MIN_LINE = 3.0  # pixels as the network sees them; nothing lower can be read
TALL = 1.5  # height over width from which a box may be a line of sideways text …
SURELY_TALL = 2.5  # … and surely is one, where no other line says how high letters are
LETTERS = 1.8  # heights of the page's usual line up to which a tall box is a letter ("1", "l") all the same


class Network(Protocol):
    """What the detector needs of a model (``engine/model.py``)."""

    @property
    def card(self) -> ModelCard:
        """What the model says of itself."""
        ...

    def run(self, array: np.ndarray) -> np.ndarray:
        """uint8 (N, 3, H, W) → float32 (N, 1, H/4, W/4)."""
        ...


@dataclass(frozen=True)
class Detections:
    """Lines of a page: quads (n, 4, 2) float32 in page pixels, reading direction; scores (n,) in 0 … 1.

    ``curves`` (k, 3) are places of the middles of lines, where a page curls: number of the line, x, y.
    """

    quads: np.ndarray
    scores: np.ndarray
    curves: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True)
class NetworkInput:
    """A page as the network sees it: uint8 (1, 3, H, W), and the factors from page to network pixels."""

    image: np.ndarray
    factors: tuple[float, float]  # of x and y


class LineDetector:
    """The detector of one model. Keeps no state between pages; safe to use from several threads."""

    def __init__(self, model: Network) -> None:
        self.model = model
        # What the network holds of one page is most of the memory of a process, and one run uses all
        # cores: pages read side by side take turns here.
        self._turn = threading.Lock()
        self.decoding = {**DECODING, **model.card.decoding}

    def detect(self, pixels: np.ndarray, scale: float | None = None) -> Detections:
        """Lines of a page uint8, RGB (H, W, 3) or grey (H, W), at ``scale`` or the one that suits it."""
        height, width = pixels.shape[:2]
        if not height or not width:
            return Detections(np.zeros((0, 4, 2), np.float32), np.zeros(0, np.float32))
        seen = to_input(pixels, scale or self.scale(pixels))
        with self._turn:
            probability = by_tiles(self.model.run, seen.image)
        return self.decode(probability, seen.factors, (height, width))

    def scale(self, pixels: np.ndarray) -> float:
        """The factor from page to network pixels that suits a page uint8, RGB (H, W, 3) or grey (H, W)."""
        height, width = pixels.shape[:2]
        if not height or not width:
            return 1.0
        scale = working_scale(height, width, int(self.decoding["long_side"]))
        if scale > 1:
            return scale
        heights = component_heights(pixels if pixels.ndim == 2 else pixels[:, :, 1])
        small = small_print(heights, LOWEST_SEEN / scale)
        if small is not None:
            return scale * enlargement(small, scale, height * width)
        return scale * reduction(letter_height(heights), scale)

    def decode(
        self, probability: np.ndarray, factors: tuple[float, float], size: tuple[int, int]
    ) -> Detections:
        """Lines of a page of ``size`` (height, width) from the probability map (h, w) of the network."""
        decoding = self.decoding
        thresholds = decoding["threshold"], decoding["box_threshold"]
        kernels = find_kernels(probability, *thresholds, decoding["gain"])
        lines = lines_of(kernels, decoding["shrink"])
        quads = lines.quads() / np.array(factors, np.float32)
        height, width = size
        quads = np.clip(quads, 0, np.array([width, height], np.float32))
        # What lies in the padding, or is too small to read, is not a line of the page.
        sides = np.linalg.norm(np.stack([quads[:, 1] - quads[:, 0], quads[:, 3] - quads[:, 0]], 1), axis=-1)
        kept = (sides * min(factors)).min(-1, initial=np.inf) >= MIN_LINE
        curves = kernels.curves * (1, STRIDE / factors[0], STRIDE / factors[1])
        return Detections(quads[kept], kernels.scores[kept].astype(np.float32), curves)


def to_input(pixels: np.ndarray, scale: float) -> NetworkInput:
    """A page (H, W, 3) or (H, W) resized by ``scale`` and padded with its mean colour to multiples of 32.

    One without colour is resized as grey, in a third of the time.
    """
    height, width = pixels.shape[:2]
    if pixels.ndim == 3 and is_grey(pixels):
        pixels = pixels[:, :, 0]
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    resized = pixels
    if size != (width, height):
        method = Image.Resampling.BILINEAR if scale > 1 else Image.Resampling.BICUBIC
        # Halved by means of pixels first, the rest by a filter: quicker, and lines are found as well.
        resized = np.asarray(Image.fromarray(pixels).resize(size, method, reducing_gap=1.0))
    planes = resized[None] if resized.ndim == 2 else resized.transpose(2, 0, 1)  # (1 or 3, h, w)
    shape = -(-size[1] // MULTIPLE) * MULTIPLE, -(-size[0] // MULTIPLE) * MULTIPLE
    image = np.empty((1, 3, *shape), np.uint8)
    image[0] = np.rint(planes[:, ::8, ::8].mean((1, 2), keepdims=True))  # every eighth pixel tells the mean
    image[0, :, : size[1], : size[0]] = planes
    return NetworkInput(image, (size[0] / width, size[1] / height))


def lines_of(kernels: Kernels, shrink: float) -> Rectangles:
    """Kernels (map pixels) grown back to lines (network pixels), their first side the reading direction."""
    found = kernels.rectangles
    whole = upright(grown(found, kernel_outset(found.sides, shrink)))
    centres, sides = whole.centres * STRIDE, whole.sides * STRIDE
    # Sideways text is read upwards, as on the axes of charts; a later step may find it upside down.
    turned = sideways(sides)
    sides = np.where(turned[:, None], sides[:, ::-1], sides)
    return Rectangles(centres, sides, np.where(turned, whole.angles - np.pi / 2, whole.angles))


def sideways(sides: np.ndarray) -> np.ndarray:
    """Which boxes of width and height ``sides`` (n, 2) are lines of sideways text: (n,) bool.

    A tall box may be a line that runs up the page or a single "1". On a page of level lines it is
    a letter when it is about as high as they are; without any it goes by its shape.
    """
    width, height = sides[:, 0], sides[:, 1]
    tall, wide = height > TALL * width, width > TALL * height
    surely = height > SURELY_TALL * width
    if height[surely].sum() > width[wide].sum() or not wide.any():
        return surely
    return tall & (height > LETTERS * median(height[wide]))

"""Images that are read whole, as one word or line, without looking for lines first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

BLANK_CONTRAST = 16  # grey levels between the darkest and the lightest pixel: less is paper
MIN_SIDE = 4  # pixels; no letter fits into less
STRIP_HEIGHT = 72  # pixels; a lower image has room for one line of text, or a few small ones
STRIP_ASPECT = 8.0  # an image so much wider than high can only be one line …
ASPECT_HEIGHT = 256  # pixels; … unless it is a banner photo
INK = 0.35  # of the strongest contrast: a pixel that stands out from the background as letters do
LOWEST_LINE = 7  # pixels; lower stripes of ink are rules, dots and accents
SMALLER_LINE = 0.4  # of the highest stripe of ink; lower ones are parts of letters
SHORTEST_STRIP = 8  # pixels: two columns of the recogniser, room for one character
LONGEST_STRIP = 65_536  # pixels; beyond it an image is squeezed
TALL = 1.2  # height over width beyond which an image may show a word that lies on its side


@dataclass(frozen=True, slots=True, eq=False)
class WholeStrip:
    """An image as one strip, grey uint8 (height, w), and its corners as the text runs, float32 (4, 2)."""

    pixels: np.ndarray
    quad: np.ndarray


def to_grey(pixels: np.ndarray) -> np.ndarray:
    """Luma (ITU-R 601) of RGB uint8 (H, W, 3): uint8 (H, W)."""
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).convert("L"))


def without_colour(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """RGB uint8 (H, W, 3), or one plane (H, W) of it if it has no colour, and its luma (H, W)."""
    if not is_grey(pixels):
        return pixels, to_grey(pixels)
    grey = np.ascontiguousarray(pixels[..., 0])
    return grey, grey


def is_grey(pixels: np.ndarray) -> bool:
    """Whether RGB uint8 (H, W, 3) has no colour. Of most pictures that have some, a few pixels tell it."""
    return all(
        np.array_equal(some[..., 0], some[..., 1]) and np.array_equal(some[..., 0], some[..., 2])
        for some in (pixels[::16, ::16], pixels)
    )


def to_strip(grey: np.ndarray, height: int = 32) -> np.ndarray:
    """A whole image as one strip: grey uint8 (H, W) → (height, w), its aspect kept within reason."""
    from PIL import Image

    width = round(grey.shape[1] * height / grey.shape[0])
    width = min(LONGEST_STRIP, max(SHORTEST_STRIP, width))
    resized = Image.fromarray(grey).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(resized)


def whole_strips(grey: np.ndarray, height: int = 32) -> Iterator[WholeStrip]:
    """An image, grey uint8 (H, W), as it stands; a tall one also turned by 90° either way.

    Signs are written upwards and downwards too, and their crops are tall.
    """
    bottom, right = grey.shape
    corners = np.array([(0, 0), (right, 0), (right, bottom), (0, bottom)], np.float32)
    yield WholeStrip(to_strip(grey, height), corners)
    if bottom > TALL * right:
        for quarters, first in ((1, 1), (-1, 3)):  # text that runs down, text that runs up
            pixels = to_strip(np.ascontiguousarray(np.rot90(grey, quarters)), height)
            yield WholeStrip(pixels, np.roll(corners, -first, 0))


def is_blank(grey: np.ndarray) -> bool:
    """Whether an image, grey uint8 (H, W), shows nothing that could be text."""
    if min(grey.shape) < MIN_SIDE:
        return True
    return int(grey.max()) - int(grey.min()) < BLANK_CONTRAST


def is_strip(grey: np.ndarray) -> bool:
    """Whether an image, grey uint8 (H, W), is a single word or line, by its shape and ink."""
    height, width = grey.shape
    low = height <= STRIP_HEIGHT
    long = width >= STRIP_ASPECT * height and height <= ASPECT_HEIGHT
    return (low or long) and _stripes_of_ink(grey) <= 1


def _stripes_of_ink(grey: np.ndarray) -> int:
    """Stripes of ink from side to side with white between them, as high as lines of text."""
    contrast = np.abs(grey.astype(np.int16) - int(np.median(grey)))
    inked = np.concatenate([[False], (contrast > INK * contrast.max()).any(axis=1), [False]])
    edges = np.flatnonzero(inked[1:] != inked[:-1])  # begin, end, begin, end …
    heights = edges[1::2] - edges[::2]
    return int((heights >= max(LOWEST_LINE, SMALLER_LINE * heights.max(initial=0))).sum())

"""Images that are read whole, as one word or line, without looking for lines first."""

from __future__ import annotations

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


def to_grey(pixels: np.ndarray) -> np.ndarray:
    """Luma (ITU-R 601) of RGB uint8 (H, W, 3): uint8 (H, W)."""
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).convert("L"))


def to_strip(grey: np.ndarray, height: int = 32) -> np.ndarray:
    """A whole image as one strip: grey uint8 (H, W) → (height, w), its aspect kept within reason."""
    from PIL import Image

    width = round(grey.shape[1] * height / grey.shape[0])
    width = min(LONGEST_STRIP, max(SHORTEST_STRIP, width))
    resized = Image.fromarray(grey).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(resized)


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

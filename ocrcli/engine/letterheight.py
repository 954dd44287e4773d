"""How high the letters of a page are, before anything is read: for the size at which it is looked at.

In clear print most letters are components of their own, and most of them are as high as an x. A few bands
across the page tell that in a hundredth of the time of reading it.
"""

from __future__ import annotations

import numpy as np

from ocrcli.engine.components import label_runs
from ocrcli.engine.fewnumbers import quantile

BANDS = 4  # across the page
SHARE = 0.12  # of the page's height, of all bands together
LEAST_BAND = 96  # pixels
CELL = 64  # pixels of a band's width that share a threshold between ink and paper
SAMPLED = 3  # every third pixel tells that threshold
CONTRAST = 40  # grey levels between ink and paper
LOWEST = 4  # pixels; what is lower is a speck
LOWEST_LETTER = 6  # pixels of an x: noise has more components that are lower
MOST = 0.5  # of the components; of photographs at most a third was as high as small print
FEWEST = 200  # components that tell anything: a photograph out of focus has fewer
LOW, SMALL, MIDDLE = 0.15, 0.25, 0.5  # shares of the components that are lower than …
ALIKE = 0.85  # … and how near the lowest must be to the middle ones, where they are letters of one size


def component_heights(grey: np.ndarray) -> np.ndarray:
    """Heights of the components of ink in a few bands of a page uint8 (H, W), in pixels: (n,)."""
    height = len(grey)
    band = min(max(round(SHARE * height / BANDS), LEAST_BAND), height)
    tops = np.linspace(0, height - band, BANDS + 2).round().astype(int)[1:-1]
    return np.concatenate([_heights(_ink(grey[top : top + band])) for top in tops.tolist()])


def letter_height(found: np.ndarray) -> float | None:
    """Height of an x of clear print, of components (n,) so high; None where there is no such print.

    It is that of the smaller letters, if there are several sizes.
    """
    if len(found) < FEWEST:
        return None
    low, small, middle = (quantile(found, share) for share in (LOW, SMALL, MIDDLE))
    return small if low >= ALIKE * middle else None


def small_print(found: np.ndarray, highest: float) -> float | None:
    """Height of an x where most of the components (n,) so high are letters, none over ``highest`` pixels."""
    if len(found) < FEWEST:
        return None
    small = found[(found >= LOWEST_LETTER) & (found <= highest)]
    return quantile(small, SMALL) if len(small) >= MOST * len(found) else None


def _ink(band: np.ndarray) -> np.ndarray:
    """Where a band (h, w) of a page has ink, bool, and its cells in width have enough contrast."""
    height, width = band.shape
    cells = max(width // CELL, 1)
    cut = band[:, : cells * (width // cells)].reshape(height, cells, -1)
    some = np.sort(cut[::SAMPLED, :, ::SAMPLED].swapaxes(0, 1).reshape(cells, -1), axis=1).astype(np.int16)
    darkest, middle, lightest = (some[:, round(share * (some.shape[1] - 1))] for share in (0.02, 0.5, 0.98))
    threshold = ((darkest + lightest) // 2).astype(np.uint8)[:, None]
    is_dark = (middle - darkest >= lightest - middle)[:, None]  # more of a page is paper
    contrast = (lightest - darkest >= CONTRAST)[:, None]
    return (((cut < threshold) == is_dark) & contrast & (cut != threshold)).reshape(height, -1)


def _heights(ink: np.ndarray) -> np.ndarray:
    """Of the components of a band's ink (h, w) that lie within the band, in pixels."""
    runs = label_runs(ink)
    first, last = (np.zeros(runs.count, np.int64) for _ in range(2))
    last[runs.labels] = runs.rows  # runs come from top to bottom, so the last one stays
    first[runs.labels[::-1]] = runs.rows[::-1]
    heights = last - first + 1
    return heights[(first > 0) & (last < len(ink) - 1) & (heights >= LOWEST)]

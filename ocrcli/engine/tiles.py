"""Pages too large for one run of the detector: their maps are put together from tiles.

What a run holds of its picture is most of the memory of a process, so it may not grow with the page.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product

import numpy as np

STRIDE = 4  # page pixels, as the network sees them, to one map pixel
MULTIPLE = 32  # the network's sides are multiples of it
UNDIVIDED = 3.5e6  # pixels of a page that is shown in one piece
TILE = 1440  # pixels of a tile's side …
MARGIN = 128  # … and what is shown of its neighbours, so that lines at its edge are whole


def by_tiles(run: Callable[[np.ndarray], np.ndarray], image: np.ndarray) -> np.ndarray:
    """The map (H/4, W/4) that ``run`` makes of a page (1, 3, H, W), where that is huge tile by tile.

    Sides are multiples of 32; ``run`` takes (1, 3, h, w) and gives (1, 1, h/4, w/4).
    """
    height, width = image.shape[2:]
    if height * width <= UNDIVIDED:
        return run(image)[0, 0]
    whole = np.empty((height // STRIDE, width // STRIDE), np.float32)
    for (top, bottom), (left, right) in product(_spans(height), _spans(width)):
        up, start = max(top - MARGIN, 0), max(left - MARGIN, 0)
        seen = run(image[:, :, up : bottom + MARGIN, start : right + MARGIN])[0, 0]
        rows, columns = (bottom - top) // STRIDE, (right - left) // STRIDE
        y, x = (top - up) // STRIDE, (left - start) // STRIDE
        tile = slice(top // STRIDE, bottom // STRIDE), slice(left // STRIDE, right // STRIDE)
        whole[tile] = seen[y : y + rows, x : x + columns]
    return whole


def _spans(side: int) -> list[tuple[int, int]]:
    """Where tiles begin and end along a side of so many pixels."""
    count = -(-side // TILE)
    return list(pairwise(round(i * side / count / MULTIPLE) * MULTIPLE for i in range(count + 1)))

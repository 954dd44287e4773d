"""What the text-line detector learns: quads of lines → maps at 1/4 scale.

* **kernel**: the line shrunk (``engine/polygons.py``), as the *share of each map pixel* that it covers.
  A line 12 pixels high has a kernel about one map pixel thick, so yes-or-no pixels would
  say little about where it ends; shares keep thickness and position below one pixel.
* **threshold**: 0.3 … 0.7, highest on the border of the line, within the band that reaches from the
  kernel as far out as it is shrunk in (Liao 2020, section 3.4).
* **weight**: 0 where the text is to be ignored, GAP_WEIGHT between neighbouring lines, else 1. Heavier
  gaps keep touching objects apart (Ronneberger 2015, arXiv 1505.04597, eq. 2).

This module stays free of torch: render workers import it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrcli.engine.polygons import kernel_inset, quad_areas, quad_sides

SHRINK = 0.6  # Liao 2020 has 0.4; PP-OCRv4 ends at 0.6: kernels keep 36 % of a long line's height, not 16 %
STRIDE = 4  # page pixels to one map pixel
MIN_KERNEL = 0.8  # map pixels: covers 0.4 of some pixel however it lies, above the 0.3 of binarisation
MIN_HEIGHT = 5.0  # page pixels; smaller text cannot be read and is neither taught nor punished
GAP_WEIGHT = 3.0
THRESHOLD_RANGE = (0.3, 0.7)  # Liao 2020, section 3.4
LEVELS = 255  # shares are stored as bytes; the weight in steps of 1/WEIGHT_STEPS
WEIGHT_STEPS = 32


@dataclass(frozen=True)
class Targets:
    """Maps (H/4, W/4) of one crop, as bytes: see ``decode`` of the task for their scales."""

    kernel: np.ndarray
    threshold: np.ndarray  # 0 outside the bands
    weight: np.ndarray

    def stack(self) -> np.ndarray:
        """(3, H/4, W/4) uint8: kernel, threshold, weight."""
        return np.stack([self.kernel, self.threshold, self.weight])


def draw_targets(quads: np.ndarray, ignore: np.ndarray, height: int, width: int) -> Targets:
    """Maps for the lines ``quads`` (n, 4, 2) of a crop of height × width pixels (multiples of 4)."""
    rows, columns = height // STRIDE, width // STRIDE
    kernel = np.zeros((rows, columns), np.float32)
    border = np.zeros_like(kernel)
    near = np.zeros_like(kernel)  # how many lines have their band here
    ignored = np.zeros(kernel.shape, bool)
    scaled = _clockwise(np.asarray(quads, np.float64).reshape(-1, 4, 2) / STRIDE)
    sides = quad_sides(scaled)
    insets = kernel_inset(sides, SHRINK, MIN_KERNEL)
    unlearnable = (sides.min(-1) < MIN_HEIGHT / STRIDE) | np.asarray(ignore, bool)
    for quad, inset, skip in zip(scaled, insets, unlearnable, strict=True):
        reach = max(inset, 1.0)  # the band is at least one pixel wide on both sides of the border
        window, distances = _edge_distances(quad, reach + 1, rows, columns)
        if distances is None:
            continue
        if skip:
            ignored[window] |= _coverage(distances) > 0
            continue
        inside = _coverage(distances - inset)
        kernel[window] = np.maximum(kernel[window], inside)
        edge = np.clip(1 - np.abs(distances.min(0)) / reach, 0, 1)
        border[window] = np.maximum(border[window], edge)
        near[window] += (distances.min(0) > -reach) & (inside < 0.5)
    weight = np.where((near >= 2) & (kernel < 0.5), GAP_WEIGHT, 1.0)
    weight[ignored & (kernel == 0)] = 0
    low, high = THRESHOLD_RANGE
    threshold = np.where(border > 0, low + (high - low) * border, 0)
    return Targets(_bytes(kernel, LEVELS), _bytes(threshold, LEVELS), _bytes(weight, WEIGHT_STEPS))


def _clockwise(quads: np.ndarray) -> np.ndarray:
    """The quads with corners clockwise on the screen; mirrored ones are turned round."""
    flipped = quads[:, [0, 3, 2, 1]]
    return np.where((quad_areas(quads) < 0)[:, None, None], flipped, quads)


def _edge_distances(
    quad: np.ndarray, reach: float, rows: int, columns: int
) -> tuple[tuple[slice, slice], np.ndarray | None]:
    """Signed distances of pixel centres to the four edges, inside positive: (4, h, w) of a window.

    The window holds all that is within ``reach`` of the quad; None when that is outside the map.
    """
    x0, y0 = np.floor(quad.min(0) - reach).astype(int)
    x1, y1 = np.ceil(quad.max(0) + reach).astype(int)
    window = slice(max(y0, 0), min(y1, rows)), slice(max(x0, 0), min(x1, columns))
    edges = np.roll(quad, -1, 0) - quad
    lengths = np.linalg.norm(edges, axis=1)
    if window[0].start >= window[0].stop or window[1].start >= window[1].stop or lengths.min() < 1e-6:
        return window, None
    y, x = np.mgrid[window] + 0.5  # pixel centres
    normals = np.stack([-edges[:, 1], edges[:, 0]], 1) / lengths[:, None]  # point inwards: clockwise, y down
    offsets = (normals * quad).sum(1)
    distances = normals[:, 0, None, None] * x + normals[:, 1, None, None] * y - offsets[:, None, None]
    return window, distances


def _coverage(distances: np.ndarray) -> np.ndarray:
    """Share of each pixel between both pairs of opposite edges: (4, h, w) → (h, w).

    Exact for upright edges: a pixel reaches half a pixel to both sides of its centre.
    """
    reach = np.clip(distances, -0.5, 0.5)
    along = np.clip(reach[1] + reach[3], 0, 1)
    across = np.clip(reach[0] + reach[2], 0, 1)
    return along * across


def _bytes(values: np.ndarray, scale: int) -> np.ndarray:
    return np.rint(values * scale).astype(np.uint8)

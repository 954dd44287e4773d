"""Pages that curl, as those of an open book do, are laid flat before their lines are cut out.

The middles of the found lines tell how far a page sinks from place to place: the same smooth surface for all
of them (as in Liang 2008, with a polynomial in place of a ruled surface). Rows are moved up and down by it;
columns stay where they are, and so do perspective and lean, which the other steps know how to deal with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ocrcli.engine.fewnumbers import median

# Powers of x and y, from −1 to 1 over the page, of the terms of the surface. The first is the lean.
TERMS = ((1, 0), (2, 0), (3, 0), (4, 0), (1, 1), (2, 1), (3, 1), (1, 2), (2, 2))
FEWEST_LINES = 5  # bent ones that tell a surface
FEWEST_PLACES = 8  # of a line's middle, to count
ROUNDS = 4  # of fitting, each with less weight for what does not follow
EXPLAINED = 0.5  # of what lines are off the straight, at most, that may be left
LEAST = 0.006  # of the page's width: what lines are off the straight, to be worth the while
CELL = 48  # pixels; the picture is moved in cells of this size
RIDGE = 1e-3  # keeps terms small that the lines do not tell


@dataclass(frozen=True, eq=False)
class Surface:
    """How far a page of ``size`` (height, width) sinks: coefficients (terms,) in pixels, without the lean."""

    size: tuple[int, int]
    coefficients: np.ndarray

    def sinks(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Pixels by which the place (x, y) of the picture lies lower than on a flat page."""
        return _terms(x, y, self.size) @ self.coefficients

    def picture(self, pixels: np.ndarray) -> np.ndarray:
        """The flat page, uint8 (H, W) or (H, W, 3); what is beyond an edge is as the edge."""
        height, width = self.size
        return remapped(pixels, (width, height), self.back)

    def back(self, points: np.ndarray) -> np.ndarray:
        """Where points (n, 2) of the flat page are in the picture."""
        x, flat = points[:, 0], points[:, 1]
        y = flat
        for _ in range(6):  # the surface is far from steep: each step leaves a tenth of the error
            y = flat + self.sinks(x, y)
        return np.stack([x, y], -1)


def remapped(
    pixels: np.ndarray, size: tuple[int, int], back: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """A picture of ``size`` (width, height) whose places (n, 2) come from ``back`` of them in pixels.

    uint8 (H, W) or (H, W, 3); what comes from beyond an edge is as the edge.
    """
    across, down = (np.linspace(0, side, -(-side // CELL) + 1).round() for side in size)
    grid = np.stack(np.meshgrid(across, down), -1)
    tall, wide = pixels.shape[:2]
    # Further out there is nothing but the edge again, however far odd surfaces reach.
    source = back(grid.reshape(-1, 2)).reshape(grid.shape).clip(-2 * CELL, (wide + 2 * CELL, tall + 2 * CELL))
    low = np.minimum(np.floor(source.min((0, 1))), 0).astype(int) - 2
    high = np.maximum(np.ceil(source.max((0, 1))), (wide, tall)).astype(int) + 2
    margins = [(-low[1], high[1] - tall), (-low[0], high[0] - wide), *[(0, 0)] * (pixels.ndim - 2)]
    corners = source - low
    mesh = [
        (
            (int(across[j]), int(down[i]), int(across[j + 1]), int(down[i + 1])),
            (*corners[i, j], *corners[i + 1, j], *corners[i + 1, j + 1], *corners[i, j + 1]),
        )
        for i in range(len(down) - 1)
        for j in range(len(across) - 1)
    ]
    image = Image.fromarray(np.pad(pixels, margins, mode="edge"))
    return np.asarray(image.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR))


def surface_of(curves: np.ndarray, size: tuple[int, int]) -> Surface | None:
    """The surface of a page of ``size`` (height, width); None where its lines are straight, or not alike.

    ``curves`` (k, 3) are places of the middles of lines: the number of the line, x and y in pixels.
    """
    line, x, y = curves.T
    _, line, places = np.unique(line, return_inverse=True, return_counts=True)
    told = places[line] >= FEWEST_PLACES
    _, line = np.unique(line[told], return_inverse=True)
    x, y = x[told], y[told]
    count = int(line.max(initial=-1)) + 1
    if count < FEWEST_LINES:
        return None
    terms = _terms(x, y, size)
    # Where a line is, and how it leans, is its own; the surface has to tell the rest.
    straight = _Straight(line, x, count)
    bend, bends = straight.rest(y), np.stack([straight.rest(term) for term in terms.T[1:]], -1)
    weights = np.ones(len(x))
    for _ in range(ROUNDS):
        weighted = bends * weights[:, None]
        normal = weighted.T @ bends + RIDGE * len(x) * np.eye(bends.shape[1])
        found = np.linalg.solve(normal, weighted.T @ bend)
        off = np.abs(bend - bends @ found)
        weights = 1 / (1 + (off / max(median(off) * 2, 1e-6)) ** 2)
    before, after = (_of_lines(line, values, count) for values in (bend, bend - bends @ found))
    if median(before) < LEAST * size[1] or median(after) > EXPLAINED * median(before):
        return None
    return Surface(size, np.concatenate([[0.0], found]))


def _terms(x: np.ndarray, y: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(n, terms)"""
    height, width = size
    across, down = 2 * x / width - 1, 2 * y / height - 1
    return np.stack([across**i * down**j for i, j in TERMS], -1)


class _Straight:
    """The straight line through the values of each line's places, by least squares."""

    def __init__(self, line: np.ndarray, x: np.ndarray, count: int) -> None:
        self.line, self.count = line, count
        self.places = np.bincount(line, minlength=count)
        self.x = x - self._mean(x)[line]
        self.spread = np.maximum(np.bincount(line, self.x**2, count), 1e-9)

    def rest(self, values: np.ndarray) -> np.ndarray:
        """What the values are off it."""
        values = values - self._mean(values)[self.line]
        slope = np.bincount(self.line, values * self.x, self.count) / self.spread
        return values - slope[self.line] * self.x

    def _mean(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.line, values, self.count) / self.places


def _of_lines(line: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """The largest value of each line, regardless of its sign."""
    largest = np.zeros(count)
    np.maximum.at(largest, line, np.abs(values))
    return largest

"""Geometry of text lines: shrinking and growing of quads, and the rectangle around a set of points.

The detector learns each line shrunk to a **kernel**, so that neighbouring lines stay apart. The kernel
of a quad is the quad with every side moved inwards by ``D = A (1 − r²) / L`` (area A, perimeter L, shrink
ratio r; Liao 2020, section 3.4). ``kernel_inset`` computes D from the line, ``kernel_outset``
computes it back from the kernel, exactly for rectangles.

Angles are in radians, positive from x towards y (clockwise on the screen).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

COARSE_ANGLES = np.deg2rad(np.arange(0.0, 90.0, 3.0))  # a rectangle's sides repeat after 90°
FINE_ANGLES = np.deg2rad(np.arange(-3.0, 3.01, 0.25))  # around the best coarse angle


@dataclass(frozen=True)
class Rectangles:
    """n rectangles: centres (n, 2), sides (n, 2) along and across ``angles`` (n,), all float64."""

    centres: np.ndarray
    sides: np.ndarray
    angles: np.ndarray

    def quads(self) -> np.ndarray:
        """Corners (n, 4, 2) float32: the sides' own top-left, top-right, bottom-right, bottom-left."""
        along = np.stack([np.cos(self.angles), np.sin(self.angles)], -1) * self.sides[:, :1] / 2
        across = np.stack([-np.sin(self.angles), np.cos(self.angles)], -1) * self.sides[:, 1:] / 2
        corners = [-along - across, along - across, along + across, -along + across]
        return (self.centres[:, None] + np.stack(corners, 1)).astype(np.float32)


def quad_areas(quads: np.ndarray) -> np.ndarray:
    """Areas of (n, 4, 2) quads, positive when the corners run clockwise on the screen (shoelace)."""
    x, y = quads[..., 0].astype(float), quads[..., 1].astype(float)
    return 0.5 * (x * np.roll(y, -1, -1) - np.roll(x, -1, -1) * y).sum(-1)


def quad_sides(quads: np.ndarray) -> np.ndarray:
    """Mean length along and across the reading direction: (n, 4, 2) → (n, 2)."""
    edges = np.linalg.norm(np.roll(quads, -1, 1) - quads, axis=-1).astype(float)  # top, right, bottom, left
    return np.stack([edges[:, 0] + edges[:, 2], edges[:, 1] + edges[:, 3]], -1) / 2


def bounds(quads: np.ndarray) -> np.ndarray:
    """Left, top, right and bottom of quads: (…, 4, 2) → (…, 4)."""
    return np.concatenate([quads.min(-2), quads.max(-2)], axis=-1)


def kernel_inset(sides: np.ndarray, shrink: float, minimum: float = 0.0) -> np.ndarray:
    """How far each side of a line moves inwards: sides (n, 2) → (n,), in the same unit.

    The kernel never gets thinner than ``minimum`` (or than the line, where that is thinner still).
    """
    area, perimeter = sides[:, 0] * sides[:, 1], 2 * sides.sum(-1)
    inset = area * (1 - shrink**2) / np.maximum(perimeter, 1e-9)
    return np.clip(np.minimum(inset, (sides.min(-1) - minimum) / 2), 0.0, None)


def kernel_outset(sides: np.ndarray, shrink: float) -> np.ndarray:
    """How far each side of a kernel moves outwards to give the line back: sides (n, 2) → (n,).

    With k = 1 − r², kernel sides a, b and line sides a + 2D, b + 2D, the definition of D gives
    (8 − 4k) D² + (2 − 2k)(a + b) D − k a b = 0; this is the positive root.
    """
    k = 1 - shrink**2
    total, product = sides.sum(-1), sides[:, 0] * sides[:, 1]
    linear = (2 - 2 * k) * total
    return (np.sqrt(linear**2 + 4 * (8 - 4 * k) * k * product) - linear) / (2 * (8 - 4 * k))


def extents(points: np.ndarray, firsts: np.ndarray, angles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest coordinates of groups of points in frames turned by an angle.

    ``points`` (p, 2), grouped: group i starts at ``firsts[i]``; ``angles`` (m, n): m frames for each of the n
    groups. Returns two arrays (2, m, n): along and across.
    """
    counts = np.diff(np.append(firsts, len(points)))
    cosine, sine = np.repeat(np.cos(angles), counts, 1), np.repeat(np.sin(angles), counts, 1)  # (m, p)
    x, y = points.T
    frames = np.empty((2, *cosine.shape))  # reduceat is fastest along contiguous memory
    np.add(x * cosine, y * sine, out=frames[0])
    np.subtract(y * cosine, x * sine, out=frames[1])
    return np.minimum.reduceat(frames, firsts, -1), np.maximum.reduceat(frames, firsts, -1)


def rectangles_at(points: np.ndarray, firsts: np.ndarray, angles: np.ndarray) -> Rectangles:
    """The smallest rectangle at angle ``angles[i]`` around each group of points (see ``extents``)."""
    low, high = extents(points, firsts, angles[None])
    low, high = low[:, 0].T, high[:, 0].T  # (n, 2)
    return Rectangles(from_frame((low + high) / 2, angles), high - low, angles)


def smallest_rectangles(points: np.ndarray, firsts: np.ndarray) -> Rectangles:
    """The rectangle of least area around each group of points, its angle to a tenth of a degree.

    One side of it lies on the convex hull (Freeman 1975); as groups are many and small, trying
    a fan of angles on all of them at once is faster than a hull for each.
    """
    coarse = _best_angles(points, firsts, np.repeat(COARSE_ANGLES[:, None], len(firsts), 1))
    return rectangles_at(points, firsts, _best_angles(points, firsts, coarse + FINE_ANGLES[:, None]))


def _best_angles(points: np.ndarray, firsts: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Of the angles (m, n) the one of least area for each of the n groups: (n,)."""
    low, high = extents(points, firsts, angles)
    return angles[np.prod(high - low, 0).argmin(0), np.arange(len(firsts))]


def from_frame(points: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Points (n, 2) given along and across ``angles`` (n,), back as x and y."""
    cosine, sine = np.cos(angles), np.sin(angles)
    along, across = points[:, 0], points[:, 1]
    return np.stack([along * cosine - across * sine, along * sine + across * cosine], -1)


def upright(rectangles: Rectangles) -> Rectangles:
    """The same rectangles with angles in −45° … 45°: sides swapped where needed."""
    turns = np.rint(rectangles.angles / (np.pi / 2)).astype(int)
    sides = np.where((turns % 2 != 0)[:, None], rectangles.sides[:, ::-1], rectangles.sides)
    return Rectangles(rectangles.centres, sides, rectangles.angles - turns * (np.pi / 2))


def grown(rectangles: Rectangles, by: np.ndarray) -> Rectangles:
    """Every side moved outwards by ``by`` (n,)."""
    return Rectangles(rectangles.centres, rectangles.sides + 2 * by[:, None], rectangles.angles)

"""How much quads overlap.

All pairs at once: a page has hundreds of lines, and a loop over pairs would take longer than reading them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MIN_EDGE_CROSS = 1e-12  # an edge of this little turn is a point: its half-plane is skipped

Floats = NDArray[np.float64]


def convex(quads: NDArray[np.floating]) -> Floats:
    """Quads (n, 4, 2) as convex polygons of positive area sign (clockwise on the screen).

    Corners are sorted by angle around their centre: this undoes crossed and reversed quads, which
    hand-made labels do hold. A corner inside the triangle of the others is moved onto it.
    """
    points = np.asarray(quads, dtype=np.float64).reshape(-1, 4, 2)
    from_centre = points - points.mean(axis=1, keepdims=True)
    order = np.argsort(np.arctan2(from_centre[..., 1], from_centre[..., 0]), axis=1, kind="stable")
    points = np.take_along_axis(points, order[..., None], axis=1)
    before, after = np.roll(points, 1, axis=1), np.roll(points, -1, axis=1)
    dented = _cross(points - before, after - points) < 0  # at most one corner of four
    return np.where(dented[..., None], before, points)


def _cross(a: Floats, b: Floats) -> Floats:
    """Third component of the cross product of (..., 2) vectors."""
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def area(polygons: Floats) -> Floats:
    """Areas (n,) of convex polygons (n, corners, 2), positive as `convex` orders them."""
    polygons = polygons - polygons[:, :1]  # close to the origin no digits are lost
    return 0.5 * _cross(polygons, np.roll(polygons, -1, axis=1)).sum(axis=1)


def intersection(a: Floats, b: Floats) -> Floats:
    """Areas (n,) shared by the convex quads ``a[i]`` and ``b[i]``, both (n, 4, 2) from `convex`.

    Sutherland & Hodgman (1974) on all pairs at once: each edge of ``b`` cuts the polygon, which
    gains one corner at most; unused places repeat the last corner and so add no area.
    """
    polygon = a
    for i in range(4):
        polygon = _cut(polygon, b[:, i], b[:, (i + 1) % 4])
    return np.maximum(area(polygon), 0.0)


def _cut(polygon: Floats, start: Floats, end: Floats) -> Floats:
    """Polygons (n, m, 2) → (n, m + 1, 2): what lies on the inner side of the lines (n, 2)."""
    edge = (end - start)[:, None]  # (n, 1, 2)
    side = _cross(edge, polygon - start[:, None])  # (n, m), ≥ 0 inside
    side = np.where(np.abs(edge).sum(axis=-1) < MIN_EDGE_CROSS, 0.0, side)  # no edge, no cut
    ahead, side_ahead = np.roll(polygon, -1, axis=1), np.roll(side, -1, axis=1)
    inside = side >= 0
    crosses = np.not_equal(inside, side_ahead >= 0)
    step = np.where(crosses, side / np.where(crosses, side - side_ahead, 1.0), 0.0)
    crossing = polygon + step[..., None] * (ahead - polygon)
    # Each corner gives itself where inside, then the point where its edge crosses the line.
    n, m = side.shape
    points = np.stack([polygon, crossing], axis=2).reshape(n, 2 * m, 2)
    kept = np.stack([inside, crosses], axis=2).reshape(n, 2 * m)
    order = np.argsort(~kept, axis=1, kind="stable")[:, : m + 1]
    last = np.clip(kept.sum(axis=1), 1, m + 1) - 1
    order = np.take_along_axis(order, np.minimum(np.arange(m + 1), last[:, None]), axis=1)
    cut = np.take_along_axis(points, order[..., None], axis=1)
    return np.where(np.any(kept, axis=1)[:, None, None], cut, start[:, None])  # nothing left: a point


def shared_areas(a: NDArray[np.floating], b: NDArray[np.floating]) -> tuple[Floats, Floats, Floats]:
    """Intersections (n, m) of every quad of ``a`` (n, 4, 2) with every one of ``b``; areas (n,) and (m,)."""
    first, second = convex(a), convex(b)
    low_a, high_a, low_b, high_b = first.min(1), first.max(1), second.min(1), second.max(1)
    near = (low_a[:, None] < high_b[None]).all(-1) & (low_b[None] < high_a[:, None]).all(-1)
    rows, columns = np.nonzero(near)  # pairs whose upright boxes overlap
    shared = np.zeros((len(first), len(second)))
    if len(rows):
        shared[rows, columns] = intersection(first[rows], second[columns])
    return shared, area(first), area(second)


def iou(a: NDArray[np.floating], b: NDArray[np.floating]) -> Floats:
    """Intersection over union (n, m) of quads (n, 4, 2) and (m, 4, 2), 0 where an area is 0."""
    shared, area_a, area_b = shared_areas(a, b)
    union = area_a[:, None] + area_b[None] - shared
    return np.clip(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0), 0.0, 1.0)

"""How a sheet lies in the picture: skew, perspective and the curl of a page, for pixels and points alike."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image

MESH_STEP = 48  # pixels between the nodes of a curled picture's mesh: error below 0.1 px for page-sized curls
EDGE_SAMPLES = 7  # points along each long side of a quad when a curl bends it
OUTSIDE_TOLERANCE = 1.0  # pixels a quad may hang over the edge: line boxes are roomier than ink


@dataclass
class View:
    """Map of a sheet to a picture of ``size`` (width, height).

    A point (x, y) of the sheet is first moved by the curl, y + bend(x), and then through the
    3×3 ``matrix``. ``bend`` is given by its values at ``nodes``, linear between.
    """

    matrix: np.ndarray
    size: tuple[int, int]
    nodes: np.ndarray | None = None
    bend: np.ndarray | None = None

    @property
    def trivial(self) -> bool:
        """Whether the picture is the sheet itself."""
        return self.bend is None and bool(np.array_equal(self.matrix, np.eye(3)))

    def _bend(self, x: np.ndarray) -> np.ndarray:
        assert self.nodes is not None and self.bend is not None
        return np.interp(x.ravel(), self.nodes, self.bend).reshape(x.shape)

    def forward(self, points: np.ndarray) -> np.ndarray:
        """Sheet points (..., 2) to picture points."""
        if self.bend is not None:
            points = np.stack([points[..., 0], points[..., 1] + self._bend(points[..., 0])], -1)
        return apply(self.matrix, points)

    def inverse(self, points: np.ndarray) -> np.ndarray:
        """Picture points (..., 2) to sheet points."""
        points = apply(np.linalg.inv(self.matrix), points)
        if self.bend is not None:
            points = np.stack([points[..., 0], points[..., 1] - self._bend(points[..., 0])], -1)
        return points

    def quads(self, quads: np.ndarray) -> np.ndarray:
        """Sheet quads (n, 4, 2) to picture quads. Under a curl: the straight quad nearest to the bent one."""
        if self.bend is None or not len(quads):
            return self.forward(quads)
        t = np.linspace(0, 1, EDGE_SAMPLES)
        tops = quads[:, None, 0] * (1 - t)[None, :, None] + quads[:, None, 1] * t[None, :, None]  # (n, t, 2)
        bottoms = quads[:, None, 3] * (1 - t)[None, :, None] + quads[:, None, 2] * t[None, :, None]
        design = np.stack([1 - t, t], 1)  # least squares for the two ends of a straight edge
        ends = np.einsum("et,ntc->nec", np.linalg.pinv(design), self.forward(tops))
        feet = np.einsum("et,ntc->nec", np.linalg.pinv(design), self.forward(bottoms))
        return np.stack([ends[:, 0], ends[:, 1], feet[:, 1], feet[:, 0]], 1)

    def inside(self, quads: np.ndarray) -> np.ndarray:
        """Which sheet quads (n, 4, 2) lie wholly in the picture, bool (n,)."""
        if not len(quads):
            return np.zeros(0, dtype=bool)
        points = self.forward(quads)
        edge = np.array(self.size) + OUTSIDE_TOLERANCE
        return np.asarray(((points >= -OUTSIDE_TOLERANCE) & (points <= edge)).all((1, 2)))

    def picture(self, image: Image.Image, fill: int | tuple[int, ...] | None = None) -> Image.Image:
        """The sheet's image as it appears, ``fill`` where the sheet does not reach."""
        if self.trivial and image.size == self.size:
            return image
        if self.bend is None:
            inverse = np.linalg.inv(self.matrix)
            coefficients = (inverse / inverse[2, 2]).ravel()[:8].tolist()
            return image.transform(
                self.size,
                Image.Transform.PERSPECTIVE,
                coefficients,
                Image.Resampling.BILINEAR,
                fillcolor=fill,
            )
        return image.transform(
            self.size, Image.Transform.MESH, self._mesh(), Image.Resampling.BILINEAR, fillcolor=fill
        )

    def _mesh(self) -> list[tuple[tuple[int, int, int, int], tuple[float, ...]]]:
        width, height = self.size
        xs = np.unique(np.r_[np.arange(0, width, MESH_STEP), width])
        ys = np.unique(np.r_[np.arange(0, height, MESH_STEP), height])
        grid = np.stack(np.meshgrid(xs, ys), -1).astype(np.float64)  # (rows, columns, 2)
        source = self.inverse(grid)
        cells = np.concatenate([source[:-1, :-1], source[1:, :-1], source[1:, 1:], source[:-1, 1:]], -1)
        flat = cells.reshape(-1, 8).tolist()
        boxes = [(int(x0), int(y0), int(x1), int(y1)) for y0, y1 in pairwise(ys) for x0, x1 in pairwise(xs)]
        return [(box, tuple(quad)) for box, quad in zip(boxes, flat, strict=True)]


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (..., 2) through a 3×3 map."""
    x, y = points[..., 0], points[..., 1]
    w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    return np.stack(
        [
            (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / w,
            (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / w,
        ],
        -1,
    )


def spanned(matrix: np.ndarray, width: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest whole pixel (x, y) that a mapped rectangle reaches, as whole floats."""
    corners = apply(matrix, rectangle(width, height))
    return np.floor(corners.min(0)), np.ceil(corners.max(0))


def rectangle(width: float, height: float) -> np.ndarray:
    """The corners of an upright rectangle at the origin, float64 (4, 2)."""
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)


def window(image: Image.Image, matrix: np.ndarray, low: np.ndarray, high: np.ndarray) -> Image.Image:
    """The pixels from ``low`` to ``high`` of the mapped image; black where the image does not reach."""
    move = np.array([[1, 0, low[0]], [0, 1, low[1]], [0, 0, 1]])
    inverse = np.linalg.inv(matrix) @ move
    coefficients = (inverse / inverse[2, 2]).ravel()[:8].tolist()
    size = (max(1, int(high[0] - low[0])), max(1, int(high[1] - low[1])))
    return image.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)


def identity(width: int, height: int) -> View:
    """The sheet as it is."""
    return View(np.eye(3), (width, height))


def between(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The 3×3 projective map of four points (4, 2) onto four others; LinAlgError when they are in line."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solution = np.linalg.solve(np.array(rows, dtype=np.float64), np.asarray(target, dtype=np.float64).ravel())
    return np.append(solution, 1.0).reshape(3, 3)


def skewed(
    width: int, height: int, degrees: float, zoom: float = 1.0, shift: tuple[float, float] = (0, 0)
) -> View:
    """Turned about its centre by ``degrees`` (clockwise), as paper lies askew on a scanner."""
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    cx, cy = width / 2, height / 2
    x, y = cx + shift[0], cy + shift[1]
    matrix = np.array([[cos, -sin, x - cos * cx + sin * cy], [sin, cos, y - sin * cx - cos * cy], [0, 0, 1]])
    return View(matrix, (width, height))


def photographed(rng: np.random.Generator, width: int, height: int, strength: float, fill: float) -> View:
    """Seen by a hand-held camera: corners off by up to ``strength`` of its size, ``fill`` of it paper."""
    corners = rectangle(width, height)
    centre = corners.mean(0)
    target = (corners - centre) * fill
    angle = np.deg2rad(rng.normal(0, 30 * strength))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = target @ turn.T + centre + rng.uniform(-strength, strength, (4, 2)) * (width, height) * 0.5
    return View(between(corners, target), (width, height))


def curled(rng: np.random.Generator, view: View, width: int, amount: float) -> View:
    """``view`` of a sheet that bends by up to ``amount`` pixels: an open book, or paper once rolled."""
    nodes = np.linspace(-0.5 * width, 1.5 * width, 65)
    at = nodes / width
    if rng.random() < 0.5:  # near a spine: falls off steeply at one side
        side = at if rng.random() < 0.5 else 1 - at
        bend = amount * np.exp(-np.clip(side, 0, None) / rng.uniform(0.06, 0.2))
    else:  # a wave
        bend = 0.5 * amount * np.sin(2 * np.pi * (at * rng.uniform(0.3, 0.8) + rng.random()))
    return View(view.matrix, view.size, nodes, bend)

"""Turning, leaning, tilting and bending of a drawn text.

A view is one projective map; Pillow applies it in one pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class View:
    """How the text lies in the picture: degrees, and shares of the height for the rest."""

    rotation: float = 0.0
    shear: float = 0.0  # x moves by this share of y
    perspective: tuple[float, float] = (0.0, 0.0)  # narrowing towards one side and towards one edge
    stretch: float = 1.0  # of the width


def corners(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """TL, TR, BR, BL of a box, float64 (4, 2)."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)


def homography(view: View, width: float, height: float) -> np.ndarray:
    """The 3×3 map of a drawing of ``width`` × ``height`` about its centre to the picture."""
    angle = math.radians(view.rotation)
    cos, sin = math.cos(angle), math.sin(angle)
    # Stretched and leant, then turned; numbers by hand, since arrays of nine cost ten times as much.
    a, b = cos * view.stretch, cos * view.shear - sin
    d, e = sin * view.stretch, sin * view.shear + cos
    x, y = width / 2, height / 2
    c, f = -a * x - b * y, -d * x - e * y
    px, py = view.perspective[0] / max(width, 1), view.perspective[1] / max(height, 1)
    return np.array([[a, b, c], [d, e, f], [px * a + py * d, px * b + py * e, px * c + py * f + 1]])


def project(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (n, 2) through a 3×3 map."""
    mapped = points @ matrix[:, :2].T + matrix[:, 2]
    return mapped[:, :2] / mapped[:, 2:]


def extent(matrix: np.ndarray, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The upright box around what a 3×3 map makes of a box; both left, top, right, bottom."""
    left, top, right, bottom = box
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    xs, ys = [], []
    for x, y in ((left, top), (right, top), (right, bottom), (left, bottom)):
        depth = g * x + h * y + i
        xs.append((a * x + b * y + c) / depth)
        ys.append((d * x + e * y + f) / depth)
    return min(xs), min(ys), max(xs), max(ys)


def warp(
    mask: Image.Image, matrix: np.ndarray, box: tuple[float, float, float, float], scale: float
) -> Image.Image:
    """The part ``box`` (left, top, right, bottom) of the mapped drawing, at ``scale``."""
    left, top, right, bottom = box
    width, height = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    coefficients: list[float] = []
    for p, q, r in _adjugate(matrix):  # the inverse but for a factor, which does not matter
        coefficients += [p / scale, q / scale, p * left + q * top + r]
    last = coefficients.pop()
    coefficients = [number / last for number in coefficients]
    # Without perspective there is nothing to divide by at each pixel.
    method = Image.Transform.PERSPECTIVE if any(coefficients[6:]) else Image.Transform.AFFINE
    return mask.transform((width, height), method, coefficients, Image.Resampling.BILINEAR)


def _adjugate(matrix: np.ndarray) -> list[tuple[float, float, float]]:
    """The inverse of a 3×3 matrix times its determinant, by rows."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    return [
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    ]


def bend(mask: np.ndarray, amplitude: float, phase: float, turns: float) -> np.ndarray:
    """Shift each column up or down along a sine: an arc or a wave. uint8 (h, w) → same shape."""
    height, width = mask.shape
    wave = amplitude * np.sin(phase + np.linspace(0, turns * 2 * np.pi, width))
    rows = np.arange(height)[:, None] - np.round(wave).astype(int)[None, :]
    inside = (rows >= 0) & (rows < height)
    return np.where(inside, mask[rows.clip(0, height - 1), np.arange(width)[None, :]], 0).astype(np.uint8)

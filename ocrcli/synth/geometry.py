"""Turning, leaning, tilting and bending of a drawn text.

A view is one projective map; Pillow applies it in one pass.
"""

from __future__ import annotations

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
    angle = np.deg2rad(view.rotation)
    cos, sin = np.cos(angle), np.sin(angle)
    centre = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    lean = np.array([[view.stretch, view.shear, 0], [0, 1, 0], [0, 0, 1]])
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    px, py = view.perspective
    tilt = np.array([[1, 0, 0], [0, 1, 0], [px / max(width, 1), py / max(height, 1), 1]])
    return tilt @ turn @ lean @ centre


def project(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (n, 2) through a 3×3 map."""
    mapped = np.c_[points, np.ones(len(points))] @ matrix.T
    return mapped[:, :2] / mapped[:, 2:]


def warp(
    mask: Image.Image, matrix: np.ndarray, box: tuple[float, float, float, float], scale: float
) -> Image.Image:
    """The part ``box`` (left, top, right, bottom) of the mapped drawing, at ``scale``."""
    left, top, right, bottom = box
    width, height = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    to_box = np.array([[1 / scale, 0, left], [0, 1 / scale, top], [0, 0, 1]])
    inverse = np.linalg.inv(matrix) @ to_box
    inverse /= inverse[2, 2]
    coefficients = inverse.ravel()[:8].tolist()
    return mask.transform(
        (width, height), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR
    )


def bend(mask: np.ndarray, amplitude: float, phase: float, turns: float) -> np.ndarray:
    """Shift each column up or down along a sine: an arc or a wave. uint8 (h, w) → same shape."""
    height, width = mask.shape
    wave = amplitude * np.sin(phase + np.linspace(0, turns * 2 * np.pi, width))
    rows = np.arange(height)[:, None] - np.round(wave).astype(int)[None, :]
    inside = (rows >= 0) & (rows < height)
    return np.where(inside, mask[rows.clip(0, height - 1), np.arange(width)[None, :]], 0).astype(np.uint8)

"""Pages whose text leans far are set level before their lines are found.

A single line is found at any angle. Lines close above each other, as those of a letter, run into each other
from about 30 degrees on. What is left of them tells the angle all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from ocrcli.engine.fewnumbers import weighted_median
from ocrcli.engine.straighten import along_lines, line_heights

LEAST = 12.0  # degrees; lines that lean less are found as well as level ones
FEWEST = 12  # lines and pieces of them; fewer have room beside each other
ALIKE = 8.0  # degrees from the angle of the page, within which a line leans with it
MOST = 0.6  # of the weight of all lines leans so; signs along a street do not
MARGIN = 0.1  # of the longer side of all lines, by which there may be more than was found
EDGE = 8  # every eighth pixel of the picture's edges tells the colour of what is beyond them


@dataclass(frozen=True, eq=False)
class Lean:
    """A page's text at ``angle`` degrees, counter-clockwise, and where on the level page it lies.

    A place on that page is one of the picture, turned about its origin, less ``corner`` (x, y); ``size`` is
    the level page's (height, width).
    """

    angle: float
    corner: np.ndarray
    size: tuple[int, int]

    def picture(self, pixels: np.ndarray) -> np.ndarray:
        """The level page, uint8 (H, W) or (H, W, 3); what is beyond an edge has the edges' usual colour."""
        height, width = self.size
        (a, b), (c, d) = _turn(-self.angle)
        x, y = self.back(np.zeros((1, 2)))[0]
        edges = np.concatenate([pixels[0, ::EDGE], pixels[-1, ::EDGE], pixels[::EDGE, 0], pixels[::EDGE, -1]])
        beyond = np.median(edges, axis=0).astype(int)
        level = Image.fromarray(pixels).transform(
            (width, height),
            Image.Transform.AFFINE,
            (a, b, x, c, d, y),
            Image.Resampling.BICUBIC,
            fillcolor=int(beyond) if pixels.ndim == 2 else tuple(beyond.tolist()),
        )
        return np.asarray(level)

    def back(self, points: np.ndarray) -> np.ndarray:
        """Where points (n, 2) of the level page are in the picture."""
        return (points + self.corner) @ _turn(-self.angle).T


def lean_of(quads: np.ndarray, size: tuple[int, int]) -> Lean | None:
    """How the text of a page of ``size`` (height, width) leans, by its lines (n, 4, 2).

    None where it hardly leans, or not all alike.
    """
    if len(quads) < FEWEST:
        return None
    x, y = along_lines(quads).T
    length, angles = np.hypot(x, y), np.arctan2(-y, x)
    # Of lines that have run into each other, long thin pieces tell the angle best.
    weights = length**2 / np.maximum(line_heights(quads), 1)
    # At 45 degrees some lines are taken to run up the page and some down it: both are the same here.
    mean = np.angle(weights @ np.exp(2j * angles)) / 2
    off = (angles - mean + np.pi / 2) % np.pi - np.pi / 2
    usual = weighted_median(off, weights)
    angle = float(np.degrees(mean + usual))
    alike = np.abs(off - usual) <= np.radians(ALIKE)
    if abs((angle + 45) % 90 - 45) < LEAST or weights[alike].sum() < MOST * weights.sum():
        return None
    height, width = size
    turn = _turn(angle)
    text = quads.reshape(-1, 2) @ turn.T
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)]) @ turn.T
    margin = MARGIN * np.ptp(text, axis=0).max()
    low = np.floor(np.maximum(text.min(0) - margin, corners.min(0)))
    high = np.ceil(np.minimum(text.max(0) + margin, corners.max(0)))
    wide, tall = (high - low).astype(int).tolist()
    return Lean(angle, low, (tall, wide))


def _turn(angle: float) -> np.ndarray:
    """The matrix (2, 2) that sets level what leans by ``angle`` degrees counter-clockwise; y points down."""
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return np.array([(cos, -sin), (sin, cos)])

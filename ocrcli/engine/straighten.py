"""How far the text of a page leans, and boxes of its pieces."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ocrcli.engine.fewnumbers import weighted_median

ELONGATED = 3.0  # lines this many times longer than high tell the skew (docTR)
# A page on its side has hardly a level line; a chart has names of months and axes that run up it.
SIDEWAYS = 2.0  # times as long as the level lines together are those up the page, where that is on its side


def text_angle(quads: np.ndarray) -> float:
    """Skew of the text in degrees, counter-clockwise positive: the median weighted by squared lengths.

    ``quads`` is float32 (n, 4, 2). Short pieces are left out where there are long ones; all together tell
    which of these are written along the page, not up it.
    """
    if not len(quads):
        return 0.0
    along = along_lines(quads)
    length = np.hypot(*along.T)
    level = np.abs(along[:, 0]) > np.abs(along[:, 1])
    total = (along * np.where(level, SIDEWAYS, 1.0)[:, None]).sum(0)
    mainly = along @ total > np.cos(np.pi / 4) * length * np.hypot(*total)  # within 45° of the mean
    long = (length >= ELONGATED * line_heights(quads)) & mainly
    chosen = long if long.any() else np.ones(len(quads), bool)
    # Angles about the mean direction: a median of raw angles breaks at ±180°.
    mean = np.arctan2(*along[chosen].sum(0)[::-1])
    offset = np.arctan2(along[chosen, 1], along[chosen, 0]) - mean
    offset = (offset + np.pi) % (2 * np.pi) - np.pi
    median = mean + weighted_median(offset, length[chosen] ** 2)
    degrees = -np.degrees((median + np.pi) % (2 * np.pi) - np.pi)  # y points down
    return float(degrees) + 0.0  # no negative zero


@dataclass(frozen=True, eq=False)
class Boxes:
    """Upright boxes of pieces of text on the level page; the sides float (n,).

    ``form`` (n,) numbers the form of each text, −1 where it tells nothing. ``goes_on`` bool (n,): it begins
    in the middle of a sentence; ``ended`` bool (n,): it ends with one. ``key`` (n,) orders them by the
    alphabet; ``entry`` bool (n,): it is like that of an index; ``number`` (n,) is that of an item, −1 without
    one. None where no text is known.
    ``rules`` and ``bars`` are lines drawn on the page, level and upright ones; among the latter are the
    sides of panels, whose tops and bottoms are ``edges``.
    """

    x0: np.ndarray
    y0: np.ndarray
    x1: np.ndarray
    y1: np.ndarray
    form: np.ndarray | None = None
    goes_on: np.ndarray | None = None
    ended: np.ndarray | None = None
    key: np.ndarray | None = None
    entry: np.ndarray | None = None
    number: np.ndarray | None = None
    rules: Boxes | None = None
    bars: Boxes | None = None
    edges: Boxes | None = None

    @cached_property
    def height(self) -> np.ndarray:
        """Of each piece: (n,)."""
        return self.y1 - self.y0

    @cached_property
    def width(self) -> np.ndarray:
        """Of each piece: (n,)."""
        return self.x1 - self.x0

    @cached_property
    def middle(self) -> np.ndarray:
        """Vertical centre of each piece: (n,)."""
        return (self.y0 + self.y1) / 2


def along_lines(quads: np.ndarray) -> np.ndarray:
    """Vector from the middle of the left side to that of the right: (n, 2)."""
    return (quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3]) / 2


def line_heights(quads: np.ndarray) -> np.ndarray:
    """Of lines, across the direction of reading, in pixels: (n, 4, 2) → (n,)."""
    return np.linalg.norm(quads[:, 3] + quads[:, 2] - quads[:, 0] - quads[:, 1], axis=1) / 2

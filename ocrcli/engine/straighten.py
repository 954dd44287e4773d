"""The page set straight: how far its text leans, and where each piece is once it is level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

ELONGATED = 3.0  # lines this many times longer than high tell the skew (docTR)
# Lines that begin one below the other tell how far a photographed page leans:
BELOW = 2.5  # heights from one line to the next of its column
FLUSH = 0.5  # heights; left ends that differ by less may belong to one edge, by more one is indented
ENOUGH_PAIRS = 8  # such pairs, and lines that tell the tilt; fewer may be chance
MIN_APART = 0.2  # of the page; halves that are closer do not tell how the lean changes


def text_angle(quads: np.ndarray) -> float:
    """Skew of the text in degrees, counter-clockwise positive: the length-weighted median.

    ``quads`` is float32 (n, 4, 2). Short pieces are left out where there are long ones; all together tell
    which of these are written along the page, not up it.
    """
    if not len(quads):
        return 0.0
    along = along_lines(quads)
    length = np.hypot(*along.T)
    total = along.sum(0)
    mainly = along @ total > np.cos(np.pi / 4) * length * np.hypot(*total)  # within 45° of the mean
    long = (length >= ELONGATED * line_heights(quads)) & mainly
    chosen = long if long.any() else np.ones(len(quads), bool)
    # Angles about the mean direction: a median of raw angles breaks at ±180°.
    mean = np.arctan2(*along[chosen].sum(0)[::-1])
    offset = np.arctan2(along[chosen, 1], along[chosen, 0]) - mean
    offset = (offset + np.pi) % (2 * np.pi) - np.pi
    order = np.argsort(offset)
    passed = np.cumsum(length[chosen][order])
    median = mean + offset[order[np.searchsorted(passed, passed[-1] / 2)]]
    degrees = -np.degrees((median + np.pi) % (2 * np.pi) - np.pi)  # y points down
    return float(degrees) + 0.0  # no negative zero


def quantile(values: np.ndarray, share: float) -> float:
    """As ``np.quantile`` of values (n,), and ten times as fast for the few of a column."""
    ordered = np.sort(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    return float(low + (place - below) * (high - low))


@dataclass(frozen=True, eq=False)
class Boxes:
    """Upright boxes of pieces of text on the level page; the sides float (n,).

    ``form`` (n,) numbers the form of each text, −1 where it tells nothing. ``goes_on`` bool (n,): it begins
    in the middle of a sentence; ``ended`` bool (n,): it ends with one. ``key`` (n,) orders them by the
    alphabet; ``entry`` bool (n,): it is like that of an index. None where no text is known.
    ``rules`` and ``bars`` are lines drawn on the page, level and upright ones.
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
    rules: Boxes | None = None
    bars: Boxes | None = None

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


def upright_boxes(
    quads: np.ndarray, angle: float, rules: np.ndarray | None = None, bars: np.ndarray | None = None
) -> Boxes:
    """Boxes after turning and squaring the page so that its text is level.

    ``quads`` (n, 4, 2) are pieces of text, ``rules`` and ``bars`` likewise lines drawn on the page.
    """
    drawn = [np.zeros((0, 4, 2)) if lines is None else lines for lines in (rules, bars)]
    every = _upright(np.concatenate([quads, *drawn]), angle, len(quads))
    starts = [len(quads), len(quads) + len(drawn[0])]
    sides = (np.split(side, starts) for side in (every.x0, every.y0, every.x1, every.y1))
    text, level, upright = (Boxes(*parts) for parts in zip(*sides, strict=True))
    return replace(text, rules=level, bars=upright)


def _upright(quads: np.ndarray, angle: float, texts: int) -> Boxes:
    """Boxes of quads, of which the first ``texts`` tell how the page lies."""
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    points = quads.astype(np.float64) @ rotation  # (n, 4, 2), rows are points
    x, y = points[..., 0], points[..., 1]
    half = np.maximum(line_heights(quads), 1.0) / 2
    middle = y.mean(1)
    # The box of a line that is still tilted would be too high; but text at another angle
    # than the page's, up a margin say, needs the whole of its box.
    along = along_lines(points)
    level = np.abs(along[:, 1]) < np.abs(along[:, 0]) / 2
    y0 = np.where(level, middle - half, y.min(1))
    y1 = np.where(level, middle + half, np.maximum(y.max(1), y.min(1) + 1))
    boxes = Boxes(x.min(1), y0, x.max(1), y1)
    tilt = along[:, 1] / np.where(level, along[:, 0], 1.0)
    is_text = np.arange(len(quads)) < texts
    return _squared(boxes, tilt, level & (boxes.width > ELONGATED * boxes.height) & is_text, is_text)


def _squared(boxes: Boxes, tilt: np.ndarray, sure: np.ndarray, is_text: np.ndarray) -> Boxes:
    """Boxes moved so that rows are level and the left edges of columns upright everywhere.

    A page photographed at an angle keeps its lines straight, but they lean, more to one side
    of the page than to the other. ``tilt`` (n,) is dy/dx of each line, of which those in the
    mask ``sure`` (n,) count; lean is seen where lines in the mask ``is_text`` (n,) begin one below the other.
    """
    x, y, height = boxes.x0, boxes.middle, boxes.height
    rise = _lean(tilt[sure], y[sure], y, float(np.ptp(y))) * ((boxes.x0 + boxes.x1) / 2 - np.median(x))
    down = y[None] - y[:, None]  # (n, n): from line i to line j
    aside = x[None] - x[:, None]
    near = (down > height[:, None] / 2) & (down < BELOW * height[:, None])
    near &= is_text & is_text[:, None]
    i, j = np.nonzero(near & (np.abs(aside) < FLUSH * height[:, None]))
    leaning, below = aside[i, j] / down[i, j], y - np.median(y)
    wide = float(boxes.x1.max() - boxes.x0.min())
    x0, x1 = (side - _lean(leaning, x[i], side, wide) * below for side in (boxes.x0, boxes.x1))
    return Boxes(x0, boxes.y0 - rise, np.maximum(x1, x0 + 1), boxes.y1 - rise)


def _lean(samples: np.ndarray, places: np.ndarray, at: np.ndarray, extent: float) -> np.ndarray:
    """Lean at some places, (n,): linear, by medians of the samples in either half of the page.

    ``extent`` is that of all text along the axis of the places.
    """
    if len(samples) < ENOUGH_PAIRS:
        return np.zeros(len(at))
    centre = float(np.median(places))
    low, high = places < centre, places >= centre
    slope = 0.0
    if min(low.sum(), high.sum()) >= ENOUGH_PAIRS:
        apart = float(np.median(places[high]) - np.median(places[low]))
        # The left ends of a single column are all in one place: what they differ by is noise.
        if apart > MIN_APART * extent:
            slope = float(np.median(samples[high]) - np.median(samples[low])) / apart
    return np.median(samples - slope * (places - centre)) + slope * (at - centre)

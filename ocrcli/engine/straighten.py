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
CURL_GROUP = 5  # lines beside each other that tell how the page is curled there
LEAST_CURL = 0.005  # radians, a quarter of a degree: less may be chance
CURL_STEPS = 64  # across the page
# Heights by which a page is not flat, and degrees by which it lies askew: it is a photograph then, hardly a
# scan, and rows of cells are asked, too.
BENT, ASKEW = 0.25, 1.0
IN_ROW = 0.8  # heights; pieces beside each other that differ by no more are one row, bent
AWAY = 4.0  # times the distance aside that a piece counts as far above or below


def text_angle(quads: np.ndarray) -> float:
    """Skew of the text in degrees, counter-clockwise positive: the median weighted by squared lengths.

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
    median = mean + weighted_median(offset, length[chosen] ** 2)
    degrees = -np.degrees((median + np.pi) % (2 * np.pi) - np.pi)  # y points down
    return float(degrees) + 0.0  # no negative zero


def quantile(values: np.ndarray, share: float) -> float:
    """As ``np.quantile`` of values (n,), and ten times as fast for the few of a column."""
    ordered = np.sort(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    return float(low + (place - below) * (high - low))


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The value (n,) below which half of the weights lie (n,), which are not negative."""
    order = np.argsort(values)
    passed = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(passed, passed[-1] / 2)]])


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
    sure = level & (boxes.width > ELONGATED * boxes.height) & is_text
    return _squared(boxes, tilt, sure, is_text, abs(angle) > ASKEW)


def _squared(boxes: Boxes, tilt: np.ndarray, sure: np.ndarray, is_text: np.ndarray, askew: bool) -> Boxes:
    """Boxes moved so that rows are level and the left edges of columns upright everywhere.

    A page photographed at an angle keeps its lines straight, but they lean, more to one side
    of the page than to the other; one that is curled bends rows of cells, too. ``tilt`` (n,) is dy/dx
    of each line, of which those in the mask ``sure`` (n,) count; lean is seen where lines in the mask
    ``is_text`` (n,) begin one below the other. ``askew``: the page surely is a photograph.
    """
    x, y, height = boxes.x0, boxes.middle, boxes.height
    across = (boxes.x0 + boxes.x1) / 2
    # Twice as long, twice as sure: a detector takes short pieces for level unless they clearly are not.
    lean = _lean(tilt[sure], boxes.width[sure] ** 2, y[sure], y, float(np.ptp(y)))
    rise = lean * (across - np.median(x))
    rise += _curl(tilt[sure] - lean[sure], across[sure], boxes.width[sure], across)
    if askew or np.ptp(rise) > BENT * np.median(height):
        rise += _curl(*_row_tilts(across, y - rise, height, is_text), across)
    down = y[None] - y[:, None]  # (n, n): from line i to line j
    aside = x[None] - x[:, None]
    near = (down > height[:, None] / 2) & (down < BELOW * height[:, None])
    near &= is_text & is_text[:, None]
    i, j = np.nonzero(near & (np.abs(aside) < FLUSH * height[:, None]))
    leaning, below = aside[i, j] / down[i, j], y - np.median(y)
    wide = float(boxes.x1.max() - boxes.x0.min())
    alike = np.ones(len(i))
    x0, x1 = (side - _lean(leaning, alike, x[i], side, wide) * below for side in (boxes.x0, boxes.x1))
    return Boxes(x0, boxes.y0 - rise, np.maximum(x1, x0 + 1), boxes.y1 - rise)


def _row_tilts(
    x: np.ndarray, y: np.ndarray, height: np.ndarray, is_text: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the next piece of its row tells of each: tilt from one to the other, middle between, and distance.

    A label and its number far beside it say more of the tilt than either. ``x``, ``y`` (n,) are middles.
    """
    aside, down = x[None] - x[:, None], y[None] - y[:, None]  # (n, n): from piece i to piece j
    beside = (np.abs(down) < IN_ROW * height[:, None]) & (aside > height[:, None])
    beside &= is_text & is_text[:, None]
    far = np.where(beside, aside + AWAY * np.abs(down), np.inf)
    first = np.flatnonzero(beside.any(1))
    second = far[first].argmin(1)
    distance = aside[first, second]
    return down[first, second] / distance, (x[first] + x[second]) / 2, distance


def _curl(tilt: np.ndarray, places: np.ndarray, lengths: np.ndarray, at: np.ndarray) -> np.ndarray:
    """How much the page sinks at some places across it, (n,), by the ``tilt`` that lines keep at theirs (k,).

    That of neighbours across the page is told by their median, and goes over from some to the next.
    """
    by_place = np.argsort(places)
    groups = np.array_split(by_place, len(places) // CURL_GROUP) if len(places) >= 2 * CURL_GROUP else []
    if not groups:
        return np.zeros(len(at))
    centres = np.array([np.average(places[group], weights=lengths[group]) for group in groups])
    tilts = np.array([weighted_median(tilt[group], lengths[group] ** 2) for group in groups])
    tilts[np.abs(tilts) < LEAST_CURL] = 0.0
    if not tilts.any():
        return np.zeros(len(at))
    steps = np.linspace(min(at.min(), centres[0]), max(at.max(), centres[-1]), CURL_STEPS)
    slopes = np.interp(steps, centres, tilts)
    sunk = np.concatenate([[0.0], np.cumsum((slopes[1:] + slopes[:-1]) / 2 * np.diff(steps))])
    return np.interp(at, steps, sunk - np.interp(np.median(places), steps, sunk))


def _lean(
    samples: np.ndarray, weights: np.ndarray, places: np.ndarray, at: np.ndarray, extent: float
) -> np.ndarray:
    """Lean at some places, (n,): linear, by weighted medians of the samples in either half of the page.

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
            of_low, of_high = (weighted_median(samples[half], weights[half]) for half in (low, high))
            slope = (of_high - of_low) / apart
    return weighted_median(samples - slope * (places - centre), weights) + slope * (at - centre)

"""The page set straight: where each place of it is once the text is level and columns are upright.

A page photographed at an angle keeps its lines straight, but they lean, more to one side of the page than to
the other; one that is curled bends rows of cells, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ocrcli.engine.fewnumbers import median, weighted_median
from ocrcli.engine.straighten import ELONGATED, Boxes, along_lines, line_heights

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
STEEPEST = 0.5  # of a line that is tilted; text at another angle than the page's needs the whole of its box


@dataclass(frozen=True)
class _Lean:
    """What is linear in a place: ``value`` at ``centre`` and ``slope`` from there."""

    value: float = 0.0
    slope: float = 0.0
    centre: float = 0.0

    def __call__(self, at: np.ndarray) -> np.ndarray:
        return self.value + self.slope * (at - self.centre)


@dataclass(frozen=True, eq=False)
class _Curl:
    """How much the page sinks at ``steps`` across it: both (k,)."""

    steps: np.ndarray
    sunk: np.ndarray

    def __call__(self, at: np.ndarray) -> np.ndarray:
        return np.interp(at, self.steps, self.sunk)


@dataclass(frozen=True, eq=False)
class Squaring:
    """Turns a page by ``angle`` degrees, then moves its places so that text is level and columns are upright.

    ``tilt`` is dy/dx of lines by how far down they are, ``lean`` dx/dy of left edges by how far across;
    ``curls`` tell what lines sink beyond that. ``middle`` is the place, turned, that stays.
    ``bent``: it is a photograph, whose text is not where it would be if it were only turned.
    """

    angle: float
    middle: tuple[float, float] = (0.0, 0.0)
    tilt: _Lean = _Lean()
    lean: _Lean = _Lean()
    curls: Sequence[_Curl] = ()
    bent: bool = False

    @cached_property
    def _rotation(self) -> np.ndarray:
        turn = np.radians(self.angle)
        return np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def turned(self, points: np.ndarray) -> np.ndarray:
        """Points (…, 2) of the page, turned only."""
        return points.astype(np.float64) @ self._rotation

    def sinks(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Pixels by which places of the turned page lie too low."""
        rise = self.tilt(y) * (x - self.middle[0])
        for curl in self.curls:
            rise += curl(x)
        return rise

    def shifts(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Pixels by which places of the turned page lie too far to the right."""
        return self.lean(x) * (y - self.middle[1])

    def back(self, points: np.ndarray) -> np.ndarray:
        """Where points (n, 2) of the square page are on the page."""
        u, v = points.T
        x, y = u, v
        for _ in range(6):  # far from steep: each step leaves a tenth of the error
            x, y = u + self.shifts(x, y), v + self.sinks(x, y)
        return np.stack([x, y], -1) @ self._rotation.T

    def boxes(self, quads: np.ndarray) -> Boxes:
        """Upright boxes of quads (n, 4, 2) on the square page."""
        boxes, _, _ = self._turned_boxes(quads)
        return self._square(boxes)

    def _turned_boxes(self, quads: np.ndarray) -> tuple[Boxes, np.ndarray, np.ndarray]:
        """Boxes of quads (n, 4, 2) on the turned page, dy/dx of each (n,), and which are level, bool (n,)."""
        points = self.turned(quads)
        x, y = points[..., 0], points[..., 1]
        half = np.maximum(line_heights(quads), 1.0) / 2
        middle = y.mean(1)
        # The box of a line that is still tilted would be too high.
        along = along_lines(points)
        level = np.abs(along[:, 1]) < np.abs(along[:, 0]) * STEEPEST
        y0 = np.where(level, middle - half, y.min(1))
        y1 = np.where(level, middle + half, np.maximum(y.max(1), y.min(1) + 1))
        return Boxes(x.min(1), y0, x.max(1), y1), along[:, 1] / np.where(level, along[:, 0], 1.0), level

    def _with(self, curl: _Curl | None) -> Squaring:
        return self if curl is None else replace(self, curls=(*self.curls, curl))

    def _is_off(self, boxes: Boxes) -> bool:
        """Whether places with text, boxes of the turned page, have to be moved."""
        ends, middles = np.concatenate([boxes.x0, boxes.x1]), np.tile(boxes.middle, 2)
        furthest = max(np.ptp(self.sinks(ends, middles)), np.ptp(self.shifts(ends, middles)))
        return bool(furthest > BENT * median(boxes.height))

    def _square(self, boxes: Boxes) -> Boxes:
        rise = self.sinks((boxes.x0 + boxes.x1) / 2, boxes.middle)
        x0, x1 = (side - self.shifts(side, boxes.middle) for side in (boxes.x0, boxes.x1))
        return Boxes(x0, boxes.y0 - rise, np.maximum(x1, x0 + 1), boxes.y1 - rise)


def upright_boxes(quads: np.ndarray, angle: float) -> Boxes:
    """Boxes of pieces of text, quads (n, 4, 2), on the page set straight."""
    return squaring(quads, angle).boxes(quads)


def squaring(quads: np.ndarray, angle: float) -> Squaring:
    """How a page is set straight whose pieces of text, quads (n, 4, 2), lean by ``angle`` degrees."""
    turned = Squaring(angle)
    if not len(quads):
        return turned
    boxes, tilt, is_level = turned._turned_boxes(quads)
    sure = is_level & (boxes.width > ELONGATED * boxes.height)
    y, height = boxes.middle, boxes.height
    across = (boxes.x0 + boxes.x1) / 2
    middle = median(across), median(y)
    # Twice as long, twice as sure: a detector takes short pieces for level unless they clearly are not.
    tilts = _lean(tilt[sure], boxes.width[sure] ** 2, y[sure], float(np.ptp(y)))
    level_page = replace(turned, middle=middle, tilt=tilts)
    level_page = level_page._with(_curl(tilt[sure] - tilts(y[sure]), across[sure], boxes.width[sure], across))
    photographed = abs(angle) > ASKEW or level_page._is_off(boxes)
    if photographed:
        level = y - level_page.sinks(across, y)
        level_page = level_page._with(_curl(*_row_tilts(across, level, height), across))
    leans, places = _edge_leans(boxes)
    wide = float(boxes.x1.max() - boxes.x0.min())
    square = replace(level_page, lean=_lean(leans, np.ones(len(leans)), places, wide))
    return replace(square, bent=photographed and square._is_off(boxes))


def _edge_leans(boxes: Boxes) -> tuple[np.ndarray, np.ndarray]:
    """dx/dy from left ends of pieces to flush ones below them, and how far across the page: (k,) each."""
    x, y, height = boxes.x0, boxes.middle, boxes.height[:, None]
    down = y[None] - y[:, None]  # (n, n): from piece i to piece j
    aside = x[None] - x[:, None]
    i, j = np.nonzero((down > height / 2) & (down < BELOW * height) & (np.abs(aside) < FLUSH * height))
    return aside[i, j] / down[i, j], x[i]


def _row_tilts(x: np.ndarray, y: np.ndarray, height: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the next piece of its row tells of each: tilt from one to the other, middle between, and distance.

    A label and its number far beside it say more of the tilt than either. ``x``, ``y`` (n,) are middles.
    """
    aside, down = x[None] - x[:, None], y[None] - y[:, None]  # (n, n): from piece i to piece j
    beside = (np.abs(down) < IN_ROW * height[:, None]) & (aside > height[:, None])
    far = np.where(beside, aside + AWAY * np.abs(down), np.inf)
    first = np.flatnonzero(beside.any(1))
    second = far[first].argmin(1)
    distance = aside[first, second]
    return down[first, second] / distance, (x[first] + x[second]) / 2, distance


def _curl(tilt: np.ndarray, places: np.ndarray, lengths: np.ndarray, across: np.ndarray) -> _Curl | None:
    """How much the page sinks, by the ``tilt`` that lines keep at their places (k,); None if it is flat.

    That of neighbours across the page is told by their median, and goes over from some to the next.
    ``across`` (n,) is where all text is.
    """
    by_place = np.argsort(places)
    groups = np.array_split(by_place, len(places) // CURL_GROUP) if len(places) >= 2 * CURL_GROUP else []
    if not groups:
        return None
    centres = np.array([np.average(places[group], weights=lengths[group]) for group in groups])
    tilts = np.array([weighted_median(tilt[group], lengths[group] ** 2) for group in groups])
    tilts[np.abs(tilts) < LEAST_CURL] = 0.0
    if not tilts.any():
        return None
    steps = np.linspace(min(across.min(), centres[0]), max(across.max(), centres[-1]), CURL_STEPS)
    slopes = np.interp(steps, centres, tilts)
    sunk = np.concatenate([[0.0], np.cumsum((slopes[1:] + slopes[:-1]) / 2 * np.diff(steps))])
    return _Curl(steps, sunk - np.interp(median(places), steps, sunk))


def _lean(samples: np.ndarray, weights: np.ndarray, places: np.ndarray, extent: float) -> _Lean:
    """Lean, linear in the place, by weighted medians of the samples in either half of the page.

    ``extent`` is that of all text along the axis of the places.
    """
    if len(samples) < ENOUGH_PAIRS:
        return _Lean()
    centre = median(places)
    low, high = places < centre, places >= centre
    slope = 0.0
    if min(low.sum(), high.sum()) >= ENOUGH_PAIRS:
        apart = median(places[high]) - median(places[low])
        # The left ends of a single column are all in one place: what they differ by is noise.
        if apart > MIN_APART * extent:
            of_low, of_high = (weighted_median(samples[half], weights[half]) for half in (low, high))
            slope = (of_high - of_low) / apart
    return _Lean(weighted_median(samples - slope * (places - centre), weights), slope, centre)

"""Frames beside each other: the boxes of a flow chart, the panels of a comic, the cards of an overview.

Their sides are drawn, or are where one plain colour meets another.
What a frame holds is read before what the next one holds, though their lines may be level. The cells of a
table share their edges; those are no frames.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ocrcli.engine.fewnumbers import median
from ocrcli.engine.straighten import Boxes

# In heights of the text:
APART = 0.5  # the white between two frames, at least; cells of a table share an edge …
NEAR = 4.0  # … and at most, where one stands under another
NARROWEST = 3.0  # width of a frame
CORNER = 1.5  # by which its sides may end before its corners, which may be round
LIKE = 0.6  # of the longer of its two upright sides that the other is beside
COVERED = 0.6  # of its width that the lines above and below cover
MOST_SIDES = 200  # upright lines; a page with more has tables, or hatching
BESIDE = 0.5  # of the lower of two frames that is level with the other


class Frame(NamedTuple):
    """The sides of a frame on the level page, and the pieces in it."""

    x0: float
    y0: float
    x1: float
    y1: float
    pieces: np.ndarray


def find_frames(boxes: Boxes) -> list[Frame]:
    """What two upright and two level lines enclose, and no edge of which another has in common."""
    bars, rules, edges = boxes.bars, boxes.rules, boxes.edges
    if bars is None or rules is None or edges is None or not 2 <= len(bars.x0) <= MOST_SIDES:
        return []
    kinds = zip(*((kind.x0, kind.y0, kind.x1, kind.y1) for kind in (rules, edges)), strict=True)
    x0, y0, x1, y1 = map(np.concatenate, kinds)
    level = Boxes(x0, y0, x1, y1)
    height = median(boxes.height)
    frames: dict[bytes, Frame] = {}
    for sides in _enclosed(boxes, bars, level, height):
        pieces = _held(boxes, sides, height)
        if pieces is not None:
            frame = Frame(*sides, pieces)
            # The white before a frame is enclosed with it; the narrower of the two is the frame.
            same = frames.setdefault(pieces.tobytes(), frame)
            frames[pieces.tobytes()] = min(frame, same, key=lambda frame: frame.x1 - frame.x0)
    return _standing_alone(list(frames.values()), height)


def framed_parts(boxes: Boxes, region: np.ndarray, frames: Sequence[Frame]) -> list[np.ndarray] | None:
    """The parts of a region in reading order, where frames with several lines stand beside each other."""
    inside = [
        frame
        for frame in frames
        if len(frame.pieces) < len(region) and np.isin(frame.pieces, region, assume_unique=True).all()
    ]
    if len(inside) < 2:
        return None
    height = median(boxes.height[region])
    middle = boxes.middle[region]
    parts: list[np.ndarray] = []
    read = np.zeros(len(region), bool)
    for band in _bands(_outermost(inside)):
        top, bottom = min(frame.y0 for frame in band), max(frame.y1 for frame in band)
        held = np.concatenate([frame.pieces for frame in band])
        within = region[(middle > top) & (middle < bottom)]
        several = any(np.ptp(boxes.middle[frame.pieces]) > height / 2 for frame in band)
        if len(band) < 2 or not several or len(np.setdiff1d(within, held)):
            continue
        above = (middle < top) & ~read
        parts += [region[above], *(frame.pieces for frame in sorted(band, key=lambda frame: frame.x0))]
        read |= above | np.isin(region, held)
    return [part for part in [*parts, region[~read]] if len(part)] if parts else None


def _enclosed(
    boxes: Boxes, bars: Boxes, level_lines: Boxes, height: float
) -> Iterator[tuple[float, float, float, float]]:
    """Left, top, right and bottom of what pairs of upright lines enclose with the level ones between them."""
    by_place = np.argsort(bars.x0)
    for n, i in enumerate(by_place.tolist()):
        right = by_place[n + 1 :]
        right = right[bars.x0[right] - bars.x1[i] > NARROWEST * height]
        beside = np.minimum(bars.y1[i], bars.y1[right]) - np.maximum(bars.y0[i], bars.y0[right])
        for j in right[beside > LIKE * np.maximum(bars.height[i], bars.height[right])].tolist():
            x0, x1 = float(bars.x0[i]), float(bars.x1[j])
            top, bottom = float(min(bars.y0[i], bars.y0[j])), float(max(bars.y1[i], bars.y1[j]))
            covered = np.minimum(level_lines.x1, x1) - np.maximum(level_lines.x0, x0)
            level = np.sort(level_lines.middle[covered > COVERED * (x1 - x0)])
            if all((np.abs(level - end) < CORNER * height).any() for end in (top, bottom)):
                within = level[(level > top) & (level < bottom)]
                for y0, y1 in _parted(boxes, (x0, top, x1, bottom), within, height):
                    yield x0, y0, x1, y1
                break  # beyond the next side there is another frame


def _parted(
    boxes: Boxes, sides: tuple[float, float, float, float], level: np.ndarray, height: float
) -> Iterator[tuple[float, float]]:
    """Tops and bottoms of the frames one under another whose sides were taken for one line each."""
    x0, start, x1, bottom = sides
    over = (boxes.x1 > x0) & (boxes.x0 < x1)
    for above, below in pairwise(level.tolist()):
        empty = not (over & (boxes.middle > above) & (boxes.middle < below)).any()
        if empty and APART * height < below - above < NEAR * height:
            yield start, above
            start = below
    yield start, bottom


def _held(boxes: Boxes, sides: tuple[float, float, float, float], height: float) -> np.ndarray | None:
    """The pieces within the sides; None if there are none, or some lie across."""
    x0, y0, x1, y1 = sides
    level = (boxes.middle > y0) & (boxes.middle < y1)
    across = np.zeros(len(level), bool)
    for side in (x0, x1):
        across |= (boxes.x0 < side - height / 2) & (boxes.x1 > side + height / 2)
    within = np.flatnonzero(level & (boxes.x0 > x0 - height / 2) & (boxes.x1 < x1 + height / 2))
    return within if len(within) and not (level & across).any() else None


def _standing_alone(frames: list[Frame], height: float) -> list[Frame]:
    """Frames without an edge in common with another that does not stand in them."""
    if not frames:
        return []
    x0, y0, x1, y1 = np.array([frame[:4] for frame in frames]).T
    apart = np.maximum(x0[:, None] - x1, y0[:, None] - y1)
    apart = np.maximum(apart, apart.T)
    holds = (x0[:, None] <= x0) & (y0[:, None] <= y0) & (x1[:, None] >= x1) & (y1[:, None] >= y1)
    joined = (apart < APART * height) & ~holds & ~holds.T
    return [frame for frame, others in zip(frames, joined, strict=True) if not others.any()]


def _outermost(frames: list[Frame]) -> list[Frame]:
    """Frames that stand in no other."""
    kept: list[Frame] = []
    for frame in sorted(frames, key=lambda frame: -len(frame.pieces)):
        if not any(np.isin(frame.pieces, other.pieces).any() for other in kept):
            kept.append(frame)
    return kept


def _bands(frames: list[Frame]) -> list[list[Frame]]:
    """Frames that stand beside each other, from top to bottom."""
    bands: list[list[Frame]] = []
    for frame in sorted(frames, key=lambda frame: frame.y0):
        if bands:
            top, bottom = bands[-1][0].y0, max(other.y1 for other in bands[-1])
            shared = min(bottom, frame.y1) - max(top, frame.y0)
            if shared > BESIDE * min(bottom - top, frame.y1 - frame.y0):
                bands[-1].append(frame)
                continue
        bands.append([frame])
    return bands

"""From the detector's probability map to one rectangle a line.

The map holds, for each pixel, the share of it that the kernel of a line covers. So the mass of a
component over its length is the kernel's thickness, and the mass centre its middle, both far finer than a
map pixel. That matters: a kernel has about a third of the line's height, and
growing it back makes three of every error.

All coordinates here are map pixels; pixel j covers j ≤ x < j + 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ocrcli.engine.components import Runs, label_runs
from ocrcli.engine.fewnumbers import median
from ocrcli.engine.polygons import Rectangles, from_frame, rectangles_at, smallest_rectangles

LONG = 2.2  # length over thickness from which the axis of the mass says where a line runs
SNAP = 0.75  # map pixels that the ends of a component may be off the upright before it counts as turned …
# … unless all lean: by the mean of half a page, of so many components, so many radians and standard errors.
LEANING, LEAST_LEAN, SURELY = 8, 0.009, 3.0
ASLANT = 0.2  # radians; what is farther from the upright than a page may lean leans on its own
# A compact component (a letter, a number) is upright, unless large and far better held by a turned rectangle.
CLEARLY_SMALLER = 0.8  # area of the turned over that of the upright rectangle
CLEARLY_LARGE = 3.0  # map pixels of the turned rectangle's short side: less makes diamonds of single digits
CLEARLY_LONG = 20.0  # map pixels; false alarms are mostly shorter
PARTLY = (
    0.4  # map pixels: with it, a kernel of the least thickness taught (0.8) reaches the threshold anywhere
)
FULL_COLUMN = 0.6  # share of the mean mass from which a column counts: gaps between words have less
BENT = 1.75  # map pixels by which an outline may exceed the thickness before the line must be bent
SHORT = 6.0  # map pixels: below, single columns are too few to be averaged
MIN_SIDE = 0.5  # map pixels
LONG_LINE = 40.0  # map pixels from which a line may tell how a page curls …
BENT_LINES, BENT_SHARE = 5, 0.3  # … where so many of them, and this share, are bent
PLACE = 6  # map pixels, of which one place of a line's middle is the mean


@dataclass(frozen=True)
class Kernels:
    """Rectangles of n kernels, in map pixels, and how sure they are (n,), 0 … 1.

    ``curves`` (k, 3) are places of the middles of long lines, where many are bent: number of the line, x, y.
    """

    rectangles: Rectangles
    scores: np.ndarray
    curves: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))


@dataclass(frozen=True)
class _Mass:
    """Pixels of all n components with their probability; ``label`` counts from 0."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    label: np.ndarray
    count: int

    def total(self, values: np.ndarray | float = 1.0) -> np.ndarray:
        """Sum of weight × values over each component: (n,)."""
        return np.bincount(self.label, self.weight * values, self.count)


@dataclass(frozen=True)
class _Moments:
    """Mass, centre (n, 2) and second moments around it of n components, each (n,)."""

    mass: np.ndarray
    centre: np.ndarray
    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray

    @classmethod
    def of(cls, pixels: _Mass) -> _Moments:
        x, y, mass = pixels.x, pixels.y, pixels.total()
        cx, cy = pixels.total(x) / mass, pixels.total(y) / mass
        xx, yy, xy = (pixels.total(product) / mass for product in (x * x, y * y, x * y))
        return cls(mass, np.stack([cx, cy], -1), xx - cx * cx, yy - cy * cy, xy - cx * cy)

    def variances(self, angles: np.ndarray) -> np.ndarray:
        """Variance along and across the angles (n,): (n, 2)."""
        cosine, sine = np.cos(angles), np.sin(angles)
        mixed = 2 * self.xy * cosine * sine
        along = self.xx * cosine**2 + mixed + self.yy * sine**2
        return np.stack([along, self.xx + self.yy - along], -1)


def find_kernels(
    probability: np.ndarray, threshold: float, box_threshold: float, gain: float = 1.0
) -> Kernels:
    """Kernels in a map (h, w) of 0 … 1: components above ``threshold`` that score at least ``box_threshold``.

    The score is the mean of the probability weighted by itself, so that the pixels on a kernel's border
    count for little. A thin kernel may have border pixels only: where it is clearly a line, its score is
    taken over what such a kernel could reach. ``gain`` makes up for the share of the mass that a network is
    too cautious to give.
    """
    runs = label_runs(probability > threshold)
    scores = _scores(probability, runs)
    runs, scores = _keep(runs, scores, scores * _reach(np.array(MIN_SIDE)) >= box_threshold)
    if not runs.count:
        nothing = np.zeros((0, 2))
        return Kernels(Rectangles(nothing, nothing, np.zeros(0)), np.zeros(0))
    pixels = _spread(probability * gain, runs)
    found, across = _rectangles(pixels, *_outline(runs), threshold)
    length, thickness = found.sides.max(-1), found.sides.min(-1)
    scores = np.where(length > CLEARLY_LONG, np.minimum(scores * _reach(thickness), 1.0), scores)
    kept = scores >= box_threshold
    rectangles = Rectangles(found.centres[kept], found.sides[kept], found.angles[kept])
    return Kernels(rectangles, scores[kept], _curves(pixels, found, kept, across))


def _reach(thickness: np.ndarray) -> np.ndarray:
    """One over the least score of a certain kernel: one that lies across two rows of pixels."""
    return (thickness + PARTLY) / thickness


def _scores(probability: np.ndarray, runs: Runs) -> np.ndarray:
    """Σ p² / Σ p over the pixels of each component."""
    width = probability.shape[1]
    begins = runs.rows * width + runs.starts
    ends = begins + runs.ends - runs.starts

    def totals(values: np.ndarray) -> np.ndarray:
        sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        return np.bincount(runs.labels, sums[ends] - sums[begins], runs.count)

    return np.minimum(totals(probability * probability) / np.maximum(totals(probability), 1e-9), 1.0)


def _keep(runs: Runs, scores: np.ndarray, wanted: np.ndarray) -> tuple[Runs, np.ndarray]:
    """Only the wanted components, numbered anew, with their runs one component after the other."""
    names = np.cumsum(wanted) - 1
    chosen = np.flatnonzero(wanted[runs.labels])
    chosen = chosen[np.argsort(runs.labels[chosen], kind="stable")]
    labels = names[runs.labels[chosen]]
    kept = Runs(runs.rows[chosen], runs.starts[chosen], runs.ends[chosen], labels, int(wanted.sum()))
    return kept, scores[wanted]


def _spread(probability: np.ndarray, runs: Runs) -> _Mass:
    """Pixels of the components and the one-pixel fringe around them, which holds the rest of the mass."""
    height, width = probability.shape
    framed = np.zeros((height + 2, width + 2), np.int32)
    framed[1:-1, 1:-1] = runs.label_map(height, width)
    middle = framed[1:-1, 1:-1]
    beside = _either(framed[1:-1, :-2], framed[1:-1, 2:])
    above = _either(framed[:-2, 1:-1], framed[2:, 1:-1])
    labels = np.where(middle > 0, middle, np.maximum(beside, above))
    y, x = np.nonzero(labels)
    return _Mass(x + 0.5, y + 0.5, probability[y, x].astype(np.float64), labels[y, x] - 1, runs.count)


def _either(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The label on one side, or 0 where two different ones contend for the pixel between them."""
    return np.where((a > 0) & (b > 0) & (a != b), 0, np.maximum(a, b))


def _curves(pixels: _Mass, found: Rectangles, kept: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Places of the middles of long lines (k, 3), if many of them are ``across`` more than they are thick."""
    long = kept & (found.sides[:, 0] > LONG_LINE)
    bent = long & (across - found.sides[:, 1] > BENT)
    if bent.sum() < max(BENT_LINES, BENT_SHARE * long.sum()):
        return np.zeros((0, 3))
    of_long = long[pixels.label]
    x, y, weight, label = (v[of_long] for v in (pixels.x, pixels.y, pixels.weight, pixels.label))
    places = int(x.max()) // PLACE + 1
    place = label * places + x.astype(np.int64) // PLACE
    mass = np.bincount(place, weight)
    told = np.flatnonzero(mass > 0.5 * median(mass[mass > 0]))
    middles = (np.bincount(place, weight * values)[told] / mass[told] for values in (x, y))
    return np.stack([told // places, *middles], -1)


def _outline(runs: Runs) -> tuple[np.ndarray, np.ndarray]:
    """Points (p, 2) on the sides of each run's end pixels, and the first point of each component."""
    # Only the outermost runs of each row of a component can touch the rectangle.
    begins = np.flatnonzero(np.diff(runs.labels * (runs.rows.max() + 1) + runs.rows, prepend=-1))
    left, right = runs.starts[begins], np.maximum.reduceat(runs.ends, begins)
    row, label = runs.rows[begins] + 0.5, runs.labels[begins]
    first, last = left + 0.5, right - 0.5
    top, bottom = row - 0.5, row + 0.5
    corners = [(left, row), (right, row), (first, top), (last, top), (first, bottom), (last, bottom)]
    points = np.stack([np.stack(corner, -1) for corner in corners], 1).reshape(-1, 2)
    firsts = np.searchsorted(label, np.arange(runs.count)) * len(corners)
    return points, firsts


def _rectangles(
    pixels: _Mass, points: np.ndarray, firsts: np.ndarray, threshold: float
) -> tuple[Rectangles, np.ndarray]:
    """A rectangle for each component: direction, then fine sides, and its outline's height (n,)."""
    moments = _Moments.of(pixels)
    angles = _directions(moments, points, firsts)
    outline = rectangles_at(points, firsts, angles)
    # A uniform stretch of length s has variance s²/12; the pixels' own width adds another 1/12.
    by_spread = np.sqrt(np.maximum(12 * moments.variances(angles) - 1, MIN_SIDE**2))
    # An end pixel covered by the threshold or more counts as whole, by less as none: on average, too much.
    longest = outline.sides - 2 * (0.5 - threshold)
    short = longest[:, :1] < SHORT
    thickness = _thickness(pixels, moments.mass, angles, longest[:, 0])
    sides = np.where(short, by_spread, np.stack([longest[:, 0], thickness], -1))
    # A bent line is as high as its mass is spread; the outline would go by its last speck.
    bent = ~short & (outline.sides - sides > BENT)
    sides = np.clip(np.where(bent, np.maximum(by_spread, sides), sides), MIN_SIDE, outline.sides + 1.0)
    by_outline = np.array([True, False]) & ~short  # along, the ends say where the middle is
    centres = np.where(by_outline, from_frame(outline.centres, -angles), from_frame(moments.centre, -angles))
    return Rectangles(from_frame(centres, angles), sides, angles), outline.sides[:, 1]


def _directions(moments: _Moments, points: np.ndarray, firsts: np.ndarray) -> np.ndarray:
    """Angle (n,) of the long side: of the mass where it is long, of the outline otherwise."""
    centre, half = (moments.xx + moments.yy) / 2, np.hypot((moments.xx - moments.yy) / 2, moments.xy)
    angles = 0.5 * np.arctan2(2 * moments.xy, moments.xx - moments.yy)  # of the greatest variance
    long = centre + half > LONG**2 * np.maximum(centre - half, 1 / 12)  # 1/12: the pixels' own width
    compact = np.flatnonzero(~long)
    if len(compact):
        angles[compact] = _outline_directions(*_groups(points, firsts, compact))
    off = angles - np.rint(angles / (np.pi / 2)) * (np.pi / 2)  # from the nearest of the four directions
    length = rectangles_at(points, firsts, angles).sides.max(-1)
    seems_level = np.abs(np.sin(off)) * length < SNAP
    leaning = long & _leaning(off, length, moments.centre[:, 1], long)
    return np.where(seems_level & ~leaning, angles - off, angles)


def _leaning(off: np.ndarray, length: np.ndarray, y: np.ndarray, long: np.ndarray) -> np.ndarray:
    """Which components (n,) lie in a half of the page, upper or lower, where the ``long`` ones lean together.

    A photographed page leans by a degree or two, which no short line shows beyond doubt: all of them do.
    """
    telling = long & (np.abs(off) < ASLANT)
    if not telling.any():
        return np.zeros(len(off), bool)
    upper = y < median(y[telling])
    leaning = np.zeros(len(off), bool)
    for half in (upper, ~upper):
        lean, weight = off[telling & half], length[telling & half] ** 2  # twice as long, twice as sure
        if len(lean) < LEANING:
            continue
        mean = float((weight * lean).sum() / weight.sum())
        error = float(np.sqrt((weight**2 * (lean - mean) ** 2).sum()) / weight.sum())
        leaning |= half & (abs(mean) > max(LEAST_LEAN, SURELY * error))
    return leaning


def _outline_directions(points: np.ndarray, firsts: np.ndarray) -> np.ndarray:
    """Angle (n,) of the long side of the outline; upright unless a turned rectangle is clearly smaller."""
    tight = smallest_rectangles(points, firsts)
    level = rectangles_at(points, firsts, np.zeros(len(firsts)))
    turned = np.prod(tight.sides, -1) < CLEARLY_SMALLER * np.prod(level.sides, -1)
    turned &= tight.sides.min(-1) > CLEARLY_LARGE
    sides = np.where(turned[:, None], tight.sides, level.sides)
    angles = np.where(turned, tight.angles, 0.0)
    return np.where(sides[:, 0] < sides[:, 1], angles + np.pi / 2, angles)


def _groups(points: np.ndarray, firsts: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The chosen groups of points alone."""
    counts = np.diff(np.append(firsts, len(points)))
    wanted = np.zeros(len(firsts), bool)
    wanted[chosen] = True
    ends = np.cumsum(counts[chosen])
    return points[np.repeat(wanted, counts)], ends - counts[chosen]


def _thickness(pixels: _Mass, mass: np.ndarray, angles: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Mean mass of a column of each component, columns with little (gaps, ends) left out: (n,)."""
    along = pixels.x * np.cos(angles)[pixels.label] + pixels.y * np.sin(angles)[pixels.label]
    begin = np.full(pixels.count, np.inf)
    np.minimum.at(begin, pixels.label, along)
    column = (along - begin[pixels.label]).astype(np.int64)
    widths = np.zeros(pixels.count, np.int64)
    np.maximum.at(widths, pixels.label, column + 1)
    firsts = np.cumsum(widths) - widths
    columns = np.bincount(firsts[pixels.label] + column, pixels.weight, int(widths.sum()))
    owner = np.repeat(np.arange(pixels.count), widths)
    full = columns > FULL_COLUMN * (mass / np.maximum(length, 1.0))[owner]
    counted = np.bincount(owner, full, pixels.count)
    return np.bincount(owner, columns * full, pixels.count) / np.maximum(counted, 1)

"""The thin lines drawn on a page: between articles, sections and rows, and between columns.

In a row of pixels of text there is a gap after every letter, in a rule there is none: the lightest of some
neighbours, about two letters wide, is as dark as the others. Such places, from one to the next along the lean
of the text, make a rule. Where text is light, the negative is searched. The edge of a panel, where one plain
colour meets another, parts columns as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from ocrcli.engine.components import find_runs, touching_runs, union
from ocrcli.engine.fewnumbers import median
from ocrcli.engine.flatten import remapped
from ocrcli.engine.polygons import bounds
from ocrcli.engine.squaring import Squaring
from ocrcli.engine.straighten import Boxes, line_heights

# In heights of the text:
STRIP = 1.0  # width of a place
BESIDE = 0.3  # how far above and below a place it is lighter; a thicker line is no rule
SHORTEST = 3.0  # shorter lines part nothing
CONTRAST = 12  # grey levels by which a line is darker than what is above and below …
EVEN = 0.5  # … and share of what its darkest pixel is
STEP = 4  # grey levels from one plain colour to another …
STEEP = 0.5  # … and share of the highest step near by: a panel may throw a shadow
SMALL = 12  # pixels; lower text is not made smaller
LOOKED_AT = 50  # pieces of text, at most, that tell whether text is light on dark
MISSING = 1  # places that a rule may skip
DRIFT = 0.03  # dy/dx of lines that are left on a page laid flat
LARGEST = 2.0  # times the picture's area that a page laid flat may have; if it were larger, it is none
MARGIN = 3.0  # heights; how far beyond the text of such a page lines are looked for


def lines_between(grey: np.ndarray, quads: np.ndarray, square: Squaring) -> tuple[Boxes, Boxes, Boxes]:
    """Rules, bars and edges of a page uint8 (H, W), see ``drawn_lines``, as boxes on the page set straight.

    ``quads`` (n, 4, 2) are the pieces of its text, n > 0. A page that is bent is laid flat first.
    """
    height, light = median(line_heights(quads)), is_light(grey, quads)
    if square.bent:
        texts = square.boxes(quads)
        low = np.array([texts.x0.min(), texts.y0.min()]) - MARGIN * height
        high = np.array([texts.x1.max(), texts.y1.max()]) + MARGIN * height
        if np.prod(high - low) <= LARGEST * grey.size:
            return _lines_once_flat(grey, square, low, high, height, light)
    rules, bars, edges = drawn_lines(grey, square.angle, height, light)
    return square.boxes(rules), square.boxes(bars), square.boxes(edges)


def _lines_once_flat(
    grey: np.ndarray, square: Squaring, low: np.ndarray, high: np.ndarray, height: float, light: bool
) -> tuple[Boxes, Boxes, Boxes]:
    """As ``lines_between``, of the part of the page set straight from ``low`` to ``high``, (2,) each."""
    grey, times = _reduced(grey, height)
    wide, tall = ((high - low) / times).astype(int).tolist()
    flat = remapped(grey, (wide, tall), lambda places: square.back(low + places * times) / times)
    level = Squaring(0.0)
    rules, bars, edges = (
        level.boxes(low + quads * times) for quads in drawn_lines(flat, 0.0, height / times, light, DRIFT)
    )
    return rules, bars, edges


def drawn_lines(
    grey: np.ndarray, angle: float, height: float, light: bool = False, drift: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level lines, upright ones with edges, and level edges of a page uint8 (H, W).

    Its text leans by ``angle`` degrees. ``height`` is that of a usual line of text in pixels; ``light``
    text stands on a dark ground, and so do the lines. An edge is that of a panel. ``drift``, dy/dx, is how
    much they may be off the angle of the text. Quads float32 (n, 4, 2) in pixels, of each kind.
    """
    if light:
        grey = 255 - grey
    grey, times = _reduced(grey, height)
    rules, edges = level_lines(grey, angle, height / times, drift)
    bars = np.concatenate(level_lines(np.ascontiguousarray(grey.T), -angle, height / times, drift))
    return rules * times, bars[:, :, ::-1] * times, edges * times


def _reduced(grey: np.ndarray, height: float) -> tuple[np.ndarray, int]:
    """The page, smaller where it is scanned finely, which shows its lines as well, and how many times."""
    times = max(int(height // SMALL), 1)
    return (np.asarray(Image.fromarray(grey).reduce(times)) if times > 1 else grey), times


def is_light(grey: np.ndarray, quads: np.ndarray) -> bool:
    """Whether most text is lighter than its ground; ``quads`` (n, 4, 2) are where on grey (H, W) it stands.

    More of the box of a text is ground than ink, however dark the paper is in a photograph.
    """
    chosen = quads[:: max(len(quads) // LOOKED_AT, 1)]
    votes = 0
    for x0, y0, x1, y1 in bounds(chosen).clip(0).astype(int).tolist():
        box = grey[y0 : y1 + 1, x0 : x1 + 1]
        if box.size:
            votes += 1 if 2 * median(box) < int(box.min()) + int(box.max()) else -1
    return votes > 0


def level_lines(
    grey: np.ndarray, angle: float, height: float, drift: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Level lines, dark ones, and level edges of panels. For the rest see ``drawn_lines``."""
    strip, beside = max(round(STRIP * height), 4), max(round(BESIDE * height), 2)
    if grey.shape[1] < SHORTEST * height or len(grey) <= 2 * beside + 2:
        return np.zeros((0, 4, 2), np.float32), np.zeros((0, 4, 2), np.float32)
    slope = -np.tan(np.radians(angle))
    # A row is as dark as the darker of those above and below it: a line that leans changes rows.
    grey = np.minimum(np.minimum(grey[:-2], grey[1:-1]), grey[2:])
    lightest, darkest = (_of_places(grey, strip, extreme, slope) for extreme in (np.maximum, np.minimum))
    above, below = slice(None, -2 * beside), slice(2 * beside, None)
    beside_it = np.minimum(lightest[above], lightest[below])
    contrast = beside_it - lightest[beside:-beside]
    there = contrast > np.maximum(CONTRAST, EVEN * (beside_it - darkest[beside:-beside]))
    steps = np.maximum(darkest[above] - lightest[below], darkest[below] - lightest[above])
    steep = steps >= np.maximum(STEP, STEEP * _highest_near(steps, 2 * beside))
    # An edge is as thick as what is compared, a line is thinner.
    kinds = (there, range(beside + 1)), (steep, range(beside, 2 * beside + 1))
    lines, edges = (
        np.array(
            [
                _quad(y + beside + 1, start * strip, end * strip, slope)
                for y, start, end in _runs(mask, SHORTEST * height / strip, thickness, drift * strip)
            ],
            np.float32,
        ).reshape(-1, 4, 2)
        for mask, thickness in kinds
    )
    return lines, edges


def _of_places(grey: np.ndarray, strip: int, extreme: np.ufunc, slope: float) -> np.ndarray:
    """Lightest or darkest of each ``strip`` pixels beside each other: int16 (H, places).

    Each place is moved by how much the page has sunk there: a line is then one row.
    """
    reach = 1
    while reach < strip:  # of two overlapping halves
        step = min(reach, strip - reach)
        grey = extreme(grey[:, :-step], grey[:, step:])
        reach += step
    values = grey[:, ::strip].astype(np.int16)
    sunk = np.rint(slope * strip * np.arange(values.shape[1])).astype(np.int64)
    rows = np.clip(np.arange(len(values))[:, None] + sunk, 0, len(values) - 1)
    return np.take_along_axis(values, rows, 0)


def _highest_near(values: np.ndarray, reach: int) -> np.ndarray:
    """The highest value up to ``reach`` rows above or below each: (rows, columns)."""
    padded = np.pad(values, ((reach, reach), (0, 0)))
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0).max(-1)


def _runs(
    mask: np.ndarray, shortest: float, thickness: range, drift: float
) -> Iterator[tuple[int, int, int]]:
    """Row, first and end column of lines in a mask (rows, columns), which may ``drift`` by rows a column."""
    near = mask.copy()  # a line may be a row higher or lower from place to place
    near[1:] |= mask[:-1]
    near[:-1] |= mask[1:]
    filled = near.copy()
    for gap in range(1, MISSING + 1):
        filled[:, gap:-gap] |= near[:, : -2 * gap] & near[:, 2 * gap :]
    rows, starts, ends = find_runs(filled)
    long = ends - starts >= shortest
    rows, starts, ends = rows[long], starts[long], ends[long]
    lines = union(len(rows), *touching_runs(rows, starts, ends, mask.shape[1]))
    for line in sorted(set(lines.tolist())):
        of_line = np.flatnonzero(lines == line)
        start, end = int(starts[of_line].min()), int(ends[of_line].max())
        thick = int(np.ptp(rows[of_line])) - 1  # each row has been doubled above and below
        if thickness.stop <= thick < thickness.stop + drift * (end - start):
            thick = round(int((ends - starts)[of_line].sum()) / (end - start)) - 2
        if thick in thickness:
            yield int(rows[of_line][len(of_line) // 2]), start, end


def _quad(y: float, x0: float, x1: float, slope: float) -> list[tuple[float, float]]:
    """The corners of a rule a pixel high that comes from row ``y`` of the left edge of the page."""
    left, right = (x0, y + slope * x0), (x1, y + slope * x1)
    return [left, right, (right[0], right[1] + 1), (left[0], left[1] + 1)]

"""Single characters that stand below each other: quantities in a column of a table.

A detector sees such a column as one line of sideways text. What tells them apart are the rows: each
character of a column stands at the height of a line beside it, those of sideways text do not.
"""

from __future__ import annotations

import numpy as np

from ocrcli.engine.components import find_runs
from ocrcli.engine.fewnumbers import median

FEWEST_LINES = 5  # level ones, that say where the rows of a page are
TALL = 1.3  # times as high as wide, and as a line: two characters at least
WIDEST = 1.6  # heights of a line; single characters are narrower
LOWEST, HIGHEST = 0.3, 1.4  # heights of a line, of a character's ink
LEAST_GAP = 0.12  # heights of a line, white between two characters
LEVEL = 0.35  # heights of a line by which a character may be off the middle of its row
IN_ROWS = 0.7  # share of the characters that stand in rows
LEAST_CONTRAST = 40  # grey levels
MARGIN = 0.15  # heights of a line around the ink


def unstacked(grey: np.ndarray, quads: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lines found on a page uint8 (H, W), columns of single characters taken apart.

    ``quads`` is float32 (n, 4, 2), ``scores`` (n,); so are the results. Each part has the score of the whole.
    """
    low, high = quads.min(1), quads.max(1)
    width, height = (high - low).T
    along = quads[:, 1] - quads[:, 0]
    level = (np.abs(along[:, 0]) > np.abs(along[:, 1])) & (width > 2 * height)
    if level.sum() < FEWEST_LINES:
        return quads, scores
    usual = median(np.linalg.norm(quads[level, 3] - quads[level, 0], axis=-1))
    slope = median(along[level, 1] / along[level, 0])
    middles = quads.mean(1)
    rows = np.sort(middles[level, 1] - slope * middles[level, 0])
    tall = (height > TALL * np.maximum(width, usual)) & (width < WIDEST * usual)
    kept_quads, kept_scores = [quads[~tall]], [scores[~tall]]
    for i in np.flatnonzero(tall):
        parts = _characters(grey, low[i], high[i], usual)
        if len(parts) < 2 or _in_rows(parts.mean(1), slope, rows, usual) < IN_ROWS:
            parts = quads[i : i + 1]
        kept_quads.append(parts)
        kept_scores.append(np.full(len(parts), scores[i]))
    return np.concatenate(kept_quads), np.concatenate(kept_scores).astype(scores.dtype)


def _characters(grey: np.ndarray, low: np.ndarray, high: np.ndarray, usual: float) -> np.ndarray:
    """Boxes (k, 4, 2) of what stands in an upright box, from top to bottom; none if that is no stack."""
    none = np.empty((0, 4, 2), np.float32)
    (left, top), (right, bottom) = np.floor(low).astype(int), np.ceil(high).astype(int)
    left, top = max(left, 0), max(top, 0)
    crop = grey[top:bottom, left:right].astype(np.int16)
    if not crop.size or np.ptp(crop) < LEAST_CONTRAST:
        return none
    middle = (int(crop.min()) + int(crop.max())) / 2
    ink = crop < middle if median(crop) > middle else crop > middle
    edges = np.stack(find_runs(np.atleast_2d(ink.any(1)))[1:], axis=1)  # first row and end of each (k, 2)
    edges = edges[np.diff(edges)[:, 0] >= LOWEST * usual]  # what is lower is dust
    if len(edges) < 2 or (np.diff(edges) > HIGHEST * usual).any():
        return none
    if (edges[1:, 0] - edges[:-1, 1] < LEAST_GAP * usual).any():
        return none
    margin = MARGIN * usual
    boxes = []
    for first, last in edges:
        columns = np.flatnonzero(ink[first:last].any(0))
        x0, x1 = left + columns[0] - margin, left + columns[-1] + 1 + margin
        y0, y1 = top + first - margin, top + last + margin
        boxes.append([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    size = np.array(grey.shape[::-1], np.float32)
    return np.clip(np.array(boxes, np.float32), 0, size)


def _in_rows(middles: np.ndarray, slope: float, rows: np.ndarray, usual: float) -> float:
    """Share of points (k, 2) at the height of a row of the page."""
    heights = middles[:, 1] - slope * middles[:, 0]
    apart = np.abs(heights[:, None] - rows[None]).min(1)
    return float((apart < LEVEL * usual).mean())

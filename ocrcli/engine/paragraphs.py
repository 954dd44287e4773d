"""Rows of text grouped into blocks: paragraphs, headings, tables.

Lengths are in multiples of the text height, as in order.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ocrcli.engine.fewnumbers import median, quantile
from ocrcli.engine.straighten import Boxes

PARAGRAPH_PITCH = 1.45  # times the usual pitch from row to row begins a paragraph
USUAL = 0.4  # quantile of the pitches near a row that is the usual one; breaks are the larger
NEAR_ROWS = 6  # on either side of a row, among which its pitch and height are judged
MIN_PITCH, MAX_PITCH = 1.8, 2.6  # heights; below: no break, above: always one
HEADING_RATIO = 1.9  # of heights; text so much larger is another block
SMALL_HEADING, HEADING_PITCH = 1.5, 1.2  # a lower ratio is enough where the pitch is larger too


def blocks_of(boxes: Boxes, rows: list[list[int]]) -> Iterator[list[list[int]]]:
    """Rows in groups that white, a change of height or a shift to the side parts.

    White is judged by the pitch from row to row, for the heights of found boxes vary.
    """
    middles = np.array([median(boxes.middle[row]) for row in rows])
    heights = np.array([median(boxes.height[row]) for row in rows])
    pitches = np.diff(middles)
    usual_height = _near(heights, 0.5)
    usual_pitch = _near(pitches, USUAL) if len(pitches) > 1 else np.zeros(len(pitches))
    block = [rows[0]]
    for i, pitch in enumerate(pitches):
        above, below = rows[i], rows[i + 1]
        height = min(usual_height[i], usual_height[i + 1])
        limit = np.clip(PARAGRAPH_PITCH * usual_pitch[i], MIN_PITCH * height, MAX_PITCH * height)
        low, high = sorted((heights[i], heights[i + 1]))
        heading = high > HEADING_RATIO * low or (
            high > SMALL_HEADING * low and pitch > HEADING_PITCH * usual_pitch[i]
        )
        aside = boxes.x0[below].min() > boxes.x1[above].max() or boxes.x1[below].max() < boxes.x0[above].min()
        if pitch > limit or heading or aside:
            yield block
            block = []
        block.append(below)
    yield block


def _near(values: np.ndarray, share: float) -> np.ndarray:
    """For each value, (n,), the quantile of those around it; mirrored at the ends."""
    padded = np.pad(values, NEAR_ROWS, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEAR_ROWS + 1)  # (n, window)
    return np.array([quantile(window, share) for window in windows])

"""Lines that a detector is not sure of: single letters and digits, mostly.

They score little as a line, but can be read beyond doubt. Where they stand in a row with others, as in a
table, somewhat less will do.
"""

from __future__ import annotations

import numpy as np

from ocrcli.engine.polygons import bounds

FAINT = 0.5  # of the score that a line needs; at two thirds, single digits at the head of rows were lost
# On 24 photographs, 7 forms and 7 receipts, of what scored so little, what was read with SURE was read
# rightly, all of it.
SURE = 0.98  # confidence with which it is a line all the same …
SURE_IN_ROW = 0.9  # … and with which it is in a row of lines
FEWEST = 3  # other lines in a row
IN_LINE = 0.35  # heights by which the middles of a row differ
AS_HIGH = 0.35  # of the height of the others, by which a line may be higher or lower


def confidences_needed(faint: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """How surely each ``faint`` line (n, 4, 2) has to be read, beside the ``sure`` ones (m, 4, 2): (n,)."""
    if not len(faint) or len(sure) < FEWEST:
        return np.full(len(faint), SURE)
    ours, theirs = bounds(faint)[:, None], bounds(sure)[None]  # left, top, right, bottom
    height, their_height = ours[..., 3] - ours[..., 1], theirs[..., 3] - theirs[..., 1]
    apart = np.abs(ours[..., 1] + ours[..., 3] - theirs[..., 1] - theirs[..., 3]) / 2
    in_row = (apart <= IN_LINE * their_height) & (np.abs(height - their_height) <= AS_HIGH * their_height)
    return np.where(in_row.sum(1) >= FEWEST, SURE_IN_ROW, SURE)

"""Signs on walls that run away from the camera.

What is level on such a wall leans in the picture and grows towards the near end, while upright strokes
stay upright. The detector's box is turned to the lean: cut by it, letters slant and the ends of the line
stick out. So a leaning line that is doubted is cut anew between upright ends, as high at both ends or
higher at either, and counts as what the surest of these cuts says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ocrcli.engine.looks import DOUBTFUL, POWER, less_sure, seen_at
from ocrcli.engine.polygons import quad_sides
from ocrcli.engine.reading import Reading
from ocrcli.engine.straighten import along_lines

# Less is level; more is no sign on a wall but a tilted one.
LEANING, STEEP = np.deg2rad(3.0), np.deg2rad(50.0)
MOST = 12  # doubted lines that lean; a page of more is print that lies askew: other cuts do not help it
LONG = 2.0  # heights; what is shorter does not tell which way it leans
TAPERS = (0.0, -0.25, 0.25)  # half the difference between the heights of the ends, in mean heights
DISSENT = 0.6  # power of its share of the two votes that a reading's confidence is taken times


def read_again(
    quads: np.ndarray,
    widths: Sequence[int],
    readings: Sequence[Reading],
    read: Callable[[np.ndarray], list[tuple[Reading, int]]],
) -> list[Reading]:
    """Readings of lines ``quads`` (n, 4, 2), the doubted ones of leaning lines as other cuts have them.

    ``widths`` are those of their strips. ``read`` gives the readings of quads (m, 4, 2) with the widths of
    the strips.
    """
    settled = list(readings)
    doubted = [i for i in leaning(quads) if readings[i].confidence < DOUBTFUL]
    if not 0 < len(doubted) <= MOST:
        return settled
    cuts = between_uprights(quads[doubted])  # (k, tapers, 4, 2)
    seen = iter(read(cuts.reshape(-1, 4, 2)))
    for i in doubted:
        found, width = max((next(seen) for _ in TAPERS), key=lambda pair: pair[0].confidence)
        found = _in_doubt(found, readings[i])
        if found.confidence > readings[i].confidence:
            settled[i] = seen_at(found, widths[i] / width)
    return settled


def leaning(quads: np.ndarray) -> np.ndarray:
    """Which of the lines (n, 4, 2) lean, but not so much that they must be tilted: indices (k,)."""
    along = along_lines(quads)
    angles = np.abs(np.arctan2(along[:, 1], along[:, 0]))
    sides = quad_sides(quads)
    return np.flatnonzero((angles > LEANING) & (angles < STEEP) & (sides[:, 0] > LONG * sides[:, 1]))


def between_uprights(quads: np.ndarray) -> np.ndarray:
    """Leaning lines (n, 4, 2) cut between upright ends, one for each of the tapers: (n, tapers, 4, 2).

    Middle and lean are kept, and the height across the lean.
    """
    quads = quads.astype(np.float64)
    middle, half = quads.mean(1), along_lines(quads) / 2  # (n, 2)
    cosine = half[:, 0] / np.linalg.norm(half, axis=1)
    down = np.stack([np.zeros(len(quads)), quad_sides(quads)[:, 1] / (2 * cosine)], 1)
    left, right = middle - half, middle + half
    cuts = []
    for taper in TAPERS:
        small, large = down * (1 - taper), down * (1 + taper)
        cuts.append(np.stack([left - small, right - large, right + large, left + small], 1))
    return np.stack(cuts, 1)


def _in_doubt(found: Reading, before: Reading) -> Reading:
    """A reading that is less sure for another than ``before``, the more so the surer that was."""
    if found.text.casefold() == before.text.casefold() or not found.chars:
        return found
    weight = found.confidence**POWER
    factor = (weight / (weight + before.confidence**POWER)) ** DISSENT
    return less_sure(found, factor)

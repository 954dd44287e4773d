"""The matching behind detection scores.

The protocol is that of ICDAR 2015 (Karatzas 2015, challenge 4): a found quad and a true one match,
one to one, when intersection over union exceeds 0.5; a found quad that lies more than half within
a region marked "do not care" is neither right nor wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.engine.overlaps import iou, shared_areas

IOU_THRESHOLD = 0.5  # ICDAR 2015: a match must exceed it
IGNORED_SHARE = 0.5  # ICDAR 2015: share of a found quad within a do-not-care region that removes it


def ignored(found: NDArray[np.floating], regions: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which found quads (n, 4, 2) lie more than half within one of the do-not-care regions (m, 4, 2)."""
    shared, own, _ = shared_areas(found, regions)
    share = np.divide(shared, own[:, None], out=np.zeros_like(shared), where=own[:, None] > 0)
    return np.any(share > IGNORED_SHARE, axis=1)


def match(truths: NDArray[np.floating], found: NDArray[np.floating]) -> list[tuple[int, int]]:
    """Pairs (truth, found) of quads with IoU over the threshold, one to one, best overlap first."""
    overlap = iou(truths, found)
    rows, columns = np.nonzero(overlap > IOU_THRESHOLD)
    pairs: list[tuple[int, int]] = []
    used_truths: set[int] = set()
    used_found: set[int] = set()
    for i in np.argsort(-overlap[rows, columns], kind="stable"):
        truth, hit = int(rows[i]), int(columns[i])
        if truth not in used_truths and hit not in used_found:
            used_truths.add(truth)
            used_found.add(hit)
            pairs.append((truth, hit))
    return pairs


@dataclass(frozen=True)
class HMean:
    """Recall, precision and their harmonic mean, from counts that add up over pages."""

    matched: int = 0
    truths: int = 0
    found: int = 0

    def __add__(self, other: HMean) -> HMean:
        return HMean(self.matched + other.matched, self.truths + other.truths, self.found + other.found)

    @property
    def recall(self) -> float:
        """Matched over true."""
        return self.matched / self.truths if self.truths else 0.0

    @property
    def precision(self) -> float:
        """Matched over found."""
        return self.matched / self.found if self.found else 0.0

    @property
    def hmean(self) -> float:
        """Harmonic mean of recall and precision (the F1 of counts)."""
        total = self.truths + self.found
        return 2 * self.matched / total if total else 0.0

"""Connected components of a mask, without a loop over pixels.

Each row is cut into runs of set pixels; runs that touch in neighbouring rows are joined by
union-find. A mask has some thousand runs where it has a hundred thousand pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Runs:
    """Horizontal runs of set pixels, in reading order: all arrays (n,) int64.

    A run covers the pixels ``starts ≤ x < ends`` of its row; ``labels`` are 0 … ``count`` − 1.
    """

    rows: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    labels: np.ndarray
    count: int

    def label_map(self, height: int, width: int) -> np.ndarray:
        """Labels counted from 1 as an int32 image (height, width), 0 where no run is."""
        steps = np.zeros(height * width + 1, np.int64)
        # Runs do not overlap: a label switched on at the start and off at the end, then summed.
        np.add.at(steps, self.rows * width + self.starts, self.labels + 1)
        np.add.at(steps, self.rows * width + self.ends, -(self.labels + 1))
        return np.cumsum(steps[:-1]).astype(np.int32).reshape(height, width)


def label_runs(mask: np.ndarray) -> Runs:
    """Components of a bool mask (H, W), diagonal neighbours joined."""
    rows, starts, ends = find_runs(mask)
    upper, lower = touching_runs(rows, starts, ends, mask.shape[1])
    roots = union(len(rows), upper, lower)
    names, labels = np.unique(roots, return_inverse=True)
    return Runs(rows, starts, ends, labels.reshape(-1), len(names))


def find_runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, first column and end column of each run of a bool mask (H, W)."""
    height, width = mask.shape
    framed = np.zeros((height, width + 1), np.int8)  # a run never goes on in the next row
    framed[:, :width] = mask
    edges = np.flatnonzero(np.diff(framed.reshape(-1), prepend=np.int8(0)))
    begins, stops = edges[0::2], edges[1::2]
    rows = begins // (width + 1)
    return rows, begins - rows * (width + 1), stops - rows * (width + 1)


def touching_runs(
    rows: np.ndarray, starts: np.ndarray, ends: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of runs in neighbouring rows that share a side or a corner, as two index arrays."""
    stride = width + 2  # keys of one row lie apart from those of the next
    first_keys, end_keys = rows * stride + starts, rows * stride + ends
    # Below run i: from the first run that ends at or after its start to the last that starts by its end.
    first = np.searchsorted(end_keys, first_keys + stride, side="left")
    last = np.searchsorted(first_keys, end_keys + stride, side="right")
    counts = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(rows)), counts)
    within = np.arange(len(upper)) - np.repeat(np.cumsum(counts) - counts, counts)
    return upper, np.repeat(first, counts) + within


def union(count: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Smallest member of each item's set, when the items a[i] and b[i] belong together: (count,).

    Roots are hung below the smallest root they touch, all pairs at once, and paths are then halved
    until flat; a few rounds are enough, as each joins at least the sets that touch pairwise.
    """
    parent = np.arange(count)
    while len(a):
        root_a, root_b = parent[a], parent[b]
        apart = root_a != root_b
        a, b, root_a, root_b = a[apart], b[apart], root_a[apart], root_b[apart]
        if not len(a):
            break
        np.minimum.at(parent, np.maximum(root_a, root_b), np.minimum(root_a, root_b))
        while True:
            above = parent[parent]
            if (above == parent).all():
                break
            parent = above
    return parent

"""The connected pieces of a small mask, by union-find over runs of pixels, in NumPy.

Built for one character: a mask of some hundred pixels a side has a few hundred runs, and all
of it takes a fraction of a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Pieces:
    """Runs of a mask's rows and the piece that each belongs to (8-connected)."""

    shape: tuple[int, int]
    row: NDArray[np.intp]  # (runs,)
    start: NDArray[np.intp]  # (runs,), first column
    stop: NDArray[np.intp]  # (runs,), one past the last column
    label: NDArray[np.intp]  # (runs,), 0 … pieces − 1

    def __len__(self) -> int:
        return int(self.label.max(initial=-1)) + 1

    def areas(self) -> NDArray[np.intp]:
        """Pixels of each piece: (pieces,)."""
        return np.bincount(self.label, self.stop - self.start, len(self)).astype(np.intp)

    def touching_edge(self) -> Mask:
        """Which pieces reach the border of the picture: (pieces,)."""
        height, width = self.shape
        at_edge = (self.row == 0) | (self.row == height - 1) | (self.start == 0) | (self.stop == width)
        return np.bincount(self.label, at_edge, len(self)) > 0

    def counting(self, other: Mask) -> NDArray[np.intp]:
        """Pixels of another mask (H, W) under each piece: (pieces,)."""
        width = self.shape[1]
        running = np.concatenate([[0], np.cumsum(other.reshape(-1))])
        inside = running[self.row * width + self.stop] - running[self.row * width + self.start]
        return np.bincount(self.label, inside, len(self)).astype(np.intp)

    def boxes(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Upright boxes: (top, left) and, exclusive, (bottom, right) of each piece, (pieces, 2) each."""
        low = np.full((len(self), 2), max(self.shape), np.intp)
        high = np.zeros((len(self), 2), np.intp)
        np.minimum.at(low, self.label, np.stack([self.row, self.start], 1))
        np.maximum.at(high, self.label, np.stack([self.row + 1, self.stop], 1))
        return low, high

    def mask(self, keep: Mask) -> Mask:
        """The pixels of the pieces to keep (pieces,) as a mask (H, W)."""
        height, width = self.shape
        chosen = keep[self.label]
        edges = np.zeros(height * width + 1, np.int8)
        # Runs of neighbouring rows may meet end to start, where both changes fall on one place.
        np.add.at(edges, (self.row * width + self.start)[chosen], 1)
        np.add.at(edges, (self.row * width + self.stop)[chosen], -1)
        return edges[:-1].cumsum().astype(bool).reshape(self.shape)


def find_pieces(mask: Mask) -> Pieces:
    """The 8-connected pieces of a mask (H, W)."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    change = np.diff(padded, axis=1)  # (H, W + 1)
    row, start = np.nonzero(change == 1)
    stop = np.nonzero(change == -1)[1]
    first, second = _touching(row, start, stop, width)
    label = np.arange(len(row))
    while len(first):  # every run takes the least label that touches it, until all agree
        least = np.minimum(label[first], label[second])
        before = label.copy()
        np.minimum.at(label, label[first], least)
        np.minimum.at(label, label[second], least)
        label = label[label]
        if (label == before).all() and (label[first] == label[second]).all():
            break
    label = np.unique(label, return_inverse=True)[1].reshape(-1)
    return Pieces((height, width), row, start, stop, label)


def _touching(
    row: NDArray[np.intp], start: NDArray[np.intp], stop: NDArray[np.intp], width: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of runs of neighbouring rows that share a side or a corner.

    With rows laid end to end (a gap of two between them) the runs of one row are sorted, so
    those that touch a run lie in one stretch of the row below, found by bisection.
    """
    pitch = width + 2
    low = np.searchsorted(row * pitch + stop, (row + 1) * pitch + start, "left")
    high = np.searchsorted(row * pitch + start, (row + 1) * pitch + stop, "right")
    count = np.maximum(high - low, 0)
    first = np.repeat(np.arange(len(row)), count)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
    return first, np.repeat(low, count) + offset

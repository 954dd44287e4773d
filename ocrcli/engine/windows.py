"""Strips as what a network is shown: batches of like width, and parts of strips that are too long for it.

A strip too long for one run is read through overlapping windows, whose columns are joined afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ocrcli.alphabet import CTC_BLANK

WINDOW = 2_048  # pixels; strips longer than two windows are read through windows
OVERLAP = 256  # pixels, eight times the height: a long word fits in
MIN_WIDTH = 16  # pixels; what is narrower is padded, so that a lone "l" has columns enough


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A strip, or a part of a long one that begins at ``offset`` pixels."""

    strip: int
    offset: int
    pixels: np.ndarray  # (height, w)
    alone: bool

    @property
    def width(self) -> int:
        """Pixels."""
        return self.pixels.shape[1]


def windows_of(index: int, strip: np.ndarray) -> Iterator[Window]:
    """The strip (height, w) itself, or overlapping parts of one that is too long for one run."""
    width = strip.shape[1]
    if width <= 2 * WINDOW:
        yield Window(index, 0, strip, True)
        return
    for offset in range(0, width - OVERLAP, WINDOW - OVERLAP):
        yield Window(index, offset, strip[:, offset : offset + WINDOW], False)


def padded_width(width: int) -> int:
    """The width to which a strip is padded: its own alone decides, so that a reading never depends on others.

    Eight steps an octave, and no step beyond 64 pixels: 6 % of padding in the mean, an eighth at most,
    less for whole lines, and few enough widths that strips share batches.
    """
    octave = max(int(max(width, MIN_WIDTH) - 1).bit_length() - 1, 6)  # up to 128: multiples of 8
    step = min(2 ** (octave - 3), 64)
    return -(-max(width, MIN_WIDTH) // step) * step


def batches_of(windows: list[Window], size: int, columns: int) -> Iterator[list[Window]]:
    """Groups of one padded width, within the bounds on count and pixels of width.

    Wide strips come first: what is left for the end is quick, and no worker waits for long.
    """
    ordered = sorted(windows, key=lambda window: -window.width)
    for width, group in groupby(ordered, key=lambda window: padded_width(window.width)):
        most = max(min(size, columns // width), 1)
        members = list(group)
        for start in range(0, len(members), most):
            yield members[start : start + most]


def stacked(batch: Sequence[Window], width: int) -> np.ndarray:
    """(N, 1, height, width): each strip is continued to the right by its last column."""
    height = batch[0].pixels.shape[0]
    strips = np.empty((len(batch), 1, height, width), np.uint8)
    for row, window in zip(strips[:, 0], batch, strict=True):
        own = window.width
        row[:, :own] = window.pixels
        row[:, own:] = window.pixels[:, -1:]
    return strips


def joined(parts: dict[int, np.ndarray]) -> np.ndarray:
    """Columns of overlapping windows, keyed by their first column, as one: (T, C).

    Two windows are joined where both are surest of a blank, far from both their ends,
    because a network sees least at the edge of a window.
    """
    offsets = sorted(parts)
    whole = parts[offsets[0]]
    for offset in offsets[1:]:
        following = parts[offset]
        shared = len(whole) - offset  # columns that both windows have seen
        blank = whole[offset:, CTC_BLANK] + following[:shared, CTC_BLANK]
        edge = shared // 4
        cut = edge + int(blank[edge : shared - edge].argmax())
        whole = np.concatenate([whole[: offset + cut], following[cut:]])
    return whole

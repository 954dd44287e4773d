"""Looking at a page in another size, and choosing between what was read in both.

Large letters fall apart in a picture that is shown large, small ones run together where it is shown
small. Where a page was not read clearly at its own size, its lines are looked for again,
smaller; where lines of several sizes lie upon each other, those stay that say more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrcli.engine.lines import Piece
from ocrcli.engine.overlaps import iou, shared_areas

# Of the size at which a page is shown first; and the lowest lines that count then, of the page's longer
# side. Letters as high as half a page can only be seen as such where the page is shown very small.
OTHER_SIZES = ((0.6, 0.0), (0.25, 0.1))
FEW = 30  # lines; of photographs and posters with fewer, some may have been missed altogether
CLEAR = 0.9  # confidence of a line that is read clearly
MOSTLY = 0.9  # share of clear lines that makes a second look needless
SAME = 0.8  # intersection over union from which two quads are one line
RIVALS = 0.3  # share of the smaller of two lines that lies in the other: at most one of them is there
MORE = 1.1  # times what one reading says, that another has to say to take its place


def is_clear(lines: int, pieces: Sequence[Piece]) -> bool:
    """Whether a page of so many ``lines``, of which the ``pieces`` could be read, needs no second look."""
    clear = sum(piece.reading.confidence >= CLEAR for piece in pieces)
    return lines >= FEW and clear >= MOSTLY * lines


def new_lines(quads: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Those of some quads (n, 4, 2) that are not one of the ``known`` (m, 4, 2) again."""
    if not len(quads) or not len(known):
        return quads
    return quads[iou(quads, known).max(1) < SAME]


def as_high(quads: np.ndarray, lowest: float) -> np.ndarray:
    """Those of some quads (n, 4, 2) that are at least ``lowest`` pixels high."""
    return quads[np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1) >= lowest]


def that_say_more(first: list[Piece], second: list[Piece]) -> list[Piece]:
    """The pieces of two looks: where they lie upon each other, those of the one that says more."""
    if not first or not second:
        return first + second
    shared, areas, other_areas = shared_areas(_quads(first), _quads(second))
    rivals = shared > RIVALS * np.minimum(areas[:, None], other_areas[None])
    kept: list[Piece] = []
    for ours, theirs in _groups(rivals):
        said, other = ([pieces[i] for i in of] for pieces, of in ((first, ours), (second, theirs)))
        kept += other if _said(other) > MORE * _said(said) else said
    return kept


def _quads(pieces: Sequence[Piece]) -> np.ndarray:
    return np.array([piece.quad for piece in pieces], np.float32)


def _said(pieces: Sequence[Piece]) -> float:
    """Characters, each as far as it is sure."""
    return sum(char.confidence for piece in pieces for char in piece.reading.chars if char.text != " ")


def _groups(rivals: np.ndarray) -> list[tuple[list[int], list[int]]]:
    """Rows and columns of a matrix bool (n, m) that hang together, each of them in one group."""
    groups = []
    left = set(range(len(rivals)))
    while left:
        ours, theirs = {min(left)}, set[int]()
        while True:
            theirs = set(np.flatnonzero(rivals[sorted(ours)].any(0)).tolist())
            wider = ours | set(np.flatnonzero(rivals[:, sorted(theirs)].any(1)).tolist())
            if wider == ours:
                break
            ours = wider
        left -= ours
        groups.append((sorted(ours), sorted(theirs)))
    alone = np.flatnonzero(~rivals.any(0)).tolist()
    return [*groups, *(([], [column]) for column in alone)]

"""Where words begin and end, to the pixel: between two words there is a gap without ink.

The columns of the network are four pixels wide, and it names a character some time after it has seen
where it begins. So the edges that its columns give are moved to the ink beside them. Where no
gap is to be seen (dirt, a busy background) they stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import le
from typing import TYPE_CHECKING

import numpy as np

from ocrcli.engine.components import find_runs
from ocrcli.engine.fewnumbers import quantile

if TYPE_CHECKING:
    from ocrcli.engine.reading import CharSpan

QUIET = 0.3  # share of the way from an empty column's contrast to that of ink, below which it is empty
LEAST_CONTRAST = 24.0  # grey levels between both, under which nothing can be told
BUSY = 0.5  # contrast of the emptiest columns, as a share of that of ink, above which none is empty
SPACE = 0.4  # of the width that the network gives a space: a gap less wide is one between letters
REACH = 8.0  # pixels of the strip by which an edge of a line may lie off


def snap_to_ink(strip: np.ndarray, chars: Sequence[CharSpan]) -> tuple[CharSpan, ...]:
    """The characters of a strip uint8 (h, w), those at the edges of words reaching to where its ink ends."""
    quiet = quiet_columns(strip)
    if quiet is None or not chars:
        return tuple(chars)
    snapped = list(chars)
    spaces = [i for i, char in enumerate(chars) if char.text == " " and 0 < i < len(chars) - 1]
    gaps = longest_gaps(quiet, chars, [(i - 1, i + 1) for i in spaces])
    for i, (start, end) in zip(spaces, gaps, strict=True):
        space = chars[i]
        if end - start > SPACE * (space.end - space.start):
            snapped[i - 1] = moved(snapped[i - 1], end=start)
            snapped[i] = moved(space, start, end)
            snapped[i + 1] = moved(snapped[i + 1], start=end)
    inked = np.flatnonzero(~quiet)
    first, last = snapped[0], snapped[-1]
    before = inked[(inked >= first.start - REACH) & (inked < first.end)]
    if len(before):
        snapped[0] = moved(first, start=float(before[0]))
    after = inked[(inked >= last.start) & (inked < last.end + REACH)]
    if len(after):
        snapped[-1] = moved(snapped[-1], end=float(after[-1] + 1))
    return tuple(snapped) if _in_order(snapped) else tuple(chars)


def moved(char: CharSpan, start: float | None = None, end: float | None = None) -> CharSpan:
    """A character with an edge elsewhere. Made anew: ``dataclasses.replace`` takes six times as long."""
    return type(char)(
        char.text,
        char.confidence,
        char.start if start is None else start,
        char.end if end is None else end,
    )


def quiet_columns(strip: np.ndarray) -> np.ndarray | None:
    """Which columns hold no ink, bool (w,); None when that cannot be told."""
    contrast = (strip.max(0) - strip.min(0)).astype(np.float32)  # (w,)
    empty, inked = (quantile(contrast, share) for share in (0.05, 0.75))
    if inked - empty < LEAST_CONTRAST or empty > BUSY * inked:
        return None
    return contrast < empty + QUIET * (inked - empty)


def longest_gaps(
    quiet: np.ndarray, chars: Sequence[CharSpan], between: Sequence[tuple[int, int]]
) -> list[list[float]]:
    """The longest run of quiet columns ``between`` the middles of pairs of the characters: begin and end.

    Begin and end are the same where there is none.
    """
    begins, ends = find_runs(quiet[None])[1:]
    if not len(begins) or not between:
        return [[0.0, 0.0]] * len(between)
    middles = np.array([(char.start + char.end) / 2 for char in chars])[np.array(between)]  # (n, 2)
    bounds = np.rint(middles[..., None]).astype(int)  # (n, 2, 1): from, to
    begins, ends = (edges.clip(bounds[:, 0], bounds[:, 1]) for edges in (begins, ends))  # (n, runs) each
    best = (ends - begins).argmax(1)[:, None]
    of_best = [np.take_along_axis(edges, best, 1) for edges in (begins, ends)]
    return np.concatenate(of_best, 1).astype(float).tolist()


def _in_order(chars: Sequence[CharSpan]) -> bool:
    starts = [char.start for char in chars]
    return all(map(le, starts, starts[1:])) and all(char.end > char.start for char in chars)

"""Where words begin and end, to the pixel: between two words there is a gap without ink.

The columns of the network are four pixels wide, and it names a character some time after it has seen
where it begins. So the edges that its columns give are moved to the ink beside them. Where no
gap is to be seen (dirt, a busy background) they stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ocrcli.engine.components import find_runs
from ocrcli.engine.straighten import quantile

if TYPE_CHECKING:
    from ocrcli.engine.recogniser import CharSpan

QUIET = 0.3  # share of the way from an empty column's contrast to that of ink, below which it is empty
LEAST_CONTRAST = 24.0  # grey levels between both, under which nothing can be told
BUSY = 0.5  # contrast of the emptiest columns, as a share of that of ink, above which none is empty
SPACE = 0.4  # of the width that the network gives a space: a gap less wide is one between letters
REACH = 8.0  # pixels of the strip by which an edge of a line may lie off


def snap_to_ink(strip: np.ndarray, chars: Sequence[CharSpan]) -> tuple[CharSpan, ...]:
    """The characters of a strip uint8 (h, w), those at the edges of words reaching to where its ink ends."""
    quiet = _quiet_columns(strip)
    if quiet is None or not chars:
        return tuple(chars)
    gaps = np.stack(find_runs(quiet[None])[1:])  # begins and ends (2, n)
    snapped = list(chars)
    middles = [(char.start + char.end) / 2 for char in chars]
    for i, char in enumerate(chars):
        if char.text != " " or not 0 < i < len(chars) - 1:
            continue
        gap = _longest(gaps, middles[i - 1], middles[i + 1])
        if gap is not None and gap[1] - gap[0] > SPACE * (char.end - char.start):
            snapped[i - 1] = replace(snapped[i - 1], end=gap[0])
            snapped[i] = replace(char, start=gap[0], end=gap[1])
            snapped[i + 1] = replace(snapped[i + 1], start=gap[1])
    inked = np.flatnonzero(~quiet)
    first, last = snapped[0], snapped[-1]
    before = inked[(inked >= first.start - REACH) & (inked < first.end)]
    if len(before):
        snapped[0] = replace(first, start=float(before[0]))
    after = inked[(inked >= last.start) & (inked < last.end + REACH)]
    if len(after):
        snapped[-1] = replace(snapped[-1], end=float(after[-1] + 1))
    return tuple(snapped) if _in_order(snapped) else tuple(chars)


def _quiet_columns(strip: np.ndarray) -> np.ndarray | None:
    """Which columns hold no ink, bool (w,); None when that cannot be told."""
    contrast = (strip.max(0) - strip.min(0)).astype(np.float32)  # (w,)
    empty, inked = (quantile(contrast, share) for share in (0.05, 0.75))
    if inked - empty < LEAST_CONTRAST or empty > BUSY * inked:
        return None
    return contrast < empty + QUIET * (inked - empty)


def _longest(runs: np.ndarray, start: float, end: float) -> tuple[float, float] | None:
    """Begin and end of the longest run of quiet columns between two places, in pixels."""
    begins, ends = runs.clip(round(start), round(end))
    if not len(begins):
        return None
    best = int((ends - begins).argmax())
    return (float(begins[best]), float(ends[best])) if ends[best] > begins[best] else None


def _in_order(chars: Sequence[CharSpan]) -> bool:
    ordered = all(after.start >= before.start for before, after in pairwise(chars))
    return ordered and all(char.end > char.start for char in chars)

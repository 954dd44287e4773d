"""Which of a dataset's quads can be learned from, and the lines that its words stand in.

A quad (4, 2) has the corners top-left, top-right, bottom-right, bottom-left of a word in its reading
direction, in pixels of its image. Whatever numbers a file holds goes in: each word is
either kept or has one reason, of REASONS, why not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocrcli.engine.polygons import Rectangles, from_frame, quad_areas, quad_sides, rectangles_at

NO_TEXT, UNPRINTABLE, NOT_FINITE = "no text", "unprintable text", "coordinates are no numbers"
OUTSIDE, DEGENERATE, SMALL, LONG = "outside the image", "degenerate box", "too small", "too long"
REASONS = (NO_TEXT, UNPRINTABLE, NOT_FINITE, OUTSIDE, DEGENERATE, SMALL, LONG)

VISIBLE = 0.8  # share of a word that must lie on the image: with less a letter or two are missing
SMALLEST = 6.0  # pixels of height; the letters of lower words are 4 pixels high, and their strips mere blur
NARROWEST = 2.0  # pixels of width: an "l" in the smallest height
LONGEST = 40.0  # width over height: the widest strip of 1,280 pixels
HUGE = 1e6  # pixels; coordinates beyond are no measurements, and their products would overflow
# Words follow each other on a line when, in units of their height, the gap is at most so wide, and
# the middle of the next lies at most so far off the line through the last.
GAP, STEP = 1.5, 0.5
TALLER = 2.0  # heights of neighbours on a line differ by no more than this factor


@dataclass(frozen=True)
class Judged:
    """Quads float32 (n, 4, 2), clipped to the image, and for each None or why it is dropped."""

    quads: np.ndarray
    reasons: list[str | None]

    @property
    def kept(self) -> np.ndarray:
        """Which are good: bool (n,)."""
        return np.array([reason is None for reason in self.reasons], dtype=bool)


def judge(quads: np.ndarray, texts: Sequence[str], size: tuple[int, int]) -> Judged:
    """Clips quads (n, 4, 2) to an image of ``size`` (width, height), and finds those not to be used."""
    quads = np.asarray(quads, np.float64).reshape(-1, 4, 2)
    finite = np.all(np.isfinite(quads) & (np.abs(quads) < HUGE), axis=(1, 2))
    whole = np.where(finite[:, None, None], quads, 0.0)
    clipped = np.clip(whole, 0, size)
    area, seen = quad_areas(whole), quad_areas(clipped)
    along, across = quad_sides(clipped).T
    conditions = [
        (~finite, NOT_FINITE),
        (_crossed(whole) | (area < 1), DEGENERATE),
        (seen < VISIBLE * area, OUTSIDE),
        (_crossed(clipped), DEGENERATE),
        ((across < SMALLEST) | (along < NARROWEST), SMALL),
        (along > LONGEST * np.maximum(across, 1e-6), LONG),
    ]
    reasons: list[str | None] = [_wrong_text(text) for text in texts]
    for wrong, reason in conditions:
        for i in np.flatnonzero(wrong):
            reasons[i] = reasons[i] or reason
    return Judged(clipped.astype(np.float32), reasons)


def _crossed(quads: np.ndarray) -> np.ndarray:
    """Which quads (n, 4, 2) are not convex and clockwise, or have three corners on a line: (n,)."""
    edges = np.roll(quads, -1, 1) - quads
    following = np.roll(edges, -1, 1)
    turns = edges[..., 0] * following[..., 1] - edges[..., 1] * following[..., 0]
    return (turns <= 1e-6).any(1)


def _wrong_text(text: str) -> str | None:
    if not text.strip():
        return NO_TEXT
    # Control characters, lone surrogates, code points without a meaning.
    if any(unicodedata.category(c) in ("Cc", "Cs", "Cn", "Co") for c in text):
        return UNPRINTABLE
    return None


def widened(quads: np.ndarray, share: float) -> np.ndarray:
    """Quads (n, 4, 2) with ``share`` of their height added on every side."""
    top, bottom = quads[:, 1] - quads[:, 0], quads[:, 2] - quads[:, 3]
    left, right = quads[:, 3] - quads[:, 0], quads[:, 2] - quads[:, 1]
    margin = share * quad_sides(quads)[:, 1, None]  # (n, 1)
    along, across = _unit(top + bottom) * margin, _unit(left + right) * margin
    return quads + np.stack([-along - across, along - across, along + across, across - along], 1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def line_quad(words: np.ndarray) -> np.ndarray:
    """The rectangle around the words (n, 4, 2) of one line, in its reading direction: float32 (4, 2).

    A single word's quad is its own. Otherwise the line runs from the first word's beginning to the
    last one's end.
    """
    if len(words) == 1:
        return words[0].astype(np.float32)
    start, end = words[0, [0, 3]].mean(0), words[-1, [1, 2]].mean(0)
    angle = np.arctan2(*(end - start)[::-1])
    around: Rectangles = rectangles_at(words.reshape(-1, 2).astype(float), np.array([0]), np.array([angle]))
    return around.quads()[0]


def lines_by_place(quads: np.ndarray) -> np.ndarray:
    """Numbers of the lines (n,) that words (n, 4, 2) in reading order stand in, told by their places alone.

    Each word either goes on with the line of the one before it, or begins the next.
    """
    if not len(quads):
        return np.zeros(0, np.int64)
    quads = quads.astype(np.float64)
    heights = np.maximum(quad_sides(quads)[:, 1], 1e-6)
    middle = (quads[:, 1] + quads[:, 2]) / 2  # of the right side, where the next word is expected
    begin = (quads[:, 0] + quads[:, 3]) / 2
    angle = np.arctan2(*(middle - begin).T[::-1])
    step = from_frame(begin[1:] - middle[:-1], -angle[:-1])  # along and across the word before
    unit = np.maximum(heights[1:], heights[:-1])
    near = (np.abs(step[:, 1]) < STEP * unit) & (step[:, 0] > -STEP * unit) & (step[:, 0] < GAP * unit)
    alike = unit < TALLER * np.minimum(heights[1:], heights[:-1])
    return np.concatenate([[0], np.cumsum(~(near & alike))])

"""Single digits among numbers: quantities in a column, the ticks of an axis.

What a lone circle or stroke is, a letter, a digit or a bullet, its shape cannot tell; its neighbours can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ocrcli.engine.lines import Piece
from ocrcli.engine.polygons import bounds
from ocrcli.engine.reading import Reading

DIGITS = "0123456789"
LIKE_DIGITS = frozenset(DIGITS + "OoDQSslI|ZzBG")
ONE_SHAPE = frozenset("OolI|")  # no reader can tell these from digits when they stand alone
A_LETTER = 0.95  # confidence with which another one is a letter: heads of columns, grades
FEWEST = 2  # numbers in the row, or in the column
SURE = 0.7  # confidence, among digits, with which it is told as one
CLEAR = 0.8  # confidence of a number that is one
IN_LINE = 0.35  # heights of a line by which things in a row or a column may be out of line
AS_HIGH = 0.3  # of the height of a number, by which a digit may be higher or lower
FARTHEST = 16  # heights to the nearest number of the row or column

_NUMBER = re.compile(r"\W*\d[\d.,:/ ]*\W*")


def is_like_digit(text: str) -> bool:
    """Whether what was read in a line may be a single digit."""
    return text in LIKE_DIGITS


def may_be_digit(reading: Reading) -> bool:
    """Whether what was read as a single letter may be a digit."""
    unsure = reading.text in ONE_SHAPE or reading.confidence < A_LETTER
    return reading.text in LIKE_DIGITS and reading.text not in DIGITS and unsure


def among_numbers(lone: Sequence[Piece], pieces: Sequence[Piece]) -> list[Piece]:
    """Those of the ``lone`` ones that stand in a row or a column of the numbers among ``pieces``."""
    numbers = [
        piece
        for piece in pieces
        if piece.reading.confidence >= CLEAR and _NUMBER.fullmatch(piece.reading.text)
    ]
    if not lone or len(numbers) < FEWEST:
        return []
    ours, theirs = _edges(lone)[:, None], _edges(numbers)[None]  # (k or 1, 1 or n): left, top, right, bottom
    height = theirs[..., 3] - theirs[..., 1]
    offsets = np.abs(ours - theirs)
    middles = np.abs((ours[..., :2] + ours[..., 2:]) - (theirs[..., :2] + theirs[..., 2:])) / 2
    as_high = np.abs((ours[..., 3] - ours[..., 1]) - height) <= AS_HIGH * height
    apart = (middles.max(-1) > IN_LINE * height) & as_high  # a number is not in line with itself
    row = apart & (middles[..., 1] <= IN_LINE * height)
    least = np.minimum(np.minimum(offsets[..., 0], offsets[..., 2]), middles[..., 0])
    column = apart & (least <= IN_LINE * height)
    found = np.zeros(len(lone), bool)
    for line, axis in ((row, 0), (column, 1)):
        near = np.where(line, middles[..., axis] / height, np.inf).min(1) <= FARTHEST
        found |= near & (line.sum(1) >= FEWEST)
    return [piece for piece, among in zip(lone, found, strict=True) if among]


def _edges(pieces: Sequence[Piece]) -> np.ndarray:
    """Left, top, right and bottom of pieces: (n, 4)."""
    return bounds(np.array([piece.quad for piece in pieces]))

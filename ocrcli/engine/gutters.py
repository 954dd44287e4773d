"""Lines that a detector has joined across the gutter between two columns are taken apart again.

Where columns are close to each other, some of their lines are found as one. Such a line has a wide gap
between two words where the lines above and below it begin or have their gap, too; in a line of running
text a wide gap stands wherever it happens to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocrcli.engine.columns import RUNNING_WIDTH
from ocrcli.engine.lines import Piece, split_words, text_quad
from ocrcli.engine.reading import CharSpan, as_reading
from ocrcli.engine.squaring import upright_boxes

# Lengths are in heights of the line.
LEAST_GAP = 0.6  # narrower is a gap between words
IN_LINE = 0.4  # by which left edges of a column may be out of line
REACH = 8.0  # how far above and below a line its neighbours are asked
BEYOND = 1.0  # that a line reaches past a gap on either side, to lie across it
FEWEST = 3  # neighbours that begin, or have a gap, where the gap ends …
AGAINST = 0.5  # … and for each of them at most so many that lie across it
RULES = frozenset("|¦:;!")  # what the line between two columns may be read as
NUMBER = 3  # digits of the number of a line, between the columns of a patent or of an edition, at most …
NUMBER_WIDTH = 3.0  # … and its width
DIGITS = str.maketrans("sSoOIli", "5500111")  # small digits read as letters


@dataclass(frozen=True, slots=True)
class _Gap:
    """Between two words of a line: its place on the level page, and in pixels of the strip."""

    piece: int
    start: float
    end: float
    strip_start: float
    strip_end: float
    number: tuple[float, float] | None = None  # where the number of the line stands in it


def split_at_gutters(pieces: Sequence[Piece], angle: float) -> list[Piece]:
    """The pieces of a page that leans by ``angle`` degrees; lines of two columns become two."""
    if len(pieces) <= FEWEST:
        return list(pieces)
    boxes = upright_boxes(np.array([text_quad(piece) for piece in pieces], np.float32), angle)
    gaps = [
        gap
        for i, piece in enumerate(pieces)
        for gap in _gaps(i, piece, boxes.x0[i], boxes.x1[i])
        if gap.end - gap.start >= LEAST_GAP * boxes.height[i]
    ]
    if not gaps:
        return list(pieces)
    owner = np.array([gap.piece for gap in gaps])
    start, end = (np.array([getattr(gap, side) for gap in gaps]) for side in ("start", "end"))
    wide = boxes.width > RUNNING_WIDTH * boxes.height  # cells of a table are in their rows, joined or not
    first: dict[int, _Gap] = {}  # of each line that is to be taken apart
    for gap in gaps:
        i, height = gap.piece, boxes.height[gap.piece]
        near = np.abs(boxes.middle - boxes.middle[i]) < REACH * height
        near[i] = False
        # The line after the gap may be indented, or the neighbour; so any edge in the gap is one.
        first_edge = min(gap.start + LEAST_GAP * height, gap.end - IN_LINE * height)
        begins = near & wide & (boxes.x0 > first_edge) & (boxes.x0 < gap.end + IN_LINE * height)
        like = (end > first_edge) & (start < gap.end - LEAST_GAP * height)
        gapped = np.zeros(len(pieces), bool)
        gapped[owner[like]] = True
        across = near & (boxes.x0 < gap.start - BEYOND * height) & (boxes.x1 > gap.end + BEYOND * height)
        support = (begins | (near & gapped)).sum()  # gaps alone, in every line, are those of a listing
        if gap.number is not None:
            start_of, end_of = gap.number
            into = (boxes.x0 < end_of - IN_LINE * height) & (boxes.x1 > start_of + IN_LINE * height)
            across |= near & into & (boxes.width > NUMBER_WIDTH * height)
        if begins.any() and support >= FEWEST and (across & ~gapped).sum() <= AGAINST * support:
            first.setdefault(i, gap)
    if not first:
        return list(pieces)
    parts: list[Piece] = []
    for i, piece in enumerate(pieces):
        parts += _parted(piece, first[i]) if i in first else [piece]
    return split_at_gutters(parts, angle)  # a line may go on over the next gutter


def _gaps(index: int, piece: Piece, x0: float, x1: float) -> Iterator[_Gap]:
    """The gaps of a line from ``x0`` to ``x1``.

    What stands for a rule between columns is part of one, and so is the number of the line.
    """
    words = [word for word, _ in split_words(piece.reading.chars)]
    if len(words) < 2:
        return
    begins, ends = words[0][0].start, words[-1][-1].end
    pitch = (x1 - x0) / max(ends - begins, 1e-6)

    def place(x: float) -> float:
        return x0 + (x - begins) * pitch

    for i in range(1, len(words)):
        before, end = words[i - 1], words[i][0].start
        # What stands before the rule or the number; the line may begin with it.
        start = words[i - 2][-1].end if i > 1 else begins
        if _is_rule(before):
            yield _Gap(index, place(start), place(end), start, end)
            continue
        if _is_number(before):
            number = place(before[0].start), place(before[-1].end)
            yield _Gap(index, place(start), place(end), start, end, number)
        yield _Gap(index, place(before[-1].end), place(end), before[-1].end, end)


def _is_rule(word: Sequence[CharSpan]) -> bool:
    return len(word) == 1 and word[0].text in RULES


def _is_number(word: Sequence[CharSpan]) -> bool:
    return len(word) <= NUMBER and "".join(char.text for char in word).translate(DIGITS).isdecimal()


def _parted(piece: Piece, gap: _Gap) -> list[Piece]:
    """The two lines before and after a gap, and the number in it; a rule there is left out."""
    chars = piece.reading.chars
    before = tuple(char for char in chars if char.end <= gap.strip_start)
    after = tuple(char for char in chars if char.start >= gap.strip_end)
    between = chars[len(before) : len(chars) - len(after)] if gap.number else ()
    number = tuple(replace(char, text=char.text.translate(DIGITS)) for char in between if char.text != " ")
    parts = [replace(piece, reading=as_reading(part)) for part in (before, number, after) if part]
    return [replace(part, quad=text_quad(part)) for part in parts]

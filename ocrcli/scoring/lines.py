"""How well the lines of pages are read that were found: CER where the truth is one running text.

The CER of a whole page mixes reading with finding and ordering. Here each line that was read is placed
in the truth by itself, so that what is left is the recogniser's; truth that no line covers is counted
apart, the detector's share.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocrcli.scoring.text import WILDCARD, fold_page

PROTOCOL = (
    "edits over truth characters, summed over the lines of the set; each line at its best place in the truth,"
    " each truth character for one line only; a line that needs edits for more than half of its length has"
    " no place, and all of them are errors; folding and ~ as in ocr eval page"
)
# Edits a character above which a line has no place. Lines of another book need 0.55 and more, random letters
# 0.65; shorter ones come near some part of any text, but find little of it free.
STRAY = 0.5
_HYPHENATED = re.compile(r"\w-$")
_WORD = re.compile(r"\S+")
_USED = -1  # in place of a truth character that belongs to a line already: nothing matches it
_START_BITS = 32  # of a cell of the table: cost above, start of the match below


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """One line, folded, and the truth ``start … end`` that it stands for; a stray line has none."""

    text: str
    edits: int
    start: int = 0
    end: int = 0

    @property
    def stray(self) -> bool:
        """Whether the line has no place in the truth."""
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class LineScore:
    """Sums over the lines of one page, or of several that were added.

    ``characters`` are those of the truth that lines cover, with the rest of words that they cover in part;
    ``edits`` the errors in them; ``stray`` the characters of the ``stray_lines``, all of them errors too.
    ``missed`` are truth characters in words that no line touches, spaces not counted.
    """

    lines: int = 0
    characters: int = 0
    edits: int = 0
    stray_lines: int = 0
    stray: int = 0
    missed: int = 0

    def __add__(self, other: LineScore) -> LineScore:
        return LineScore(
            *(getattr(self, name) + getattr(other, name) for name in LineScore.__dataclass_fields__)
        )

    @property
    def cer(self) -> float:
        """Errors of all lines, stray ones too, over the truth that they cover."""
        return (self.edits + self.stray) / max(self.characters, 1)

    @property
    def placed_cer(self) -> float:
        """Errors of the lines that have a place."""
        return self.edits / max(self.characters, 1)

    @property
    def missed_share(self) -> float:
        """Share of the truth that no line covers, about: covered spaces count, missed ones do not."""
        return self.missed / max(self.characters + self.missed, 1)


def score_lines(truth: str, lines: Sequence[str]) -> LineScore:
    """Scores the ``lines`` read on one page against its running ``truth``."""
    reference = fold_page(truth)
    return score_placed(reference, place_lines(reference, lines))


def score_placed(reference: str, placed: Sequence[PlacedLine]) -> LineScore:
    """Counts what lines placed in a folded truth have right, wrong and left out."""
    covered = np.zeros(len(reference), bool)
    for line in placed:
        covered[line.start : line.end] = True
    cut = missed = 0
    for word in _WORD.finditer(reference):
        seen = int(covered[word.start() : word.end()].sum())
        if seen:
            cut += len(word.group()) - seen
        else:
            missed += len(word.group())
    strays = [line for line in placed if line.stray]
    return LineScore(
        lines=len(placed),
        characters=int(covered.sum()) + cut,
        edits=sum(line.edits for line in placed if not line.stray) + cut,
        stray_lines=len(strays),
        stray=sum(line.edits for line in strays),
        missed=missed,
    )


def place_lines(reference: str, lines: Sequence[str]) -> list[PlacedLine]:
    """The place of each line in a folded truth, in the order of ``lines``; empty ones are left out.

    Long lines choose first: their places are beyond doubt, and a speck that is read as a digit finds no
    digit left.
    """
    texts = [text for text in map(fold_page, lines) if text]
    rest = _codes(reference)
    placed: dict[int, PlacedLine] = {}
    for i in sorted(range(len(texts)), key=lambda i: -len(texts[i])):
        placed[i] = _place(texts[i], reference, rest)
        rest[placed[i].start : placed[i].end] = _USED
    return [placed[i] for i in range(len(texts))]


def _place(text: str, reference: str, rest: np.ndarray) -> PlacedLine:
    """The cheapest place for one line in what is left of the truth."""
    start, end, edits = best_match(_codes(text), rest)
    if _HYPHENATED.search(text):
        # The truth may join line ends: a hyphen within one of its words is no error.
        without = best_match(_codes(text[:-1]), rest)
        if without[2] < edits and reference[without[1] : without[1] + 1].strip():
            start, end, edits = without
    if edits > STRAY * len(text):
        return PlacedLine(text, len(text))
    return PlacedLine(text, edits, start, end)


def best_match(pattern: np.ndarray, text: np.ndarray) -> tuple[int, int, int]:
    """Start, end and edits of the part of ``text`` that is nearest to ``pattern``, both int codes.

    Semi-global alignment (Sellers 1980): the ends of the text are free. One row of the table a character of
    the pattern, all of a row at once: each cell is its cost and, below that in the same integer, where its
    match starts, so that a minimum carries both. Of like costs the earliest start and then the first
    place is taken, there the longest match: a substitution, not an insertion beside the match.
    """
    one = np.int64(1) << _START_BITS  # the cost of one edit
    wild = text == ord(WILDCARD)
    steps = np.arange(len(text) + 1) * one
    row = np.arange(len(text) + 1, dtype=np.int64)  # no edits yet, the match starts here
    for code in pattern:
        substituted = row[:-1] + np.where((text == code) | wild, 0, one)
        row = row + one  # a character that the text does not have
        np.minimum(row[1:], substituted, out=row[1:])
        # Characters that the pattern skips: each costs one more than the cell to the left.
        row = np.minimum.accumulate(row - steps) + steps
    costs = row >> _START_BITS
    end = int(costs.argmin())
    while end + 1 < len(costs) and costs[end + 1] == costs[end]:
        end += 1
    return int(row[end] & (one - 1)), end, int(costs[end])


def _codes(text: str) -> np.ndarray:
    return np.array([ord(character) for character in text], np.int64)

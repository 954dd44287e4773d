"""From readings of strips to lines with words in page coordinates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocrcli.document import Char, Line, Word, as_quad
from ocrcli.engine.reading import CharSpan, Reading, as_reading, geometric_mean

ONE_SPACE = 0.8  # text heights; a wider gap between pieces of a row is written as several spaces
MAX_SPACES = 4  # enough to see that a cell ends, without drawing the table
LEADERS = ".·…-–_"  # signs that run from an item of a list up to its number
FEWEST_LEADERS = 2  # one sign may belong to the number


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A strip that was read, and where it was cut from.

    ``quad`` (4, 2) is the text on the page; ``cut`` (4, 2) the area that became the strip
    of ``width`` pixels, margins included.
    """

    quad: np.ndarray
    cut: np.ndarray
    width: int
    reading: Reading


def row_line(row: Sequence[Piece]) -> Line:
    """The pieces of one row, left to right, as one line: cells of a table, item and price."""
    words = [_words(piece) for piece in row]
    text = row[0].reading.text
    for before, piece in pairwise(row):
        text += " " * _spaces(before.quad, piece.quad) + piece.reading.text
    first, last = row[0].quad, row[-1].quad
    confidences = [char.confidence for piece in row for char in piece.reading.chars]
    return Line(
        text,
        geometric_mean(confidences),
        as_quad([first[0], last[1], last[2], first[3]]),
        tuple(word for of_piece in words for word in of_piece),
    )


def text_quad(piece: Piece) -> np.ndarray:
    """Where the text of a piece stands, (4, 2): ``quad`` from its first character to its last.

    A detector is half a letter off at the ends of lines; the characters are moved to their ink.
    """
    chars = piece.reading.chars
    return _place(piece, np.array([(chars[0].start, chars[-1].end)]))[0]


def without_doubtful_words(
    reading: Reading, floor: Callable[[str], float], vouched: float = 0.0, beyond: float = np.inf
) -> Reading:
    """The reading without the words whose confidence is below the ``floor`` of such a word.

    ``vouched`` is the share (0 … 1) of what counts for a word that is the confidence of its line. No floor
    is higher than ``beyond``.
    Dots that lead to a word are judged apart from it: how many they are is seldom sure.
    """
    if reading.confidence >= beyond and all(char.confidence >= beyond for char in reading.chars):
        return as_reading(reading.chars)
    of_line = reading.confidence**vouched
    kept: list[CharSpan] = []
    space: CharSpan | None = None
    for spelled, space_after in split_words(reading.chars):
        word = _without_doubtful_leaders(spelled, floor)
        own = geometric_mean([char.confidence for char in word])
        if own ** (1 - vouched) * of_line >= floor("".join(char.text for char in word)):
            if kept and space is not None:
                kept.append(space)
            kept += word
        space = space_after
    return as_reading(tuple(kept))


def _without_doubtful_leaders(word: list[CharSpan], floor: Callable[[str], float]) -> list[CharSpan]:
    """A word without the dots or dashes that run up to it, where they are not sure."""
    text = "".join(char.text for char in word)
    rest = len(text.lstrip(LEADERS))
    leaders = word[: len(word) - rest]
    if not rest or len(leaders) < FEWEST_LEADERS:
        return word
    sure = geometric_mean([char.confidence for char in leaders]) >= floor("".join(c.text for c in leaders))
    return word if sure else word[len(leaders) :]


def split_words(chars: Sequence[CharSpan]) -> list[tuple[list[CharSpan], CharSpan | None]]:
    """The words of a line, each with the space that follows it."""
    words: list[tuple[list[CharSpan], CharSpan | None]] = []
    word: list[CharSpan] = []
    for char in chars:
        if char.text != " ":
            word.append(char)
        elif word:
            words.append((word, char))
            word = []
    if word:
        words.append((word, None))
    return words


def _words(piece: Piece) -> tuple[Word, ...]:
    spelled = split_words(piece.reading.chars)
    spans = np.array([(char.start, char.end) for chars, _ in spelled for char in chars])  # (k, 2)
    placed = iter(_place(piece, spans.reshape(-1, 2)).reshape(-1, 8).tolist())
    words = []
    for spans_of, _ in spelled:
        chars = tuple(
            [
                Char(char.text, char.confidence, ((a, b), (c, d), (e, f), (g, h)))
                for char, (a, b, c, d, e, f, g, h) in zip(spans_of, placed, strict=False)
            ]
        )
        first, last = chars[0].quad, chars[-1].quad
        words.append(
            Word(
                "".join(char.text for char in chars),
                geometric_mean([char.confidence for char in chars]),
                (first[0], last[1], last[2], first[3]),
                chars,
            )
        )
    return tuple(words)


def _place(piece: Piece, spans: np.ndarray) -> np.ndarray:
    """Spans in pixels of the strip, (k, 2), as quads on the page, float (k, 4, 2).

    The strip's axis is the middle of ``cut``; a point on it belongs to the place beside it
    on the middle of ``quad``, and from there up and down to the edges of ``quad``.
    """
    cut_from, cut_to = _ends(piece.cut)
    own_from, own_to = _ends(piece.quad)
    points = cut_from + spans[..., None] / piece.width * (cut_to - cut_from)  # (k, 2, 2)
    own = own_to - own_from
    share = ((points - own_from) @ own / max(float(own @ own), 1e-6)).clip(0, 1)[..., None]
    top_left, top_right, bottom_right, bottom_left = piece.quad
    top = top_left + share * (top_right - top_left)  # (k, 2, 2): start and end
    bottom = bottom_left + share * (bottom_right - bottom_left)
    return np.stack([top[:, 0], top[:, 1], bottom[:, 1], bottom[:, 0]], axis=1)


def _ends(quad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The middles of a quad's left and right side, (2,) each."""
    return (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2


def _spaces(before: np.ndarray, after: np.ndarray) -> int:
    """Spaces that stand for the gap between two quads of a row."""
    gap = float(np.linalg.norm(_ends(after)[0] - _ends(before)[1]))
    height = max(float(np.linalg.norm(quad[3] - quad[0])) for quad in (before, after))
    return 1 if gap < ONE_SPACE * height else int(np.clip(round(gap / max(height, 1)), 2, MAX_SPACES))

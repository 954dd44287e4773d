"""What reading an image gives: Document > Page > Block > Line > Word > Char.

Plain frozen values without behaviour beyond their text and boxes, so that every
output format, score and test speaks of the same thing. Coordinates are pixels of
the upright image, origin top left. A quad runs top-left, top-right, bottom-right,
bottom-left in reading direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
Box = tuple[int, int, int, int]  # x0, y0, x1, y1; x1 and y1 exclusive
Mode = Literal["page", "word", "char"]


def as_quad(points: Sequence[Sequence[float]]) -> Quad:
    """Four (x, y) points, of any array type, as a quad. Raises ValueError for another count."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    return (float(ax), float(ay)), (float(bx), float(by)), (float(cx), float(cy)), (float(dx), float(dy))


def box_of(quad: Quad) -> Box:
    """Smallest upright pixel box that holds the quad."""
    xs, ys = [p[0] for p in quad], [p[1] for p in quad]
    return int(min(xs) // 1), int(min(ys) // 1), int(-(-max(xs) // 1)), int(-(-max(ys) // 1))


@dataclass(frozen=True, slots=True)
class Char:
    """One recognised character."""

    text: str
    confidence: float
    quad: Quad


@dataclass(frozen=True, slots=True)
class Word:
    """Characters between spaces."""

    text: str
    confidence: float
    quad: Quad
    chars: tuple[Char, ...] = ()

    @property
    def box(self) -> Box:
        """Upright pixel box of the word."""
        return box_of(self.quad)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. ``text`` may hold wider spacing than its words joined by one space."""

    text: str
    confidence: float
    quad: Quad
    words: tuple[Word, ...] = ()

    @property
    def box(self) -> Box:
        """Upright pixel box of the line."""
        return box_of(self.quad)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: a paragraph, a cell, a heading."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """Lines joined by line feeds."""
        return "\n".join(line.text for line in self.lines)


def moved(blocks: Sequence[Block], move: Callable[[np.ndarray], np.ndarray]) -> tuple[Block, ...]:
    """The blocks with all places as ``move`` makes them: points float (n, 2) → (n, 2)."""
    import numpy as np

    quads = [quad for block in blocks for line in block.lines for quad in _quads(line)]
    points = move(np.array(quads, float).reshape(-1, 2))
    places = map(as_quad, points.reshape(-1, 4, 2).tolist())

    def char(one: Char) -> Char:
        return replace(one, quad=next(places))

    def word(one: Word) -> Word:
        return replace(one, quad=next(places), chars=tuple(map(char, one.chars)))

    def line(one: Line) -> Line:
        return replace(one, quad=next(places), words=tuple(map(word, one.words)))

    return tuple(replace(block, lines=tuple(map(line, block.lines))) for block in blocks)


def _quads(line: Line) -> Iterator[Quad]:
    """Of a line, its words and their characters, each before what it holds."""
    yield line.quad
    for word in line.words:
        yield word.quad
        yield from (char.quad for char in word.chars)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of a single character."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Page:
    """One image, PDF page or TIFF frame and what was read on it.

    ``angle`` is that of the text in degrees, counter-clockwise: 0, 90, 180 or 270 and its skew (−45 … 315).
    ``candidates`` is filled in mode ``char`` only, best first.
    """

    source: str
    number: int
    width: int
    height: int
    mode: Mode
    blocks: tuple[Block, ...] = ()
    angle: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines in reading order."""
        return tuple(line for block in self.blocks for line in block.lines)

    @property
    def text(self) -> str:
        """The whole text: lines joined by line feeds, blocks by a blank line."""
        if self.mode == "char":
            return self.candidates[0].text if self.candidates else ""
        return "\n\n".join(block.text for block in self.blocks)

    @property
    def confidence(self) -> float:
        """Mean confidence of the characters read, 0 where nothing was."""
        if self.mode == "char":
            return self.candidates[0].confidence if self.candidates else 0.0
        weights = [(len(line.text), line.confidence) for line in self.lines]
        total = sum(weight for weight, _ in weights)
        return sum(weight * value for weight, value in weights) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Document:
    """All pages of one input."""

    source: str
    pages: tuple[Page, ...]

    @property
    def text(self) -> str:
        """Texts of the pages, parted by form feeds."""
        return "\f".join(page.text for page in self.pages)

    def to_json(self) -> str:
        """What ``ocr predict --format json`` writes: a list with an object of ``ocrcli/1`` a page."""
        from io import BytesIO

        from ocrcli.formats.json import Writer
        from ocrcli.formats.writer import Choices

        stream = BytesIO()
        writer = Writer(stream, Choices())
        for page in self.pages:
            writer.page(page)
        writer.close()
        return stream.getvalue().decode()

"""Lines of text: as they wait to be drawn, and as they are reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw

from ocrcli.engine.components import find_runs
from ocrcli.synth.layouts.typeset import Type
from ocrcli.synth.layouts.view import apply

Colour = tuple[int, int, int]
Tone = int | Colour  # what an image of one or of three channels is painted with
BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)


def grey(level: int) -> Colour:
    """The colour of a grey level."""
    return level, level, level


def luma(colour: Colour) -> int:
    """Grey level of a colour (ITU-R BT.601)."""
    red, green, blue = colour
    return round(0.299 * red + 0.587 * green + 0.114 * blue)


@dataclass
class Lines:
    """Placed lines as arrays: quads float64 (n, 4, 2), word quads (m, 4, 2) and each word's line."""

    quads: np.ndarray
    word_quads: np.ndarray
    word_lines: np.ndarray  # (m,) index into quads
    words: list[str]
    blocks: list[int]  # (n,) rising where lines are in reading order

    @staticmethod
    def none() -> Lines:
        """No lines at all."""
        return Lines(np.zeros((0, 4, 2)), np.zeros((0, 4, 2)), np.zeros(0, dtype=int), [], [])

    def moved(self, matrix: np.ndarray) -> Lines:
        """The lines through a 3×3 map."""
        return replace(self, quads=apply(matrix, self.quads), word_quads=apply(matrix, self.word_quads))

    @staticmethod
    def join(parts: Sequence[Lines], apart: bool = True) -> Lines:
        """Lines of several parts in order. ``apart``: no block reaches from one part to the next."""
        parts = [part for part in parts if len(part.quads)]
        if not parts:
            return Lines.none()
        starts = np.cumsum([0, *(len(part.quads) for part in parts[:-1])])
        known: dict[tuple[int, int], int] = {}
        blocks = []
        for i, part in enumerate(parts):
            for block in part.blocks:
                blocks.append(known.setdefault((i if apart else 0, block), len(known)))
        return Lines(
            np.concatenate([part.quads for part in parts]),
            np.concatenate([part.word_quads for part in parts]),
            np.concatenate([part.word_lines + start for part, start in zip(parts, starts, strict=True)]),
            [word for part in parts for word in part.words],
            blocks,
        )


@dataclass
class Run:
    """A line to be drawn: words with their pen positions along the baseline.

    ``turn`` is 0 for level text, 1 for text that reads downwards, 3 for upwards (quarter
    turns clockwise); then ``pens`` and ``baseline`` are in the turned frame about ``origin``.
    """

    words: list[str]
    pens: np.ndarray  # (n,) pen positions
    ends: np.ndarray  # (n, 2) left and right end of each word's box
    baseline: float
    type: Type
    colour: Colour
    block: int
    ascent: float
    descent: float
    whole: bool = True  # spaced as the face would: may be drawn in one go
    tracking: float = 0.0
    turn: int = 0
    origin: tuple[float, float] = (0.0, 0.0)
    outline: tuple[int, Colour] | None = None
    effect: Colour | None = None  # of a drop shadow
    underline: tuple[int, int] | None = None  # words [first, last) with a rule below them

    def quads(self) -> np.ndarray:
        """Quads (n, 4, 2) of the words in sheet coordinates."""
        quads = np.empty((len(self.words), 4, 2))
        quads[:, [0, 3], 0] = self.ends[:, :1]
        quads[:, [1, 2], 0] = self.ends[:, 1:]
        quads[:, :2, 1], quads[:, 2:, 1] = self.baseline - self.ascent, self.baseline + self.descent
        if self.turn == 0:
            return quads
        # A quarter turn clockwise takes (x, y) to (−y, x); anticlockwise to (y, −x).
        signs = (-1, 1) if self.turn == 1 else (1, -1)
        return quads[..., ::-1] * signs + np.array(self.origin)

    def lines(self, first: int, last: int) -> Lines:
        """The words [first, last) as one line."""
        part = self.quads()[first:last]
        corners = np.stack([part[0, 0], part[-1, 1], part[-1, 2], part[0, 3]])
        return Lines(
            corners[None], part, np.zeros(len(part), dtype=int), self.words[first:last], [self.block]
        )

    def draw(self, image: Image.Image, tone: Callable[[Colour], Tone], first: int, last: int) -> None:
        """Draw the words [first, last); ``tone`` makes a colour fit for the image's mode."""
        if self.turn:
            self._draw_turned(image, tone(self.colour), first, last)
            return
        pen = ImageDraw.Draw(image)
        if self.effect is not None:
            reach = max(1, round(self.type.size * 0.06))  # a drop shadow lies a stroke's width away
            self._write(pen, tone(self.effect), first, last, shift=reach)
        if self.outline is not None:
            width, colour = self.outline
            self._write(pen, tone(colour), first, last, stroke=width)
        self._write(pen, tone(self.colour), first, last)
        if self.underline is not None:
            start, stop = max(first, self.underline[0]), min(last, self.underline[1])
            if start < stop:
                y = self.baseline + max(1.0, self.type.size * 0.11)
                ends = (self.ends[start, 0], y, self.ends[stop - 1, 1], y)
                pen.line(ends, tone(self.colour), max(1, round(self.type.size / 16)))

    def _write(
        self, pen: ImageDraw.ImageDraw, tone: Tone, first: int, last: int, *, shift: int = 0, stroke: int = 0
    ) -> None:
        font, y = self.type.font, self.baseline + shift
        words, pens = self.words[first:last], self.pens[first:last] + shift
        if self.whole:
            words, pens = [" ".join(words)], pens[:1]
        for word, x in zip(words, pens, strict=True):
            if not self.tracking:
                pen.text((x, y), word, tone, font, "ls", stroke_width=stroke)
                continue
            for i, letter in enumerate(word):
                at = x + self.type.length(word[:i]) + self.tracking * i
                pen.text((at, y), letter, tone, font, "ls", stroke_width=stroke)

    def _draw_turned(self, image: Image.Image, tone: Tone, first: int, last: int) -> None:
        """Draw level on a scrap, turn it and lay it where the quads say."""
        quads = self.quads()[first:last]
        margin = round(self.type.size * 0.5) + 2  # room for ink beyond the line box
        left, top = self.ends[first, 0], self.baseline - self.ascent
        width = max(1, round(self.ends[last - 1, 1] - left) + 2 * margin)
        height = max(1, round(self.ascent + self.descent) + 2 * margin)
        scrap = Image.new("L", (width, height), 0)
        level = replace(self, pens=self.pens - left + margin, baseline=self.baseline - top + margin, turn=0)
        level._write(ImageDraw.Draw(scrap), 255, first, last)
        way = Image.Transpose.ROTATE_270 if self.turn == 1 else Image.Transpose.ROTATE_90
        x, y = quads[..., 0].min() - margin, quads[..., 1].min() - margin
        image.paste(tone, (round(x), round(y)), scrap.transpose(way))


def longest(kept: np.ndarray) -> tuple[int, int]:
    """The longest run of true values of a mask (n,) as [first, last); (0, 0) when there is none."""
    _, starts, stops = find_runs(kept[None])
    if not len(starts):
        return 0, 0
    best = int(np.argmax(stops - starts))
    return int(starts[best]), int(stops[best])

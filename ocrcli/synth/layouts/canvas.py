"""A sheet: graphics are drawn at once, text lines are kept until the view of the page is known.

Keeping the lines allows two things: words that the view would cut at the picture's edge are
not drawn at all, so that picture and truth agree; and text always lies above the graphics.

The line quad (one convention, everywhere): from the ink of the first glyph to the ink of the
last, and from the top of a typical ascender or capital to the bottom of a typical descender
**of the face** (``typeset.Type``), whatever letters the line has. Where lines are set tighter
than that, both are shortened alike until neighbouring quads do not overlap (``leading``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from ocrcli.synth.layouts.typeset import Type
from ocrcli.synth.layouts.wording import clean

Colour = tuple[int, int, int]
BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)


def luma(colour: Colour) -> int:
    """Grey level of a colour (ITU-R BT.601)."""
    red, green, blue = colour
    return round(0.299 * red + 0.587 * green + 0.114 * blue)


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


@dataclass
class Lines:
    """Placed lines as arrays: quads float64 (n, 4, 2), word quads (m, 4, 2) and each word's line."""

    quads: np.ndarray
    word_quads: np.ndarray
    word_lines: np.ndarray  # (m,) index into quads
    words: list[str]
    blocks: list[int]

    @staticmethod
    def none() -> Lines:
        """No lines at all."""
        return Lines(np.zeros((0, 4, 2)), np.zeros((0, 4, 2)), np.zeros(0, dtype=int), [], [])

    @staticmethod
    def join(parts: Sequence[Lines]) -> Lines:
        """Lines of several sheets in order; their blocks are kept apart."""
        parts = [part for part in parts if len(part.quads)]
        if not parts:
            return Lines.none()
        starts = np.cumsum([0, *(len(part.quads) for part in parts)])
        blocks: list[int] = []
        for part in parts:
            first = blocks[-1] + 1 if blocks else 0
            order = {block: i for i, block in enumerate(dict.fromkeys(part.blocks))}
            blocks += [first + order[block] for block in part.blocks]
        return Lines(
            np.concatenate([part.quads for part in parts]),
            np.concatenate([part.word_quads for part in parts]),
            np.concatenate([part.word_lines + start for part, start in zip(parts, starts[:-1], strict=True)]),
            [word for part in parts for word in part.words],
            blocks,
        )


@dataclass(frozen=True)
class Inset:
    """Lines set on a slant (a stamp, a note): drawn and reported as a whole, or not at all."""

    lines: Lines
    draw: Callable[[], None]


@dataclass
class Sheet:
    """A page in the making. ``ink`` is the colour of its text; ``grey`` sheets are drawn in one channel."""

    width: int
    height: int
    paper: Colour = WHITE
    ink: Colour = BLACK
    grey: bool = True
    base: Image.Image | None = None  # a picture to draw on instead of plain paper
    runs: list[Run] = field(default_factory=list)
    insets: list[Inset] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)  # drawn above the text
    block: int = 0

    def __post_init__(self) -> None:
        mode = "L" if self.grey else "RGB"
        size = (self.width, self.height)
        self.image = self.base if self.base is not None else Image.new(mode, size, self.tone(self.paper))
        self.pen = ImageDraw.Draw(self.image)

    def tone(self, colour: Colour) -> int | Colour:
        """``colour`` as the sheet's mode wants it."""
        return luma(colour) if self.grey else colour

    def next_block(self) -> None:
        """What follows belongs to another paragraph, cell or group."""
        self.block += 1

    def text(
        self,
        x: float,
        baseline: float,
        text: str | Sequence[str],
        type: Type,
        *,
        align: float = 0.0,
        colour: Colour | None = None,
        gap: float | None = None,
        tracking: float = 0.0,
        leading: float | None = None,
        **style: object,
    ) -> tuple[float, float]:
        """Set one line; returns its left and right end.

        ``x`` is its left end (align 0), centre (0.5) or right end (1). ``gap`` is the word
        space where the face's own is not wanted, ``tracking`` pixels between letters, and
        ``leading`` the distance of the lines of its column, to which the quad is shortened.
        """
        words = text.split() if isinstance(text, str) else text
        words = [word for word in (type.plain(clean(word)) for word in words) if word]
        if not words:
            return x, x
        widths = np.array([type.length(word) + tracking * len(word) for word in words])
        space = type.space if gap is None else gap
        pens = np.concatenate([[0.0], np.cumsum(widths[:-1] + space + tracking)])
        total = float(pens[-1] + widths[-1])
        pens = pens + (x - align * total)
        ends = np.stack([pens, pens + widths - tracking], 1)
        ends[0, 0] = pens[0] + type.ink(words[0])[0]
        last = type.ink(words[-1])[1] + tracking * (len(words[-1]) - 1)
        ends[-1, 1] = max(pens[-1] + last, ends[-1, 0] + 1)
        shrink = 1.0 if leading is None else min(1.0, leading / max(type.height, 1e-6))
        own_space = abs(space - type.font.getlength(" ")) < 0.26  # a quarter pixel is not seen
        run = Run(
            words, pens, ends, baseline, type, colour or self.ink, self.block,
            type.ascent * shrink, type.descent * shrink, own_space and not tracking, tracking, **style,  # type: ignore[arg-type]
        )  # fmt: skip
        self.runs.append(run)
        return float(ends[0, 0]), float(ends[-1, 1])

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: int = 1, colour: Colour | None = None) -> None:
        """A straight line."""
        self.pen.line((x0, y0, x1, y1), self.tone(colour or self.ink), width)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, fill: Colour | None = None,
        outline: Colour | None = None, width: int = 1, radius: float = 0,
    ) -> None:  # fmt: skip
        """A rectangle, with round corners or not. Drawn only where it has an area."""
        if x1 - x0 < 1 or y1 - y0 < 1:
            return
        tones = (None if c is None else self.tone(c) for c in (fill, outline))
        inside, edge = tones
        if radius:
            self.pen.rounded_rectangle((x0, y0, x1, y1), radius, inside, edge, width)
        else:
            self.pen.rectangle((x0, y0, x1, y1), inside, edge, width)

    def finish(self, keep: Callable[[np.ndarray], np.ndarray] | None = None) -> Lines:
        """Draw the kept words and return their lines.

        ``keep`` maps word quads (m, 4, 2) to a mask (m,): words outside it are neither drawn
        nor reported. A line keeps its longest unbroken run of kept words.
        """
        quads = [_word_quads(run) for run in self.runs]
        flat = np.concatenate(quads) if quads else np.zeros((0, 4, 2))
        keep = keep or self.inside
        kept = keep(flat)
        parts: list[Lines] = []
        at, number = 0, 0
        for run, quad in zip(self.runs, quads, strict=True):
            first, last = _longest(kept[at : at + len(quad)])
            at += len(quad)
            if last <= first:
                continue
            _draw(self, run, first, last)
            part = quad[first:last]
            corners = np.stack([part[0, 0], part[-1, 1], part[-1, 2], part[0, 3]])
            owner = np.zeros(len(part), dtype=int)
            parts.append(Lines(corners[None], part, owner + number, run.words[first:last], [run.block]))
            number += 1
        page = [_stack(parts)]
        for inset in self.insets:
            if keep(inset.lines.word_quads).all():
                inset.draw()
                page.append(inset.lines)
        for draw in self.after:
            draw()
        return Lines.join(page)

    def inside(self, quads: np.ndarray) -> np.ndarray:
        """Which quads (n, 4, 2) lie wholly on the sheet, bool (n,)."""
        edge = np.array([self.width, self.height], dtype=np.float64)
        return ((quads >= 0) & (quads <= edge)).all((1, 2))

    def free(self, box: tuple[float, float, float, float], margin: float = 2.0) -> bool:
        """Whether no text lies in the box (x0, y0, x1, y1) so far."""
        x0, y0, x1, y1 = box
        if x0 < 0 or y0 < 0 or x1 > self.width or y1 > self.height:
            return False
        for run in self.runs:
            corners = _word_quads(run)
            (a0, b0), (a1, b1) = corners.min((0, 1)), corners.max((0, 1))
            if x0 < a1 + margin and a0 - margin < x1 and y0 < b1 + margin and b0 - margin < y1:
                return False
        others = (inset.lines.quads for inset in self.insets)
        return all(
            x1 < q[..., 0].min() or q[..., 0].max() < x0 or y1 < q[..., 1].min() or q[..., 1].max() < y0 for q in others
        )


def _stack(parts: list[Lines]) -> Lines:
    if not parts:
        return Lines.none()
    order = {block: i for i, block in enumerate(dict.fromkeys(part.blocks[0] for part in parts))}
    return Lines(
        np.concatenate([part.quads for part in parts]),
        np.concatenate([part.word_quads for part in parts]),
        np.concatenate([part.word_lines for part in parts]),
        [word for part in parts for word in part.words],
        [order[part.blocks[0]] for part in parts],
    )


def _longest(kept: np.ndarray) -> tuple[int, int]:
    """The longest run of true values as [first, last)."""
    if kept.all():
        return 0, len(kept)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], kept.astype(np.int8), [0]])))
    if not len(edges):
        return 0, 0
    starts, stops = edges[::2], edges[1::2]
    best = int(np.argmax(stops - starts))
    return int(starts[best]), int(stops[best])


def _word_quads(run: Run) -> np.ndarray:
    """Quads (n, 4, 2) of the words of a run in sheet coordinates."""
    top, bottom = run.baseline - run.ascent, run.baseline + run.descent
    quads = np.empty((len(run.words), 4, 2))
    quads[:, [0, 3], 0] = run.ends[:, :1]
    quads[:, [1, 2], 0] = run.ends[:, 1:]
    quads[:, :2, 1], quads[:, 2:, 1] = top, bottom
    if run.turn == 0:
        return quads
    x, y = quads[..., 0].copy(), quads[..., 1].copy()
    # A quarter turn clockwise takes (x, y) to (−y, x); anticlockwise to (y, −x).
    quads[..., 0], quads[..., 1] = (-y, x) if run.turn == 1 else (y, -x)
    return quads + np.array(run.origin)


def _draw(sheet: Sheet, run: Run, first: int, last: int) -> None:
    if run.turn:
        _draw_turned(sheet, run, first, last)
        return
    if run.effect is not None:
        reach = max(1, round(run.type.size * 0.06))  # a drop shadow lies a stroke's width away
        _write(sheet.pen, run, first, last, sheet.tone(run.effect), reach)
    if run.outline is not None:
        width, colour = run.outline
        _write(sheet.pen, run, first, last, sheet.tone(colour), 0, width)
    _write(sheet.pen, run, first, last, sheet.tone(run.colour))
    if run.underline is not None:
        start, stop = max(first, run.underline[0]), min(last, run.underline[1])
        if start < stop:
            thick = max(1, round(run.type.size / 16))
            y = run.baseline + max(1.0, run.type.size * 0.11)
            sheet.rule(run.ends[start, 0], y, run.ends[stop - 1, 1], y, thick, run.colour)


def _write(
    pen: ImageDraw.ImageDraw, run: Run, first: int, last: int, tone: int | Colour, shift: int = 0, stroke: int = 0
) -> None:
    font, y = run.type.font, run.baseline + shift
    if run.whole:
        text = " ".join(run.words[first:last])
        pen.text((run.pens[first] + shift, y), text, tone, font, "ls", stroke_width=stroke)
        return
    for word, x in zip(run.words[first:last], run.pens[first:last], strict=True):
        if not run.tracking:
            pen.text((x + shift, y), word, tone, font, "ls", stroke_width=stroke)
            continue
        for i, letter in enumerate(word):
            at = x + run.type.length(word[:i]) + run.tracking * i + shift
            pen.text((at, y), letter, tone, font, "ls", stroke_width=stroke)


def _draw_turned(sheet: Sheet, run: Run, first: int, last: int) -> None:
    """Draw level on a scrap, turn it and lay it where the quads say."""
    quads = _word_quads(run)[first:last]
    margin = round(run.type.size * 0.5) + 2  # room for ink beyond the line box
    left, top = run.ends[first, 0], run.baseline - run.ascent
    width = round(run.ends[last - 1, 1] - left) + 2 * margin
    height = round(run.ascent + run.descent) + 2 * margin
    scrap = Image.new("L", (max(width, 1), max(height, 1)), 0)
    moved = Run(**{**run.__dict__, "pens": run.pens - left + margin, "baseline": run.baseline - top + margin, "turn": 0})
    _write(ImageDraw.Draw(scrap), moved, first, last, 255)
    way = Image.Transpose.ROTATE_270 if run.turn == 1 else Image.Transpose.ROTATE_90
    scrap = scrap.transpose(way)
    x, y = quads[..., 0].min() - margin, quads[..., 1].min() - margin
    sheet.image.paste(sheet.tone(run.colour), (round(x), round(y)), scrap)

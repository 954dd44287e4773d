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
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from ocrcli.synth.layouts.runs import BLACK, WHITE, Colour, Lines, Run, Tone, longest, luma
from ocrcli.synth.layouts.typeset import Type
from ocrcli.synth.layouts.wording import clean


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

    def tone(self, colour: Colour) -> Tone:
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
        **style: Any,
    ) -> tuple[float, float]:
        """Set one line; returns its left and right end.

        ``x`` is its left end (align 0), centre (0.5) or right end (1). ``gap`` is the word
        space where the face's own is not wanted, ``tracking`` pixels between letters, and
        ``leading`` the distance of the lines of its column, to which the quad is shortened. The
        rest (``turn``, ``origin``, ``outline``, ``effect``, ``underline``) goes to the ``Run``.
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
            type.ascent * shrink, type.descent * shrink, own_space and not tracking, tracking, **style,
        )  # fmt: skip
        self.runs.append(run)
        return float(ends[0, 0]), float(ends[-1, 1])

    def rule(
        self, x0: float, y0: float, x1: float, y1: float, width: int = 1, colour: Colour | None = None
    ) -> None:
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
        quads = [run.quads() for run in self.runs]
        keep = keep or self.inside
        kept = keep(np.concatenate(quads)) if quads else np.zeros(0, dtype=bool)
        parts: list[Lines] = []
        at = 0
        for run, quad in zip(self.runs, quads, strict=True):
            first, last = longest(kept[at : at + len(quad)])
            at += len(quad)
            if first < last:
                run.draw(self.image, self.tone, first, last)
                parts.append(run.lines(first, last))
        page = [Lines.join(parts, apart=False)]
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
        return np.asarray(((quads >= 0) & (quads <= edge)).all((1, 2)))

    def free(self, box: tuple[float, float, float, float], margin: float = 2.0) -> bool:
        """Whether no text lies in the box (x0, y0, x1, y1) so far."""
        x0, y0, x1, y1 = box
        if x0 < 0 or y0 < 0 or x1 > self.width or y1 > self.height:
            return False
        boxes = [(q.min((0, 1)), q.max((0, 1))) for q in (run.quads() for run in self.runs)]
        boxes += [(q.min((0, 1)), q.max((0, 1))) for q in (inset.lines.quads for inset in self.insets)]
        return all(
            x1 < low[0] - margin or high[0] + margin < x0 or y1 < low[1] - margin or high[1] + margin < y0
            for low, high in boxes
        )

"""Word and line strips with exact text: the training data of the recogniser.

Three looks are mixed: scenes (signs and things photographed), documents (print, scanned),
and screens. Each strip is drawn near its final size, with the damage applied at the
resolution the text would have had, which is both right and fast.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from ocrcli.alphabet import PRINTED_ENGLISH, Alphabet
from ocrcli.synth import degrade
from ocrcli.synth.backgrounds import Backgrounds
from ocrcli.synth.compose import Drawing, Layout, deviation, draw, visibility
from ocrcli.synth.corpus import Corpus
from ocrcli.synth.fonts import Face, FontLibrary
from ocrcli.synth.geometry import View, bend, extent, homography, warp
from ocrcli.synth.paper import paper_image, screen_image
from ocrcli.synth.scene import scene_image, scene_view

HEIGHT = 32  # of every strip, pixels
WIDEST = 1280  # pixels; longer lines are cut by readers too
NARROWEST = 8  # two time steps of the recogniser
LEAST_CONTRAST = 5.0  # standard deviation in grey levels below which nobody could read a strip
MOST_ATTEMPTS = 1000  # two in a hundred fail with usual fonts
ASCENDER, DESCENDER = 1.04, 0.33  # of the cap height, means over text faces
LEAST_VISIBLE = (
    0.38  # correlation of strip and drawn text; below it strips looked unreadable on contact sheets
)

TERMINALS = 0.35  # of the screens
LARGE_DOTS = 0.2  # of bitmap letters: each dot two pixels wide and high, as on fine screens
STEEPEST = 2.5  # times the height of level text that the box of turned text is drawn at, at most

# Digits, and the ends of ordinal numbers, that print sets small: H2O below the line, above it those of
# 238U, of m2, of 10-6, of the note behind a word or its full stop.
FORMULA = re.compile(r"(?<![\w.-])(?:[A-Z][a-z]?\d?){1,4}(?![\w.-])")
BELOW = re.compile(r"\d")
ABOVE = re.compile(
    r"(?<![\w.,/-])\d{2,3}(?=[A-Z][a-z]?\b)|(?:(?<=[a-z])|(?<=[A-Za-z][.,;:!?”)]))\d{1,2}(?![\w@/_-]|[.,]\d)"
    r"|(?<=\b10)-\d{1,2}\b|(?<=\d)(?:st|nd|rd|th)\b"
)

SCENE_FACES = {"sans": 0.36, "serif": 0.22, "display": 0.28, "handwriting": 0.07, "mono": 0.07}
PAPER_FACES = {"serif": 0.41, "sans": 0.27, "mono": 0.17, "display": 0.07, "handwriting": 0.08}
SCREEN_FACES = {"sans": 0.66, "mono": 0.2, "serif": 0.12, "display": 0.02}
TERMINAL_FACES = {"bitmap": 0.55, "mono": 0.45}
RECEIPT_FACES = {"mono": 0.6, "sans": 0.32, "serif": 0.05, "display": 0.03}


@dataclass(frozen=True)
class WordSample:
    """A grey strip uint8 (32, w) and what it says."""

    strip: np.ndarray
    text: str
    caseless: ClassVar[bool] = False


@dataclass(frozen=True)
class Look:
    """How often each peculiarity of setting appears in one kind of picture."""

    faces: dict[str, float]
    spread: float  # letters set apart or close
    neighbours: float  # lines above and below
    slivers: float  # the neighbouring word at the edge
    curve: float  # text on an arc
    line_box: float  # boxed by the line's height, not by the ink
    underline: float
    jitter: float
    two_faces: float
    scripts: float  # digits set small, where they may be


SCENE = Look(SCENE_FACES, 0.35, 0.25, 0.05, 0.12, 0.1, 0.01, 0.06, 0.0, 0.1)
PAPER = Look(PAPER_FACES, 0.06, 0.35, 0.03, 0.0, 0.55, 0.06, 0.03, 0.12, 0.6)
RECEIPT = replace(PAPER, faces=RECEIPT_FACES, underline=0.03, scripts=0.0)
SCREEN = Look(SCREEN_FACES, 0.03, 0.15, 0.02, 0.0, 0.5, 0.03, 0.0, 0.1, 0.4)
TERMINAL = replace(SCREEN, faces=TERMINAL_FACES, spread=0.0, neighbours=0.5, line_box=0.7, scripts=0.0)


class WordRenderer:
    """Draws strips. Cheap to build; everything random comes from the generator given to ``render``.

    ``lines`` is the share of whole lines, ``scene`` and ``screen`` the shares of those looks
    (the rest are documents). ``backgrounds`` is a folder of photographs.
    """

    def __init__(
        self,
        fonts: FontLibrary,
        alphabet: Alphabet | None = None,
        lines: float = 0.4,
        scene: float = 0.45,
        screen: float = 0.15,
        backgrounds: Path | str | None = None,
        longest: int = 80,
    ) -> None:
        self.fonts = fonts
        self.corpus = Corpus(alphabet or Alphabet(PRINTED_ENGLISH))
        self.backgrounds = Backgrounds(backgrounds)
        self.lines, self.scene, self.screen, self.longest = lines, scene, screen, longest

    def render(self, rng: np.random.Generator) -> WordSample:
        """One strip with its text. Raises ValueError when no face can draw the alphabet."""
        for _ in range(MOST_ATTEMPTS):
            sample = self._attempt(rng)
            if sample is not None:
                return sample
        raise ValueError("none of the fonts draws the alphabet")

    def _attempt(self, rng: np.random.Generator) -> WordSample | None:
        whole_line = rng.random() < self.lines
        roll = rng.random()
        # Signs seldom hold whole lines; single words take over that share.
        scene = self.scene * (0.45 if whole_line else 1 + 0.55 * self.lines / max(1 - self.lines, 0.1))
        if roll < scene:
            return self._scene(rng, whole_line)
        if roll < scene + self.screen:
            return self._screen(rng, whole_line)
        return self._paper(rng, whole_line)

    # -- looks ------------------------------------------------------------------------

    def _scene(self, rng: np.random.Generator, whole_line: bool) -> WordSample | None:
        text = self.corpus.line(rng, min(self.longest, 40)) if whole_line else self.corpus.scene(rng)
        height = int(rng.uniform(9, 20)) if rng.random() < 0.35 else int(rng.uniform(20, 48))
        margins = rng.uniform(-0.05, 0.12 if rng.random() < 0.6 else 0.25, 4)
        if rng.random() < 0.12:
            margins += rng.uniform(0, 0.35, 4)
        drawn = self._draw(rng, text, SCENE, height, scene_view(rng, whole_line), margins)
        if drawn is None:
            return None
        mask, text = drawn
        return self._finish(rng, scene_image(rng, mask, self.backgrounds), mask, text, wild=True)

    def _paper(self, rng: np.random.Generator, whole_line: bool) -> WordSample | None:
        receipt = rng.random() < 0.25
        kind = "receipt" if receipt else "document"
        text = self.corpus.line(rng, self.longest, kind) if whole_line else self.corpus.word(rng)
        fine = rng.random()
        low, high = (12, 22) if fine < 0.3 else (22, 36) if fine < 0.62 else (36, 56)
        height = int(rng.uniform(low, high))
        # A detector follows the skew of a line; what is left is small, and smaller in long lines.
        limit = math.degrees(math.atan2(0.35, max(0.45 * len(text), 1)))
        view = View(rotation=min(max(rng.normal(0, 0.7), -limit), limit), shear=rng.normal(0, 0.02))
        drawn = self._draw(rng, text, RECEIPT if receipt else PAPER, height, view, rng.uniform(-0.02, 0.2, 4))
        if drawn is None:
            return None
        mask, text = drawn
        return self._finish(rng, paper_image(rng, mask, receipt), mask, text)

    def _screen(self, rng: np.random.Generator, whole_line: bool) -> WordSample | None:
        terminal = rng.random() < TERMINALS
        kind = "terminal" if terminal else "screen"
        text = self.corpus.line(rng, self.longest, kind) if whole_line else self.corpus.word(rng)
        height = int(rng.uniform(11, 40))
        look = TERMINAL if terminal else SCREEN
        drawn = self._draw(rng, text, look, height, View(), rng.uniform(0, 0.3, 4))
        if drawn is None:
            return None
        mask, text = drawn
        return self._finish(rng, screen_image(rng, mask), mask, text)

    # -- steps ------------------------------------------------------------------------

    def _draw(
        self, rng: np.random.Generator, text: str, look: Look, height: int, view: View, margins: np.ndarray
    ) -> tuple[np.ndarray, str] | None:
        """The text as a mask uint8 (height, w), and as it is really set."""
        face = self.fonts.pick(rng, text, look.faces)
        if face is None:
            return None
        if face.caps_only:
            text = text.upper()
            if not face.covers(text) or not self.corpus.alphabet.covers(text):
                return None
        layout = self._layout(rng, text, face, look, height)
        drawing = draw(face, text, layout)
        if drawing is None:
            return None
        mask = (
            self._dots(rng, drawing, margins, look)
            if face.strike
            else self._crop(rng, drawing, view, margins, height, look)
        )
        return None if mask is None else (mask, text)

    def _layout(self, rng: np.random.Generator, text: str, face: Face, look: Look, height: int) -> Layout:
        # Capitals and descenders together fill about 1.3 cap heights.
        size = face.strike or max(6, round(height / (1.3 * face.cap_height)))
        chosen: dict[str, Any] = {}
        if rng.random() < look.spread:
            chosen["spacing"] = rng.uniform(-0.06, 0.1) if rng.random() < 0.5 else rng.uniform(0.05, 0.5)
        if " " in text:
            chosen |= self._spaces(rng, text, face, look)
        if not face.strike and rng.random() < look.scripts:
            chosen["scripts"] = _scripts(rng, text)
        if rng.random() < look.jitter:
            chosen["jitter"] = tuple(rng.normal(0, 0.03, len(text)).tolist())
        if rng.random() < look.neighbours:
            chosen["neighbours"] = rng.random(), rng.random()
            chosen["pitch"] = rng.uniform(0.95, 1.5)
        if rng.random() < look.slivers:
            chosen["before"], chosen["after"] = text[-1], text[0]
        if rng.random() < look.underline:
            chosen["underline"] = rng.uniform(0.08, 0.35)
        return Layout(size, **chosen)

    def _spaces(self, rng: np.random.Generator, text: str, face: Face, look: Look) -> dict[str, Any]:
        """What of a layout concerns the spaces of a text: their width, columns, another face behind one."""
        chosen: dict[str, Any] = {}
        if rng.random() < 0.15:
            chosen["gap"] = rng.uniform(-0.05, 0.6)
        if rng.random() < 0.12:
            spaces = [i for i, character in enumerate(text) if character == " "]
            wide = sorted({spaces[int(rng.integers(len(spaces)))] for _ in range(int(rng.integers(1, 3)))})
            columns = tuple((i, rng.uniform(0.5, 5)) for i in wide)
            # Letters of a bitmap face lie on the grid of the screen.
            chosen["columns"] = tuple((i, round(gap)) for i, gap in columns) if face.strike else columns
        if rng.random() < look.two_faces:
            second = self.fonts.pick(rng, text, look.faces)
            if second is not None and second.caps_only == face.caps_only:
                chosen["second"] = second
                chosen["switch"] = text.index(" ") if rng.random() < 0.5 else text.rindex(" ")
        return chosen

    def _dots(
        self, rng: np.random.Generator, drawing: Drawing, margins: np.ndarray, look: Look
    ) -> np.ndarray:
        """The crop of a drawing in a bitmap face, dot for dot, uint8 (h, w)."""
        left, top, right, bottom = drawing.ink
        if rng.random() < look.line_box:
            top = min(top, drawing.baseline - round(ASCENDER * drawing.capital))
            bottom = max(bottom, drawing.baseline + round(DESCENDER * drawing.capital))
        before, above, after, below = np.rint(margins * (bottom - top)).tolist()
        dots = np.asarray(drawing.mask.crop((left - before, top - above, right + after, bottom + below)))
        return dots.repeat(2, 0).repeat(2, 1) if rng.random() < LARGE_DOTS else dots

    def _crop(
        self,
        rng: np.random.Generator,
        drawing: Drawing,
        view: View,
        margins: np.ndarray,
        height: int,
        look: Look,
    ) -> np.ndarray | None:
        """The crop of the drawing in a view, uint8 (height, w)."""
        mask = drawing.mask
        left, top, right, bottom = drawing.ink
        if rng.random() < look.curve:
            amplitude = drawing.size * rng.uniform(0.1, 0.5)
            pixels = bend(np.asarray(mask), amplitude, rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.7))
            mask = Image.fromarray(pixels)
            filled = np.flatnonzero(pixels.max(1))
            if not len(filled):
                return None
            top, bottom = int(filled[0]), int(filled[-1]) + 1
        if rng.random() < look.line_box:  # a detector boxes the line, not the ink of these letters
            top = min(top, drawing.baseline - round(ASCENDER * drawing.capital))
            bottom = max(bottom, drawing.baseline + round(DESCENDER * drawing.capital))
        matrix = homography(view, mask.width, mask.height)
        low_x, low_y, high_x, high_y = extent(matrix, (left, top, right, bottom))
        span = high_y - low_y
        before, above, after, below = (margins * span).tolist()
        box = low_x - before, low_y - above, high_x + after, high_y + below
        rows = box[3] - box[1]
        if rows < 2 or box[2] - box[0] < 2:
            return None
        # ``height`` is that of level text: a box around climbing text is higher, its letters are not smaller.
        steep = min(max(span / max(bottom - top, 1), 1), STEEPEST)
        pixels = np.asarray(warp(mask, matrix, box, height * steep / rows))
        return pixels if pixels.max() > 100 else None

    def _finish(
        self, rng: np.random.Generator, image: np.ndarray, mask: np.ndarray, text: str, wild: bool = False
    ) -> WordSample | None:
        """Scaled to 32 rows and stretched in width, widely if ``wild``; None when nobody could read it."""
        if visibility(image, mask) < LEAST_VISIBLE:
            return None
        rows, columns = image.shape
        # Boxes of signs, and signs seen from aside, have letters of any proportion.
        stretch = min(max(math.exp(rng.normal(0, 0.22 if wild else 0.1)), 0.55), 1.7)
        width = round(columns * HEIGHT / rows * stretch)
        least = 4 * (len(text) + sum(a == b for a, b in pairwise(text)))
        width = max(width, NARROWEST, least)  # CTC needs a column for each character, one more between equals
        if width > WIDEST:
            return None
        method = degrade.FILTERS[int(rng.integers(3))]
        strip = degrade.resized_bytes(image, width, HEIGHT, method)
        if deviation(strip) < LEAST_CONTRAST:
            return None
        return WordSample(np.ascontiguousarray(strip), text)


def _scripts(rng: np.random.Generator, text: str) -> tuple[tuple[int, int, float], ...]:
    """What of a text is set small: from, to, and how far above the line, in ems."""
    below, above = -float(rng.uniform(0.08, 0.2)), float(rng.uniform(0.28, 0.42))
    spans = {match.span(): above for match in ABOVE.finditer(text)}
    for formula in FORMULA.finditer(text):
        spans |= {match.span(): below for match in BELOW.finditer(text, *formula.span())}
    return tuple((start, end, rise) for (start, end), rise in sorted(spans.items()))

"""What every kind of page draws from: the studio of a renderer, and the desk of one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from ocrcli.synth.backgrounds import Backgrounds
from ocrcli.synth.corpus import Corpus
from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.fontscan import Face
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.runs import BLACK, WHITE, Colour, luma
from ocrcli.synth.layouts.typeset import Faces
from ocrcli.synth.layouts.wording import Wording

SMALLEST_TEXT = 8.0  # pixels of line height: below it nobody reads a page picture
MEGAPIXEL = 1e6
T = TypeVar("T")


@dataclass
class Studio:
    """Faces, words and pictures. ``pixels`` is the area of a page, (lowest, highest)."""

    faces: Faces
    corpus: Corpus
    backgrounds: Backgrounds
    pixels: tuple[float, float]

    @staticmethod
    def open(fonts: FontLibrary, backgrounds: Path | str | None, megapixels: tuple[float, float]) -> Studio:
        """A studio over a font library and a folder of photographs (or none)."""
        low, high = megapixels
        return Studio(Faces(fonts), Corpus(), Backgrounds(backgrounds), (low * MEGAPIXEL, high * MEGAPIXEL))


class Desk:
    """A studio with the dice of one page: every choice a layout makes is made here."""

    def __init__(self, rng: np.random.Generator, studio: Studio) -> None:
        self.rng, self.studio = rng, studio
        self.wording = Wording(rng, studio.corpus)

    # -- dice -------------------------------------------------------------------------

    def roll(self) -> float:
        """A number from 0 to 1."""
        return float(self.rng.random())

    def chance(self, odds: float) -> bool:
        """True with the given odds."""
        return bool(self.rng.random() < odds)

    def uniform(self, low: float, high: float) -> float:
        """A number between ``low`` and ``high``."""
        return float(self.rng.uniform(low, high))

    def normal(self, mean: float, deviation: float) -> float:
        """A normally distributed number."""
        return float(self.rng.normal(mean, deviation))

    def integer(self, low: int, high: int | None = None) -> int:
        """A whole number from ``low`` to ``high`` − 1, or from 0 to ``low`` − 1."""
        return int(self.rng.integers(low, high))

    def pick(self, options: Sequence[T]) -> T:
        """One of ``options``."""
        return options[int(self.rng.integers(len(options)))]

    # -- materials --------------------------------------------------------------------

    def size(self, aspect: float) -> tuple[int, int]:
        """Width and height of a page whose height is ``aspect`` × its width."""
        low, high = self.studio.pixels
        area = np.exp(self.rng.uniform(np.log(low), np.log(high)))
        width = max(64, round(np.sqrt(area / aspect)))
        return width, max(64, round(area / width))

    def text_height(self, low: float = SMALLEST_TEXT, high: float = 26.0) -> float:
        """Line height of body text in pixels, small ones as likely as large ones per octave."""
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def photo(self, width: int, height: int, grey: bool = False) -> Image.Image:
        """A picture without text."""
        image = Image.fromarray(self.studio.backgrounds.colour(self.rng, max(1, height), max(1, width)))
        return image.convert("L") if grey else image

    def any_face(self, **styles: float) -> Face:
        """A face of one of the weighed ``styles``, or of any."""
        return self.studio.faces.any(self.rng, **styles)

    def body_face(self, bold: float = 0.08, serif: float = 0.5) -> Face:
        """A face fit for running text."""
        return self.studio.faces.body(self.rng, bold, serif)

    def mono_face(self) -> Face:
        """A typewriter or terminal face."""
        return self.studio.faces.mono(self.rng)

    def sibling(self, face: Face) -> Face:
        """A bold face of the same family, for headings and labels; itself when there is none."""
        return self.studio.faces.sibling(face, self.rng)

    def colour(self, dark: float = 0.5) -> Colour:
        """A colour, below or above middle grey with the given odds of being dark."""
        values = self.rng.uniform(0, 255, 3)
        return as_colour(values * 0.55 if self.chance(dark) else 255 - (255 - values) * 0.5)

    def contrasting(self, ground: Colour, least: float = 70.0) -> Colour:
        """An ink that can be read on ``ground``: at least ``least`` grey levels away."""
        level = luma(ground)
        for _ in range(8):
            roll = self.roll()
            colour = WHITE if roll < 0.3 else BLACK if roll < 0.5 else self.colour()
            if abs(luma(colour) - level) >= least:
                return colour
        return BLACK if level > 127 else WHITE

    def near(self, colour: Colour, deviation: float = 22.0) -> Colour:
        """A colour that differs a little."""
        return as_colour(np.array(colour) + self.rng.normal(0, deviation, 3))

    def paper(self, width: int, height: int, grey: float = 0.75) -> Sheet:
        """Blank paper and its ink, mostly black on white; of one channel with the odds ``grey``."""
        in_grey = self.chance(grey)
        paper, ink = WHITE, BLACK
        if self.chance(0.35):
            paper = as_colour(255 - self.rng.gamma(2.0, 9.0) - self.rng.uniform(0, 22, 3))
        if self.chance(0.6):
            ink = as_colour(self.rng.gamma(1.2, 18.0, 1).repeat(3))
        if not in_grey and self.chance(0.1):
            ink = as_colour(self.rng.uniform(0, 110, 3))
        return Sheet(width, height, paper, ink, grey=in_grey)


def as_colour(values: np.ndarray) -> Colour:
    """Three numbers clipped to a colour."""
    red, green, blue = (int(v) for v in np.clip(values, 0, 255))
    return red, green, blue

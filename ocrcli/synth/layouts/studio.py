"""What every kind of page draws from, and the format it is asked to fill."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ocrcli.synth.backgrounds import Backgrounds
from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.layouts.canvas import Colour, Sheet
from ocrcli.synth.layouts.typeset import Faces
from ocrcli.synth.layouts.wording import Wording

SMALLEST_TEXT = 8.0  # pixels of line height: below it nobody reads a page picture


@dataclass
class Studio:
    """Faces, words and pictures. ``pixels`` is the area of a page, (lowest, highest)."""

    faces: Faces
    wording: Wording
    backgrounds: Backgrounds
    pixels: tuple[float, float]

    @staticmethod
    def open(fonts: FontLibrary, backgrounds: Path | str | None, megapixels: tuple[float, float]) -> Studio:
        """A studio over a font library and a folder of photographs (or none)."""
        low, high = megapixels
        return Studio(Faces(fonts), Wording(), Backgrounds(backgrounds), (low * 1e6, high * 1e6))

    def size(self, rng: np.random.Generator, aspect: float) -> tuple[int, int]:
        """Width and height of a page whose height is ``aspect`` × its width."""
        low, high = self.pixels
        area = np.exp(rng.uniform(np.log(low), np.log(high)))
        width = max(64, round(np.sqrt(area / aspect)))
        return width, max(64, round(area / width))

    def text_height(self, rng: np.random.Generator, low: float = SMALLEST_TEXT, high: float = 26.0) -> float:
        """Line height of body text in pixels, small ones as likely as large ones per octave."""
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    def photo(self, rng: np.random.Generator, width: int, height: int, grey: bool) -> Image.Image:
        """A picture without text."""
        image = Image.fromarray(self.backgrounds.colour(rng, max(1, height), max(1, width)))
        return image.convert("L") if grey else image


def paper_sheet(rng: np.random.Generator, width: int, height: int, grey: float = 0.75) -> Sheet:
    """Blank paper with its ink: mostly black on white, now and then tinted."""
    in_grey = bool(rng.random() < grey)
    paper: Colour = (255, 255, 255)
    if rng.random() < 0.35:
        tint = 255 - rng.gamma(2.0, 9.0) - rng.uniform(0, 22, 3)
        paper = _colour(tint)
    ink = _colour(rng.gamma(1.2, 18.0, 1).repeat(3)) if rng.random() < 0.6 else (0, 0, 0)
    if not in_grey and rng.random() < 0.1:
        ink = _colour(rng.uniform(0, 110, 3))
    return Sheet(width, height, paper, ink, grey=in_grey)


def _colour(values: np.ndarray) -> Colour:
    red, green, blue = (int(v) for v in np.clip(values, 0, 255))
    return red, green, blue


def random_colour(rng: np.random.Generator, dark: float = 0.5) -> Colour:
    """A colour, below or above middle grey with the given odds of being dark."""
    values = rng.uniform(0, 255, 3)
    if rng.random() < dark:
        values *= 0.55
    else:
        values = 255 - (255 - values) * 0.5
    return _colour(values)


def contrasting(rng: np.random.Generator, ground: Colour, least: float = 70.0) -> Colour:
    """An ink that can be read on ``ground``: at least ``least`` grey levels away."""
    level = 0.299 * ground[0] + 0.587 * ground[1] + 0.114 * ground[2]
    for _ in range(8):
        colour = (255, 255, 255) if rng.random() < 0.3 else (0, 0, 0) if rng.random() < 0.3 else random_colour(rng)
        if abs(0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] - level) >= least:
            return colour
    return (0, 0, 0) if level > 127 else (255, 255, 255)


def pick(rng: np.random.Generator, options: list) -> object:  # type: ignore[type-arg]
    """One of ``options`` as it is (NumPy's choice would turn it into an array scalar)."""
    return options[int(rng.integers(len(options)))]


def chance(rng: np.random.Generator, odds: float) -> bool:
    """True with the given odds."""
    return bool(rng.random() < odds)

"""Single characters with labels: extra training data of the character classifier.

Print and handwriting faces, thickened, leaned, turned and wobbled, then normalised the way
the classifier sees everything (:mod:`ocrcli.engine.charnorm`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from ocrcli.alphabet import EMNIST_BYCLASS, Alphabet
from ocrcli.engine.charnorm import normalise
from ocrcli.synth.backgrounds import smooth_field
from ocrcli.synth.compose import Layout, draw
from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.geometry import View, corners, homography, project, warp

MOST_ATTEMPTS = 1000  # one in fifty fails with usual fonts
FACES = {"handwriting": 0.4, "sans": 0.24, "serif": 0.14, "display": 0.16, "mono": 0.06}
# Their cases differ in size alone, which normalisation takes away.
ONE_SHAPE = frozenset("cCoOsSvVwWxXzZ")


@dataclass(frozen=True)
class CharSample:
    """A character uint8 (28, 28), ink 255 on 0; ``merged``: the label's other case looks the same."""

    image: np.ndarray
    label: str
    merged: bool = False


class CharRenderer:
    """Draws single characters, each with its share: ``shares`` as in the alphabet, by default equal ones."""

    def __init__(
        self, fonts: FontLibrary, alphabet: Alphabet | None = None, shares: np.ndarray | None = None
    ) -> None:
        self.fonts = fonts
        self.alphabet = alphabet or Alphabet(EMNIST_BYCLASS)
        self._characters = self.alphabet.characters
        drawn = np.array([not c.isspace() for c in self._characters], np.float64)
        chances = drawn if shares is None else drawn * shares
        self._edges = np.cumsum(chances / chances.sum())

    def render(self, rng: np.random.Generator) -> CharSample:
        """One character with its label. Raises ValueError when no face can draw the alphabet."""
        for _ in range(MOST_ATTEMPTS):
            sample = self._attempt(rng)
            if sample is not None:
                return sample
        raise ValueError("none of the fonts draws the alphabet")

    def _attempt(self, rng: np.random.Generator) -> CharSample | None:
        place = int(np.searchsorted(self._edges, rng.random(), "right"))
        label = self._characters[min(place, len(self._characters) - 1)]
        face = self.fonts.pick(rng, label, FACES)
        if face is None or (face.caps_only and label.islower()):
            return None
        drawing = draw(face, label, Layout(int(rng.integers(40, 72)), margin=0.5))
        if drawing is None:
            return None
        view = View(
            rotation=float(rng.normal(0, 6)),
            shear=float(rng.normal(0, 0.15)),
            perspective=(float(rng.normal(0, 0.06)), float(rng.normal(0, 0.06))),
            stretch=float(np.exp(rng.normal(0, 0.14))),
        )
        mask = _seen(drawing.mask, drawing.ink, view)
        if rng.random() < 0.8:
            mask = wobble(rng, mask, rng.uniform(0.5, 3.5))
        mask = _stroke(rng, mask)
        if rng.random() < 0.3:
            mask = np.asarray(Image.fromarray(mask).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.6))))
        image = normalise(255 - mask)
        if image is None:
            return None
        return CharSample(image, label, label in ONE_SHAPE and label.swapcase() in self.alphabet)


def _seen(mask: Image.Image, ink: tuple[int, int, int, int], view: View) -> np.ndarray:
    """The drawing in a view with a border of 15 %, uint8 (h, w)."""
    matrix = homography(view, mask.width, mask.height)
    quad = project(matrix, corners(*ink))
    low, high = quad.min(0), quad.max(0)
    border = 0.15 * float((high - low).max())
    return np.asarray(warp(mask, matrix, (*(low - border), *(high + border)), 1.0))


def wobble(rng: np.random.Generator, mask: np.ndarray, pixels: float) -> np.ndarray:
    """An unsteady hand: every point moved by up to ``pixels`` along smooth fields (Simard 2003)."""
    height, width = mask.shape
    dx, dy = (smooth_field(rng, height, width, rng.uniform(1.5, 4)) * pixels for _ in range(2))
    rows = np.clip(np.arange(height)[:, None] + dy, 0, height - 1).round().astype(int)
    columns = np.clip(np.arange(width)[None, :] + dx, 0, width - 1).round().astype(int)
    return mask[rows, columns]


def _stroke(rng: np.random.Generator, mask: np.ndarray) -> np.ndarray:
    """A broader or a finer pen; unchanged when the finer one would leave nothing."""
    roll = rng.random()
    if roll < 0.4:
        return np.asarray(Image.fromarray(mask).filter(ImageFilter.MaxFilter(int(rng.choice([3, 5])))))
    if roll < 0.55:
        thin = np.asarray(Image.fromarray(mask).filter(ImageFilter.MinFilter(3)))
        return thin if (thin > 128).sum() > 0.5 * (mask > 128).sum() else mask
    return mask

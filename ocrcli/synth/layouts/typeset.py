"""A face at a size, measured by its ink, as the page layouts use it.

Sizes are heights of the line box (``Type.ascent + Type.descent``) in pixels, not pixels per
em: faces differ by a factor of two in how large they draw at one nominal size, and the
detector cares for what is seen.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from PIL import ImageFont

from ocrcli.synth.fonts import FontLibrary, open_face
from ocrcli.synth.fontscan import Face

REFERENCE = 64  # pixels per em at which a face's proportions are measured; large enough to round little
TALL = "bdhklAEHNT"  # letters that reach the top of the line box
DEEP = "gpqy"  # letters that reach its bottom
# Typographic signs that many faces lack, and what a typist puts instead.
PLAIN = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "–": "-",
        "—": "-",
        "…": ".",
        "•": "-",
        "€": "$",
        "£": "$",
        "é": "e",
    }
)


SLANTED = re.compile(
    r"italic|oblique|slanted|condensed|narrow|compressed|extended|thin|hairline", re.IGNORECASE
)
# Faces that most printed pages are set in, or their metric twins: every third page has one.
OFFICE = re.compile(
    r"liberation|nimbus|tex ?gyre|dejavu|carlito|caladea|arimo|tinos|free ?(sans|serif)|noto s|roboto|"
    r"open sans|helvetica|arial|times|latin modern|cmu|century|palatino|bookman|garamond|lato",
    re.IGNORECASE,
)


class Type:
    """A face opened at one size.

    ``ascent`` and ``descent`` (float pixels, both positive) span the line box: from the top
    of a typical ascender or capital to the bottom of a typical descender of the *face*.
    """

    __slots__ = ("_lengths", "ascent", "descent", "face", "font", "size", "space")

    def __init__(self, face: Face, size: int) -> None:
        self.face = face
        self.size = size
        self.font: ImageFont.FreeTypeFont = open_face(face.path, face.index, size)
        up, down = proportions(face)
        self.ascent, self.descent = up * size, down * size
        self._lengths: dict[str, float] = {}
        # Some display faces have a space of no width, or of a whole em.
        self.space = min(max(self.font.getlength(" "), 0.16 * size), 0.65 * size)

    @property
    def height(self) -> float:
        """Height of the line box in pixels."""
        return self.ascent + self.descent

    def length(self, text: str) -> float:
        """Advance width of ``text`` in pixels (kept: words come again and again)."""
        known = self._lengths.get(text)
        if known is None:
            known = self._lengths[text] = self.font.getlength(text)
        return known

    def ink(self, text: str) -> tuple[float, float]:
        """Left and right end of the ink of ``text`` relative to its pen position."""
        left, _, right, _ = self.font.getbbox(text, anchor="ls")
        return float(left), float(right)

    def plain(self, text: str) -> str:
        """``text`` with the typographic signs that this face lacks made typewriter signs, or left out."""
        if text.isascii():
            return text
        known = [c if c in self.face.coverage else c.translate(PLAIN) for c in text]
        return "".join(c for c in known if c.isascii() or c in self.face.coverage)

    def fit(self, text: str, room: float) -> str:
        """The first words of ``text`` that fit into ``room`` pixels; a first word too wide is cut short."""
        words = text.split()
        used, count = 0.0, 0
        for word in words:
            used += self.length(word) + (self.space if count else 0.0)
            if used > room:
                break
            count += 1
        if count or not words:
            return " ".join(words[:count])
        return words[0][: max(0, int(room / max(self.length("M"), 1.0)))]


@lru_cache(maxsize=8192)
def proportions(face: Face) -> tuple[float, float]:
    """(ascent, descent) of the line box per pixel of size, from the ink of typical letters.

    Medians, so that one swash letter of a script face does not set the height of all lines.
    """
    font = open_face(face.path, face.index, REFERENCE)
    boxes = {letter: font.getbbox(letter, anchor="ls") for letter in TALL + DEEP}
    up = max(
        float(np.median([-boxes[letter][1] for letter in TALL if letter.islower()])),
        float(np.median([-boxes[letter][1] for letter in TALL if letter.isupper()])),
    )
    down = float(np.median([boxes[letter][3] for letter in DEEP]))
    return max(up, 0.2 * REFERENCE) / REFERENCE, max(down, 0.02 * REFERENCE) / REFERENCE


def type_at(face: Face, height: float) -> Type:
    """``face`` at the size whose line box is ``height`` pixels high."""
    up, down = proportions(face)
    return _type(face, max(4, round(height / (up + down))))


@lru_cache(maxsize=512)
def _type(face: Face, size: int) -> Type:
    return Type(face, size)


@lru_cache(maxsize=4096)
def _covers_ascii(coverage: str) -> bool:
    return set(map(chr, range(0x20, 0x7F))).issubset(coverage)


class Faces:
    """Draws faces for pages: all of them can set plain ASCII."""

    def __init__(self, fonts: FontLibrary) -> None:
        good = tuple(face for face in fonts.faces if _covers_ascii(face.coverage))
        self._library = FontLibrary(good or fonts.faces)
        body = tuple(f for f in self._library.faces if f.style in {"serif", "sans"} and not f.caps_only)
        self._body = FontLibrary(body) if body else self._library
        light = tuple(f for f in self._body.faces if not f.bold)
        self._regular = FontLibrary(light) if light else self._body
        upright = tuple(f for f in self._regular.faces if not SLANTED.search(f.name))
        self._upright = FontLibrary(upright) if upright else self._regular
        office = tuple(f for f in upright if OFFICE.search(f.family))
        self._office = FontLibrary(office) if office else self._upright
        mono = tuple(f for f in self._library.faces if f.style == "mono" and not f.caps_only)
        self._mono = FontLibrary(mono) if mono else self._regular

    def any(self, rng: np.random.Generator, **styles: float) -> Face:
        """A face of one of the weighed ``styles``, or of any."""
        weights = styles or {"serif": 2.0, "sans": 3.0, "display": 2.0, "mono": 0.4, "handwriting": 0.4}
        return self._library.pick(rng, "a", weights) or self._library.faces[0]

    def body(self, rng: np.random.Generator, bold: float = 0.08, serif: float = 0.5) -> Face:
        """A face fit for running text, seldom a bold one."""
        roll = rng.random()
        library = self._office if roll < 0.35 else self._upright if roll < 0.85 else self._regular
        if rng.random() < bold:
            library = self._body
        return library.pick(rng, "a", {"serif": serif, "sans": 1 - serif}) or library.faces[0]

    def mono(self, rng: np.random.Generator) -> Face:
        """A typewriter or terminal face."""
        return self._mono.pick(rng, "a", {"mono": 1.0}) or self._mono.faces[0]

    def sibling(self, face: Face, rng: np.random.Generator, bold: bool = True) -> Face:
        """Another face of the same family (for headings, labels), itself when it is alone."""
        same = [f for f in self._kin(face.family) if f.bold == bold]
        return same[rng.integers(len(same))] if same else face

    def _kin(self, family: str) -> list[Face]:
        if not hasattr(self, "_families"):
            self._families: dict[str, list[Face]] = {}
            for face in self._library.faces:
                self._families.setdefault(face.family, []).append(face)
        return self._families.get(family, [])

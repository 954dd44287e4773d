"""What one font file is good for: which characters it draws, how it looks, whether people can read it.

A character map alone is not believed: symbol and bar-code fonts map letters to pictures,
and many faces draw an empty box for what they lack. So every glyph is drawn once, small,
and judged by its pixels.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFont

SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".pfb"})
BITMAP_SUFFIXES = (".bdf", ".pcf", ".pcf.gz", ".otb")  # letters drawn pixel by pixel, in one size a file
STRIKES = range(6, 41)  # pixels; the sizes in which such a file may be
PROBE_SIZE = 32  # pixels per em when a face is examined: small enough to be quick, large enough for shapes
PROBE_LETTERS = "ABDEFGHJKLMNPQRSTUXYabdefghijklmnpqrstuy0123456789"
# Signs that nearly all faces draw alike: one that is unlike theirs is another sign.
PROBE_SIGNS = "#$()+/<>?[]{}\\~…•€£¥¢§©®°±×÷«»†é"
REQUIRED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,-"
LEAST_SPACE = 0.15  # of the em; faces with a narrower space run words together
GRID = 12  # a probed glyph is compared as a 12×12 picture of its bounding box
# Pairs whose two cases differ in shape, not only in size, in any face that has two cases.
CASE_PAIRS = "abdeghnqrt"
NO_SUCH_CHARACTER = "\U000fff7f"  # a private code point that no face maps: draws .notdef

_NOT_TEXT = re.compile(
    r"symbol|dingbat|barcode|bar code|blank|math|emoji|icon|awesome|ornament|music|braille|signwriting|"
    r"dseg|last ?resort|pict|zapf ?ding|wingding|webding|arrow|keyboard|chess|euterpe|goblin|bats\b|tofu|"
    r"notdef|redacted|flow ?circ|wasy|bbold|dsrom|stmary|rsfs|euex|eufm|msam|msbm|cmex|cmsy|cmmi|"
    r"[-_ ]ex(t(ension)?)?\d*$|tipa|runic|hiero|cypriot|linear ?b|phaistos|moonphase|mahjong|lilypond|feta",
    re.IGNORECASE,
)
_HAND = re.compile(
    r"hand|script|brush|\bpen\b|marker|callig|scrawl|purisa|manners|skrivana|z003|chorus|abecedario|joscelyn|"
    r"levien|cursive|comic|kristi|chancery|dancing|kaushan|augie|breip|femke|rufscript|isabella|klaudia|summersby|leckerli|lobster|humor|dkg|ecolier|tomson|fountain|miama|pacifico",
    re.IGNORECASE,
)
_DISPLAY = re.compile(
    r"BRK|poster|decorative|display|inline|stencil|shadow|titling|swash|uncial", re.IGNORECASE
)
_MONO = re.compile(r"mono|typewriter|courier|code|console|terminal|typoscript|tt$|ocr", re.IGNORECASE)
_WEIGHTS = re.compile(
    r"\b(thin|hairline|extra ?light|ultra ?light|light|book|regular|roman|medium|semi ?bold|demi ?bold|demi|"
    r"bold|extra ?bold|ultra ?bold|heavy|black|ultra|italic|oblique|slanted|condensed|cond|compressed|narrow|"
    r"extended|expanded|wide|caption|display|text|small ?caps|sc|caps|std|pro|otf|ttf|[0-9]+pt|[0-9]+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Face:
    """One face of one font file.

    ``style`` is serif, sans, mono, handwriting, display or bitmap. ``legibility`` is the mean
    correlation (−1..1) of its letters with the average of all faces. ``cap_height`` is a
    share of the em. A ``caps_only`` face draws capitals for small letters too. ``strike`` is the
    size in pixels of a bitmap face, which it has no other than; 0 for outlines.
    """

    path: str
    index: int
    family: str
    name: str
    style: str
    coverage: str
    cap_height: float
    legibility: float = 1.0
    caps_only: bool = False
    bold: bool = False
    strike: int = 0

    def covers(self, text: str) -> bool:
        """Whether every character of ``text`` has a glyph here."""
        return all(character in self.coverage for character in text)


def family_group(family: str) -> str:
    """The family without weights and widths: ``"Noto Sans Mono Light"`` → ``"noto sans"``."""
    if family.endswith("BRK"):  # 150 display families of one foundry: a bucket for each initial
        return f"brk {family[0].lower()}"
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", family)
    words = _WEIGHTS.sub(" ", spaced.replace("-", " ").replace("_", " ")).lower().split()
    if not words:
        return family.lower()
    words = [word.rstrip("0123456789") or word for word in words]
    if words[0].startswith("drm"):  # one family of TeX in 300 files, each named for itself
        return "drm"
    # The script families of one designer share their Latin glyphs.
    return " ".join(words[:2]) if words[0] == "noto" else " ".join(words[:3])


def probe(path: Path, index: int, alphabet: Iterable[str]) -> tuple[Face, np.ndarray] | None:
    """Examine a face. Returns it with its glyph pictures float32 (n, GRID·GRID), or None when unfit.

    The pictures are of PROBE_LETTERS and PROBE_SIGNS; of a sign that it does not draw there is an empty one.
    """
    try:
        return _probe(path, index, alphabet)
    except (OSError, ValueError, MemoryError, UnicodeError, SyntaxError):
        return None  # a damaged or unsupported file is simply not used


def is_font(path: Path) -> bool:
    """Whether a file may hold a face, by its name."""
    return path.suffix.lower() in SUFFIXES or path.name.lower().endswith(BITMAP_SUFFIXES)


def _probe(path: Path, index: int, alphabet: Iterable[str]) -> tuple[Face, np.ndarray] | None:
    strike = 0 if path.suffix.lower() in SUFFIXES else _strike(path)
    size = strike or PROBE_SIZE
    font = ImageFont.truetype(str(path), size, index, layout_engine=ImageFont.Layout.BASIC)
    family, style_name = (part or "" for part in font.getname())
    label = f"{family} {style_name}".strip()
    if not family or _NOT_TEXT.search(label) or _NOT_TEXT.search(path.stem):
        return None
    notdef = _pixels(font, NO_SUCH_CHARACTER)
    drawn: dict[str, np.ndarray] = {}
    for character in dict.fromkeys([*REQUIRED, *alphabet]):
        if character == " ":
            continue
        glyph = _pixels(font, character)
        if glyph is None or (notdef is not None and glyph.shape == notdef.shape and (glyph == notdef).all()):
            if character in REQUIRED:
                return None
            continue
        drawn[character] = glyph
    capital = drawn["H"].shape[0] / size
    if (
        not 0.25 < capital < 1.3 or font.getlength(" ") < LEAST_SPACE * size or _pixels(font, " ") is not None
    ):  # unusable metrics
        return None
    coverage = "".join(drawn) + " "
    nothing = np.zeros(GRID * GRID, np.float32)
    pictures = np.stack([_picture(drawn[c]) if c in drawn else nothing for c in PROBE_LETTERS + PROBE_SIGNS])
    face = Face(
        path=str(path),
        index=index,
        # Each size of a terminal's letters was drawn for itself.
        family=family_group(family) + (f" {strike}" if strike and _is_fixed(font) else ""),
        name=label,
        style="bitmap" if strike else _style(label, font, drawn),
        coverage=coverage,
        cap_height=round(capital, 3),
        caps_only=_caps_only(drawn),
        bold=bool(
            re.search(r"bold|black|heavy|demi|ultra(?! ?light)", style_name + path.stem, re.IGNORECASE)
        ),
        strike=strike,
    )
    return face, pictures


def _strike(path: Path) -> int:
    """The size of a bitmap face in pixels. Raises OSError when it is none of STRIKES."""
    content = path.read_bytes()
    for size in STRIKES:
        try:
            # Pillow looks for a path that does not open in all folders of fonts; for content it does not.
            ImageFont.truetype(io.BytesIO(content), size, layout_engine=ImageFont.Layout.BASIC)
        except OSError:
            continue
        return size
    raise OSError(f"{path}: no bitmaps of a usual size")


def _pixels(font: ImageFont.FreeTypeFont, character: str) -> np.ndarray | None:
    """Ink of a character cut to its bounding box, uint8 (h, w); None when nothing is drawn."""
    mask = font.getmask(character, mode="L")
    width, height = mask.size
    if not width or not height:
        return None
    pixels = np.array(mask, dtype=np.uint8).reshape(height, width)
    rows, columns = np.flatnonzero(pixels.max(1) > 64), np.flatnonzero(pixels.max(0) > 64)
    if not len(rows) or not len(columns):
        return None
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _picture(glyph: np.ndarray) -> np.ndarray:
    """A glyph as a unit vector without mean, float32 (GRID·GRID,): a dot product is a correlation."""
    small = Image.fromarray(glyph).resize((GRID, GRID), Image.Resampling.BILINEAR)
    vector = np.asarray(small, dtype=np.float32).ravel()
    vector = vector - vector.mean()
    return vector / max(float(np.linalg.norm(vector)), 1e-6)


def _caps_only(drawn: dict[str, np.ndarray]) -> bool:
    """Whether small letters are drawn as (small) capitals."""
    alike = [float(_picture(drawn[c]) @ _picture(drawn[c.upper()])) for c in CASE_PAIRS]
    return float(np.median(alike)) > 0.8  # two cases of a normal face correlate below 0.5


def _style(label: str, font: ImageFont.FreeTypeFont, drawn: dict[str, np.ndarray]) -> str:
    if _HAND.search(label):
        return "handwriting"
    if _is_fixed(font) or _MONO.search(label):
        return "mono"
    if _DISPLAY.search(label):
        return "display"
    return "serif" if _has_serifs(drawn["I"]) else "sans"


def _is_fixed(font: ImageFont.FreeTypeFont) -> bool:
    """Whether all letters are of one width."""
    widths = [font.getlength(c) for c in "iIlMW.m"]
    return max(widths) - min(widths) < 0.5


def _has_serifs(capital_i: np.ndarray) -> bool:
    """A serif I is wider at its feet than in the middle."""
    ink = capital_i > 96
    height = len(ink)
    foot = ink[-max(2, height // 8) :].any(0).sum()
    middle = ink[height * 2 // 5 : height * 3 // 5].sum(1).mean()
    return bool(foot > middle * 1.45 + 1)

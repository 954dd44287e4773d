"""Whole pages with the exact place of every text line: what the detector learns from.

A page is laid out on a flat sheet (``layouts``), seen in some view (skew, perspective, curl:
``layouts.view``) and put through a scanner, a camera or a screen capture (``scanning``).
The line quads go through the same view as the pixels.

What a line quad is, everywhere: left and right it ends at the ink of the first and last
glyph; above and below it reaches from the top of a typical ascender or capital to the bottom
of a typical descender of the *face*, whatever letters the line has, so that strips cut by it
have one proportion for one face. Where lines are set tighter than that, neighbouring quads
are shortened until they do not overlap. A line is a run of text without wide gaps: cells of a
table, a label and its value far apart, and columns are lines of their own (gap of more than
about 1.5 line heights).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ocrcli.synth import scanning
from ocrcli.synth.corpus import Corpus
from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.layouts import display, forms, letters, notes, printed, receipts, scenes, screens, web
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.runs import Lines, grey
from ocrcli.synth.layouts.studio import Desk, Studio
from ocrcli.synth.layouts.typeset import Faces, type_at
from ocrcli.synth.layouts.view import View, curled, identity, photographed, rectangle, skewed
from ocrcli.synth.layouts.wording import Wording

A4_INCHES = (8.27, 11.69)
USUAL_TEXT = 20.0  # pixels of line height that damage is measured by on a page without text
DEFAULT_KINDS: Mapping[str, float] = {
    "letter": 1.2, "book": 0.8, "columns": 1.0, "form": 1.8, "table": 0.9, "invoice": 0.7, "receipt": 1.6,
    "note": 0.35, "slide": 0.5, "poster": 0.9, "screen": 0.8, "web": 0.5, "scene": 7.0, "empty": 0.15,
}  # fmt: skip
SHEETS: Mapping[str, Callable[[Desk], Sheet]] = {
    "letter": letters.draw, "book": printed.draw_book, "columns": printed.draw_columns,
    "form": forms.draw_form, "table": forms.draw_table, "invoice": forms.draw_invoice,
    "receipt": receipts.draw, "note": notes.draw,
    "slide": display.draw_slide, "poster": display.draw_poster, "screen": screens.draw, "web": web.draw,
}  # fmt: skip
# Odds that a kind is photographed rather than scanned or captured; 0.15 for those not named.
PHOTOGRAPHED = {
    "receipt": 0.3, "book": 0.25, "letter": 0.2, "note": 0.5, "slide": 0.25, "poster": 0.5, "screen": 0.06,
    "web": 0.06,
}  # fmt: skip
# Never on a scanner: drawn on a screen, or exported as a picture.
CAPTURED = frozenset({"screen", "web", "slide", "poster"})
# Odds of a stamp or a remark; none for the kinds not named.
ANNOTATED = {"letter": 0.08, "form": 0.2, "invoice": 0.25, "receipt": 0.2, "book": 0.03}


@dataclass(frozen=True)
class PageSample:
    """A page picture and its truth, lines in reading order.

    ``image`` is uint8 (H, W, 3) RGB; ``quads`` float32 (n, 4, 2), TL TR BR BL in reading
    direction; ``words`` holds (text, quad float32 (4, 2)) for each word of each line;
    ``blocks`` the index of each line's block; ``text`` the lines joined by line feeds and
    the blocks by a blank line.
    """

    image: np.ndarray
    quads: np.ndarray
    texts: list[str]
    words: list[list[tuple[str, np.ndarray]]]
    blocks: list[int]
    text: str


class PageRenderer:
    """Draws pages of many kinds. Cheap to build; all randomness comes from the generator given to ``render``.

    ``backgrounds`` is a folder of photographs without writing; ``size`` the lowest and highest
    area of a page in megapixels; ``kinds`` the weight of each kind (``DEFAULT_KINDS``);
    ``degrade`` False leaves flat, clean sheets.
    """

    def __init__(
        self,
        fonts: FontLibrary,
        backgrounds: Path | str | None = None,
        *,
        size: tuple[float, float] = (0.3, 1.2),
        kinds: Mapping[str, float] | None = None,
        degrade: bool = True,
    ) -> None:
        weights = dict(DEFAULT_KINDS if kinds is None else kinds)
        unknown = set(weights) - set(DEFAULT_KINDS)
        if unknown or not weights:
            raise ValueError(f"unknown kinds of page: {sorted(unknown)}; known are {sorted(DEFAULT_KINDS)}")
        self.studio = Studio.open(fonts, backgrounds, size)
        self.degrade = degrade
        self._kinds = list(weights)
        self._edges = np.cumsum([weights[kind] for kind in self._kinds])

    def render(self, rng: np.random.Generator) -> PageSample:
        """One page."""
        at = np.searchsorted(self._edges, rng.random() * self._edges[-1], side="right")
        return self.render_kind(rng, self._kinds[min(int(at), len(self._kinds) - 1)])

    def render_kind(self, rng: np.random.Generator, kind: str) -> PageSample:
        """One page of the kind asked for."""
        desk = Desk(rng, self.studio)
        if kind == "scene":
            image, lines = scenes.draw(desk)
            if self.degrade:
                image = scanning.camera(rng, image, _smallest(lines))
            return to_sample(image, lines)
        if kind == "empty":
            return self._empty(desk)
        sheet = SHEETS[kind](desk)
        if not self.degrade:
            lines = sheet.finish()
            return to_sample(sheet.image, lines)
        while rng.random() < ANNOTATED.get(kind, 0.0) and len(sheet.insets) < 3:
            notes.annotate(desk, sheet, sheet.runs[-1].type.height if sheet.runs else 16.0)
        if rng.random() < PHOTOGRAPHED.get(kind, 0.15):
            return self._photograph(desk, sheet)
        if kind in CAPTURED:
            lines = sheet.finish()
            return to_sample(scanning.capture(rng, sheet.image, _smallest(lines)), lines)
        return self._scan(desk, sheet)

    def _scan(self, desk: Desk, sheet: Sheet) -> PageSample:
        """On the glass of a scanner: slightly askew, seldom bent, black or white beyond its edges."""
        width, height, roll = sheet.width, sheet.height, desk.roll()
        view = identity(width, height)
        if roll < 0.65:
            degrees = desk.normal(0, 0.6) if roll < 0.4 else desk.uniform(-5, 5)
            view = skewed(width, height, degrees, desk.uniform(0.95, 1.0))
        if desk.chance(0.08):
            view = curled(desk.rng, view, width, desk.uniform(0.003, 0.014) * np.sqrt(width * height))
        lines = _placed(sheet.finish(view.inside), view)
        beyond = grey(desk.integer(60)) if desk.chance(0.2) else sheet.paper  # the lid was open, or closed
        image = view.picture(sheet.image, sheet.tone(beyond))
        return to_sample(scanning.scan(desk.rng, image, _smallest(lines)), lines)

    def _photograph(self, desk: Desk, sheet: Sheet) -> PageSample:
        """In front of a hand-held camera, lying on something."""
        width, height = sheet.width, sheet.height
        view = photographed(desk.rng, width, height, desk.uniform(0.02, 0.14), desk.uniform(0.78, 1.1))
        if desk.chance(0.4):
            view = curled(desk.rng, view, width, desk.uniform(0.004, 0.022) * np.sqrt(width * height))
        lines = _placed(sheet.finish(view.inside), view)
        ground = desk.photo(width, height)
        paper = view.picture(sheet.image.convert("RGB"))
        mask = Image.new("L", (width, height), 0)
        outline = view.forward(_dense(rectangle(width, height)))
        ImageDraw.Draw(mask).polygon(outline.ravel().tolist(), 255)
        ground.paste(paper, (0, 0), mask)
        return to_sample(scanning.camera(desk.rng, ground, _smallest(lines)), lines)

    def _empty(self, desk: Desk) -> PageSample:
        """Blank paper or a photograph: nothing to find."""
        width, height = desk.size(desk.uniform(0.6, 1.6))
        if desk.chance(0.5):
            image = scanning.camera(desk.rng, desk.photo(width, height), USUAL_TEXT)
        else:
            blank = Image.new("L", (width, height), desk.integer(200, 256))
            image = scanning.scan(desk.rng, blank, USUAL_TEXT)
        return to_sample(image, Lines.none())


def render_clean_a4(
    rng: np.random.Generator, fonts: FontLibrary, dpi: float = 150, columns: int = 1
) -> PageSample:
    """An A4 page of body text, black on white, about 50 lines a column, without any damage."""
    width, height = (round(inches * dpi) for inches in A4_INCHES)
    sheet = Sheet(width, height)
    faces, wording = Faces(fonts), Wording(rng, Corpus())
    step = height * 0.86 / 50  # fifty lines between margins of 7 % of the height
    type = type_at(faces.body(rng, bold=0.0), step / 1.28)
    style = Style(type, step / type.height, "justify", indent=2 * type.length("n"))
    gutter, margin = 0.05 * width, 0.1 * width
    each = (width - 2 * margin - gutter * (columns - 1)) / columns
    for i in range(columns):
        column = Column(sheet, margin + i * (each + gutter), 0.07 * height, each, 0.935 * height)
        while column.room(style):
            column.paragraph(wording.paragraph(int(rng.integers(60, 130)), real=1.0), style, rng)
    lines = sheet.finish()
    return to_sample(sheet.image, lines)


def to_sample(image: Image.Image, lines: Lines) -> PageSample:
    """Image and lines as plain arrays and lists."""
    pixels = np.asarray(image.convert("RGB"))
    words: list[list[tuple[str, np.ndarray]]] = [[] for _ in lines.quads]
    for text, quad, line in zip(
        lines.words, lines.word_quads.astype(np.float32), lines.word_lines, strict=True
    ):
        words[line].append((text, quad))
    texts = [" ".join(word for word, _ in line) for line in words]
    return PageSample(
        pixels,
        lines.quads.astype(np.float32),
        texts,
        words,
        list(lines.blocks),
        _page_text(texts, lines.blocks),
    )


def _page_text(texts: list[str], blocks: list[int]) -> str:
    parts: list[str] = []
    for i, text in enumerate(texts):
        if i:
            parts.append("\n" if blocks[i] == blocks[i - 1] else "\n\n")
        parts.append(text)
    return "".join(parts)


def _placed(lines: Lines, view: View) -> Lines:
    return Lines(
        view.quads(lines.quads), view.quads(lines.word_quads), lines.word_lines, lines.words, lines.blocks
    )


def _smallest(lines: Lines) -> float:
    """Lowest line height in pixels; that of ordinary text when there is none."""
    if not len(lines.quads):
        return USUAL_TEXT
    sides = np.linalg.norm(lines.quads[:, 3] - lines.quads[:, 0], axis=1)
    return float(np.percentile(sides, 5))


def _dense(corners: np.ndarray) -> np.ndarray:
    """The outline through four corners, float64 (4·16, 2): enough points to follow a curl."""
    t = np.linspace(0, 1, 16, endpoint=False)[:, None]
    return np.concatenate([corners[i] * (1 - t) + corners[(i + 1) % 4] * t for i in range(4)])

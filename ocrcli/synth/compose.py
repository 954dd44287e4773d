"""Drawing a text: glyphs on a mask, with neighbours and rules, and ink on a background."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocrcli.synth.fonts import Face, open_face

ROOM = 0.8  # ems that a character takes at most, on the mean of nearly all texts
SCRIPT = 0.64  # ems of a digit set small above or below the line
FAR_TOO_WIDE = 60  # ems a character may take before the face is held to be broken


@dataclass(frozen=True)
class Drawing:
    """A mask of drawn text (mode L, ink 255) and the box of the text's own ink in pixels."""

    mask: Image.Image
    ink: tuple[int, int, int, int]  # left, top, right, bottom
    baseline: int
    size: int  # pixels per em
    capital: float  # height of a capital in pixels


@dataclass(frozen=True)
class Layout:
    """How the glyphs are set. Distances are shares of the em."""

    size: int  # pixels per em
    spacing: float = 0.0  # extra space between letters
    gap: float = 0.0  # extra space between words
    columns: tuple[tuple[int, float], ...] = ()  # (index of a space, its extra width): columns of a table
    jitter: tuple[float, ...] = ()  # rise of each character: worn type, hand-set letters
    second: Face | None = None  # the face from character ``switch`` on: a bold label, a typed value
    switch: int = 0
    scripts: tuple[tuple[int, int, float], ...] = ()  # set small: (from, to, rise): H₂O, m², notes
    margin: float = 0.8  # empty border around the text
    # Lines above and below, of which a crop shows slivers: the text again, shifted by so much of its length.
    neighbours: tuple[float, float] | None = None
    pitch: float = 1.2  # distance of the baselines
    before: str = ""  # neighbouring words on the same line
    after: str = ""
    underline: float = 0.0  # distance of a rule under the baseline; 0 is none


def draw(face: Face, text: str, layout: Layout) -> Drawing | None:
    """Draw a text and its neighbours. None when the face draws nothing for it."""
    plain = not (
        layout.spacing or layout.jitter or layout.gap or layout.columns or layout.second or layout.scripts
        or layout.before or layout.after or layout.underline
    )  # fmt: skip
    if plain:  # drawn before it is measured: measuring takes as long as drawing
        room = ROOM * layout.size * (len(text) + 1)
        drawing = _draw_plain(face, text, layout)
        if drawing is None or drawing.ink[2] <= room:
            return drawing
    runs, length = _runs(face, text, layout)
    if not 0 < length < FAR_TOO_WIDE * layout.size * len(text):
        return None
    return _draw_runs(face, layout, runs, length)


def _draw_plain(face: Face, text: str, layout: Layout) -> Drawing | None:
    """A text in one run, on a mask as wide as its ink asks for."""
    font = _opened(face, layout.size)
    pad, baseline, height = _frame(font, layout)
    glyphs, (right, down) = font.getmask2(text, "L", anchor="ls")
    box = glyphs.getbbox()
    if box is None:
        return None
    mask = Image.new("L", (max(pad + right + box[2], 0) + pad, height))
    _stamp(mask, glyphs, pad + right, baseline + down)
    return _finished(face, layout, mask, baseline)


def _draw_runs(face: Face, layout: Layout, runs: list[tuple], length: float) -> Drawing | None:
    """The runs of a text, ``length`` pixels long."""
    font = _opened(face, layout.size)
    pad, baseline, height = _frame(font, layout)
    mask = Image.new("L", (math.ceil(length) + 2 * pad, height))
    for run, run_font, x, rise in runs:
        _set(mask, run, run_font, pad + x, baseline - rise)
    drawing = _finished(face, layout, mask, baseline)
    if drawing is not None:
        _draw_beside(drawing.mask, font, layout, pad, baseline, length)
    return drawing


def _frame(font: ImageFont.FreeTypeFont, layout: Layout) -> tuple[int, int, int]:
    """The empty border around a text, its baseline and the height of its mask, in pixels."""
    em = layout.size
    pad = max(2, round(layout.margin * em))
    ascent, descent = (min(part, 2 * em) for part in font.getmetrics())
    return pad, ascent + pad, ascent + descent + 2 * pad


def _set(mask: Image.Image, run: str, font: ImageFont.FreeTypeFont, x: float, y: float) -> None:
    """Sets a run from (x, y) on its baseline on: ``ImageDraw.text`` without its detours."""
    (x_part, x), (y_part, y) = math.modf(x), math.modf(y)
    glyphs, (right, down) = font.getmask2(run, "L", anchor="ls", start=(x_part, y_part))
    _stamp(mask, glyphs, int(x) + right, int(y) + down)


def _stamp(mask: Image.Image, glyphs: Image.core.ImagingCore, left: int, top: int) -> None:
    width, height = glyphs.size
    mask.im.paste(255, (left, top, left + width, top + height), glyphs)


def _finished(face: Face, layout: Layout, mask: Image.Image, baseline: int) -> Drawing | None:
    """The drawing on a mask, with its neighbouring lines; None when nothing was drawn."""
    ink = mask.getbbox()
    if ink is None:
        return None
    if layout.neighbours:
        mask = _between_lines(mask, ink, layout)
    return Drawing(mask, ink, baseline, layout.size, face.cap_height * layout.size)


def _opened(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """The face at ``size`` pixels per em; a bitmap face at the size that it has."""
    return open_face(face.path, face.index, face.strike or size)


def _between_lines(mask: Image.Image, ink: tuple[int, int, int, int], layout: Layout) -> Image.Image:
    """The drawn text between two others. Setting these would take as long again as all the rest."""
    text = np.asarray(mask)
    around = text.copy()
    height, width = text.shape
    for share, side in zip(layout.neighbours or (), (-1, 1), strict=False):
        down = side * round(layout.pitch * layout.size)
        top, bottom = max(ink[1] + down, 0), min(ink[3] + down, height)  # where the other's ink falls
        if top < bottom:
            other = np.roll(text[top - down : bottom - down], round(share * width), axis=1)
            np.maximum(around[top:bottom], other, out=around[top:bottom])
    return Image.fromarray(around)


def _draw_beside(
    mask: Image.Image, font: ImageFont.FreeTypeFont, layout: Layout, pad: int, baseline: int, length: float
) -> None:
    em = layout.size
    if layout.before or layout.after:
        space = font.getlength(" ") + layout.gap * em
        pen = ImageDraw.Draw(mask)
        pen.text((pad - space, baseline), layout.before, fill=255, font=font, anchor="rs")
        pen.text((pad + length + space, baseline), layout.after, fill=255, font=font, anchor="ls")
    if layout.underline:
        y = baseline + max(1, round(layout.underline * em))
        line = (0, y, pad * 2 + length, y)
        ImageDraw.Draw(mask).line(line, fill=255, width=max(1, round(em * 0.06)))


def _runs(face: Face, text: str, layout: Layout) -> tuple[list[tuple], float]:
    """Pieces set in one go: (text, font, x, rise) in pixels; and the length of the whole."""
    other = layout.second or face
    first, second = _opened(face, layout.size), _opened(other, layout.size)
    columns = dict(layout.columns)
    if layout.spacing or layout.jitter:
        cuts = set(range(len(text)))
    elif layout.gap or columns or layout.second is not None:
        cuts = {0, *(i + 1 for i, character in enumerate(text) if character == " ")}
    else:
        cuts = {0}
    for start, end, _ in layout.scripts:
        cuts |= {start, end}
    starts = sorted(cuts - {len(text)})
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    runs, x, at = [], 0.0, 0
    # A space narrower than this is not seen as one; letter spacing must not swallow it.
    least_space = 0.17 * layout.size
    for piece in pieces:
        rise = layout.jitter[at % len(layout.jitter)] * layout.size if layout.jitter else 0.0
        chosen, font = (face, first) if at < layout.switch else (other, second)
        for start, end, high in layout.scripts:
            if start <= at < end:
                rise += high * layout.size
                font = _opened(chosen, max(4, round(SCRIPT * layout.size)))
        if piece != " ":
            runs.append((piece, font, x, rise))
        advance = font.getlength(piece) + layout.spacing * layout.size * len(piece)
        at += len(piece)
        if piece.endswith(" "):
            extra = (layout.gap + columns.get(at - 1, 0.0)) * layout.size
            advance = max(advance + extra, font.getlength(piece[:-1]) + least_space)
        x += advance
    return runs, x - (layout.spacing * layout.size if layout.spacing > 0 else 0.0)


def thicken(mask: np.ndarray, radius: int) -> np.ndarray:
    """Ink grown by ``radius`` pixels, uint8 (h, w)."""
    for _ in range(radius):
        wide = mask.copy()
        np.maximum(wide[:, 1:], mask[:, :-1], out=wide[:, 1:])
        np.maximum(wide[:, :-1], mask[:, 1:], out=wide[:, :-1])
        mask = wide.copy()
        np.maximum(mask[1:], wide[:-1], out=mask[1:])
        np.maximum(mask[:-1], wide[1:], out=mask[:-1])
    return mask


def shifted(mask: np.ndarray, dx: int, dy: int) -> np.ndarray:
    """The mask moved by whole pixels, emptiness coming in."""
    moved = np.zeros_like(mask)
    height, width = mask.shape
    if abs(dx) >= width or abs(dy) >= height:
        return moved
    moved[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)] = mask[
        max(0, -dy) : height - max(0, dy), max(0, -dx) : width - max(0, dx)
    ]
    return moved


def paint(canvas: np.ndarray, mask: np.ndarray, ink: float | np.ndarray, opacity: float = 1.0) -> np.ndarray:
    """Ink through a mask onto a canvas: float32 (h, w), uint8 (h, w) → float32 (h, w)."""
    alpha = mask.astype(np.float32) * np.float32(opacity / 255)
    return canvas + (ink - canvas) * alpha


def visibility(image: np.ndarray, mask: np.ndarray) -> float:
    """How much of the picture is the text: |correlation| of image float32 (h, w) and mask uint8 (h, w)."""
    a, b = _centred(image), _centred(mask)
    return abs(float(a @ b)) / max(math.sqrt((a @ a) * (b @ b)), 1e-6)


def deviation(image: np.ndarray) -> float:
    """Standard deviation of a picture: NumPy's takes twice as long, four times for bytes."""
    centred = _centred(image)
    return math.sqrt(np.add.reduce(centred * centred) / centred.size)


def _centred(image: np.ndarray) -> np.ndarray:
    """The pixels without their mean, float32 (h·w,)."""
    flat = image.ravel().astype(np.float32)
    flat -= np.add.reduce(flat) / np.float32(flat.size)
    return flat

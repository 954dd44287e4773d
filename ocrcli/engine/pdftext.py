"""The text that a PDF page holds already, as blocks of lines like those that are read in pictures.

What a program printed into a PDF is there letter by letter, and no reading of its picture can be
better. But not all text in a PDF is that: scans carry what another OCR program made of them, fonts
without a proper encoding give nonsense, forms keep what was typed into them elsewhere. So text
counts as good where

* there are some words of it (:data:`MIN_CHARS`), mostly letters and digits, and of nearly all
  characters the file says what they are,
* it is printed: text without ink is the OCR layer of a scan,
* no pictures cover half of the page: they may be all that a person sees,
* nothing else is drawn over the page, such as the fields of a form, stamps or notes,
* it runs level.

PDFium's calls are told in fpdf_text.h; its coordinates are points, y upwards. The caller holds the lock.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ocrcli.document import Block
from ocrcli.engine.lines import Piece, row_line
from ocrcli.engine.polygons import bounds
from ocrcli.engine.reading import CharSpan, as_reading

MIN_CHARS = 24  # on a page, spaces aside; a page number or a stamp on a scan has fewer
MAX_UNKNOWN = 0.02  # share of characters of which the file does not say what they are
MIN_ALNUM = 0.5  # share of letters and digits; in print it is above 0.9, in tables of figures above 0.7
MAX_PICTURES = 0.5  # of the page
MAX_INKLESS = 0.1  # share of the text objects
LEVEL = 0.99  # cosine of the angle up to which text counts as level or two letters as in one line
MIN_LEVEL = 0.8  # share of the pieces
CELL_GAP = 1.2  # heights; a wider gap parts two pieces, as it does for the detector
BACK = 1.5  # heights that the next letter of a line may begin before the end of the last, as in ligatures
OFF_LINE = 0.5  # heights across, beyond which the next letter is on another line
SPACE = 32  # codes up to here leave no ink
INKLESS = 3  # text rendering mode "neither fill nor stroke" (ISO 32000-1, table 106)
LINK, POPUP = 2, 16  # kinds of annotations that draw nothing
TEXT, IMAGE = 1, 3  # FPDF_PAGEOBJ_TEXT, FPDF_PAGEOBJ_IMAGE
LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "-"}  # what stands for a hyphen at the end of a line
FINE = 1000  # steps in a point, where PDFium gives whole numbers


@dataclass(frozen=True, slots=True, eq=False)
class _Letters:
    """The visible characters of a page in the order of the file.

    ``spaced`` tells whether a space stands before each, ``corners`` (n, 4, 2) are pixels, ``along``
    (n, 2) is the direction of its line, of length 1.
    """

    texts: list[str]
    spaced: list[bool]
    corners: np.ndarray
    along: np.ndarray


def printed_text(page: Any, scale: float, *, anything: bool) -> tuple[Block, ...] | None:
    """Blocks of the text of a ``pypdfium2.PdfPage`` drawn at ``scale`` pixels a point.

    None where it has no text worth keeping; with ``anything``, where it has none at all.
    """
    if not anything and not _is_all_print(page):
        return None
    textpage = page.get_textpage()
    try:
        codes = _codes(textpage)
        if not _is_sound(textpage, codes, anything):
            return None
        pieces = list(_pieces(_letters(textpage, codes, _to_pixels(page, scale))))
    finally:
        textpage.close()
    if not pieces:
        return None
    quads = np.array([piece.quad for piece in pieces], np.float32).reshape(-1, 4, 2)
    top = quads[:, 1] - quads[:, 0]
    level = top[:, 0] > LEVEL * np.linalg.norm(top, axis=1)
    if level.mean() < MIN_LEVEL:
        rows = [[i] for i in range(len(pieces))]  # the file's own order
        return (Block(tuple(row_line([pieces[i]]) for (i,) in rows)),) if anything else None
    from ocrcli.engine.order import reading_order

    order = reading_order(quads, 0.0)
    return tuple(Block(tuple(row_line([pieces[i] for i in row]) for row in block)) for block in order)


def letter_boxes(page: Any, scale: float) -> np.ndarray | None:
    """Pixel boxes x0, y0, x1, y1 (n, 4) of the characters of a ``pypdfium2.PdfPage``.

    None where the file does not say what they are: they can be seen, but not found.
    """
    textpage = page.get_textpage()
    try:
        codes = _codes(textpage)
        letters = _letters(textpage, codes, _to_pixels(page, scale))
        if _unknown(textpage, codes) > MAX_UNKNOWN * len(letters.texts):
            return None
        return bounds(letters.corners)
    finally:
        textpage.close()


def _is_all_print(page: Any) -> bool:
    """Whether the page is text with ink, next to no pictures, and nothing laid over it."""
    import pypdfium2.raw as pdfium

    for i in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, i)
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        pdfium.FPDFPage_CloseAnnot(note)
        if kind not in (LINK, POPUP):
            return False
    texts = inkless = 0
    pictures = 0.0
    for thing in page.get_objects(filter=[TEXT, IMAGE], max_depth=4):
        if thing.type == TEXT:
            texts += 1
            inkless += pdfium.FPDFTextObj_GetTextRenderMode(thing) == INKLESS
        else:
            left, bottom, right, top = thing.get_bounds() if hasattr(thing, "get_bounds") else thing.get_pos()
            pictures += max(0.0, right - left) * max(0.0, top - bottom)
    width, height = page.get_size()
    return inkless <= MAX_INKLESS * texts and pictures < MAX_PICTURES * width * height


def _codes(textpage: Any) -> list[int]:
    import pypdfium2.raw as pdfium

    return [pdfium.FPDFText_GetUnicode(textpage, i) for i in range(textpage.count_chars())]


def _is_sound(textpage: Any, codes: list[int], anything: bool) -> bool:
    signs = [chr(code) for code in codes if code > SPACE]
    if anything or not signs:
        return bool(signs)
    unknown, known = _unknown(textpage, codes), sum(sign.isalnum() for sign in signs)
    return len(signs) >= MIN_CHARS and unknown <= MAX_UNKNOWN * len(signs) and known >= MIN_ALNUM * len(signs)


def _unknown(textpage: Any, codes: list[int]) -> int:
    """How many characters there are of which the file does not say what they are."""
    import pypdfium2.raw as pdfium

    return sum(
        pdfium.FPDFText_HasUnicodeMapError(textpage, i) == 1 or _means_nothing(chr(code))
        for i, code in enumerate(codes)
        if code > SPACE
    )


def _means_nothing(sign: str) -> bool:
    if ord(sign) in HYPHENS:
        return False
    return sign == "\ufffd" or unicodedata.category(sign) in ("Co", "Cn", "Cc", "Cs")


def _to_pixels(page: Any, scale: float) -> np.ndarray:
    """The matrix (2, 3) from points of the page, y upwards, to pixels of its picture."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    size = round(width * FINE), round(height * FINE)
    x, y = ctypes.c_int(), ctypes.c_int()
    ends = []
    for point in ((0, 0), (1, 0), (0, 1)):
        pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, point[0] * FINE, point[1] * FINE, x, y)
        ends.append((x.value / FINE * scale, y.value / FINE * scale))
    origin, right, up = np.array(ends)
    return np.stack([(right - origin) / FINE, (up - origin) / FINE, origin], axis=1)


def _letters(textpage: Any, codes: list[int], to_pixels: np.ndarray) -> _Letters:
    import pypdfium2.raw as pdfium

    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    texts: list[str] = []
    spaced: list[bool] = []
    boxes: list[tuple[float, ...]] = []
    directions: list[tuple[float, float]] = []
    space = False
    for i, code in enumerate(codes):
        text = HYPHENS.get(code) or LIGATURES.get(code) or chr(code)
        if text.isspace() or _means_nothing(text[0]):
            space = True
            continue
        found = pdfium.FPDFText_GetLooseCharBox(textpage, i, box)
        if not found or box.right <= box.left or box.top <= box.bottom:
            continue
        texts.append(text)
        spaced.append(space)
        space = False
        boxes.append((box.left, box.top, box.right, box.top, box.right, box.bottom, box.left, box.bottom))
        turned = pdfium.FPDFText_GetMatrix(textpage, i, matrix) and (matrix.a or matrix.b)
        directions.append((matrix.a, matrix.b) if turned else (1.0, 0.0))
    turn, shift = to_pixels[:, :2], to_pixels[:, 2]
    corners = np.array(boxes).reshape(-1, 4, 2) @ turn.T + shift
    along = np.array(directions).reshape(-1, 2) @ turn.T
    return _Letters(texts, spaced, corners, along / np.linalg.norm(along, axis=1, keepdims=True))


def _pieces(letters: _Letters) -> Iterator[Piece]:
    """Runs of letters on one line without a wide gap, as the file has them."""
    if not letters.texts:
        return
    breaks = (np.flatnonzero(~_goes_on(letters)) + 1).tolist()
    for first, end in pairwise([0, *breaks, len(letters.texts)]):
        yield _piece(letters, first, end)


def _goes_on(letters: _Letters) -> np.ndarray:
    """Whether each letter but the first goes on in the line of the one before it: bool (n - 1,)."""
    along, before, after = letters.along[:-1], letters.corners[:-1], letters.corners[1:]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    (_, end), (start, _) = _extent(before, along), _extent(after, along)
    (top, bottom), (next_top, next_bottom) = _extent(before, across), _extent(after, across)
    height = np.maximum(bottom - top, next_bottom - next_top)
    off = np.abs(top + bottom - next_top - next_bottom) / 2
    step = start - end
    straight = (along * letters.along[1:]).sum(1) > LEVEL
    return straight & (step > -BACK * height) & (step < CELL_GAP * height) & (off < OFF_LINE * height)


def _extent(corners: np.ndarray, direction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Begin and end of boxes (n, 4, 2) along directions (n, 2): two of (n,)."""
    ways = np.einsum("nij,nj->ni", corners, direction)
    return ways.min(1), ways.max(1)


def _piece(letters: _Letters, first: int, end: int) -> Piece:
    """Letters of one line, with the spaces between, as a strip that was read without doubt."""
    corners, along = letters.corners[first:end], letters.along[first]
    across = np.array([-along[1], along[0]])
    starts, ends = _extent(corners, np.broadcast_to(along, (len(corners), 2)))
    tops, bottoms = _extent(corners, np.broadcast_to(across, (len(corners), 2)))
    begin, finish, top, bottom = starts.min(), ends.max(), tops.min(), bottoms.max()
    sides = ((begin, top), (finish, top), (finish, bottom), (begin, bottom))
    quad = np.array([x * along + y * across for x, y in sides])
    spans = _parted(starts - begin, ends - begin)
    chars: list[CharSpan] = []
    for i, (text, start, stop) in enumerate(zip(letters.texts[first:end], *spans, strict=True)):
        if i and letters.spaced[first + i]:
            chars.append(CharSpan(" ", 1.0, chars[-1].end, chars[-1].end))
        chars.append(CharSpan(text, 1.0, start, stop))
    return Piece(quad, quad, float(finish - begin), as_reading(tuple(chars)))  # type: ignore[arg-type]


def _parted(starts: np.ndarray, ends: np.ndarray) -> tuple[list[float], list[float]]:
    """Begin and end of letters, those of a ligature, which have one place, side by side."""
    new = np.concatenate([[True], (starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])])
    group = np.cumsum(new) - 1
    count = np.bincount(group)[group]
    rank = np.arange(len(starts)) - np.flatnonzero(new)[group]
    width = (ends - starts) / count
    return (starts + rank * width).tolist(), (starts + (rank + 1) * width).tolist()

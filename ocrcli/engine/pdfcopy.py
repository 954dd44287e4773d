"""A page of a PDF as it is, alone in a PDF of its own, for who wants to go on with it.

PDFium carries it over: what the page inherits comes along, what is encrypted comes in the clear,
and its pictures keep the bytes that they have. The caller holds the lock of PDFium.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ocrcli.engine.pdftext import INKLESS, TEXT, letter_boxes

LAYER = b"/OCG"  # an optional content group
FORM = 5  # FPDF_PAGEOBJ_FORM: a drawing of its own within the page
# A number rounded in a content stream moves an edge by a part of a pixel, and so some greys.
# What was not there before differs by more.
MAX_DIFFERENCE = 64

NO_LETTERS = np.zeros((0, 4))

Matrix = tuple[float, float, float, float, float, float]
Text = Literal["all", "seen", "none"]


@dataclass(frozen=True, slots=True, eq=False)
class PdfOriginal:
    """``data`` is a PDF of one page.

    ``size`` is its width and height as shown, in points; ``matrix`` (a … f of a PDF matrix) leads from
    such points, y upwards from the lower left corner, to the coordinates that the page uses itself.
    ``letters`` are the pixel boxes x0, y0, x1, y1 (n, 4) of text that can be found on it already.
    """

    data: bytes
    size: tuple[float, float]
    matrix: Matrix
    letters: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A ``pypdfium2.PdfPage``, drawn as RGB ``pixels``, uint8 (H, W, 3), at ``scale`` pixels a point."""

    page: Any
    pixels: np.ndarray
    scale: float


def page_original(document: Any, number: int, shown: Shown, text: Text) -> PdfOriginal | None:
    """Page ``number`` (from 1) of a ``pypdfium2.PdfDocument``, with ``all`` of its text, or what is seen.

    Unseen text is what an earlier reading put there. With ``none``, and where it cannot be found by
    what it is, text that is seen rules the page out, since the text that is read comes in its place.
    None too where the page alone does not look the same, as it is with layers that are hidden: which
    ones are, the document knows. So it does of forms; their fields are then drawn into the page.
    """
    import pypdfium2
    import pypdfium2.raw as pdfium

    alone = pypdfium2.PdfDocument.new()
    try:
        alone.import_pages(document, [number - 1])
        with _page_of(alone) as page:
            has_changed = text != "all" and _drop_unseen_text(page)
        has_notes = pdfium.FPDFPage_GetAnnotCount(shown.page) > 0
        data = _saved(alone)
        if (has_changed or has_notes or LAYER in data) and not _looks_like(alone, shown):
            if not has_notes or not _draw_notes(alone) or not _looks_like(alone, shown):
                return None
            data = _saved(alone)
        with _page_of(alone) as page:
            letters = NO_LETTERS if text == "all" else letter_boxes(page, shown.scale)
            if letters is None or (text == "none" and len(letters)):
                return None
            return PdfOriginal(data, page.get_size(), _matrix(page), letters)
    except pypdfium2.PdfiumError:  # it can be drawn, and that is what counts
        return None
    finally:
        alone.close()


@contextmanager
def _page_of(alone: Any) -> Iterator[Any]:
    page = alone[0]
    try:
        yield page
    finally:
        page.close()


def _saved(alone: Any) -> bytes:
    file = io.BytesIO()
    alone.save(file)
    return file.getvalue()


def _draw_notes(alone: Any) -> bool:
    """Makes notes and fields, as far as they can be seen, a part of the page. Says whether it could."""
    import pypdfium2.raw as pdfium

    with _page_of(alone) as page:
        return pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS


def _drop_unseen_text(page: Any) -> bool:
    """Takes out text without ink, and forms of nothing else. Says whether there was any."""
    unseen = [thing for thing in page.get_objects(max_depth=1) if _is_unseen(thing.raw, thing.type)]
    for thing in unseen:
        page.remove_obj(thing)
        thing.close()
    if unseen:
        page.gen_content()
    return bool(unseen)


def _is_unseen(thing: Any, kind: int, depth: int = 4) -> bool:
    import pypdfium2.raw as pdfium

    if kind == TEXT:
        return pdfium.FPDFTextObj_GetTextRenderMode(thing) == INKLESS
    if kind != FORM or not depth:
        return False
    parts = [pdfium.FPDFFormObj_GetObject(thing, i) for i in range(pdfium.FPDFFormObj_CountObjects(thing))]
    return bool(parts) and all(_is_unseen(p, pdfium.FPDFPageObj_GetType(p), depth - 1) for p in parts)


def _looks_like(alone: Any, shown: Shown) -> bool:
    with _page_of(alone) as page:
        bitmap = page.render(scale=shown.scale, rev_byteorder=True)
    drawn, pixels = bitmap.to_numpy()[:, :, :3], shown.pixels
    same = drawn.shape == pixels.shape and bool(
        (np.maximum(drawn, pixels) - np.minimum(drawn, pixels)).max() <= MAX_DIFFERENCE
    )
    bitmap.close()
    return same


def _matrix(page: Any) -> Matrix:
    """From the page as shown to its own coordinates: it is cropped, and turned clockwise."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    return {
        0: (1, 0, 0, 1, box.left, box.bottom),
        90: (0, 1, -1, 0, box.right, box.bottom),
        180: (-1, 0, 0, -1, box.right, box.top),
        270: (0, -1, 1, 0, box.left, box.top),
    }[page.get_rotation()]

"""Pages of a PDF as pictures, and the text that they hold already, one at a time.

PDFium keeps global state, so one lock guards every call into it; only the page in hand
is in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ocrcli.engine.pageselect import PageSelection, chosen_pages
from ocrcli.errors import InputError

if TYPE_CHECKING:
    from ocrcli.document import Block
    from ocrcli.engine.pdfcopy import PdfOriginal, Text

PdfText = Literal["auto", "ocr", "keep"]

POINTS_PER_INCH = 72
MAX_PIXELS = 64_000_000  # A0 at 200 dpi; larger pages are rendered at a lower resolution
NEEDS_PASSWORD = 4  # FPDF_ERR_PASSWORD of fpdfview.h
FRESH_AFTER = 50  # pages; PDFium keeps the data of all that it has drawn, until the document is closed
WHITE = np.full((1, 1, 1), 255, np.uint8)

_pdfium = threading.Lock()


@dataclass(frozen=True, slots=True)
class PdfAsk:
    """How to take a PDF.

    ``text`` is what becomes of text that a page holds already: ``auto`` keeps it where it is
    good (see pdftext.py), ``keep`` wherever there is any, ``ocr`` never. ``draw`` false asks for
    no picture of a page whose text is kept. ``copy`` asks for the page itself too.
    """

    password: str | None = field(default=None, repr=False)
    text: PdfText = "auto"
    draw: bool = True
    copy: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PdfPage:
    """A page: RGB ``pixels``, uint8 (H, W, 3), drawn at ``dpi``, and its own text where that is kept.

    ``original`` is the page itself where it was asked for and can be taken out of its document.
    """

    number: int  # from 1
    pixels: np.ndarray
    dpi: float
    printed: tuple[Block, ...] | None
    original: PdfOriginal | None = None


def pdf_pages(
    source: Path | bytes,
    *,
    name: str,
    dpi: int,
    pages: PageSelection | None = None,
    ask: PdfAsk | None = None,
) -> Iterator[PdfPage]:
    """Each chosen page. Without being drawn, one is white and takes no memory.

    Raises InputError for a damaged file, a wrong password and pages that are not there.
    """
    ask = ask or PdfAsk()
    with _pdfium:
        document = _open(source, name, ask.password)
    try:
        with _pdfium:
            count = len(document)
        if count == 0:
            raise InputError(f"{name}: a PDF without pages")
        for done, number in enumerate(chosen_pages(pages, count, name), 1):
            with _pdfium:
                if done % FRESH_AFTER == 0:
                    document.close()
                    document = _open(source, name, ask.password)
                page = _page(document, number, name, dpi, ask)
            yield page
    finally:
        with _pdfium:
            document.close()


def _open(source: Path | bytes, name: str, password: str | None) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source, password=password)
    except pypdfium2.PdfiumError as error:
        if error.err_code == NEEDS_PASSWORD:
            reason = "the password does not open this PDF" if password else "an encrypted PDF"
            raise InputError(f"{name}: {reason}; give its own by --password or OCR_PASSWORD") from error
        raise InputError(f"{name}: a damaged PDF") from error
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or error}") from error
    with suppress(pypdfium2.PdfiumError):  # a broken form is no reason not to read the page
        document.init_forms()  # what people typed into a form is drawn too
    return document


def _page(document: Any, number: int, name: str, dpi: int, ask: PdfAsk) -> PdfPage:
    import pypdfium2

    try:
        page = document[number - 1]
        try:
            width, height = page.get_size()  # points
            scale = dpi / POINTS_PER_INCH
            area = max(width, 1) * max(height, 1) * scale**2
            scale *= min(1.0, (MAX_PIXELS / area) ** 0.5)
            printed = _printed(page, scale, ask.text)
            if printed is None or ask.draw or ask.copy:
                pixels = _drawn(page, scale)
            else:
                pixels = np.broadcast_to(WHITE, (*_size(width, height, scale), 3))
            made = PdfPage(number, pixels, scale * POINTS_PER_INCH, printed)
            return replace(made, original=_original(document, page, made, scale, ask)) if ask.copy else made
        finally:
            page.close()
    except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
        raise InputError(f"{name}: page {number} of the PDF is damaged") from error


def _printed(page: Any, scale: float, text: PdfText) -> tuple[Block, ...] | None:
    if text == "ocr":
        return None
    from ocrcli.engine.pdftext import printed_text

    return printed_text(page, scale, anything=text == "keep")


def _original(document: Any, page: Any, made: PdfPage, scale: float, ask: PdfAsk) -> PdfOriginal | None:
    from ocrcli.engine.pdfcopy import Shown, page_original

    text: Text = "none" if ask.text == "ocr" else "seen" if made.printed is None else "all"
    return page_original(document, made.number, Shown(page, made.pixels, scale), text)


def _drawn(page: Any, scale: float) -> np.ndarray:
    bitmap = page.render(scale=scale, rev_byteorder=True)  # RGB, not PDFium's BGR
    pixels = bitmap.to_numpy()[:, :, :3].copy()  # the bitmap's memory goes with it
    bitmap.close()
    return pixels


def _size(width: float, height: float, scale: float) -> tuple[int, int]:
    """Rows and columns of a page of so many points, as pypdfium2 draws it."""
    return max(1, -int(-height * scale // 1)), max(1, -int(-width * scale // 1))

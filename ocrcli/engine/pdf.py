"""Pages of a PDF as pictures, one at a time.

PDFium keeps global state, so one lock guards every call into it; only the page in hand
is in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from ocrcli.engine.pageselect import PageSelection, chosen_pages
from ocrcli.errors import InputError

POINTS_PER_INCH = 72
MAX_PIXELS = 64_000_000  # A0 at 200 dpi; larger pages are rendered at a lower resolution
NEEDS_PASSWORD = 4  # FPDF_ERR_PASSWORD of fpdfview.h

_pdfium = threading.Lock()


def render_pages(
    source: Path | bytes, *, name: str, dpi: int, pages: PageSelection | None = None
) -> Iterator[tuple[int, np.ndarray, float]]:
    """Number, RGB pixels, uint8 (H, W, 3), and dots per inch of each chosen page.

    Raises InputError for a damaged or encrypted file and for pages that are not there.
    """
    with _pdfium:
        document = _open(source, name)
    try:
        with _pdfium:
            count = len(document)
        if count == 0:
            raise InputError(f"{name}: a PDF without pages")
        for number in chosen_pages(pages, count, name):
            with _pdfium:
                pixels, drawn_at = _render(document, number, name, dpi)
            yield number, pixels, drawn_at
    finally:
        with _pdfium:
            document.close()


def _open(source: Path | bytes, name: str) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if error.err_code == NEEDS_PASSWORD:
            raise InputError(f"{name}: an encrypted PDF; remove its password first") from error
        raise InputError(f"{name}: a damaged PDF") from error
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or error}") from error
    with suppress(pypdfium2.PdfiumError):  # a broken form is no reason not to read the page
        document.init_forms()  # what people typed into a form is drawn too
    return document


def _render(document: Any, number: int, name: str, dpi: int) -> tuple[np.ndarray, float]:
    import pypdfium2

    try:
        page = document[number - 1]
        try:
            width, height = page.get_size()  # points
            scale = dpi / POINTS_PER_INCH
            area = max(width, 1) * max(height, 1) * scale**2
            scale *= min(1.0, (MAX_PIXELS / area) ** 0.5)
            bitmap = page.render(scale=scale, rev_byteorder=True)  # RGB, not PDFium's BGR
            pixels = bitmap.to_numpy()[:, :, :3].copy()  # the bitmap's memory goes with it
            bitmap.close()
            return pixels, scale * POINTS_PER_INCH
        finally:
            page.close()
    except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
        raise InputError(f"{name}: page {number} of the PDF is damaged") from error

"""HTML: one page that needs nothing else, each picture with its text over it to mark and copy.

The words are there but not seen until asked for, each at its place and stretched to its box.
The look and the script are in ``page.html``.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from math import degrees
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import numpy as np

from ocrcli.document import Line, Page, Word
from ocrcli.formats.annotate import DOUBTFUL, GOOD, POOR, colour_of
from ocrcli.formats.pictured import Place, as_png, lines_of, place_of, text_angle
from ocrcli.formats.writer import Choices, Failure, shown

if TYPE_CHECKING:
    from ocrcli.engine.images import LoadedPage

TEMPLATE = Path(__file__).with_name("page.html")
PLACE_OF_PAGES, PLACE_OF_COLOURS = "<!-- pages -->\n", "/* colours */"  # in the template
LEVELS = {GOOD: "good", DOUBTFUL: "doubtful", POOR: "poor"}
JPEG_QUALITY = 92  # of a turned JPEG, which is set upright; no loss is seen


class Writer:
    """One page of HTML for all inputs onto a binary stream."""

    wants_picture: Literal[True] = True

    def __init__(self, stream: BinaryIO, choices: Choices) -> None:
        self._stream = stream
        self._source = ""
        self._foot = ""  # once the head is written

    def begin(self, source: str) -> None:
        """The next pages are of ``source``."""
        self._source = shown(source)

    def page(self, page: Page, picture: LoadedPage) -> None:
        """Writes a page."""
        if not self._foot:
            head, self._foot = TEMPLATE.read_text(encoding="utf-8").split(PLACE_OF_PAGES)
            colours = " ".join(f"--{name}: {r}, {g}, {b};" for (r, g, b), name in LEVELS.items())
            self._put(head.replace(PLACE_OF_COLOURS, colours))
        blocks = "".join(_block(lines, page) for lines in lines_of(page))
        self._put(
            f'<section style="width:{page.width}px">\n'
            f"<h2>{escape(self._source)} <small>page {page.number}</small></h2>\n"
            f'<div class="page">\n<img alt="" width="{page.width}" height="{page.height}" '
            f'src="{_data(picture)}">\n<div class="text">{blocks}</div>\n</div>\n</section>\n'
        )

    def failure(self, failure: Failure) -> None:
        """An input that could not be read has no page; the command line tells why."""

    def close(self) -> None:
        """Writes the end; nothing where there was no page."""
        self._put(self._foot)

    def _put(self, text: str) -> None:
        self._stream.write(text.encode())
        self._stream.flush()


def _block(lines: tuple[Line, ...], page: Page) -> str:
    return '<div class="block">' + "".join(_line(line, page) for line in lines) + "</div>\n"


def _line(line: Line, page: Page) -> str:
    angle = text_angle(np.array(line.quad))
    parts = []
    for word, space in _with_spaces(line):
        place = place_of(np.array(word.quad), angle)
        level = LEVELS[colour_of(word.confidence)]
        parts.append(
            f'<span class="word {level}" title="{word.confidence:.2f}" style="{_style(place, angle, page)}">'
            f"{escape(word.text)}</span>{space}"
        )
    return f'<div class="line">{"".join(parts)}</div>\n'


def _with_spaces(line: Line) -> Iterator[tuple[Word, str]]:
    """The words of a line, each with the spaces that follow it in the text of the line."""
    at = 0
    for i, word in enumerate(line.words):
        at = max(line.text.find(word.text, at), 0) + len(word.text)
        rest = line.text[at:]
        spaces = rest[: len(rest) - len(rest.lstrip(" "))]
        yield word, (spaces or " ") if i + 1 < len(line.words) else ""


def _style(place: Place, angle: float, page: Page) -> str:
    """Place and size in hundredths of the page: of its width, but ``y`` of its height."""
    values = {
        "x": 100 * place.x / page.width,
        "y": 100 * place.y / page.height,
        "w": 100 * place.length / page.width,
        "h": 100 * place.height / page.width,
        "turn": degrees(angle),
    }
    return ";".join(f"--{name}:{value:.3f}".rstrip("0").rstrip(".") for name, value in values.items())


def _data(picture: LoadedPage) -> str:
    """The picture as a data URI: a JPEG as it is, or set upright; else a PNG."""
    if picture.jpeg is None:
        kind, data = "png", as_png(picture.pixels)
    elif picture.jpeg.orientation == 1:
        kind, data = "jpeg", picture.jpeg.data
    else:
        kind, data = "jpeg", _as_jpeg(picture.pixels)
    return f"data:image/{kind};base64,{b64encode(data).decode('ascii')}"


def _as_jpeg(pixels: np.ndarray) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()

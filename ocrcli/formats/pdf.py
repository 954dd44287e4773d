"""Searchable PDF: each page is its picture, with the text over it, unseen, to find and to mark.

A JPEG goes in as it is, turned by the page if its EXIF says so; every other picture without
loss. A page of a PDF stays as it is, with its picture, and only gets the text; not even that if
it has its own, which is kept. Each word stands in its box, turned as its line is, stretched to
its length, and parted from the next by a real space, so that viewers need not guess where a
word ends.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi, radians, sin
from typing import TYPE_CHECKING, BinaryIO, Literal

import numpy as np

from ocrcli import __version__
from ocrcli.document import Line, Page, Quad
from ocrcli.formats.glyphless import WIDTH, GlyphlessFont
from ocrcli.formats.pdfcopy import Copies, OnePage, new_lines
from ocrcli.formats.pdffile import PdfFile, decimal
from ocrcli.formats.pictured import Place, as_png, lines_of, place_of, text_angle
from ocrcli.formats.writer import Choices, Failure

if TYPE_CHECKING:
    from ocrcli.engine.images import Jpeg, LoadedPage
    from ocrcli.engine.pdfcopy import PdfOriginal

FONT = "/Text"  # its name among the resources of a page
POINTS_PER_INCH = 72
USUAL_DPI = 150.0  # of a picture that does not tell: a page of 1240 × 1754 pixels becomes A4
# What a file tells is believed within these limits. Cameras and editors that know nothing write
# 72 or less; scanners end at 4800.
MIN_DPI, MAX_DPI = 73.0, 4800.0
MAX_SIDE = 14_400.0  # points of a page (ISO 32000-1, annex C); a larger one gets more dots per inch
# Heights between words; where it is less, viewers take two words for one, whatever space is written.
MIN_GAP = 0.15
QUARTER = pi / 2
# Poppler takes a word for parted where its letters are half a point higher than its first one.
# Up to here the upright box of a word is hardly higher than the word.
ASKEW = radians(5)
# Unit square of a picture as it lies in its file → unit square of the page, y upwards, by EXIF
# orientation: a, b, c, d, e, f of a PDF matrix.
TURNS = {
    1: (1, 0, 0, 1, 0, 0), 2: (-1, 0, 0, 1, 1, 0), 3: (-1, 0, 0, -1, 1, 1), 4: (1, 0, 0, -1, 0, 1),
    5: (0, -1, -1, 0, 1, 1), 6: (0, -1, 1, 0, 0, 1), 7: (0, 1, 1, 0, 0, 0), 8: (0, 1, -1, 0, 1, 0),
}  # fmt: skip


class Writer:
    """One document onto a binary stream; it takes a page at a time."""

    wants_picture: Literal[True] = True

    def __init__(self, stream: BinaryIO, choices: Choices) -> None:
        self._stream = stream
        self._font = GlyphlessFont()
        self._pages: list[int] = []
        self._file: PdfFile | None = None  # until the first page: a PDF without pages is none

    def begin(self, source: str) -> None:
        """Nothing parts the inputs."""

    def page(self, page: Page, picture: LoadedPage) -> None:
        """Writes a page."""
        if self._file is None:
            self._file = PdfFile(self._stream)
            self._copies = Copies(self._file)
            self._root, self._tree, self._font_number = (self._file.reserve() for _ in range(3))
        copied = self._copied(self._file, page, picture, picture.original) if picture.original else None
        self._pages.append(copied or self._drawn(self._file, page, picture))

    def _drawn(self, file: PdfFile, page: Page, picture: LoadedPage) -> int:
        """A page of its picture and its text; gives its number."""
        scale = _scale(page, picture)
        width, height = page.width * scale.x, page.height * scale.y
        if picture.jpeg is not None:
            image, turn = _put_jpeg(file, page, picture.jpeg), TURNS[picture.jpeg.orientation]
        else:
            image, turn = _put_png(file, as_png(picture.pixels)), TURNS[1]
        matrix = " ".join(decimal(v * (height if i % 2 else width)) for i, v in enumerate(turn))
        content = f"q {matrix} cm /Picture Do Q\n{self._text(_lines(page), scale, FONT)}\n"
        drawn = file.put_stream("", content.encode("ascii"))
        resources = f"<< /XObject << /Picture {image} 0 R >> /Font << {FONT} {self._font_number} 0 R >> >>"
        return file.put(
            f"<< /Type /Page /Parent {self._tree} 0 R /MediaBox [0 0 {decimal(width)} {decimal(height)}] "
            f"/Resources {resources} /Contents {drawn} 0 R >>"
        )

    def _copied(self, file: PdfFile, page: Page, picture: LoadedPage, shown: PdfOriginal) -> int | None:
        """A page as it was, with its text unless it has that already; None if it cannot be taken over."""
        original = OnePage.of(shown.data)
        if original is None:
            return None
        scale = Scale(shown.size[0] / page.width, shown.size[1] / page.height, page.height)
        font = original.free_font_name(FONT)
        lines = [] if picture.printed is not None else new_lines(_lines(page), shown.letters)
        text = self._text(lines, scale, font)
        if text:
            matrix = " ".join(map(decimal, shown.matrix))
            content = file.put_stream("", f"q {matrix} cm\n{text}\nQ\n".encode("ascii"))
            original = original.with_text(content, font, self._font_number)
        return self._copies.put(original, self._tree)

    def failure(self, failure: Failure) -> None:
        """An input that could not be read has no page; the command line tells why."""

    def close(self) -> None:
        """Writes what holds the pages together."""
        if self._file is None:
            return
        self._font.write(self._file, self._font_number)
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._file.put(f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>", self._tree)
        self._file.put(f"<< /Type /Catalog /Pages {self._tree} 0 R >>", self._root)
        info = self._file.put(f"<< /Producer (ocrcli {__version__}) >>")
        self._file.close(self._root, info)

    def _text(self, lines: list[Line], scale: Scale, font: str) -> str:
        """The words of lines, as operators of a content stream."""
        words = "\n".join(operators for line in lines for operators in self._line(line, scale, font))
        return f"BT 3 Tr\n{words}\nET" if words else ""  # 3: neither filled nor stroked

    def _line(self, line: Line, scale: Scale, font: str) -> Iterator[str]:
        """The words of a line, each set on its own, and the spaces between them."""
        angle = _set_straight(text_angle(scale.points(line.quad)))
        places = [place_of(scale.points(word.quad), angle) for word in line.words]
        c, s, minus_s = decimal(cos(angle)), decimal(sin(angle)), decimal(-sin(angle))
        for word, place, after in zip(line.words, places, [*places[1:], None], strict=True):
            length, gap = _length_and_gap(place, after)
            yield (
                f"{font} {decimal(place.height)} Tf {_stretch(length, len(word.text), place)} Tz "
                f"{c} {s} {minus_s} {c} {decimal(place.x)} {decimal(place.y)} Tm "
                f"{self._font.encoded(word.text)} Tj"
            )
            if after is not None:
                yield f"{_stretch(gap, 1, place)} Tz {self._font.encoded(' ')} Tj"


def _lines(page: Page) -> list[Line]:
    """The lines of a page in reading order."""
    return [line for block in lines_of(page) for line in block]


@dataclass(frozen=True, slots=True)
class Scale:
    """Points for a pixel across and down, and the height of the page in pixels."""

    x: float
    y: float
    page_height: int

    def points(self, quad: Quad) -> np.ndarray:
        """The corners of a quad on the page in points, y upwards: (4, 2)."""
        return np.array(quad) * (self.x, -self.y) + (0, self.page_height * self.y)


def _set_straight(angle: float) -> float:
    """The angle of a line, that of one a little askew made level or upright."""
    straight = round(angle / QUARTER) * QUARTER
    return straight if abs(angle - straight) < ASKEW else angle


def _scale(page: Page, picture: LoadedPage) -> Scale:
    dpi = picture.dpi
    if dpi is None or not all(MIN_DPI <= one <= MAX_DPI for one in dpi):
        dpi = (USUAL_DPI, USUAL_DPI)
    across, down = dpi
    side = max(page.width / across, page.height / down) * POINTS_PER_INCH
    shrink = min(1.0, MAX_SIDE / side) * POINTS_PER_INCH
    return Scale(shrink / across, shrink / down, page.height)


def _length_and_gap(place: Place, after: Place | None) -> tuple[float, float]:
    """Length of a word and of the space after it; where words touch, the first gives way."""
    if after is None:
        return place.length, 0.0
    way = after.start - place.start
    gap = max(way - place.length, MIN_GAP * place.height)
    return max(min(place.length, way - gap), place.length / 2), gap


def _stretch(length: float, characters: int, place: Place) -> str:
    """Horizontal scaling, in percent, that gives so many characters a length."""
    return decimal(100 * length / (characters * WIDTH * place.height))


def _put_jpeg(file: PdfFile, page: Page, jpeg: Jpeg) -> int:
    """The file as it is: a PDF may hold JPEG data."""
    lies = TURNS[jpeg.orientation][0] == 0
    width, height = (page.height, page.width) if lies else (page.width, page.height)
    entries = _image(width, height, "/DeviceGray" if jpeg.grey else "/DeviceRGB", 8)
    return file.put_stream(f"{entries} /Filter /DCTDecode", jpeg.data, deflate=False)


def _put_png(file: PdfFile, png: bytes) -> int:
    """The compressed rows of a plain PNG as they are: a PDF may hold them so (ISO 32000-1, 7.4.4.4)."""
    chunks = list(_chunks(png))
    header, data = (b"".join(data for kind, data in chunks if kind == name) for name in (b"IHDR", b"IDAT"))
    width, height, bits, colour_type = struct.unpack(">IIBB", header[:10])
    space = {0: "/DeviceGray", 2: "/DeviceRGB"}.get(colour_type)
    if space is None:
        palette = next(data for kind, data in chunks if kind == b"PLTE")
        space = f"[/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>]"
    samples = 3 if colour_type == 2 else 1
    return file.put_stream(
        f"{_image(width, height, space, bits)} /Filter /FlateDecode /DecodeParms "
        f"<< /Predictor 15 /Colors {samples} /BitsPerComponent {bits} /Columns {width} >>",
        data,
        deflate=False,
    )


def _image(width: int, height: int, space: str, bits: int) -> str:
    size = f"/Width {width} /Height {height}"
    return f"/Type /XObject /Subtype /Image {size} /ColorSpace {space} /BitsPerComponent {bits}"


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of the parts of a PNG."""
    at = 8  # behind the signature
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += length + 12  # a checksum follows

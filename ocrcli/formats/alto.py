"""ALTO 4.4 (https://www.loc.gov/standards/alto/): the XML of libraries and archives.

The schema knows one source image a file. A file with pages of several inputs names the
first one there, and the others in comments; to have one file an input, write to a folder.
The software stands in ``Processing``, which since 4.0 takes the place of ``OCRProcessing``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ocrcli import __version__
from ocrcli.document import Box, Line, Page, Point, Quad, box_of
from ocrcli.formats.layout import PageNumbers, baseline_of, blocks_of, box_on
from ocrcli.formats.writer import Choices, Failure, shown
from ocrcli.formats.xmltext import number, xml_text

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"
 SCHEMAVERSION="4.4">
<Description>
<MeasurementUnit>pixel</MeasurementUnit>
<sourceImageInformation><fileName>{source}</fileName></sourceImageInformation>
<Processing ID="ocr">
<processingCategory>contentGeneration</processingCategory>
<processingSoftware>
<softwareName>ocrcli</softwareName>
<softwareVersion>{version}</softwareVersion>
</processingSoftware>
</Processing>
</Description>
<Layout>
"""
TAIL = "</Layout>\n</alto>\n"
NO_PAGE = '<Page ID="page_1" WIDTH="0" HEIGHT="0" PHYSICAL_IMG_NR="0"/>\n'  # the schema wants one
TURNED = 2.0  # pixels between a corner and that of the upright box; below, a polygon says no more


class Writer:
    """One document over all inputs onto a binary stream, page by page."""

    def __init__(self, stream: BinaryIO, choices: Choices) -> None:
        self._stream = stream
        self._numbers = PageNumbers()
        self._source: str | None = None  # of the page that was written last

    def begin(self, source: str) -> None:
        """The next input goes on with the page numbers."""
        self._numbers.begin()

    def page(self, page: Page) -> None:
        """Writes a page."""
        self._put("\n".join(_page(page, self._numbers.of(page))) + "\n", page.source)

    def failure(self, failure: Failure) -> None:
        """An input that could not be read has no page."""

    def close(self) -> None:
        """Ends the document."""
        if self._source is None:
            self._put(NO_PAGE, "")
        self._stream.write(TAIL.encode())
        self._stream.flush()

    def _put(self, text: str, source: str) -> None:
        name = xml_text(shown(source))
        if self._source is None:
            text = HEAD.format(source=name, version=xml_text(__version__)) + text
        elif source != self._source:
            text = f"<!-- {re.sub('-(?=-)', '- ', name)} -->\n{text}"  # comments hold no two hyphens
        self._source = source
        self._stream.write(text.encode())
        self._stream.flush()


def _page(page: Page, page_number: int) -> Iterator[str]:
    rotation = f' ROTATION="{number(page.angle, 2)}"' if page.angle else ""
    yield (
        f'<Page ID="page_{page_number}" WIDTH="{page.width}" HEIGHT="{page.height}"'
        f' PHYSICAL_IMG_NR="{page_number}" PC="{number(page.confidence, 4)}"{rotation}>'
    )
    yield f"<PrintSpace {_place((0, 0, page.width, page.height))}>"
    for b, block in enumerate(blocks_of(page), 1):
        yield f'<TextBlock ID="block_{page_number}_{b}" {_place(box_on(page, block))}>'
        for n, line in enumerate(block.lines, 1):
            yield from _line(page, line, f"{page_number}_{b}_{n}")
        yield "</TextBlock>"
    yield "</PrintSpace>"
    yield "</Page>"


def _line(page: Page, line: Line, id_: str) -> Iterator[str]:
    place = f'{_place(box_on(page, line))} BASELINE="{_points(baseline_of(line.quad))}"'
    yield f'<TextLine ID="line_{id_}" {place}>{_shape(line.quad)}'
    before: Box | None = None
    for w, word in enumerate(line.words, 1):
        box = box_on(page, word)
        if before is not None:
            yield _space(before, box)
        before = box
        content = f'CONTENT="{xml_text(word.text)}" WC="{number(word.confidence, 4)}"'
        start = f'<String ID="string_{id_}_{w}" {_place(box)} {content}'
        shape = _shape(word.quad)
        yield f"{start}>{shape}</String>" if shape else f"{start}/>"
    yield "</TextLine>"


def _place(box: Box) -> str:
    x0, y0, x1, y1 = box
    return f'HPOS="{x0}" VPOS="{y0}" WIDTH="{x1 - x0}" HEIGHT="{y1 - y0}"'


def _space(before: Box, after: Box) -> str:
    """White between two words; its place only where they stand side by side."""
    if after[0] < before[2]:
        return "<SP/>"
    return f'<SP HPOS="{before[2]}" VPOS="{before[1]}" WIDTH="{after[0] - before[2]}"/>'


def _shape(quad: Quad) -> str:
    """The quad, where its box says too little."""
    x0, y0, x1, y1 = box_of(quad)
    upright = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    if max(map(math.dist, quad, upright)) < TURNED:
        return ""
    return f'<Shape><Polygon POINTS="{_points(quad)}"/></Shape>'


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)

"""hOCR 1.2 (https://kba.github.io/hocr-spec/1.2/): XHTML with the place of each word in its titles.

All inputs are pages of one document; each page names its image. ``ppageno`` counts them
from 0, as the specification asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ocrcli import __version__
from ocrcli.document import Box, Line, Page
from ocrcli.formats.layout import PageNumbers, baseline_of, blocks_of, box_on, direction_of
from ocrcli.formats.writer import Choices, Failure, shown
from ocrcli.formats.xmltext import number, xml_text

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
    "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<title>{title}</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
<meta name="ocr-system" content="ocrcli {version}"/>
<meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf"/>
<meta name="ocr-langs" content="unknown"/>
<meta name="ocr-scripts" content="unknown"/>
</head>
<body>
"""
TAIL = "</body>\n</html>\n"
NO_PAGE = '<div class="ocr_page" id="page_1" title="bbox 0 0 0 0"></div>\n'  # there must be one
SLOPE_DIGITS = 4  # 0.0001 is half a pixel over a line of 5000
STEEP = 45  # degrees; a line that is turned more has no baseline over its x axis


class Writer:
    """One document over all inputs onto a binary stream, page by page."""

    def __init__(self, stream: BinaryIO, choices: Choices) -> None:
        self._stream = stream
        self._numbers = PageNumbers()
        self._began = False

    def begin(self, source: str) -> None:
        """The next input goes on with the page numbers."""
        self._numbers.begin()

    def page(self, page: Page) -> None:
        """Writes a page."""
        self._put("\n".join(_page(page, self._numbers.of(page))) + "\n", title=page.source)

    def failure(self, failure: Failure) -> None:
        """An input that could not be read has no page."""

    def close(self) -> None:
        """Ends the document."""
        self._put(TAIL if self._began else NO_PAGE + TAIL)

    def _put(self, text: str, title: str = "") -> None:
        if not self._began:
            text = HEAD.format(title=xml_text(shown(title)), version=__version__) + text
        self._began = True
        self._stream.write(text.encode())
        self._stream.flush()


def _page(page: Page, page_number: int) -> Iterator[str]:
    whole = _bbox((0, 0, page.width, page.height))
    title = f'image "{_quotable(shown(page.source))}"; {whole}; ppageno {page_number - 1}'
    yield f'<div class="ocr_page" id="page_{page_number}" title="{xml_text(title)}">'
    for b, block in enumerate(blocks_of(page), 1):
        area = _bbox(box_on(page, block))
        yield f'<div class="ocr_carea" id="block_{page_number}_{b}" title="{area}">'
        yield f'<p class="ocr_par" id="par_{page_number}_{b}" title="{area}">'
        for n, line in enumerate(block.lines, 1):
            yield from _line(page, line, f"{page_number}_{b}_{n}")
        yield "</p>"
        yield "</div>"
    yield "</div>"


def _line(page: Page, line: Line, id_: str) -> Iterator[str]:
    box = box_on(page, line)
    title = f"{_bbox(box)}; {_lie(line, box)}"
    yield f'<span class="ocr_line" id="line_{id_}" title="{title}">'
    for w, word in enumerate(line.words, 1):
        title = f"{_bbox(box_on(page, word))}; x_wconf {round(100 * word.confidence)}"
        yield f'<span class="ocrx_word" id="word_{id_}_{w}" title="{title}">{xml_text(word.text)}</span>'
    yield "</span>"


def _lie(line: Line, box: Box) -> str:
    """The baseline, from the bottom left corner of the box; the angle where text is not level."""
    angle = direction_of(line.quad)
    if abs(angle) > STEEP:
        return f"textangle {number(angle, 2)}"
    (x0, y0), (x1, y1) = baseline_of(line.quad)
    slope = (y1 - y0) / (x1 - x0) if x1 > x0 else 0.0
    offset = y0 + slope * (box[0] - x0) - box[3]
    return f"baseline {number(slope, SLOPE_DIGITS)} {round(offset)}"


def _bbox(box: Box) -> str:
    return "bbox " + " ".join(map(str, box))


def _quotable(name: str) -> str:
    """A file name without what ends a quoted value or a property; most readers know no escapes."""
    return name.replace('"', "%22").replace(";", "%3B")

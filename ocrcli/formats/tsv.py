"""TSV with the columns and levels of Tesseract, for what reads Tesseract's tables.

A row for each page (level 1), block (2), paragraph (3), line (4) and word (5). A block is
one paragraph here. Nothing is quoted: read it with ``pandas.read_csv(path, sep="\\t",
quoting=csv.QUOTE_NONE)``. The pages of all inputs share one table, in which ``page_num``
runs on: see :class:`ocrcli.formats.layout.PageNumbers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ocrcli.document import Box, Page
from ocrcli.formats.layout import PageNumbers, blocks_of, box_on
from ocrcli.formats.writer import Choices, Failure

COLUMNS = (
    "level", "page_num", "block_num", "par_num", "line_num", "word_num",
    "left", "top", "width", "height", "conf", "text",
)  # fmt: skip
PLACES = 5  # columns from page_num to word_num; the level is how many of them are filled
NO_CONFIDENCE = "-1"  # of rows that are not words


class Writer:
    """One table over all inputs onto a binary stream, page by page."""

    def __init__(self, stream: BinaryIO, choices: Choices) -> None:
        self._stream = stream
        self._numbers = PageNumbers()
        self._began = False

    def begin(self, source: str) -> None:
        """The next input goes on with the page numbers."""
        self._numbers.begin()

    def page(self, page: Page) -> None:
        """Writes the rows of a page."""
        self._put(_rows(page, self._numbers.of(page)))

    def failure(self, failure: Failure) -> None:
        """An input that could not be read has no rows."""

    def close(self) -> None:
        """Without any page the table has no rows but its header."""
        self._put(())

    def _put(self, rows: Iterable[str]) -> None:
        lines = [*rows] if self._began else ["\t".join(COLUMNS), *rows]
        self._began = True
        self._stream.write("".join(line + "\n" for line in lines).encode())
        self._stream.flush()


def _rows(page: Page, number: int) -> Iterator[str]:
    yield _row((number,), (0, 0, page.width, page.height))
    for b, block in enumerate(blocks_of(page), 1):
        area = box_on(page, block)
        yield _row((number, b), area)
        yield _row((number, b, 1), area)
        for n, line in enumerate(block.lines, 1):
            yield _row((number, b, 1, n), box_on(page, line))
            for w, word in enumerate(line.words, 1):
                confidence = f"{100 * word.confidence:.2f}"
                yield _row((number, b, 1, n, w), box_on(page, word), confidence, word.text)


def _row(places: tuple[int, ...], box: Box, confidence: str = NO_CONFIDENCE, text: str = "") -> str:
    x0, y0, x1, y1 = box
    numbers = (len(places), *places, *[0] * (PLACES - len(places)), x0, y0, x1 - x0, y1 - y0)
    return "\t".join([*map(str, numbers), confidence, " ".join(text.split())])

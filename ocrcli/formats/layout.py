"""Places on a page, as formats for other programs want them.

Boxes stay on the page, a single character is a word on a line like any other, and a line
has a baseline.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from ocrcli.document import Block, Box, Line, Page, Point, Quad, Word, as_quad

# A quad reaches down to the bottom of a typical descender, whatever letters the line has; the baseline
# is above that. Half of the usual faces have it between 0.20 and 0.24, and the baselines that Tesseract
# finds lie at 0.24 (a printed page) and 0.22 (a till receipt) of our quads.
DESCENDER = 0.23  # of the quad's height


class PageNumbers:
    """Numbers of pages, from 1, that run on over all inputs of one output.

    Pages of the first input have the number that they have in it, also where only some were
    asked for. Each further input goes on where the one before ended.
    """

    def __init__(self) -> None:
        self._before = self._last = 0

    def begin(self) -> None:
        """The next input begins."""
        self._before = self._last

    def of(self, page: Page) -> int:
        """The number of its next page."""
        self._last = max(self._last + 1, self._before + page.number)
        return self._last


def blocks_of(page: Page) -> tuple[Block, ...]:
    """The blocks of a page, each line with words; one word for an image that is a single character."""
    if page.mode != "char":
        return tuple(Block(tuple(_with_words(line) for line in block.lines)) for block in page.blocks)
    if not page.text:
        return ()
    w, h = page.width, page.height
    whole = as_quad([(0, 0), (w, 0), (w, h), (0, h)])
    return (Block((_with_words(Line(page.text, page.confidence, whole)),)),)


def _with_words(line: Line) -> Line:
    """A line that came without words is one word."""
    return line if line.words else replace(line, words=(Word(line.text, line.confidence, line.quad),))


def box_on(page: Page, region: Block | Line | Word) -> Box:
    """Upright pixel box of a region and all its parts, as far as it is on the page."""
    x0, y0, x1, y1 = zip(*_boxes(region), strict=True)
    w, h = page.width, page.height
    return _clip(min(x0), w), _clip(min(y0), h), _clip(max(x1), w), _clip(max(y1), h)


def _boxes(region: Block | Line | Word) -> Iterator[Box]:
    if isinstance(region, Block):
        for line in region.lines:
            yield from _boxes(line)
        return
    yield region.box
    if isinstance(region, Line):
        for word in region.words:
            yield word.box


def _clip(value: int, end: int) -> int:
    return min(max(value, 0), end)


def baseline_of(quad: Quad) -> tuple[Point, Point]:
    """Where the letters of a line stand: the ends of its baseline in reading direction."""
    top_left, top_right, bottom_right, bottom_left = quad
    return _between(bottom_left, top_left, DESCENDER), _between(bottom_right, top_right, DESCENDER)


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def direction_of(quad: Quad) -> float:
    """Degrees, counter-clockwise, from the page's horizontal to the reading direction."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    return math.degrees(math.atan2(y0 + y3 - y1 - y2, x1 + x2 - x0 - x3))


def height_of(quad: Quad) -> float:
    """Pixels from the top of ascenders to the bottom of descenders."""
    top_left, top_right, bottom_right, bottom_left = quad
    return (math.dist(top_left, bottom_left) + math.dist(top_right, bottom_right)) / 2

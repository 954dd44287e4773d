"""Pages as the engine gives them."""

import io
import math

import numpy as np
import pytest

from ocrcli.document import Block, Candidate, Line, Page, Word, as_quad
from ocrcli.engine.images import LoadedPage
from ocrcli.formats.writer import Choices


def quad_at(x, y, w, h):
    return ((x, y), (x + w, y), (x + w, y + h), (x, y + h))


def line_of(text, x=10.04, y=20.0, confidence=0.987654):
    words = tuple(
        Word(word, confidence, quad_at(x + 12 * i, y, 10.0, 8.0)) for i, word in enumerate(text.split())
    )
    return Line(text, confidence, quad_at(x, y, 12.0 * len(text), 8.0), words)


@pytest.fixture(scope="session")
def make_page():
    """``make_page(block, block, …)``: a block is its lines of text, joined by line feeds."""

    def make(
        *blocks, source="page.png", number=1, mode="page", confidence=0.987654, candidates=(), angle=0.0
    ):
        made, y = [], 20.0
        for block in blocks:
            lines = []
            for text in block.split("\n"):
                lines.append(line_of(text, y=y, confidence=confidence))
                y += 10.0
            made.append(Block(tuple(lines)))
        return Page(source, number, 640, 480, mode, tuple(made), angle, tuple(candidates), seconds=0.5)

    return make


@pytest.fixture(scope="session")
def char_page(make_page):
    """A character read as a, or else as o."""
    return make_page(mode="char", source="c.png", candidates=[Candidate("a", 0.93), Candidate("o", 0.05)])


@pytest.fixture
def write():
    """``write(Writer, choices, [(source, [page or Failure, …]), …])`` gives what was written."""

    def run(writer_class, choices, documents):
        stream = io.BytesIO()
        writer = writer_class(stream, choices)
        for source, pages in documents:
            writer.begin(source)
            for page in pages:
                (writer.page if isinstance(page, Page) else writer.failure)(page)
        writer.close()
        return stream.getvalue().decode()

    return run


@pytest.fixture(scope="session")
def make_line():
    """``make_line(text, x, y, height, turn)``: wide letters, turned clockwise about (x, y)."""

    def make(text, x=10.0, y=20.0, height=20.0, turn=0.0, confidence=0.95):
        cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))

        def quad(start, end):
            corners = [(start, 0), (end, 0), (end, height), (start, height)]
            return as_quad([(x + u * cosine - v * sine, y + u * sine + v * cosine) for u, v in corners])

        advance = 0.6 * height
        words, at = [], 0
        for word in text.split():
            at = text.index(word, at)
            words.append(Word(word, confidence, quad(advance * at, advance * (at + len(word)))))
            at += len(word)
        return Line(text, confidence, quad(0, advance * len(text)), tuple(words))

    return make


@pytest.fixture(scope="session")
def page_of():
    """``page_of([line, …], …)``: a page with these blocks of lines."""

    def make(*blocks, source="page.png", number=1, size=(640, 480), angle=0.0):
        return Page(source, number, *size, "page", tuple(Block(tuple(lines)) for lines in blocks), angle)

    return make


@pytest.fixture(scope="session")
def picture_of():
    """``picture_of(page, …)``: coloured noise of the size of a page, or the pixels given."""

    def make(page, pixels=None, dpi=None, jpeg=None):
        if pixels is None:
            pixels = np.random.default_rng(7).integers(0, 256, (page.height, page.width, 3), np.uint8)
        return LoadedPage(page.source, page.number, pixels, dpi, jpeg)

    return make


@pytest.fixture
def write_pictured(picture_of):
    """``write_pictured(Writer, page or (page, picture), …)`` gives the bytes that were written."""

    def run(writer_class, *pages):
        stream = io.BytesIO()
        writer = writer_class(stream, Choices())
        writer.begin("page.png")
        for page in pages:
            writer.page(*(page if isinstance(page, tuple) else (page, picture_of(page))))
        writer.close()
        return stream.getvalue()

    return run

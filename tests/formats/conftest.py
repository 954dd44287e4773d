"""Pages as the engine gives them."""

import io

import pytest

from ocrcli.document import Block, Candidate, Line, Page, Word


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

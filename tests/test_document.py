import pytest

from ocrcli.document import Block, Candidate, Document, Line, Page, Word, as_quad, box_of


def line(text: str, confidence: float = 1.0) -> Line:
    quad = as_quad([(0, 0), (10, 0), (10, 5), (0, 5)])
    words = tuple(Word(word, confidence, quad) for word in text.split())
    return Line(text, confidence, quad, words)


def page(*blocks: Block) -> Page:
    return Page("a.png", 1, 100, 50, "page", blocks)


def test_text_joins_lines_by_line_feeds_and_blocks_by_a_blank_line():
    got = page(Block((line("one"), line("two"))), Block((line("three"),)))
    assert got.text == "one\ntwo\n\nthree"


def test_document_parts_pages_by_form_feeds():
    one = page(Block((line("one"),)))
    assert Document("a.pdf", (one, one)).text == "one\fone"


def test_confidence_is_weighted_by_characters():
    got = page(Block((line("abc", 1.0), line("d", 0.6))))
    assert got.confidence == pytest.approx((3 * 1.0 + 1 * 0.6) / 4)


def test_an_empty_page_has_no_text_and_no_confidence():
    assert page().text == ""
    assert page().confidence == 0.0


def test_a_character_page_reads_as_its_best_candidate():
    got = Page("a.png", 1, 28, 28, "char", candidates=(Candidate("a", 0.7), Candidate("o", 0.2)))
    assert (got.text, got.confidence) == ("a", 0.7)


def test_box_encloses_a_tilted_quad():
    assert box_of(as_quad([(1.5, 2.5), (9.2, 0.1), (10.0, 4.0), (2.0, 6.9)])) == (1, 0, 10, 7)


def test_a_quad_has_four_points():
    with pytest.raises(ValueError):
        as_quad([(0, 0), (1, 0), (1, 1)])

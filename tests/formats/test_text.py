import pytest

from ocrcli.formats.text import Writer
from ocrcli.formats.writer import Choices, Failure


def test_page_ends_with_a_line_feed(write, make_page):
    assert write(Writer, Choices(), [("a", [make_page("one\ntwo", "three")])]) == "one\ntwo\n\nthree\n"


def test_empty_page_writes_nothing(write, make_page):
    assert write(Writer, Choices(), [("a", [make_page()])]) == ""


def test_splitting_at_form_feeds_gives_the_pages_back(write, make_page):
    pages = [make_page(*blocks) for blocks in ([], ["one"], [], ["two"])]
    text = write(Writer, Choices(), [("a", pages)])
    assert [part.strip("\n") for part in text.split("\f")] == ["", "one", "", "two"]


def test_inputs_are_parted_by_a_blank_line(write, make_page):
    inputs = [("a", [make_page("one")]), ("b", [make_page()]), ("c", [make_page("two")])]
    assert write(Writer, Choices(), inputs) == "one\n\ntwo\n"


def test_words_are_one_line_an_input(write, make_page):
    words = [make_page("one", mode="word"), make_page(mode="word"), make_page("two", mode="word")]
    inputs = [("a", words[:1]), ("x", [Failure("x", "x: gone")]), ("b", words[1:2]), ("c", words[2:])]
    assert write(Writer, Choices("word"), inputs) == "one\n\n\ntwo\n"


def test_failure_writes_nothing_between_pages(write, make_page):
    inputs = [("a", [make_page("one")]), ("x", [Failure("x", "x: gone")]), ("b", [make_page("two")])]
    assert write(Writer, Choices("auto"), inputs) == "one\n\ntwo\n"


def test_word_after_a_page_stands_apart(write, make_page):
    inputs = [("a", [make_page("one")]), ("b", [make_page("two", mode="word")]), ("c", [make_page("six")])]
    assert write(Writer, Choices(), inputs) == "one\n\ntwo\n\nsix\n"


@pytest.mark.parametrize("top, text", [(None, "a\n"), (1, "a\t0.9300\n"), (9, "a\t0.9300\no\t0.0500\n")])
def test_candidates_are_shown_when_asked_for(write, char_page, top, text):
    assert write(Writer, Choices("char", top), [("c", [char_page])]) == text


def test_signs_outside_ascii_are_utf8(write, make_page):
    assert write(Writer, Choices(), [("a", [make_page("“5 €” — é")])]) == "“5 €” — é\n"

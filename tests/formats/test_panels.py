import io

import pytest
from rich.console import Console

from ocrcli.document import Block, Line, Page, Word
from ocrcli.formats.panels import Writer
from ocrcli.formats.writer import Choices

QUAD = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))


@pytest.fixture
def show():
    """What a terminal of 60 columns shows."""

    def run(*pages, colour=False, choices=None, source="page.png"):
        out = io.StringIO()
        console = Console(
            file=out, width=60, force_terminal=colour, color_system="standard" if colour else None
        )
        writer = Writer(console, choices or Choices(), lambda page: "crnn-small")
        writer.begin(source)
        for page in pages:
            writer.page(page)
        writer.close()
        return out.getvalue()

    return run


def test_text_stands_between_rules_with_its_facts(show, make_page):
    lines = show(make_page("Hello World\nagain", "end")).splitlines()
    assert lines[0].startswith("page.png ──")
    assert lines[1:5] == ["Hello World", "again", "", "end"]
    assert lines[5].endswith("── 3 lines · 4 words · 99% sure · 0.50 s · crnn-small")
    assert len(lines[0]) == len(lines[5]) == 60


def test_long_lines_are_not_broken(show, make_page):
    assert "word " * 40 + "end" in show(make_page("word " * 40 + "end"))


def test_text_that_looks_like_markup_is_shown_as_it_is(show, make_page):
    assert "[red]5[/red] :smile:" in show(make_page("[red]5[/red] :smile:"))


def test_doubtful_words_are_tinted(show):
    words = tuple(Word(text, value, QUAD) for text, value in (("sure", 0.99), ("hm", 0.8), ("bad", 0.2)))
    page = Page("p", 1, 9, 9, "page", (Block((Line("sure hm bad", 0.6, QUAD, words),)),))
    assert "sure \033[33mhm\033[0m \033[31mbad\033[0m" in show(page, colour=True)


def test_pages_are_numbered(show, make_page):
    text = show(make_page("one"), make_page("two", number=2))
    assert "page.png  page 2 ─" in text and "page 1" not in text


def test_nothing_recognised_is_said(show, make_page):
    assert "nothing recognised" in show(make_page())


def test_candidates_have_bars(show, char_page):
    rows = [line for line in show(char_page).splitlines() if "%" in line and "░" in line]
    assert [row.split()[0] for row in rows] == ["a", "o"]
    assert rows[0].count("█") == 22 and rows[0].endswith("93.0%")  # of 24 cells
    assert rows[1].count("█") == 1 and rows[1].endswith("5.0%")


def test_long_title_does_not_break_the_rule(show, make_page):
    page = make_page("x", source="folder/" * 20 + "page.png")
    assert all(len(line) <= 60 for line in show(page).splitlines())

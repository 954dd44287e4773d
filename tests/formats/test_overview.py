import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from ocrcli.formats.overview import Writer
from ocrcli.formats.writer import Choices, Failure


@pytest.fixture
def show(make_page):
    """``show(width, (name, texts of pages …), …)``: the rows that a terminal shows; no texts: a failure."""

    def run(width, *inputs, colour=False):
        out = io.StringIO()
        console = Console(
            file=out, width=width, force_terminal=colour, color_system="standard" if colour else None
        )
        writer = Writer(console, Choices(), [name for name, *_ in inputs])
        for name, *texts in inputs:
            writer.begin(name)
            for number, text in enumerate(texts, 1):
                writer.page(make_page(text, number=number, source=name))
            if not texts:
                writer.failure(Failure(name, f"{name}: empty file"))
        writer.close()
        return out.getvalue().splitlines()

    return run


def test_each_input_has_a_row_with_what_it_says(show):
    head, first, second, foot = show(
        80, ("a.png", "Hello World"), ("receipt.png", "Total\n12.50", "page two")
    )
    assert head.split() == ["name", "text", "pages", "words", "sure", "seconds"]
    assert first.split() == ["a.png", "Hello", "World", "1", "2", "99%", "0.50"]
    assert "Total ⏎ 12.50 ⏎ page two" in second and second.split()[-4:-2] == ["2", "4"]
    assert foot == "2 inputs · 6 words · 1.50 s of reading"


def test_columns_stand_below_each_other_at_any_width(show):
    inputs = [("scan.png", "word " * 60), ("漢字.png", "漢字" * 40), ("folder/" * 20 + "x.png", "end")]
    for width in (40, 80, 200):
        rows = show(width, *inputs)[:-1]
        assert {cell_len(row) for row in rows} == {width}, rows


def test_of_a_long_path_the_end_is_shown_and_of_a_long_text_the_beginning(show):
    row = show(80, ("folder/" * 20 + "page.png", "first " + "more " * 60))[1]
    assert row.startswith("…") and "/page.png first more" in row and "…  " in row


def test_input_that_failed_has_a_row_that_says_so(show):
    _, row, good, foot = show(80, ("bad.png",), ("a.png", "fine"))
    assert row.split() == ["bad.png", "failed"] and good.startswith("a.png")
    assert foot.startswith("2 inputs · 1 failed · 1 words")


def test_text_that_looks_like_markup_is_shown_as_it_is(show):
    assert "[red]5[/red]" in show(80, ("a.png", "[red]5[/red]"))[1]


def test_inputs_without_text_have_a_row_too(show):
    assert show(80, ("blank.png", ""))[1].split() == ["blank.png", "1", "0", "0.50"]

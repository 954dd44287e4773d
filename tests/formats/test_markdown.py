import io

import pytest

from ocrcli.document import Candidate
from ocrcli.formats.markdown import Writer, page_text
from ocrcli.formats.marks import escaped_line
from ocrcli.formats.writer import Choices, Failure


@pytest.fixture
def block(make_line):
    """``block(text, …)``: lines one below the other; (x, height, text) for others than usual."""

    def make(*lines, y=100.0):
        made = []
        for line in lines:
            x, height, text = line if isinstance(line, tuple) else (10.0, 20.0, line)
            made.append(make_line(text, x, y, height))
            y += 1.4 * height
        return made

    return make


@pytest.fixture
def written(page_of):
    """``written(*pages)``: Markdown of pages, each a list of blocks."""

    def run(*pages, choices=Choices()):
        stream = io.BytesIO()
        writer = Writer(stream, choices)
        for page in pages:
            writer.begin("a")
            writer.page(page_of(*page) if isinstance(page, list) else page)
        writer.close()
        return stream.getvalue().decode()

    return run


FULL = ["The quick brown fox jumps over", "the lazy dog and goes on until", "the line is full again, as it"]


def test_lines_of_a_paragraph_flow(written, block):
    assert written([block(*FULL, "ends.")]) == " ".join([*FULL, "ends."]) + "\n"


def test_blocks_are_paragraphs(written, block):
    assert written([block(*FULL), block("Another one.")]) == " ".join(FULL) + "\n\nAnother one.\n"


def test_lines_that_end_on_purpose_stay_lines(written, block):
    address = ["Jane", "12 Mill Lane, Oxford, England", "OX1", "UK"]
    assert written([block(*address)]) == "\\\n".join(address) + "\n"


def test_centred_lines_stay_lines(written, block):
    lines = [(82, 20, "CORNER BAKERY"), (40, 20, "12 Mill Lane, Oxford"), (64, 20, "Tel 01865 496 01")]
    assert written([block(*lines)]) == "CORNER BAKERY\\\n12 Mill Lane, Oxford\\\nTel 01865 496 01\n"


def test_hyphen_at_the_end_of_a_line_stays(written, block):
    assert written([block("It is a long and well-", "known tale from a far", "land.")]) == (
        "It is a long and well-known tale from a far land.\n"
    )


def test_larger_lines_are_headings(written, block):
    page = [block((10, 36, "The title")), block((10, 28, "A section")), block(*FULL)]
    assert written(page) == "# The title\n\n## A section\n\n" + " ".join(FULL) + "\n"


def test_page_in_one_large_font_has_no_heading(written, block):
    assert written([block((10, 60, "SALE")), block((10, 60, "TODAY"))]) == "SALE\n\nTODAY\n"


def test_long_lines_and_figures_are_no_heading(written, block):
    page = [block((0, 40, "x" * 101)), block((0, 40, "42")), block(*FULL * 4)]
    assert "#" not in written(page)


def test_cells_that_line_up_are_a_table(written, block):
    rows = ["Network    Question", "DBNet      Where?", "CRNN       What?"]
    assert written([block(*rows)]) == (
        "| Network | Question |\n| --- | --- |\n| DBNet | Where? |\n| CRNN | What? |\n"
    )


def test_table_without_titles_has_an_empty_head_and_figures_at_the_right(written, block):
    rows = ["2 x Rye bread    7.60", "1 x Roll         2.40"]
    assert written([block(*rows)]) == (
        "|  |  |\n| --- | ---: |\n| 2 x Rye bread | 7.60 |\n| 1 x Roll | 2.40 |\n"
    )


def test_empty_cells_keep_their_column(written, block):
    rows = ["Item      Note      Price", "Tea       hot       4", "Water               0"]
    assert "| Water |  | 0 |" in written([block(*rows)])


def test_cells_that_do_not_line_up_stay_lines(written, block):
    rows = ["Name: Smith        Age: 4", "From      Oxford        Born: 1990", "A  b        c"]
    assert written([block(*rows)]).count("|") == 0
    assert written([block(*rows)]) == "\\\n".join(rows) + "\n"


def test_table_on_a_skewed_page(page_of, make_line):
    rows = [make_line(f"Item {i}      {i}.50", 100 + 3 * i, 100 - 28 * i, 20, -6) for i in range(4)]
    assert page_text(page_of(rows[::-1], angle=6.0)).count("|") == 3 * 6


def test_wider_space_in_running_text_is_no_cell(written, block):
    lines = [FULL[0], "the lazy  dog and goes on until", FULL[2]]
    assert written([block(*lines)]) == " ".join(lines) + "\n"


def test_list_items(written, block):
    lines = ["Bring:", "• a tent", "• food for the whole of the", "weekend", "- 2 lamps"]
    assert written([block(*lines)]) == (
        "Bring:\n\n- a tent\n- food for the whole of the weekend\n- 2 lamps\n"
    )


def test_numbered_items_keep_their_numbers(written, block):
    assert written([block("3. Mix.", "4. Bake.")]) == "3. Mix.\n4. Bake.\n"


def test_number_at_the_start_of_a_line_by_chance_is_no_item(written, block):
    lines = ["It was in the wet spring of", "1990. The wind blew hard and", "- as ever - cold."]
    assert written([block(*lines)]) == " ".join(lines) + "\n"


@pytest.mark.parametrize(
    "text, safe",
    [
        ("*bold* _under_ `code`", r"\*bold\* \_under\_ \`code\`"),
        ("snake_case", "snake_case"),
        ("[link](x) <b> ~~no~~", r"\[link\](x) \<b> \~\~no\~\~"),
        ("a \\ b", r"a \\ b"),
        ("&amp; & co", r"\&amp; & co"),
        ("# no heading", r"\# no heading"),
        ("#1 is fine", "#1 is fine"),
        ("> no quote", r"\> no quote"),
        ("- no item", r"\- no item"),
        ("-5 degrees", "-5 degrees"),
        ("---", r"\---"),
        ("===", r"\==="),
        ("1990. A year", r"1990\. A year"),
        ("1) one", r"1\) one"),
        ("3.50 and 2+2", "3.50 and 2+2"),
    ],
)
def test_signs_that_mean_something_are_escaped_and_only_they(text, safe):
    assert escaped_line(text) == safe


def test_bar_in_a_cell_is_escaped(written, block):
    assert r"| a\|b | c |" in written([block("x|y    c", "a|b    c")])


def test_pages_are_parted_by_a_rule(written, block):
    assert written([block("one")], [], [block("two")]) == "one\n\n---\n\n\n---\n\ntwo\n"


def test_blank_page_writes_nothing(written):
    assert written([]) == ""


def test_failure_writes_nothing():
    stream = io.BytesIO()
    Writer(stream, Choices()).failure(Failure("x", "x: gone"))
    assert stream.getvalue() == b""


def test_word_is_its_text(written, make_page):
    assert written(make_page("*one*", mode="word")) == "\\*one\\*\n"


def test_candidates_are_a_table_when_asked_for(written, make_page):
    page = make_page(mode="char", candidates=[Candidate("|", 0.9), Candidate("l", 0.05)])
    assert written(page) == "|\n"
    assert written(page, choices=Choices("char", 2)) == (
        "| character | confidence |\n| --- | ---: |\n| \\| | 0.9000 |\n| l | 0.0500 |\n"
    )

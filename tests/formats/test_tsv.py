import csv
import io

from ocrcli.formats.tsv import Writer
from ocrcli.formats.writer import Choices, Failure

COLUMNS = [
    "level", "page_num", "block_num", "par_num", "line_num", "word_num",
    "left", "top", "width", "height", "conf", "text",
]  # fmt: skip


def rows_of(text):
    """What a reader of Tesseract's tables sees."""
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    rows = list(reader)
    assert reader.fieldnames == COLUMNS
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


def places(rows):
    return [tuple(int(row[name]) for name in COLUMNS[:6]) for row in rows]


def test_levels_run_from_the_page_to_its_words(write, make_page):
    rows = rows_of(write(Writer, Choices(), [("a", [make_page("one two", "three\nfour")])]))
    assert places(rows) == [
        (1, 1, 0, 0, 0, 0),
        (2, 1, 1, 0, 0, 0), (3, 1, 1, 1, 0, 0), (4, 1, 1, 1, 1, 0), (5, 1, 1, 1, 1, 1), (5, 1, 1, 1, 1, 2),
        (2, 1, 2, 0, 0, 0), (3, 1, 2, 1, 0, 0), (4, 1, 2, 1, 1, 0), (5, 1, 2, 1, 1, 1),
        (4, 1, 2, 1, 2, 0), (5, 1, 2, 1, 2, 1),
    ]  # fmt: skip
    assert [row["text"] for row in rows if row["level"] == "5"] == ["one", "two", "three", "four"]


def test_only_words_have_text_and_confidence(write, make_page):
    rows = rows_of(write(Writer, Choices(), [("a", [make_page("one two", confidence=0.9871)])]))
    assert {(row["conf"], row["text"]) for row in rows if row["level"] != "5"} == {("-1", "")}
    assert {row["conf"] for row in rows if row["level"] == "5"} == {"98.71"}


def test_boxes_are_pixels_and_hold_what_is_in_them(write, make_page):
    rows = rows_of(write(Writer, Choices(), [("a", [make_page("one two\nthree")])]))
    boxes = [tuple(int(row[name]) for name in ("left", "top", "width", "height")) for row in rows]
    assert boxes[0] == (0, 0, 640, 480)
    assert boxes[1] == boxes[2] == (10, 20, 85, 18)  # both lines
    assert boxes[3] == (10, 20, 85, 8)
    assert boxes[4:6] == [(10, 20, 11, 8), (22, 20, 11, 8)]


def test_page_numbers_run_on_over_inputs(write, make_page):
    chosen = [make_page("x", number=3), make_page("x", number=7)]
    inputs = [
        ("a", chosen),
        ("x", [Failure("x", "x: gone")]),
        ("b", [make_page("x"), make_page("x", number=2)]),
    ]
    rows = rows_of(write(Writer, Choices(), inputs))
    assert [row["page_num"] for row in rows if row["level"] == "1"] == ["3", "7", "8", "9"]


def test_blank_page_is_one_row(write, make_page):
    assert places(rows_of(write(Writer, Choices(), [("a", [make_page()])]))) == [(1, 1, 0, 0, 0, 0)]


def test_without_any_page_there_is_the_header(write):
    assert write(Writer, Choices(), [("x", [Failure("x", "x: gone")])]) == "\t".join(COLUMNS) + "\n"


def test_quotes_are_kept_and_white_space_ends_no_cell(write, make_page):
    rows = rows_of(write(Writer, Choices(), [("a", [make_page('"5" € \\n')])]))
    assert [row["text"] for row in rows if row["level"] == "5"] == ['"5"', "€", "\\n"]


def test_character_is_one_word(write, char_page):
    rows = rows_of(write(Writer, Choices("char"), [("c", [char_page])]))
    assert [row["level"] for row in rows] == ["1", "2", "3", "4", "5"]
    word = rows[-1]
    assert (word["text"], word["conf"]) == ("a", "93.00")
    assert [word[name] for name in ("left", "top", "width", "height")] == ["0", "0", "640", "480"]


def test_word_is_one_line(write, make_page):
    rows = rows_of(write(Writer, Choices("word"), [("w", [make_page("one two", mode="word")])]))
    assert [row["level"] for row in rows] == ["1", "2", "3", "4", "5", "5"]

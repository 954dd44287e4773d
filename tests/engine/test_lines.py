import numpy as np
import pytest

from ocrcli.engine.floors import HIGHEST, at_least, page_floor
from ocrcli.engine.lines import Piece, row_line, without_doubtful_words
from ocrcli.engine.reading import CharSpan, as_reading


def read(text, confidence=0.9, char_width=10.0):
    """A reading whose characters stand side by side in the strip."""
    spans = [CharSpan(c, confidence, i * char_width, (i + 1) * char_width) for i, c in enumerate(text)]
    return as_reading(tuple(spans))


def level(x0, y0, x1, y1):
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)


def piece(text, quad, cut=None):
    return Piece(quad, quad if cut is None else cut, 10 * len(text), read(text))


def test_words_stand_where_their_characters_do():
    line = row_line([piece("ab cde", level(100, 50, 160, 70))])
    assert line.text == "ab cde"
    assert [word.text for word in line.words] == ["ab", "cde"]
    assert [word.box for word in line.words] == [(100, 50, 120, 70), (130, 50, 160, 70)]
    assert [char.text for char in line.words[1].chars] == ["c", "d", "e"]
    assert line.words[1].chars[1].quad == ((140, 50), (150, 50), (150, 70), (140, 70))
    assert line.quad == ((100, 50), (160, 50), (160, 70), (100, 70))


def test_margins_of_the_cut_are_taken_off():
    quad, cut = level(100, 50, 140, 70), level(90, 45, 150, 75)  # six strip tens over 60 pixels
    line = row_line([Piece(quad, cut, 60, read(" abcd"[1:], char_width=15))])
    assert line.words[0].box == (100, 50, 140, 70)
    assert line.words[0].chars[1].quad[0] == (pytest.approx(105), pytest.approx(50))


def test_words_of_a_slanted_line_lean_with_it():
    quad = np.array([(0, 100), (200, 0), (210, 20), (10, 120)], np.float32)
    line = row_line([piece("ab cd", quad)])
    first, second = line.words
    assert first.quad[0] == (pytest.approx(0), pytest.approx(100))
    assert first.quad[1] == (pytest.approx(80), pytest.approx(60))
    assert second.quad[1] == (pytest.approx(200), pytest.approx(0))
    assert second.quad[3] == (pytest.approx(130), pytest.approx(60))


def test_pieces_of_a_row_become_one_line_with_wider_gaps():
    row = [
        piece("tea", level(0, 0, 30, 20)),
        piece("cup", level(34, 0, 64, 20)),
        piece("2", level(400, 0, 410, 20)),
    ]
    line = row_line(row)
    assert line.text == "tea cup    2"
    assert [word.text for word in line.words] == ["tea", "cup", "2"]
    assert line.box == (0, 0, 410, 20)


def test_a_line_is_as_sure_as_its_characters():
    row = [
        Piece(level(0, 0, 40, 20), level(0, 0, 40, 20), 40, read("abcd", 0.5)),
        piece("x", level(90, 0, 99, 20)),
    ]
    assert row_line(row).confidence == pytest.approx((0.5**4 * 0.9) ** 0.2)
    assert row_line(row).words[0].confidence == pytest.approx(0.5)


def test_doubtful_words_are_left_out():
    chars = [*read("ab ", 0.9).chars, *read("cd ", 0.2).chars, *read("ef", 0.8).chars]
    reading = without_doubtful_words(as_reading(tuple(chars)), at_least(0.5))
    assert reading.text == "ab ef"
    assert without_doubtful_words(reading, at_least(0.85)).text == "ab"
    assert without_doubtful_words(reading, at_least(0.99)).text == ""
    assert without_doubtful_words(reading, at_least(0.99)).confidence == 0
    assert without_doubtful_words(reading, at_least(0.0)) == reading


@pytest.mark.parametrize("confidence", [0.3, 0.6, 0.7, 0.72, 0.9])
@pytest.mark.parametrize("text", ["....16 hotel", "Il of a", "x"])
def test_what_is_beyond_every_floor_is_not_asked_word_by_word(text, confidence):
    reading, floor = read(text, confidence), page_floor(None)
    assert without_doubtful_words(reading, floor, 0.5, HIGHEST) == without_doubtful_words(reading, floor, 0.5)


def test_doubtful_dots_before_a_number_do_not_take_it_with_them():
    chars = (*read("----", 0.2).chars, *read("16", 0.95).chars)
    assert without_doubtful_words(as_reading(chars), at_least(0.5)).text == "16"
    assert without_doubtful_words(read("....16", 0.9), at_least(0.5)).text == "....16"
    assert without_doubtful_words(as_reading((*read("-", 0.2).chars, *chars[4:])), at_least(0.7)).text == ""
    assert without_doubtful_words(read("....", 0.2), at_least(0.5)).text == ""


def test_a_small_word_is_vouched_for_by_a_sure_line():
    sure = [CharSpan(char, 0.98, 0.0, 1.0) for char in "two "]
    doubtful = CharSpan("x", 0.5, 2.0, 3.0)
    line = as_reading((*sure, doubtful))
    assert without_doubtful_words(line, at_least(0.65)).text == "two"
    assert without_doubtful_words(line, at_least(0.65), vouched=0.5).text == "two x"
    assert without_doubtful_words(as_reading((doubtful,)), at_least(0.65), vouched=0.5).text == ""

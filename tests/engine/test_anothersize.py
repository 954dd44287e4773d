import numpy as np
import pytest

from ocrcli.engine.anothersize import FEW, OTHER_SIZES, as_high, is_clear, new_lines, that_say_more
from ocrcli.engine.images import LoadedPage
from ocrcli.engine.lines import Piece
from ocrcli.engine.pipeline import Reader
from ocrcli.engine.reading import CharSpan, as_reading


def quad(x, y, width, height=20):
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)


def piece(text, place, confidence=0.95):
    chars = tuple(CharSpan(c, confidence, 8.0 * i, 8.0 * i + 8) for i, c in enumerate(text))
    return Piece(place, place, 8 * len(text), as_reading(chars))


def texts(pieces):
    return sorted(each.reading.text for each in pieces)


def test_lines_seen_before_are_not_new():
    known = np.array([quad(0, 0, 100), quad(0, 40, 100)])
    found = np.array([quad(2, 1, 100), quad(0, 40, 300), quad(0, 200, 80)])
    assert new_lines(found, known).tolist() == found[1:].tolist()
    assert new_lines(found, known[:0]).tolist() == found.tolist()
    assert len(new_lines(found[:0], known)) == 0


def test_only_lines_so_high_count():
    found = np.array([quad(0, 0, 100, 20), quad(0, 40, 300, 120)])
    assert as_high(found, 100).tolist() == found[1:].tolist()
    assert as_high(found, 0).tolist() == found.tolist()
    assert len(as_high(found[:0], 100)) == 0


def test_a_whole_word_takes_the_place_of_its_fragments():
    fragments = [piece("H", quad(0, 0, 40, 100), 0.6), piece("OTE", quad(60, 0, 120, 100), 0.6)]
    elsewhere = piece("room", quad(0, 300, 90))
    whole = piece("HOTEL", quad(0, 0, 240, 100))
    assert texts(that_say_more([*fragments, elsewhere], [whole])) == ["HOTEL", "room"]


def test_lines_that_run_together_do_not_take_the_place_of_what_was_read_well():
    lines = [piece("first line", quad(0, 0, 200)), piece("second line", quad(0, 22, 200))]
    merged = piece("ficst lne", quad(0, 0, 200, 42), 0.7)
    assert texts(that_say_more(lines, [merged])) == ["first line", "second line"]


def test_what_has_no_rival_stays_from_either_look():
    first, second = piece("one", quad(0, 0, 60)), piece("two", quad(0, 100, 60))
    assert texts(that_say_more([first], [second])) == ["one", "two"]
    assert texts(that_say_more([], [second])) == ["two"]
    assert texts(that_say_more([first], [])) == ["one"]


def test_rivals_of_rivals_are_chosen_together():
    first = [piece("ab", quad(0, 0, 50)), piece("cd", quad(60, 0, 50))]
    second = [piece("abc", quad(0, 0, 80)), piece("defgh", quad(85, 0, 150))]
    assert texts(that_say_more(first, second)) == ["abc", "defgh"]


@pytest.mark.parametrize(
    ("lines", "doubtful", "clear"), [(FEW, 0, True), (FEW, 4, False), (FEW - 1, 0, False)]
)
def test_only_a_page_of_many_clear_lines_needs_no_second_look(lines, doubtful, clear):
    pieces = [piece("line", quad(0, 30 * i, 90), 0.5 if i < doubtful else 0.97) for i in range(lines)]
    assert is_clear(lines, pieces) is clear


def test_what_only_a_smaller_picture_shows_is_read(tiny_models, paint_page, monkeypatch):
    reader = Reader(tiny_models, threads=1)
    page = LoadedPage("page.png", 1, paint_page([(60, 60, "small print"), (60, 300, "large print")]))
    detect = reader.detector.detect
    scale = reader.detector.scale(page.pixels)
    zooms = []

    def blind_to_large_letters(pixels, shown):
        zooms.append(shown / scale)
        found = detect(pixels)
        seen = (found.quads[:, 0, 1] > 200) == (zooms[-1] < 1)
        return type(found)(found.quads[seen], found.scores[seen])

    monkeypatch.setattr(reader.detector, "detect", blind_to_large_letters)
    assert reader.read_page(page, "page").text == "small print\n\nlarge print"
    assert zooms == pytest.approx([1.0, *(zoom for zoom, _ in OTHER_SIZES)])

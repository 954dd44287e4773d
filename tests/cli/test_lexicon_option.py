"""``--lexicon``: words to expect, in ``ocr predict`` and ``ocr eval``."""

import json

import numpy as np
import pytest
from PIL import Image

from ocrcli.errors import ExitCode

GREY_STEP = 8  # between neighbours of the tiny alphabet; half of it is like both


@pytest.fixture
def doubtful_file(tmp_path, paint_strip):
    """``doubtful_file(name, text, at)``: the letter of ``text`` at ``at`` looks like the next one as well."""

    def save(name, text, at):
        strip = paint_strip(text)
        grey = GREY_STEP * (1 + " abcdefghijklmnopqrstuvwxyz".index(text[at]))
        strip[strip == grey] = grey + GREY_STEP // 2
        path = tmp_path / name
        Image.fromarray(strip).save(path)
        return path

    return save


@pytest.fixture
def lexicon(tmp_path):
    """A lexicon of a few words, in a file."""
    path = tmp_path / "words.txt"
    path.write_text("Hotel\n\ngrand\n", encoding="utf-8")
    return path


def test_an_unknown_word_becomes_the_known_one_that_it_looks_like(ocr, doubtful_file, lexicon):
    word = doubtful_file("sign.png", "hosel", 2)
    assert ocr("predict", word, "--mode", "word", "--lexicon", "none").out == "hosel\n"
    result = ocr("predict", word, "--mode", "word", "--lexicon", lexicon)
    assert (result.code, result.out, result.err) == (0, "hotel\n", "")


def test_english_words_are_expected_unless_told_otherwise(ocr, doubtful_file):
    word = doubtful_file("sign.png", "hotse", 2)
    expected = ocr("predict", word, "--mode", "word", "--lexicon", "english").out
    assert expected == ocr("predict", word, "--mode", "word").out == "house\n"


def test_what_is_read_clearly_stays(ocr, word_file, lexicon):
    word = word_file("sign.png", "hosel grond")
    assert ocr("predict", word, "--mode", "word", "--lexicon", lexicon).out == "hosel grond\n"


def test_words_on_a_page_keep_their_places(ocr, tmp_path, paint_strip, doubtful_file, lexicon):
    strip = np.asarray(Image.open(doubtful_file("strip.png", "the hosel", 6)))
    page = np.full((640, 960, 3), 255, np.uint8)
    page[60:92, 60 : 60 + strip.shape[1]] = strip[:, :, None]
    Image.fromarray(page).save(tmp_path / "page.png")
    arguments = ("predict", tmp_path / "page.png", "--mode", "page", "-f", "json", "--min-confidence", "0")
    free, respelled = (
        json.loads(ocr(*arguments, *more).out)[0]["lines"][0]["words"]
        for more in (("--lexicon", "none"), ("--lexicon", lexicon))
    )
    assert [word["text"] for word in free] == ["the", "hosel"]
    assert [word["text"] for word in respelled] == ["the", "hotel"]
    assert [word["box"] for word in respelled] == [word["box"] for word in free]
    assert all(0 <= old["confidence"] <= new["confidence"] <= 1
               for old, new in zip(free, respelled, strict=True))  # fmt: skip


@pytest.mark.parametrize("data", [None, b"", b"\xff\xfe\x00"])
def test_a_lexicon_that_cannot_be_used_is_one_line_of_complaint(ocr, word_file, tmp_path, data):
    path = tmp_path / "bad.txt"
    if data is not None:
        path.write_bytes(data)
    result = ocr("predict", word_file("a.png", "a"), "--mode", "word", "--lexicon", path)
    assert (result.code, result.out) == (ExitCode.USAGE, "")
    assert str(path) in result.err
    assert result.err.count("\n") == 1


def test_a_lexicon_has_no_say_in_single_characters(ocr, word_file, lexicon):
    result = ocr("predict", word_file("a.png", "a"), "--mode", "char", "--lexicon", lexicon)
    assert result.code == ExitCode.USAGE
    assert "--lexicon" in result.err


def test_scores_count_the_lexicon_and_name_it(ocr, doubtful_file, lexicon, tmp_path):
    doubtful_file("sign.png", "hosel", 2)
    labels = tmp_path / "labels.tsv"
    labels.write_text("sign.png\thotel\n", encoding="utf-8")
    free = json.loads(ocr("eval", "word", labels, "--json", "--lexicon", "none").out)
    known = json.loads(ocr("eval", "word", labels, "--json", "--lexicon", lexicon).out)
    assert (free["accuracy_36"], known["accuracy_36"]) == (0.0, 1.0)
    assert "lexicon" not in free["models"]
    assert known["models"]["lexicon"]["file"] == str(lexicon)
    assert len(known["models"]["lexicon"]["sha256"]) == 64


def test_clear_words_do_not_wait_for_a_lexicon(ocr_process, word_file):
    result = ocr_process("predict", word_file("a.png", "abc"), "--mode", "word", PYTHONPROFILEIMPORTTIME="1")
    assert result.out == "abc\n"
    assert "ocrcli.engine.recogniser" in result.err
    assert not any(f"ocrcli.engine.{name}" in result.err for name in ("respell", "beam", "alignment"))

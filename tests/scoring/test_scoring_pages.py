"""Page scores against figures worked out by hand."""

from pathlib import Path

import pytest

from ocrcli.document import Block, Line, Page, Word
from ocrcli.scoring.labels import TruthPage, TruthWord
from ocrcli.scoring.pages import Found, found_on, level_of, same_text, score_page, summarise, text_rates


def box(x0, y0, x1, y1):
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def truth_page(words=(), text=None):
    return TruthPage(Path("a.png"), tuple(words), text)


def test_text_rates_worked_out_by_hand():
    cer, wer, raw = text_rates("The “cat”\n sat.", 'The "cut" sat.')
    # folded: 'The "cat" sat.' of 14 characters and 3 words; one letter, so one word, is wrong
    assert (cer, wer) == (pytest.approx(1 / 14), pytest.approx(1 / 3))
    # raw, 15 characters: two quotes, one letter, and "\n " for " " is one edit more
    assert raw == pytest.approx(4 / 15)


def test_a_tilde_of_the_truth_matches_any_sign():
    cer, wer, raw = text_rates("~ item", "• item")
    assert (cer, wer) == (0.0, 0.0)
    assert raw == pytest.approx(1 / 6)


def test_a_page_is_never_worse_than_one():
    assert text_rates("ab", "something else altogether") == (1.0, 1.0, 1.0)


def test_bag_of_words_counts_each_token_as_often_as_it_is_there():
    score = score_page(truth_page(text="to be or not to be"), "", [Found("To be to to", box(0, 0, 1, 1))])
    # both hold to ×2 and be ×1: 3 of 6 true, 3 of 4 found
    assert (score.bag.matched, score.bag.truths, score.bag.found) == (3, 6, 4)


def test_page_with_places_worked_out_by_hand():
    truth = truth_page(
        [
            TruthWord("Hello", box(0, 0, 50, 10)),
            TruthWord("World", box(60, 0, 110, 10)),
            TruthWord("&", box(120, 0, 130, 10)),
            TruthWord("###", box(0, 100, 50, 110), ignore=True),
            TruthWord("missed", box(0, 200, 50, 210)),
        ]
    )
    found = [
        Found("HELLO", box(0, 0, 50, 9)),  # IoU 0.9, right regardless of case
        Found("Word", box(60, 0, 110, 10)),  # in its place, misread
        Found("$", box(120, 0, 130, 10)),  # empty under 36, so compared under 94: misread
        Found("blur", box(0, 100, 40, 110)),  # in a do-not-care region: left out
        Found("noise", box(300, 300, 350, 310)),  # found where nothing is
    ]
    score = score_page(truth, "", found)
    assert (score.detection.matched, score.detection.truths, score.detection.found) == (3, 4, 4)
    assert (score.end_to_end.matched, score.right, score.misread) == (1, ((0, 0),), ((1, 1), (2, 2)))
    assert score.left_out == (3,)
    # tokens: hello world missed against hello word noise
    assert (score.bag.matched, score.bag.truths, score.bag.found) == (1, 3, 3)
    figures = summarise([score])
    assert figures["detection_recall"] == 3 / 4
    assert figures["end_to_end_hmean"] == pytest.approx(2 * 1 / (4 + 4))
    assert figures["bag_f1"] == pytest.approx(1 / 3)
    assert "cer" not in figures  # the set gives no text


def test_rates_are_means_over_pages_and_counts_are_sums():
    first = score_page(truth_page(text="aa"), "aa", [Found("aa", box(0, 0, 1, 1))])
    second = score_page(truth_page(text="b b b b"), "", [])
    figures = summarise([first, second])
    assert figures["cer"] == 0.5
    assert figures["bag_recall"] == pytest.approx(1 / 5)
    assert "detection_hmean" not in figures  # no quads


def test_level_of_the_truth_is_seen_from_its_spaces():
    lines = [TruthWord("NO 31G", None), TruthWord("TOTAL", None), TruthWord("SECTION 25", None)]
    words = [TruthWord("NO", None), TruthWord("31G", None), TruthWord("###  x x", None, ignore=True)]
    assert level_of([truth_page(lines)]) == "line"
    assert level_of([truth_page(words)]) == "word"
    assert level_of([truth_page(text="a b c")]) == "word"


def test_found_words_or_lines_come_from_the_page():
    words = (Word("a", 0.9, box(0, 0, 5, 5)), Word("b", 0.8, box(6, 0, 9, 5)))
    page = Page("p.png", 1, 10, 10, "page", (Block((Line("a b", 0.9, box(0, 0, 9, 5), words),)),))
    assert [item.text for item in found_on(page, "word")] == ["a", "b"]
    assert found_on(page, "line") == [Found("a b", box(0, 0, 9, 5))]


def test_same_text_ignores_case_punctuation_and_accents():
    assert same_text("CAFÉ!", "cafe")
    assert not same_text("cafe", "")
    assert same_text("&", "&")
    assert not same_text("&", "!")


def test_cells_of_a_row_are_lines_of_their_own():
    words = (
        Word("ICED", 0.9, box(0, 0, 40, 10)),
        Word("TEA", 0.9, box(44, 0, 80, 10)),
        Word("2.50", 0.9, box(200, 0, 240, 10)),
    )
    row = Line("ICED TEA    2.50", 0.9, box(0, 0, 240, 10), words)
    page = Page("p.png", 1, 300, 20, "page", (Block((row,)),))
    assert found_on(page, "line") == [
        Found("ICED TEA", box(0, 0, 80, 10)),
        Found("2.50", box(200, 0, 240, 10)),
    ]

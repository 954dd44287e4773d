"""Folding and edit distance."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.scoring import text as scoring_text
from ocrcli.scoring.text import (
    character_errors,
    error_rate,
    fold_36,
    fold_94,
    fold_page,
    levenshtein,
    tokens,
    word_errors,
)

unhurried = settings(deadline=None)  # a busy machine is no failure


def plain_levenshtein(a, b, wild=""):
    """The textbook table, one row at a time."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            substitution = diagonal + (x != y and x != wild)
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, substitution)
    return row[-1]


short = st.text(alphabet="ab~ c", max_size=40)


@unhurried
@given(short, short)
def test_distance_equals_the_textbook_table(a, b):
    assert levenshtein(a, b) == plain_levenshtein(a, b)


@unhurried
@given(st.text(alphabet="abcdefgh", min_size=60, max_size=90), st.text(alphabet="abcdefgh", max_size=90))
def test_distance_is_right_beyond_one_machine_word(a, b):
    assert levenshtein(a, b) == plain_levenshtein(a, b) == levenshtein(b, a)


@unhurried
@given(short, short)
def test_wildcard_matches_any_one_character(reference, hypothesis):
    assert character_errors(reference, hypothesis) == plain_levenshtein(reference, hypothesis, wild="~")


def test_distance_of_known_words():
    assert levenshtein("kitten", "sitting") == 3  # k→s, e→i, +g
    assert levenshtein("", "abc") == 3
    assert levenshtein("abc", "") == 3
    assert levenshtein(["the", "cat"], ["the", "black", "cat"]) == 1


def test_wildcard_in_a_word_matches_one_character_of_that_word_only():
    # "na~ve" takes "naïve"; "~" takes the bullet; "dog" against "cat" is the one error.
    assert word_errors(["~", "na~ve", "dog"], ["•", "naïve", "cat"]) == 1
    assert word_errors(["na~ve"], ["nave"]) == 1  # the wildcard stands for exactly one character
    assert word_errors(["a.c"], ["abc"]) == 1  # a full stop of the reference is no wildcard


def test_page_fold_makes_typography_and_white_space_equal():
    assert fold_page(" “It’s — fine”\n\n\tﬁn ") == '"It\'s - fine" fin'


@pytest.mark.parametrize(
    ("text", "under_94", "under_36"),
    [
        ("Café", "Cafe", "cafe"),
        ("DON’T", "DON'T", "dont"),
        ("Genaxis Theatre", "GenaxisTheatre", "genaxistheatre"),
        ("£10–20", "10-20", "1020"),
        ("½", "1/2", "12"),
        ("&", "&", ""),
        ("• • •", "", ""),
    ],
)
def test_word_protocols(text, under_94, under_36):
    assert fold_94(text) == under_94
    assert fold_36(text) == under_36


def test_tokens_keep_accented_letters_whole():
    assert tokens("Naïve café—R&D 3.5%") == ["naive", "cafe", "r", "d", "3", "5"]


@unhurried
@given(st.text(max_size=30))
def test_folds_are_stable(text):
    for fold in (fold_94, fold_36, fold_page):
        assert fold(fold(text)) == fold(text)


def test_error_rate_is_at_most_one_and_defined_for_an_empty_reference():
    assert error_rate(3, 12) == 0.25
    assert error_rate(30, 12) == 1.0
    assert error_rate(0, 0) == 0.0
    assert error_rate(2, 0) == 1.0


def test_a_long_page_is_compared_quickly_enough_to_be_exact():
    page = "the quick brown fox " * 250  # 5,000 characters
    damaged = page.replace("quick", "quirk", 10).replace("fox ", "fx ", 7)
    assert scoring_text.character_errors(page, damaged) == 17

"""Word scores against figures worked out by hand."""

import pytest

from ocrcli.scoring.words import score_words


def test_figures_worked_out_by_hand():
    truths = ["Hello", "WORLD", "it's", "&", "a b"]
    predictions = ["Hello", "world", "its", "8", "ab"]
    scores = score_words(truths, predictions)
    assert scores.samples == 5
    # 94: Hello, and "a b" without its space: 2 of 5
    assert (scores.accuracy_94, scores.samples_94) == (2 / 5, 5)
    # 36: "&" is empty and left out; Hello, world, its, ab: 4 of 4
    assert (scores.accuracy_36, scores.samples_36) == (1.0, 4)
    assert scores.accuracy_exact == 1 / 5
    # edits 0 + 5 + 1 + 1 + 1 = 8; label lengths 5 + 5 + 4 + 1 + 3 = 18
    assert scores.cer == pytest.approx(8 / 18)


def test_typographic_signs_count_as_their_ascii_twins():
    scores = score_words(["DON'T", "a-b"], ["DON’T", "a–b"])
    assert scores.accuracy_94 == 1.0
    assert scores.accuracy_exact == 0.0


def test_an_empty_set_has_no_accuracy_and_no_error():
    scores = score_words([], [])
    assert (scores.samples, scores.accuracy_94, scores.cer) == (0, 0.0, 0.0)


def test_numbers_of_truths_and_predictions_must_agree():
    with pytest.raises(ValueError):
        score_words(["a"], [])

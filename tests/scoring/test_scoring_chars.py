"""Character scores against figures worked out by hand."""

import numpy as np
import pytest

from ocrcli.scoring.chars import calibration_error, score_chars

CHARACTERS = "oO0x"


def rows(*values):
    return np.array(values, dtype=np.float32)


def test_figures_worked_out_by_hand():
    probabilities = rows(
        [0.7, 0.2, 0.1, 0.0],  # o as o: right
        [0.6, 0.3, 0.1, 0.0],  # O as o: wrong, in the top three, right regardless of case
        [0.5, 0.3, 0.2, 0.0],  # 0 as o: wrong, in the top three
        [0.4, 0.3, 0.3, 0.0],  # x as o: wrong, fourth
        [1.0, 0.0, 0.0, 0.0],  # é: outside the alphabet
    )
    scores = score_chars(probabilities, ["o", "O", "0", "x", "é"], CHARACTERS)
    assert (scores.samples, scores.skipped) == (4, 1)
    assert (scores.top1, scores.top3, scores.top1_caseless) == (1 / 4, 3 / 4, 2 / 4)
    assert scores.confusion[:, 0].tolist() == [1, 1, 1, 1]
    assert scores.commonest_mistakes(5) == [("O", "o", 1), ("0", "o", 1), ("x", "o", 1)]
    # one sample a bin: |0.7 − 1| + 0.6 + 0.5 + 0.4 = 1.8 over 4 samples
    assert scores.ece == pytest.approx(1.8 / 4)


def test_a_case_merged_label_is_right_in_either_case():
    probabilities = rows([0.7, 0.2, 0.1, 0.0], [0.7, 0.2, 0.1, 0.0])
    scores = score_chars(probabilities, ["O", "O"], CHARACTERS, np.array([True, False]))
    assert (scores.top1, scores.right.tolist()) == (0.5, [True, False])


def test_labels_may_be_classes():
    scores = score_chars(rows([0, 1, 0, 0], [0, 1, 0, 0]), np.array([1, 7]), CHARACTERS)
    assert (scores.top1, scores.samples, scores.skipped) == (1.0, 1, 1)


def test_calibration_error_weighs_bins_by_their_size():
    # bin of 0.9: three samples, two right: |2.7 − 2| = 0.7; bin of 0.5: one, wrong: 0.5; over 4
    confidence = np.array([0.9, 0.9, 0.9, 0.5])
    assert calibration_error(confidence, np.array([True, True, False, False])) == pytest.approx(1.2 / 4)
    # right 9 times of 10 at 0.9 is perfect calibration
    assert calibration_error(np.full(10, 0.9), np.arange(10) > 0) == pytest.approx(0, abs=1e-12)


def test_no_counted_sample_gives_zeros():
    scores = score_chars(np.zeros((1, 4)), ["é"], CHARACTERS)
    assert (scores.samples, scores.skipped, scores.top1, scores.ece) == (0, 1, 0.0, 0.0)


def test_shapes_must_agree():
    with pytest.raises(ValueError):
        score_chars(np.zeros((2, 4)), ["o"], CHARACTERS)


def test_a_set_of_digits_alone_is_scored_among_digits():
    ring = rows([0.4, 0.35, 0.25, 0.0])  # o before O before 0
    scores = score_chars(np.repeat(ring, 2, 0), ["0", "0"], CHARACTERS)
    assert (scores.top1, scores.top1_within) == (0.0, 1.0)


def test_letters_of_either_case_are_scored_among_letters():
    # 0 is likeliest; o and O together beat x
    scores = score_chars(
        rows([0.2, 0.15, 0.4, 0.25], [0.1, 0.1, 0.2, 0.6]), ["O", "x"], CHARACTERS, np.array([True, False])
    )
    assert (scores.top1, scores.top1_within, scores.top1_caseless_within) == (0.5, 1.0, 1.0)
    # both cases are named by the set: each speaks for itself
    scores = score_chars(rows([0.4, 0.3, 0.3, 0.0], [0.2, 0.6, 0.2, 0.0]), ["O", "o"], CHARACTERS)
    assert (scores.top1_within, scores.top1_caseless_within) == (0.0, 1.0)


def test_confidence_in_a_case_merged_label_is_that_of_the_letter():
    probabilities = rows([0.6, 0.3, 0.1, 0.0], [0.6, 0.3, 0.1, 0.0])
    both, one = (score_chars(probabilities, ["O", "o"], CHARACTERS, np.full(2, m)) for m in (True, False))
    assert both.ece == pytest.approx(1 - 0.9)  # right twice, at 0.6 + 0.3
    assert one.ece == pytest.approx(abs(2 * 0.6 - 1) / 2)  # right once, at 0.6

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ocrcli.engine.alignment import align, log_probabilities

CLASSES = 3  # the blank and two characters
lattices = arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.just(CLASSES)),
    elements=st.floats(-8, 0, width=32),
)


def collapsed(path) -> tuple[int, ...]:
    return tuple(key for key, _ in itertools.groupby(path) if key != 0)


def every_path(log_probs):
    """All ways through the columns: each with its text and log-probability."""
    for path in itertools.product(range(CLASSES), repeat=len(log_probs)):
        yield path, collapsed(path), float(log_probs[np.arange(len(path)), path].astype(float).sum())


@given(lattices)
def test_a_text_is_as_likely_as_all_its_paths(log_probs):
    sums: dict[tuple[int, ...], float] = {}
    for _, text, log_probability in every_path(log_probs):
        sums[text] = sums.get(text, 0.0) + np.exp(log_probability)
    texts = list(sums)
    assert np.exp(log_probabilities(log_probs, texts)) == pytest.approx(list(sums.values()), rel=1e-6)


@given(lattices)
def test_the_alignment_is_the_likeliest_path_of_the_text(log_probs):
    best: dict[tuple[int, ...], float] = {}
    for _, text, log_probability in every_path(log_probs):
        best[text] = max(best.get(text, -np.inf), log_probability)
    for text, expected in best.items():
        first, last = align(log_probs, text)
        path = np.zeros(len(log_probs), int)
        for character, a, b in zip(text, first, last, strict=True):
            path[a : b + 1] = character
        assert collapsed(path) == text
        assert log_probs[np.arange(len(path)), path].astype(float).sum() == pytest.approx(expected, abs=1e-4)


def test_a_text_longer_than_the_strip_is_impossible():
    log_probs = np.zeros((3, CLASSES), np.float32)
    fits, *too_long = log_probabilities(log_probs, [(1, 1), (1, 1, 1), (1, 2, 1, 2)])
    assert fits == pytest.approx(0.0)
    assert too_long == [-np.inf, -np.inf]
    with pytest.raises(ValueError, match="do not fit"):
        align(log_probs, (1, 1, 1))


def test_long_strips_do_not_vanish():
    columns = np.full((3000, CLASSES), np.log(1 / CLASSES), np.float32)
    text = (1, 2) * 300
    (likely,) = log_probabilities(columns, [text])
    assert -3000 * np.log(CLASSES) < likely < 0


def test_nothing_but_blanks_is_the_empty_text():
    columns = np.log(np.array([[0.9, 0.05, 0.05]] * 4, np.float32))
    assert log_probabilities(columns, [()]) == pytest.approx([4 * np.log(0.9)], abs=1e-5)
    assert [part.tolist() for part in align(columns, ())] == [[], []]
    assert log_probabilities(columns, []).shape == (0,)

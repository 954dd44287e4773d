import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ocrcli.engine.alignment import log_probabilities
from ocrcli.engine.beam import beam_search
from ocrcli.engine.ctc import greedy


def lattices(columns: int, classes: int):
    return arrays(
        np.float32,
        st.tuples(st.integers(1, columns), st.just(classes)),
        elements=st.floats(-8, 0, width=32),
    )


def all_texts(log_probs) -> dict[tuple[int, ...], float]:
    """Every text with its probability, by adding up all paths through the columns."""
    columns, classes = log_probs.shape
    texts: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(classes), repeat=columns):
        text = tuple(key for key, _ in itertools.groupby(path) if key != 0)
        likely = np.exp(log_probs[np.arange(columns), path].astype(float).sum())
        texts[text] = texts.get(text, 0.0) + likely
    return texts


@given(lattices(5, 3))
def test_a_wide_beam_finds_every_text_with_its_probability(log_probs):
    expected = all_texts(log_probs)
    found = beam_search(log_probs, width=len(expected), unlikely=0.0)
    assert {text for text, _ in found} == set(expected)
    assert [np.exp(likely) for _, likely in found] == pytest.approx(
        sorted(expected.values(), reverse=True), rel=1e-6
    )


@given(lattices(20, 5), st.integers(1, 4))
def test_never_less_likely_than_the_best_path(log_probs, width):
    read = tuple(greedy(log_probs[None])[0].classes.tolist())
    (of_greedy,) = log_probabilities(log_probs, [read])
    found = beam_search(log_probs, width=width)
    assert len(found) <= width
    assert found[0][1] >= of_greedy - 1e-9
    likely = [log_probability for _, log_probability in found]
    assert likely == sorted(likely, reverse=True)


def test_many_poor_paths_beat_one_good_one():
    # The best path is blank, blank (0.36); the paths a-, -a and aa sum to 0.64 (Graves 2012, fig. 3.2).
    two = np.log(np.array([[0.6, 0.4]] * 2, np.float32))
    (text, likely), *_ = beam_search(two)
    assert (text, np.exp(likely)) == ((1,), pytest.approx(0.64))
    # Greedy decoding looks at two columns at a time; over three it needs the beam.
    three = np.log(np.array([[0.75, 0.25]] * 3, np.float32))
    (text, likely), *_ = beam_search(three)
    assert (text, np.exp(likely)) == ((1,), pytest.approx(1 - 0.75**3 - 0.25 * 0.75 * 0.25))
    assert [path.classes.tolist() for path in greedy(np.stack([two]))] == [[1]]
    assert [path.classes.tolist() for path in greedy(np.stack([three]))] == [[]]


def test_forbidden_classes_are_in_no_text():
    log_probs = np.log(np.array([[0.1, 0.7, 0.2]] * 3, np.float32))
    allowed = np.array([True, False, True])
    assert all(1 not in text for text, _ in beam_search(log_probs, allowed=allowed))


def test_a_long_strip_keeps_its_text():
    truth = [1 + i % 3 for i in range(150)]
    columns = np.full((300, 5), 0.01, np.float32)
    columns[1::2, 0] = 0.96
    columns[np.arange(0, 300, 2), truth] = 0.96
    assert beam_search(np.log(columns))[0][0] == tuple(truth)

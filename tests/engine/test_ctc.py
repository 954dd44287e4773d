import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ocrcli.alphabet import Alphabet
from ocrcli.engine.ctc import allowed_classes, greedy

ALPHABET = Alphabet("abc ")


def certain(*classes: int, probability: float = 0.9) -> np.ndarray:
    """Log-probabilities (T, C) that name one class a column."""
    rest = (1 - probability) / (ALPHABET.ctc_classes - 1)
    columns = np.full((len(classes), ALPHABET.ctc_classes), rest, np.float32)
    columns[np.arange(len(classes)), classes] = probability
    return np.log(columns)


def text_of(path) -> str:
    return ALPHABET.decode_ctc(path.classes)


def plain_decode(log_probs: np.ndarray) -> list[int]:
    """The definition of Graves 2006: collapse repeats, then drop blanks."""
    return [key for key, _ in itertools.groupby(log_probs.argmax(-1).tolist()) if key != 0]


def test_repeats_collapse_and_blanks_part_them():
    (path,) = greedy(certain(0, 1, 1, 0, 1, 2, 0, 3)[None])
    assert text_of(path) == "aabc"
    assert path.first.tolist() == [1, 4, 5, 7]
    assert path.last.tolist() == [2, 4, 5, 7]


def test_a_strip_of_blanks_and_an_empty_batch_say_nothing():
    assert text_of(greedy(certain(0, 0, 0)[None])[0]) == ""
    assert greedy(np.zeros((0, 5, 5), np.float32)) == []
    assert [text_of(path) for path in greedy(np.zeros((2, 0, 5), np.float32))] == ["", ""]


def test_padding_says_nothing():
    batch = np.stack([certain(1, 0, 2, 2, 3), certain(1, 1, 1, 1, 1)])
    paths = greedy(batch, np.array([3, 1]))
    assert [text_of(path) for path in paths] == ["ab", "a"]
    assert paths[1].last.tolist() == [0]


def test_strips_do_not_run_into_each_other():
    paths = greedy(np.stack([certain(0, 1), certain(1, 2)]))
    assert [text_of(path) for path in paths] == ["a", "ab"]


def test_confidence_is_that_of_the_best_column_of_the_run():
    columns = np.concatenate([certain(1, probability=0.6), certain(1, probability=0.95), certain(0)])
    (path,) = greedy(columns[None])
    assert path.confidence == pytest.approx([0.95], abs=1e-4)


def test_temperature_softens_confidence_but_not_the_text():
    columns = certain(1, 0, 2)[None]
    (sharp,), (soft,) = greedy(columns), greedy(columns, temperature=2.0)
    assert text_of(soft) == text_of(sharp)
    assert (soft.confidence < sharp.confidence).all()
    expected = 0.9**0.5 / (0.9**0.5 + 4 * 0.025**0.5)
    assert soft.confidence == pytest.approx([expected] * 2, abs=1e-4)


def test_forbidden_characters_give_way_to_the_next_best():
    columns = np.log(np.array([[0.05, 0.6, 0.3, 0.04, 0.01]], np.float32))  # a, then b
    allowed = allowed_classes(ALPHABET, "bc?")
    (path,) = greedy(columns[None], allowed=allowed)
    assert text_of(path) == "b"
    assert path.confidence == pytest.approx([0.3 / 0.39], abs=1e-3), "among what is allowed"


def test_a_character_lasts_until_shortly_before_the_next():
    (path,) = greedy(certain(0, 1, 0, 0, 0, 0, 2, 2, 0)[None])
    (a_start, a_end), (b_start, b_end) = path.spans()
    assert (a_start, b_end) == (0, 9), "the ends of the strip are near"
    assert a_end == b_start
    assert 4 < a_end < 6


def test_wide_margins_are_no_part_of_the_text():
    (path,) = greedy(certain(*[0] * 20, 1, 0, 2, 0, 3, *[0] * 20)[None])
    spans = path.spans()
    assert 18 < spans[0, 0] < 21
    assert 25 < spans[-1, 1] < 28


def test_a_lone_character_spans_the_strip_around_it():
    (path,) = greedy(certain(0, 0, 1, 0, 0)[None])
    assert path.spans().tolist() == [[0.0, 5.0]]


log_probabilities = arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(1, 12), st.just(ALPHABET.ctc_classes)),
    elements=st.floats(-20, 0, width=32),
)


def probabilities(*columns: dict[int, float]) -> np.ndarray:
    """Log-probabilities (1, T, C): of each column some classes, the blank has the rest."""
    strip = np.full((1, len(columns), ALPHABET.ctc_classes), 1e-6, np.float32)
    for column, named in zip(strip[0], columns, strict=True):
        column[0] = 1 - sum(named.values())
        for name, share in named.items():
            column[name] = share
    return np.log(strip)


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ([{1: 0.9}, {2: 0.4}, {2: 0.45}, {3: 0.9}], "abc"),  # at either column, 0.67 together
        ([{1: 0.9}, {2: 0.2}, {2: 0.25}, {3: 0.9}], "ac"),  # 0.4 together
        ([{1: 0.9}, {2: 0.4}, {}, {2: 0.4}, {3: 0.9}], "ac"),  # far from each other
        ([{1: 0.9}, {2: 0.3, 3: 0.15}, {2: 0.15, 3: 0.3}, {}], "a"),  # torn between two characters
        ([{1: 0.9}, {1: 0.4}, {1: 0.4}, {3: 0.9}], "ac"),  # the end of the one before
        ([{1: 0.9}, {3: 0.4}, {3: 0.4}, {3: 0.9}], "ac"),  # the beginning of the one after
        ([{1: 0.45}, {1: 0.4}], "a"),
    ],
)
def test_a_character_split_between_two_columns_is_named(columns, text):
    (path,) = greedy(probabilities(*columns))
    assert text_of(path) == text


def test_a_split_character_stands_at_the_likelier_column():
    (path,) = greedy(probabilities({1: 0.9}, {2: 0.4}, {2: 0.45}, {3: 0.9}))
    assert path.first.tolist() == [0, 2, 3]
    assert path.confidence[1] == pytest.approx(0.45, abs=1e-3)


def test_what_is_split_with_the_padding_is_not_named():
    (path,) = greedy(probabilities({1: 0.9}, {}, {2: 0.4}, {2: 0.45}), np.array([3]))
    assert text_of(path) == "a"


@given(log_probabilities)
def test_agrees_with_the_definition_where_nothing_is_split(batch):
    for path, strip in zip(greedy(batch), batch, strict=True):
        expected = plain_decode(strip)
        blank = strip.argmax(-1) == 0
        if not (blank[1:] & blank[:-1]).any():
            assert path.classes.tolist() == expected
        rest = iter(path.classes.tolist())
        assert all(name in rest for name in expected)  # in this order, perhaps with others between


@given(log_probabilities, st.data())
def test_a_padded_strip_reads_as_it_does_alone(batch, data):
    lengths = np.array([data.draw(st.integers(1, batch.shape[1])) for _ in batch])
    for path, strip, length in zip(greedy(batch, lengths), batch, lengths, strict=True):
        (alone,) = greedy(strip[None, :length])
        assert path.classes.tolist() == alone.classes.tolist()
        assert np.array_equal(path.spans(), alone.spans())
        assert np.allclose(path.confidence, alone.confidence)


@given(log_probabilities)
def test_spans_are_ordered_and_inside_the_strip(batch):
    for path in greedy(batch):
        spans = path.spans()
        assert ((spans >= 0) & (spans <= batch.shape[1])).all()
        assert (spans[:, 0] < spans[:, 1]).all()
        assert (spans[1:, 0] >= spans[:-1, 1]).all()
        assert ((path.confidence > 0) & (path.confidence <= 1 + 1e-6)).all()

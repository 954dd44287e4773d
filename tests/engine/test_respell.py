"""Respelling: which words of a reading a lexicon changes, and which it leaves alone."""

import string
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.alphabet import CTC_BLANK, Alphabet
from ocrcli.engine.ctc import greedy
from ocrcli.engine.lexicon import Lexicon
from ocrcli.engine.reading import CharSpan, Lattice, as_reading
from ocrcli.engine.respell import OF_PAGES, OF_WORDS, Speller

ALPHABET = Alphabet(" " + string.ascii_letters + string.digits + string.punctuation + "’é")
PITCH = 4.0  # pixels a column
COLUMNS = 3  # of each character, of which the first is its own
WORDS = ["hotel", "grand", "well", "known", "tea", "don't", "McDonald"]


def reading_of(*places: str, doubt: float = 0.3, factor: float = 1.0):
    """What a strip says in which each place shows a character, or is in doubt between several.

    All but the first of a place share the probability ``doubt``, the first has nearly all the rest.
    """
    columns = np.full((COLUMNS * len(places), ALPHABET.ctc_classes), 1e-7)
    columns[:, CTC_BLANK] = 1.0
    for i, choices in enumerate(places):
        column = columns[COLUMNS * i]
        column[CTC_BLANK] = 1e-4
        others = len(choices) - 1
        shares = [1 - doubt, *[doubt / others] * others] if others else [1.0]
        for character, share in zip(choices, shares, strict=True):
            column[ALPHABET.index(character) + 1] = share
    log_probs = np.log(columns / columns.sum(1, keepdims=True)).astype(np.float32)
    (path,) = greedy(log_probs[None])
    pitch = PITCH * factor
    spans = (path.spans() * pitch).tolist()
    chars = tuple(
        CharSpan(ALPHABET.characters[c - 1], float(p), *span)
        for c, p, span in zip(path.classes, path.confidence, spans, strict=True)
    )
    reading = as_reading(chars)
    return type(reading)(reading.text, reading.confidence, chars, Lattice(log_probs, pitch))


def respelled(*places: str, doubt: float = 0.3, words=WORDS):
    reading = reading_of(*places, doubt=doubt)
    return Speller(Lexicon(words), ALPHABET).respell(reading, [reading])


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (["h", "o", "t", "e", "1l"], "hotel"),
        (["H", "o", "t", "e", "1l"], "Hotel"),
        (["H", "O", "T", "E", "1L"], "HOTEL"),
        (["(", "h", "o", "t", "e", "1l", ",", '"'], '(hotel,"'),
        (["w", "e", "l", "l", "-", "k", "n", "o", "vw", "n"], "well-known"),
        (["G", "r", "a", "n", "o", "-", "H", "o", "t", "e", "1l"], "Grano-Hotel"),
        (["M", "c", "D", "o", "n", "a", "1l", "d"], "McDonald"),
    ],
)
def test_what_looks_like_a_known_word_becomes_it_in_its_case_and_signs(places, expected):
    assert respelled(*places).text == expected


@pytest.mark.parametrize("text", ["hote1", "H0TEL", "grano", "hofel", "Tee"])
def test_what_is_read_clearly_stays(text):
    assert respelled(*text).text == text


@pytest.mark.parametrize(
    "places",
    [
        ["1", "0", "17", "5"],
        ["$", "4", ".", "98", "9"],
        ["h", "o", "t", "e", "1l", "@", "x", ".", "c", "o"],
        ["w", "w", "w", ".", "h", "o", "t", "e", "1l"],
        ["t", "e", "4a", "7", "2", "1"],
    ],
)
def test_numbers_prices_and_addresses_stay_even_in_doubt(places):
    assert respelled(*places, doubt=0.45).text == "".join(place[0] for place in places)


def test_a_cut_out_word_becomes_the_likeliest_of_many_and_one_of_a_page_stays():
    reading = reading_of("c", "xaou", "t", doubt=0.63)
    known = Lexicon(["cat", "cot", "cut"])
    assert Speller(known, ALPHABET, OF_PAGES).respell(reading, [reading]) == reading
    assert Speller(known, ALPHABET, OF_WORDS).respell(reading, [reading]).text in known


def test_a_known_word_stays_though_another_is_as_likely():
    assert respelled("t", "e", "ae", doubt=0.49, words=["tea", "tee"]).text == "tea"
    assert respelled("D", "o", "n", "’", "t").text == "Don’t"


def test_only_the_word_in_doubt_changes_and_none_moves():
    before = reading_of(*"the grand ", "h", "o", "t", "e", "1l", *" 1st")
    after = respelled(*"the grand ", "h", "o", "t", "e", "1l", *" 1st")
    assert after.text == "the grand hotel 1st"
    for old, new in zip(before.chars, after.chars, strict=True):
        assert (new.start, new.end) == pytest.approx((old.start, old.end), abs=PITCH)
    assert after.chars[:10] == before.chars[:10]
    assert after.chars[15:] == before.chars[15:]


def test_a_word_that_grows_keeps_its_place_and_its_characters_are_in_order():
    reading = reading_of(*"a ", "h", "o", "t", "e", *" b")
    lattice = reading.lattice.log_probs.copy()
    lattice[COLUMNS * 5 + 2, [CTC_BLANK, ALPHABET.index("l") + 1]] = np.log([0.8, 0.2])  # a faint l
    reading = type(reading)(reading.text, reading.confidence, reading.chars, Lattice(lattice, PITCH))
    after = Speller(Lexicon(["hotel"]), ALPHABET).respell(reading, [reading])
    assert after.text == "a hotel b"
    old, new = reading.chars[2:6], after.chars[2:7]
    assert (new[0].start, new[-1].end) == (old[0].start, old[-1].end)
    assert all(char.start < char.end for char in new)
    assert all(one.end <= following.start for one, following in pairwise(new))


def test_a_replaced_word_is_no_less_sure_and_never_surer_than_certain():
    before, after = reading_of(*"hote", "1l"), respelled(*"hote", "1l")
    assert before.confidence <= after.confidence <= 1.0
    assert all(0 <= char.confidence <= 1 for char in after.chars)
    assert after.lattice is None


def test_another_look_at_the_strip_has_a_say():
    first, second = reading_of(*"hofel", doubt=0.0), reading_of(*"hotel", factor=0.5)
    speller = Speller(Lexicon(WORDS), ALPHABET)
    assert speller.respell(first, [first]).text == "hofel"
    assert speller.respell(first, [first, second]).text == "hotel"


def test_words_outside_the_alphabet_are_not_proposed():
    small = Alphabet("hoteab")
    log_probs = np.log(np.full((6, small.ctc_classes), 1 / small.ctc_classes, np.float32))
    chars = tuple(CharSpan(c, 0.2, 8.0 * i, 8.0 * i + 8) for i, c in enumerate("hota"))
    reading = as_reading(chars)
    seen = type(reading)(reading.text, reading.confidence, chars, Lattice(log_probs, PITCH))
    assert Speller(Lexicon(["hotl", "hötb"]), small).respell(reading, [seen]).text == "hota"


def test_an_empty_reading_stays_empty():
    reading = as_reading(())
    assert Speller(Lexicon(WORDS), ALPHABET).respell(reading, [reading]) == reading


@given(
    st.lists(st.text("hotel a1-.é’", min_size=1, max_size=2), min_size=1, max_size=14), st.floats(0.05, 0.6)
)
def test_whatever_is_read_words_stay_words_in_order(places, doubt):
    before = reading_of(*places, doubt=doubt)
    after = Speller(Lexicon(["hotel", "tea", "hat", "la-la"]), ALPHABET).respell(before, [before])
    assert len(after.text.split()) == len(before.text.split())
    assert all(one.start < one.end for one in after.chars)
    assert all(one.end <= following.start + 1e-3 for one, following in pairwise(after.chars))


def test_a_very_long_word_is_no_trouble():
    assert len(respelled(*"abcdefghij" * 12, "1l").text) == 121

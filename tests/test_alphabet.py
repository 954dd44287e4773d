import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.alphabet import CTC_BLANK, EMNIST_BYCLASS, PRINTED_ENGLISH, Alphabet, fold


def test_byclass_is_digits_then_capitals_then_small_letters():
    assert len(EMNIST_BYCLASS) == 62
    assert (EMNIST_BYCLASS[0], EMNIST_BYCLASS[10], EMNIST_BYCLASS[36]) == ("0", "A", "a")


def test_printed_english_starts_with_the_space_and_holds_printable_ascii():
    alphabet = Alphabet(PRINTED_ENGLISH)
    assert PRINTED_ENGLISH[0] == " "
    assert alphabet.covers("".join(map(chr, range(0x20, 0x7F))))
    assert alphabet.covers("“Café” – ½ € …")


def test_a_character_named_twice_is_refused():
    with pytest.raises(ValueError, match="once"):
        Alphabet("abca")


@given(st.text(alphabet=PRINTED_ENGLISH))
def test_encoding_round_trips_and_never_uses_the_blank(text):
    alphabet = Alphabet(PRINTED_ENGLISH)
    classes = alphabet.encode_ctc(text)
    assert CTC_BLANK not in classes
    assert all(0 < i < alphabet.ctc_classes for i in classes)
    assert alphabet.decode_ctc(classes) == text


def test_a_character_outside_the_alphabet_cannot_be_encoded():
    with pytest.raises(KeyError):
        Alphabet("abc").encode_ctc("abd")


def test_fold_makes_lookalikes_one_and_composes_accents():
    assert fold("a\u00a0b\u2011c\u2212d") == "a b-c-d"
    assert fold("e\u0301") == "é"

"""How sure words on a page must be."""

import pytest

from ocrcli.engine.floors import KNOWN, SHORT, UNKNOWN, page_floor
from ocrcli.engine.lexicon import Lexicon


@pytest.mark.parametrize(
    ("word", "floor"),
    [
        ("hotel", KNOWN), ("(Hotel),", KNOWN), ("12.50", KNOWN), ("B-52", KNOWN),
        ("hxtel", UNKNOWN), ("a–z", UNKNOWN), ("O", SHORT), ("Il", SHORT), ("-1-", UNKNOWN), ("7", UNKNOWN),
        ("...", SHORT),
    ],
)  # fmt: skip
def test_what_makes_sense_needs_less(word, floor):
    assert page_floor(Lexicon(["hotel"]))(word) == floor


def test_without_a_lexicon_no_word_is_known():
    assert page_floor(None)("hotel") == UNKNOWN

import numpy as np
import pytest

from ocrcli.engine.ctc import greedy
from ocrcli.engine.reading import CharSpan
from ocrcli.engine.spaces import LIKELY, SURE, with_narrow_spaces

LETTER, GAP, PAPER, INK = 8, 2, 240, 30


def line(text, wide=(), gap=8):
    """A strip of blocks for letters, ``gap`` pixels apart before those in ``wide``; and its characters."""
    strip = np.full((32, 400), PAPER, np.uint8)
    chars, x = [], 10
    for i, char in enumerate(text):
        x += gap if i in wide else GAP
        if char != " ":
            strip[6:26, x : x + LETTER] = INK
        chars.append(CharSpan(char, 0.99, x - 1.0, x + LETTER + 1.0))
        x += LETTER
    return strip[:, : x + 10], chars


def spaced(text, wide=(), gap=8, likely=0.3, at=None):
    strip, chars = line(text, wide, gap)
    probabilities = np.zeros(len(text), np.float32)
    probabilities[list(wide) if at is None else at] = likely
    found = with_narrow_spaces(chars, probabilities, strip)
    return "".join(char.text for char in found), found


def test_a_gap_that_stands_out_where_a_space_is_likely_is_one():
    text, chars = spaced("1kg", [1])
    assert text == "1 kg"
    one, space, k, _ = chars
    assert space.confidence == SURE
    assert one.end == space.start < space.end == k.start
    assert space.end - space.start == 8


@pytest.mark.parametrize(
    ("options"),
    [
        {"text": "1kg", "wide": [1], "likely": LIKELY / 2},  # the network sees none
        {"text": "1kg", "wide": [1], "gap": 3},  # no wider than between letters
        {"text": "1kgs", "wide": [1, 3], "at": [1]},  # as wide as another between letters
        {"text": "no.x", "wide": [3]},  # after a full stop there need not be any
        {"text": "a kgs", "wide": [3], "gap": 5},  # far narrower than the space of the line
        {"text": "", "at": []},
    ],
)
def test_other_gaps_are_none(options):
    assert spaced(**options)[0] == options["text"]


def test_several_at_once():
    assert spaced("perusera", [3, 7])[0] == "per user a"


def test_where_no_ink_is_told_from_paper_nothing_changes():
    strip, chars = line("1kg", [1])
    assert with_narrow_spaces(chars, np.full(3, 0.4), np.full_like(strip, PAPER)) == chars


def test_how_likely_a_space_is_between_two_characters():
    """Classes: blank, a, space. A space at 0.3 between the first two, nothing seen between the others."""
    rows = [(0.1, 0.9, 0), (0.7, 0, 0.3), (0.9, 0, 0.1), (0.1, 0.9, 0), (1, 0, 0), (0, 1, 0), (0.8, 0.1, 0.1)]
    log_probs = np.log(np.array([rows, rows[::-1]], np.float32) + 1e-9)
    first, second = greedy(log_probs, space=2)
    assert first.space == pytest.approx([0, 0.3, 0], abs=1e-6)
    assert second.space == pytest.approx([0, 0, 0.3], abs=1e-6)
    assert greedy(log_probs)[0].space is None

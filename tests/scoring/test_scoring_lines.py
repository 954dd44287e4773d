"""Lines in a running truth: their places, their errors, and what nobody read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.scoring.lines import LineScore, best_match, place_lines, score_lines
from ocrcli.scoring.text import character_errors

TRUTH = """Whether the Solitario Canyon fault is a barrier or a con-
duit will be investigated by pumping from one hole.

Responses are observed in 26 nearby holes."""
LINES = [
    "Whether the Solitario Canyon fault is a barrier or a con-",
    "duit will be investigated by pumping from one hole.",
    "Responses are observed in 26 nearby holes.",
]
short = st.text(alphabet="ab~ c", max_size=12)


def codes(text):
    return np.array([ord(character) for character in text], np.int64)


@settings(deadline=None)
@given(short, short)
def test_best_match_is_the_nearest_part_of_the_text(pattern, text):
    start, end, edits = best_match(codes(pattern), codes(text))
    parts = [text[i:j] for i in range(len(text) + 1) for j in range(i, len(text) + 1)]
    assert edits == min(character_errors(part, pattern) for part in parts)
    assert character_errors(text[start:end], pattern) == edits


def test_lines_in_any_order_are_right():
    assert score_lines(TRUTH, LINES[::-1]) == LineScore(lines=3, characters=150)


def test_wrong_character_counts_in_its_line_alone():
    score = score_lines(TRUTH, [LINES[0].replace("fault", "fauIt"), *LINES[1:]])
    assert (score.edits, score.cer) == (1, 1 / 150)


def test_wild_card_and_typographic_signs_are_folded_as_on_pages():
    assert score_lines("The “~” sign\tis — rare", ['The "§" sign is - rare']).edits == 0


def test_hyphen_at_a_line_end_is_right_where_the_truth_joins_the_word():
    score = score_lines("or a conduit will be", ["or a con-", "duit will be"])
    assert (score.edits, score.missed) == (0, 0)


def test_hyphen_that_was_made_up_is_an_error():
    assert score_lines("or a con duit", ["or a con-", "duit"]).edits == 1


def test_overlooked_line_is_missed_and_no_error():
    score = score_lines(TRUTH, LINES[:2])
    assert (score.edits, score.stray_lines) == (0, 0)
    assert score.missed == len("Responsesareobservedin26nearbyholes.")
    assert score.missed_share == pytest.approx(36 / (108 + 36), abs=0.01)


def test_characters_lost_at_the_end_of_a_line_are_errors():
    score = score_lines(TRUTH, [*LINES[:2], "ponses are observed in 26 nearby ho"])
    assert (score.edits, score.missed) == (len("Res") + len("les."), 0)


def test_noise_counts_whole_as_errors():
    score = score_lines(TRUTH, [*LINES, "|||~vXq§§kk"])
    assert (score.stray_lines, score.stray, score.edits) == (1, 11, 0)
    assert score.cer == 11 / 150
    assert score.placed_cer == 0


def test_speck_read_as_a_digit_has_no_place_besides_the_digit_of_a_line():
    placed = place_lines(TRUTH.replace("\n", " "), ["26", *LINES])
    assert placed[0].stray
    assert not any(line.stray for line in placed[1:])


def test_line_that_was_read_twice_is_an_error():
    score = score_lines(TRUTH, [*LINES, LINES[0]])
    assert (score.stray_lines, score.stray) == (1, len(LINES[0]))


def test_page_without_lines_is_missed_whole():
    score = score_lines(TRUTH, [" "])
    assert (score.lines, score.cer, score.missed_share) == (0, 0.0, 1.0)


def test_sums_are_over_pages():
    first, second = score_lines(TRUTH, LINES), score_lines(TRUTH, [LINES[0].replace("a", "o")])
    assert (first + second).edits == second.edits > 0
    assert (first + second).lines == 4

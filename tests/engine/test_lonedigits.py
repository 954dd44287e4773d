"""Lone letters among numbers are digits; elsewhere they stay what they are."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocrcli.engine.decoding import Decoding
from ocrcli.engine.images import LoadedPage
from ocrcli.engine.lines import Piece
from ocrcli.engine.lonedigits import among_numbers, is_like_digit, may_be_digit
from ocrcli.engine.pipeline import Reader
from ocrcli.engine.reading import CharSpan, as_reading


def piece(text, x, y, width=24, height=20, confidence=0.95):
    quad = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)
    chars = tuple(CharSpan(c, confidence, 8.0 * i, 8.0 * i + 8) for i, c in enumerate(text))
    return Piece(quad, quad, 8 * len(text), as_reading(chars))


@pytest.mark.parametrize(
    ("text", "like"), [("O", True), ("l", True), ("7", True), ("X", False), ("OO", False), ("", False)]
)
def test_what_may_be_a_digit(text, like):
    assert is_like_digit(text) is like


@pytest.mark.parametrize(
    ("text", "confidence", "may_be"),
    [("O", 0.99, True), ("D", 0.99, False), ("D", 0.9, True), ("7", 0.5, False), ("X", 0.5, False)],
)
def test_a_clear_letter_of_another_shape_is_none(text, confidence, may_be):
    assert may_be_digit(piece(text, 0, 0, confidence=confidence).reading) is may_be


@pytest.mark.parametrize(
    ("place", "among"),
    [
        ((112, 100), True),  # under them, right sides in line
        ((100, 100), True),  # left sides in line
        ((170, 70), False),  # beside one of them: the only one of its row
        ((140, 100), False),  # in no column
        ((112, 900), False),  # too far below
    ],
)
def test_a_column(place, among):
    numbers = [piece("40", 100, 10), piece("1,20", 100, 40), piece("$ 5.10", 100, 70)]
    lone = piece("O", *place, width=12)
    assert among_numbers([lone], numbers) == ([lone] if among else [])


def test_a_row_of_ticks():
    ticks = [piece("10", 100, 50), piece("20", 200, 51), piece("30", 300, 49)]
    lone = [
        piece("O", 10, 50, width=12),
        piece("O", 10, 80, width=12),
        piece("O", 10, 45, width=24, height=40),
    ]
    assert among_numbers(lone, ticks) == lone[:1]


def test_words_and_doubtful_numbers_do_not_vouch():
    assert not among_numbers([piece("O", 10, 50, 12)], [piece("10", 100, 50), piece("ten", 200, 50)])
    assert not among_numbers(
        [piece("O", 10, 50, 12)], [piece("10", 100, 50), piece("20", 200, 50, confidence=0.5)]
    )
    assert not among_numbers([], [piece("10", 100, 50), piece("20", 200, 50)])


def test_a_number_does_not_vouch_for_itself():
    numbers = [piece("1", 100, 50, 12), piece("20", 200, 50)]
    assert not among_numbers(numbers[:1], numbers)


def test_zeros_at_the_ends_of_axes_are_read():
    picture = Image.new("RGB", (640, 420), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(18)
    for i, tick in enumerate(["80", "60", "40", "20", "0"]):
        pen.text((60, 40 + 70 * i), tick, "black", font, "ra")
    for i, tick in enumerate(["0", "10", "20", "30", "40", "50"]):
        pen.text((80 + 100 * i, 350), tick, "black", font, "ma")
    pen.line((70, 40, 70, 335, 600, 335), "black")
    page = LoadedPage("chart", 1, np.asarray(picture))
    reader = Reader(threads=1)
    ticks = ["80", "60", "40", "20", "0", "0", "10", "20", "30", "40", "50"]
    assert reader.read_page(page, "page").text.split() == ticks
    allowed = reader.read_page(page, "page", Decoding(allow="12345678")).text
    assert "0" not in allowed

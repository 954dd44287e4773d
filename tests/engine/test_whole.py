import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocrcli.engine.whole import is_blank, is_strip, to_grey, to_strip, whole_strips, without_colour


def typed(text, size=28, width=400, height=None, ink=0, paper=255):
    height = height or int(size * 1.4) * text.count("\n") + int(size * 1.5)
    image = Image.new("L", (width, height), paper)
    ImageDraw.Draw(image).multiline_text((8, 4), text, fill=ink, font=ImageFont.load_default(size))
    return np.asarray(image)


def test_grey_is_luma():
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert to_grey(pixels).tolist() == [[76, 150, 29]]


def test_a_picture_without_colour_is_one_plane():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    pixels = np.repeat(grey[..., None], 3, axis=2)
    for plane in without_colour(pixels):
        assert (plane == grey).all() and plane.flags.c_contiguous
    assert (to_grey(pixels) == grey).all()  # luma says the same
    pixels[3, 5, 2] ^= 255
    same, luma = without_colour(pixels)
    assert same is pixels and (luma == to_grey(pixels)).all()


@pytest.mark.parametrize(
    ("shape", "expected"), [((64, 200), (32, 100)), ((16, 40), (32, 80)), ((900, 3), (32, 8))]
)
def test_a_strip_keeps_the_aspect(shape, expected):
    assert to_strip(np.zeros(shape, np.uint8), 32).shape == expected


def test_a_strip_of_absurd_aspect_is_squeezed():
    assert to_strip(np.zeros((4, 60_000), np.uint8), 32).shape[1] <= 65_536


@pytest.mark.parametrize("shape", [(1, 1), (3, 20_000), (2_000, 3), (300, 300)])
def test_paper_is_blank(shape):
    assert is_blank(np.full(shape, 230, np.uint8))


def test_faint_noise_is_blank_and_faint_text_is_not():
    noise = np.random.default_rng(0).integers(240, 250, (300, 300), np.uint8)
    assert is_blank(noise)
    assert not is_blank(typed("faint", ink=215, paper=240))


@pytest.mark.parametrize("ink", [0, 255])
@pytest.mark.parametrize("text", ["Hello", "in", "Äiï!", "a whole line of text, with i and j"])
def test_a_word_or_line_is_a_strip(text, ink):
    assert is_strip(typed(text, ink=ink, paper=255 - ink, width=600))


def test_a_long_line_is_a_strip_though_it_is_high():
    assert is_strip(typed("one very long line of type", size=80, width=1600, height=110))


def test_two_small_lines_are_no_strip():
    assert not is_strip(typed("first line\nsecond line", size=16, height=60))


def test_a_page_is_no_strip():
    assert not is_strip(typed("some\nmore\nlines", size=40, width=300))
    assert not is_strip(typed("big", size=100, width=300))


def test_a_wide_image_is_shown_as_it_stands_only():
    (strip,) = whole_strips(np.zeros((20, 50), np.uint8))
    assert strip.quad.tolist() == [[0, 0], [50, 0], [50, 20], [0, 20]]


@pytest.mark.parametrize("quarters", [1, 2])
def test_a_tall_image_is_shown_turned_with_corners_in_reading_direction(quarters):
    tall = np.zeros((90, 30), np.uint8)
    strip = list(whole_strips(tall))[quarters]
    assert strip.pixels.shape == (32, 96)
    (x0, y0), (x1, y1) = strip.quad[:2]
    # Text that runs down begins at the top right corner, text that runs up at the bottom left.
    assert [(x0, y0), (x1, y1)] == ([(30, 0), (30, 90)] if quarters == 1 else [(0, 90), (0, 0)])


def test_a_word_that_runs_down_is_turned_upright():
    word = typed("Word", width=110)
    down = np.rot90(word, -1)  # clockwise: its top is at the right
    strips = list(whole_strips(np.ascontiguousarray(down)))
    np.testing.assert_array_equal(strips[1].pixels, to_strip(word))

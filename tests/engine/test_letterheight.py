import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ocrcli.engine.letterheight import component_heights, letter_height, small_print
from ocrcli.engine.scale import LETTERS, MOST_REDUCED, MOST_TILED, enlargement, reduction

WORDS = "nine men run across a narrow river now, one or two saw us on our way as we rowed"


def page(size=24, paper=250, ink=20, lines=40):
    """Lines of small letters, at least, on a page as large as a sheet at 150 dpi."""
    image = Image.new("L", (1240, 1754), paper)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    for i in range(lines):
        draw.text((40, 40 + i * 1.7 * size), WORDS, ink, font)
    return image


def x_height(size):
    box = ImageFont.load_default(size).getbbox("x")
    return box[3] - box[1]


def height_of_x(image):
    return letter_height(component_heights(np.asarray(image)))


@pytest.mark.parametrize("size", [16, 24, 32])
@pytest.mark.parametrize(("paper", "ink"), [(250, 20), (20, 240), (200, 120)])
def test_the_height_of_an_x_of_clear_print(size, paper, ink):
    found = height_of_x(page(size, paper, ink))
    assert found == pytest.approx(x_height(size), abs=1.5)


def test_the_smaller_of_two_sizes_counts():
    image = page(32, lines=16)
    image.paste(page(16).crop((0, 0, 1240, 900)), (0, 880))
    found = height_of_x(image)
    assert found is None or found == pytest.approx(x_height(16), abs=1.5)


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (1240, 1754), 250),
        page(lines=2),  # too few
        page(paper=200, ink=180),  # too faint
        page().filter(ImageFilter.GaussianBlur(8)),
        Image.effect_noise((1240, 1754), 80),
        Image.new("L", (3, 2), 250),
        Image.linear_gradient("L"),
    ],
)
def test_no_clear_print_no_height(image):
    assert height_of_x(image) is None


def test_pages_shrink_as_far_as_their_letters_allow():
    assert reduction(None, 1.0) == 1
    assert reduction(LETTERS, 1.0) == 1
    assert reduction(LETTERS / 2, 1.0) == 1  # never enlarged
    assert reduction(LETTERS * 1.25, 1.0) == pytest.approx(0.8)
    assert reduction(LETTERS * 2.5, 0.5) == pytest.approx(0.8)
    assert reduction(LETTERS * 20, 1.0) == MOST_REDUCED


def test_print_is_small_where_most_letters_are_low():
    heights = component_heights(np.asarray(page(16)))
    assert small_print(heights, 2 * x_height(16)) == pytest.approx(x_height(16), abs=1.5)
    assert small_print(heights, x_height(16) - 2) is None


def test_a_large_heading_does_not_hide_small_print():
    image = page(16)
    image.paste(page(60, lines=4).crop((0, 0, 1240, 500)), (0, 0))
    assert small_print(component_heights(np.asarray(image)), 16) == pytest.approx(x_height(16), abs=1.5)


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (1240, 1754), 250),
        page(16, lines=1),  # too few
        page(32),  # large
        Image.effect_noise((1240, 1754), 80),
        Image.effect_noise((620, 877), 80).resize((1240, 1754)),
    ],
)
def test_no_small_print_in_what_has_none(image):
    assert small_print(component_heights(np.asarray(image)), 12) is None


def test_pages_of_small_print_grow_as_far_as_it_asks():
    assert enlargement(LETTERS, 0.5, 1000) == 2
    assert enlargement(LETTERS * 2, 0.4, 1000) == pytest.approx(1.25)
    assert enlargement(LETTERS / 2, 0.5, 1000) == 2  # never beyond their own size
    assert enlargement(LETTERS * 4, 0.5, 1000) == 1  # nor smaller than they were
    assert enlargement(LETTERS, 0.1, 4 * MOST_TILED) == pytest.approx(5)

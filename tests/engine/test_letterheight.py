import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ocrcli.engine.letterheight import letter_height
from ocrcli.engine.scale import LETTERS, MOST_REDUCED, reduction

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


@pytest.mark.parametrize("size", [16, 24, 32])
@pytest.mark.parametrize(("paper", "ink"), [(250, 20), (20, 240), (200, 120)])
def test_the_height_of_an_x_of_clear_print(size, paper, ink):
    found = letter_height(np.asarray(page(size, paper, ink)))
    assert found == pytest.approx(x_height(size), abs=1.5)


def test_the_smaller_of_two_sizes_counts():
    image = page(32, lines=16)
    image.paste(page(16).crop((0, 0, 1240, 900)), (0, 880))
    found = letter_height(np.asarray(image))
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
    assert letter_height(np.asarray(image)) is None


def test_pages_shrink_as_far_as_their_letters_allow():
    assert reduction(None, 1.0) == 1
    assert reduction(LETTERS, 1.0) == 1
    assert reduction(LETTERS / 2, 1.0) == 1  # never enlarged
    assert reduction(LETTERS * 1.25, 1.0) == pytest.approx(0.8)
    assert reduction(LETTERS * 2.5, 0.5) == pytest.approx(0.8)
    assert reduction(LETTERS * 20, 1.0) == MOST_REDUCED

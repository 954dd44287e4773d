import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ocrcli.engine.charnorm import looks_normal, normalise, normalise_batch

LETTERS = "Aghij5RQ"
rng = np.random.default_rng(7)


def drawn(character: str, size: int = 120, canvas: tuple[int, int] = (300, 300), at=None) -> np.ndarray:
    image = Image.new("L", canvas, 255)
    place = at or (canvas[0] // 2, canvas[1] // 2)
    ImageDraw.Draw(image).text(place, character, fill=0, font=ImageFont.load_default(size), anchor="mm")
    return np.asarray(image)


def lit(picture: np.ndarray, light: np.ndarray, ink: float = 0.3, noise: float = 3.0) -> np.ndarray:
    """The black-on-white picture as a photo: paper of the given light, ink that reflects a share of it."""
    share = picture / 255 * (1 - ink) + ink
    return np.clip(light * share + rng.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of two pictures."""
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize("character", LETTERS)
def test_result_is_emnists_box_with_light_ink(character):
    picture = normalise(drawn(character))
    ink = picture >= 16
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    assert picture.shape == (28, 28) and picture.dtype == np.uint8 and picture.max() == 255
    assert 22 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 26
    assert abs(rows[0] + rows[-1] - 27) <= 1 and abs(columns[0] + columns[-1] - 27) <= 1
    assert looks_normal(picture[None])[0]


@pytest.mark.parametrize("character", LETTERS)
def test_polarity_size_and_place_do_not_matter(character):
    expected = normalise(drawn(character))
    assert likeness(expected, normalise(255 - drawn(character))) > 0.99
    assert likeness(expected, normalise(drawn(character, 700, (1500, 2000)))) > 0.95
    assert likeness(expected, normalise(drawn(character, 120, (300, 300), (75, 220)))) > 0.97
    assert likeness(expected, normalise(drawn(character, 40, (900, 60)))) > 0.93
    assert likeness(expected, normalise(drawn(character, 24, (400, 400), (40, 350)))) > 0.85


@pytest.mark.parametrize("character", LETTERS)
def test_close_crop_of_a_letter(character):
    whole = drawn(character)
    rows, columns = np.nonzero(whole < 128)
    crop = whole[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert likeness(normalise(whole), normalise(crop)) > 0.93


def test_orientation_stays_upright():
    image = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(image)
    draw.line([(60, 30), (60, 170)], fill=0, width=14)  # the stem of an L …
    draw.line([(60, 170), (150, 170)], fill=0, width=14)  # … and its foot, to the right
    picture = normalise(np.asarray(image)).astype(int)
    assert picture[:, :10].sum() > 2 * picture[:, 18:].sum()
    assert picture[20:].sum() > picture[:8].sum()


@pytest.mark.parametrize("character", LETTERS)
def test_uneven_light_and_shadows_come_off(character):
    picture = drawn(character)
    expected = normalise(picture)
    ramp = np.linspace(80, 230, 300) * np.ones((300, 1))
    assert likeness(expected, normalise(lit(picture, ramp))) > 0.95
    assert likeness(expected, normalise(lit(picture, ramp.T[::-1], ink=0.55))) > 0.9
    x, y = np.meshgrid(np.arange(300), np.arange(300))
    shade = Image.fromarray(np.where(x + 0.5 * y < 180, 100, 210).astype(np.uint8))
    shadow = np.asarray(shade.filter(ImageFilter.GaussianBlur(8)), float)
    assert likeness(expected, normalise(lit(picture, shadow))) > 0.9


def test_dots_stay_and_specks_go():
    image = drawn("i").copy()
    assert normalise(image)[:5].max() > 200  # the dot
    image[rng.random(image.shape) < 0.002] = 0
    image[5:12, 280:287] = 0  # a larger one, far off
    assert likeness(normalise(drawn("i")), normalise(image)) > 0.95


@pytest.mark.parametrize("width", [1, 2, 5, 16])
def test_fine_lines_do_not_fade(width):
    image = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(image).line([(60, 250), (150, 50), (240, 250)], fill=0, width=width)
    picture = normalise(np.asarray(image))
    assert picture.max() == 255
    assert (picture > 128).any(1)[3:25].all()  # unbroken from top to bottom


def test_what_is_emnist_already_passes_unchanged():
    picture = normalise(drawn("R"))
    assert (normalise(picture) == picture).all()


def test_blank_pictures_hold_nothing():
    ramp = np.linspace(40, 240, 300) * np.ones((300, 1))
    white = np.full((300, 300), 255, np.uint8)
    blanks = [
        white,
        np.zeros((28, 28), np.uint8),
        np.zeros((1, 1), np.uint8),
        np.full((1, 40), 9, np.uint8),
        ramp.astype(np.uint8),
        lit(white, ramp),
        np.clip(rng.normal(200, 8, (300, 300)), 0, 255).astype(np.uint8),
        np.clip(rng.normal(128, 40, (28, 28)), 0, 255).astype(np.uint8),
    ]
    assert [normalise(blank) for blank in blanks] == [None] * len(blanks)


def test_batch_is_the_same_as_one_by_one():
    pictures = [drawn(c, 20, (28, 28)) for c in LETTERS]
    pictures += [255 - pictures[0], normalise(drawn("B")), np.full((28, 28), 200, np.uint8)]
    batch, inked = normalise_batch(np.stack(pictures))
    assert inked.tolist() == [True] * (len(pictures) - 1) + [False]
    assert not batch[-1].any()
    for one, found in zip(pictures[:-1], batch[:-1], strict=True):
        assert (normalise(one) == found).all()


@pytest.mark.parametrize("character", LETTERS)
def test_dark_corners_of_a_photo_are_neither_ink_nor_paper(character):
    y, x = np.mgrid[-1:1:300j, -1:1:300j]
    corners = lit(drawn(character), 220 - 65 * (x**2 + y**2))
    assert likeness(normalise(drawn(character)), normalise(corners)) > 0.9
    assert normalise(lit(np.full((300, 300), 255), 220 - 65 * (x**2 + y**2))) is None


@pytest.mark.parametrize("character", LETTERS)
def test_lines_of_lined_and_squared_paper_are_no_ink(character):
    paper = np.full((300, 300), 210.0)
    paper[25::50] -= 45
    paper[26::50] -= 45
    lined = lit(drawn(character), paper)
    assert likeness(normalise(drawn(character)), normalise(lined)) > 0.9
    squared = lit(drawn(character), np.minimum(paper, paper.T))
    assert likeness(normalise(drawn(character)), normalise(squared)) > 0.9


def test_bars_of_a_closely_cropped_letter_stay():
    bars = np.full((120, 100), 235, np.uint8)
    for top in (0, 52, 104):  # an E that fills its picture
        bars[top : top + 16] = 20
    bars[:, :16] = 20
    assert (normalise(bars)[:, 20] > 128).sum() >= 6


def test_emnists_picture_in_black_on_white_is_only_inverted():
    picture = normalise(drawn("R"))
    assert (normalise(255 - picture) == picture).all()


def test_faint_and_fine_lines_of_small_pictures_get_emnists_ink():
    fine = np.zeros((28, 28), np.uint8)
    fine[2:26, 8] = fine[25, 8:20] = 170  # an L of one pixel, in EMNIST's box
    fine[10, 12] = 210
    assert looks_normal(fine[None])[0]
    mended = normalise(fine)
    assert (mended[4:24, 7:10].astype(int).sum(1) > 1.8 * 255).all()  # a line two pixels wide …
    assert (mended[4:24, 8] >= 230).all()  # … in full ink
    assert not mended[:, 22:].any()
    assert (normalise_batch(np.stack([fine, fine]))[0] == mended).all()
    assert likeness(normalise(mended), mended) > 0.99  # once is enough


@pytest.mark.parametrize("side", range(4))
def test_rim_of_the_table_beside_the_paper_is_no_ink(side):
    rim = np.rot90(drawn("S"), side).copy()
    rim[:, :18] = 40
    found = normalise(np.rot90(rim, -side))
    assert likeness(normalise(drawn("S")), found) > 0.97


def test_full_stop_beside_the_foot_goes_and_the_dot_above_stays():
    letter = drawn("L")
    rows, columns = np.nonzero(letter < 128)
    stop = letter.copy()
    stop[rows.max() - 14 : rows.max(), columns.max() + 18 : columns.max() + 32] = 0
    assert likeness(normalise(letter), normalise(stop)) > 0.99
    assert normalise(drawn("j"))[:5].max() > 200


def test_dot_of_a_fine_i_stays_under_a_shadow():
    image = Image.new("L", (400, 400), 255)
    pen = ImageDraw.Draw(image)
    pen.line([(200, 160), (200, 320)], fill=0, width=3)
    pen.line([(200, 100), (202, 107)], fill=0, width=3)
    light = np.linspace(120, 215, 400) * np.ones((400, 1))
    assert normalise(lit(np.asarray(image), light, ink=0.5))[:5].max() > 80

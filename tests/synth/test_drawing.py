"""Drawing, geometry and damage, one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from ocrcli.synth import degrade
from ocrcli.synth.backgrounds import Backgrounds, smooth_field, texture
from ocrcli.synth.compose import Layout, draw, paint, shifted, thicken, visibility
from ocrcli.synth.fonts import open_face
from ocrcli.synth.geometry import View, bend, corners, extent, homography, project, warp
from ocrcli.synth.paper import dot_matrix, paper_image, screen_image
from ocrcli.synth.scene import scene_image
from ocrcli.synth.sheet import contact_sheet


@pytest.fixture(scope="module")
def face(fonts):
    return fonts.faces[0]


@pytest.fixture
def mask(face):
    drawing = draw(face, "Hamburg 12", Layout(32))
    return np.asarray(drawing.mask)


def width(drawing):
    return drawing.ink[2] - drawing.ink[0]


def test_ink_box_encloses_the_text_alone(face):
    alone = draw(face, "word", Layout(32))
    crowd = draw(face, "word", Layout(32, neighbours=(0.3, 0.6), before="x", after="y", underline=0.2))
    assert crowd.ink == alone.ink
    assert np.asarray(crowd.mask).sum() > np.asarray(alone.mask).sum()
    left, top, right, bottom = alone.ink
    assert np.asarray(alone.mask)[top:bottom, left:right].sum() == np.asarray(alone.mask).sum()


def test_plain_text_is_what_pillow_draws(face):
    drawing = draw(face, "Hamburg 12", Layout(32))
    pen = ImageDraw.Draw(expected := Image.new("L", drawing.mask.size))
    pad = round(Layout(32).margin * 32)
    pen.text((pad, drawing.baseline), "Hamburg 12", 255, open_face(face.path, face.index, 32), "ls")
    assert (np.asarray(drawing.mask) == np.asarray(expected)).all()


def test_no_end_of_wide_text_is_cut_off(face):
    for text in ("M" * 38 + "  W", "M" * 42 + "  W", "i"):  # wider than the guess, which ends between words
        pen = ImageDraw.Draw(sheet := Image.new("L", (1400, 90)))
        pen.text((50, 60), text, 255, open_face(face.path, face.index, 32), "ls")
        left, _, right, _ = sheet.getbbox()
        assert width(draw(face, text, Layout(32, margin=0))) == right - left


def test_letters_can_be_set_apart(face):
    plain, wide = draw(face, "word", Layout(32)), draw(face, "word", Layout(32, spacing=0.3))
    assert width(wide) == pytest.approx(width(plain) + 3 * 0.3 * 32, abs=4)


def test_a_column_gap_widens_one_space(face):
    plain, table = draw(face, "a b c", Layout(32)), draw(face, "a b c", Layout(32, columns=((1, 2.0),)))
    assert width(table) == pytest.approx(width(plain) + 64, abs=4)


def test_letter_spacing_never_closes_a_word_gap(face):
    columns = np.asarray(draw(face, "in in", Layout(40, spacing=-0.06, gap=-0.3)).mask).max(0) > 60
    ink = np.flatnonzero(columns)
    assert np.diff(ink).max() >= 0.15 * 40


def test_second_face_and_jitter_keep_the_text_drawable(face):
    layout = Layout(32, second=face, switch=2, jitter=(0.05, -0.05))
    assert draw(face, "ab cd", layout) is not None


def test_blank_text_draws_nothing(face):
    assert draw(face, "   ", Layout(32)) is None


@settings(deadline=None, max_examples=40)
@given(
    st.floats(-20, 20), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4), st.floats(-0.3, 0.3), st.floats(0.7, 1.4)
)
def test_a_view_can_be_undone(rotation, shear, px, py, stretch):
    matrix = homography(View(rotation, shear, (px, py), stretch), 120, 40)
    points = corners(5, 4, 110, 36)
    assert np.allclose(project(np.linalg.inv(matrix), project(matrix, points)), points, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.floats(-40, 40), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4), st.floats(-0.3, 0.3))
def test_an_extent_encloses_the_corners(rotation, shear, px, py):
    matrix = homography(View(rotation, shear, (px, py)), 120, 40)
    quad = project(matrix, corners(5, 4, 110, 36))
    assert np.allclose(extent(matrix, (5, 4, 110, 36)), [*quad.min(0), *quad.max(0)])


def test_warp_without_a_view_is_a_crop(mask):
    height, width_ = mask.shape
    matrix = homography(View(), width_, height)
    box = (-width_ / 2 + 3, -height / 2 + 2, width_ / 2 - 5, height / 2 - 4)
    seen = np.asarray(warp(Image.fromarray(mask), matrix, box, 1.0))
    assert seen.shape == (height - 6, width_ - 8)
    assert np.abs(seen.astype(int) - mask[2:-4, 3:-5]).mean() < 2


def test_bend_moves_columns_and_loses_no_ink(mask):
    padded = np.pad(mask, ((12, 12), (0, 0)))
    bent = bend(padded, 8, 0.0, 0.5)
    assert (bent.sum(0) == padded.sum(0)).all()
    assert not (bent == padded).all()


def test_shift_and_thicken(mask):
    assert (shifted(mask, 2, 1)[1:, 2:] == mask[:-1, :-2]).all()
    assert shifted(mask, 10_000, 0).sum() == 0
    for radius in (1, 2):
        grown = Image.fromarray(mask).filter(ImageFilter.MaxFilter(2 * radius + 1))
        assert (thicken(mask, radius) == np.asarray(grown)).all()


def test_paint_mixes_ink_and_paper(mask):
    canvas = np.full(mask.shape, 200, np.float32)
    image = paint(canvas, mask, 20)
    assert image[mask == 255] == pytest.approx(20)
    assert image[mask == 0] == pytest.approx(200)
    assert visibility(image, mask) > 0.99
    assert visibility(canvas + np.arange(mask.shape[1], dtype=np.float32), mask) < 0.3


DAMAGES = {
    "blur": lambda rng, image: degrade.blur(image, 1.5),
    "motion": lambda rng, image: degrade.motion_blur(image, 5, 1),
    "noise": lambda rng, image: degrade.noise(rng, image, 10),
    "jpeg": lambda rng, image: degrade.jpeg(image, 20),
    "light": lambda rng, image: degrade.uneven_light(rng, image, 0.4),
    "contrast": lambda rng, image: degrade.contrast(image, 2.5, 128),
    "speckle": lambda rng, image: degrade.speckle(rng, image, 0.01, 0),
    "low resolution": lambda rng, image: degrade.low_resolution(rng, image, 12),
    "threshold": lambda rng, image: degrade.binarise(image, 128),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_changes_the_picture_but_not_its_form(name, mask, rng):
    image = paint(np.full(mask.shape, 220, np.float32), mask, 30)
    before = image.copy()
    after = DAMAGES[name](rng, image)
    assert after.shape == image.shape
    assert (image == before).all()  # the input is not written to
    assert np.abs(after - image).max() > 1
    assert visibility(after, mask) > 0.3
    again = DAMAGES[name](np.random.default_rng(7), image)
    assert (again == after).all()


def test_threshold_leaves_two_levels(mask):
    assert set(np.unique(degrade.binarise(255.0 - mask, 100))) == {0, 255}


@pytest.mark.parametrize("look", [paper_image, screen_image, scene_image], ids=lambda f: f.__name__)
def test_looks_keep_the_text_visible(look, mask):
    extra = {"paper_image": (True,), "screen_image": (), "scene_image": (Backgrounds(),)}[look.__name__]
    seen = [visibility(look(np.random.default_rng(i), mask, *extra), mask) for i in range(40)]
    assert np.median(seen) > 0.6


def test_dot_matrix_leaves_gaps_in_strokes(face, rng):
    bar = np.zeros((48, 60), np.uint8)
    bar[8:40, 20:36] = 255
    dots = dot_matrix(rng, bar)
    assert dots.shape == bar.shape
    assert dots[12:36, 22:34].std() > 20  # a bar was solid and is not any more


def test_textures_and_fields_stay_in_range():
    for seed in range(60):
        rng = np.random.default_rng(seed)
        patch = texture(rng, 20, 50)
        assert patch.shape == (20, 50)
        assert patch.min() >= 0
        assert patch.max() <= 255
        assert np.abs(smooth_field(rng, 20, 50, 3)).max() < 2


def test_backgrounds_without_photographs_are_textures(tmp_path, rng, caplog):
    backgrounds = Backgrounds(tmp_path)
    assert "no photographs" in caplog.text
    assert backgrounds.grey(rng, 10, 30).shape == (10, 30)
    assert backgrounds.colour(rng, 10, 30).shape == (10, 30, 3)


def test_contact_sheet_shows_every_sample():
    tiles = [(np.full((32, 50 + i), 10 * i, np.uint8), f"label {i}") for i in range(20)]
    sheet = np.asarray(contact_sheet(tiles, width=300))
    assert sheet.shape[1] >= 300
    for pixels, _ in tiles:
        value = int(pixels[0, 0])
        assert (sheet == value).all(2).sum() >= pixels.size


def test_contact_sheet_of_nothing_is_a_picture():
    assert contact_sheet([]).size[0] > 0


def test_digits_set_small_stand_above_or_below_the_line(face):
    plain = draw(face, "x2y", Layout(64))
    raised = draw(face, "x2y", Layout(64, scripts=((1, 2, 0.4),)))
    lowered = draw(face, "x2y", Layout(64, scripts=((1, 2, -0.2),)))
    assert width(raised) == width(lowered) < width(plain)
    letters = draw(face, "xy", Layout(64))
    above = raised.baseline - raised.ink[1]
    assert above > letters.baseline - letters.ink[1] + 10
    assert lowered.baseline - lowered.ink[1] < plain.baseline - plain.ink[1]


def test_the_rest_of_a_text_keeps_its_size(face):
    small = draw(face, "m2 of it", Layout(48, scripts=((1, 2, 0.3),), spacing=0.1))
    assert width(draw(face, "m of it", Layout(48, spacing=0.1))) < width(small)
    assert width(small) < width(draw(face, "m2 of it", Layout(48, spacing=0.1)))

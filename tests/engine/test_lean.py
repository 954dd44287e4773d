"""Pages whose text leans far are set level, and what is read has its place in the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ocrcli.engine import LoadedPage, Reader
from ocrcli.engine.lean import LEAST, lean_of
from ocrcli.engine.straighten import text_angle

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
SIZE = 1000, 800  # height, width


def quads(angles, length=300.0, height=20.0):
    """A line at each of some angles in degrees, counter-clockwise, below each other about the middle."""
    made = []
    for i, angle in enumerate(np.radians(angles)):
        along, across = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
        middle = np.array([400, 500]) + (i - len(angles) / 2) * 2 * height * across
        corners = [(-length, -height), (length, -height), (length, height), (-length, height)]
        made.append([middle + x / 2 * along + y / 2 * across for x, y in corners])
    return np.array(made, np.float32)


@given(st.floats(-44, 315))
def test_lines_are_level_or_stand_on_end_afterwards(angle):
    lean = lean_of(quads([angle] * 14), SIZE)
    off_axis = abs((angle + 45) % 90 - 45)
    if off_axis < LEAST - 0.01:
        assert lean is None
    elif off_axis > LEAST + 0.01:
        assert lean is not None
        assert (lean.angle - angle + 90) % 180 - 90 == pytest.approx(0, abs=0.01)


def test_where_lines_break_up_the_long_thin_pieces_tell_the_angle():
    whole, merged = quads([50.0] * 9), quads([66.0] * 4, 220, 90)
    up, down = quads([-42.0] * 2, 60), quads([0.0] * 4, 25)
    lean = lean_of(np.concatenate([whole, merged, up, down]), SIZE)
    assert lean is not None
    assert lean.angle == pytest.approx(50, abs=3)


def test_lines_that_run_up_and_down_at_half_a_right_angle_are_of_one_page():
    up, down = quads([135.0] * 7), quads([-45.0] * 8)
    lean = lean_of(np.concatenate([up, down]), SIZE)
    assert lean is not None
    assert abs(lean.angle) % 90 == pytest.approx(45, abs=0.1)


def test_few_lines_and_such_that_do_not_lean_alike_stay_as_they_are():
    assert lean_of(quads([]).reshape(-1, 4, 2), SIZE) is None
    assert lean_of(quads([40.0] * 11), SIZE) is None
    assert lean_of(quads(np.linspace(-80, 80, 20)), SIZE) is None
    assert lean_of(quads([0.0] * 10 + [40.0] * 5), SIZE) is None


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("angle", [30.0, -44.0, 110.0, 220.0])
def test_the_picture_is_turned_as_the_places_are(angle, channels):
    lean = lean_of(quads([angle] * 14), SIZE)
    assert lean is not None
    y, x = np.mgrid[:1000, :800] + 0.5
    waves = 127 + 60 * np.sin(x / 17) + 60 * np.cos(y / 23)
    pixels = np.broadcast_to(
        waves.astype(np.uint8).reshape(1000, 800, *[1] * len(channels)), (*SIZE, *channels)
    )
    level = lean.picture(np.ascontiguousarray(pixels))
    assert level.shape == (*lean.size, *channels) and level.dtype == np.uint8
    row, column = np.mgrid[: lean.size[0] : 7, : lean.size[1] : 7]
    source = lean.back(np.stack([column.ravel(), row.ravel()], -1) + 0.5)
    inside = ((source > 2) & (source < (798, 998))).all(1)
    was = np.floor(source[inside]).astype(int)
    found = level[row.ravel()[inside], column.ravel()[inside]].astype(int)
    expected = pixels[was[:, 1], was[:, 0]].astype(int)
    assert inside.sum() > 1000
    assert np.abs(found - expected).max() <= 10  # of waves that change by up to 4 a pixel


def test_nothing_of_the_text_is_cut_off():
    lines = quads([30.0] * 20, length=700)
    lean = lean_of(lines, SIZE)
    assert lean is not None
    height, width = lean.size
    corners = lean.back(np.array([(0, 0), (width, 0), (width, height), (0, height)], float))
    level = np.append(corners, np.ones((4, 1)), axis=1)  # from places in the picture back to the level page
    onto = np.linalg.lstsq(level, np.array([(0, 0), (width, 0), (width, height), (0, height)]), rcond=None)[0]
    inside = ((lines > 0) & (lines < (800, 1000))).all(-1)
    places = np.append(lines[inside], np.ones((inside.sum(), 1)), axis=1) @ onto
    assert inside.sum() > 40
    assert (places > 0).all() and (places < (width, height)).all()


@pytest.mark.parametrize("turned", [40, 130, 225])
def test_the_sample_page_reads_alike_at_any_angle(turned):
    page = Image.open(SAMPLES / "page.png").convert("RGB")
    page = page.crop((0, 0, page.width, 700))
    reader = Reader(threads=1)
    expected = reader.read_page(LoadedPage("page.png", 1, np.asarray(page)), "page")
    lying = page.rotate(turned, Image.Resampling.BICUBIC, expand=True, fillcolor=(90, 80, 70))
    result = reader.read_page(LoadedPage("page.png", 1, np.asarray(lying)), "page")
    words = [word.text for line in expected.lines for word in line.words]
    found = [word.text for line in result.lines for word in line.words]
    assert len(set(words) & set(found)) >= 0.97 * len(set(words))
    assert result.angle == pytest.approx(expected.angle + turned, abs=1)
    places = np.array([line.quad for line in result.lines], np.float32)
    assert text_angle(places) == pytest.approx((turned + 180) % 360 - 180, abs=1)
    assert places.min() > 0 and (places < lying.size).all()

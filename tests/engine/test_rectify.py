"""Strips show the line under the quad, level and whole, whatever the quad."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from ocrcli.engine.rectify import MARGIN, rectify

LINE = np.array([[100, 100], [420, 100], [420, 130], [100, 130]], np.float32)


def page(scale: int = 1) -> Image.Image:
    image = Image.new("L", (600 * scale, 400 * scale), 230)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(22 * scale)
    draw.text((104 * scale, 101 * scale), "Level strips, 1234", fill=20, font=font)
    return image


def turned(points: np.ndarray, degrees: float, centre: tuple[float, float]) -> np.ndarray:
    """Points after ``Image.rotate(degrees)``: counter-clockwise on the screen."""
    angle = np.deg2rad(-degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return ((points - centre) @ matrix.T + centre).astype(np.float32)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    width = min(a.shape[1], b.shape[1])
    return float(np.corrcoef(a[:, :width].ravel().astype(float), b[:, :width].ravel().astype(float))[0, 1])


def test_a_level_line_becomes_a_strip_of_its_aspect() -> None:
    (strip,) = rectify(np.asarray(page().convert("RGB")), LINE[None])
    assert strip.dtype == np.uint8
    assert strip.shape[0] == 32
    grown = 1 + 2 * MARGIN
    assert strip.shape[1] == pytest.approx(32 * (320 + 2 * MARGIN * 30) / (30 * grown), abs=1)
    assert strip.min() < 60 and strip.max() > 220


@pytest.mark.parametrize("degrees", [-35, -8, -2, 3, 12, 45, 90, 180, 270])
def test_a_turned_line_gives_the_same_strip(degrees: float) -> None:
    (level,) = rectify(np.asarray(page()), LINE[None])
    image = page(1).rotate(degrees, Image.Resampling.BICUBIC, expand=False, fillcolor=230)
    quad = turned(LINE, degrees, (300, 200))
    (strip,) = rectify(np.asarray(image), quad[None])
    assert abs(strip.shape[1] - level.shape[1]) <= 1
    assert likeness(level, strip) > 0.9


def test_large_letters_are_reduced_without_aliasing() -> None:
    (small,) = rectify(np.asarray(page(6).reduce(6)), LINE[None])
    (level,) = rectify(np.asarray(page(6)), 6 * LINE[None])
    image = page(6).rotate(5, Image.Resampling.BICUBIC, fillcolor=230)
    (tilted,) = rectify(np.asarray(image), turned(6 * LINE, 5, (1800, 1200))[None])
    assert likeness(small, level) > 0.9
    assert likeness(level, tilted) > 0.95


def test_fine_stripes_become_grey_not_other_stripes() -> None:
    pixels = np.zeros((600, 600), np.uint8)
    pixels[:, ::2] = 255
    quad = np.array([[[50, 100], [550, 110], [546, 310], [46, 300]]], np.float32)
    (strip,) = rectify(pixels, quad)
    assert strip[4:-4, 4:-4].std() < 12


def test_a_perspective_quad_is_made_level() -> None:
    pixels = np.full((300, 600), 255, np.uint8)
    image = Image.fromarray(pixels)
    quad = [(80, 80), (500, 40), (500, 200), (80, 150)]
    draw = ImageDraw.Draw(image)
    draw.polygon(quad, fill=0)
    (strip,) = rectify(np.asarray(image), np.array([quad], np.float32))
    edge = int(np.ceil(32 * MARGIN)) + 2
    assert strip[edge:-edge, edge:-edge].max() < 40  # the whole quad is inside …
    assert strip[0, edge:-edge].min() > 120  # … and its margin outside


def test_what_lies_off_the_page_repeats_its_border() -> None:
    pixels = np.full((100, 200, 3), 170, np.uint8)
    quads = np.array(
        [[[-40, 20], [120, 20], [120, 60], [-40, 60]], [[150, 70], [260, 90], [254, 130], [144, 110]]],
        np.float32,
    )
    for strip in rectify(pixels, quads):
        assert abs(strip.astype(int) - 170).max() <= 2


@settings(max_examples=80, deadline=None)
@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.lists(st.tuples(st.floats(-40, 100), st.floats(-40, 100)), min_size=4, max_size=4),
)
def test_any_quad_gives_a_strip(size: tuple[int, int], corners: list[tuple[float, float]]) -> None:
    (strip,) = rectify(np.full((*size, 3), 90, np.uint8), np.array([corners], np.float32))
    assert strip.shape[0] == 32
    assert strip.shape[1] >= 8
    assert strip.dtype == np.uint8


def test_no_quads_give_no_strips() -> None:
    assert rectify(np.zeros((10, 10, 3), np.uint8), np.zeros((0, 4, 2), np.float32)) == []

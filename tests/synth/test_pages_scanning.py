"""Page-level damage keeps the size of the page and leaves its text where it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocrcli.synth import scanning


def page(mode: str) -> Image.Image:
    image = Image.new(mode, (240, 180), "white")
    pen = ImageDraw.Draw(image)
    for y in range(30, 160, 20):
        pen.line((30, y, 210, y), "black", 4)
    return image


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("treatment", [scanning.scan, scanning.camera, scanning.capture])
def test_treatments_keep_the_size_and_the_contrast_of_text(
    treatment: Callable[..., Image.Image], mode: str
) -> None:
    ink = np.asarray(page("L")) < 128
    for seed in range(30):
        image = treatment(np.random.default_rng(seed), page(mode), 14.0)
        assert image.size == (240, 180)
        grey = np.asarray(image.convert("L"), dtype=float)
        assert abs(grey[ink].mean() - grey[~ink].mean()) > 15


@pytest.mark.parametrize("treatment", [scanning.scan, scanning.camera, scanning.capture])
def test_treatments_are_decided_by_the_generator(treatment: Callable[..., Image.Image]) -> None:
    first, second = (treatment(np.random.default_rng(7), page("RGB"), 14.0) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_threshold_keeps_the_amount_of_ink_of_pale_print() -> None:
    pale = page("L").point([150 + v * 105 // 255 for v in range(256)])
    black = np.asarray(scanning.threshold(np.random.default_rng(1), pale, 0.0)) < 128
    ink = np.asarray(page("L")) < 128
    assert 0.3 * ink.sum() < black.sum() < 2.0 * ink.sum()
    assert (black & ink).sum() > 0.8 * black.sum()


@pytest.mark.parametrize("sigma", [0.3, 0.6, 0.9, 1.6])
def test_blur_spreads_a_point_as_far_as_asked(sigma: float) -> None:
    point = Image.new("L", (31, 31), 0)
    point.putpixel((15, 15), 255)
    spread = np.asarray(scanning.blur(point, sigma), dtype=float)
    offsets = np.arange(31) - 15
    variance = (spread.sum(0) * offsets**2).sum() / spread.sum()
    assert variance == pytest.approx(sigma**2, rel=0.3)


def test_noise_has_the_strength_asked_for() -> None:
    grey = Image.new("L", (300, 300), 128)
    noisy = np.asarray(scanning.add_noise(np.random.default_rng(0), grey, 10.0), dtype=float)
    assert noisy.std() == pytest.approx(10, rel=0.1) and noisy.mean() == pytest.approx(128, abs=1)

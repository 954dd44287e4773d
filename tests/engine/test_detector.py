"""Lines come back from a probability map where they were put, in reading direction."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocrcli.engine.detector import DECODING, LineDetector, to_input
from ocrcli.engine.overlaps import iou
from ocrcli.engine.polygons import Rectangles, quad_sides
from ocrcli.engine.scale import MOST_LONG_SIDE, working_scale
from ocrcli.modelcard import InputContract, ModelCard
from ocrcli.training.detect_targets import LEVELS, draw_targets

# Drawn kernels have all of their mass: there is none to make up for.
EXACT = {**DECODING, "gain": 1.0}
CARD = ModelCard("detect", "none", InputContract(3, None, None, 32), stride=4, decoding=EXACT)


@dataclass
class Drawn:
    """Stands in for a perfect network: the kernels of quads given in network pixels."""

    quads: np.ndarray
    card: ModelCard = CARD
    seen: tuple[int, ...] = ()

    def run(self, array: np.ndarray) -> np.ndarray:
        self.seen = array.shape
        assert array.dtype == np.uint8
        maps = draw_targets(self.quads, np.zeros(len(self.quads), bool), *array.shape[2:])
        return (maps.kernel / LEVELS)[None, None].astype(np.float32)


def line(x: float, y: float, width: float, height: float, turn: float = 0.0) -> np.ndarray:
    return Rectangles(np.array([[x, y]]), np.array([[width, height]]), np.array([turn])).quads()


def found(quads: np.ndarray, height: int = 800, width: int = 1000, scale: float = 1.0) -> np.ndarray:
    pixels = np.full((height, width, 3), 255, np.uint8)
    return LineDetector(Drawn(quads)).detect(pixels, scale).quads


@settings(max_examples=40, deadline=None)
@given(st.floats(12, 120), st.floats(3, 30), st.floats(-0.6, 0.6), st.floats(300, 310), st.floats(300, 310))
def test_a_line_comes_back_from_its_kernel(
    height: float, ratio: float, turn: float, x: float, y: float
) -> None:
    width = min(height * ratio, 500)
    assume(width >= 3 * height)
    truth = line(x, y, width, height, turn)
    quads = found(truth)
    assert len(quads) == 1
    assert iou(truth, quads)[0, 0] > 0.75
    # Each corner is the one of the same name.
    assert np.abs(quads[0] - truth[0]).max() < max(height / 2, 6)


def test_heights_are_right_to_a_fraction_of_a_map_pixel() -> None:
    for height in (14, 17, 20, 23, 29, 41):
        for y in (200, 201, 202, 203):
            quads = found(line(400, y, 500, height))
            assert quad_sides(quads)[0, 1] == pytest.approx(height, rel=0.06)


def test_touching_lines_stay_apart() -> None:
    pitch = 14
    truth = np.concatenate([line(400, 100 + pitch * i, 600, pitch) for i in range(20)])
    quads = found(truth)
    assert len(quads) == 20
    assert iou(truth, quads).max(1).min() > 0.8


def test_the_picture_is_scaled_and_quads_are_scaled_back() -> None:
    network = Drawn(line(200, 100, 300, 20))
    quads = LineDetector(network).detect(np.zeros((800, 1200, 3), np.uint8), 0.5).quads
    assert network.seen == (1, 3, 416, 608)  # half of 800 × 1200, up to multiples of 32
    np.testing.assert_allclose(quads.mean((0, 1)), [400, 200], atol=1)


def test_faint_maps_are_not_lines() -> None:
    detector = LineDetector(Drawn(line(300, 150, 400, 60)))
    certain = detector.model.run(np.zeros((1, 3, 320, 640), np.uint8))[0, 0]
    assert len(detector.decode(certain, (1, 1), (320, 640))) == 1
    assert len(detector.decode(certain * 0.4, (1, 1), (320, 640))) == 0
    assert len(detector.decode(certain * 0, (1, 1), (320, 640))) == 0


def test_the_card_sets_the_thresholds() -> None:
    model = Drawn(line(200, 100, 300, 20))
    model.card = ModelCard("detect", "none", CARD.input, decoding={"box_threshold": 0.2})
    detector = LineDetector(model)
    assert (
        len(detector.decode(model.run(np.zeros((1, 3, 320, 640), np.uint8))[0, 0] * 0.35, (1, 1), (320, 640)))
        == 1
    )


def test_a_cautious_network_is_made_up_for() -> None:
    network = Drawn(line(300, 150, 400, 20))
    map_ = network.run(np.zeros((1, 3, 320, 640), np.uint8))[0, 0] * 0.8
    network.card = ModelCard("detect", "none", CARD.input, decoding={**EXACT, "gain": 1 / 0.8})
    quads = LineDetector(network).decode(map_, (1, 1), (320, 640)).quads
    assert quad_sides(quads)[0, 1] == pytest.approx(20, rel=0.06)


def test_a_digit_is_no_diamond() -> None:
    # The kernel of a digit is a blob of few pixels: its outline may look turned, the digit is not.
    blob = np.zeros((80, 160), np.float32)
    blob[40, 60:63] = blob[39:42, 61] = 1.0
    (quad,) = LineDetector(Drawn(np.zeros((0, 4, 2)))).decode(blob, (1, 1), (320, 640)).quads
    assert quad[0, 1] == pytest.approx(quad[1, 1]) and quad[0, 0] == pytest.approx(quad[3, 0])


def test_a_speck_beside_a_line_does_not_make_it_high() -> None:
    network = Drawn(line(300, 150, 400, 32))
    map_ = network.run(np.zeros((1, 3, 320, 640), np.uint8))[0, 0]
    rows = np.flatnonzero(map_[:, 75])
    map_[rows[-1] + 1 : rows[-1] + 5, 75] = 0.9  # a stroke that hangs down from it
    quads = LineDetector(network).decode(map_, (1, 1), (320, 640)).quads
    assert quad_sides(quads)[0, 1] < 1.25 * 32


def test_quads_stay_on_the_page() -> None:
    quads = found(line(10, 5, 400, 40), 200, 300)
    assert quads.min() >= 0
    assert quads[..., 0].max() <= 300


def test_a_tall_box_among_level_lines_of_its_height_is_a_letter() -> None:
    lines = np.concatenate([line(400, 100 + 50 * i, 500, 30) for i in range(4)])
    quads = found(np.concatenate([lines, line(800, 250, 11, 30)]))
    digit = quads[quads[:, 0, 0].argmax()]
    assert digit[1, 0] > digit[0, 0]  # its top side runs to the right
    assert abs(digit[1, 1] - digit[0, 1]) < 2


def test_a_long_tall_box_is_read_upwards() -> None:
    quads = found(np.concatenate([line(500, 100, 500, 30), line(100, 400, 30, 400)]))
    tall = quads[quads[:, 0, 0].argmin()]
    along = tall[1] - tall[0]
    assert along[1] < -300  # reading runs up the page
    assert (tall[3] - tall[0])[0] > 0  # and the foot of the letters is on the right


def test_on_a_sideways_page_tall_boxes_are_lines() -> None:
    quads = found(np.concatenate([line(100 + 40 * i, 400, 25, 90 + 40 * i) for i in range(10)]))
    sides = quad_sides(quads)
    assert (sides[:, 0] > sides[:, 1]).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 20000), (20000, 3), (31, 33), (40, 6)])
def test_odd_sizes_are_safe(size: tuple[int, int]) -> None:
    network = Drawn(np.zeros((0, 4, 2)))
    assert len(LineDetector(network).detect(np.zeros((*size, 3), np.uint8))) == 0
    assert network.seen[2] % 32 == 0 and network.seen[3] % 32 == 0
    assert network.seen[2] * network.seen[3] < 4_000_000


@settings(deadline=None)
@given(st.integers(1, 60000), st.integers(1, 60000))
def test_working_scale_bounds_the_work(height: int, width: int) -> None:
    scale = working_scale(height, width)
    assert 0 < scale <= 3
    assert height * width * scale**2 < 1.01 * 1728**2 + 10 * 8192
    assert max(height, width) * scale <= MOST_LONG_SIDE + 1


def test_working_scale_of_usual_pages() -> None:
    assert working_scale(3508, 2480) == pytest.approx(1728 / 3508)  # A4 at 300 dpi
    assert working_scale(1754, 1240) == 1  # at 150 dpi: not worth a resize
    assert working_scale(200, 320) == 3  # a small picture is enlarged
    assert working_scale(720, 1280) == pytest.approx(1.35)  # a middling one somewhat
    assert working_scale(4000, 800) > 0.7  # a long receipt keeps its letters readable


def test_padding_has_the_colour_of_the_page() -> None:
    seen = to_input(np.full((40, 50, 3), (10, 120, 240), np.uint8), 1.0)
    assert seen.image.shape == (1, 3, 64, 64)
    assert (seen.image == np.array([10, 120, 240])[None, :, None, None]).all()


def test_a_page_without_colour_is_seen_alike_as_grey_and_as_rgb() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (70, 90), np.uint8)
    coloured = np.repeat(grey[:, :, None], 3, 2)
    for scale in (0.6, 1.0, 1.7):
        from_grey, from_rgb = to_input(grey, scale), to_input(coloured, scale)
        assert from_grey.factors == from_rgb.factors
        assert np.array_equal(from_grey.image, from_rgb.image)
    coloured[35, 41, 1] ^= 255  # a single pixel of colour is not lost
    assert not np.array_equal(to_input(coloured, 1.0).image, to_input(grey, 1.0).image)


def test_pages_side_by_side_take_turns_at_the_network() -> None:
    inside: list[int] = []
    most = 0

    class Slow(Drawn):
        def run(self, array: np.ndarray) -> np.ndarray:
            nonlocal most
            inside.append(1)
            most = max(most, len(inside))
            time.sleep(0.02)
            inside.pop()
            return super().run(array)

    detector = LineDetector(Slow(line(300, 150, 400, 60)))
    pixels = np.zeros((320, 640, 3), np.uint8)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: len(detector.detect(pixels, 1.0).quads), range(8)))
    assert counts == [1] * 8
    assert most == 1

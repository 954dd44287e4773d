"""The maps the detector learns from hold lines apart and never lose one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.engine.polygons import Rectangles, kernel_inset
from ocrcli.training.detect_targets import (
    GAP_WEIGHT,
    LEVELS,
    MIN_KERNEL,
    SHRINK,
    WEIGHT_STEPS,
    Targets,
    draw_targets,
)


def quad(x: float, y: float, width: float, height: float, turn: float = 0.0) -> np.ndarray:
    return Rectangles(np.array([[x, y]]), np.array([[width, height]]), np.array([turn])).quads()


def drawn(*quads: np.ndarray, ignore: list[bool] | None = None) -> Targets:
    lines = np.concatenate(quads) if quads else np.zeros((0, 4, 2))
    return draw_targets(lines, np.array(ignore or [False] * len(lines), bool), 256, 512)


@settings(max_examples=60, deadline=None)
@given(st.floats(6, 100), st.floats(6, 200), st.floats(-3.2, 3.2), st.floats(120, 130), st.floats(250, 260))
def test_the_map_holds_the_area_of_the_kernel(
    height: float, width: float, turn: float, y: float, x: float
) -> None:
    maps = drawn(quad(x, y, width, height, turn))
    sides = np.array([[width, height]]) / 4
    kernel = sides - 2 * kernel_inset(sides, SHRINK, MIN_KERNEL)[:, None]
    # Exact where edges are level; turned ones are approximated at their corners.
    assert maps.kernel.sum() / LEVELS == pytest.approx(kernel.prod(), rel=0.12, abs=0.35)


@settings(max_examples=60, deadline=None)
@given(st.floats(5.1, 12), st.floats(30, 200), st.floats(60, 68))
def test_small_lines_never_vanish(height: float, width: float, y: float) -> None:
    assert drawn(quad(200, y, width, height)).kernel.max() / LEVELS > 0.3


@pytest.mark.parametrize("pitch", [10, 11, 12, 14, 20])
def test_kernels_of_touching_lines_stay_apart(pitch: int) -> None:
    maps = drawn(*(quad(250, 40 + pitch * i, 300, pitch) for i in range(8)))
    column = maps.kernel[:, 60] / LEVELS
    assert np.diff((column > 0.3).astype(int)).clip(0).sum() == 8
    gaps = maps.weight[:, 60][(column < 0.3)]
    assert gaps.max() == GAP_WEIGHT * WEIGHT_STEPS


def test_no_gap_is_heavy_beside_a_single_line() -> None:
    assert drawn(quad(250, 100, 300, 20)).weight.max() == WEIGHT_STEPS


def test_ignored_and_unreadably_small_text_has_no_weight() -> None:
    maps = drawn(
        quad(100, 40, 80, 30), quad(300, 40, 80, 30), quad(200, 120, 80, 4), ignore=[False, True, False]
    )
    assert maps.kernel[10, 25] == LEVELS and maps.weight[10, 25] == WEIGHT_STEPS
    assert maps.kernel[10, 75] == 0 and maps.weight[10, 75] == 0
    assert maps.weight[30, 50] == 0


def test_the_threshold_is_highest_on_the_border() -> None:
    maps = drawn(quad(256, 128, 400, 80))
    column = maps.threshold[:, 64] / LEVELS
    assert column[22] == pytest.approx(0.7, abs=0.05)  # the top edge, at 88 pixels
    assert column[32] == 0 and column[2] == 0  # none in the kernel, none far away
    assert column[19] == pytest.approx(column[24], abs=0.03)  # the same on both sides
    assert (column[column > 0] >= 0.29).all()


def test_mirrored_quads_are_drawn_all_the_same() -> None:
    quads = quad(250, 100, 300, 40)
    np.testing.assert_array_equal(drawn(quads).stack(), drawn(quads[:, [1, 0, 3, 2]]).stack())


def test_lines_off_the_crop_and_degenerate_quads_are_harmless() -> None:
    maps = drawn(quad(-500, 100, 300, 40), quad(250, 100, 0, 0), quad(1000, 1000, 5, 900))
    assert not maps.kernel.any()
    assert drawn().stack().shape == (3, 64, 128)


def test_a_line_across_the_edge_keeps_its_kernel_at_the_edge() -> None:
    maps = drawn(quad(0, 100, 600, 40))
    assert maps.kernel[25, 0] == LEVELS  # no inset where the crop, not the line, ends

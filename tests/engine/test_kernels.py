import numpy as np
import pytest

from ocrcli.engine.kernels import find_kernels

FINE = 8  # samples of a pixel in each direction


def kernels(slopes, length=16, thickness=3.0):
    """A map of short kernels one below the other, each with its slope dy/dx."""
    height, width = 12 * len(slopes) + 12, length + 24
    y, x = np.mgrid[: height * FINE, : width * FINE] / FINE + 0.5 / FINE
    covered = np.zeros(y.shape, bool)
    for i, slope in enumerate(slopes):
        middle = 12 * (i + 1) + slope * (x - width / 2)
        covered |= (np.abs(x - width / 2) < length / 2) & (np.abs(y - middle) < thickness / 2)
    return covered.reshape(height, FINE, width, FINE).mean((1, 3))


def found_slopes(slopes):
    found = find_kernels(kernels(slopes), 0.2, 0.5).rectangles
    assert len(found.angles) == len(slopes)
    return np.tan(found.angles[np.argsort(found.centres[:, 1])])


@pytest.mark.parametrize("slope", [-0.04, 0.015, 0.03])
def test_short_kernels_that_all_lean_lean(slope):
    assert found_slopes([slope] * 24) == pytest.approx(np.full(24, slope), abs=0.004)


def test_halves_of_a_page_lean_on_their_own():
    slopes = [0.0] * 12 + [0.03] * 12
    assert found_slopes(slopes) == pytest.approx(np.array(slopes), abs=0.003)


def test_short_kernels_of_a_level_page_are_level():
    slopes = [0.03, -0.03, 0.0, 0.0] * 6
    assert found_slopes(slopes) == pytest.approx(np.zeros(24), abs=1e-6)

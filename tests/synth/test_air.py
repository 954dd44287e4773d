"""What lies between a sign and the camera."""

import numpy as np
import pytest
from PIL import Image

from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.layouts import air
from ocrcli.synth.layouts.studio import Desk, Studio

SIZE = (300, 200)
LOW, HIGH = np.array([100, 80]), np.array([200, 120])


def desk(seed):
    return Desk(np.random.default_rng(seed), Studio.open(FontLibrary.built_in(), None, (0.3, 0.3)))


def chequered():
    rows, columns = np.indices(SIZE[::-1]) // 4
    return Image.fromarray(np.where((rows + columns) % 2, 230, 30).astype(np.uint8)).convert("RGB")


def seen(seed, height):
    image = chequered()
    air.between(desk(seed), image, LOW, HIGH, height)
    return np.asarray(image).astype(int)


@pytest.mark.parametrize("height", [12.0, 40.0])
def test_only_the_sign_and_its_surroundings_change(height):
    before = np.asarray(chequered()).astype(int)
    changed = [np.abs(seen(seed, height) - before).max(-1) for seed in range(40)]
    assert 10 < sum(one.any() for one in changed) < 40  # neither never nor always
    edge = round(height / 2)
    (x0, y0), (x1, y1) = LOW - edge, HIGH + edge
    for one in changed:
        one[y0:y1, x0:x1] = 0
        assert not one.any()


def test_the_same_dice_bring_the_same_picture():
    assert all((seen(seed, 40.0) == seen(seed, 40.0)).all() for seed in range(5))


def test_small_letters_stay_sharp():
    """Steps between neighbours survive where letters are small; large ones are blurred now and then."""

    def sharpness(height):
        crops = [seen(seed, height)[90:110, 110:190] for seed in range(30)]
        return min(np.abs(np.diff(crop.mean(-1), axis=1)).max() for crop in crops)

    assert sharpness(14.0) > 80
    assert sharpness(60.0) < 60


def test_a_sign_at_the_border_of_the_picture():
    for seed in range(30):
        image = chequered()
        air.between(desk(seed), image, np.array([-5, 150]), np.array([40, 205]), 50.0)
        assert image.size == SIZE

"""A map put together from tiles is the one of the whole page."""

import numpy as np
import pytest

from ocrcli.engine.tiles import MARGIN, MULTIPLE, STRIDE, UNDIVIDED, by_tiles


class Blurred:
    """Stands in for a network: the mean around each map pixel, as far as a tile sees beyond its edge."""

    def __init__(self):
        self.shapes = []

    def __call__(self, image):
        self.shapes.append(image.shape)
        assert image.shape[2] % MULTIPLE == 0 and image.shape[3] % MULTIPLE == 0
        _, _, height, width = image.shape
        cells = image.reshape(3, height // STRIDE, STRIDE, width // STRIDE, STRIDE).mean((0, 2, 4))
        reach = MARGIN // STRIDE
        for axis in (0, 1):
            share = np.zeros_like(cells)
            for step in (-reach, -1, 1, reach):  # what lies beyond the page is the page's edge
                index = np.clip(np.arange(cells.shape[axis]) + step, 0, cells.shape[axis] - 1)
                share += cells.take(index, axis) / 4
            cells = share
        return cells[None, None].astype(np.float32)


@pytest.mark.parametrize(
    ("height", "width"), [(1728, 1728), (2176, 3840), (64, 80_000), (5024, 1600), (2912, 2912)]
)
def test_tiles_give_the_map_of_the_whole(height, width):
    image = np.random.default_rng(0).integers(0, 256, (1, 3, height, width), np.uint8)
    network = Blurred()
    found = by_tiles(network, image)
    assert found.shape == (height // STRIDE, width // STRIDE)
    np.testing.assert_allclose(found, Blurred()(image)[0, 0], rtol=1e-5)
    assert len(network.shapes) == 1 if height * width <= UNDIVIDED else len(network.shapes) > 1
    assert max(h * w for _, _, h, w in network.shapes) <= UNDIVIDED

import numpy as np
import pytest
import torch

from ocrcli.nets.layers import count_parameters
from ocrcli.nets.vgg import SIZES, VGG


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("batch", [1, 2, 7])
def test_names_a_class_a_character(size, batch):
    network = VGG(62, size).eval()
    image = torch.randint(0, 256, (batch, 1, 28, 28), dtype=torch.uint8)
    assert network(image).shape == (batch, 62)
    assert network.features(image).shape[2:] == (3, 3)


def test_small_fits_into_five_megabytes_of_float32():
    assert 1_000_000 < count_parameters(VGG(62, "small")) < 5_000_000 / 4


def test_every_pixel_is_seen():
    network = VGG(10, "tiny").eval()
    network.scale = torch.nn.Identity()
    image = torch.full((1, 1, 28, 28), 0.5, requires_grad=True)
    network(image).square().sum().backward()
    assert image.grad is not None and (image.grad[0, 0].abs() > 0).all()


def test_answers_do_not_depend_on_the_neighbours_in_the_batch():
    network = VGG(62, "tiny").eval()
    image = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (5, 1, 28, 28), np.uint8))
    with torch.no_grad():
        together, alone = network(image), torch.cat([network(one[None]) for one in image])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)

"""The shapes of the detector, and how far it sees."""

from __future__ import annotations

import pytest
import torch

from ocrcli.nets.dbnet import SIZES, DBNet
from ocrcli.nets.layers import count_parameters

BUDGET = {"tiny": 0.8e6, "small": 1.5e6, "base": 5e6}  # parameters


@pytest.mark.parametrize("size", SIZES)
def test_maps_are_a_quarter_of_the_page(size: str) -> None:
    network = DBNet(size)
    page = torch.randint(0, 256, (2, 3, 96, 160), dtype=torch.uint8)
    assert network(page).shape == (2, 2, 24, 40)  # training: logits of kernel and threshold
    found = network.eval()(page)
    assert found.shape == (2, 1, 24, 40)
    assert found.min() >= 0 and found.max() <= 1
    assert count_parameters(network) < BUDGET[size]


def test_channels_suit_the_blocked_kernels() -> None:
    # The run time's fast convolutions take channels in blocks of 16.
    assert all(channels % 16 == 0 for size in SIZES.values() for channels in size.stages)


def test_it_sees_half_a_large_picture() -> None:
    # A letter may be as high as half the picture: what it is must be seen from its middle.
    torch.manual_seed(0)
    network = DBNet("small").eval()
    page = torch.full((1, 3, 960, 960), 128, dtype=torch.uint8)
    changed = page.clone()
    changed[:, :, 470:490, 200:220] = 255
    with torch.no_grad():
        difference = (network.features(changed) - network.features(page)).abs().sum((0, 1))
    assert difference[120, 120] > 0  # 270 pixels away

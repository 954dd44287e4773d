"""Convolutions that take over what the blocks before them did."""

from __future__ import annotations

import torch
from torch import nn

from ocrcli.training.refit import refit


def conv(inputs: int, outputs: int, kernel: int, **more: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False, **more)


def test_a_map_that_a_convolution_can_hold_is_taken_over_whole() -> None:
    torch.manual_seed(0)
    whole = nn.Sequential(conv(1, 4, 3), nn.ReLU(), conv(4, 4, 1), conv(4, 5, 3, stride=2))
    part = nn.Sequential(whole[0], nn.ReLU(), conv(4, 5, 3, stride=2))
    images = [torch.randn(3, 1, 12, 20), torch.randn(2, 1, 12, 32)]
    refit(whole, part, [("3", "2")], images)
    unseen = torch.randn(1, 1, 12, 24)
    torch.testing.assert_close(part(unseen), whole(unseen), rtol=0.01, atol=0.002)


def test_what_no_input_shows_stays_as_it_was() -> None:
    torch.manual_seed(0)
    whole, part = nn.Sequential(conv(2, 3, 1)), nn.Sequential(conv(2, 3, 1))
    before = part[0].weight.detach().clone()
    images = torch.randn(4, 2, 8, 8)
    images[:, 1] = 0
    refit(whole, part, [("0", "0")], [images])
    torch.testing.assert_close(part[0].weight[:, 1], before[:, 1])
    torch.testing.assert_close(part[0].weight[:, 0], whole[0].weight[:, 0], rtol=0.01, atol=0.001)


def test_a_later_convolution_makes_up_for_what_an_earlier_one_cannot_hold() -> None:
    torch.manual_seed(0)
    block = nn.Sequential(conv(4, 4, 3), nn.ReLU(), conv(4, 4, 3))
    whole = nn.Sequential(block, conv(4, 4, 3), nn.ReLU(), block, conv(4, 5, 3))
    images = [torch.randn(4, 4, 10, 20)]

    def left_over(*pairs: tuple[str, str]) -> float:
        part = nn.Sequential(conv(4, 4, 3), nn.ReLU(), conv(4, 5, 3))
        for own, theirs in ((part[0], whole[1]), (part[2], whole[4])):
            own.load_state_dict(theirs.state_dict())
        refit(whole, part, pairs, images)
        return float((part(images[0]) - whole(images[0])).detach().square().mean())

    assert left_over(("1", "0"), ("4", "2")) < 0.9 * min(left_over(("1", "0")), left_over(("4", "2")))

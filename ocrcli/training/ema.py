"""An exponential moving average of the weights: what is evaluated and exported (Polyak 1992)."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

LONGEST = 0.9995  # averages over the last two thousand steps


class Ema:
    """The averaged copy of a network, ``.network``, in eval mode."""

    def __init__(self, network: nn.Module, longest: float = LONGEST) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.longest = longest

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Takes in the weights after ``step`` steps; statistics of batch norms are averaged too.

        The decay climbs from 1/10, so that a short run is not held back by its beginning.
        """
        decay = min(self.longest, (1 + step) / (10 + step))
        mine, theirs = _tensors(self.network), _tensors(network)
        floats = [i for i, tensor in enumerate(mine) if tensor.is_floating_point()]
        torch._foreach_lerp_([mine[i] for i in floats], [theirs[i] for i in floats], 1 - decay)
        for average, value in zip(mine, theirs, strict=True):
            if not average.is_floating_point():
                average.copy_(value)


def _tensors(network: nn.Module) -> list[Tensor]:
    return [*(p.data for p in network.parameters()), *network.buffers()]

"""Batch norms folded into their convolutions for export, and taken out again for fine-tuning.

In eval mode ``BN(conv(x)) = s · conv(x) + (β − s · μ)`` with ``s = γ / √(σ² + ε)``. The folded weights
alone cannot be trained on: a batch norm must know the statistics of what it normalises. So the
statistics of the *folded* convolution's output without its bias, ``s · μ`` and ``s² · σ²``, are kept
beside the weights. A batch norm with these statistics, weight ``√(s²σ² + ε)`` and bias ``β`` is then
the identity plus the folded bias in eval mode, and normalises as before in training.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

Statistics = dict[str, tuple[Tensor, Tensor]]  # batch norm's name → mean and variance, (C,) each


def pairs(network: nn.Module) -> Iterator[tuple[str, str]]:
    """Names of each convolution and of the batch norm right after it in a ``Sequential``."""
    for prefix, module in network.named_modules():
        if not isinstance(module, nn.Sequential):
            continue
        children = [(f"{prefix}.{name}".lstrip("."), child) for name, child in module.named_children()]
        for (first, a), (second, b) in pairwise(children):
            if isinstance(a, nn.Conv2d) and isinstance(b, nn.BatchNorm2d):
                yield first, second


@torch.no_grad()
def fold(network: nn.Module) -> tuple[nn.Module, Statistics]:
    """A copy in eval mode whose convolutions hold their batch norms, and what unfolding needs."""
    network = copy.deepcopy(network).eval()
    statistics: Statistics = {}
    for conv_name, norm_name in list(pairs(network)):
        conv, norm = network.get_submodule(conv_name), network.get_submodule(norm_name)
        assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None and norm.running_var is not None
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        mean = scale * norm.running_mean
        if conv.bias is not None:
            mean = mean - scale * conv.bias
        statistics[norm_name] = (mean.clone(), scale.square() * norm.running_var)
        conv.weight.mul_(scale.view(-1, 1, 1, 1))
        conv.bias = nn.Parameter((norm.bias - mean).clone())
        network.set_submodule(norm_name, nn.Identity())
    return network, statistics


@torch.no_grad()
def unfold(weights: dict[str, Tensor], statistics: Statistics, network: nn.Module) -> dict[str, Tensor]:
    """The state of ``network`` (whose own weights do not matter) from folded weights."""
    state = dict(weights)
    for conv_name, norm_name in pairs(network):
        if norm_name not in statistics or f"{conv_name}.bias" not in weights:  # a part for training only
            continue
        norm = network.get_submodule(norm_name)
        assert isinstance(norm, nn.BatchNorm2d)
        mean, variance = statistics[norm_name]
        state[f"{norm_name}.weight"] = torch.sqrt(variance + norm.eps)
        state[f"{norm_name}.bias"] = state[f"{conv_name}.bias"] + mean
        state[f"{norm_name}.running_mean"], state[f"{norm_name}.running_var"] = mean, variance
        state[f"{norm_name}.num_batches_tracked"] = torch.tensor(0)
        conv = network.get_submodule(conv_name)
        assert isinstance(conv, nn.Conv2d)
        if conv.bias is None:
            del state[f"{conv_name}.bias"]
        else:
            state[f"{conv_name}.bias"] = torch.zeros_like(mean)
    return state

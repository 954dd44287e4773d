"""Building blocks that the three networks share."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConvBlock(nn.Sequential):
    """3×3 (or other) convolution, batch norm, ReLU: (N, I, H, W) → (N, O, H/s, W/s).

    The bias is left to the batch norm, which folds into the convolution at export.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int | tuple[int, int] = 3,
        stride: int | tuple[int, int] = 1,
        groups: int = 1,
    ) -> None:
        k = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        super().__init__(
            nn.Conv2d(inputs, outputs, k, stride, (k[0] // 2, k[1] // 2), groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions around an identity (He 2016, fig. 2): shape is kept."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvBlock(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → the same."""
        return torch.relu(x + self.second(self.first(x)))


class Scale(nn.Module):
    """uint8 pixels to floats in −1 … 1, inside the network so that no caller can get it wrong."""

    def forward(self, x: Tensor) -> Tensor:
        """0 … 255 → −1 … 1."""
        return x.float() * (1 / 127.5) - 1.0


def initialise(module: nn.Module) -> None:
    """He-normal convolutions (He 2015), for networks of convolution and ReLU."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def fix_statistics(network: nn.Module) -> None:
    """Batch norms neither look at the batch nor learn of it, until ``network.train()`` is called again."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def count_parameters(module: nn.Module) -> int:
    """Number of trainable numbers in the network."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)

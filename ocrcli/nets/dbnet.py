"""Text-line detector with differentiable binarisation (Liao 2020, DBNet, arXiv 1911.08947).

A light residual backbone sees the page at four scales, dilated blocks at the coarsest one
see letters as high as half the picture, and a feature pyramid carries what they saw back to
1/4 scale. There one head gives the probability of a text-line kernel (the line shrunk, so that
neighbours stay apart) and, in training only, a second head gives the threshold map.

The layers are chosen for onnxruntime's blocked CPU kernels: plain convolutions and ReLU, channels
in multiples of 16, nearest upsampling; no transposed convolution, no squeeze-and-excitation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ocrcli.nets.layers import ConvBlock, ResidualBlock, Scale, initialise

MAP_STRIDE = 4  # page pixels to one pixel of the maps (Liao 2020, section 3.1)
PIXEL_MULTIPLE = 32  # stride of the coarsest stage: height and width must be multiples of it
PRIOR = 0.05  # share of kernel pixels on a page; the head starts from it (Lin 2017, section 4.1)


@dataclass(frozen=True)
class DbnetSize:
    """Channels at strides 2, 4, 8, 16 and 32; residual blocks at strides 4, 8 and 16."""

    stages: tuple[int, int, int, int, int]
    blocks: tuple[int, int, int] = (1, 1, 1)
    dilations: tuple[int, ...] = (1, 2, 4)  # of the blocks at stride 32: ± 450 pixels are seen


SIZES = {
    "tiny": DbnetSize((16, 16, 32, 64, 96)),
    "small": DbnetSize((16, 32, 64, 96, 112)),
    "base": DbnetSize((32, 48, 96, 128, 192), blocks=(1, 2, 2)),
}


class DilatedBlock(nn.Module):
    """A residual block of two dilated 3×3 convolutions: wide sight at few operations."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        d = dilation
        self.first = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=d, dilation=d, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        )
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=d, dilation=d, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Keeps the shape."""
        return torch.relu(x + self.second(self.first(x)))


class Merge(nn.Module):
    """One step up the pyramid: coarse (N, c, H, W) and fine (N, f, 2H, 2W) → (N, f, 2H, 2W).

    The convolution after the sum smooths the blocks that nearest upsampling leaves (Lin 2017,
    feature pyramid networks, section 3).
    """

    def __init__(self, coarse: int, fine: int) -> None:
        super().__init__()
        self.reduce = ConvBlock(coarse, fine, kernel=1)
        self.lateral = ConvBlock(fine, fine, kernel=1)
        self.smooth = ConvBlock(fine, fine)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """The fine map, with what the coarse one knows."""
        raised = interpolate(self.reduce(coarse), scale_factor=2.0, mode="nearest")
        return self.smooth(raised + self.lateral(fine))


class Head(nn.Sequential):
    """Features at 1/4 scale → one map of logits, (N, C, H, W) → (N, 1, H, W)."""

    def __init__(self, inputs: int) -> None:
        super().__init__(ConvBlock(inputs, 16), nn.Conv2d(16, 1, 1))


class DBNet(nn.Module):
    """Pages to text-line maps: ``uint8 (N, 3, H, W)``, H and W multiples of 32.

    In training mode gives logits ``(N, 2, H/4, W/4)``: channel 0 the kernel probability, 1 the threshold.
    In evaluation mode, and exported, gives the kernel probability alone: ``(N, 1, H/4, W/4)`` in 0 … 1.
    """

    training_only: ClassVar = ("threshold",)  # parts that are not exported

    def __init__(self, size: str = "small") -> None:
        super().__init__()
        self.size = size
        plan = SIZES[size]
        c2, c4, c8, c16, c32 = plan.stages
        n4, n8, n16 = plan.blocks
        self.scale = Scale()
        self.stem = ConvBlock(3, c2, stride=2)  # c2×H/2×W/2
        self.stage4 = _stage(c2, c4, n4)  # c4×H/4×W/4
        self.stage8 = _stage(c4, c8, n8)  # c8×H/8×W/8
        self.stage16 = _stage(c8, c16, n16)  # c16×H/16×W/16
        self.stage32 = nn.Sequential(  # c32×H/32×W/32
            ConvBlock(c16, c32, stride=2), *(DilatedBlock(c32, d) for d in plan.dilations)
        )
        self.merge16, self.merge8, self.merge4 = Merge(c32, c16), Merge(c16, c8), Merge(c8, c4)
        self.probability, self.threshold = Head(c4), Head(c4)
        initialise(self)
        # Most of a page is paper: start there, instead of spending the first steps on learning it.
        nn.init.constant_(self.probability[-1].bias, float(torch.logit(torch.tensor(PRIOR))))  # type: ignore[arg-type]

    def features(self, x: Tensor) -> Tensor:
        """Merged features at 1/4 scale: (N, 3, H, W) → (N, c4, H/4, W/4)."""
        x4 = self.stage4(self.stem(self.scale(x)))
        x8 = self.stage8(x4)
        x16 = self.stage16(x8)
        x32 = self.stage32(x16)
        return self.merge4(self.merge8(self.merge16(x32, x16), x8), x4)

    def forward(self, x: Tensor) -> Tensor:
        """Logits in training mode, the probability in evaluation mode."""
        features = self.features(x)
        if not self.training:
            return self.probability(features).sigmoid()
        return torch.cat([self.probability(features), self.threshold(features)], 1)


def _stage(inputs: int, outputs: int, blocks: int) -> nn.Sequential:
    """Halves the map and refines it: (N, inputs, H, W) → (N, outputs, H/2, W/2)."""
    return nn.Sequential(
        ConvBlock(inputs, outputs, stride=2), *(ResidualBlock(outputs) for _ in range(blocks))
    )

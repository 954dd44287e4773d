"""VGG-style classifier of single characters, 28×28 (Simonyan 2014, arXiv 1409.1556).

Stacked 3×3 convolutions with batch norm and ReLU; the channels double after each pool; the
head is two linear layers with dropout. Four stages instead of five, because a character is
28 pixels wide where an ImageNet picture is 224.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from ocrcli.nets.layers import ConvBlock, Scale, initialise

CHAR_SIZE = 28  # pixels, as EMNIST (Cohen 2017, section II)


@dataclass(frozen=True)
class VggSize:
    """Channels of the first stage (each next one has twice as many) and width of the head."""

    channels: int
    hidden: int


SIZES = {
    "tiny": VggSize(16, 128),  # 0.4 M parameters
    "small": VggSize(24, 256),  # 1.1 M parameters, 21 million multiplications a character
    "base": VggSize(48, 384),  # 4.0 M parameters, for a GPU and the whole of EMNIST
}


class VGG(nn.Module):
    """Characters: ``uint8 (N, 1, 28, 28)``, ink 255 on 0 → logits ``(N, classes)``."""

    def __init__(self, classes: int, size: str = "small", dropout: float = 0.4) -> None:
        super().__init__()
        self.size = size
        c, hidden = SIZES[size].channels, SIZES[size].hidden
        self.scale = Scale()
        self.backbone = nn.Sequential(  # 1×28×28
            ConvBlock(1, c),
            ConvBlock(c, c),
            nn.MaxPool2d(2),  # c×14×14
            ConvBlock(c, 2 * c),
            ConvBlock(2 * c, 2 * c),
            nn.MaxPool2d(2),  # 2c×7×7
            ConvBlock(2 * c, 4 * c),
            ConvBlock(4 * c, 4 * c),
            nn.MaxPool2d(3, 2),  # 4c×3×3; a window of 3, because 2 would not see the seventh row
            ConvBlock(4 * c, 8 * c),
            ConvBlock(8 * c, 8 * c),  # 8c×3×3
        )
        self.head = nn.Sequential(
            nn.Flatten(),  # 72c
            nn.Dropout(dropout),
            nn.Linear(9 * 8 * c, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )
        initialise(self.backbone)

    def features(self, x: Tensor) -> Tensor:
        """Feature maps before the head: (N, 1, 28, 28) → (N, 8c, 3, 3)."""
        return self.backbone(self.scale(x))

    def forward(self, x: Tensor) -> Tensor:
        """Logits: (N, 1, 28, 28) → (N, classes)."""
        return self.head(self.features(x))

"""VGG-style classifier of single characters, 28×28 (Simonyan 2014, arXiv 1409.1556).

Stacked 3×3 convolutions with batch norm and ReLU, fewer and wider as the map shrinks; the head is two
linear layers with dropout. Four stages instead of five, because a character is 28 pixels wide
where an ImageNet picture is 224. At full size there is one convolution alone: a second one there
took half of the time and read no better.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from ocrcli.nets.layers import ConvBlock, Scale, initialise

CHAR_SIZE = 28  # pixels, as EMNIST (Cohen 2017, section II)


@dataclass(frozen=True)
class VggSize:
    """Channels of the four stages, and width of the head."""

    channels: tuple[int, int, int, int]
    hidden: int


SIZES = {
    "tiny": VggSize((16, 32, 64, 128), 128),  # 0.4 M parameters
    "small": VggSize((16, 48, 96, 192), 256),  # 1.1 M parameters, 17 million multiplications a character
    "base": VggSize((48, 128, 256, 384), 384),  # 4.8 M parameters, for a GPU and the whole of EMNIST
}


class VGG(nn.Module):
    """Characters: ``uint8 (N, 1, 28, 28)``, ink 255 on 0 → logits ``(N, classes)``."""

    def __init__(self, classes: int, size: str = "small", dropout: float = 0.4) -> None:
        super().__init__()
        self.size = size
        (a, b, c, d), hidden = SIZES[size].channels, SIZES[size].hidden
        self.scale = Scale()
        self.backbone = nn.Sequential(  # 1×28×28
            ConvBlock(1, a),
            nn.MaxPool2d(2),  # a×14×14
            ConvBlock(a, b),
            ConvBlock(b, b),
            nn.MaxPool2d(2),  # b×7×7
            ConvBlock(b, c),
            ConvBlock(c, c),
            nn.MaxPool2d(3, 2),  # c×3×3; a window of 3, because 2 would not see the seventh row
            ConvBlock(c, d),
            ConvBlock(d, d),  # d×3×3
        )
        self.head = nn.Sequential(
            nn.Flatten(),  # 9d
            nn.Dropout(dropout),
            nn.Linear(9 * d, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )
        initialise(self.backbone)

    def features(self, x: Tensor) -> Tensor:
        """Feature maps before the head: (N, 1, 28, 28) → (N, d, 3, 3)."""
        return self.backbone(self.scale(x))

    def forward(self, x: Tensor) -> Tensor:
        """Logits: (N, 1, 28, 28) → (N, classes)."""
        return self.head(self.features(x))

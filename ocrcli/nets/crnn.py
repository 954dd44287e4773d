"""CRNN-CTC for words and whole text lines of any width (Shi 2015, arXiv 1507.05717).

A VGG-style backbone turns the strip into a sequence of columns, four pixels wide each;
two bidirectional LSTMs read it both ways; a linear layer names a class a column. A second linear
layer adds what the column alone says. Without that short path CTC sits on a plateau of blanks
until the LSTMs have learned to pass letters on: on printed numbers 300 steps then read 5 to 40 % of
them, with it 99 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ocrcli.nets.layers import ConvBlock, ResidualBlock, Scale, initialise

STRIP_HEIGHT = 32  # pixels; Shi 2015, section 3.1
TIME_STRIDE = 4  # pixels of width to one column: ≥ 3 columns a character at normal width


@dataclass(frozen=True)
class CrnnSize:
    """Channels of the four stages, of the collapsed column, and hidden units of the LSTMs."""

    stages: tuple[int, int, int, int]
    column: int
    hidden: int


SIZES = {
    "tiny": CrnnSize((24, 48, 80, 112), 160, 96),
    "small": CrnnSize((32, 64, 112, 160), 224, 144),
    "base": CrnnSize((48, 96, 192, 256), 384, 256),
}


class CRNN(nn.Module):
    """Words and lines: ``uint8 (N, 1, 32, W)`` → log-probabilities ``(N, W/4, classes)``.

    ``W`` is a multiple of four. Class 0 is the CTC blank.
    """

    def __init__(self, classes: int, size: str = "small", dropout: float = 0.1, skip: bool = True) -> None:
        super().__init__()
        self.size = size
        a, b, c, d = SIZES[size].stages
        column, hidden = SIZES[size].column, SIZES[size].hidden
        self.scale = Scale()
        self.backbone = nn.Sequential(  # 1×32×W
            ConvBlock(1, a // 2),
            ConvBlock(a // 2, a, stride=2),  # a×16×W/2
            ConvBlock(a, b, stride=2),  # b×8×W/4
            ResidualBlock(b),
            ConvBlock(b, c, stride=(2, 1)),  # c×4×W/4
            ResidualBlock(c),
            ConvBlock(c, d, stride=(2, 1)),  # d×2×W/4
            nn.Conv2d(d, column, (2, 1), bias=False),  # column×1×W/4
            nn.BatchNorm2d(column),
            nn.ReLU(inplace=True),
        )
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(
            column, hidden, num_layers=2, bidirectional=True, batch_first=True, dropout=dropout
        )
        self.head = nn.Linear(2 * hidden, classes)
        self.skip = nn.Linear(column, classes, bias=False) if skip else None
        initialise(self.backbone)

    def features(self, x: Tensor) -> Tensor:
        """Column features before the LSTMs: (N, 1, 32, W) → (N, W/4, column)."""
        return self.backbone(self.scale(x)).squeeze(2).transpose(1, 2)

    def logits(self, x: Tensor) -> Tensor:
        """Unnormalised class scores: (N, 1, 32, W) → (N, W/4, classes)."""
        columns = self.dropout(self.features(x))
        # The recurrence stays in float32: it is a small part of the time and the part
        # that half precision hurts.
        with torch.autocast(x.device.type, enabled=False):
            columns = columns.float()
            sequence, _ = self.lstm(columns)
            logits = self.head(self.dropout(sequence))
            return logits if self.skip is None else logits + self.skip(columns)

    def forward(self, x: Tensor) -> Tensor:
        """Log-probabilities: (N, 1, 32, W) → (N, W/4, classes)."""
        return self.logits(x).log_softmax(-1)

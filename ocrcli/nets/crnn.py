"""CRNN-CTC for words and whole text lines of any width (Shi 2015, arXiv 1507.05717).

A residual backbone turns the strip into a sequence of columns, four pixels wide each; a
bidirectional LSTM reads it both ways; a linear layer names a class a column. A second linear
layer adds what the column alone says. Without that short path CTC sits on a plateau of blanks
until the LSTM has learned to pass letters on: on printed numbers 300 steps then read 5 to 40 % of
them, with it 99 %. A second LSTM would double the time that a training step on a CPU takes for the
recurrence; two more residual blocks cost as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import gt

import torch
from torch import Tensor, nn

from ocrcli.nets.layers import ConvBlock, ResidualBlock, Scale, initialise

STRIP_HEIGHT = 32  # pixels; Shi 2015, section 3.1
TIME_STRIDE = 4  # pixels of width to one column: ≥ 3 columns a character at normal width


@dataclass(frozen=True)
class CrnnSize:
    """Channels of the four stages and residual blocks of the last three; column; hidden units."""

    stages: tuple[int, int, int, int]
    blocks: tuple[int, int, int]
    column: int
    hidden: int


SIZES = {
    "tiny": CrnnSize((24, 48, 80, 112), (1, 1, 1), 160, 96),
    "slim": CrnnSize((32, 64, 112, 160), (1, 1, 0), 224, 144),  # small with two blocks fewer
    "small": CrnnSize((32, 64, 112, 160), (1, 2, 1), 224, 144),
    "base": CrnnSize((48, 96, 160, 256), (1, 2, 2), 320, 192),
}


def without_blocks(weights: Mapping[str, Tensor], size: str, fewer: str) -> dict[str, Tensor] | None:
    """The state of a network of ``size`` for one of size ``fewer``, the same but for some residual blocks.

    These change what passes them a little (Veit 2016, arXiv 1605.06431); the first ones of each stage stay.
    None where the two sizes differ in more than that.
    """
    whole, part = SIZES[size], SIZES[fewer]
    if replace(whole, blocks=part.blocks) != part or any(map(gt, part.blocks, whole.blocks)):
        return None
    moved = {f"backbone.{i}.": place for i, place in enumerate(_moved(whole, part))}
    kept = {}
    for name, value in weights.items():
        prefix = next((prefix for prefix in moved if name.startswith(prefix)), None)
        if prefix is None:
            kept[name] = value
        elif (i := moved[prefix]) is not None:
            kept[f"backbone.{i}.{name.removeprefix(prefix)}"] = value
    return kept


def behind_left_out(size: str, fewer: str) -> list[tuple[str, str]]:
    """Convolutions that follow the blocks that `without_blocks` leaves out: their names in both networks."""
    moved = _moved(SIZES[size], SIZES[fewer])
    behind = [(i, after) for i, after in enumerate(moved) if moved[i - 1] is None and after is not None]
    last = len(moved) - 3  # a plain convolution: every other one begins a stage
    ends = [("" if i == last else ".0") for i, _ in behind]
    return [(f"backbone.{i}{end}", f"backbone.{j}{end}") for (i, j), end in zip(behind, ends, strict=True)]


def _moved(whole: CrnnSize, part: CrnnSize) -> list[int | None]:
    """Where each module of the backbone is in the other; None for those that it lacks."""
    places = {place: i for i, place in enumerate(_places(part))}
    return [places.get(place) for place in _places(whole)]


def _places(size: CrnnSize) -> list[tuple[int, int]]:
    """Stage and place in it of each module of the backbone: 0 is the convolution, then the blocks."""
    stem = [(0, 0), (0, 1)]
    stages = [(stage, i) for stage, blocks in enumerate(size.blocks, 1) for i in range(blocks + 1)]
    return [*stem, *stages, (4, 0), (4, 1), (4, 2)]


class CRNN(nn.Module):
    """Words and lines: ``uint8 (N, 1, 32, W)`` → log-probabilities ``(N, W/4, classes)``.

    ``W`` is a multiple of four. Class 0 is the CTC blank.
    """

    def __init__(self, classes: int, size: str = "small", dropout: float = 0.1) -> None:
        super().__init__()
        self.size = size
        a, b, c, d = SIZES[size].stages
        in_b, in_c, in_d = SIZES[size].blocks
        column, hidden = SIZES[size].column, SIZES[size].hidden
        self.scale = Scale()
        self.backbone = nn.Sequential(  # 1×32×W
            ConvBlock(1, a // 2),
            ConvBlock(a // 2, a, stride=2),  # a×16×W/2
            ConvBlock(a, b, stride=2),  # b×8×W/4
            *(ResidualBlock(b) for _ in range(in_b)),
            ConvBlock(b, c, stride=(2, 1)),  # c×4×W/4
            *(ResidualBlock(c) for _ in range(in_c)),
            ConvBlock(c, d, stride=(2, 1)),  # d×2×W/4
            *(ResidualBlock(d) for _ in range(in_d)),
            nn.Conv2d(d, column, (2, 1), bias=False),  # column×1×W/4
            nn.BatchNorm2d(column),
            nn.ReLU(inplace=True),
        )
        self.dropout = SequenceDropout(dropout)
        self.lstm = nn.LSTM(column, hidden, bidirectional=True, batch_first=True)
        self.head = nn.Linear(2 * hidden, classes)
        self.skip = nn.Linear(column, classes, bias=False)
        initialise(self.backbone)

    def features(self, x: Tensor) -> Tensor:
        """Column features before the LSTM: (N, 1, 32, W) → (N, W/4, column)."""
        return self.backbone(self.scale(x)).squeeze(2).transpose(1, 2)

    def taken_in(self, columns: Tensor) -> Tensor:
        """What the LSTM's gates and the short path make of columns before they add their biases.

        (N, W/4, column) → (N, W/4, 8 hidden + classes).
        """
        gates = [self.lstm.get_parameter(name) for name in ("weight_ih_l0", "weight_ih_l0_reverse")]
        return nn.functional.linear(columns, torch.cat([*gates, self.skip.weight]))

    def forward(self, x: Tensor, as_columns: bool = False) -> Tensor:
        """Log-probabilities: (N, 1, 32, W) → (N, W/4, classes); or the columns that they come from."""
        columns = self.features(x)
        return columns if as_columns else self._scores(self.dropout(columns)).log_softmax(-1)

    def _scores(self, columns: Tensor) -> Tensor:
        """Unnormalised class scores: (N, W/4, column) → (N, W/4, classes)."""
        # The recurrence stays in float32: it is a small part of the time and the part
        # that half precision hurts.
        with torch.autocast(columns.device.type, enabled=False):
            columns = columns.float()
            sequence, _ = self.lstm(columns)
            return self.head(self.dropout(sequence)) + self.skip(columns)


class SequenceDropout(nn.Module):
    """Drops whole channels of a sequence (N, T, C), the same ones at every step (Gal 2016, section 4).

    An LSTM cannot average such noise away over time; and few random numbers are needed.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """(N, T, C) → the same."""
        if not self.training:
            return x
        return x * nn.functional.dropout(torch.ones_like(x[:, :1]), self.share)

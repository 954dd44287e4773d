"""The loss of the text-line detector (Liao 2020, section 3.5), on the maps of ``detect_targets.py``."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ocrcli.training.detect_targets import LEVELS, WEIGHT_STEPS

NEGATIVES = 3.0  # background pixels to each kernel pixel, the hardest first (Liao 2020, section 3.5)
MOST_EASY = 0.02  # share of a batch's pixels that counts as background at least, for empty crops
BINARY, THRESHOLD = 1.0, 10.0  # α and β of Liao 2020, eq. 6
STEEPNESS = 50.0  # k of Liao 2020, eq. 3


def detection_loss(logits: Tensor, maps: Tensor) -> dict[str, Tensor]:
    """Liao 2020, eq. 6–8: L = L_kernel + α L_binary + β L_threshold.

    ``logits`` (N, 2, h, w): kernel, threshold; ``maps`` (N, 3, h, w) uint8 of ``draw_targets``.
    """
    kernel, threshold = maps[:, 0].float() / LEVELS, maps[:, 1].float() / LEVELS
    weight = maps[:, 2].float() / WEIGHT_STEPS
    found, level = logits[:, 0], logits[:, 1].sigmoid()
    kernel_loss = mined_cross_entropy(found, kernel, weight)
    binary = torch.sigmoid(STEEPNESS * (found.sigmoid() - level))  # eq. 3
    binary_loss = dice_loss(binary, (kernel >= 0.5).float(), weight > 0)
    band = (threshold > 0) & (weight > 0)
    threshold_loss = ((level - threshold).abs() * band).sum() / band.sum().clamp(min=1)
    loss = kernel_loss + BINARY * binary_loss + THRESHOLD * threshold_loss
    return {"loss": loss, "kernel": kernel_loss, "binary": binary_loss, "threshold": threshold_loss}


def mined_cross_entropy(logits: Tensor, share: Tensor, weight: Tensor) -> Tensor:
    """Binary cross-entropy against soft shares, over kernel pixels and the hardest background."""
    losses = functional.binary_cross_entropy_with_logits(logits, share, reduction="none") * weight
    inside = (share > 0) & (weight > 0)
    background = losses[~inside]
    count = int(inside.sum())
    wanted = max(int(NEGATIVES * count), int(MOST_EASY * losses.numel()))
    hardest = background if wanted >= len(background) else background.topk(wanted, sorted=False).values
    return (losses[inside].sum() + hardest.sum()) / max(count + len(hardest), 1)


def dice_loss(found: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """1 − F1 of soft pixels over the whole batch (Milletari 2016), where the mask is set."""
    found, truth = found * mask, truth * mask
    return 1 - 2 * (found * truth).sum() / (found.sum() + truth.sum() + 1)

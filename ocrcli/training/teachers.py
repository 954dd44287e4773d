"""Teachers: trained classifiers whose answers are learned beside the labels (Hinton 2015, arXiv 1503.02531).

A few thousand pictures, seen hundreds of times, are soon known by heart. Several networks that were
stopped before that agree on what can be known of a picture, and hold the next one to it however long
it is trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ocrcli.alphabet import EMNIST_BYCLASS
from ocrcli.errors import UsageError
from ocrcli.nets.vgg import VGG
from ocrcli.training import checkpoint

SHARE = 0.6  # of the loss, the rest is the labels': these know the rare cases that teachers take for common
HEAT = 2.0  # divisor of the logits on both sides: what is unlikely, too, says what looks like what


class Teachers:
    """Trained networks that answer together. Raises UsageError or ModelError for files that are none."""

    def __init__(self, runs: Sequence[Path], characters: str) -> None:
        self.networks = [_load(run, characters) for run in runs]

    @torch.no_grad()
    def __call__(self, image: Tensor) -> Tensor:
        """Probabilities ``(N, classes)``, softened by HEAT, for ``uint8 (N, 1, 28, 28)``: the mean of all."""
        answers = [network.to(image.device)(image).float() / HEAT for network in self.networks]
        return torch.stack(answers).softmax(-1).mean(0)


def unlike(logits: Tensor, taught: Tensor) -> Tensor:
    """How far logits float32 (N, classes) are from what the teachers say (N, classes): their mean divergence.

    Times HEAT², so that the gradient stays as large as without it (Hinton 2015, section 2).
    """
    own = (logits / HEAT).log_softmax(-1)
    return functional.kl_div(own, taught, reduction="batchmean") * HEAT**2


def _load(run: Path, characters: str) -> nn.Module:
    saved = checkpoint.load(checkpoint.find(run, checkpoint.BEST))
    if saved["task"] != "char":
        raise UsageError(f"--teacher {run}: a {saved['task']} model teaches no characters")
    known = saved["settings"]["alphabet"] or EMNIST_BYCLASS
    if known != characters:
        raise UsageError(f"--teacher {run}: names other characters: {known}")
    with torch.random.fork_rng(devices=[]):  # first weights, not to be drawn from the run's own numbers
        network = VGG(len(characters), saved["settings"]["size"])
    network.load_state_dict(saved["ema"])
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)

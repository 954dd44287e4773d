"""Teachers: trained networks whose answers are learned beside the labels (Hinton 2015, arXiv 1503.02531).

A few thousand pictures, seen hundreds of times, are soon known by heart. Several networks that were
stopped before that agree on what can be known of a picture, and hold the next one to it however long
it is trained. A network of words with fewer blocks than another is shown what that one's columns are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ocrcli.errors import UsageError
from ocrcli.training.task import Task
from ocrcli.training.trained import trained


class Teachers:
    """Trained networks that answer together. Raises UsageError or ModelError for files that are none.

    ``heat`` divides the logits of both sides: then what is unlikely, too, says what looks like what.
    """

    def __init__(self, runs: Sequence[Path], task: Task, heat: float = 1.0) -> None:
        self.heat = heat
        self.networks = [_load(run, task) for run in runs]

    @torch.no_grad()
    def __call__(self, image: Tensor) -> Tensor:
        """Probabilities (N, …, classes), softened by the heat, for the network's input: the mean of all."""
        answers = [network.to(image.device)(image).float() / self.heat for network in self.networks]
        return torch.stack(answers).softmax(-1).mean(0)

    def unlike(self, logits: Tensor, taught: Tensor) -> Tensor:
        """How far logits float32 (…, classes) are from what is ``taught``, as many: divergences (…).

        Times heat², so that the gradient stays as large as without it (Hinton 2015, section 2).
        """
        own = (logits / self.heat).log_softmax(-1)
        return functional.kl_div(own, taught, reduction="none").sum(-1) * self.heat**2


def _load(path: Path, task: Task) -> nn.Module:
    found = trained(path)
    if found.task != task.name:
        raise UsageError(f"--teacher {path}: a {found.task} model teaches no {task.name} model")
    same = type(task)(replace(task.settings, size=found.size, alphabet=found.alphabet or None))
    if (known := same.card().alphabet) != task.card().alphabet:
        raise UsageError(f"--teacher {path}: names other characters: {known}")
    with torch.random.fork_rng(devices=[]):  # first weights, not to be drawn from the run's own numbers
        network = same.network()
        found.load_into(network)
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)

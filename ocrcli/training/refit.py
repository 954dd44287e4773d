"""What is left when residual blocks are taken out of a network learns what they did, without training.

The convolution behind a block that is gone gets the weights whose sums come nearest to those of the whole
network (least squares, as for channels taken out: He 2017, arXiv 1707.06168, section 3.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

RIDGE = 1e-4  # of the mean square of what is multiplied: weights that it hardly shows stay as they are


@torch.no_grad()
def refit(
    whole: nn.Module, part: nn.Module, convolutions: Sequence[tuple[str, str]], inputs: list[Tensor]
) -> None:
    """Changes ``convolutions`` of ``part``, named as in ``whole`` and in ``part``, from first to last.

    Both networks see the ``inputs``; what reaches a later convolution has passed the earlier ones as changed.
    """
    whole.eval(), part.eval()
    for theirs, own in convolutions:
        changed = part.get_submodule(own)
        assert isinstance(changed, nn.Conv2d)
        weights = changed.weight.flatten(1).T  # (I·k·k, O)
        size = len(weights)
        gram = torch.zeros(size, size, dtype=torch.float64)
        wanted = torch.zeros(weights.shape, dtype=torch.float64)
        for x, y in _seen(whole, whole.get_submodule(theirs), part, changed, inputs):
            gram += x.T @ x
            wanted += x.T @ (y - x @ weights)
        gram += RIDGE * gram.diagonal().mean() * torch.eye(size)
        changed.weight += torch.linalg.solve(gram, wanted).T.reshape(changed.weight.shape)


def _seen(
    whole: nn.Module, theirs: nn.Module, part: nn.Module, own: nn.Conv2d, inputs: list[Tensor]
) -> Iterator[tuple[Tensor, Tensor]]:
    """What ``own`` multiplies, (places, I·k·k), and the sums of ``theirs`` there, (places, O)."""
    caught: dict[str, Tensor] = {}
    with ExitStack() as hooks:
        hooks.enter_context(own.register_forward_pre_hook(lambda module, args: caught.update(x=args[0])))
        hooks.enter_context(theirs.register_forward_hook(lambda module, args, sums: caught.update(y=sums)))
        for image in inputs:
            whole(image), part(image)
            padding: Any = own.padding  # numbers: no convolution here is given as "same"
            x = functional.unfold(caught["x"], own.kernel_size, own.dilation, padding, own.stride)
            yield x.mT.flatten(0, 1), caught["y"].flatten(2).mT.flatten(0, 1)

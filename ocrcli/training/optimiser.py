"""The optimiser of the three networks."""

from __future__ import annotations

import torch
from torch import nn

BETAS = (0.9, 0.99)  # a shorter memory of squares than the usual 0.999 suits short runs


def adamw(network: nn.Module, lr: float, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW (Loshchilov 2019); biases and norms, the one-dimensional parameters, do not decay."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=lr, betas=BETAS)

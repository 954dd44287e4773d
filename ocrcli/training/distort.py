"""Distortion of a whole batch of characters at once: how else a hand and a pen could have drawn them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

# Half-widths of uniform distributions. The normalisation to a box of 24 pixels takes size and
# place away, so these stay small; slant and tilt are the writer's and stay. So do the width and the
# softness of the line, mostly: a small letter was scaled up, which is what tells w from W.
TILT = 0.22  # radians, 13 degrees
SLANT = 0.25  # pixels of shift to a pixel of height
STRETCH = 0.08  # of each side, on its own
SHIFT = 1.2  # pixels
WAVE = 1.3  # pixels, greatest displacement of the elastic field's nodes (Simard 2003)
NODES = 5  # of the elastic field, a side: strokes bend, but do not break
THICKEN, THIN = 0.2, 0.15  # shares of characters
BLURRED = 0.05  # share of characters
CUT = 0.1  # share of characters with a piece cut out (DeVries 2017)
CUT_SIZE = 7  # pixels; a quarter of the side leaves the character to be read
DRAWS = 16  # random numbers a character, those of the elastic nodes apart; two to spare
GAMMA = 0.2  # of the logarithm of the ink's exponent: faint and bold rims

Uniform = Callable[[float, float], Tensor]


def distort(image: Tensor, generator: torch.Generator) -> Tensor:
    """Characters ``uint8 (N, 1, 28, 28)``, ink 255 on 0 → the same shape, each changed on its own.

    ``generator`` lives on the CPU: the changes are the same on every device.
    """
    # All random numbers in one transfer: a GPU would wait for each of many small ones.
    numbers = torch.rand(len(image), DRAWS + 2 * NODES**2, generator=generator)
    numbers = numbers.to(image.device, non_blocking=True)
    columns = iter(numbers[:, :DRAWS].unbind(1))

    def uniform(low: float, high: float) -> Tensor:
        return next(columns).view(-1, 1, 1, 1) * (high - low) + low

    x = image.float().div_(255)
    x = _pen(x, uniform)
    x = _bend(x, uniform, numbers[:, DRAWS:] * 2 - 1)
    x = torch.where(uniform(0, 1) < BLURRED, functional.avg_pool2d(x, 3, 1, 1), x)
    x = _cut(x, uniform)
    x = x / x.amax((2, 3), keepdim=True).clamp_min(0.05)  # as the normalisation: full ink somewhere
    x = x.clamp_(0, 1).pow(torch.exp(uniform(-GAMMA, GAMMA)))
    return x.mul_(255).round_().to(torch.uint8)


def _pen(x: Tensor, uniform: Uniform) -> Tensor:
    """A broader or a finer pen: grey dilation or erosion, part of the way."""
    thick = functional.max_pool2d(x, 3, 1, 1)
    thin = -functional.max_pool2d(-x, 3, 1, 1)
    # A line of two pixels would vanish under a whole erosion: keep a part of its peak.
    choice, amount = uniform(0, 1), uniform(0.2, 1)
    x = torch.where(choice < THICKEN, x + amount * (thick - x), x)
    return torch.where(choice > 1 - THIN, x + 0.7 * amount * (thin - x), x)


def _bend(x: Tensor, uniform: Uniform, nodes: Tensor) -> Tensor:
    """An affine map and a smooth elastic field, in one resampling; ``nodes`` (N, 2 · NODES²) in −1 … 1."""
    n, _, height, width = x.shape
    tilt, slant = uniform(-TILT, TILT).flatten(), uniform(-SLANT, SLANT).flatten()
    wide, high = (1 + uniform(-STRETCH, STRETCH).flatten() for _ in range(2))
    theta = x.new_zeros(n, 2, 3)
    theta[:, 0, 0] = tilt.cos() * wide
    theta[:, 0, 1] = slant - tilt.sin()
    theta[:, 1, 0] = tilt.sin()
    theta[:, 1, 1] = tilt.cos() * high
    theta[:, 0, 2] = uniform(-SHIFT, SHIFT).flatten() * 2 / width  # grid_sample counts −1 … 1 over a side
    theta[:, 1, 2] = uniform(-SHIFT, SHIFT).flatten() * 2 / height
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    grid_nodes = nodes.view(n, 2, NODES, NODES)
    field = functional.interpolate(grid_nodes, (height, width), mode="bicubic", align_corners=True)
    strength = uniform(0, WAVE) * 2 / width
    grid = grid + (field * strength).permute(0, 2, 3, 1)
    # Bicubic, because two pixels' mean would blur every character that is trained on, and none that is read.
    moved = functional.grid_sample(x, grid, mode="bicubic", padding_mode="zeros", align_corners=False)
    return moved.clamp_(0, 1)


def _cut(x: Tensor, uniform: Uniform) -> Tensor:
    """A square without ink in some characters."""
    height, width = x.shape[2:]
    rows = torch.arange(height, device=x.device).view(1, 1, -1, 1)
    columns = torch.arange(width, device=x.device).view(1, 1, 1, -1)
    y, column = uniform(2, height - 2), uniform(2, width - 2)
    inside = ((rows - y).abs() < CUT_SIZE / 2) & ((columns - column).abs() < CUT_SIZE / 2)
    return torch.where(inside & (uniform(0, 1) < CUT), 0.0, x)

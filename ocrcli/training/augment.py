"""Light augmentation of a whole batch at once, for strips that are seen again (echoes).

Rendering already distorts each strip; this only keeps the second sight of one from being the same.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

INVERTED = 0.3  # share of strips whose light and dark change places
BLURRED = 0.2
NOISY = 0.4
CONTRAST, BRIGHTNESS, GAMMA = 0.35, 0.2, 0.4  # half-widths, in units of the full range
NOISE = 0.06  # greatest standard deviation, of the full range
SHEAR, STRETCH, SHIFT = 0.25, 0.08, 0.06  # pixels per pixel of height; of the size; of the height
LOOSER = 0.25  # of the height: crops of people and of detectors have more margin than the rendered ones


def augment_strips(image: Tensor, generator: torch.Generator) -> Tensor:
    """``uint8 (N, 1, H, W)`` → the same shape, each strip changed on its own."""
    n = len(image)

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(n, 1, 1, 1).uniform_(low, high, generator=generator).to(image.device)

    x = image.float().div_(255)
    x = _warp(x, uniform)
    x = torch.where(uniform(0, 1) < BLURRED, functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False), x)
    x = x.pow_(torch.exp(uniform(-GAMMA, GAMMA)))
    x = (x - 0.5) * (1 + uniform(-CONTRAST, CONTRAST)) + 0.5 + uniform(-BRIGHTNESS, BRIGHTNESS)
    x = torch.where(uniform(0, 1) < INVERTED, 1 - x, x)
    sigma = uniform(0, NOISE) * (uniform(0, 1) < NOISY)
    # The generator lives on the CPU: the numbers are the same on every device.
    noise = torch.empty(n, 1, *image.shape[2:]).normal_(generator=generator).to(image.device)
    return x.add_(noise * sigma).clamp_(0, 1).mul_(255).round_().to(torch.uint8)


def _warp(x: Tensor, uniform) -> Tensor:  # type: ignore[no-untyped-def]
    """A small affine map of each strip: shear, stretch, shift; the border is replicated."""
    n, _, height, width = x.shape
    theta = x.new_zeros(n, 2, 3)
    # In units of grid_sample, −1…1 over each side.
    theta[:, 0, 0] = 1 + uniform(-STRETCH, STRETCH).flatten() * 0.5
    theta[:, 0, 1] = uniform(-SHEAR, SHEAR).flatten() * height / width
    theta[:, 1, 1] = 1 + uniform(-STRETCH, LOOSER).flatten()
    theta[:, 1, 2] = uniform(-SHIFT, SHIFT).flatten() * 2
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, padding_mode="border", align_corners=False)

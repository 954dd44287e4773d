"""Echoed strips are changed a little, each in its own way, and the same way for the same seed."""

from __future__ import annotations

import torch

from ocrcli.training.augment import augment_strips


def strips() -> torch.Tensor:
    image = torch.full((16, 1, 32, 96), 220, dtype=torch.uint8)
    image[:, :, 8:24, 20:70:6] = 30
    return image


def test_same_seed_changes_the_same_way() -> None:
    first, second = (augment_strips(strips(), torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, augment_strips(strips(), torch.Generator().manual_seed(5)))


def test_each_strip_changes_on_its_own_and_stays_readable() -> None:
    before = strips()
    after = augment_strips(before, torch.Generator().manual_seed(0))
    assert after.dtype == torch.uint8
    assert after.shape == before.shape
    assert len({row.float().mean().item() for row in after}) == 16
    contrast = [abs(row[:, 10:22, 20:70:6].float().mean() - row[:, :5].float().mean()) for row in after]
    assert min(contrast) > 20


def test_global_random_numbers_are_left_alone() -> None:
    state = torch.get_rng_state()
    augment_strips(strips(), torch.Generator().manual_seed(0))
    assert torch.equal(state, torch.get_rng_state())

import pytest
import torch

from ocrcli.training.distort import distort


@pytest.fixture
def characters():
    image = torch.zeros(64, 1, 28, 28, dtype=torch.uint8)
    image[:, :, 4:24, 12:15] = 255  # a stem of three pixels
    image[:, :, 21:24, 12:22] = 255
    return image


def test_each_character_changes_on_its_own_and_stays_readable(characters):
    changed = distort(characters, torch.Generator().manual_seed(3))
    assert changed.shape == characters.shape and changed.dtype == torch.uint8
    assert len({picture.numpy().tobytes() for picture in changed}) == 64
    ink = changed.float().mean((1, 2, 3)) / characters.float().mean((1, 2, 3))
    assert ink.min() > 0.2 and ink.max() < 4
    likeness = torch.nn.functional.cosine_similarity(
        changed.flatten(1).float(), characters.flatten(1).float()
    )
    assert likeness.mean() > 0.45
    assert (changed.amax((1, 2, 3)) > 200).all()  # full ink somewhere, as after the normalisation


def test_changes_come_from_the_generator_alone(characters):
    first = distort(characters, torch.Generator().manual_seed(5))
    torch.rand(7)
    assert torch.equal(first, distort(characters, torch.Generator().manual_seed(5)))
    assert not torch.equal(first, distort(characters, torch.Generator().manual_seed(6)))


def test_blank_stays_blank():
    blank = torch.zeros(4, 1, 28, 28, dtype=torch.uint8)
    assert not distort(blank, torch.Generator().manual_seed(0)).any()

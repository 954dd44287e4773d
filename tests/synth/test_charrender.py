import numpy as np
import pytest

from ocrcli.alphabet import EMNIST_BYCLASS, Alphabet
from ocrcli.synth.chars import CharRenderer, wobble


@pytest.fixture(scope="module")
def samples(fonts):
    renderer = CharRenderer(fonts)
    return [renderer.render(np.random.default_rng([1, i])) for i in range(300)]


def test_characters_look_like_emnist(samples):
    for sample in samples:
        assert sample.image.shape == (28, 28)
        assert sample.image.dtype == np.uint8
        assert sample.image.max() > 150  # ink
        assert np.median(sample.image[[0, -1]]) == 0  # paper around it


def test_all_classes_are_drawn(samples):
    assert len({s.label for s in samples}) > 55
    assert all(s.label in EMNIST_BYCLASS for s in samples)


def test_letters_of_one_shape_are_marked(samples):
    assert {s.label for s in samples if s.merged} <= set("cCoOsSvVwWxXzZ")
    assert not any(s.merged for s in samples if s.label in "aAbBgG019")


def test_same_seed_same_characters(fonts, samples):
    renderer = CharRenderer(fonts)
    again = [renderer.render(np.random.default_rng([1, i])) for i in range(20)]
    assert [s.label for s in again] == [s.label for s in samples[:20]]
    assert all((a.image == b.image).all() for a, b in zip(again, samples, strict=False))


def test_digits_alone(fonts):
    renderer = CharRenderer(fonts, Alphabet("0123456789"))
    assert all(renderer.render(np.random.default_rng(i)).label.isdigit() for i in range(30))


def test_one_class_is_drawn_in_many_ways(samples):
    of_a = [s.image.astype(int) for s in samples if s.label == "8"]
    assert len(of_a) > 1
    assert np.abs(of_a[0] - of_a[1]).mean() > 3


def test_wobble_moves_ink_a_little(rng):
    mask = np.zeros((60, 60), np.uint8)
    mask[20:40, 28:32] = 255
    moved = wobble(rng, mask, 3)
    assert moved.shape == mask.shape
    assert 0 < (moved != mask).mean() < 0.15

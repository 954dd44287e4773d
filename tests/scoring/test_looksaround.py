import numpy as np
import pytest

from ocrcli.alphabet import Alphabet
from ocrcli.scoring.looksaround import LOOKS, classify_with_looks, turned


class Counting:
    """A classifier of three classes that is sure of the first in upright pictures alone."""

    alphabet = Alphabet("abc")
    calls = 0

    def probabilities(self, pictures):
        self.calls += 1
        first = 0.98 if self.calls == 1 else 0.4
        return np.tile(np.array([first, 0.5 - first / 2, 0.5 - first / 2], np.float32), (len(pictures), 1))


def bar() -> np.ndarray:
    picture = np.zeros((28, 28), np.uint8)
    picture[2:26, 12:16] = 255
    return picture


def test_looks_are_averaged_and_blank_pictures_stay_undecided():
    classifier = Counting()
    chances = classify_with_looks(classifier, np.stack([bar(), np.zeros((28, 28), np.uint8)]))
    assert classifier.calls == len(LOOKS) == 5
    assert 0.4 < chances[0, 0] < 0.98
    assert chances.sum(1) == pytest.approx(1)
    assert chances[1] == pytest.approx(1 / 3)


def test_turning_keeps_the_ink_in_its_place():
    pictures = bar()[None]
    assert turned(pictures, 0, 0) is pictures
    for tilt, slant in LOOKS[1:]:
        seen = turned(pictures, tilt, slant)
        assert seen.shape == pictures.shape and seen.dtype == np.uint8
        assert seen.sum() == pytest.approx(pictures.sum(), rel=0.1)
        assert (seen != pictures).any()
        rows, columns = np.nonzero(seen[0] > 128)
        assert abs(rows.mean() - 13.5) < 1 and abs(columns.mean() - 13.5) < 1

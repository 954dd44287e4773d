"""Components of a mask are those that scipy finds, whatever their shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.engine.components import label_runs

ndimage = pytest.importorskip("scipy.ndimage")


def same_partition(ours: np.ndarray, theirs: np.ndarray) -> bool:
    pairs = set(zip(ours.ravel().tolist(), theirs.ravel().tolist(), strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([0.0, 0.05, 0.2, 0.4, 0.6, 0.9, 1.0]),
    st.integers(0, 2**32 - 1),
)
def test_labels_agree_with_scipy_on_random_masks(height: int, width: int, share: float, seed: int) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < share
    truth, count = ndimage.label(mask, np.ones((3, 3)))
    runs = label_runs(mask)
    labels = runs.label_map(height, width)
    assert runs.count == count
    assert ((labels > 0) == mask).all()
    assert same_partition(labels, truth)


def test_a_spiral_is_one_component() -> None:
    # Runs of a spiral are joined only through long chains: the hardest case for union-find.
    mask = np.zeros((41, 41), bool)
    low, high = 0, 40
    while low < high:
        mask[low, low : high + 1] = mask[low : high + 1, high] = mask[high, low : high + 1] = True
        mask[low + 2 : high + 1, low] = True
        if low + 2 <= high:
            mask[low + 2, low : low + 2] = True
        low, high = low + 2, high - 2
    assert label_runs(mask).count == ndimage.label(mask, np.ones((3, 3)))[1] == 1


def test_an_empty_mask_has_no_runs() -> None:
    runs = label_runs(np.zeros((5, 7), bool))
    assert runs.count == 0
    assert not runs.label_map(5, 7).any()


def test_a_run_does_not_go_on_in_the_next_row() -> None:
    mask = np.zeros((4, 6), bool)
    mask[0, 5] = mask[2, 0] = True  # the end of one row; the start of the one after the next
    assert label_runs(mask).count == 2

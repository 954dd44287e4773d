import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from ocrcli.engine.pieces import find_pieces

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24), elements=st.booleans())


@settings(deadline=None, max_examples=60)
@given(masks)
def test_pieces_are_those_of_scipy(mask):
    pieces = find_pieces(mask)
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    assert len(pieces) == count
    assert sorted(pieces.areas()) == sorted(np.bincount(labels.ravel(), minlength=count + 1)[1:])


@settings(deadline=None, max_examples=60)
@given(masks)
def test_painting_all_pieces_gives_the_mask_back(mask):
    pieces = find_pieces(mask)
    assert (pieces.mask(np.ones(len(pieces), bool)) == mask).all()
    parts = [pieces.mask(np.arange(len(pieces)) == i) for i in range(len(pieces))]
    assert (np.sum(parts, axis=0, initial=0) == mask).all()


@settings(deadline=None, max_examples=60)
@given(masks, st.integers(0, 2**31))
def test_counting_another_mask_under_the_pieces(mask, seed):
    other = np.random.default_rng(seed).random(mask.shape) < 0.5
    pieces = find_pieces(mask)
    expected = [(pieces.mask(np.arange(len(pieces)) == i) & other).sum() for i in range(len(pieces))]
    assert pieces.counting(other).tolist() == expected


def test_pieces_at_the_edge_and_their_boxes():
    mask = np.zeros((10, 20), bool)
    mask[0, 3:5] = True  # reaches the upper border
    mask[4:7, 8:12] = True
    mask[8, 12] = True  # a row below, one column to the right
    pieces = find_pieces(mask)
    assert pieces.touching_edge().tolist() == [True, False, False]
    low, high = pieces.boxes()
    assert low.tolist() == [[0, 3], [4, 8], [8, 12]]
    assert high.tolist() == [[1, 5], [7, 12], [9, 13]]

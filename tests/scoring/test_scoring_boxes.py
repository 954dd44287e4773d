"""Quad geometry against hand-computed cases and shapely."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPoint

from ocrcli.engine.overlaps import area, convex, iou
from ocrcli.scoring.boxes import HMean, ignored, match

unhurried = settings(deadline=None)  # a busy machine is no failure


def box(x0, y0, x1, y1):
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


@st.composite
def rotated_rectangles(draw):
    size = draw(st.tuples(st.floats(1, 200), st.floats(1, 60)))
    angle = draw(st.floats(-np.pi, np.pi))
    centre = draw(st.tuples(st.floats(0, 150), st.floats(0, 150)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(size) / 2
    return corners @ turn.T + np.array(centre)


@st.composite
def loose_convex_quads(draw):
    """Four points on an ellipse, in order of angle."""
    gaps = draw(st.lists(st.floats(0.2, 1.0), min_size=4, max_size=4))
    angles = np.cumsum(gaps) / sum(gaps) * 2 * np.pi + draw(st.floats(0, 6))
    radius = np.array(draw(st.tuples(st.floats(2, 80), st.floats(2, 80))))
    centre = np.array(draw(st.tuples(st.floats(0, 100), st.floats(0, 100))))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius + centre


quads = rotated_rectangles() | loose_convex_quads()


@unhurried
@given(quads, quads)
def test_iou_equals_shapely(a, b):
    first, second = MultiPoint(a).convex_hull, MultiPoint(b).convex_hull
    expected = first.intersection(second).area / first.union(second).area
    assert iou(a[None], b[None])[0, 0] == pytest.approx(expected, abs=1e-6)


@unhurried
@given(st.lists(quads, min_size=1, max_size=5), st.lists(quads, min_size=1, max_size=5))
def test_iou_is_symmetric_and_within_bounds(a, b):
    forward, backward = iou(np.stack(a), np.stack(b)), iou(np.stack(b), np.stack(a))
    assert np.allclose(forward, backward.T, atol=1e-9)
    assert ((forward >= 0) & (forward <= 1)).all()


@unhurried
@given(quads, st.permutations(range(4)))
def test_order_of_the_corners_does_not_matter(quad, order):
    assert iou(quad[None], quad[None][:, order])[0, 0] == pytest.approx(1.0)


def test_iou_worked_out_by_hand():
    a, b = box(0, 0, 10, 10), box(5, 0, 15, 10)
    # shared 5 × 10 = 50; union 100 + 100 − 50 = 150
    assert iou(np.array([a]), np.array([b]))[0, 0] == pytest.approx(50 / 150)
    # a diamond of half-diagonal 5 in the square: 2 · 5² = 50 of 100
    diamond = [[5, 0], [10, 5], [5, 10], [0, 5]]
    assert iou(np.array([a]), np.array([diamond]))[0, 0] == pytest.approx(0.5)


def test_flat_and_empty_quads_overlap_nothing():
    flat = np.array([box(0, 5, 10, 5), box(3, 3, 3, 3)], dtype=float)
    assert iou(flat, np.array([box(0, 0, 10, 10)])).tolist() == [[0.0], [0.0]]
    assert iou(np.zeros((0, 4, 2)), flat).shape == (0, 2)


def test_a_dented_quad_counts_as_the_triangle_around_it():
    dented = np.array([[[0, 0], [10, 0], [0, 10], [2, 2]]], dtype=float)
    assert area(convex(dented))[0] == pytest.approx(50)


def test_found_quads_more_than_half_in_a_do_not_care_region_are_ignored():
    found = np.array([box(0, 0, 10, 10), box(5, 0, 15, 10), box(4, 0, 14, 10), box(40, 40, 50, 50)])
    region = np.array([box(0, 0, 10, 10)])
    # shares of their own area: 1, exactly ½, 0.6, 0
    assert ignored(found, region).tolist() == [True, False, True, False]
    assert ignored(found, np.zeros((0, 4, 2))).tolist() == [False] * 4


def test_each_quad_is_matched_once_best_overlap_first():
    truths = np.array([box(0, 0, 10, 10)])
    found = np.array([box(0, 0, 10, 8), box(0, 0, 10, 10), box(0, 0, 10, 5)])
    # IoU 0.8, 1 and exactly 0.5, which is no match
    assert match(truths, found) == [(0, 1)]
    assert match(truths, found[[0, 2]]) == [(0, 0)]
    assert match(truths, found[[2]]) == []


def test_hmean_adds_counts_over_pages():
    total = HMean(1, 2, 4) + HMean(2, 2, 2)
    assert (total.recall, total.precision) == (3 / 4, 3 / 6)
    assert total.hmean == pytest.approx(2 * 0.75 * 0.5 / 1.25)
    assert HMean().hmean == 0.0

"""Shrinking and growing undo each other; rectangles hold their points."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.engine.polygons import (
    Rectangles,
    grown,
    kernel_inset,
    kernel_outset,
    quad_areas,
    quad_sides,
    rectangles_at,
    smallest_rectangles,
    upright,
)

side = st.floats(1, 2000)
angle = st.floats(-10, 10)
coordinates = st.tuples(st.floats(-500, 500), st.floats(-500, 500))


def one(width: float, height: float, turn: float = 0.0) -> Rectangles:
    return Rectangles(np.array([[100.0, 50.0]]), np.array([[width, height]]), np.array([turn]))


@settings(deadline=None)
@given(side, side, st.floats(0.2, 0.95))
def test_growing_a_kernel_gives_its_line_back(width: float, height: float, shrink: float) -> None:
    line = np.array([[width, height]])
    kernel = line - 2 * kernel_inset(line, shrink)[:, None]
    assert (kernel > 0).all()
    np.testing.assert_allclose(kernel + 2 * kernel_outset(kernel, shrink)[:, None], line, rtol=1e-6)


@settings(deadline=None)
@given(side, side, st.floats(0.1, 0.9))
def test_inset_is_that_of_the_paper(width: float, height: float, shrink: float) -> None:
    expected = width * height * (1 - shrink**2) / (2 * (width + height))  # Liao 2020: D = A (1 − r²) / L
    np.testing.assert_allclose(kernel_inset(np.array([[width, height]]), shrink), expected, rtol=1e-9)


@settings(deadline=None)
@given(side, side)
def test_a_kernel_never_gets_thinner_than_asked(width: float, height: float) -> None:
    sides = np.array([[width, height]])
    kernel = sides - 2 * kernel_inset(sides, 0.4, minimum=3.0)[:, None]
    assert kernel.min() >= min(3.0, width, height) - 1e-9


@settings(deadline=None)
@given(side, side, angle)
def test_quads_of_rectangles_have_their_sides(width: float, height: float, turn: float) -> None:
    quads = one(width, height, turn).quads()
    np.testing.assert_allclose(quad_sides(quads), [[width, height]], rtol=1e-2, atol=1e-3)
    np.testing.assert_allclose(quad_areas(quads), [width * height], rtol=1e-2, atol=0.5)


@settings(deadline=None)
@given(side, side, angle)
def test_turning_a_rectangle_upright_moves_no_corner(width: float, height: float, turn: float) -> None:
    turned = one(width, height, turn)
    level = upright(turned)
    assert abs(level.angles[0]) <= np.pi / 4 + 1e-9
    for corner in turned.quads()[0]:
        assert np.abs(level.quads()[0] - corner).max(1).min() < 1e-2


def test_growing_moves_every_side() -> None:
    quads = grown(one(10, 4), np.array([3.0])).quads()
    np.testing.assert_allclose(quads[0], [[92, 45], [108, 45], [108, 55], [92, 55]])


@settings(deadline=None)
@given(st.lists(st.lists(coordinates, min_size=3, max_size=12), min_size=1, max_size=5))
def test_smallest_rectangles_contain_all_points(groups: list[list[tuple[float, float]]]) -> None:
    points = np.array([point for group in groups for point in group])
    counts = [len(group) for group in groups]
    found = smallest_rectangles(points, np.cumsum(counts) - counts)
    for i, group in enumerate(groups):
        offset = np.array(group) - found.centres[i]
        cosine, sine = np.cos(found.angles[i]), np.sin(found.angles[i])
        frame = np.stack([offset @ (cosine, sine), offset @ (-sine, cosine)], -1)
        assert (np.abs(frame) <= found.sides[i] / 2 + 1e-6).all()


@settings(deadline=None)
@given(st.floats(5, 300), st.floats(5, 300), st.floats(-3, 3))
def test_the_smallest_rectangle_around_a_rectangle_is_itself(
    width: float, height: float, turn: float
) -> None:
    corners = one(width, height, turn).quads()[0].astype(float)
    found = smallest_rectangles(corners, np.array([0]))
    assert (
        np.prod(found.sides[0])
        <= 1.02 * max(width, height) * min(width, height) + 0.01 * max(width, height) ** 2
    )


def test_rectangles_at_an_angle_are_tight() -> None:
    corners = one(40, 10, 0.3).quads()[0].astype(float)
    found = rectangles_at(corners, np.array([0]), np.array([0.3]))
    np.testing.assert_allclose(found.sides, [[40, 10]], rtol=1e-3)
    np.testing.assert_allclose(found.centres, [[100, 50]], rtol=1e-3)

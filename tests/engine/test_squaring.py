"""Pages set straight: boxes of text, and the way back to the picture."""

import numpy as np
import pytest
from order_pages import HEIGHT, PITCH, box

from ocrcli.engine.squaring import Squaring, squaring
from ocrcli.engine.straighten import text_angle

ROWS, COLUMNS = 24, 3
CENTRE = np.array([500.0, 400.0])


def camera(points, degrees=0.0, keystone=0.0, bend=0.0):
    """Points of a flat page (…, 2) as a camera sees them: sagging in the middle, keystoned, turned."""
    x, y = np.moveaxis(np.asarray(points, np.float64) - CENTRE, -1, 0)
    y = y + bend * np.cos(x / 320)
    points = np.stack([x, y], -1) / (1 + keystone * (x + y) / 1000)[..., None]
    turn = np.radians(degrees)
    return points @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) + CENTRE


def newspaper():
    """Three columns of lines: (n, 4, 2)."""
    return np.array(
        [box(60 + 300 * column, 60 + PITCH * row, 270) for column in range(COLUMNS) for row in range(ROWS)]
    )


@pytest.mark.parametrize(("degrees", "keystone", "bend"), [(0, 0, 0), (3, 0, 0), (-2, 0.12, 0), (2, 0.1, 12)])
def test_rows_become_level_and_columns_upright(degrees, keystone, bend):
    quads = camera(newspaper(), degrees, keystone, bend)
    boxes = squaring(quads, text_angle(quads)).boxes(quads)
    middle, left = (values.reshape(COLUMNS, ROWS) for values in (boxes.middle, boxes.x0))
    assert np.ptp(middle, axis=0).max() < 0.4 * HEIGHT
    assert np.ptp(left, axis=1).max() < 0.6 * HEIGHT


def test_only_a_photograph_is_bent():
    for degrees, keystone, bend, bent in ((0, 0, 0, False), (3, 0, 0, False), (2, 0.1, 12, True)):
        quads = camera(newspaper(), degrees, keystone, bend)
        assert squaring(quads, text_angle(quads)).bent == bent


def test_places_of_the_square_page_are_found_in_the_picture():
    quads = camera(newspaper(), 2, 0.1, 12)
    square = squaring(quads, text_angle(quads))
    boxes = square.boxes(quads)
    corners = square.back(np.stack([boxes.x0, boxes.middle], -1))
    assert np.abs(corners - (quads[:, 0] + quads[:, 3]) / 2).max() < 0.5 * HEIGHT


def test_a_page_without_text_is_only_turned():
    square = squaring(np.zeros((0, 4, 2), np.float32), 5.0)
    points = np.array([[10.0, 20.0], [300.0, 40.0]])
    assert isinstance(square, Squaring)
    assert np.allclose(square.back(square.turned(points)), points)

import numpy as np
import pytest

from ocrcli.document import Block, Line, Page, Word
from ocrcli.formats.annotate import DOUBTFUL, GOOD, POOR, annotate, colour_of


def page_with(*lines, width=400, height=300):
    made = tuple(Line(text, value, quad, (Word(text, value, quad),)) for text, value, quad in lines)
    return Page("p.png", 1, width, height, "page", (Block(made),))


def rectangle(x, y, w, h):
    return ((x, y), (x + w, y), (x + w, y + h), (x, y + h))


@pytest.fixture
def paper():
    return np.full((300, 400, 3), 240, np.uint8)


def test_picture_is_twice_as_wide_and_leaves_the_page_readable(paper):
    picture = np.asarray(annotate(paper, page_with(("Hello", 0.99, rectangle(60, 60, 200, 40)))))
    assert picture.shape == (300, 800, 3)
    assert (picture[70:90, 70:250] == 240).all()  # nothing is drawn inside the box


def test_box_has_the_colour_of_its_confidence(paper):
    page = page_with(
        ("a", 0.99, rectangle(60, 20, 200, 40)),
        ("b", 0.8, rectangle(60, 100, 200, 40)),
        ("c", 0.2, rectangle(60, 200, 200, 40)),
    )
    picture = np.asarray(annotate(paper, page))
    for y, colour in ((20, GOOD), (100, DOUBTFUL), (200, POOR)):
        assert tuple(picture[y, 200]) == colour
    assert [colour_of(value) for value in (1, 0.9, 0.6, 0)] == [GOOD, GOOD, DOUBTFUL, POOR]


def test_text_is_drawn_in_its_place_at_the_right(paper):
    picture = np.asarray(annotate(paper, page_with(("Hello World", 0.99, rectangle(60, 60, 200, 40)))))
    right = picture[:, 401:].astype(int)
    rows, columns = np.nonzero((right != 255).any(-1))
    assert rows.min() >= 60 and rows.max() <= 100
    assert columns.min() >= 58 and columns.max() <= 262


def test_slanted_text_follows_its_box(paper):
    quad = ((60.0, 60.0), (260.0, 160.0), (242.0, 196.0), (42.0, 96.0))
    right = np.asarray(annotate(paper, page_with(("Hello World", 0.99, quad))))[:, 401:]
    rows, columns = np.nonzero((right != 255).any(-1))
    left_rows, right_rows = rows[columns < 100], rows[columns > 200]
    assert left_rows.mean() + 40 < right_rows.mean()


@pytest.mark.parametrize(
    "quad", [rectangle(-50, -50, 20, 20), rectangle(390, 290, 100, 100), rectangle(5, 5, 0, 0)]
)
def test_boxes_at_and_beyond_the_edge_are_no_error(paper, quad):
    assert annotate(paper, page_with(("edge", 0.9, quad), ("", 0.0, quad))).size == (800, 300)


def test_signs_outside_ascii_are_drawn(paper):
    annotate(paper, page_with(("“5 €” — é", 0.9, rectangle(60, 60, 200, 40))))

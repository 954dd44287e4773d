import numpy as np
import pytest

from ocrcli.engine.faint import SURE, SURE_IN_ROW, confidences_needed


def box(x, y, width=60, height=20):
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


ROW = [box(x, 100) for x in (50, 200, 350)]
LETTER = box(500, 101, 12, 19)


def needed(letter, sure):
    return confidences_needed(np.array([letter], float), np.array(sure, float).reshape(-1, 4, 2)).tolist()


def test_a_letter_in_a_row_of_a_table_needs_less():
    assert needed(LETTER, [*ROW, box(50, 300)]) == [SURE_IN_ROW]


@pytest.mark.parametrize(
    ("letter", "sure"),
    [
        (LETTER, []),
        (LETTER, ROW[:2]),
        (box(500, 115, 12), ROW),  # between two rows
        (box(500, 95, 12, 30), ROW),  # higher than its row: a drawing
        (LETTER, [box(x, y) for x, y in ((50, 40), (50, 100), (50, 160))]),  # a column of lines
    ],
)
def test_elsewhere_it_must_be_beyond_doubt(letter, sure):
    assert needed(letter, sure) == [SURE]


def test_no_faint_lines():
    assert confidences_needed(np.zeros((0, 4, 2)), np.array(ROW)).shape == (0,)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.engine.order import reading_order
from ocrcli.engine.straighten import text_angle

HEIGHT = 20.0  # of a line of text
PITCH = 26.0  # from line to line


def box(x, y, width, height=HEIGHT):
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)


def paragraph(x, y, width, lines, rng=None):
    """Running text: full lines and a shorter last one."""
    widths = [width * (1 if rng is None else rng.uniform(0.9, 1)) for _ in range(lines - 1)] + [width * 0.6]
    return [box(x, y + i * PITCH, one) for i, one in enumerate(widths)]


def turned(quads, degrees, centre=(500.0, 700.0)):
    """The page turned counter-clockwise, as a person sees it."""
    turn = np.radians(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return ((np.asarray(quads) - centre) @ matrix + centre).astype(np.float32)


def photographed(quads, degrees=0.0):
    """The page as a camera sees it that looks up at it and from the side: keystoned."""
    x, y = np.moveaxis(np.asarray(quads, np.float64), -1, 0)
    depth = 1 + 0.00025 * y - 0.0001 * x
    return turned(np.stack([x / depth, y / depth], axis=-1), degrees)


def order(quads, shuffle=0):
    """Blocks of rows of indices, found from a shuffled page."""
    quads = np.array(quads, np.float32).reshape(-1, 4, 2)
    permutation = np.random.default_rng(shuffle).permutation(len(quads))
    mixed = quads[permutation]
    blocks = reading_order(mixed, text_angle(mixed))
    return [[[int(permutation[i]) for i in row] for row in block] for block in blocks]


def flat(blocks):
    return [i for block in blocks for row in block for i in row]


def in_sequence(quads, shuffle=0):
    return flat(order(quads, shuffle)) == list(range(len(quads)))


def test_an_empty_page_and_a_single_line():
    assert order([]) == []
    assert text_angle(np.zeros((0, 4, 2), np.float32)) == 0
    assert order([box(10, 10, 300)]) == [[[0]]]


def test_one_column_is_one_block_from_top_to_bottom():
    assert order(paragraph(100, 100, 600, 12)) == [[[i] for i in range(12)]]


@pytest.mark.parametrize("lines", [3, 8, 30])
def test_two_columns_are_read_one_after_the_other(lines):
    quads = paragraph(60, 100, 420, lines) + paragraph(520, 100, 420, lines)
    assert [len(block) for block in order(quads)] == [lines, lines]
    assert in_sequence(quads)


def test_columns_whose_lines_are_not_level_with_each_other():
    assert in_sequence(paragraph(60, 100, 420, 10) + paragraph(520, 111, 420, 8))


def test_a_heading_across_two_columns_comes_first():
    heading = [box(60, 40, 880, 40)]
    assert in_sequence(heading + paragraph(60, 100, 420, 10) + paragraph(520, 100, 420, 10))


def test_a_centred_heading_over_the_gutter_comes_first():
    heading = [box(350, 40, 300, 40)]
    assert in_sequence(heading + paragraph(60, 90, 420, 10) + paragraph(520, 90, 420, 10))


def test_an_abstract_over_columns_and_a_wide_line_between_them():
    quads = paragraph(60, 40, 880, 5)
    quads += paragraph(60, 200, 420, 8) + paragraph(520, 200, 420, 8)
    quads += [box(60, 440, 880)]
    quads += paragraph(60, 500, 420, 8) + paragraph(520, 500, 420, 8)
    assert in_sequence(quads)


def test_three_columns():
    columns = [paragraph(x, 100, 280, 12) for x in (40, 350, 660)]
    assert in_sequence([box(40, 30, 900, 44), *columns[0], *columns[1], *columns[2]])


def test_a_page_number_below_two_columns_comes_last():
    quads = paragraph(60, 100, 420, 10) + paragraph(520, 100, 420, 10) + [box(60, 460, 30)]
    assert in_sequence(quads)


def test_a_running_header_above_two_columns_comes_first_as_one_row():
    quads = [box(60, 20, 200), box(840, 20, 100)]
    quads += paragraph(60, 100, 420, 10) + paragraph(520, 100, 420, 10)
    assert order(quads)[0] == [[0, 1]]
    assert in_sequence(quads)


def test_two_columns_on_top_and_three_below():
    quads = paragraph(60, 100, 420, 8) + paragraph(520, 100, 420, 8) + [box(60, 340, 880, 30)]
    for x in (60, 370, 680):
        quads += paragraph(x, 400, 260, 9)
    assert in_sequence(quads)


def test_a_receipt_is_read_row_by_row():
    rng = np.random.default_rng(2)
    quads = [box(180, 20, 240), box(150, 46, 300)]
    for i in range(12):
        y = 100 + i * PITCH
        quads += [box(40, y, rng.uniform(80, 260)), box(500, y + rng.uniform(-2, 2), 60)]
    rows = [row for block in order(quads) for row in block]
    assert rows == [[0], [1], *([2 * i, 2 * i + 1] for i in range(1, 13))]


def test_a_table_is_read_row_by_row():
    quads = []
    for row in range(9):
        y = 80 + row * 34
        quads += [box(50, y, 170), box(300, y, 70), box(450, y, 90), box(640, y, 60), box(800, y, 50)]
    assert [row for block in order(quads) for row in block] == [
        list(range(5 * i, 5 * i + 5)) for i in range(9)
    ]


def test_labels_and_values_of_a_form_stay_together():
    quads = []
    for row in range(8):
        quads += [box(50, 80 + row * 40, 90 + 10 * (row % 3)), box(250, 82 + row * 40, 120 + 25 * (row % 4))]
    assert in_sequence(quads)
    assert all(len(row) == 2 for block in order(quads) for row in block)


def test_a_table_inside_a_column_does_not_disturb_the_columns():
    quads = paragraph(60, 100, 420, 6)
    for row in range(5):
        y = 290 + row * PITCH
        quads += [box(60, y, 120), box(240, y, 60), box(400, y, 60)]
    quads += paragraph(60, 450, 420, 6)
    quads += paragraph(520, 100, 420, 20)
    assert in_sequence(quads)


def test_a_heading_is_no_row_with_the_small_print_beside_it():
    quads = [box(50, 50, 300, 60), box(400, 52, 200), box(400, 78, 200)]
    assert all(len(row) == 1 or 0 not in row for block in order(quads) for row in block)


def test_paragraphs_are_parted_by_white_and_by_size():
    quads = [box(60, 40, 500, 44), *paragraph(60, 100, 600, 4), *paragraph(60, 240, 600, 4)]
    assert [len(block) for block in order(quads)] == [1, 4, 4]


def test_widely_spaced_text_is_still_one_block():
    assert len(order([box(60, 50 + i * 44, 600) for i in range(10)])) == 1


def test_a_row_of_level_pieces_that_overlap_a_little_is_one_row():
    assert order([box(0, 0, 100), box(97, 1, 100), box(300, -1, 50)]) == [[[0, 1, 2]]]


@pytest.mark.parametrize("degrees", [-12, -5, -1, 2, 7, 15])
def test_skewed_pages_read_as_straight_ones(degrees):
    columns = [box(60, 40, 880, 40), *paragraph(60, 100, 420, 20), *paragraph(520, 100, 420, 20)]
    assert in_sequence(turned(columns, degrees))
    table = [box(x, 80 + row * 34, 80) for row in range(9) for x in (50, 300, 640, 860)]
    assert in_sequence(turned(table, degrees))


@pytest.mark.parametrize("degrees", [-8, 0, 5])
def test_photographed_pages_read_as_flat_ones(degrees):
    columns = [box(60, 40, 880, 40), *paragraph(60, 100, 420, 30), *paragraph(520, 100, 420, 30)]
    assert in_sequence(photographed(columns, degrees))
    receipt = [box(x, 80 + row * PITCH, width) for row in range(30) for x, width in ((60, 200), (640, 70))]
    assert in_sequence(photographed(receipt, degrees))


@pytest.mark.parametrize("degrees", [-90, -30, -3.5, 0, 10, 45, 90, 179])
def test_the_angle_is_the_skew_counter_clockwise(degrees):
    quads = turned([*paragraph(60, 100, 600, 9), box(10, 10, 15)], degrees)
    assert text_angle(quads) == pytest.approx(degrees, abs=0.1)


def test_a_few_odd_lines_do_not_change_the_angle():
    quads = [*turned(paragraph(60, 100, 600, 9), 2.0), *turned([box(400, 800, 200)], 90)]
    assert text_angle(np.array(quads)) == pytest.approx(2.0, abs=0.1)


def test_scale_does_not_matter():
    quads = np.array(paragraph(60, 100, 420, 10) + paragraph(520, 100, 420, 10))
    for factor in (0.2, 7.0):
        assert in_sequence(quads * factor)


any_box = st.builds(
    lambda x, y, w, h, turn: turned([box(x, y, w, h)], turn, (x, y))[0],
    st.floats(0, 2000), st.floats(0, 2000), st.floats(1, 900), st.floats(1, 80), st.floats(-180, 180),
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(any_box, max_size=40))
def test_every_piece_comes_up_exactly_once_wherever_it_lies(quads):
    assert sorted(flat(order(quads))) == list(range(len(quads)))


@settings(max_examples=40)
@given(
    columns=st.integers(1, 4),
    lines=st.integers(6, 25),
    seed=st.integers(0, 10_000),
    degrees=st.floats(-6, 6),
)
def test_columns_of_any_number_in_any_order_of_detection(columns, lines, seed, degrees):
    rng = np.random.default_rng(seed)
    width = 1200 / columns
    quads = [box(0, 40, 1150, 34)]
    for column in range(columns):
        x = column * width
        quads += paragraph(x, 120 + rng.uniform(0, 10), width - rng.uniform(24, 50), lines, rng)
    quads = np.array(quads) + rng.uniform(-1.5, 1.5, (len(quads), 1, 2))
    assert in_sequence(turned(quads, degrees), seed)

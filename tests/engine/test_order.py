import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from order_pages import HEIGHT, PITCH, bar, box, drawn, flat, paragraph, rule

from ocrcli.engine.order import reading_order
from ocrcli.engine.squaring import upright_boxes
from ocrcli.engine.straighten import text_angle


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


@pytest.mark.parametrize("seed", range(6))
def test_first_lines_set_in_part_no_columns_of_a_broadsheet(seed):
    rng, quads, texts, bars = np.random.default_rng(seed), [], [], []
    for top in (100, 700):
        quads.append(box(40, top - 40, 700, 36))
        texts.append("Heading of an article")
        for column in range(8):
            x, y = 40 + 340 * column, float(top)
            if column:
                bars.append(bar(x - 20, top + 10, top + 440))
            for row in range(14):
                begins = row == column == 0 or rng.random() < 0.2  # a paragraph: set in, and a little apart
                y += PITCH + 6 * begins
                quads.append(
                    box(x + 18 * begins, y, (300 - 18 * begins) * rng.choice((0.5, 1.0), p=(0.1, 0.9)))
                )
                word = "Begin" if begins else rng.choice(("middle", "Name"), p=(0.9, 0.1))
                texts.append(f"{word} of a line that goes on")
    found = flat(reading_order(np.array(quads), 0.0, texts, drawn([], bars)))
    assert found == list(range(len(quads)))


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


def curled(quads, depth):
    """The page of an open book: it sinks towards its right edge, where lines get steep."""
    sinks = [depth * np.exp((np.asarray(quad)[:, 0] - 1000) / 300) for quad in quads]
    return [quad + np.stack([0 * down, down], -1) for quad, down in zip(quads, sinks, strict=True)]


@pytest.mark.parametrize("depth", [10, 25, 60])
def test_a_curled_table_is_read_row_by_row(depth):
    names = np.random.default_rng(1).uniform(50, 120, (2, 18))
    table = [
        box(*cell)
        for row in range(18)
        for cell in (
            (60, 80 + row * PITCH, names[0, row]),
            (380, 80 + row * PITCH, 30),
            (520, 80 + row * PITCH, names[1, row]),
            (910, 80 + row * PITCH, 70),
        )
    ]
    rows = [row for block in order(curled(table, depth)) for row in block]
    assert rows == [[4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3] for i in range(18)]


@pytest.mark.parametrize("degrees", [-90, -30, -3.5, 0, 10, 45, 90, 179])
def test_the_angle_is_the_skew_counter_clockwise(degrees):
    quads = turned([*paragraph(60, 100, 600, 9), box(10, 10, 15)], degrees)
    assert text_angle(quads) == pytest.approx(degrees, abs=0.1)


def test_a_few_odd_lines_do_not_change_the_angle():
    quads = [*turned(paragraph(60, 100, 600, 9), 2.0), *turned([box(400, 800, 200)], 90)]
    assert text_angle(np.array(quads)) == pytest.approx(2.0, abs=0.1)


def test_a_letterhead_in_the_right_corner_is_no_column_beside_the_letter():
    sender = [box(60, 40, 300), box(60, 66, 420)]
    address = [box(640, 92 + i * PITCH, width) for i, width in enumerate((240, 230, 210))]
    date = [box(60, 220, 180)]
    receiver = [box(60, 320 + i * PITCH, width) for i, width in enumerate((170, 220, 190))]
    letter = [quad for y in (480, 640) for quad in paragraph(60, y, 800, 4)]
    assert in_sequence([*sender, *address, *date, *receiver, *letter])


def test_a_letterhead_that_begins_above_the_address_beside_it_comes_first():
    head = [box(700, 60 + i * PITCH, width) for i, width in enumerate((200, 150, 210, 200, 160, 190, 180))]
    receiver = [box(60, 140 + i * PITCH, width) for i, width in enumerate((170, 220, 190, 180))]
    letter = paragraph(60, 340, 860, 6)
    assert in_sequence([*head, *receiver, *letter])
    assert in_sequence([*receiver, *head, *letter]) is False


def test_a_long_column_that_begins_lower_is_still_read_first():
    left = paragraph(60, 200, 400, 9)
    right = paragraph(500, 60, 400, 14)
    assert in_sequence([*left, *right])


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


# Mixed pages: columns, tables and single lines on one page.


def table(x, y, columns, rows, pitch=34, seed=0):
    """Cells of different widths, row by row; ``columns`` are (left edge, greatest width)."""
    rng = np.random.default_rng(seed)
    return [
        box(x + left, y + row * pitch, rng.uniform(0.4, 1) * widest)
        for row in range(rows)
        for left, widest in columns
    ]


def noisy(quads, seed=0, share=0.3):
    """Boxes whose heights vary about the middle of the line, as those of a detector do."""
    rng = np.random.default_rng(seed)
    quads = np.array(quads, np.float32)
    middle = quads[..., 1].mean(1, keepdims=True)
    quads[..., 1] = middle + (quads[..., 1] - middle) * rng.uniform(1 - share, 1 + share, (len(quads), 1))
    return quads


def corners(*sides):
    """Quads from x0, y0, x1, y1 of level boxes."""
    return [box(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in sides]


def test_the_sample_page_reads_columns_then_the_table_then_the_end():
    # As the detector found it on data/samples/page.png, whose text leans by 0.6 degrees.
    quads = [
        [(134, 155), (732, 150), (733, 211), (135, 217)],
        [(140, 249), (1079, 239), (1079, 266), (140, 276)],
        [(140, 285), (1063, 276), (1063, 302), (140, 312)],
        [(140, 321), (1039, 312), (1039, 338), (140, 348)],
        [(141, 358), (562, 354), (562, 378), (141, 383)],
        *corners((147, 436, 224, 459)),
        [(145, 485), (585, 479), (586, 501), (146, 507)],
        [(142, 519), (525, 515), (525, 536), (142, 540)],
        [(141, 552), (581, 548), (582, 570), (142, 574)],
        [(142, 587), (561, 582), (561, 604), (142, 609)],
        [(146, 621), (565, 616), (565, 638), (146, 643)],
        *corners((138, 646, 513, 681), (647, 431, 724, 453)),
        [(645, 479), (1085, 475), (1086, 497), (646, 502)],
        [(645, 513), (1082, 508), (1082, 531), (646, 535)],
        [(641, 547), (1090, 542), (1090, 565), (641, 570)],
        [(642, 581), (1057, 577), (1057, 599), (642, 603)],
        [(646, 616), (945, 612), (945, 633), (646, 637)],
        *corners((147, 759, 244, 781), (399, 758, 496, 777), (751, 754, 836, 774)),
        *corners((147, 805, 228, 827), (398, 801, 557, 825), (746, 798, 889, 821)),
        *corners((147, 850, 224, 873), (398, 847, 593, 870)),
        [(745, 844), (1122, 840), (1122, 864), (745, 869)],
        *corners((147, 897, 208, 917), (397, 892, 662, 917), (746, 890, 905, 914)),
        [(148, 988), (1047, 977), (1047, 1003), (148, 1014)],
        [(149, 1025), (361, 1021), (362, 1045), (150, 1048)],
    ]
    blocks = order(quads)
    assert [flat([block]) for block in blocks] == [
        [0], [1, 2, 3, 4], list(range(5, 12)), list(range(12, 18)), list(range(18, 30)), [30, 31],
    ]  # fmt: skip
    assert blocks[4] == [[18, 19, 20], [21, 22, 23], [24, 25, 26], [27, 28, 29]]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "columns",
    [
        [(0, 150), (230, 200), (600, 200)],  # the gutter of the columns runs through a cell or not
        [(0, 180), (230, 180), (460, 180), (690, 180)],  # a gutter where that of the columns is
    ],
)
def test_columns_above_a_table_end_where_it_begins(columns, seed):
    text = paragraph(60, 100, 420, 7) + paragraph(520, 100, 420, 6)
    quads = text + table(60, 340, columns, 6, seed=seed) + paragraph(60, 600, 880, 3)
    blocks = order(quads, seed)
    cells, count = len(text), len(columns)
    rows = [row for block in blocks for row in block]
    assert rows[cells : cells + 6] == [
        list(range(cells + i * count, cells + (i + 1) * count)) for i in range(6)
    ]
    assert flat(blocks) == list(range(len(quads)))
    assert len(blocks[-1]) == 3


def test_a_table_above_columns():
    quads = table(60, 60, [(0, 150), (300, 150), (600, 150)], 5)
    quads += paragraph(60, 300, 420, 9) + paragraph(520, 300, 420, 9)
    assert in_sequence(quads)


def test_three_columns_with_a_heading_across_them_in_the_middle():
    quads = [box(40, 30, 900, 44)]
    for top in (100, 420):
        for x in (40, 350, 660):
            quads += paragraph(x, top, 280, 9)
        if top == 100:
            quads += [box(200, 360, 600, 34)]
    assert in_sequence(quads)


@pytest.mark.parametrize("seed", range(4))
def test_labels_and_values_of_different_lengths_stay_together(seed):
    quads = table(50, 80, [(0, 200), (320, 400)], 10, pitch=44, seed=seed)
    rows = [row for block in order(quads, seed) for row in block]
    assert rows == [[2 * i, 2 * i + 1] for i in range(10)]


@pytest.mark.parametrize("degrees", [-4, 4])
@pytest.mark.parametrize("seed", range(4))
def test_items_and_prices_of_a_photographed_receipt_stay_together(degrees, seed):
    quads = [box(300, 20, 240), box(270, 56, 300)]
    quads += table(60, 130, [(0, 260), (560, 60)], 14, pitch=38, seed=seed)
    quads = photographed(noisy(quads, seed), degrees)
    rows = [row for block in order(quads, seed) for row in block]
    assert rows == [[0], [1], *([2 * i, 2 * i + 1] for i in range(1, 15))]


@pytest.mark.parametrize("seed", range(8))
def test_noisy_heights_break_no_paragraph(seed):
    quads = paragraph(60, 100, 600, 12) + paragraph(60, 450, 600, 9)
    assert [len(block) for block in order(noisy(quads, seed), seed)] == [12, 9]
    columns = noisy(paragraph(60, 100, 420, 14) + paragraph(520, 100, 420, 14), seed)
    assert [len(block) for block in order(columns, seed)] == [14, 14]
    assert in_sequence(columns, seed)


def test_a_book_page_with_a_running_head_and_a_page_number():
    quads = [box(80, 30, 30), box(320, 30, 260)]
    quads += paragraph(80, 90, 640, 10) + paragraph(110, 90 + 10 * PITCH, 610, 12)
    quads += [box(380, 90 + 24 * PITCH, 30)]
    blocks = order(quads)
    assert blocks[0] == [[0, 1]]
    assert blocks[-1] == [[len(quads) - 1]]
    assert len(blocks) == 3
    assert in_sequence(quads)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_sidebar_beside_a_table_does_not_mix_with_it(side, seed):
    bar = paragraph(60 if side == "left" else 700, 100, 260, 14)
    cells = table(400 if side == "left" else 60, 103, [(0, 150), (200, 120), (400, 120)], 10, 36, seed)
    assert in_sequence(bar + cells if side == "left" else cells + bar, seed)


@pytest.mark.parametrize("seed", range(6))
def test_one_column_whose_left_ends_vary_a_little_is_not_torn_apart(seed):
    rng = np.random.default_rng(seed)
    quads = np.array(paragraph(100, 100, 800, 40)) + rng.uniform(-3, 3, (40, 1, 2))
    boxes = upright_boxes(quads.astype(np.float32), 0.0)
    assert np.abs(boxes.x0 - quads[:, 0, 0]).max() < HEIGHT
    assert np.abs(boxes.x1 - quads[:, 1, 0]).max() < 2 * HEIGHT


def listing(prefixes, rest):
    """Rows of a listing in a terminal: two pieces each, hardly a space wider apart than words."""
    quads, texts = [], []
    for i, (prefix, text) in enumerate(zip(prefixes, rest, strict=True)):
        quads += [box(10, 10 + PITCH * i, 10.0 * len(prefix)), box(270, 10 + PITCH * i, 10.0 * len(text))]
        texts += [prefix, text]
    return np.array(quads, np.float32), texts


@pytest.mark.parametrize(
    "prefix", ["-rw-r--r-- 1 alice users", "2024-0{}-17 10:25:1{} INFO", "10:2{}:05 alice logs in"]
)
def test_a_listing_is_read_row_by_row(prefix):
    prefixes = [prefix.format(i, i) for i in range(9)]
    quads, texts = listing(prefixes, ["started the server on port 8000"] * 9)
    assert flat(reading_order(quads, 0.0, texts)) == list(range(18))


def test_columns_of_prose_stay_columns_whatever_they_say():
    words = ["well-known facts of it", '"Quoted," he said to her', "1. a list of all that", "it’s so"]
    quads, texts = listing([words[i % 4].ljust(24) for i in range(9)], ["and the story goes on and on"] * 9)
    assert flat(reading_order(quads, 0.0, texts)) == [*range(0, 18, 2), *range(1, 18, 2)]


@pytest.mark.parametrize("white", [30, 60])
@pytest.mark.parametrize("seed", range(4))
def test_a_table_of_two_wide_columns_under_running_text_is_read_row_by_row(white, seed):
    rng = np.random.default_rng(seed)
    text = paragraph(60, 100, 420, 20, rng) + paragraph(520, 100, 420, 20, rng)
    top = 100 + 20 * PITCH + white
    cells = [box(x, top + PITCH * i, 420 * rng.uniform(0.3, 0.95)) for i in range(8) for x in (60.0, 520.0)]
    assert in_sequence(text + cells, seed)


@pytest.mark.parametrize("seed", range(4))
def test_four_justified_columns_on_one_grid_are_columns(seed):
    rng = np.random.default_rng(seed)
    quads = [quad for i in range(4) for quad in paragraph(60 + 190 * i, 100, 170, 40)]
    quads = np.array(quads) + rng.normal(0, 0.04 * HEIGHT, (len(quads), 4, 2))
    assert in_sequence(quads, seed)


def article(texts, x, y, columns, rows, gutter=20, width=240):
    """Justified columns whose sentences run on from the foot of one to the head of the next."""
    quads = []
    for column in range(columns):
        for row in range(rows):
            quads.append(box(x + column * (width + gutter), y + row * PITCH, width))
            texts.append("goes on here and there" if column or row else "Begins with a capital")
    texts[-1] = "and this is its end."
    return quads


@pytest.mark.parametrize("columns", [2, 3, 4])
@pytest.mark.parametrize("white", [0.9 * HEIGHT, 2.5 * HEIGHT])
def test_an_article_under_another_is_read_after_it(columns, white):
    texts: list[str] = []
    quads = article(texts, 50, 100, columns, 8)
    quads += article(texts, 50, 100 + 7 * PITCH + HEIGHT + white, columns, 7)
    found = reading_order(np.array(quads), 0.0, texts)
    assert flat(found) == list(range(len(quads)))


def test_white_at_one_height_in_both_columns_ends_neither():
    """A figure in each column, at the same height: the sentences go on below them."""
    texts: list[str] = []
    quads = [
        box(50 + column * 300, 100 + (row + (4 if row > 7 else 0)) * PITCH, 280)
        for column in range(2)
        for row in range(16)
    ]
    texts = ["goes on and on without an end"] * len(quads)
    found = reading_order(np.array(quads), 0.0, texts)
    assert flat(found) == list(range(len(quads)))


def test_a_title_over_the_middle_columns_comes_first():
    title = [box(420, 20, 400, 40), box(540, 70, 160)]
    columns = [box(50 + column * 280, 130 + row * PITCH, 260) for column in range(4) for row in range(9)]
    texts = ["The Harbour News", "Monday, 3 May", *["goes on and on without an end"] * len(columns)]
    found = reading_order(np.array(title + columns), 0.0, texts)
    assert flat(found) == list(range(len(texts)))


def test_lines_that_go_on_are_no_cells_though_they_leave_white():
    """A narrow right column, ragged, on the grid of the left one."""
    rng = np.random.default_rng(3)
    quads, texts = [], []
    for row in range(10):
        quads += [box(50, 100 + row * PITCH, 330), box(450, 100 + row * PITCH, rng.uniform(190, 330))]
        texts += ["of the thing that", "is what goes on"]
    assert flat(reading_order(np.array(quads), 0.0, texts)) == [*range(0, 20, 2), *range(1, 20, 2)]
    cells = ["Name of the thing", "12.50 and more"] * 10
    assert flat(reading_order(np.array(quads), 0.0, cells)) == list(range(20))


def test_a_column_that_begins_lower_is_read_first_where_its_sentence_goes_on():
    """A picture stands above the text of the left column."""
    left = [box(50, 230 + row * PITCH, 260) for row in range(4)]
    right = [box(340, 100 + row * PITCH, 260) for row in range(9)]
    texts = ["goes on and on without an end"] * 13
    assert flat(reading_order(np.array(left + right), 0.0, texts)) == list(range(13))
    texts = ["Begins here and ends here."] * 13
    assert flat(reading_order(np.array(left + right), 0.0, texts)) == [*range(4, 13), *range(4)]


def test_a_caption_beside_a_line_between_columns_is_no_table():
    """Pictures on either side, the caption of one level with a line of text on the other."""
    heights = [*range(8), 12, *range(16, 24)]  # in rows; white above and below the twelfth
    quads = [box(50 + column * 300, 100 + row * PITCH, 280) for column in range(2) for row in heights]
    texts = ["goes on and on without an end"] * len(quads)
    assert flat(reading_order(np.array(quads), 0.0, texts)) == list(range(len(quads)))


def test_indents_are_no_lean():
    """Paragraphs of two lines: every second line begins a little to the right."""
    quads = [
        box(50 + column * 320 + (0.7 * HEIGHT if row % 2 == 0 else 0), 100 + row * PITCH, 280)
        for column in range(2)
        for row in range(20)
    ]
    boxes = upright_boxes(np.array(quads), 0.0)
    assert np.allclose(boxes.x0, np.array(quads)[:, 0, 0], atol=1)


def test_a_rule_across_columns_parts_articles():
    """Sentences end with the columns: the white alone does not tell where an article ends."""
    first = [quad for i in range(3) for quad in paragraph(50 + i * 300, 100, 280, 6)]
    second = [quad for i in range(3) for quad in paragraph(50 + i * 300, 105 + 6 * PITCH, 280, 5)]
    quads = np.array(first + second)
    lines = drawn([rule(50, 930, 98 + 6 * PITCH)])
    assert flat(reading_order(quads, 0.0, drawn=lines)) == list(range(33))
    assert flat(reading_order(quads, 0.0)) != list(range(33))
    in_one_column = drawn([rule(50, 330, 98 + 6 * PITCH)])
    assert flat(reading_order(quads, 0.0, drawn=in_one_column)) == flat(reading_order(quads, 0.0))


def test_a_rule_through_lines_parts_nothing():
    quads = np.array([quad for i in range(2) for quad in paragraph(50 + i * 300, 100, 280, 12)])
    struck = drawn([rule(50, 630, 100 + 6 * PITCH + HEIGHT / 2)])
    assert flat(reading_order(quads, 0.0, drawn=struck)) == list(range(24))


@pytest.mark.parametrize("degrees", [0.0, 3.0])
def test_cards_in_a_grid_are_read_row_by_row(degrees):
    """Boxes beside each other, with different amounts of text; each level edge is two rules."""
    quads, rules = [], []
    for top, rows in ((100, (4, 7)), (340, (7, 3))):
        for x, lines in zip((60, 420), rows, strict=True):
            quads += paragraph(x, top + 20, 300, lines)
        rules += [rule(x, x + 340, y) for x in (40, 400) for y in (top, top + 220)]
    quads, rules = turned(quads, degrees), turned(rules, degrees)
    assert flat(reading_order(quads, degrees, drawn=drawn(rules))) == list(range(21))


def test_a_line_down_the_gutter_makes_columns_of_a_few_lines():
    """A picture leaves the second column two lines, one of them level with the first column's."""
    quads = np.array(
        [*paragraph(50, 100, 280, 9), box(360, 100 + 7 * PITCH, 280), box(360, 290 + PITCH, 200)]
    )
    texts = ["goes on and on without an end"] * 11
    bar = np.array([(345, 100), (345, 340), (346, 340), (346, 100)])
    assert flat(reading_order(quads, 0.0, texts, drawn([], [bar]))) == list(range(11))
    assert flat(reading_order(quads, 0.0, texts, drawn())) != list(range(11))


def test_numbers_left_of_a_line_stay_with_their_rows():
    quads = [
        quad for i in range(12) for quad in (box(50, 100 + i * PITCH, 20), box(100, 100 + i * PITCH, 500))
    ]
    texts = [text for i in range(12) for text in (str(i + 1), "and so the record of it goes on")]
    bar = np.array([(85, 90), (85, 420), (86, 420), (86, 90)])
    assert flat(reading_order(np.array(quads), 0.0, texts, drawn([], [bar]))) == list(range(24))


def test_lines_are_looked_for_only_where_pieces_stand_side_by_side():
    def fail(square):
        raise AssertionError("looked for")

    assert flat(reading_order(np.array(paragraph(50, 100, 600, 20)), 0.0, drawn=fail)) == list(range(20))


def test_a_list_in_a_panel_is_read_before_what_stands_beside_it():
    """The entries of a menu, and a table whose rows are further apart."""
    menu = [box(20, 100 + i * 35, 90) for i in range(8)]
    table = [box(x, 110 + i * 38, 100) for i in range(9) for x in (260, 440, 600)]
    bar = np.array([(200, 0), (200, 700), (201, 700), (201, 0)])
    assert flat(reading_order(np.array(menu + table), 0.0, drawn=drawn([], [bar]))) == list(range(35))
    level = [box(260, 100 + i * 35, 300) for i in range(8)]
    rows = [i + 8 * side for i in range(8) for side in range(2)]
    assert flat(reading_order(np.array(menu + level), 0.0, drawn=drawn([], [bar]))) == rows


def test_a_line_all_along_parts_before_a_gutter_within_a_side():
    """A list of messages with their times at the right, beside the text of one of them."""
    messages, texts = [], []
    for i in range(8):
        messages += [box(20, 100 + i * 67, 130), box(280, 101 + i * 67, 40)]
        messages += [box(20, 126 + i * 67, 160), box(20, 147 + i * 67, 120)]
        texts += ["Some Name", "11:43", "What It Says", "and how it begins"]
    body = paragraph(360, 118, 600, 14)
    bar = np.array([(335, 0), (335, 800), (336, 800), (336, 0)])
    texts += ["goes on and on without an end"] * 14
    found = reading_order(np.array(messages + body), 0.0, texts, drawn([], [bar]))
    assert flat(found) == list(range(46))


def test_headings_written_up_the_page_do_not_turn_a_table_of_short_cells():
    up = [np.roll(box(100 + 60 * i, 20, 20, 90), 1, axis=0) for i in range(7)]  # read from bottom to top
    cells = [box(100 + 60 * i, 130 + 40 * row, 30) for row in range(10) for i in range(7)]
    assert text_angle(np.array(up)) == pytest.approx(90)
    assert text_angle(np.array(up + cells)) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(("broken", "columns_anew"), [(2, True), (1, False)])
def test_articles_whose_lines_between_the_columns_break_are_read_one_after_the_other(broken, columns_anew):
    """Two articles of three columns, the heading of the second in its first column."""
    quads, bars = [], []
    for top in (100, 100 + 10 * PITCH):
        columns = [paragraph(50 + 300 * i, top, 280, 7) for i in range(3)]
        quads += [line for column in columns for line in column]
    heading = box(50, 100 + 8.5 * PITCH, 200)
    quads.insert(21, heading)
    for i in range(2):
        x, bottom = 340 + 300 * i, 100 + 17 * PITCH
        ends = [(100, 100 + 7 * PITCH), (100 + 10 * PITCH, bottom)] if i < broken else [(100, bottom)]
        bars += [bar(x, *pair) for pair in ends]
    order = flat(reading_order(np.array(quads), 0.0, drawn=drawn([], bars)))
    assert (order == list(range(43))) == columns_anew


def test_pictures_beside_each_other_break_no_columns():
    """Two columns with two pictures each at the same heights, but for a little."""
    columns = [
        [*paragraph(x, 100, 280, 6), *paragraph(x, 100 + 12 * PITCH, 280, 6), *paragraph(x, 850, 280, 6)]
        for x in (50, 350)
    ]
    edges, bars = [], []
    for x, low in ((50, 0), (350, 5)):
        for top in (100 + 7 * PITCH + low, 100 + 19 * PITCH + low):
            edges += [rule(x, x + 280, top), rule(x, x + 280, top + 80)]
            bars += [bar(x, top, top + 80), bar(x + 280, top, top + 80)]
    quads = np.array(columns[0] + columns[1])
    found = flat(reading_order(quads, 0.0, drawn=drawn([], bars, edges)))
    assert found == list(range(36))


def stanzas(x, y, counts, seed, pitch=PITCH):
    """Groups of ragged lines under each other, with white between them."""
    rng = np.random.default_rng(seed)
    quads = []
    for count in counts:
        quads += [box(x, y + i * pitch, rng.uniform(180, 380)) for i in range(count)]
        y += (count + 0.9) * pitch
    return quads


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shift", [0.45, 0.9])
def test_a_poem_in_two_columns_is_read_stanza_by_stanza(shift, seed):
    left = stanzas(60, 100 + shift * PITCH, [4, 4, 5, 4], seed)
    right = stanzas(520, 100, [4, 4, 4, 4], seed + 9)
    assert in_sequence(left + right, seed)


@pytest.mark.parametrize("seed", range(4))
def test_cells_of_several_lines_stay_in_their_rows(seed):
    quads = []
    for row, (one, other) in enumerate([(2, 3), (3, 1), (1, 2), (3, 3), (2, 1)]):
        y = 100 + 4 * PITCH * row
        quads += stanzas(60, y, [one], seed + row) + stanzas(520, y, [other], seed + row + 50)
    rows = {len(row) for block in order(quads, seed) for row in block}
    assert rows == {1, 2}


@pytest.mark.parametrize("line", [False, True])
def test_events_on_both_sides_of_a_timeline_are_read_from_above(line):
    events = [paragraph(60 if i % 2 else 520, 50 + 140 * i, 380, 4) for i in range(6)]
    quads = np.array([quad for event in events for quad in event])
    lines = drawn(bars=[bar(480, 40, 880)] if line else [])
    assert flat(reading_order(quads, 0.0, drawn=lines)) == list(range(len(quads)))


def test_columns_whose_lines_stand_between_each_other_stay_columns():
    left, right = ([box(x, y + i * 3 * HEIGHT, 380) for i in range(10)] for x, y in ((60, 50), (520, 80)))
    quads = np.array([*left, *right])
    assert flat(reading_order(quads, 0.0)) == list(range(20))

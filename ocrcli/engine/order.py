"""Reading order: which pieces of text make a row, which rows a block, and what comes first.

Columns of running text are read one after the other, tables and receipts row by row. The
page is cut as by XY-cut (Nagy 1984), with two changes that real pages ask for: lines that
span a gutter divide it into bands instead of hiding it, and a gutter counts only between
columns of running text.

All lengths are in multiples of the text height, so that the scale of a page does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ocrcli.engine.straighten import Boxes, upright_boxes

SAME_ROW_OVERLAP = 0.5  # of the lower height: two pieces of one row
SAME_ROW_HEIGHTS = 2.0  # ratio; a heading beside small print is no row with it
TOUCHING = 0.3  # heights by which neighbours may overlap, as boxes of a detector do
MIN_GUTTER = 0.6  # heights; narrower is a gap between words
MIN_COLUMN_ROWS = 3  # rows on either side of a gutter; fewer say nothing
RUNNING_WIDTH = 8.0  # heights, about 16 characters: a typical line of running text is wider
NARROW_WIDTH = 4.0  # heights; a column of narrower lines is a list of figures
PAIRED = 0.6  # share of rows with a partner at the same height that makes cells of a table
MIN_FILL = 0.5  # share of a column that its lines cover; a table has more white
HEADER_GAP = 1.2  # heights of white that part a running header or footer from the columns
PARAGRAPH_GAP = 0.8  # heights of white between paragraphs (docTR)
LOOSE_GAP = 1.3  # times the usual gap: the same in text that is widely spaced
MAX_LOOSE_GAP = 1.6  # heights; beyond it rows are apart, however wide the spacing
HEADING_RATIO = 1.6  # of heights; text so much larger is another block


def reading_order(quads: np.ndarray, angle: float) -> list[list[list[int]]]:
    """Blocks of rows of indices into ``quads``, all in reading order.

    ``quads`` is float32 (n, 4, 2); ``angle`` is the skew of the page in degrees,
    counter-clockwise positive. Every index comes up exactly once.
    """
    if not len(quads):
        return []
    return list(_layout(upright_boxes(quads, angle), np.arange(len(quads))))


def _layout(boxes: Boxes, region: np.ndarray) -> Iterator[list[list[int]]]:
    """Blocks of a region: its columns where it has some, else its rows."""
    rows = _rows(boxes, region)
    cut = _best_cut(boxes, region, rows) if len(region) >= 2 * MIN_COLUMN_ROWS else None
    if cut is None:
        yield from _blocks(boxes, rows)
        return
    for part in cut:
        yield from _layout(boxes, part)


def _rows(boxes: Boxes, region: np.ndarray) -> list[list[int]]:
    """Pieces side by side at one height, left to right; rows from top to bottom."""
    x0, y0, x1, y1 = (side.tolist() for side in (boxes.x0, boxes.y0, boxes.x1, boxes.y1))
    # What is higher than most, as a drop cap is, has its place where it begins.
    place = boxes.y0 + np.minimum(boxes.height, np.median(boxes.height[region])) / 2
    rows: list[list[int]] = []
    bottoms: list[float] = []
    for i in region[np.argsort(place[region], kind="stable")].tolist():
        best, best_overlap = -1, SAME_ROW_OVERLAP
        height = y1[i] - y0[i]
        for row in range(len(rows) - 1, max(-1, len(rows) - 40), -1):  # 40: wider than any table
            if bottoms[row] < y0[i]:
                continue
            apart = [max(x0[i] - x1[j], x0[j] - x1[i]) for j in rows[row]]  # negative: they overlap
            if min(apart) < -TOUCHING * height:
                continue
            j = rows[row][apart.index(min(apart))]  # the neighbour; the ends of a row may be askew
            low, high = sorted((height, y1[j] - y0[j]))
            overlap = (min(y1[i], y1[j]) - max(y0[i], y0[j])) / low
            if overlap > best_overlap and high <= SAME_ROW_HEIGHTS * low:
                best, best_overlap = row, overlap
        if best < 0:
            rows.append([i])
            bottoms.append(y1[i])
        else:
            rows[best].append(i)
            bottoms[best] = max(bottoms[best], y1[i])
    for pieces in rows:
        pieces.sort(key=x0.__getitem__)
    return sorted(rows, key=lambda pieces: float(place[pieces].mean()))


def _best_cut(boxes: Boxes, region: np.ndarray, rows: list[list[int]]) -> list[np.ndarray] | None:
    """The gutter that parts most rows of running text, as parts of the region in reading order."""
    row_of = np.empty(int(region.max()) + 1, np.int64)
    for number, pieces in enumerate(rows):
        row_of[pieces] = number
    height = float(np.median(boxes.height[region]))
    best: list[np.ndarray] | None = None
    best_rows = 0
    for gutter in _left_edges(boxes.x0[region], height):
        parts, parted = _cut_at(boxes, region, row_of, gutter, height)
        if parted > best_rows:
            best, best_rows = parts, parted
    return best


def _left_edges(x0: np.ndarray, height: float) -> Iterator[float]:
    """Left ends at which at least three pieces begin, the leftmost excepted."""
    x0 = np.sort(x0)
    groups = np.split(x0, np.flatnonzero(np.diff(x0) > TOUCHING * height) + 1)
    for group in groups[1:]:
        if len(group) >= MIN_COLUMN_ROWS:
            yield float(group[0])


def _cut_at(
    boxes: Boxes, region: np.ndarray, row_of: np.ndarray, gutter: float, height: float
) -> tuple[list[np.ndarray], int]:
    """Parts of the region for a gutter that ends at ``gutter``, and how many rows it parts.

    Pieces across the gutter divide the region into bands. A band of two columns gives its
    left and its right part; bands without columns stay with their neighbours.
    """
    tolerance = TOUCHING * height
    is_left = boxes.x1[region] <= gutter + tolerance
    is_right = boxes.x0[region] >= gutter - tolerance
    crossing = region[~is_left & ~is_right]
    crossing = crossing[np.argsort(boxes.middle[crossing])]
    edges = boxes.middle[crossing]
    band_of = np.searchsorted(edges, boxes.middle[region])
    stack: list[np.ndarray] = []  # pieces since the last band of columns
    parts: list[np.ndarray] = []
    parted = 0
    for band in range(len(edges) + 1):
        inside = (band_of == band) & (is_left | is_right)
        members = region[inside]
        if len(members) >= 2 * MIN_COLUMN_ROWS:
            head, body, foot = _without_header(boxes, members, height)
            left = body[boxes.x1[body] <= gutter + tolerance]
            right = body[boxes.x1[body] > gutter + tolerance]
            count = _columns(boxes, left, right, row_of, height, gutter)
            if count:
                parted += count
                parts += [np.concatenate([*stack, head]), left, right]
                stack = [foot]
                members = members[:0]
        stack += [members, crossing[band : band + 1]]
    parts.append(np.concatenate(stack))
    return [part for part in parts if len(part)], parted


def _without_header(
    boxes: Boxes, members: np.ndarray, height: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A lone row far above, the columns, and a lone row far below: page numbers and the like."""
    members = members[np.argsort(boxes.y0[members])]
    reach = np.maximum.accumulate(boxes.y1[members])
    # A wide stripe of white across all columns follows these pieces:
    ends = np.flatnonzero(boxes.y0[members][1:] - reach[:-1] > HEADER_GAP * height) + 1
    head = foot = 0
    if len(ends) and _is_one_row(boxes, members[: ends[0]]):
        head = int(ends[0])
    if len(ends) and int(ends[-1]) > head and _is_one_row(boxes, members[ends[-1] :]):
        foot = len(members) - int(ends[-1])
    last = len(members) - foot
    return members[:head], members[head:last], members[last:]


def _is_one_row(boxes: Boxes, pieces: np.ndarray) -> bool:
    middle = boxes.middle[pieces]
    return bool(np.ptp(middle) < boxes.height[pieces].min())


def _columns(
    boxes: Boxes, left: np.ndarray, right: np.ndarray, row_of: np.ndarray, height: float, gutter: float
) -> int:
    """How many rows of running text stand on both sides of a gutter; 0 if they are no columns."""
    left_rows, right_rows = set(row_of[left].tolist()), set(row_of[right].tolist())
    rows = min(len(left_rows), len(right_rows))
    if rows < MIN_COLUMN_ROWS:
        return 0
    if gutter - np.percentile(boxes.x1[left], 90) < MIN_GUTTER * height:
        return 0
    narrower = min(_typical(boxes.width[side] / boxes.height[side]) for side in (left, right))
    if narrower < NARROW_WIDTH:
        return 0
    if narrower < RUNNING_WIDTH and len(left_rows & right_rows) > PAIRED * rows:
        return 0
    for side, side_rows in ((left, left_rows), (right, right_rows)):
        extent = boxes.x1[side].max() - boxes.x0[side].min()
        if boxes.width[side].sum() < MIN_FILL * extent * len(side_rows):
            return 0
    return rows


def _typical(widths: np.ndarray) -> float:
    """Width of the piece in which a typical letter stands: the median weighted by width.

    A table within a column has many small pieces and little text; it does not count for more.
    """
    widths = np.sort(widths)
    passed = np.cumsum(widths)
    return float(widths[np.searchsorted(passed, passed[-1] / 2)])


def _blocks(boxes: Boxes, rows: list[list[int]]) -> Iterator[list[list[int]]]:
    """Rows in groups that white, a change of height or a shift to the side parts."""
    tops = np.array([boxes.y0[row].min() for row in rows])
    bottoms = np.array([boxes.y1[row].max() for row in rows])
    heights = np.array([np.median(boxes.height[row]) for row in rows])
    gaps = tops[1:] - bottoms[:-1]
    usual = float(np.median(gaps)) if len(gaps) > 1 else 0.0  # one does not tell what is usual
    block = [rows[0]]
    for i, gap in enumerate(gaps):
        above, below = rows[i], rows[i + 1]
        height = float(min(heights[i], heights[i + 1]))
        limit = min(max(PARAGRAPH_GAP * height, LOOSE_GAP * usual), MAX_LOOSE_GAP * height)
        ratio = max(heights[i], heights[i + 1]) / height
        aside = boxes.x0[below].min() > boxes.x1[above].max() or boxes.x1[below].max() < boxes.x0[above].min()
        if gap > limit or ratio > HEADING_RATIO or aside:
            yield block
            block = []
        block.append(below)
    yield block

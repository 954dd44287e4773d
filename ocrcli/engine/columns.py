"""What stands on the two sides of a gutter: columns of running text, or cells of the same rows.

Columns are filled by their lines, run on from sentence to sentence, may have a line drawn between them, and
their rows need not be level. All lengths are in multiples of the text height.
"""

from __future__ import annotations

import numpy as np

from ocrcli.engine.fewnumbers import distinct, median, quantile, weighted_median
from ocrcli.engine.listcolumns import are_lists, are_numbers
from ocrcli.engine.straighten import Boxes

TOUCHING = 0.3  # heights by which the edges of a column may vary
MIN_GUTTER = 0.6  # heights; narrower is a gap between words
MIN_LONG_GUTTER = 0.3  # the same where many rows are parted at one place
MIN_COLUMN_ROWS = 3  # rows on either side of a gutter; fewer say nothing
RUNNING_WIDTH = 8.0  # heights, about 16 characters: a typical line of running text is wider
WORD_WIDTH = 2.0  # heights; what is typically narrower is no text of its own
NARROW_WIDTH = 4.0  # heights; a column of narrower lines is a list of figures
LEVEL = 0.2  # heights; partners on the two sides of a gutter differ by so much, shared shift apart
PAIRED = 0.6  # share of rows with a level partner that makes cells of a table
MIN_FILL = 0.5  # share of a column that its lines cover; a table has more white
RUNNING_FILL = 0.8  # the same for a typical row, where both sides are level: prose fills its lines
GROUPED = 1.4  # times the usual step from row to row: a new group, as a stanza or a paragraph
MIN_GROUPS = 3  # on either side; fewer say nothing
MIN_GROUP_ROWS = 2  # in the mean; single rows are no groups
ALIGNED = 0.4  # heights; groups differ by less in the rows of a table, …
SHARED = 0.7  # … at least this share of them; some do by chance
PROSE = 0.25  # share of lines that begin in the middle of a sentence, from which text is no list of cells
COLUMN_ROWS = 6  # pieces with one left edge that surely are a column of a newspaper
INDENT = 2.0  # heights; pieces that begin so close to each other belong to one column
LISTED = 0.6  # of the rows begin with a word of one form: a listing
TURNS = 3  # from one side to the other and back, by which they are no columns …
LINES_A_TURN = 2  # … in the mean at least; the lines of two columns may stand between each other
OVERHANG = 0.25  # heights by which what is above may reach into what is below
FRAMED = 0.5  # heights between two lines that stand in one gutter: the sides of frames
RULED = 0.8  # share of a region, or of the height of columns, that a line spans to divide them


def sides_of(
    boxes: Boxes, members: np.ndarray, gutter: float, height: float
) -> tuple[np.ndarray, np.ndarray]:
    """What stands left and right of a gutter."""
    is_left = boxes.x1[members] <= gutter + TOUCHING * height
    return members[is_left], members[~is_left]


def begin_anew(boxes: Boxes, above: np.ndarray, below: np.ndarray, least: int) -> bool:
    """Whether the columns below some white are others than those above: an article under another.

    A sentence that goes on from the foot of a column tells where: at the head of the next column, or below
    the white. ``least`` is by how many sentences the former has to outweigh the latter.
    """
    if boxes.goes_on is None or boxes.ended is None:
        return False
    white = float(boxes.y0[below].min())
    columns = _own_columns(boxes, np.concatenate([above, below]))
    upper = [column[boxes.middle[column] < white] for column in columns]
    lower = [column[boxes.middle[column] > white] for column in columns]
    if len(columns) < 2 or min(map(len, (*upper, *lower))) < MIN_COLUMN_ROWS:
        return False
    edges = [quantile(boxes.x1[column], 0.75) for column in columns]
    nexts = [*upper[1:], lower[0]]
    anew = sum(_link(boxes, *link) for link in zip(upper, nexts, edges, strict=True))
    on = sum(_link(boxes, *link) for link in zip(upper, lower, edges, strict=True))
    return anew - on >= least


def runs_on(boxes: Boxes, one: np.ndarray, other: np.ndarray) -> bool:
    """Whether a sentence goes on from the foot of a column to the head of another."""
    if boxes.goes_on is None:
        return False
    return _link(boxes, one, other, quantile(boxes.x1[one], 0.75)) > 0


def _link(boxes: Boxes, one: np.ndarray, other: np.ndarray, edge: float) -> int:
    """How well some pieces follow others: 1 in the middle of a sentence, −1 where one breaks off.

    A last line that does not reach the ``edge`` of its column ends a paragraph, or is a heading.
    """
    assert boxes.goes_on is not None and boxes.ended is not None
    last, first = one[boxes.y1[one].argmax()], other[boxes.y0[other].argmin()]
    full = boxes.x1[last] > edge - boxes.height[last]
    if not full or boxes.width[last] < RUNNING_WIDTH * boxes.height[last]:
        return -1 if boxes.goes_on[first] else 0
    if boxes.ended[last]:
        return 0
    return 1 if boxes.goes_on[first] else -1


def column_rows(
    boxes: Boxes, left: np.ndarray, right: np.ndarray, row_of: np.ndarray, height: float, gutter: float
) -> int:
    """How many rows of running text stand on both sides of a gutter; 0 if they are no columns.

    Rows above or below all of the other side do not count: a sender's address in the corner of a letter
    is no column beside the letter.
    """
    if not len(left) or not len(right):
        return 0
    top = max(boxes.y0[left].min(), boxes.y0[right].min())
    bottom = min(boxes.y1[left].max(), boxes.y1[right].max())
    beside = [side[(boxes.middle[side] > top) & (boxes.middle[side] < bottom)] for side in (left, right)]
    rows = min(distinct(row_of[side]) for side in beside)
    if rows and _take_turns(boxes, left, right):
        return 0
    if rows and _are_barred(boxes, left, right, row_of, height, gutter, (top, bottom)):
        return rows
    if rows < MIN_COLUMN_ROWS:
        return 0
    least = MIN_GUTTER if rows < COLUMN_ROWS else MIN_LONG_GUTTER
    if gutter - quantile(boxes.x1[left], 0.9) < least * height:
        return 0
    if are_cells(boxes, left, right, row_of, height):
        return 0
    return rows


def _take_turns(boxes: Boxes, left: np.ndarray, right: np.ndarray) -> bool:
    """Whether nothing stands beside anything: several lines at the left, then some at the right, and so on.

    The events of a timeline do, now on this side of it, now on that.
    """
    both = np.concatenate([left, right])
    from_above = np.argsort(boxes.y0[both])
    at_left = (np.arange(len(both)) < len(left))[from_above]
    both = both[from_above]
    turns = np.flatnonzero(at_left[1:] != at_left[:-1]) + 1
    if len(turns) < TURNS or (len(turns) + 1) * LINES_A_TURN > len(both):
        return False
    ends = np.maximum.accumulate(boxes.y1[both])[turns - 1]
    return bool((ends - boxes.y0[both[turns]] < OVERHANG * boxes.height[both[turns]]).all())


def is_barred(boxes: Boxes, members: np.ndarray, row_of: np.ndarray, height: float, gutter: float) -> bool:
    """Whether a line is drawn down the gutter, all along what stands on its sides."""
    left, right = sides_of(boxes, members, gutter, height)
    if not len(left) or not len(right):
        return False
    extent = float(boxes.y0[members].min()), float(boxes.y1[members].max())
    return _are_barred(boxes, left, right, row_of, height, gutter, extent)


def _are_barred(
    boxes: Boxes,
    left: np.ndarray,
    right: np.ndarray,
    row_of: np.ndarray,
    height: float,
    gutter: float,
    extent: tuple[float, float],
) -> bool:
    """Whether a line is drawn between two columns, from the top to the bottom of ``extent``."""
    bars = boxes.bars
    if bars is None or not len(bars.x0):
        return False
    top, bottom = extent
    tolerance = TOUCHING * height
    between = (bars.x0 > quantile(boxes.x1[left], 0.9) - tolerance) & (bars.x1 < gutter + tolerance)
    shared = np.minimum(bars.y1, bottom) - np.maximum(bars.y0, top)
    along = between & (shared > RULED * (bottom - top))
    if not along.any():
        return False
    narrow = min(_typical(boxes.width[side] / boxes.height[side]) for side in (left, right))
    if narrow < WORD_WIDTH or any(are_numbers(boxes, side) for side in (left, right)):
        return False  # numbers of the lines, or along the axis of a chart
    between_frames = np.diff(np.sort(bars.x0[along]))
    if ((between_frames > FRAMED * height) & (between_frames < NARROW_WIDTH * height)).any():
        return True
    if not _are_level(boxes, left, right, row_of, height):
        return True
    return narrow >= RUNNING_WIDTH and are_prose(boxes, np.concatenate([left, right]))


def are_cells(boxes: Boxes, left: np.ndarray, right: np.ndarray, row_of: np.ndarray, height: float) -> bool:
    """Whether two sides are cells of the same rows, not columns of running text."""
    sides = left, right
    if are_lists(boxes, sides, [_own_columns(boxes, side) for side in sides], row_of):
        return False
    narrow, wide = sorted(_typical(boxes.width[side] / boxes.height[side]) for side in (left, right))
    if narrow < NARROW_WIDTH:
        return True
    listing = any(_is_listing(boxes, side, row_of) for side in (left, right))
    if narrow >= RUNNING_WIDTH and not listing and are_prose(boxes, np.concatenate([left, right])):
        return False
    if _are_grouped_apart(boxes, left, right, row_of, height):
        return False
    fills = [_fill(boxes, side, row_of) for side in (left, right)]
    if _are_level(boxes, left, right, row_of, height):
        return listing or narrow < RUNNING_WIDTH or min(fill for _, fill in fills) < RUNNING_FILL
    # Rows that do not meet are no cells of one table: text beside a table, where one side runs.
    return wide < RUNNING_WIDTH or max(fill for fill, _ in fills) < MIN_FILL


def are_prose(boxes: Boxes, *sides: np.ndarray) -> bool:
    """Whether many lines of each side begin in the middle of a sentence."""
    return boxes.goes_on is not None and all(boxes.goes_on[side].mean() >= PROSE for side in sides)


def _is_listing(boxes: Boxes, side: np.ndarray, row_of: np.ndarray) -> bool:
    """Whether most rows of a side begin with words of one form."""
    if boxes.form is None:
        return False
    forms = boxes.form[side]
    most = np.bincount(forms[forms >= 0], minlength=1).max()
    return bool(most >= LISTED * distinct(row_of[side]))


def _fill(boxes: Boxes, side: np.ndarray, row_of: np.ndarray) -> tuple[float, float]:
    """Share of a side that its pieces cover: of all its rows, and of a typical one.

    A side that is several columns of running text itself is judged column by column: the gutters between
    them are no white of a table.
    """
    columns = _own_columns(boxes, side)
    if any(_typical(boxes.width[column] / boxes.height[column]) < RUNNING_WIDTH for column in columns):
        columns = [side]
    shares = []
    for column in columns:
        extent = float(boxes.x1[column].max() - boxes.x0[column].min())
        covered = np.bincount(row_of[column], boxes.width[column])
        shares.append(covered[covered > 0] / extent)
    every = np.concatenate(shares)
    return float(every.mean()), median(every)


def _own_columns(boxes: Boxes, side: np.ndarray) -> list[np.ndarray]:
    """The pieces of a side in groups that begin at about one left edge; what stands alone joins the left."""
    side = side[np.argsort(boxes.x0[side], kind="stable")]
    apart = np.diff(boxes.x0[side]) > INDENT * quantile(boxes.height[side], 0.5)
    columns: list[np.ndarray] = []
    for group in np.split(side, np.flatnonzero(apart) + 1):
        if columns and len(group) < COLUMN_ROWS:
            columns[-1] = np.concatenate([columns[-1], group])
        else:
            columns.append(group)
    return columns


def _are_level(boxes: Boxes, left: np.ndarray, right: np.ndarray, row_of: np.ndarray, height: float) -> bool:
    """Whether most rows of the side with fewer have a partner at their height on the other.

    A shift that all partners share is none: it is what remains of a page that leans.
    """
    few, many = sorted((np.sort(_row_middles(boxes, side, row_of)) for side in (left, right)), key=len)
    apart = few[:, None] - many[None]  # (few, many)
    apart = apart[np.arange(len(few)), np.abs(apart).argmin(1)]
    near = apart[np.abs(apart) < height]
    if not len(near):
        return False
    return bool((np.abs(near - median(near)) < LEVEL * height).sum() > PAIRED * len(few))


def _are_grouped_apart(
    boxes: Boxes, left: np.ndarray, right: np.ndarray, row_of: np.ndarray, height: float
) -> bool:
    """Whether groups of lines on the two sides, as stanzas, stand apart from each other.

    The rows of a table have tops, middles or feet in common.
    """
    sides = left, right
    if any(len(side) > distinct(row_of[side]) for side in sides):
        return False
    groups = [_groups(boxes.middle[side]) for side in sides]
    few, many = sorted(groups, key=len)
    if len(few) < MIN_GROUPS:
        return False
    shared = (np.abs(few[:, None] - many) < ALIGNED * height).any(1)  # (groups, 3)
    return bool(shared.mean(0).max() < SHARED)


def _groups(middles: np.ndarray) -> np.ndarray:
    """Heights (n, 3) of the first, the middle and the last of lines with white before and after them."""
    middles = np.sort(middles)
    steps = np.diff(middles)
    if not len(steps):
        return np.empty((0, 3))
    begin = np.flatnonzero(steps > GROUPED * quantile(steps, 0.5)) + 1
    parts = np.split(middles, begin)
    if len(middles) < MIN_GROUP_ROWS * len(parts):
        return np.empty((0, 3))
    return np.array([(part[0], (part[0] + part[-1]) / 2, part[-1]) for part in parts])


def _row_middles(boxes: Boxes, side: np.ndarray, row_of: np.ndarray) -> np.ndarray:
    """Height of the middle of each row of a side: (rows,)."""
    pieces = np.bincount(row_of[side])
    total = np.bincount(row_of[side], boxes.middle[side])
    return total[pieces > 0] / pieces[pieces > 0]


def _typical(widths: np.ndarray) -> float:
    """Width of the piece in which a typical letter stands: the median weighted by width.

    A table within a column has many small pieces and little text; it does not count for more.
    """
    return weighted_median(widths, widths)

"""Reading order: which pieces of text make a row, which rows a block, and what comes first.

Columns of running text are read one after the other, tables and receipts row by row. The
page is cut as by XY-cut (Nagy 1984), with three changes that real pages ask for: lines and
rules that span a gutter divide it into bands instead of hiding it, a stripe of white ends the columns
where a table follows, and a gutter counts only between columns of running text.

All lengths are in multiples of the text height, so that the scale of a page does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ocrcli.engine.paragraphs import blocks_of
from ocrcli.engine.straighten import Boxes, upright_boxes

SAME_ROW_OVERLAP = 0.5  # of the lower height: two pieces of one row
SAME_ROW_HEIGHTS = 2.0  # ratio; a heading beside small print is no row with it
DROP_CAP = 1.6  # times the usual height; what is higher stands beside several rows
SIDE_BY_SIDE = 0.5  # heights by which neighbours in a row may overlap, as boxes of a detector do
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
PROSE = 0.25  # share of lines that begin in the middle of a sentence, from which text is no list of cells
COLUMN_ROWS = 6  # pieces with one left edge that surely are a column of a newspaper
INDENT = 2.0  # heights; pieces that begin so close to each other belong to one column
FORM_LENGTH = 5  # letters; shorter forms, such as "12.", begin the items of lists too
PLAIN_WORD = re.compile(r"[\W_]*[^\W\d_]+(?:['’-][^\W\d_]+)*[\W_]*")  # letters, as in prose
LISTED = 0.6  # of the rows begin with a word of one form: a listing
LONG_COLUMN = 6  # rows beside the other column: it is read in its turn, however high the other begins
HIGHER = 2.0  # heights that a shorter one begins above the other to be read before it
QUOTES = " \"'“”‘’()[]"
SENTENCE_ENDS = frozenset(".!?:;…")
STRIPE = 1.2  # heights of white from side to side: what follows may be laid out otherwise
FINE_STRIPE = 0.5  # heights of white that may do, where the text tells that columns begin anew …
FINE_EVIDENCE = 2  # … by so many sentences that go on beside rather than below
RULED = 0.8  # share of a region, or of the height of columns, that a line spans to divide them
INTO = 0.25  # heights; a rule that runs further into a line does not stand between lines
LOOSE_STRIPE = 1.5  # times the usual white, likewise, in text that is widely spaced


def reading_order(
    quads: np.ndarray,
    angle: float,
    texts: Sequence[str] | None = None,
    drawn: Callable[[], tuple[np.ndarray, np.ndarray]] | None = None,
) -> list[list[list[int]]]:
    """Blocks of rows of indices into ``quads``, all in reading order.

    ``quads`` is float32 (n, 4, 2); ``angle`` is the skew of the page in degrees,
    counter-clockwise positive; ``texts`` is what the pieces say, where that is known. ``drawn``
    finds lines drawn on the page, level and upright ones, float32 (m, 4, 2) each: it is called where
    pieces stand side by side.
    Every index comes up exactly once.
    """
    if not len(quads):
        return []
    boxes = upright_boxes(quads, angle)
    if drawn is not None and _are_side_by_side(boxes):
        boxes = upright_boxes(quads, angle, *drawn())
    if texts is not None:
        boxes = replace(
            boxes,
            form=_forms(texts),
            goes_on=np.array([text.lstrip(QUOTES)[:1].islower() for text in texts]),
            ended=np.array([text.rstrip(QUOTES)[-1:] in SENTENCE_ENDS for text in texts]),
        )
    return list(_layout(boxes, np.arange(len(quads))))


def _are_side_by_side(boxes: Boxes) -> bool:
    """Whether any pieces share a row."""
    shared = np.minimum(boxes.y1[:, None], boxes.y1) - np.maximum(boxes.y0[:, None], boxes.y0)
    beside = shared > SAME_ROW_OVERLAP * np.minimum(boxes.height[:, None], boxes.height)
    return int(beside.sum()) > len(beside)  # each is beside itself


def _forms(texts: Sequence[str]) -> np.ndarray:
    """A number (n,) for the form of each text's first word, the same for like forms; −1 for plain words.

    "2024-05-01" and "2023-12-24" are of one form, as are "-rw-r--r--" and "drwxr-xr-x": where most rows
    begin like that they are entries of a log or a listing, not the lines of a column of prose.
    """
    words = [text.split(maxsplit=1)[0] if text.strip() else "" for text in texts]
    forms = [re.sub(r"[a-zA-Z-]", "a", re.sub(r"\d", "0", word)) for word in words]
    numbers = {form: i for i, form in enumerate(dict.fromkeys(forms))}
    telling = [len(word) >= FORM_LENGTH and not PLAIN_WORD.fullmatch(word) for word in words]
    return np.array([numbers[form] if tells else -1 for form, tells in zip(forms, telling, strict=True)])


def _layout(boxes: Boxes, region: np.ndarray) -> Iterator[list[list[int]]]:
    """Blocks of a region: its columns where it has some, else its rows."""
    rows = _rows(boxes, region)
    cut = _best_cut(boxes, region, rows) if len(region) >= 2 * MIN_COLUMN_ROWS else None
    if cut is None:
        yield from blocks_of(boxes, rows)
        return
    for part in cut:
        yield from _layout(boxes, part)


def _rows(boxes: Boxes, region: np.ndarray) -> list[list[int]]:
    """Pieces side by side at one height, left to right; rows from top to bottom."""
    x0, y0, x1, y1 = (side.tolist() for side in (boxes.x0, boxes.y0, boxes.x1, boxes.y1))
    # What is higher than most, as a drop cap is, has its place where it begins.
    usual = float(np.median(boxes.height[region]))
    place = np.where(boxes.height > DROP_CAP * usual, boxes.y0 + usual / 2, boxes.middle)
    rows: list[list[int]] = []
    bottoms: list[float] = []
    for i in region[np.argsort(place[region], kind="stable")].tolist():
        best, best_overlap = -1, SAME_ROW_OVERLAP
        height = y1[i] - y0[i]
        for row in range(len(rows) - 1, max(-1, len(rows) - 40), -1):  # 40: wider than any table
            if bottoms[row] < y0[i]:
                continue
            apart = [max(x0[i] - x1[j], x0[j] - x1[i]) for j in rows[row]]  # negative: they overlap
            if min(apart) < -SIDE_BY_SIDE * height:
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
    """The gutter that parts most rows of running text, as parts of the region in reading order.

    One that is drawn from top to bottom comes before others.
    """
    row_of = np.empty(int(region.max()) + 1, np.int64)
    for number, pieces in enumerate(rows):
        row_of[pieces] = number
    height = float(np.median(boxes.height[region]))
    best: list[np.ndarray] | None = None
    best_rows = 0
    drawn = list(_bars_within(boxes, region, height))
    all_along = [gutter for gutter in drawn if _is_barred(boxes, region, row_of, height, gutter)]
    for gutters in (all_along, [*_left_edges(boxes.x0[region], height), *drawn]):
        for gutter in gutters:
            parts, parted = _cut_at(boxes, region, row_of, gutter, height)
            if parted > best_rows:
                best, best_rows = parts, parted
        if best is not None:
            break
    return best


def _left_edges(x0: np.ndarray, height: float) -> Iterator[float]:
    """Left ends at which at least three pieces begin, the leftmost excepted."""
    x0 = np.sort(x0)
    groups = np.split(x0, np.flatnonzero(np.diff(x0) > TOUCHING * height) + 1)
    for group in groups[1:]:
        if len(group) >= MIN_COLUMN_ROWS:
            yield float(np.quantile(group, 0.1))  # one that begins too early is not the edge


def _bars_within(boxes: Boxes, region: np.ndarray, height: float) -> Iterator[float]:
    """Where upright lines are drawn between the pieces of a region; of those close together one."""
    if boxes.bars is None:
        return
    last = float(boxes.x0[region].min())
    end, top, bottom = boxes.x1[region].max(), boxes.y0[region].min(), boxes.y1[region].max()
    beside = (boxes.bars.x1 < end) & (boxes.bars.y1 > top) & (boxes.bars.y0 < bottom)
    for x in np.sort(boxes.bars.x1[beside]).tolist():
        if x > last + height:
            yield x
            last = x


def _cut_at(
    boxes: Boxes, region: np.ndarray, row_of: np.ndarray, gutter: float, height: float
) -> tuple[list[np.ndarray], int]:
    """Parts of the region for a gutter that ends at ``gutter``, and how many rows it parts.

    Pieces and rules across the gutter divide the region into bands. A band of two columns gives its
    left and its right part; bands without columns stay with their neighbours.
    """
    tolerance = TOUCHING * height
    is_left = boxes.x1[region] <= gutter + tolerance
    is_right = boxes.x0[region] >= gutter - tolerance
    crossing = region[~is_left & ~is_right]
    edges = np.concatenate([boxes.middle[crossing], _rules_across(boxes, region, gutter)])
    from_above = np.argsort(edges)
    edges, dividers = edges[from_above], [crossing[i : i + 1] for i in from_above]  # of a rule: empty
    band_of = np.searchsorted(edges, boxes.middle[region])
    stack: list[np.ndarray] = []  # pieces since the last band of columns
    parts: list[np.ndarray] = []
    parted = 0
    for band in range(len(edges) + 1):
        inside = (band_of == band) & (is_left | is_right)
        members = region[inside]
        for run in _runs(boxes, members, row_of, height, gutter):
            head, body, foot = _without_header(boxes, run, row_of, height, gutter)
            left, right = _sides(boxes, body, gutter, height)
            count = _columns(boxes, left, right, row_of, height, gutter)
            if count:
                parted += count
                # A letterhead beside the address comes first if it begins first.
                below = boxes.y0[left].min() - boxes.y0[right].min()
                is_columns = (
                    count >= LONG_COLUMN
                    or _are_prose(boxes, left, right)
                    or _runs_on(boxes, left, right)
                    or _is_barred(boxes, body, row_of, height, gutter)
                )
                sides = [left, right] if is_columns or below <= HIGHER * height else [right, left]
                parts += [np.concatenate([*stack, head]), *sides]
                stack = [foot]
            else:
                stack.append(run)
        stack += dividers[band : band + 1]
    parts.append(np.concatenate(stack))
    return [part for part in parts if len(part)], parted


def _rules_across(boxes: Boxes, region: np.ndarray, gutter: float) -> np.ndarray:
    """Where rules on both sides of a gutter divide a region: heights (n,).

    They may be one rule from side to side, or the level edges of boxes beside each other.
    """
    rules = boxes.rules
    if rules is None or not len(rules.x0):
        return np.zeros(0)
    tolerance = INTO * float(np.median(boxes.height[region]))
    by_height = np.argsort(rules.middle)
    parts = np.split(by_height, np.flatnonzero(np.diff(rules.middle[by_height]) > tolerance) + 1)
    start, end = boxes.x0[region].min(), boxes.x1[region].max()
    sides = np.array([[start, gutter], [gutter, end]])  # of the gutter
    at = []
    for part in parts:
        x0, x1 = rules.x0[part][:, None], rules.x1[part][:, None]
        shared = np.maximum(np.minimum(x1, sides[:, 1]) - np.maximum(x0, sides[:, 0]), 0).sum(0)
        if (shared > RULED * (sides[:, 1] - sides[:, 0])).all():
            at.append(float(np.median(rules.middle[part])))
    heights = np.array(at)
    inside = np.minimum(heights[:, None] - boxes.y0[region], boxes.y1[region] - heights[:, None])
    return heights[(inside <= INTO * boxes.height[region]).all(1)]


def _sides(boxes: Boxes, members: np.ndarray, gutter: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    """What stands left and right of a gutter."""
    is_left = boxes.x1[members] <= gutter + TOUCHING * height
    return members[is_left], members[~is_left]


def _stripes(boxes: Boxes, members: np.ndarray, height: float, told: bool = False) -> list[np.ndarray]:
    """Members from top to bottom, parted by white that goes from side to side.

    ``told``: also by less white, where the text tells that something else begins there.
    """
    if len(members) < 2:
        return [members]
    members = members[np.argsort(boxes.y0[members], kind="stable")]
    white = boxes.y0[members][1:] - np.maximum.accumulate(boxes.y1[members])[:-1]
    between = white[white > 0]
    usual = float(np.median(between)) if len(between) >= 2 * MIN_COLUMN_ROWS else 0.0
    limit = max(STRIPE * height, LOOSE_STRIPE * usual)
    parted = white > limit
    if told:
        begun = 0
        for at in np.flatnonzero(white > FINE_STRIPE * height):
            if not parted[at]:
                end = at + 1 + np.argmax(np.append(parted[at + 1 :], True))
                parted[at] = _begin_anew(
                    boxes, members[begun : at + 1], members[at + 1 : end + 1], FINE_EVIDENCE
                )
            if parted[at]:
                begun = at + 1
    return np.split(members, np.flatnonzero(parted) + 1)


def _runs(
    boxes: Boxes, members: np.ndarray, row_of: np.ndarray, height: float, gutter: float
) -> list[np.ndarray]:
    """Members from top to bottom, parted where columns give way to rows of cells or begin anew."""
    if _is_barred(boxes, members, row_of, height, gutter):
        return [members]
    stripes = _stripes(boxes, members, height, told=True)
    cells: list[bool] = []
    columns: list[bool] = []  # with something on both sides that is no row of cells
    for stripe in stripes:
        left, right = _sides(boxes, stripe, gutter, height)
        both = bool(len(left) and len(right))
        cells.append(both and (_is_one_row(boxes, stripe) or _are_cells(boxes, left, right, row_of, height)))
        columns.append(both and not cells[-1])
    for i, stripe in enumerate(stripes):
        # A caption beside a line of text, say, with columns above and below.
        if (
            _is_one_row(boxes, stripe)
            and any(columns[:i])
            and not cells[i - 1]
            and any(columns[i + 1 : i + 2])
        ):
            cells[i] = False
    runs: list[list[np.ndarray]] = []
    were_cells = True
    for stripe, are_cells in zip(stripes, cells, strict=True):
        if are_cells or were_cells or _begin_anew(boxes, np.concatenate(runs[-1]), stripe, 1):
            runs.append([])
        runs[-1].append(stripe)
        were_cells = are_cells
    return [np.concatenate(run) for run in runs]


def _begin_anew(boxes: Boxes, above: np.ndarray, below: np.ndarray, least: int) -> bool:
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
    edges = [float(np.quantile(boxes.x1[column], 0.75)) for column in columns]
    nexts = [*upper[1:], lower[0]]
    anew = sum(_link(boxes, *link) for link in zip(upper, nexts, edges, strict=True))
    on = sum(_link(boxes, *link) for link in zip(upper, lower, edges, strict=True))
    return anew - on >= least


def _runs_on(boxes: Boxes, one: np.ndarray, other: np.ndarray) -> bool:
    """Whether a sentence goes on from the foot of a column to the head of another."""
    if boxes.goes_on is None:
        return False
    return _link(boxes, one, other, float(np.quantile(boxes.x1[one], 0.75))) > 0


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


def _without_header(
    boxes: Boxes, members: np.ndarray, row_of: np.ndarray, height: float, gutter: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What stands above the columns, they, and a lone row far below: titles, page numbers and the like."""
    if _is_barred(boxes, members, row_of, height, gutter):
        return members[:0], members, members[:0]
    stripes = _stripes(boxes, members, height)
    head = [members[:0]]
    while len(stripes) > 1 and (
        (len(head) == 1 and _is_one_row(boxes, stripes[0]))
        # A title in the middle of the page does not begin where the column does that is below it.
        or (boxes.x0[stripes[0]] > gutter + INDENT * height).all()
    ):
        head.append(stripes.pop(0))
    foot = stripes.pop() if len(stripes) > 1 and _is_one_row(boxes, stripes[-1]) else members[:0]
    return np.concatenate(head), np.concatenate(stripes), foot


def _is_one_row(boxes: Boxes, pieces: np.ndarray) -> bool:
    middle = boxes.middle[pieces]
    return bool(len(pieces)) and bool(np.ptp(middle) < boxes.height[pieces].min())


def _columns(
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
    rows = min(len(np.unique(row_of[side])) for side in beside)
    if rows and _are_barred(boxes, left, right, row_of, height, gutter, (top, bottom)):
        return rows
    if rows < MIN_COLUMN_ROWS:
        return 0
    least = MIN_GUTTER if rows < COLUMN_ROWS else MIN_LONG_GUTTER
    if gutter - np.percentile(boxes.x1[left], 90) < least * height:
        return 0
    if _are_cells(boxes, left, right, row_of, height):
        return 0
    return rows


def _is_barred(boxes: Boxes, members: np.ndarray, row_of: np.ndarray, height: float, gutter: float) -> bool:
    """Whether a line is drawn down the gutter, all along what stands on its sides."""
    left, right = _sides(boxes, members, gutter, height)
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
    between = (bars.x0 > np.percentile(boxes.x1[left], 90) - tolerance) & (bars.x1 < gutter + tolerance)
    shared = np.minimum(bars.y1, bottom) - np.maximum(bars.y0, top)
    if not (between & (shared > RULED * (bottom - top))).any():
        return False
    narrow = min(_typical(boxes.width[side] / boxes.height[side]) for side in (left, right))
    if narrow < WORD_WIDTH:  # numbers of the lines
        return False
    if not _are_level(boxes, left, right, row_of, height):
        return True
    return narrow >= RUNNING_WIDTH and _are_prose(boxes, np.concatenate([left, right]))


def _are_cells(boxes: Boxes, left: np.ndarray, right: np.ndarray, row_of: np.ndarray, height: float) -> bool:
    """Whether two sides are cells of the same rows, not columns of running text."""
    narrow, wide = sorted(_typical(boxes.width[side] / boxes.height[side]) for side in (left, right))
    if narrow < NARROW_WIDTH:
        return True
    listing = any(_is_listing(boxes, side, row_of) for side in (left, right))
    if narrow >= RUNNING_WIDTH and not listing and _are_prose(boxes, np.concatenate([left, right])):
        return False
    fills = [_fill(boxes, side, row_of) for side in (left, right)]
    if _are_level(boxes, left, right, row_of, height):
        return listing or narrow < RUNNING_WIDTH or min(fill for _, fill in fills) < RUNNING_FILL
    # Rows that do not meet are no cells of one table: text beside a table, where one side runs.
    return wide < RUNNING_WIDTH or max(fill for fill, _ in fills) < MIN_FILL


def _are_prose(boxes: Boxes, *sides: np.ndarray) -> bool:
    """Whether many lines of each side begin in the middle of a sentence."""
    return boxes.goes_on is not None and all(boxes.goes_on[side].mean() >= PROSE for side in sides)


def _is_listing(boxes: Boxes, side: np.ndarray, row_of: np.ndarray) -> bool:
    """Whether most rows of a side begin with words of one form."""
    if boxes.form is None:
        return False
    forms = boxes.form[side]
    most = np.bincount(forms[forms >= 0], minlength=1).max()
    return bool(most >= LISTED * len(np.unique(row_of[side])))


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
    return float(every.mean()), float(np.median(every))


def _own_columns(boxes: Boxes, side: np.ndarray) -> list[np.ndarray]:
    """The pieces of a side in groups that begin at about one left edge; what stands alone joins the left."""
    side = side[np.argsort(boxes.x0[side], kind="stable")]
    apart = np.diff(boxes.x0[side]) > INDENT * float(np.median(boxes.height[side]))
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
    return bool((np.abs(near - np.median(near)) < LEVEL * height).sum() > PAIRED * len(few))


def _row_middles(boxes: Boxes, side: np.ndarray, row_of: np.ndarray) -> np.ndarray:
    """Height of the middle of each row of a side: (rows,)."""
    pieces = np.bincount(row_of[side])
    total = np.bincount(row_of[side], boxes.middle[side])
    return total[pieces > 0] / pieces[pieces > 0]


def _typical(widths: np.ndarray) -> float:
    """Width of the piece in which a typical letter stands: the median weighted by width.

    A table within a column has many small pieces and little text; it does not count for more.
    """
    widths = np.sort(widths)
    passed = np.cumsum(widths)
    return float(widths[np.searchsorted(passed, passed[-1] / 2)])

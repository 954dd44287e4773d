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

from ocrcli.engine.columns import (
    MIN_COLUMN_ROWS,
    RULED,
    TOUCHING,
    are_prose,
    column_rows,
    is_barred,
    runs_on,
    sides_of,
)
from ocrcli.engine.fewnumbers import distinct, median, quantile
from ocrcli.engine.frames import Frame, find_frames, framed_parts
from ocrcli.engine.listcolumns import are_entries, item_numbers, sort_keys
from ocrcli.engine.paragraphs import blocks_of
from ocrcli.engine.squaring import Squaring, squaring
from ocrcli.engine.straighten import Boxes
from ocrcli.engine.stripes import breaks_of_bars, column_runs, without_header

SAME_ROW_OVERLAP = 0.5  # of the lower height: two pieces of one row
SAME_ROW_HEIGHTS = 2.0  # ratio; a heading beside small print is no row with it
DROP_CAP = 1.6  # times the usual height; what is higher stands beside several rows
SIDE_BY_SIDE = 0.5  # heights by which neighbours in a row may overlap, as boxes of a detector do
FORM_LENGTH = 5  # letters; shorter forms, such as "12.", begin the items of lists too
PLAIN_WORD = re.compile(r"[\W_]*[^\W\d_]+(?:['’-][^\W\d_]+)*[\W_]*")  # letters, as in prose
LONG_COLUMN = 6  # rows beside the other column: it is read in its turn, however high the other begins
HIGHER = 2.0  # heights that a shorter one begins above the other to be read before it
QUOTES = " \"'“”‘’()[]"
SENTENCE_ENDS = frozenset(".!?:;…")
HANGING = 3.0  # heights by which numbers and bullets stand before the lines of a column
INSIDE = 3.0  # heights from the side of a frame, at which a column in it begins that is not its first
HEADINGS = 0.25  # of the rows that a gutter parts; so many pieces may stand across it, as headings do
INTO = 0.25  # heights; a rule that runs further into a line does not stand between lines


def reading_order(
    quads: np.ndarray,
    angle: float,
    texts: Sequence[str] | None = None,
    drawn: Callable[[Squaring], tuple[Boxes, Boxes, Boxes]] | None = None,
) -> list[list[list[int]]]:
    """Blocks of rows of indices into ``quads``, all in reading order.

    ``quads`` is float32 (n, 4, 2); ``angle`` is the skew of the page in degrees,
    counter-clockwise positive; ``texts`` is what the pieces say, where that is known. ``drawn``
    finds lines drawn on the page, the ``rules``, ``bars`` and ``edges`` of Boxes on the page set straight:
    it is called where pieces stand side by side.
    Every index comes up exactly once.
    """
    if not len(quads):
        return []
    square = squaring(quads, angle)
    boxes = square.boxes(quads)
    if drawn is not None and _are_side_by_side(boxes):
        rules, bars, edges = drawn(square)
        boxes = replace(boxes, rules=rules, bars=bars, edges=edges)
    if texts is not None:
        boxes = replace(
            boxes,
            form=_forms(texts),
            goes_on=np.array([text.lstrip(QUOTES)[:1].islower() for text in texts]),
            ended=np.array([text.rstrip(QUOTES)[-1:] in SENTENCE_ENDS for text in texts]),
            key=sort_keys(texts),
            entry=are_entries(texts),
            number=item_numbers(texts),
        )
    return list(_layout(boxes, np.arange(len(quads)), find_frames(boxes)))


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


def _layout(boxes: Boxes, region: np.ndarray, frames: Sequence[Frame]) -> Iterator[list[list[int]]]:
    """Blocks of a region: its frames or columns where it has some, else its rows."""
    rows = _rows(boxes, region)
    cut = framed_parts(boxes, region, frames)
    if cut is None and len(region) >= 2 * MIN_COLUMN_ROWS:
        cut = _best_cut(boxes, region, rows, frames)
    if cut is None:
        yield from blocks_of(boxes, rows)
        return
    for part in cut:
        yield from _layout(boxes, part, frames)


def _rows(boxes: Boxes, region: np.ndarray) -> list[list[int]]:
    """Pieces side by side at one height, left to right; rows from top to bottom."""
    x0, y0, x1, y1 = (side.tolist() for side in (boxes.x0, boxes.y0, boxes.x1, boxes.y1))
    # What is higher than most, as a drop cap is, has its place where it begins.
    usual = median(boxes.height[region])
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


def _best_cut(
    boxes: Boxes, region: np.ndarray, rows: list[list[int]], frames: Sequence[Frame]
) -> list[np.ndarray] | None:
    """The gutter that parts most rows of running text, as parts of the region in reading order.

    Many pieces across a gutter speak against it: first lines that are set in would part the columns left of
    theirs from those right of it. One that is drawn from top to bottom comes before others.
    """
    row_of = np.empty(int(region.max()) + 1, np.int64)
    for number, pieces in enumerate(rows):
        row_of[pieces] = number
    height = median(boxes.height[region])
    best: list[np.ndarray] | None = None
    best_worth = -len(region)
    drawn = list(_bars_within(boxes, region, height))
    breaks = breaks_of_bars(boxes, height)
    all_along = [gutter for gutter in drawn if is_barred(boxes, region, row_of, height, gutter)]
    for gutters in (all_along, [*_left_edges(boxes, region, height, frames), *drawn]):
        for gutter in gutters:
            parts, parted = _cut_at(boxes, region, row_of, gutter, height, breaks)
            across = int(_are_across(boxes, region, gutter, height).sum())
            worth = parted if across <= HEADINGS * parted else parted - across
            if parted and worth > best_worth:
                best, best_worth = parts, worth
        if best is not None:
            break
    return best


def _left_edges(boxes: Boxes, region: np.ndarray, height: float, frames: Sequence[Frame]) -> Iterator[float]:
    """Left ends at which at least three pieces begin, the leftmost excepted.

    Numbers of lines and bullets that stand a little before many lines come after those. Columns in a frame
    that stands among other things are columns of that frame alone.
    """
    inner = [frame for frame in frames if len(np.setdiff1d(region, frame.pieces))]
    region = region[np.argsort(boxes.x0[region], kind="stable")]
    apart = np.diff(boxes.x0[region]) > TOUCHING * height
    groups = np.split(region, np.flatnonzero(apart) + 1)[1:]
    groups = [group for group in groups if len(group) >= MIN_COLUMN_ROWS]
    for i in range(len(groups) - 1):
        few, many = groups[i : i + 2]
        before = boxes.x0[many[0]] - boxes.x0[few[0]]
        hanging = before < HANGING * height and boxes.width[few].max() < HANGING * height
        if hanging and len(many) > 2 * len(few):
            groups[i : i + 2] = many, few
    for group in groups:
        edge = quantile(boxes.x0[group], 0.1)  # one that begins too early is not the edge
        holding = (frame for frame in inner if edge > frame.x0 + INSIDE * height)
        if not any(np.isin(group, frame.pieces).all() for frame in holding):
            yield edge


def _bars_within(boxes: Boxes, region: np.ndarray, height: float) -> Iterator[float]:
    """Where upright lines are drawn between the pieces of a region; of those close together the last."""
    if boxes.bars is None:
        return
    start, end, top, bottom = (
        boxes.x0[region].min() + height,
        boxes.x1[region].max(),
        boxes.y0[region].min(),
        boxes.y1[region].max(),
    )
    beside = (
        (boxes.bars.x1 > start) & (boxes.bars.x1 < end) & (boxes.bars.y1 > top) & (boxes.bars.y0 < bottom)
    )
    places = np.sort(boxes.bars.x1[beside])
    yield from places[np.diff(places, append=np.inf) > height].tolist()


def _cut_at(
    boxes: Boxes,
    region: np.ndarray,
    row_of: np.ndarray,
    gutter: float,
    height: float,
    breaks: Sequence[float],
) -> tuple[list[np.ndarray], int]:
    """Parts of the region for a gutter that ends at ``gutter``, and how many rows it parts.

    Pieces and rules across the gutter, and ``breaks`` of lines, divide the region into bands. A band of two
    columns gives its left and its right part; bands without columns stay with their neighbours.
    """
    is_across = _are_across(boxes, region, gutter, height)
    crossing = region[is_across]
    rules = _dividers(boxes, region, gutter, height, breaks)
    if _are_between_rows(boxes, region, row_of, rules):
        rules = rules[:0]
    edges = np.concatenate([boxes.middle[crossing], rules])
    from_above = np.argsort(edges)
    edges, dividers = edges[from_above], [crossing[i : i + 1] for i in from_above]  # of a rule: empty
    band_of = np.searchsorted(edges, boxes.middle[region])
    stack: list[np.ndarray] = []  # pieces since the last band of columns
    parts: list[np.ndarray] = []
    parted = 0
    for band in range(len(edges) + 1):
        inside = (band_of == band) & ~is_across
        members = region[inside]
        for run in column_runs(boxes, members, row_of, height, gutter):
            head, body, foot = without_header(boxes, run, row_of, height, gutter)
            left, right = sides_of(boxes, body, gutter, height)
            count = column_rows(boxes, left, right, row_of, height, gutter)
            if count:
                parted += count
                # A letterhead beside the address comes first if it begins first.
                below = boxes.y0[left].min() - boxes.y0[right].min()
                is_columns = (
                    count >= LONG_COLUMN
                    or are_prose(boxes, left, right)
                    or runs_on(boxes, left, right)
                    or is_barred(boxes, body, row_of, height, gutter)
                )
                sides = [left, right] if is_columns or below <= HIGHER * height else [right, left]
                parts += [np.concatenate([*stack, head]), *sides]
                stack = [foot]
            else:
                stack.append(run)
        stack += dividers[band : band + 1]
    parts.append(np.concatenate(stack))
    return [part for part in parts if len(part)], parted


def _are_across(boxes: Boxes, region: np.ndarray, gutter: float, height: float) -> np.ndarray:
    """Which pieces of a region stand on both sides of a gutter: bool (n,)."""
    tolerance = TOUCHING * height
    return (boxes.x1[region] > gutter + tolerance) & (boxes.x0[region] < gutter - tolerance)


def _dividers(
    boxes: Boxes, region: np.ndarray, gutter: float, height: float, breaks: Sequence[float]
) -> np.ndarray:
    """Where rules on both sides of a gutter, or ``breaks`` of lines between columns, divide a region: (n,).

    The rules may be one from side to side, or the level edges of boxes beside each other.
    """
    at = np.array([*_rules_across(boxes, region, gutter, height), *breaks])
    inside = np.minimum(at[:, None] - boxes.y0[region], boxes.y1[region] - at[:, None])
    return at[(inside <= INTO * boxes.height[region]).all(1)]


def _rules_across(boxes: Boxes, region: np.ndarray, gutter: float, height: float) -> Iterator[float]:
    rules = boxes.rules
    if rules is None or not len(rules.x0):
        return
    tolerance = INTO * height
    by_height = np.argsort(rules.middle)
    parts = np.split(by_height, np.flatnonzero(np.diff(rules.middle[by_height]) > tolerance) + 1)
    start, end = boxes.x0[region].min(), boxes.x1[region].max()
    sides = np.array([[start, gutter], [gutter, end]])  # of the gutter
    for part in parts:
        x0, x1 = rules.x0[part][:, None], rules.x1[part][:, None]
        shared = np.maximum(np.minimum(x1, sides[:, 1]) - np.maximum(x0, sides[:, 0]), 0).sum(0)
        if (shared > RULED * (sides[:, 1] - sides[:, 0])).all():
            yield median(rules.middle[part])


def _are_between_rows(boxes: Boxes, region: np.ndarray, row_of: np.ndarray, rules: np.ndarray) -> bool:
    """Whether most rules stand between one row and the next, as in a list: those divide nothing."""
    bands = np.searchsorted(np.sort(rules), boxes.middle[region])
    rows = [distinct(row_of[region[bands == band]]) for band in set(bands.tolist())]
    return len(rows) > MIN_COLUMN_ROWS and median(rows) <= 1

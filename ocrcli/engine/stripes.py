"""What follows from top to bottom beside one gutter: columns, rows of cells, titles and page numbers.

White from side to side parts them. All lengths are in multiples of the text height.
"""

from __future__ import annotations

import numpy as np

from ocrcli.engine.columns import (
    INDENT,
    MIN_COLUMN_ROWS,
    TOUCHING,
    are_cells,
    begin_anew,
    is_barred,
    sides_of,
)
from ocrcli.engine.fewnumbers import median, quantile
from ocrcli.engine.straighten import Boxes

STRIPE = 1.2  # heights of white from side to side: what follows may be laid out otherwise
LOOSE_STRIPE = 1.5  # times the usual white, in text that is widely spaced
FINE_STRIPE = 0.5  # heights of white that may do, where the text tells that columns begin anew …
FINE_EVIDENCE = 2  # … by so many sentences that go on beside rather than below
ONE_PLACE = 0.5  # heights by which upright lines one under another may be out of line
BREAK = 0.8  # heights, at least, between them
CORNER = 2.0  # heights by which lines may end before the corner that they make
FEWEST_BROKEN = 2  # upright lines that break at one height: columns below are of another article


def column_runs(
    boxes: Boxes, members: np.ndarray, row_of: np.ndarray, height: float, gutter: float
) -> list[np.ndarray]:
    """Members from top to bottom, parted where columns give way to rows of cells or begin anew."""
    if is_barred(boxes, members, row_of, height, gutter):
        return [members]
    stripes = _stripes(boxes, members, height, told=True)
    cells: list[bool] = []
    columns: list[bool] = []  # with something on both sides that is no row of cells
    for i, stripe in enumerate(stripes):
        left, right = sides_of(boxes, stripe, gutter, height)
        both = bool(len(left) and len(right))
        below = stripes[i + 1] if i + 1 < len(stripes) else None
        if below is not None and _are_headings(boxes, stripe, below, gutter, height):
            cells.append(False)  # if what is below is none
        else:
            one_row = _is_one_row(boxes, stripe)
            cells.append(both and (one_row or are_cells(boxes, left, right, row_of, height)))
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
    for stripe, is_cells in zip(stripes, cells, strict=True):
        if is_cells or were_cells or begin_anew(boxes, np.concatenate(runs[-1]), stripe, 1):
            runs.append([])
        runs[-1].append(stripe)
        were_cells = is_cells
    return [np.concatenate(run) for run in runs]


def without_header(
    boxes: Boxes, members: np.ndarray, row_of: np.ndarray, height: float, gutter: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What stands above the columns, they, and a lone row far below: titles, page numbers and the like."""
    if is_barred(boxes, members, row_of, height, gutter):
        return members[:0], members, members[:0]
    stripes = _stripes(boxes, members, height)
    head = [members[:0]]
    while len(stripes) > 1 and (
        (
            len(head) == 1
            and _is_one_row(boxes, stripes[0])
            and not _are_headings(boxes, stripes[0], np.concatenate(stripes[1:]), gutter, height)
        )
        # A title in the middle of the page does not begin where the column does that is below it.
        or (boxes.x0[stripes[0]] > gutter + INDENT * height).all()
    ):
        head.append(stripes.pop(0))
    foot = stripes.pop() if len(stripes) > 1 and _is_one_row(boxes, stripes[-1]) else members[:0]
    return np.concatenate(head), np.concatenate(stripes), foot


def _stripes(boxes: Boxes, members: np.ndarray, height: float, told: bool = False) -> list[np.ndarray]:
    """Members from top to bottom, parted by white that goes from side to side.

    ``told``: also by less white, where the text tells that something else begins there.
    """
    if len(members) < 2:
        return [members]
    members = members[np.argsort(boxes.y0[members], kind="stable")]
    white = boxes.y0[members][1:] - np.maximum.accumulate(boxes.y1[members])[:-1]
    between = white[white > 0]
    usual = median(between) if len(between) >= 2 * MIN_COLUMN_ROWS else 0.0
    limit = max(STRIPE * height, LOOSE_STRIPE * usual)
    parted = white > limit
    if told:
        begun = 0
        for at in np.flatnonzero(white > FINE_STRIPE * height):
            if not parted[at]:
                end = at + 1 + np.argmax(np.append(parted[at + 1 :], True))
                parted[at] = begin_anew(
                    boxes, members[begun : at + 1], members[at + 1 : end + 1], FINE_EVIDENCE
                )
            if parted[at]:
                begun = at + 1
    return np.split(members, np.flatnonzero(parted) + 1)


def _are_headings(boxes: Boxes, row: np.ndarray, below: np.ndarray, gutter: float, height: float) -> bool:
    """Whether a row holds a heading for each column: both begin where what is below them does."""
    sides = zip(sides_of(boxes, row, gutter, height), sides_of(boxes, below, gutter, height), strict=True)
    return all(
        len(heading) == 1
        and len(column) > 0
        and abs(boxes.x0[heading[0]] - quantile(boxes.x0[column], 0.1)) < TOUCHING * height
        for heading, column in sides
    )


def _is_one_row(boxes: Boxes, pieces: np.ndarray) -> bool:
    middle = boxes.middle[pieces]
    return bool(len(pieces)) and bool(np.ptp(middle) < boxes.height[pieces].min())


def breaks_of_bars(boxes: Boxes, height: float) -> list[float]:
    """Heights at which upright lines end together, none goes on, and others begin below in their places.

    The sides of panels and pictures end with these, whatever is beside them.
    """
    bars = boxes.bars
    if bars is None or len(bars.x0) < 2 * FEWEST_BROKEN:
        return []
    order = np.argsort(bars.x0, kind="stable")
    order = order[~_are_sides(boxes, height)[order]]
    at_one_place = np.split(order, np.flatnonzero(np.diff(bars.x0[order]) > ONE_PLACE * height) + 1)
    from_above = [place[np.argsort(bars.y0[place])] for place in at_one_place]
    ends = np.concatenate([bars.y1[place[:-1]] for place in from_above])
    begins = np.concatenate([bars.y0[place[1:]] for place in from_above])
    ends, begins = (sides[begins - ends > BREAK * height] for sides in (ends, begins))
    found: list[float] = []
    for end in np.sort(ends).tolist():
        near = ONE_PLACE * height
        together = (np.abs(ends - end) < near) & (begins > end)
        goes_on = (bars.y0 < end - near) & (bars.y1 > end + near)
        is_new = not found or end - found[-1] > height
        if is_new and together.sum() >= FEWEST_BROKEN and not goes_on.any():
            found.append(end + near)
    return found


def _are_sides(boxes: Boxes, height: float) -> np.ndarray:
    """Which upright lines have a corner with a level line or edge: bool (n,)."""
    assert boxes.bars is not None
    bars, found = boxes.bars, np.zeros(len(boxes.bars.x0), bool)
    for level in (boxes.rules, boxes.edges):
        if level is None or not len(level.x0):
            continue
        x, top, bottom = bars.x0[:, None], bars.y0[:, None], bars.y1[:, None]
        beside = np.minimum(np.abs(level.x0 - x), np.abs(level.x1 - x)) < CORNER * height
        at_end = np.minimum(np.abs(level.middle - top), np.abs(level.middle - bottom)) < CORNER * height
        found |= (beside & at_end).any(1)
    return found

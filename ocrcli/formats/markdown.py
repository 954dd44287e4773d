"""Markdown (CommonMark, tables as on GitHub): headings, paragraphs that flow, lists, tables.

How a page was typeset tells what its lines are: a line much higher than most is a heading; a
line that ends although the next word had room ends on purpose; cells are what wide gaps part,
and a table is where they stand one below the other. Pages are parted by a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import BinaryIO

from ocrcli.document import Page
from ocrcli.formats.marks import escaped, escaped_line, list_mark
from ocrcli.formats.rows import Row, columns_of, rows_of
from ocrcli.formats.writer import Choices, Failure

# Times the median height of the letters of a page. The boxes of one font differ by a fifth.
HEADINGS = ((1.6, "# "), (1.3, "## "))
LONGEST_HEADING = 100  # characters; more is text in a large font
# Heights of white that a line may have after it beyond the next word, and still be a full one.
RAGGED = 1.0
RAGGED_BLOCK = 0.5  # share of lines with more; a block with so many is an address, a poem, a title
CENTRED = 0.5  # of the white at one end of a line that stands at the other
RULE = "\n---\n\n"


class Writer:
    """Markdown of the pages onto a binary stream."""

    def __init__(self, stream: BinaryIO, choices: Choices) -> None:
        self._stream = stream
        self._top = choices.top
        self._lead = ""

    def begin(self, source: str) -> None:
        """Inputs are parted as pages are."""

    def page(self, page: Page) -> None:
        """Writes a page."""
        text = self._candidates(page) if page.mode == "char" else page_text(page)
        self._stream.write((self._lead + text + ("\n" if text else "")).encode())
        self._stream.flush()
        self._lead = RULE

    def failure(self, failure: Failure) -> None:
        """An input that could not be read leaves nothing; the command line tells why."""

    def close(self) -> None:
        """Nothing is left to write."""

    def _candidates(self, page: Page) -> str:
        if self._top is None:
            return escaped_line(page.text)
        rows = [[escaped(c.text), f"{c.confidence:.4f}"] for c in page.candidates[: self._top]]
        return _table([["character", "confidence"], *rows], ["---", "---:"])


def page_text(page: Page) -> str:
    """The Markdown of a page, without a line feed at its end."""
    blocks = [rows_of(block.lines, page.angle) for block in page.blocks]
    usual = _median_height([row for rows in blocks for row in rows])
    parts = [part for rows in blocks for part in _parts(rows, usual)]
    return "\n\n".join(parts)


def _median_height(rows: Sequence[Row]) -> float:
    """Height of the row in which the middle one of all characters stands."""
    left = sum(len(row.text) for row in rows) / 2
    for row in sorted(rows, key=lambda row: row.height):
        left -= len(row.text)
        if left <= 0:
            return row.height
    return 0.0


def _parts(rows: Sequence[Row], usual: float) -> list[str]:
    """Headings, tables and paragraphs of a block."""
    kinds = [_heading(row, usual) or ("row" if len(row.cells) > 1 else "text") for row in rows]
    for i in range(1, len(rows) - 1):  # a row of a table may have but one cell
        if kinds[i - 1 : i + 2] == ["row", "text", "row"]:
            kinds[i] = "row"
        elif kinds[i - 1 : i + 2] == ["text", "row", "text"] and "   " not in rows[i].text:
            kinds[i] = "text"  # and running text a wider space
    parts = []
    for kind, group in groupby(zip(kinds, rows, strict=True), key=lambda pair: pair[0]):
        members = [row for _, row in group]
        if kind == "row":
            parts.append(_table_of(members) or _lines(members))
        elif kind == "text":
            parts += _paragraphs(members)
        else:
            parts.append(kind + escaped(_joined([row.text for row in members])))
    return parts


def _heading(row: Row, usual: float) -> str:
    """The mark of the heading that a row is; empty where it is none."""
    letters, others = (sum(char.isalpha() is kind for char in row.text) for kind in (True, False))
    if len(row.cells) > 1 or len(row.text) > LONGEST_HEADING or letters < others:
        return ""
    return next((mark for ratio, mark in HEADINGS if row.height > ratio * usual), "")


def _table_of(rows: Sequence[Row]) -> str:
    """Rows as a table; empty where their cells do not line up."""
    cells = columns_of(rows)
    if not cells:
        return ""
    titled = not any(any(map(str.isdigit, cell)) for cell in cells[0])
    body = cells[1:] if titled else cells
    marks = ["---:" if _are_numbers([row[i] for row in body]) else "---" for i in range(len(cells[0]))]
    head = cells[0] if titled else [""] * len(cells[0])
    return _table([[escaped(cell) for cell in row] for row in (head, *body)], marks)


def _are_numbers(cells: Sequence[str]) -> bool:
    """Whether a column is of figures, prices, shares: digits and at most three letters or signs each."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(
        any(map(str.isdigit, cell)) and sum(not c.isdigit() and c not in ".,' " for c in cell) <= 3
        for cell in filled
    )


def _table(rows: Sequence[Sequence[str]], marks: Sequence[str]) -> str:
    head, *body = (["", *(cell.replace("|", "\\|") for cell in row), ""] for row in rows)
    return "\n".join(" | ".join(row).strip() for row in (head, ["", *marks, ""], *body))


def _lines(rows: Sequence[Row]) -> str:
    """Lines that stay lines."""
    return "\\\n".join(escaped_line(row.text) for row in rows)


def _paragraphs(rows: Sequence[Row]) -> list[str]:
    """Running text as paragraphs and lists."""
    edges = min(row.x0 for row in rows), max(row.x1 for row in rows)
    runs: list[tuple[str, list[str], list[Row]]] = []  # mark of a list item, or none; texts; rows
    for row in rows:
        before = runs[-1][0] if runs else ""
        mark, text = list_mark(row.text, before, first=not runs or runs[-1][1][-1].endswith(":"))
        if mark or not runs:
            runs.append((mark, [text], [row]))
        else:
            runs[-1][1].append(text)
            runs[-1][2].append(row)
    parts: list[str] = []
    before = ""
    for mark, texts, members in runs:
        text = mark + _flowing(texts, members, edges, indent=" " * len(mark))
        if mark and before:
            parts[-1] += "\n" + text
        else:
            parts.append(text)
        before = mark
    return parts


def _flowing(texts: Sequence[str], rows: Sequence[Row], edges: tuple[float, float], indent: str) -> str:
    """Lines joined where the page was too narrow, and kept where they end on purpose.

    ``edges`` are the left and the right one of the block.
    """
    ragged = [_room(row, edges) > after.first_word + RAGGED * row.height for row, after in pairwise(rows)]
    if sum(ragged) >= RAGGED_BLOCK * len(ragged):
        ragged = [True] * len(ragged)
    lines = [texts[0]]
    for ends, text in zip(ragged, texts[1:], strict=True):
        if ends:
            lines.append(text)
        else:
            lines[-1] = _joined((lines[-1], text))
    return f"\\\n{indent}".join(map(escaped_line, lines))


def _room(row: Row, edges: tuple[float, float]) -> float:
    """White that a longer line could have filled: at its right, at both ends of one in the middle."""
    left, right = row.x0 - edges[0], edges[1] - row.x1
    return left + right if min(left, right) > CENTRED * max(left, right) else right


def _joined(texts: Sequence[str]) -> str:
    """Lines as one. A hyphen that ends a line stays, whatever it is there for, and joins."""
    whole = texts[0]
    for text in texts[1:]:
        hyphened = whole[-1:] == "-" and whole[-2:-1].isalpha() and text[:1].islower()
        whole += text if hyphened else " " + text
    return whole

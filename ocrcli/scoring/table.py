"""Figures as aligned plain text, for pipes, logs and benchmarks."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def plain_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns parted by two spaces: the first aligned left, the others right."""
    table = [list(header), *(list(row) for row in rows)]
    widths = [max(_columns(row[i]) for row in table) for i in range(len(header))]
    lines = []
    for row in table:
        cells = [row[0] + " " * (widths[0] - _columns(row[0]))]
        cells += [
            " " * (width - _columns(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def percent(share: float | None) -> str:
    """A share in 0..1 as a percentage with two places; a dash for none."""
    return "-" if share is None else f"{100 * share:.2f}"


def _columns(text: str) -> int:
    """Columns of a terminal that the text takes."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(bool(unicodedata.combining(c)) for c in text)

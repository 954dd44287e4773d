"""Which pages of a PDF or multi-page TIFF to read: ``1-3,7``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ocrcli.errors import InputError, UsageError

_RANGE = re.compile(r"(\d+)(?:(-)(\d*))?")


@dataclass(frozen=True, slots=True)
class PageSelection:
    """Ranges of page numbers, from 1, both ends included; an end of None is the last page."""

    ranges: tuple[tuple[int, int | None], ...]

    @classmethod
    def parse(cls, text: str) -> PageSelection:
        """Selection written like ``1-3,7`` or ``5-``. Raises UsageError for anything else."""
        ranges: list[tuple[int, int | None]] = []
        for part in text.split(","):
            match = _RANGE.fullmatch("".join(part.split()))
            if match is None:
                raise UsageError(f'pages "{text}": write numbers and ranges, such as 1-3,7 or 5-')
            first = int(match[1])
            last = (int(match[3]) if match[3] else None) if match[2] else first
            if first < 1 or (last is not None and last < first):
                raise UsageError(f'pages "{text}": pages count from 1, and a range runs upwards')
            ranges.append((first, last))
        return cls(tuple(ranges))

    def numbers(self, count: int, name: str) -> list[int]:
        """The chosen of ``count`` pages, ascending, each once.

        Raises InputError, which names the input, when it has no such page.
        """
        chosen: set[int] = set()
        for first, last in self.ranges:
            if max(first, last or 0) > count:
                pages = "1 page" if count == 1 else f"{count} pages"
                raise InputError(f"{name}: no page {max(first, last or 0)}, it has {pages}")
            chosen.update(range(first, (last or count) + 1))
        return sorted(chosen)


def chosen_pages(selection: PageSelection | None, count: int, name: str) -> list[int]:
    """Page numbers to read: all of ``count`` without a selection."""
    return list(range(1, count + 1)) if selection is None else selection.numbers(count, name)

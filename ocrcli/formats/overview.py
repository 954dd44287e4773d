"""A row an input, for a person who has many: which they are, what they say, how sure it is.

Rows come as the inputs are read, so that the widths of the columns are settled before: names and
texts share what the figures leave, and what is too long is cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from ocrcli.document import Page
from ocrcli.formats.panels import tint
from ocrcli.formats.writer import Choices, Failure, shown

NAME_SHARE = 0.4  # of the width at most
SHORTEST_NAME = 8
PAGES, WORDS, SURE, SECONDS = 6, 6, 5, 8  # widths of the columns of figures
BREAK = " ⏎ "  # where a line ends


class Writer:
    """Rows onto a Rich console."""

    def __init__(self, console: Console, choices: Choices, sources: Sequence[str]) -> None:
        self._console = console
        names = [shown(source) for source in sources]
        most = max(SHORTEST_NAME, int(console.width * NAME_SHARE))
        self._name_width = min(most, max((cell_len(name) for name in names), default=SHORTEST_NAME))
        figures = PAGES + WORDS + SURE + SECONDS
        self._text_width = max(console.width - self._name_width - figures - 1, 0)
        self._source: str | None = None
        self._pages: list[Page] = []
        self._inputs = self._words = self._failed = 0
        self._seconds = 0.0

    def begin(self, source: str) -> None:
        """The row of the last input is complete."""
        self._row()
        if not self._inputs:
            self._print(Text("name"), "text", ("pages", "words", "sure", "seconds"), "bold")
        self._inputs += 1
        self._source = source

    def page(self, page: Page) -> None:
        """A page of it."""
        self._pages.append(page)

    def failure(self, failure: Failure) -> None:
        """Its row says that it failed; why is told on stderr, which is the same terminal."""
        self._failed += 1
        if not self._pages:
            self._print(
                Text(_end_of(shown(failure.source), self._name_width)), "failed", ("", "", "", ""), "red"
            )
            self._source = None

    def close(self) -> None:
        """The last row and a line about all of them."""
        self._row()
        facts = [f"{self._inputs} inputs", f"{self._words} words", f"{self._seconds:.2f} s of reading"]
        if self._failed:
            facts.insert(1, f"{self._failed} failed")
        self._console.print(Text(" · ".join(facts), "dim"))

    def _row(self) -> None:
        if self._source is None or not self._pages:
            self._source = None
            return
        pages, self._pages = self._pages, []
        words = sum(len(line.words) for page in pages for line in page.lines)
        letters = [(len(page.text), page.confidence) for page in pages]
        total = sum(count for count, _ in letters)
        sure = sum(count * confidence for count, confidence in letters) / total if total else 0.0
        seconds = sum(page.seconds for page in pages)
        self._words += words
        self._seconds += seconds
        text = BREAK.join(line for page in pages for line in page.text.splitlines() if line.strip())
        figures = (str(len(pages)), str(words), f"{sure:.0%}" if total else "", f"{seconds:.2f}")
        self._print(
            Text(_end_of(shown(self._source), self._name_width)), text, figures, tint(sure) if total else ""
        )
        self._source = None

    def _print(self, name: Text, text: str, figures: tuple[str, ...], style: str) -> None:
        row = name
        row.append(" " * (self._name_width - cell_len(row.plain) + 1))
        row.append(_cut(text, self._text_width), style)
        for figure, width in zip(figures, (PAGES, WORDS, SURE, SECONDS), strict=True):
            row.append(figure.rjust(width), "bold" if style == "bold" else "dim")
        self._console.print(row, no_wrap=True, overflow="crop", crop=True)


def _cut(text: str, width: int) -> str:
    """Text in exactly so many cells, an ellipsis where it was longer."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(width - 1, 0)) + "…" * min(width, 1)


def _end_of(name: str, width: int) -> str:
    """A name in at most so many cells: of a long path the end says more."""
    if cell_len(name) <= width:
        return name
    while cell_len(name) > width - 1:
        name = name[1:]
    return "…" + name

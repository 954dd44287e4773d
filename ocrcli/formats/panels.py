"""What a person sees on a terminal: the text between two rules, doubtful words tinted.

There is no frame at the sides, so that text can be marked and copied; long lines are
left for the terminal to wrap, for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ocrcli.document import Candidate, Line, Page
from ocrcli.formats.writer import Choices, Failure, shown

DOUBTFUL = 0.9  # below, a word deserves a second look
POOR = 0.6  # below, it is more likely wrong than right
TINTS = ((POOR, "red"), (DOUBTFUL, "yellow"))
MAX_WIDTH = 100  # of the rules
BAR = 24  # cells of a full bar
TOP = 5  # candidates of a character


def tint(confidence: float) -> str:
    """Rich style for a confidence; empty where there is no doubt."""
    return next((style for limit, style in TINTS if confidence < limit), "")


class Writer:
    """Pages onto a Rich console."""

    def __init__(self, console: Console, choices: Choices, model_of: Callable[[Page], str]) -> None:
        self._console = console
        self._top = choices.top or TOP
        self._model_of = model_of
        self._pages_of_source = 0
        self._lead = False

    def begin(self, source: str) -> None:
        """The next input starts counting its pages."""
        self._pages_of_source = 0

    def page(self, page: Page) -> None:
        """Shows a page."""
        self._pages_of_source += 1
        if self._lead:
            self._console.print()
        self._lead = True
        self._rule(self._title(page), Text())
        if page.mode == "char":
            for row in _bars(page.candidates[: self._top]):
                self._console.print(row)
        elif page.text:
            for number, block in enumerate(page.blocks):
                if number:
                    self._console.print()
                for line in block.lines:
                    self._console.print(_tinted(line), soft_wrap=True)
        else:
            self._console.print(Text("nothing recognised", "dim italic"))
        self._rule(Text(), self._summary(page))

    def failure(self, failure: Failure) -> None:
        """Errors are told on stderr, which is the same terminal."""

    def close(self) -> None:
        """Nothing is left to show."""

    def _title(self, page: Page) -> Text:
        title = Text(shown(page.source), "bold")
        if page.number > 1 or self._pages_of_source > 1:
            title.append(f"  page {page.number}", "dim")
        return title

    def _summary(self, page: Page) -> Text:
        facts = [f"{page.seconds:.2f} s"]
        if page.text:
            facts.append(self._model_of(page))
            facts.insert(0, f"{page.confidence:.0%} sure")
        if page.mode == "page":
            words = sum(len(line.words) for line in page.lines)
            facts[:0] = [_count(len(page.lines), "line"), _count(words, "word")]
        return Text(" · ".join(fact for fact in facts if fact), "dim")

    def _rule(self, left: Text, right: Text) -> None:
        """A rule over the width with words at its left or right end."""
        width = min(self._console.width, MAX_WIDTH)
        row = Text(no_wrap=True, overflow="ellipsis")
        row.append_text(left)
        row.append(" " if left else "")
        fill = width - cell_len(row.plain) - cell_len(right.plain) - (1 if right else 0)
        row.append("─" * max(fill, 2), "dim")
        row.append(" " if right else "")
        row.append_text(right)
        self._console.print(row, no_wrap=True, overflow="ellipsis", crop=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _tinted(line: Line) -> Text:
    """The text of a line, each word in the style of its confidence."""
    text = Text(line.text)
    start = 0
    for word in line.words:
        at = line.text.find(word.text, start)
        if at < 0:  # the line's text was laid out in another way
            continue
        start = at + len(word.text)
        if style := tint(word.confidence):
            text.stylize(style, at, start)
    return text


def _bars(candidates: tuple[Candidate, ...]) -> list[Text]:
    rows = []
    for rank, candidate in enumerate(candidates):
        full = round(candidate.confidence * BAR)
        row = Text(f"  {candidate.text}  ", "bold" if rank == 0 else "")
        row.append("█" * full, tint(candidate.confidence) if rank == 0 else "dim")
        row.append("░" * (BAR - full), "dim")
        row.append(f" {candidate.confidence:6.1%}", "" if rank == 0 else "dim")
        rows.append(row)
    return rows

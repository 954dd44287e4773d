"""What a person sees on stderr while inputs are read: a bar, and with ``--verbose`` an account."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ocrcli.cli import console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ocrcli.cli.tasks import Facts


class Meter:
    """How far the work is: a bar with the time that is left, or the page where the input is a single one.

    It shows itself where a person waits: on a terminal, from the second page or for several inputs.
    """

    def __init__(self, inputs: int, *, visible: bool) -> None:
        self._inputs = inputs
        self._visible = visible and console.is_terminal(sys.stderr)
        self._failures = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Meter:
        if self._inputs > 1:
            self._start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def page(self, number: int) -> None:
        """A page was read."""
        if self._inputs == 1 and number > 1:
            self._start()
            self._update(note=f"page {number}")

    def ended(self, *, failed: bool) -> None:
        """An input has ended."""
        self._failures += failed
        if self._inputs > 1:
            self._update(advance=1, note=f"{self._failures} failed" if self._failures else "")

    def _update(self, **values: Any) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, **values)

    def _start(self) -> None:
        if not self._visible or self._bar is not None:
            return
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        reading, note = TextColumn("reading"), TextColumn("{task.fields[note]}")
        if self._inputs > 1:
            columns = [reading, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), note]
        else:  # how many pages there are, only the end tells
            columns = [SpinnerColumn(), reading, note, TimeElapsedColumn()]
        console_ = Console(stderr=True)
        self._bar = Progress(*columns, console=console_, transient=True, redirect_stdout=False)
        self._task = self._bar.add_task("", total=self._inputs, note="")
        self._bar.start()


@dataclass
class Account:
    """Where the time went. Pages are read side by side, so that the parts may exceed the whole."""

    began: float = field(default_factory=time.perf_counter)
    inputs: int = 0
    failed: int = 0
    skipped: int = 0
    pages: int = 0
    loading: float = 0.0
    reading: float = 0.0

    def add(self, facts: Facts) -> None:
        """One more page."""
        self.pages += 1
        self.loading += facts.loading
        self.reading += facts.reading

    def line(self) -> str:
        """All of it in a line."""
        seconds = time.perf_counter() - self.began
        rate = f", {self.pages / seconds:.1f} pages a second" if self.pages > 1 else ""
        return (
            f"{counted(self.inputs, 'input')} ({self.failed} failed, {self.skipped} skipped), "
            f"{counted(self.pages, 'page')} in {seconds:.2f} s{rate}: "
            f"loading {self.loading:.2f} s, reading {self.reading:.2f} s"
        )


def page_line(source: str, facts: Facts) -> str:
    """What ``--verbose`` tells of a page."""
    width, height = facts.size
    found = f"{counted(facts.lines, 'line')}, {counted(facts.words, 'word')}"
    return (
        f"{source}: page {facts.number}, {width} × {height}, mode {facts.mode}, {found}, "
        f"confidence {facts.confidence:.2f}, {facts.model}, "
        f"loaded in {facts.loading:.2f} s, read in {facts.reading:.2f} s"
    )


def counted(number: int, noun: str) -> str:
    """``1 page``, ``2 pages``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

"""What the commands of ``ocr preprocess`` show while they work, and what they tell at the end (on stderr)."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ocrcli.cli import console

if TYPE_CHECKING:
    from ocrcli.datasets.store import StoreInfo

BAR_WIDTH = 24  # cells; leaves room on 80 columns for the figures
PLAIN_EVERY = 10.0  # seconds between lines where no person watches: a log stays readable

Told = Callable[[int], None]


@contextmanager
def progress(what: str, total: int | None, unit: str, *, quiet: bool = False) -> Iterator[Told]:
    """Counts ``unit``s (images, files …): a bar on a terminal, a line now and then otherwise.

    Gives the function that is told how many more are done. It may be called from any thread.
    """
    if quiet:
        yield lambda count: None
    elif console.is_terminal(sys.stderr):
        with _bar(what, total, unit) as told:
            yield told
    else:
        yield _Lines(what, total, unit)


@contextmanager
def _bar(what: str, total: int | None, unit: str) -> Iterator[Told]:
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    counted = "{task.completed:,.0f}" + (" of {task.total:,.0f}" if total else "") + f" {unit}"
    columns = (
        TextColumn("{task.description}"), BarColumn(BAR_WIDTH), TextColumn(counted),
        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
    )  # fmt: skip
    began, lock = time.monotonic(), threading.Lock()
    with Progress(*columns, console=console.rich_console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(what), total=total, rate="")

        def told(count: int) -> None:
            with lock:
                done = bar.tasks[0].completed + count
                rate = done / max(time.monotonic() - began, 1e-3)
                bar.update(task, completed=done, rate=f"{rate:,.0f}/s")

        yield told


class _Lines:
    """Progress as lines of a log."""

    def __init__(self, what: str, total: int | None, unit: str) -> None:
        self.what, self.total, self.unit = what, total, unit
        self.done, self.began, self.lock = 0, time.monotonic(), threading.Lock()
        self.next = self.began + PLAIN_EVERY

    def __call__(self, count: int) -> None:
        with self.lock:
            self.done += count
            now = time.monotonic()
            if now < self.next:
                return
            self.next = now + PLAIN_EVERY
            whole = f" of {self.total:,}" if self.total else ""
            rate = self.done / (now - self.began)
            console.note(f"{self.what}: {self.done:,}{whole} {self.unit}, {rate:,.0f}/s")


def tell_made(info: StoreInfo, seconds: float | None) -> None:
    """What was made, what is in it and what was dropped, in a line or two; None: it was there already."""
    size = f"{info.path.stat().st_size / 1e6:,.1f} MB"
    parts = ", ".join(f"{name} {count:,}" for name, count in info.parts.items())
    after = "already there" if seconds is None else f"{seconds:.1f} s"
    console.note(f"{info.path}: {parts}; {size}, {after}")
    if info.dropped:
        reasons = sorted(info.dropped.items(), key=lambda item: -item[1])
        console.note(f"{info.path}: dropped " + ", ".join(f"{count:,} ({why})" for why, count in reasons))


def store_path(output: Path | None, name: str, folder: Path = Path("data")) -> Path:
    """Where a store goes: ``output`` itself when it is a name ending in .h5, else in that folder."""
    if output is None:
        return folder / name
    return output if output.suffix.lower() in (".h5", ".hdf5") else output / name

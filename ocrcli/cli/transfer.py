"""How a download looks: a live bar on a terminal, a line now and then elsewhere, nothing when quiet."""

from __future__ import annotations

import time
from types import TracebackType

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from ocrcli.cli import console
from ocrcli.datasets.download import Listener
from ocrcli.datasets.partfile import size_text

LINE_SECONDS = 30.0  # between two lines in a log
BAR_WIDTH = 20  # cells; leaves room on 80 columns for the figures


class Display(Listener):
    """Tells nothing: the quiet one, and what the others have in common."""

    def __init__(self, title: str) -> None:
        self.title = title

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the display, however the download ended."""


class Lines(Display):
    """A line at most every half a minute: for logs."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.total = self.first = 0
        self.name = ""

    def start(self, total: int, done: int) -> None:
        """Notes where it begins."""
        self.total, self.first = total, done
        self.began = self.told = time.monotonic()

    def file(self, path: str, number: int, count: int) -> None:
        """Remembers the name for the next line."""
        self.name = _name(path, number, count)

    def at(self, done: int) -> None:
        """Tells how far it is, unless it just did."""
        now = time.monotonic()
        if now - self.told < LINE_SECONDS:
            return
        self.told = now
        rate = max(done - self.first, 0) / (now - self.began)
        parts = [progress_text(done, self.total), f"{size_text(int(rate))}/s"]
        if rate and self.total > done:
            parts.append(f"{clock((self.total - done) / rate)} left")
        console.say(f"{self.title}: {self.name}: {', '.join(parts)}", style=console.DIM)

    def wait(self, text: str) -> None:
        """Tells at once."""
        console.say(f"{self.title}: {text}", style=console.DIM)


class Bar(Display):
    """A live bar with bytes, speed and time left; what holds it up stays as lines above it."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(BAR_WIDTH),
            _Amount(),
            _Pace(),
        )
        self.live = Progress(*columns, console=console.rich_console(stderr=True), transient=True)
        self.task = self.live.add_task(title, total=None, start=False, visible=False)

    def __enter__(self) -> Bar:
        self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes the bar away."""
        self.live.stop()

    def start(self, total: int, done: int) -> None:
        """Shows the bar."""
        self.live.reset(self.task, total=total or None, completed=done, visible=True)

    def file(self, path: str, number: int, count: int) -> None:
        """Names the file before the bar."""
        self.live.update(self.task, description=_name(path, number, count))

    def at(self, done: int) -> None:
        """Moves the bar."""
        self.live.update(self.task, completed=done)

    def wait(self, text: str) -> None:
        """A line above the bar."""
        self.live.console.print(f"ocr: {self.title}: {text}", style="dim", markup=False)


class _Amount(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(progress_text(int(task.completed), int(task.total or 0)), no_wrap=True)


class _Pace(ProgressColumn):
    def render(self, task: Task) -> Text:
        if not task.speed:
            return Text("")
        left = f"  {clock(task.time_remaining)} left" if task.time_remaining is not None else ""
        return Text(f"{size_text(int(task.speed))}/s{left}", no_wrap=True)


def _name(path: str, number: int, count: int) -> str:
    """``file 3 of 62``: the names of many are long and much alike."""
    return f"file {number} of {count}" if count > 1 else path.rpartition("/")[2]


def progress_text(done: int, total: int) -> str:
    """``120.3 of 535.7 MiB``."""
    if not total:
        return size_text(done)
    amount, unit = size_text(done).split()
    whole = size_text(total)
    return f"{amount if whole.endswith(f' {unit}') else size_text(done)} of {whole}"


def clock(seconds: float) -> str:
    """Seconds as ``m:ss``, or ``h:mm:ss``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"

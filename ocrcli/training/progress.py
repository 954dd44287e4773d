"""What a person sees of a run (on stderr), and the record it leaves (``metrics.jsonl``)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from torch import Tensor


class Reporter:
    """A live line on a terminal, plain lines otherwise; one JSON object a record in the run's folder."""

    def __init__(self, run_dir: Path | None) -> None:
        self.console = Console(stderr=True, soft_wrap=True, highlight=False)
        self.file = run_dir / "metrics.jsonl" if run_dir else None  # None: not the first process
        self.live: Progress | None = None
        if run_dir and self.console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[text]}"))
            self.live = Progress(*columns, console=self.console, transient=True)
            self.task = self.live.add_task("training", total=1.0, text="")

    def __enter__(self) -> Reporter:
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            self.live.stop()

    def note(self, text: str) -> None:
        """One line for people."""
        if self.file:
            self.console.print(text, markup=False)

    def record(self, kind: str, values: dict[str, Any]) -> None:
        """Writes a ``train`` or ``eval`` record, and shows it."""
        if not self.file:
            return
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, **values}) + "\n")
        if kind == "eval" or not self.live:
            self.note(describe(kind, values))

    def tick(self, progress: float, values: dict[str, Any]) -> None:
        """Moves the live line, if there is one."""
        if self.live:
            self.live.update(self.task, completed=progress, text=describe("train", values))


class Window:
    """Mean losses and speed since the last log line."""

    def __init__(self, samples: int) -> None:
        self.steps, self.samples, self.began = 0, samples, time.monotonic()
        self.sums: dict[str, Tensor] = {}

    def add(self, losses: dict[str, Tensor]) -> None:
        """Takes in one step, without waiting for the device."""
        self.steps += 1
        for name, value in losses.items():
            self.sums[name] = self.sums[name] + value if name in self.sums else value

    def losses(self) -> dict[str, float]:
        """Mean of each part of the loss."""
        return {name: float(total) / self.steps for name, total in self.sums.items()}

    def rate(self, samples: int) -> float:
        """Samples a second, up to ``samples`` seen in all."""
        return (samples - self.samples) / max(time.monotonic() - self.began, 1e-9)


def describe(kind: str, values: dict[str, Any]) -> str:
    """A record in one line."""
    head = f"step {values['step']:>7,}  {values['samples'] / 1e3:>8,.0f}k samples  {clock(values['seconds'])}"
    if kind == "eval":
        figures = "  ".join(f"{name} {value:.4f}" for name, value in values["scores"].items())
        return f"{head}  {figures}{'  (best)' if values['best'] else ''}"
    score = "" if values.get("score") is None else f"  score {values['score']:.4f}"
    losses = "  ".join(f"{name} {value:.4f}" for name, value in values["losses"].items())
    pace = f"lr {values['lr']:.2e}  {values['rate']:,.0f}/s  left {clock(values['left'])}"
    return f"{head}  {losses}{score}  {pace}"


def clock(seconds: float | None) -> str:
    """Seconds as ``h:mm:ss``."""
    if seconds is None:
        return "?"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"

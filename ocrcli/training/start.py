"""Turns what the command line says into a task ready to train."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from torch import Tensor

from ocrcli.errors import UsageError
from ocrcli.training import checkpoint
from ocrcli.training.loop import DEFAULT_MINUTES
from ocrcli.training.settings import TrainSettings
from ocrcli.training.task import Task

# Classes in training/<name>.py.
TASKS = {"char": "CharTask", "word": "WordTask", "detect": "DetectTask"}
# Of the usual learning rate, when weights are not fresh. On 200 lines of receipts and as many rendered ones
# 0.3 taught less than 0.1, and cost 5 points of accuracy on words in unseen faces, 0.1 less than 2.
FINE_TUNING_RATE = 0.1
# Passes over the data, unless a length is given; with rendered samples half as many sights of each picture.
FINE_TUNING_EPOCHS = 40.0
# What a resumed run may change; everything else belongs to the run.
LENGTH = {"steps", "minutes", "epochs", "patience"}
MACHINE = {"device", "precision", "threads", "workers", "compile"}
CHANGEABLE = LENGTH | MACHINE | {"eval_every", "save_every", "log_every"}


@dataclass(frozen=True)
class Prepared:
    """A task, and what it goes on from."""

    task: Task
    checkpoint: dict[str, Any] | None = None
    weights: dict[str, Tensor] | None = None


def task_class(name: str) -> type[Task]:
    """The class of a task by its name."""
    return getattr(import_module(f"ocrcli.training.{name}"), TASKS[name])


def fresh(name: str, values: dict[str, Any]) -> Prepared:
    """A new run. Raises UsageError for options that contradict each other."""
    run_dir = values["run_dir"] or Path("runs") / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    settings = TrainSettings(**{**values, "run_dir": run_dir})
    if (run_dir / checkpoint.LAST).exists():
        raise UsageError(f"{run_dir} holds a run already: --resume {run_dir} goes on with it")
    if not settings.synth and not settings.data:
        raise UsageError("--no-synth leaves nothing to train on: add --data labels.tsv")
    sizes = task_class(name).sizes
    if settings.size not in (None, *sizes):
        raise UsageError(f"--size {settings.size}: use {', '.join(sizes[:-1])} or {sizes[-1]}")
    for path in (*settings.data, *settings.dev, *settings.fonts, *settings.teachers, settings.backgrounds):
        if path is not None and not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    if settings.init:
        from ocrcli.training.initialise import initialise

        task, weights = initialise(task_class(name), name, fine_tuning(name, settings))
        return Prepared(task, weights=weights)
    return Prepared(task_class(name)(settings))


def fine_tuning(name: str, settings: TrainSettings) -> TrainSettings:
    """The settings of a run on weights that know something, as far as nobody chose them.

    The rate is low. With data the run ends after `FINE_TUNING_EPOCHS` passes over them, at the latest when a
    run without limits would: a few hundred pictures need minutes, not an hour.
    """
    if settings.lr is None:
        settings = replace(settings, lr=FINE_TUNING_RATE * task_class(name).defaults["lr"])
    if settings.data and not (settings.steps or settings.minutes or settings.epochs):
        settings = replace(settings, epochs=FINE_TUNING_EPOCHS, minutes=DEFAULT_MINUTES)
    return settings


def resume(name: str, run: Path, values: dict[str, Any], given: set[str]) -> Prepared:
    """A run that goes on, with new limits if given. Raises UsageError or ModelError."""
    path = checkpoint.find(run)
    saved = checkpoint.load(path)
    if saved["task"] != name:
        raise UsageError(f"{path}: a run of ocr train {saved['task']}, not {name}")
    if "optimiser" not in saved:
        raise UsageError(f"{path}: holds weights only; resume from last.pt, or use --init")
    fixed = given - CHANGEABLE
    if fixed:
        options = ", ".join(f"--{key.replace('_', '-')}" for key in sorted(fixed))
        raise UsageError(f"{options} cannot change in a resumed run")
    old = TrainSettings.from_dict(saved["settings"])
    new = {key: values[key] for key in given}
    if new.keys() & {"steps", "minutes", "epochs"}:  # new limits replace the old ones
        new = {"steps": None, "minutes": None, "epochs": None, **new}
    settings = replace(old, **new, run_dir=path.resolve().parent)
    return Prepared(task_class(name)(settings), checkpoint=saved)

"""Where a run's first weights come from: a checkpoint, a model file of ours, or a task's shipped model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from ocrcli.errors import ModelError, UsageError
from ocrcli.training.settings import TrainSettings
from ocrcli.training.task import Task
from ocrcli.training.trained import trained

TASK_NAMES = ("char", "word", "detect")
TaskFactory = Callable[[TrainSettings], Task]


def initialise(task: TaskFactory, name: str, settings: TrainSettings) -> tuple[Task, dict[str, Tensor]]:
    """The task and the weights that ``settings.init`` names. Raises UsageError or ModelError.

    Size and alphabet come from the weights; settings that ask for others are refused.
    """
    init = settings.init or ""
    path = _shipped(init) if init in TASK_NAMES else Path(init)
    if not path.exists():
        raise UsageError(f"--init {init}: no such file; give a checkpoint, an .onnx of ocr export, or {name}")
    found = trained(path)
    if found.task != name:
        raise UsageError(f"--init {init}: a {found.task} model cannot start the training of a {name} model")
    settings = replace(settings, before=(found.samples, found.hours))
    prepared = task(_agree(settings, found.size, found.alphabet or None))
    return prepared, found.weights(prepared.network())


def _agree(settings: TrainSettings, size: str | None, alphabet: str | None) -> TrainSettings:
    if settings.size not in (None, size):
        raise UsageError(f"--size {settings.size}: the weights of --init are of size {size}")
    if settings.alphabet not in (None, alphabet):
        raise UsageError("--alphabet: the weights of --init know other characters; train without --init")
    return replace(settings, size=size, alphabet=alphabet)


def _shipped(task: str) -> Path:
    try:
        from ocrcli.engine.weights import find_model
    except ImportError as error:
        raise ModelError(f"--init {task}: no model of this name is installed") from error
    return find_model(task)  # type: ignore[arg-type]

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

    Size and alphabet come from the weights; settings that ask for others are refused, but for a size that
    lacks some of their residual blocks.
    """
    init = settings.init or ""
    path = _shipped(init) if init in TASK_NAMES else Path(init)
    if not path.exists():
        raise UsageError(f"--init {init}: no such file; give a checkpoint, an .onnx of ocr export, or {name}")
    found = trained(path)
    if found.task != name:
        raise UsageError(f"--init {init}: a {found.task} model cannot start the training of a {name} model")
    settings = replace(settings, before=(found.samples, found.hours))
    alphabet = found.alphabet or None
    if settings.alphabet not in (None, alphabet):
        raise UsageError("--alphabet: the weights of --init know other characters; train without --init")
    whole = task(replace(settings, size=found.size, alphabet=alphabet))
    weights = found.weights(whole.network())
    if settings.size in (None, found.size):
        return whole, weights
    smaller = task(replace(settings, alphabet=alphabet))
    kept = smaller.fewer_blocks(weights, found.size)
    if kept is None:
        raise UsageError(f"--size {settings.size}: the weights of --init are of size {found.size}")
    return smaller, kept


def _shipped(task: str) -> Path:
    try:
        from ocrcli.engine.weights import find_model
    except ImportError as error:
        raise ModelError(f"--init {task}: no model of this name is installed") from error
    return find_model(task)  # type: ignore[arg-type]

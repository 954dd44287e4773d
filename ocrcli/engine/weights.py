"""Where the model files are.

Weights travel inside the package; a folder given on the command line or in
``$OCR_MODELS`` comes first, and may hold only some of the models.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from ocrcli.errors import ModelError
from ocrcli.modelcard import Task

ENVIRONMENT = "OCR_MODELS"
TASKS: tuple[Task, ...] = get_args(Task)
PACKAGED = Path(__file__).resolve().parent.parent / "models"
CHECKOUT = PACKAGED.parent.parent / "models"  # the source tree keeps them beside the package


def file_name(task: Task) -> str:
    """Name of the model file for a task, in whichever folder."""
    return f"{task}.onnx"


def find_model(task: Task, model_dir: Path | None = None) -> Path:
    """The file for ``task``: in ``model_dir``, ``$OCR_MODELS``, the package or the checkout.

    The first folder that has the file wins. Raises ModelError when none has it, and when
    a folder that the user named holds no model at all: most likely it is misspelt.
    """
    looked = list(_folders(model_dir))
    for folder in looked:
        if (folder / file_name(task)).is_file():
            return folder / file_name(task)
    where = ", ".join(str(folder) for folder in looked)
    raise ModelError(f"{file_name(task)}: not in {where}; reinstall ocrcli, or give --model-dir")


def variant(path: Path, kind: str) -> Path | None:
    """Another form of a model file, where it lies beside it: of ``word.onnx``, ``word.int8.onnx``."""
    other = path.with_suffix(f".{kind}{path.suffix}")
    return other if other.is_file() else None


def _folders(model_dir: Path | None) -> Iterator[Path]:
    if model_dir is not None:
        yield _checked(Path(model_dir), "--model-dir")
    if named := os.environ.get(ENVIRONMENT):
        yield _checked(Path(named).expanduser(), ENVIRONMENT)
    yield PACKAGED
    yield CHECKOUT


def _checked(folder: Path, origin: str) -> Path:
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder ({origin})")
    if not any((folder / file_name(task)).is_file() for task in TASKS):
        names = ", ".join(file_name(task) for task in TASKS)
        raise ModelError(f"{folder}: holds none of {names} ({origin})")
    return folder

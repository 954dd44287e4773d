"""Checkpoints: ``last.pt`` to go on from, ``best.pt`` to keep. Written whole or not at all."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import torch

from ocrcli.errors import ModelError, OutputError

SCHEMA = "ocrcli-checkpoint/1"
LAST, BEST = "last.pt", "best.pt"


def save(path: Path, values: dict[str, Any]) -> None:
    """Writes ``values`` (tensors and plain values) through a temporary file. Raises OutputError."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            torch.save({"schema": SCHEMA, **values}, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot write the checkpoint ({error.strerror or error})") from error


def load(path: Path) -> dict[str, Any]:
    """A checkpoint, on the CPU. Nothing in the file is executed. Raises ModelError."""
    try:
        values = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such checkpoint") from error
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError) as error:
        raise ModelError(f"{path}: not a checkpoint of ocr train, or damaged") from error
    if not isinstance(values, dict) or values.get("schema") != SCHEMA:
        raise ModelError(f"{path}: not a checkpoint of this version of ocr train (expected {SCHEMA})")
    return values


def find(path: Path, name: str = LAST) -> Path:
    """The checkpoint file of a run: the file itself, or ``name`` in the run's folder."""
    return path / name if path.is_dir() else path

"""Characters that a tiny classifier learns in a few steps, and the settings of such a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ocrcli.training.settings import TrainSettings

LABELS = "abcd"


def bars(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Four kinds of bars on 28×28, a character each."""
    labels = np.arange(count) % 4
    images = np.zeros((count, 28, 28), np.uint8)
    for i, kind in enumerate(labels):
        images[i, 2:26, 4 + 5 * kind : 8 + 5 * kind] = 200 + i % 50
    return images, labels.astype(np.uint8)


def write_bars(path: Path, count: int) -> Path:
    """An .npz of bars."""
    images, labels = bars(count)
    np.savez(path, images=images, labels=np.array(list(LABELS))[labels])
    return path


def bar_settings(run_dir: Path, data: Path, **changes: Any) -> TrainSettings:
    """A run over bars that is the same on every machine and saves after each step."""
    return TrainSettings(
        run_dir=run_dir,
        size="tiny",
        batch_size=24,
        data=(data,),
        synth=False,
        alphabet=LABELS,
        chunk=48,
        echo=2,
        workers=0,
        device="cpu",
        precision="fp32",
        threads=1,
        save_every=0.0,
        **changes,
    )

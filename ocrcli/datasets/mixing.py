"""What ``--data`` says: files with their weights, and how much is rendered.

``--data a.h5 --data b.h5:2 --data rendered`` draws a quarter of the samples from a, half from b, and
renders a quarter. Without the word ``rendered`` the files share ``--data-share`` of the samples.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrcli.datasets.store import is_store
from ocrcli.errors import UsageError

RENDERED = "rendered"
WEIGHTED = re.compile(r"(.+):(\d+(?:\.\d*)?|\.\d+)")
# Stores that ``ocr preprocess`` makes and a run without --data takes, by task.
USUAL_STORES = {
    "char": ("emnist-byclass.h5",),
    "word": ("synthtext.h5", "mjsynth.h5"),
    "detect": ("synthtext-pages.h5",),
}
USUAL_FOLDER = Path("data")


@dataclass(frozen=True)
class Mix:
    """Files and their weights (none where all samples of all files are alike), and the renderer's weight.

    ``rendered`` is None where nothing is said of it.
    """

    data: tuple[Path, ...]
    weights: tuple[float, ...] = ()
    rendered: float | None = None

    @property
    def share(self) -> float | None:
        """The files' share of the samples; None where nothing is said of it."""
        if self.rendered is None:
            return None
        of_files = sum(self.weights)
        return of_files / (of_files + self.rendered)


def parse_mix(entries: Sequence[str | Path]) -> Mix:
    """The mix that values of ``--data`` name. Raises UsageError for a weight of nothing."""
    data: list[Path] = []
    weights: list[float] = []
    rendered: float | None = None
    told = False  # whether any weight was
    for entry in map(str, entries):
        found = None if Path(entry).exists() else WEIGHTED.fullmatch(entry)
        name, weight = (found[1], float(found[2])) if found else (entry, 1.0)
        if not weight:
            raise UsageError(f"--data {entry}: a weight must be above 0; leave the file out instead")
        told |= found is not None
        if name == RENDERED and not Path(name).exists():
            rendered = weight + (rendered or 0.0)
        else:
            data.append(Path(name))
            weights.append(weight)
    if not (told or rendered is not None or any(map(is_store, data))):
        weights = []
    return Mix(tuple(data), tuple(weights), rendered)


def usual_stores(task: str, folder: Path = USUAL_FOLDER) -> tuple[Path, ...]:
    """The stores in ``data/`` that a task is trained on when nothing else is asked for."""
    return tuple(path for name in USUAL_STORES.get(task, ()) if (path := folder / name).is_file())


def set_name(path: Path) -> str:
    """What a labelled set is called: a store by its file, others by their folder."""
    return path.stem if is_store(path) else path.resolve().parent.name


def repeated(mix: Mix) -> tuple[Path, ...]:
    """Each file as often as its weight says: for tasks that draw all samples alike. Raises UsageError."""
    for path, weight in zip(mix.data, mix.weights, strict=False):
        if weight != int(weight):
            raise UsageError(f"--data {path}:{weight:g}: whole numbers only, here")
    counts = [int(weight) for weight in mix.weights] or [1] * len(mix.data)
    return tuple(path for path, count in zip(mix.data, counts, strict=True) for _ in range(count))

"""The settings of a training run, shared by the three tasks and written beside the results."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class TrainSettings:
    """Everything that decides a run. ``None`` means: the task's own default (``Task.defaults``)."""

    run_dir: Path
    # How long. Whichever limit comes first ends the run, and drives the learning rate.
    steps: int | None = None
    minutes: float | None = None  # wall-clock minutes, summed over resumes
    epochs: float | None = None  # of the labelled data; of EPOCH_SAMPLES when rendering
    # Optimisation
    size: str | None = None
    batch_size: int | None = None
    lr: float | None = None  # peak of the one cycle
    weight_decay: float = 0.01  # AdamW's usual value (Loshchilov 2019), matrices only
    warmup: float = 0.05  # share of the run in which the rate climbs
    clip: float | None = None  # longest gradient; a longer one is scaled down to it
    patience: int | None = None  # evaluations without a better score before stopping
    seed: int = 0
    # Data
    init: str | None = None  # checkpoint, .onnx or task name to start from
    teachers: tuple[Path, ...] = ()  # runs whose networks teach, beside the labels or in their place
    before: tuple[int, float] = (0, 0.0)  # samples and hours that those weights had been trained with
    data: tuple[Path, ...] = ()
    weights: tuple[float, ...] = ()  # of the data among each other; none: all their samples are alike
    data_share: float = 0.5  # of the samples, when data are mixed with the renderer
    caseless: bool = False  # the data's labels do not tell the case of letters
    synth: bool = True
    scenes: float | None = None  # of the rendered words: signs and things photographed
    lines: float | None = None  # of the rendered strips: whole lines
    dev: tuple[Path, ...] = ()
    held_out: int = 512  # rendered samples with held-out fonts, for the evaluation
    fonts: tuple[Path, ...] = ()
    backgrounds: Path | None = None
    alphabet: str | None = None
    chunk: int | None = None  # samples rendered, and then trained on, together
    echo: int | None = None  # times that each chunk is seen (Choi 2019, data echoing)
    workers: int = 1  # render processes; 0 renders in the training process
    # Machine
    device: str = "auto"
    precision: str = "auto"
    threads: int | None = None
    compile: bool = False
    # Records
    eval_every: int = 500  # steps
    save_every: float = 5.0  # minutes
    log_every: float = 30.0  # seconds

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return json.loads(json.dumps(asdict(self), default=str))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainSettings:
        """The settings of a checkpoint; names that this version does not know are left out."""
        known = {field.name for field in fields(cls)}
        kept = {key: value for key, value in values.items() if key in known}
        for key in ("data", "dev", "fonts", "teachers"):
            kept[key] = tuple(Path(path) for path in kept.get(key) or ())
        kept["weights"] = tuple(kept.get("weights") or ())
        kept["before"] = tuple(kept.get("before") or (0, 0.0))
        kept["backgrounds"] = Path(kept["backgrounds"]) if kept.get("backgrounds") else None
        return cls(**{**kept, "run_dir": Path(kept["run_dir"])})


EPOCH_SAMPLES = 100_000  # one "epoch" of an endless renderer

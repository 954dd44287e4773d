"""A run of the classifier that is stopped in any way goes on as if it had never been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from bar_chars import LABELS, bar_settings, bars, write_bars
from torch import Tensor, nn

from ocrcli.datasets.charstore import PartWriter, char_header
from ocrcli.datasets.store import write_store
from ocrcli.training import checkpoint, curves
from ocrcli.training.char import CharTask
from ocrcli.training.loop import train
from ocrcli.training.settings import TrainSettings
from ocrcli.training.task import Batch

STEPS, STOPPED_AT = 7, 4
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
SIGNALS = ("SIGINT", "SIGTERM", "SIGKILL")


class Stopped(CharTask):
    """Sends its own process a signal in the fourth step."""

    number = signal.SIGINT
    calls = 0

    def loss(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        self.calls += 1
        if self.calls == STOPPED_AT:
            os.kill(os.getpid(), self.number)
        return super().loss(network, batch)


def settings(folder: Path, source: str) -> TrainSettings:
    """A run of seven steps over an .npz (which is shuffled in chunks) or a store (in epochs)."""
    data = folder.parent / f"bars{source}"
    if source == ".npz" and not data.exists():
        write_bars(data, 120)
    elif not data.exists():
        images, labels = bars(120)
        with write_store(data, char_header("bars", LABELS, "test")) as writer:
            for part in ("train", "validation"):
                PartWriter(writer, part, len(images), 4).append(images, labels)
    # Saved after each step: what is killed loses nothing before it.
    return bar_settings(folder, data, steps=STEPS, eval_every=3)


def same(a: Any, b: Any) -> bool:
    """Whether two nested structures hold bit-equal values."""
    if isinstance(a, Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.parametrize(("source", "names"), [(".h5", SIGNALS), (".npz", SIGNALS[-1:])])
def test_stopped_by_any_signal_and_resumed_the_weights_are_those_of_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr(curves, "draw", lambda run_dir: None)
    train(CharTask(settings(tmp_path / "whole", source)))
    expected = checkpoint.load(tmp_path / "whole" / checkpoint.LAST)
    assert expected["state"]["step"] == STEPS
    command = [sys.executable, __file__, str(tmp_path), source, *names]
    ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=300, check=True)
    killed = [str(-signal.SIGKILL) if name == "SIGKILL" else "0" for name in names]
    assert ended.stdout.decode().split() == killed
    for name in names:
        saved = checkpoint.load(tmp_path / name / checkpoint.LAST)
        assert 0 < saved["state"]["step"] <= STOPPED_AT
        assert not train(CharTask(settings(tmp_path / name, source)), resume=saved).interrupted
        found = checkpoint.load(tmp_path / name / checkpoint.LAST)
        for part in ("network", "ema", "optimiser", "random"):
            assert same(expected[part], found[part]), (name, part)
        assert expected["state"]["position"] == found["state"]["position"]
        best = (checkpoint.load(tmp_path / run / checkpoint.BEST)["ema"] for run in ("whole", name))
        assert same(*best)


def stopped_runs(folder: Path, source: str, names: list[str]) -> None:
    """A run in a child process for each signal; prints how each ended."""
    for name in names:
        child = os.fork()
        if not child:
            task = Stopped(settings(folder / name, source))
            task.number = getattr(signal, name)
            train(task)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    stopped_runs(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])

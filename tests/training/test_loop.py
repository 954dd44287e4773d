"""The loop: an interrupted run goes on as if nothing had happened, and leaves a full record."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from digit_words import NumberTask, number_settings
from PIL import Image
from torch import Tensor, nn

from ocrcli.errors import OcrError
from ocrcli.training import checkpoint
from ocrcli.training.loop import train
from ocrcli.training.task import Batch


class Interrupted(NumberTask):
    """Sends itself a signal in the fifth step."""

    number = signal.SIGINT
    calls = 0

    def loss(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        self.calls += 1
        if self.calls == 5:
            os.kill(os.getpid(), self.number)
        return super().loss(network, batch)


class Exploding(NumberTask):
    def loss(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        return {"loss": super().loss(network, batch)["loss"] * float("nan")}


class Improving(NumberTask):
    """Scores 0.1, 0.2, 0.2, 0.2, …"""

    judged = 0

    def evaluate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        self.judged += 1
        return {"score": 0.1 * min(self.judged, 2)}


def same(a: Any, b: Any) -> bool:
    """Whether two nested structures hold bit-equal values."""
    if isinstance(a, Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_and_resumed_run_equals_an_uninterrupted_one(
    tmp_path: Path, number: signal.Signals
) -> None:
    whole = train(NumberTask(number_settings(tmp_path / "whole")))
    task = Interrupted(number_settings(tmp_path / "parts"))
    task.number = number
    stopped = train(task)
    assert stopped.interrupted
    assert stopped.state.step == 5
    saved = checkpoint.load(tmp_path / "parts" / checkpoint.LAST)
    resumed = train(NumberTask(number_settings(tmp_path / "parts")), resume=saved)
    assert not resumed.interrupted
    assert resumed.state.step == whole.state.step == 8
    expected, found = (checkpoint.load(tmp_path / run / checkpoint.LAST) for run in ("whole", "parts"))
    for part in ("network", "ema", "optimiser", "random"):
        assert same(expected[part], found[part]), part
    assert expected["state"]["position"] == found["state"]["position"]
    assert whole.state.scores == resumed.state.scores


def test_run_leaves_settings_metrics_checkpoints_and_curves(tmp_path: Path) -> None:
    result = train(NumberTask(number_settings(tmp_path, eval_every=4)))
    assert json.loads((tmp_path / "settings.json").read_text())["size"] == "tiny"
    records = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [r["step"] for r in records if r["kind"] == "eval"] == [4, 8]
    assert all(r["losses"]["loss"] > 0 for r in records if r["kind"] == "train")
    best = checkpoint.load(tmp_path / checkpoint.BEST)
    assert best["task"] == "word"
    assert "optimiser" not in best
    with Image.open(tmp_path / "curves.png") as image:
        assert image.width > 600
    assert result.state.samples == sum({r["step"]: r["samples"] for r in records}[step] for step in (8,))


def test_patience_ends_a_run_that_no_longer_improves(tmp_path: Path) -> None:
    result = train(Improving(number_settings(tmp_path, steps=100, eval_every=1, patience=3)))
    assert result.state.step == 5
    assert result.state.best == pytest.approx(0.2)
    assert checkpoint.load(tmp_path / checkpoint.BEST)["state"]["step"] == 2


def test_diverged_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(OcrError, match="lower --lr"):
        train(Exploding(number_settings(tmp_path, steps=200)))


def test_finished_run_that_is_resumed_takes_no_step(tmp_path: Path) -> None:
    train(NumberTask(number_settings(tmp_path)))
    saved = checkpoint.load(tmp_path / checkpoint.LAST)
    assert train(NumberTask(number_settings(tmp_path)), resume=saved).state.step == 8


@pytest.mark.slow
def test_training_on_printed_numbers_learns_to_read_them(tmp_path: Path) -> None:
    settings = number_settings(
        tmp_path, steps=200, batch_size=16, chunk=1024, lr=1.5e-3, held_out=128, eval_every=200
    )
    result = train(NumberTask(settings))
    assert result.state.scores["rendered/accuracy_exact"] > 0.6  # guessing: 0.03 at best
    assert result.state.scores["rendered/cer"] < 0.2


class Numeric(NumberTask):
    """Scores in a scalar of NumPy, as means over arrays are."""

    def evaluate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        return {"score": np.float64(0.5)}


def test_scores_of_any_kind_of_number_leave_a_checkpoint_that_loads(tmp_path: Path) -> None:
    train(Numeric(number_settings(tmp_path, steps=2)))
    for name in (checkpoint.BEST, checkpoint.LAST):
        assert checkpoint.load(tmp_path / name)["state"]["scores"] == {"score": 0.5}

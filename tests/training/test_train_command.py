"""``ocr train`` and ``ocr export`` as a person runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from digit_words import DIGITS, write_numbers

from ocrcli.cli.app import run as ocr

ROOT = Path(__file__).parents[2]


def options(labels: Path, run_dir: Path) -> list[str]:
    data = ("--data", str(labels), "--no-synth", "--dev", str(labels))
    return [
        *("train", "word", *data, "--run-dir", str(run_dir)),
        *("--size", "tiny", "--alphabet", DIGITS, "--batch-size", "4", "--chunk", "12", "--device", "cpu"),
    ]


def test_train_then_export_prints_paths_alone_on_stdout(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    labels, run_dir = write_numbers(tmp_path / "numbers"), tmp_path / "run"
    assert ocr([*options(labels, run_dir), "--steps", "6", "--workers", "0"]) == 0
    assert capfd.readouterr().out == f"{run_dir / 'best.pt'}\n"
    assert ocr(["export", "word", str(run_dir)]) == 0
    assert capfd.readouterr().out == f"{run_dir / 'word.onnx'}\n"
    tuned = tmp_path / "tuned"
    arguments = ["train", "word", "--init", str(run_dir / "word.onnx"), "--data", str(labels), "--no-synth"]
    assert ocr([*arguments, "--run-dir", str(tuned), "--epochs", "1", "--chunk", "8", "--workers", "1"]) == 0
    assert json.loads((tuned / "settings.json").read_text())["alphabet"] == DIGITS


def test_terminated_run_saves_says_how_to_go_on_and_goes_on(tmp_path: Path) -> None:
    labels, run_dir = write_numbers(tmp_path / "numbers"), tmp_path / "run"
    command = [sys.executable, "-m", "ocrcli.cli.train", *options(labels, run_dir)[1:]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [*command, "--steps", "1000000", "--log-every", "0", "--workers", "1"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        next(line for line in process.stderr if line.startswith("step "))  # it trains
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.splitlines()[-1].endswith(f"go on with: ocr train word --resume {run_dir}")
    step = json.loads((run_dir / "metrics.jsonl").read_text().splitlines()[-1])["step"]
    assert ocr(["train", "word", "--resume", str(run_dir), "--steps", str(step + 3), "--workers", "0"]) == 0
    assert json.loads((run_dir / "metrics.jsonl").read_text().splitlines()[-1])["step"] == step + 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--no-synth"], "--no-synth leaves nothing to train on"),
        (["--data", "missing/labels.tsv"], "missing/labels.tsv: no such file"),
        (["--init", "missing.onnx"], "--init missing.onnx: no such file"),
        (["--device", "abacus"], "--device abacus: no such device"),
        (["--precision", "fp7"], "--precision fp7: use auto"),
        (["--size", "huge"], "--size huge: use tiny, slim, small or base"),
    ],
)
def test_wrong_options_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert ocr(["train", "word", "--run-dir", str(tmp_path / "run"), "--steps", "1", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


@pytest.mark.parametrize("arguments", [["train", "word"], ["export", "word", "run"]])
def test_missing_torch_is_told_with_the_fix(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert ocr(arguments) == 2
    assert "needs: pip install 'ocrcli[train]'" in capsys.readouterr().err


def test_resuming_what_is_no_run_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ocr(["train", "word", "--resume", str(tmp_path)]) == 4
    assert "no such checkpoint" in capsys.readouterr().err


def test_resumed_run_keeps_its_data_and_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels, run_dir = write_numbers(tmp_path / "numbers"), tmp_path / "run"
    assert ocr([*options(labels, run_dir), "--steps", "1", "--workers", "0"]) == 0
    assert ocr(["train", "word", "--resume", str(run_dir), "--size", "base", "--lr", "1"]) == 2
    assert "--lr, --size cannot change in a resumed run" in capsys.readouterr().err
    assert ocr([*options(labels, run_dir), "--steps", "1"]) == 2
    assert "holds a run already" in capsys.readouterr().err

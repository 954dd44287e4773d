"""``ocr preprocess`` and ``ocr train`` together: from raw data to weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from digit_words import number_settings, write_numbers
from tiny_synthtext import SIZE, write_tars

from ocrcli.cli.app import run as ocr
from ocrcli.datasets.pages import StoredPages
from ocrcli.training.detect import DetectTask
from ocrcli.training.settings import TrainSettings
from ocrcli.training.word import WordTask

TINY = ["--size", "tiny", "--device", "cpu", "--workers", "0", "--no-synth"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a small raw SynthText where the download leaves it."""
    monkeypatch.chdir(tmp_path)
    write_tars(tmp_path / "data/raw/synthtext", 60, a_tar=30)
    return tmp_path


def metrics(run_dir: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(run_dir, "metrics.jsonl").read_text().splitlines()]


def test_words_from_raw_data_to_weights(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert ocr(["preprocess", "synthtext", "--workers", "1"]) == 0
    assert ocr(["train", "word", *TINY, "--steps", "2", "--chunk", "64", "--run-dir", "run"]) == 0
    out, err = capfd.readouterr()
    assert out == "run/best.pt\n"
    assert "training on data/synthtext.h5 (choose with --data)" in err
    assert "strips/64 " in err
    assert "synthtext/accuracy_36" in metrics("run")[-1]["scores"]  # type: ignore[operator]
    assert json.loads(Path("run/settings.json").read_text())["weights"] == [1.0]
    assert ocr(["train", "word", "--resume", "run", "--steps", "3"]) == 0
    assert metrics("run")[-1]["step"] == 3


def test_files_are_mixed_as_the_command_line_says(folder: Path) -> None:
    assert ocr(["preprocess", "synthtext", "--workers", "1", "-q", "-o", "st.h5"]) == 0
    labels = write_numbers(folder / "numbers")
    data = ["--data", "st.h5:2", "--data", str(labels), "--dev", "st.h5"]
    assert ocr(["train", "word", *TINY, *data, "--steps", "1", "--chunk", "32", "--run-dir", "run"]) == 0
    settings = json.loads(Path("run/settings.json").read_text())
    assert settings["data"] == ["st.h5", str(labels)] and settings["weights"] == [2.0, 1.0]
    task = WordTask(number_settings(folder, data=(Path("st.h5"), labels), synth=False))
    assert task.describe_data() == {"sources": ["st (labelled)", "numbers (labelled)"]}
    assert task.example_inputs()


def test_pages_from_raw_data_to_weights(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert ocr(["preprocess", "synthtext", "--kind", "page", "--workers", "1", "-q"]) == 0
    sizes = ["--chunk", "2", "--batch-size", "2"]
    assert ocr(["train", "detect", *TINY, *sizes, "--steps", "1", "--run-dir", "run"]) == 0
    assert capfd.readouterr().out == "run/best.pt\n"
    assert "synthtext-pages/hmean" in metrics("run")[-1]["scores"]  # type: ignore[operator]


def test_pages_of_a_store_judge_only_where_they_do_not_teach(folder: Path) -> None:
    assert ocr(["preprocess", "synthtext", "--kind", "page", "--workers", "1", "-q"]) == 0
    path = Path("data/synthtext-pages.h5")
    training, held_out = StoredPages(path, "training"), StoredPages(path, "held-out")
    assert (len(training), len(held_out)) == (57, 3)
    page = training(np.random.default_rng(0))
    assert page.pixels.shape == (SIZE[1], SIZE[0], 3) and len(page.quads) == len(page.ignore) > 0
    task = DetectTask(TrainSettings(run_dir=folder, synth=False, data=(path,)))
    assert task.recipe().data_part == "training" and len(task.held_out()["synthtext-pages"].pages) == 3
    judged = DetectTask(TrainSettings(run_dir=folder, synth=False, data=(path,), dev=(path,)))
    assert judged.recipe().data_part == "all"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "rendered", "--no-synth"], "--no-synth and --data rendered contradict"),
        (["--data", "rendered", "--data-share", "0.5"], "--data-share and --data rendered contradict"),
        (["--data", "missing.h5:2"], "missing.h5: no such file"),
        (["--data", "a.h5:0"], "a weight must be above 0"),
    ],
)
def test_contradictions_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert ocr(["train", "word", "--run-dir", str(tmp_path / "run"), "--steps", "1", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_settings_of_older_runs_have_no_weights(tmp_path: Path) -> None:
    values = number_settings(tmp_path, data=(Path("labels.tsv"),)).to_dict()
    del values["weights"]
    assert TrainSettings.from_dict(values).weights == ()

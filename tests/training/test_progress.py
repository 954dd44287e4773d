"""What a run tells: plain lines on stderr when nobody looks, one JSON object a record always."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocrcli.training.curves import draw, read_metrics
from ocrcli.training.progress import Reporter, clock

TRAIN = {"step": 1200, "samples": 40_000, "seconds": 61.0, "losses": {"loss": 0.5}, "lr": 1e-3, "rate": 120.0}
EVAL = {"step": 1200, "samples": 40_000, "seconds": 61.0, "scores": {"score": 0.25}, "best": True}


def test_records_are_lines_for_people_and_json_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Reporter(tmp_path) as report:
        report.record("train", {**TRAIN, "left": 3600.0, "score": None})
        report.record("eval", EVAL)
    out, err = capsys.readouterr()
    assert out == ""
    first, second = err.splitlines()
    assert "loss 0.5000" in first
    assert "left 1:00:00" in first
    assert "score 0.2500  (best)" in second
    assert [json.loads(line)["kind"] for line in (tmp_path / "metrics.jsonl").open()] == ["train", "eval"]


def test_other_processes_of_a_run_tell_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter(None) as report:
        report.record("eval", EVAL)
        report.note("hello")
    assert capsys.readouterr().err == ""


def test_curves_survive_a_record_cut_off_by_a_crash(tmp_path: Path) -> None:
    whole = json.dumps({"kind": "eval", **EVAL})
    (tmp_path / "metrics.jsonl").write_text(f'{whole}\n{{"kind": "tra')
    assert len(read_metrics(tmp_path)) == 1
    path = draw(tmp_path)
    assert path is not None
    assert path.stat().st_size > 1000


def test_nothing_recorded_draws_nothing(tmp_path: Path) -> None:
    assert draw(tmp_path) is None


@pytest.mark.parametrize(("seconds", "text"), [(None, "?"), (59.9, "0:00:59"), (7325, "2:02:05")])
def test_clock(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text

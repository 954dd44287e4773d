"""``ocr train char --split`` goes from the store to the test scores; ``ocr inspect char`` looks inside."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_char_task import digits

from ocrcli.cli.app import run as ocr_command
from ocrcli.datasets.charstore import PartWriter, char_header
from ocrcli.datasets.store import write_store
from ocrcli.engine.charnorm import normalise_batch
from ocrcli.errors import UsageError
from ocrcli.training.charrecipe import EPOCHS, split_values
from ocrcli.training.inspection import filters, load, look


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A folder with ``data/emnist-digits.h5`` and the run of the whole command on it."""
    folder = tmp_path_factory.mktemp("split")
    (folder / "data").mkdir()
    header = char_header("emnist-digits", "0123456789", "test")
    with write_store(folder / "data" / "emnist-digits.h5", header) as writer:
        for seed, (part, count) in enumerate((("train", 320), ("validation", 40), ("test", 60))):
            images, labels = digits(count, seed)
            PartWriter(writer, part, count, 10).append(normalise_batch(images)[0], labels.astype(np.uint8))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        command = "train char --split digits --size tiny --steps 50 --batch-size 64 --device cpu --threads 1"
        assert ocr(*command.split(), "--precision", "fp32", "--run-dir", "runs/digits") == 0
    return folder / "runs" / "digits"


def ocr(*arguments: str) -> int:
    return ocr_command(list(arguments))


def test_one_command_ends_with_test_scores_a_picture_and_a_model(run):
    scores = json.loads((run / "test.json").read_text())
    assert scores["samples"] == 60 and scores["top1"] > 0.8
    assert scores["top1"] <= scores["top3"] and 0 <= scores["ece"] <= 1
    assert Image.open(run / "confusion.png").size[0] > 400
    settings = json.loads((run / "settings.json").read_text())
    assert settings["alphabet"] == "0123456789" and settings["synth"] is False and settings["workers"] == 0


def test_its_model_scores_on_the_store_as_the_run_did(run, capsys):
    store = run.parent.parent / "data" / "emnist-digits.h5"
    model = ("--model", str(run / "char.onnx"), "--threads", "1", "--json", "-q")
    assert ocr("eval", "char", str(store), *model) == 0
    found = json.loads(capsys.readouterr().out)
    told = json.loads((run / "test.json").read_text())
    assert (found["samples"], found["top1"]) == (60, pytest.approx(told["top1"], abs=0.02))
    assert found["top1_within"] == found["top1"]  # it knows digits alone
    assert ocr("eval", "char", str(store), *model, "--held-back") == 0
    assert json.loads(capsys.readouterr().out)["samples"] == 40
    assert ocr("eval", "char", str(store), *model, "--tta") == 0
    assert json.loads(capsys.readouterr().out)["top1"] > 0.7


def test_the_recipe_fills_in_what_the_command_line_leaves_open(run, monkeypatch):
    monkeypatch.chdir(run.parent.parent)
    values = {
        "batch_size": 64,
        "epochs": None,
        "data": (),
        "synth": True,
        "patience": None,
        "eval_every": 500,
    }
    whole = split_values("digits", values, set())
    assert (whole["epochs"], whole["synth"]) == (EPOCHS["digits"], False)
    assert whole["data"] == (Path("data/emnist-digits.h5"),) and whole["eval_every"] == 1
    short = split_values("digits", {**values, "steps": 9}, {"steps", "batch_size"})
    assert short["epochs"] is None and short["batch_size"] == 64 and short["eval_every"] == 5
    with pytest.raises(UsageError, match="preprocess emnist --split letters"):
        split_values("letters", values, set())
    with pytest.raises(UsageError, match="--split greek"):
        split_values("greek", values, set())
    with pytest.raises(UsageError, match="--data"):
        split_values("digits", values, {"data"})


@pytest.mark.parametrize("model", ["char.onnx", "best.pt", "."])
def test_inspection_shows_the_same_of_a_checkpoint_and_of_its_model_file(run, model):
    classifier, other = load(run / model), load(run / "best.pt")
    picture = normalise_batch(digits(10, 5)[0][3:4])[0][0]
    seen, expected = look(classifier, picture, 3), look(other, picture, 3)
    assert [name for name, _ in seen.candidates] == [name for name, _ in expected.candidates]
    assert [maps.shape for _, maps in seen.maps] == [
        (16, 28, 28), (32, 14, 14), (32, 14, 14), (64, 7, 7), (64, 7, 7), (128, 3, 3), (128, 3, 3),
    ]  # fmt: skip
    for (_, found), (_, wanted) in zip(seen.maps, expected.maps, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-3)
    assert len(seen.evidence) == 3
    assert all(e.shape == (28, 28) and e.min() >= 0 and e.max() <= 1 for e in seen.evidence)
    np.testing.assert_allclose(filters(classifier.network), filters(other.network), atol=1e-4)


def test_inspect_draws_what_the_network_sees(run, tmp_path, capsys):
    Image.fromarray(digits(10, 6)[0][4]).save(tmp_path / "digit.png")
    output = tmp_path / "seen.png"
    digit, model = str(tmp_path / "digit.png"), str(run / "char.onnx")
    assert ocr("inspect", "char", digit, "-o", str(output), "--model", model) == 0
    assert capsys.readouterr().out.strip() == str(output)
    drawn = np.asarray(Image.open(output).convert("RGB")).astype(int)
    assert drawn.shape[1] > 1000 and (np.ptp(drawn, axis=2) > 60).mean() > 0.02  # colour: maps and evidence
    assert ocr("inspect", "char", "-o", str(tmp_path / "filters.png"), "--model", str(run)) == 0
    assert Image.open(tmp_path / "filters.png").height < 400


def test_inspect_says_what_it_cannot_show(run, tmp_path, capsys):
    Image.new("L", (60, 60), 255).save(tmp_path / "blank.png")
    model = ("--model", str(run / "char.onnx"))
    assert ocr("inspect", "char", str(tmp_path / "blank.png"), "-o", str(tmp_path / "x.png"), *model) == 3
    assert "blank" in capsys.readouterr().err
    assert ocr("inspect", "char", "-o", str(tmp_path / "nowhere" / "x.png"), *model) == 5
    (tmp_path / "odd.onnx").write_bytes(b"no model")
    assert ocr("inspect", "char", "-o", str(tmp_path / "x.png"), "--model", str(tmp_path / "odd.onnx")) == 4
    assert not (tmp_path / "x.png").exists()

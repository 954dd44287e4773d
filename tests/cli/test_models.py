import hashlib
import json

from ocrcli.errors import ExitCode


def test_models_show_what_the_files_say(ocr, tiny_models):
    result = ocr("models")
    assert (result.code, result.err) == (0, "")
    for task in ("char", "word", "detect"):
        digest = hashlib.sha256((tiny_models / f"{task}.onnx").read_bytes()).hexdigest()
        assert f"{task}.onnx" in result.out.replace("\n", "")
        assert digest[:40] in result.out
    assert "27 characters" in result.out


def test_json_has_everything(ocr, tiny_models):
    record = json.loads(ocr("models", "--json").out)
    word = next(model for model in record["models"] if model["task"] == "word")
    assert word["file"] == str(tiny_models / "word.onnx")
    assert word["bytes"] == (tiny_models / "word.onnx").stat().st_size
    assert word["alphabet"] == " abcdefghijklmnopqrstuvwxyz" and word["alphabet_size"] == 27
    assert {"sha256", "architecture", "scores", "training", "code_version"} <= set(word)


def test_damaged_model_is_told_and_the_others_are_shown(ocr, tmp_path):
    (tmp_path / "word.onnx").write_bytes(b"damaged")
    result = ocr("models", "--model-dir", tmp_path, "--json")
    assert result.code == ExitCode.MODEL
    assert result.err.count("\n") == 1 and str(tmp_path / "word.onnx") in result.err
    by_task = {model["task"]: model for model in json.loads(result.out)["models"]}
    assert by_task["word"]["error"]["code"] == ExitCode.MODEL
    assert by_task["char"]["sha256"]

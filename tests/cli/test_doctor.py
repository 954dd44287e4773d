import json
import platform

import onnx
import pytest

from ocrcli import __version__
from ocrcli.cli.doctor import try_out
from ocrcli.engine.model import Model
from ocrcli.errors import ExitCode, ModelError


def test_doctor_reports_versions_and_finds_the_models_good(ocr):
    result = ocr("doctor")
    assert (result.code, result.err) == (0, "")
    assert __version__ in result.out and platform.python_version() in result.out
    lines = [line.split() for line in result.out.splitlines()]
    assert {line[2] for line in lines if line[:2] == ["OK", "model"]} == {"char", "word", "detect"}
    assert {"numpy", "pillow", "onnxruntime", "pypdfium2"} <= {line[1] for line in lines if line[0] == "OK"}
    assert "FAIL" not in result.out


def test_doctor_json(ocr):
    record = json.loads(ocr("doctor", "--json").out)
    assert record["ok"] is True and record["version"] == __version__
    assert {check["name"] for check in record["models"]} == {"model char", "model word", "model detect"}
    assert any(check["name"] == "providers" and "CPU" in check["detail"] for check in record["system"])


def test_damaged_model_fails_with_4(ocr, tmp_path):
    (tmp_path / "word.onnx").write_bytes(b"damaged")
    result = ocr("doctor", "--model-dir", tmp_path)
    assert result.code == ExitCode.MODEL
    assert any(line.startswith("FAIL") and "word.onnx" in line for line in result.out.splitlines())
    report = ocr("doctor", "--model-dir", tmp_path, "--json")
    assert report.code == ExitCode.MODEL and json.loads(report.out)["ok"] is False


def test_model_that_breaks_its_promise_is_found(tiny_models, tmp_path):
    network = onnx.load(tiny_models / "char.onnx")
    card = network.metadata_props[0]
    card.value = card.value.replace('"alphabet": "abc', '"alphabet": "c')
    onnx.save(network, tmp_path / "char.onnx")
    with pytest.raises(ModelError, match="its card promises"):
        try_out(Model.load(tmp_path / "char.onnx"))
    try_out(Model.load(tiny_models / "char.onnx"))

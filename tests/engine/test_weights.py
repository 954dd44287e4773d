import shutil

import pytest

from ocrcli.engine import weights
from ocrcli.engine.weights import find_model, variant
from ocrcli.errors import ModelError


@pytest.fixture(autouse=True)
def no_other_models(monkeypatch, tmp_path):
    monkeypatch.delenv("OCR_MODELS", raising=False)
    monkeypatch.setattr(weights, "PACKAGED", tmp_path / "package")
    monkeypatch.setattr(weights, "CHECKOUT", tmp_path / "checkout")


def folder_with(path, *names):
    path.mkdir()
    for name in names:
        (path / name).touch()
    return path


def test_folders_are_searched_in_the_documented_order(monkeypatch, tmp_path):
    checkout = folder_with(tmp_path / "checkout", "word.onnx")
    assert find_model("word") == checkout / "word.onnx"
    package = folder_with(tmp_path / "package", "word.onnx")
    assert find_model("word") == package / "word.onnx"
    named = folder_with(tmp_path / "named", "word.onnx")
    monkeypatch.setenv("OCR_MODELS", str(named))
    assert find_model("word") == named / "word.onnx"
    given = folder_with(tmp_path / "given", "word.onnx")
    assert find_model("word", given) == given / "word.onnx"


def test_a_folder_may_hold_only_some_of_the_models(tmp_path):
    package = folder_with(tmp_path / "package", "word.onnx", "detect.onnx")
    given = folder_with(tmp_path / "given", "word.onnx")
    assert find_model("word", given) == given / "word.onnx"
    assert find_model("detect", given) == package / "detect.onnx"


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_a_named_folder_without_models_is_an_error_even_if_others_have_them(tmp_path, make):
    folder_with(tmp_path / "package", "word.onnx")
    make(tmp_path / "typo")
    with pytest.raises(ModelError, match="typo"):
        find_model("word", tmp_path / "typo")


def test_a_model_that_is_nowhere_is_named_with_the_fix(tmp_path):
    folder_with(tmp_path / "package", "word.onnx")
    with pytest.raises(
        ModelError, match=r"detect\.onnx: not in .*package.*; reinstall ocrcli, or give --model-dir"
    ):
        find_model("detect")


def test_found_files_load(tiny_models, tmp_path):
    shutil.copytree(tiny_models, tmp_path / "package")
    assert find_model("char").is_file()


def test_the_8_bit_twin_is_the_file_beside(tmp_path):
    folder = folder_with(tmp_path / "mine", "word.onnx", "detect.onnx", "word.int8.onnx")
    assert variant(folder / "word.onnx", "int8") == folder / "word.int8.onnx"
    assert variant(folder / "detect.onnx", "int8") is None

import subprocess
import sys
import threading

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ocrcli.engine.model import Model, usable_cores
from ocrcli.errors import ExitCode, ModelError, UsageError


def test_a_model_brings_its_card_and_runs(tiny_models, paint_strip):
    model = Model.load(tiny_models / "word.onnx", task="word")
    assert model.card.task == "word"
    assert model.card.input.height == 32
    log_probs = model.run(paint_strip("abc")[None, None])
    assert log_probs.shape == (1, paint_strip("abc").shape[1] // 4, len(model.card.alphabet) + 1)
    assert np.allclose(np.exp(log_probs).sum(-1), 1, atol=1e-3)


def test_sha256_is_that_of_the_file(tiny_models):
    import hashlib

    path = tiny_models / "word.onnx"
    assert Model.load(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_missing_file_is_named_with_the_fix(tmp_path):
    with pytest.raises(
        ModelError, match=r"word\.onnx: no such model file; reinstall ocrcli, or .*--model-dir"
    ):
        Model.load(tmp_path / "word.onnx")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"hello",
        lambda data: data[: len(data) // 2],
        lambda data: b"\x00" * len(data),
        lambda data: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    ],
)
def test_damaged_files_are_told_in_one_line(tiny_models, tmp_path, damage):
    path = tmp_path / "word.onnx"
    path.write_bytes(damage((tiny_models / "word.onnx").read_bytes()))
    with pytest.raises(ModelError) as caught:
        Model.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == ExitCode.MODEL


def test_foreign_models_are_refused(tmp_path):
    value = helper.make_tensor_value_info("x", TensorProto.UINT8, [1])
    out = helper.make_tensor_value_info("y", TensorProto.UINT8, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value], [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = tmp_path / "word.onnx"
    onnx.save(model, path)
    with pytest.raises(ModelError, match="not a model of ocrcli"):
        Model.load(path)
    helper.set_model_props(model, {"ocrcli": '{"schema": "ocrcli-model/99"}'})
    onnx.save(model, path)
    with pytest.raises(ModelError, match="another version"):
        Model.load(path)


def test_a_model_for_another_task_is_refused(tiny_models):
    with pytest.raises(ModelError, match='task "detect", where one for "word"'):
        Model.load(tiny_models / "detect.onnx", task="word")


def test_a_wrong_shape_is_a_model_error(tiny_models):
    model = Model.load(tiny_models / "word.onnx")
    with pytest.raises(ModelError, match="failed on input"):
        model.run(np.zeros((1, 3, 32, 64), np.uint8))


def test_unknown_and_absent_devices_are_usage_errors(tiny_models):
    import onnxruntime

    with pytest.raises(UsageError, match="not one of auto, cpu, cuda"):
        Model.load(tiny_models / "word.onnx", device="tpu")
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        with pytest.raises(UsageError, match="onnxruntime-gpu"):
            Model.load(tiny_models / "word.onnx", device="cuda")


def test_threads_share_a_model(tiny_models, paint_strip):
    model = Model.load(tiny_models / "word.onnx", threads=1)
    batch = paint_strip("shared")[None, None]
    expected = model.run(batch)
    results = []
    threads = [threading.Thread(target=lambda: results.append(model.run(batch))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(np.array_equal(result, expected) for result in results)


def test_onnxruntime_says_nothing_itself(tiny_models, tmp_path):
    (tmp_path / "word.onnx").write_bytes((tiny_models / "word.onnx").read_bytes()[:-200])
    code = (
        "import sys, numpy as np; from pathlib import Path; from ocrcli.engine.model import Model\n"
        "from ocrcli.errors import ModelError\n"
        "model = Model.load(Path(sys.argv[1]))\n"
        "wrong = np.zeros((1, 9, 3, 3), np.uint8)\n"
        "for work in (lambda: Model.load(Path(sys.argv[2])), lambda: model.run(wrong)):\n"
        "    try: work()\n"
        "    except ModelError: continue\n"
        "    raise SystemExit('no error')\n"
    )
    arguments = [str(tiny_models / "word.onnx"), str(tmp_path / "word.onnx")]
    run = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_at_least_one_core_is_usable():
    assert usable_cores() >= 1

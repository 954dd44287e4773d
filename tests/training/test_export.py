"""An exported file answers as torch does at any size, says what it is, and can be trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from digit_words import DIGITS, NumberTask, number_settings
from torch import nn

from ocrcli.cli.app import run as ocr
from ocrcli.errors import ExitCode, ModelError, UsageError
from ocrcli.modelcard import METADATA_KEY, ModelCard
from ocrcli.training import checkpoint
from ocrcli.training import export as exporting
from ocrcli.training.export import blended, export, load_task, other_weights
from ocrcli.training.fold import fold, unfold
from ocrcli.training.initialise import initialise
from ocrcli.training.loop import train


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short real run, and its word.onnx."""
    folder = tmp_path_factory.mktemp("run")
    train(NumberTask(number_settings(folder, steps=30, lr=1e-3)))
    task, saved = load_task(NumberTask, "word", folder)
    export(task, saved, folder / "word.onnx")
    return folder


def trained(run: Path) -> nn.Module:
    network = NumberTask(number_settings(run)).network()
    network.load_state_dict(checkpoint.load(run / checkpoint.BEST)["ema"])
    return network.eval()


@pytest.mark.parametrize(("count", "width"), [(1, 4), (1, 32), (2, 100), (7, 128), (1, 320), (2, 1280)])
def test_exported_model_gives_torch_s_outputs_at_any_size(run: Path, count: int, width: int) -> None:
    image = np.random.default_rng(width).integers(0, 256, (count, 1, 32, width), np.uint8)
    session = onnxruntime.InferenceSession(run / "word.onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(["log_probs"], {"image": image})
    with torch.no_grad():
        expected = trained(run)(torch.from_numpy(image)).numpy()
    assert found.shape == (count, width // 4, len(DIGITS) + 1)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_exported_graph_is_one_small_file_without_unrolled_steps(run: Path) -> None:
    model = onnx.load(run / "word.onnx")
    kinds = [node.op_type for node in model.graph.node]
    assert kinds.count("LSTM") == 1
    assert "BatchNormalization" not in kinds
    assert len(kinds) < 80
    assert not [i for i in model.graph.initializer if i.external_data]
    assert {"ir": model.ir_version, "opset": model.opset_import[0].version} == {"ir": 8, "opset": 17}


def test_card_says_how_the_model_was_made(run: Path) -> None:
    model = onnx.load(run / "word.onnx")
    card = ModelCard.from_json({p.key: p.value for p in model.metadata_props}[METADATA_KEY])
    assert (card.task, card.architecture, card.alphabet, card.blank) == ("word", "crnn-tiny", DIGITS, 0)
    assert card.training["steps"] == 30
    assert card.training["samples"] > 30
    assert "rendered words and lines" in card.training["data"]["sources"]
    assert "rendered/cer" in card.scores


def test_a_given_temperature_is_the_card_s(run: Path, tmp_path: Path) -> None:
    model = onnx.load(
        export(*load_task(NumberTask, "word", run), tmp_path / "calm.onnx", temperature=1.3).path
    )
    card = ModelCard.from_json({p.key: p.value for p in model.metadata_props}[METADATA_KEY])
    assert card.temperature == 1.3


@pytest.mark.parametrize("blend", ["0.5", "run:", ":0.5", "run:1.5", "run:-1", "run:half"])
def test_a_blend_needs_a_run_and_a_share(run: Path, blend: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ocr(["export", "word", str(run), "--blend", blend]) == ExitCode.USAGE
    assert "give a run or an .onnx and its share" in capsys.readouterr().err


def test_model_that_differs_from_torch_is_not_written(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(network: nn.Module) -> tuple[nn.Module, dict]:
        folded, statistics = fold(network)
        folded.head.bias.data += 0.5  # type: ignore[union-attr, operator]
        folded.head.weight.data *= 1.1  # type: ignore[union-attr, operator]
        return folded, statistics

    monkeypatch.setattr(exporting, "fold", wrong)
    task, saved = load_task(NumberTask, "word", run)
    with pytest.raises(ModelError, match="differs from torch"):
        export(task, saved, run / "wrong.onnx")
    assert not list(run.glob("wrong*"))


def test_half_precision_file_is_half_the_size_and_reads_the_same(run: Path) -> None:
    task, saved = load_task(NumberTask, "word", run)
    half = export(task, saved, run / "half.onnx", "fp16")
    assert half.size < 0.6 * (run / "word.onnx").stat().st_size
    assert half.agreement >= 0.98


def test_8_bit_file_is_smaller_and_keeps_its_card(run: Path) -> None:
    task, saved = load_task(NumberTask, "word", run)
    small = export(task, saved, run / "int8.onnx", "int8")
    assert small.size < 0.85 * (run / "word.onnx").stat().st_size
    metadata = {p.key: p.value for p in onnx.load(run / "int8.onnx").metadata_props}
    assert ModelCard.from_json(metadata[METADATA_KEY]).task == "word"


def test_fine_tuning_starts_where_the_model_file_stands(run: Path) -> None:
    settings = number_settings(run / "tuned", init=str(run / "word.onnx"), size=None, alphabet=None)
    task, weights = initialise(NumberTask, "word", settings)
    assert (task.settings.size, task.settings.alphabet) == ("tiny", DIGITS)
    network = task.network()
    network.load_state_dict(weights)
    image = torch.randint(0, 256, (5, 1, 32, 96), dtype=torch.uint8)
    with torch.no_grad():
        torch.testing.assert_close(network.eval()(image), trained(run)(image), atol=1e-4, rtol=0)
    # In training mode batch norms normalise by the batch: only with their own scale is that the same.
    original = trained(run)
    for each in (network, original):
        each.train()
        each.dropout.share = 0.0  # type: ignore[union-attr]
    torch.testing.assert_close(network(image), original(image), atol=1e-3, rtol=0)


@pytest.mark.parametrize("source", ["word.onnx", "half.onnx", "best.pt", ""])
def test_run_can_start_from_model_file_checkpoint_or_folder(run: Path, tmp_path: Path, source: str) -> None:
    if source == "half.onnx":
        export(*load_task(NumberTask, "word", run), run / "half.onnx", "fp16")
    settings = number_settings(tmp_path, steps=2, init=str(run / source))
    task, weights = initialise(NumberTask, "word", settings)
    assert train(task, weights=weights).state.step == 2


def test_8_bit_file_gives_its_weights_back(run: Path, tmp_path: Path) -> None:
    export(*load_task(NumberTask, "word", run), tmp_path / "int8.onnx", "int8")
    settings = number_settings(tmp_path, init=str(tmp_path / "int8.onnx"))
    task, weights = initialise(NumberTask, "word", settings)
    original = trained(run).state_dict()
    network = task.network()
    network.load_state_dict(weights)
    image = torch.randint(0, 256, (5, 1, 32, 96), dtype=torch.uint8)
    with torch.no_grad():
        difference = (network.eval()(image) - trained(run)(image)).abs().mean()
    assert difference < 0.05  # of log-probabilities; weights keep 7 bits
    torch.testing.assert_close(weights["head.weight"], original["head.weight"], atol=0.005, rtol=0)
    assert torch.equal(weights["head.bias"], original["head.bias"])  # is not rounded


def test_8_bit_file_convolves_and_recurs_in_integers(run: Path, tmp_path: Path) -> None:
    export(*load_task(NumberTask, "word", run), tmp_path / "int8.onnx", "int8")
    model = onnx.load(tmp_path / "int8.onnx")
    constants = {each.name: each for each in model.graph.initializer}
    nodes = model.graph.node
    dequantised = {node.output[0]: node.input[0] for node in nodes if node.op_type == "DequantizeLinear"}
    convolutions = [node for node in nodes if node.op_type == "Conv"]
    first, *others = convolutions
    assert first.input[1] in constants  # a single channel is faster in float32
    assert others
    for node in others:
        weight = onnx.numpy_helper.to_array(constants[dequantised[node.input[1]]])
        assert weight.dtype == np.int8
        assert np.abs(weight.astype(int)).max() <= 64  # sums of pairs of products stay within 16 bits
    assert not any(node.op_type == "MatMul" for node in nodes)  # they are MatMulInteger
    recurrent = next(node for node in nodes if node.op_type == "DynamicQuantizeLSTM")
    for name in recurrent.input[1:3]:
        assert np.abs(onnx.numpy_helper.to_array(constants[name]).astype(int)).max() <= 64


def test_weights_of_another_task_or_size_are_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot start the training of a char model"):
        initialise(NumberTask, "char", number_settings(tmp_path, init=str(run / "word.onnx")))
    with pytest.raises(UsageError, match="of size tiny"):
        initialise(NumberTask, "word", number_settings(tmp_path, init=str(run / "word.onnx"), size="base"))


def test_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"bad\.onnx"):
        initialise(NumberTask, "word", number_settings(tmp_path, init=str(tmp_path / "bad.onnx")))


def test_a_mean_of_two_runs_has_their_weights_and_scores_of_its_own(run: Path) -> None:
    task, saved = load_task(NumberTask, "word", run)
    other = {name: weights + 1 for name, weights in saved["ema"].items()}
    mean = blended(task, saved, other, 0.25)
    for name, weights in saved["ema"].items():
        torch.testing.assert_close(
            mean["ema"][name].double(),
            weights.double() + (0.25 if weights.is_floating_point() else 0),
            atol=1e-5,
            rtol=0,
        )
    assert mean["state"]["scores"].keys() == task.evaluate(trained(run), torch.device("cpu")).keys()
    assert blended(task, saved, other, 0.0)["state"]["scores"] == task.evaluate(
        trained(run), torch.device("cpu")
    )
    short = {name: weights[:1] for name, weights in saved["ema"].items() if weights.dim()}
    with pytest.raises(ModelError, match="different sizes"):
        blended(task, saved, short, 0.5)


def test_a_mean_may_be_with_the_model_file_that_a_run_began_from(run: Path, tmp_path: Path) -> None:
    task, saved = load_task(NumberTask, "word", run)
    file = export(task, saved, tmp_path / "before.onnx").path
    before = other_weights(task, "word", file)
    assert before.keys() == saved["ema"].keys()
    mean = blended(task, {**saved, "ema": before}, before, 0.5)["ema"]
    network = trained(run).eval()
    answers = network(task.example_inputs()[0])
    network.load_state_dict(mean)
    torch.testing.assert_close(network.eval()(task.example_inputs()[0]), answers, atol=1e-3, rtol=0)


def test_folding_is_exact_with_and_without_a_bias() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        *(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU()),
        *(nn.Conv2d(4, 2, 1, bias=False), nn.BatchNorm2d(2)),
    )
    for module in network:
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.2, 3)
    image = torch.randn(2, 1, 9, 9)
    folded, statistics = fold(network)
    torch.testing.assert_close(folded(image), network.eval()(image))
    network.load_state_dict(unfold(folded.state_dict(), statistics, network))
    torch.testing.assert_close(folded(image), network.eval()(image))

"""A checkpoint's averaged weights as one self-describing ONNX file, checked before it is kept."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from ocrcli.errors import ModelError, OutputError, UsageError
from ocrcli.modelcard import METADATA_KEY, ModelCard
from ocrcli.training import checkpoint
from ocrcli.training.fold import fold
from ocrcli.training.quantise import to_int8
from ocrcli.training.recover import HALF, name_weights, write_statistics
from ocrcli.training.settings import TrainSettings
from ocrcli.training.task import Task
from ocrcli.training.trained import trained

OPSET = 17  # LayerNormalization and all that the three networks need; onnxruntime ≥ 1.12 loads it
IR_VERSION = 8  # the file version that goes with opset 17
Format = Literal["fp32", "fp16", "int8"]


@dataclass(frozen=True)
class Bound:
    """What a file's outputs may differ from torch's: greatest difference, least agreement of the answers."""

    difference: float
    agreement: float


# fp32 differs by rounding only. fp16 weights have 11 bits: 0.03 was measured. int8 moves unlikely
# classes a lot and the likeliest one rarely; only answers count, also those to hard samples.
BOUNDS: dict[Format, Bound] = {
    "fp32": Bound(1e-3, 1.0),
    "fp16": Bound(0.1, 0.98),
    "int8": Bound(np.inf, 0.93),
}


@dataclass(frozen=True)
class Exported:
    """The file that was written and how near it is to torch."""

    path: Path
    size: int  # bytes
    difference: float  # greatest, over all outputs
    agreement: float  # of the answers, mean over the samples; see Task.agreement
    samples: int


def export(
    task: Task, saved: dict[str, Any], path: Path, form: Format = "fp32", temperature: float | None = None
) -> Exported:
    """Writes ``path`` from the loaded checkpoint ``saved``. Raises ModelError when the file would differ.

    ``temperature`` goes into the card in place of the one that was found in training.
    """
    network = task.network()
    network.load_state_dict(saved["ema"])
    network.eval()
    examples = task.example_inputs()
    model = to_onnx(task, network, examples[0])
    card = finished_card(task, saved)
    _write_card(model, card if temperature is None else replace(card, temperature=temperature))
    model = _convert(task, model, form)
    difference, agreement, samples = compare(task, network, model.SerializeToString(), examples)
    bound = BOUNDS[form]
    if difference > bound.difference or agreement < bound.agreement:
        raise ModelError(
            f"{path}: not written, the {form} model differs from torch: by {difference:.2g} "
            f"(allowed {bound.difference:g}), answers agree to {agreement:.1%} on {samples} samples "
            f"(needed {bound.agreement:.0%})"
        )
    size = _write(model, path)
    return Exported(path, size, difference, agreement, samples)


def blended(task: Task, saved: dict[str, Any], others: dict[str, Tensor], share: float) -> dict[str, Any]:
    """The checkpoint with a mean of weights in place of its own, of which ``share`` are the ``others``.

    What a run learned from other data and what the network knew before go together in the mean of what it
    was before and after (Wortsman 2022). The scores are measured anew. Raises ModelError where shapes differ.
    """
    own = saved["ema"]
    shapes = [{name: tuple(weights.shape) for name, weights in each.items()} for each in (own, others)]
    if shapes[0] != shapes[1]:
        raise ModelError("the runs have networks of different sizes: there is no mean of their weights")
    mean = {
        name: torch.lerp(weights.double(), others[name].double(), share).to(weights.dtype)
        for name, weights in own.items()
    }
    network = task.network()
    network.load_state_dict(mean)
    scores = task.evaluate(network.eval(), torch.device("cpu"))
    return {**saved, "ema": mean, "state": {**saved["state"], "scores": scores}}


def to_onnx(task: Task, network: nn.Module, example: Tensor) -> onnx.ModelProto:
    """The graph with folded batch norms, named weights and free axes."""
    folded, statistics = fold(task.deploy(network))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The tracing exporter writes a bidirectional LSTM as one operator; its age is no news.
        warnings.simplefilter("ignore")
        file = Path(folder) / "model.onnx"
        torch.onnx.export(
            folded,
            (_at_least_two(example),),
            str(file),
            dynamo=False,
            opset_version=OPSET,
            input_names=["image"],
            output_names=[task.output_name],
            dynamic_axes=task.dynamic_axes,
        )
        model = onnx.load(file)
    model.ir_version = min(model.ir_version, IR_VERSION)
    name_weights(model, folded)
    write_statistics(model, statistics)
    onnx.checker.check_model(model)
    return model


def _at_least_two(example: Tensor) -> Tensor:
    """The example as a batch of two: tracing must not take a batch of one for a constant."""
    return example if len(example) > 1 else torch.cat([example, example])


def finished_card(task: Task, saved: dict[str, Any]) -> ModelCard:
    """The task's card with what is known of the training."""
    settings, state, scores = saved["settings"], saved["state"], dict(saved["state"]["scores"])
    samples, hours = settings.get("before") or (0, 0.0)
    kept = {key: settings[key] for key in ("batch_size", "lr", "weight_decay", "echo", "init")}
    if kept["init"]:
        kept["init"] = Path(kept["init"]).name  # where it lay on that machine says nothing
    training = {
        "data": saved["data"],
        "samples": samples + state["samples"],
        "steps": state["step"],
        "hours": round(hours + state["seconds"] / 3600, 3),
        "hardware": saved["machine"],
        "seed": settings["seed"],
        "settings": kept,
    }
    card = task.card()
    if "temperature" in scores:
        card = replace(card, temperature=float(scores.pop("temperature")))
    rounded = {name: round(float(value), 5) for name, value in scores.items()}
    return replace(card, training=training, scores=rounded, code_version=saved["code_version"])


def _write_card(model: onnx.ModelProto, card: ModelCard) -> None:
    known = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, {**known, METADATA_KEY: card.to_json()})


# --- smaller number formats ----------------------------------------------------------------


def _convert(task: Task, model: onnx.ModelProto, form: Format) -> onnx.ModelProto:
    """The model with half-precision or 8-bit weights, its metadata kept."""
    if form == "fp32":
        return model
    if form == "fp16":
        converted = _to_half(model)
    else:
        converted = to_int8(model, [image.numpy() for image in task.training_inputs(task.calibration)])
    known = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(converted, known)
    return converted


def _to_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Half-precision storage of what has two axes and more; onnxruntime widens it once, at loading.

    Computing in half precision is no gain on a CPU, and onnxruntime has no such LSTM there.
    """
    half = onnx.ModelProto()
    half.CopyFrom(model)
    casts = []
    for initialiser in half.graph.initializer:
        value = numpy_helper.to_array(initialiser)
        if value.ndim >= 2 and value.dtype == np.float32:
            name = initialiser.name
            stored = numpy_helper.from_array(value.astype(np.float16), name + HALF)
            initialiser.CopyFrom(stored)
            casts.append(onnx.helper.make_node("Cast", [name + HALF], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *half.graph.node]
    del half.graph.node[:]
    half.graph.node.extend(nodes)
    return half


# --- the check and the file ------------------------------------------------------------------


def compare(
    task: Task, network: nn.Module, content: bytes, examples: list[Tensor]
) -> tuple[float, float, int]:
    """(greatest difference, mean agreement of the answers, samples) between torch and onnxruntime."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    difference, equal, samples = 0.0, 0.0, 0
    for image in examples:
        with torch.no_grad():
            expected = network(image).float().numpy()
        (found,) = session.run([task.output_name], {"image": image.numpy()})
        if found.shape != expected.shape or not np.isfinite(found).all():
            return float("inf"), 0.0, len(image)
        difference = max(difference, float(np.abs(found - expected).max()))
        pairs = zip(expected, found, strict=True)
        equal += sum(task.agreement(e[None], f[None]) for e, f in pairs)
        samples += len(image)
    return difference, equal / samples, samples


def _write(model: onnx.ModelProto, path: Path) -> int:
    """The whole file or none; its size in bytes."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(model.SerializeToString())
        temporary.replace(path)
        return path.stat().st_size
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot write the model ({error.strerror or error})") from error


def other_weights(task: Task, name: str, path: Path) -> dict[str, Tensor]:
    """The weights, by name, of a run, a checkpoint, or the ``.onnx`` that another run began from.

    Raises ModelError or UsageError.
    """
    found = trained(path)
    _same_task(found.path, found.task, name)
    return found.weights(task.network())


def load_task(factory: Callable[[TrainSettings], Task], name: str, path: Path) -> tuple[Task, dict[str, Any]]:
    """The task of a checkpoint, ready to export, and the checkpoint. Raises ModelError or UsageError.

    Development sets that are not on this machine are left out of the parity check.
    """
    saved = _checkpoint(name, path)
    settings = TrainSettings.from_dict(saved["settings"])
    here: dict[str, Any] = {
        key: tuple(path for path in getattr(settings, key) if path.exists())
        for key in ("dev", "data", "fonts")
    }
    return factory(replace(settings, **here)), saved


def _checkpoint(name: str, path: Path) -> dict[str, Any]:
    path = checkpoint.find(path, checkpoint.BEST)
    saved = checkpoint.load(path)
    _same_task(path, saved["task"], name)
    return saved


def _same_task(path: Path, found: str, wanted: str) -> None:
    if found != wanted:
        raise UsageError(f"{path}: of ocr train {found}, not {wanted}")

"""Weights in and out of a model file: export names them, fine-tuning reads them back.

The exporter of torch renames what it rearranges (transposed matrices, the gates of an LSTM). Here every
initialiser gets the name of the parameter it came from again, with a mark for how it is laid out.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from ocrcli.errors import ModelError
from ocrcli.modelcard import METADATA_KEY, ModelCard
from ocrcli.training.fold import Statistics, unfold
from ocrcli.training.quantise import initialisers, widened

STATISTICS_KEY = "ocrcli.batchnorm"  # metadata: {batch norm: base64 of float32 [mean…, variance…]}
TRANSPOSED = ".T"  # initialiser NAME.T is the parameter NAME with its axes swapped
HALF = ".half"  # initialiser NAME.half is NAME stored in half precision, widened by a Cast
GATES = (0, 2, 3, 1)  # torch has input, forget, cell, output; ONNX input, output, forget, cell
DIRECTIONS = ("", "_reverse")


def name_weights(model: onnx.ModelProto, network: nn.Module) -> None:
    """Renames the initialisers of ``model`` after the parameters of ``network`` (folded) they hold."""
    wanted = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    named: dict[str, np.ndarray] = {f"{n}{TRANSPOSED}": v.T for n, v in wanted.items() if v.ndim == 2}
    for prefix, module in network.named_modules():
        if isinstance(module, nn.LSTM):
            named |= lstm_layout(prefix, module)
    renamed: dict[str, str] = {}
    for initialiser in model.graph.initializer:
        if initialiser.name in wanted:
            continue
        value = numpy_helper.to_array(initialiser)
        same = (name for name, known in named.items() if np.array_equal(known, value))
        if name := next(same, None):
            del named[name]
            renamed[initialiser.name] = initialiser.name = name
    for node in model.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]


def lstm_layout(prefix: str, lstm: nn.LSTM) -> dict[str, np.ndarray]:
    """The inputs W, R and B of the ONNX operator LSTM for each layer, by name."""
    state = {name: tensor.detach().numpy() for name, tensor in lstm.named_parameters()}
    directions = DIRECTIONS if lstm.bidirectional else DIRECTIONS[:1]
    layout = {}
    for layer in range(lstm.num_layers):

        def stack(kind: str, layer: int = layer) -> np.ndarray:
            return np.stack([reorder(state[f"{kind}_l{layer}{d}"], GATES) for d in directions])

        layout[f"{prefix}.W_l{layer}"] = stack("weight_ih")
        layout[f"{prefix}.R_l{layer}"] = stack("weight_hh")
        layout[f"{prefix}.B_l{layer}"] = np.concatenate([stack("bias_ih"), stack("bias_hh")], 1)
    return layout


def reorder(values: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    """Blocks of the first axis in another order: new block i is old block order.index(i)… see GATES."""
    blocks = np.split(values, len(order))
    return np.concatenate([blocks[order.index(i)] for i in range(len(order))])


def write_statistics(model: onnx.ModelProto, statistics: Statistics) -> None:
    """Puts what `unfold` needs into the metadata: a few kilobytes."""
    coded = {
        name: base64.b64encode(torch.cat(pair).float().numpy().tobytes()).decode()
        for name, pair in statistics.items()
    }
    onnx.helper.set_model_props(model, {**_metadata(model), STATISTICS_KEY: json.dumps(coded)})


def recover(path: Path, network: nn.Module) -> dict[str, Tensor]:
    """The state of ``network`` from a model file of its kind. Raises ModelError.

    What the file does not have because only training needs it stays as it is in ``network``.
    """
    model = _load(path)
    metadata = _metadata(model)
    if STATISTICS_KEY not in metadata:
        raise ModelError(f"{path}: its weights cannot be read back; start from a checkpoint")
    coded = json.loads(metadata[STATISTICS_KEY])
    buffers = {name: np.frombuffer(base64.b64decode(text), np.float32) for name, text in coded.items()}
    statistics = {name: torch.from_numpy(v.copy()).chunk(2) for name, v in buffers.items()}
    weights = _parameters(model)
    state = unfold(weights, statistics, network)  # type: ignore[arg-type]
    own = network.state_dict()
    fresh = _training_only(network)
    state |= {name: own[name] for name in own if name not in state and name.startswith(fresh)}
    wrong = _mismatch(state, own)
    if wrong:
        raise ModelError(f"{path}: its weights cannot be read back ({wrong}); start from a checkpoint")
    return state


def read_card(path: Path) -> ModelCard:
    """The card of a model file, without loading its weights into a session. Raises ModelError."""
    try:
        return ModelCard.from_json(_metadata(_load(path))[METADATA_KEY])
    except (KeyError, ValueError) as error:
        raise ModelError(f"{path}: not a model file of ocr export") from error


def _load(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(path)
    except Exception as error:  # protobuf's DecodeError has no public base
        raise ModelError(f"{path}: not an ONNX file, or damaged") from error


def _metadata(model: onnx.ModelProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in model.metadata_props}


def _parameters(model: onnx.ModelProto) -> dict[str, Tensor]:
    """Parameters by their torch names, float32."""
    arrays = {name.removesuffix(HALF): value for name, value in widened(initialisers(model)).items()}
    for node in model.graph.node:  # equal initialisers are stored once
        if node.op_type == "Identity" and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]]
    found: dict[str, np.ndarray] = {}
    for name, value in arrays.items():
        prefix, _, last = name.rpartition(".")
        kind, layer, _ = last.partition("_l")
        if layer and kind in "WRB":
            found |= _lstm_parameters(prefix, kind, last[2:], value)
        elif name.endswith(TRANSPOSED):
            found[name.removesuffix(TRANSPOSED)] = value.T
        else:
            found[name] = value
    return {name: torch.from_numpy(np.array(v, np.float32)) for name, v in found.items()}


def _lstm_parameters(prefix: str, kind: str, layer: str, value: np.ndarray) -> dict[str, np.ndarray]:
    """Torch's parameters of one layer from W, R or B."""
    inverse = tuple(GATES.index(i) for i in range(4))
    found = {}
    for direction, own in zip(DIRECTIONS, value, strict=False):
        if kind == "B":
            for name, half in zip(("bias_ih", "bias_hh"), np.split(own, 2), strict=True):
                found[f"{prefix}.{name}_{layer}{direction}"] = reorder(half, inverse)
        else:
            name = "weight_ih" if kind == "W" else "weight_hh"
            found[f"{prefix}.{name}_{layer}{direction}"] = reorder(own, inverse)
    return found


def _training_only(network: nn.Module) -> tuple[str, ...]:
    """How the names of the parameters begin that are not exported."""
    return tuple(f"{part}." for part in getattr(network, "training_only", ()))


def _mismatch(state: dict[str, Tensor], wanted: dict[str, Tensor]) -> str | None:
    """What is missing or of another shape, in words; superfluous entries are taken out."""
    for name in list(state):
        if name not in wanted:
            del state[name]
    for name, tensor in wanted.items():
        if name not in state:
            return f"{name} is missing"
        if state[name].shape != tensor.shape:
            return f"{name} has another shape"
    return None

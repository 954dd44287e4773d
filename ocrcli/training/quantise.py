"""8-bit networks: twice as fast on processors with integer dot products, at no measured loss.

Weights and what flows into a convolution are integers, sums stay in float32: additions past a
convolution (residual blocks) lose what small numbers say when they are rounded as well. The range of
each tensor comes from real inputs; its extremes are kept, since cutting them off costs much more.
Recurrences and linear layers have 8-bit weights, and find the range of their inputs as they run.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

QUANTISED, SCALE = "_quantized", "_scale"  # suffixes of the quantiser's initialisers


def to_int8(model: onnx.ModelProto, inputs: list[np.ndarray]) -> onnx.ModelProto:
    """Static quantisation (Jacob 2018) of the convolutions, by the ranges that ``inputs`` give.

    That of LSTMs, and of what follows them, is dynamic: onnxruntime has no other. Weights have 7 bits, a
    scale for each output channel: on processors without 8-bit dot products the products of two 8-bit
    numbers overflow where they are added up in pairs.
    """
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_dynamic,
        quantize_static,
    )

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(inputs)

        def get_next(self) -> dict[str, np.ndarray] | None:
            image = next(self.left, None)
            return None if image is None else {"image": image}

    with tempfile.TemporaryDirectory() as folder, _quiet_root_logger():
        source, half_way, target = (Path(folder) / name for name in ("fp32.onnx", "conv.onnx", "int8.onnx"))
        onnx.save(model, source)
        quantize_static(
            source,
            half_way,
            Reader(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Relu"],
            nodes_to_exclude=_left_alone(model),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        quantize_dynamic(
            half_way,
            target,
            op_types_to_quantize=["LSTM", "MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(target)


def _left_alone(model: onnx.ModelProto) -> list[str]:
    """Nodes that stay float32: the first convolution with what follows it, and ReLUs of sums.

    With a channel or three the first one is faster in float32. A ReLU after a convolution is no work at
    all in 8 bits, where the range begins at zero; after an addition it would round the sum.
    """
    maker = {output: node for node in model.graph.node for output in node.output}
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    relus = [node for node in model.graph.node if node.op_type == "Relu"]
    kept = [node for node in relus if maker[node.input[0]].op_type != "Conv" or maker[node.input[0]] is first]
    return [first.name, *(node.name for node in kept)]


def widened(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Initialisers with the quantised ones as the float32 numbers that they stand for."""
    found = {name: value for name, value in arrays.items() if QUANTISED not in name}
    for name, value in arrays.items():
        if not name.endswith(QUANTISED):
            continue
        own = name.removesuffix(QUANTISED)
        # Weights share the scale of their name; biases, which are sums, have one of their own.
        scale = next(arrays[key] for key in (f"{name}{SCALE}", f"{own}{SCALE}") if key in arrays)
        if scale.ndim == 2:  # an LSTM's, of each direction and gate; its weights are stored transposed
            found[own] = (value.astype(np.float32) * scale[:, None]).transpose(0, 2, 1)
        elif value.ndim == 2:  # of a product, whose outputs are the columns
            found[own] = value.astype(np.float32) * scale
        else:
            found[own] = value.astype(np.float32) * scale.reshape(-1, *[1] * (value.ndim - 1))
    return found


def initialisers(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """All constants of a model by name."""
    return {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}


@contextmanager
def _quiet_root_logger() -> Iterator[None]:
    """The quantiser advises on pre-processing there, of which the batch norms need no more."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)

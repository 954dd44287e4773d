"""Tiny models that really run: what they read is painted, so that a test knows the answer.

The word model takes the mean grey of each four columns for a character: the alphabet's
character ``i`` is grey ``8 · (i + 1)``, white is the blank, and so is every column that is
not of one grey. The detector takes for text what is darker than white, the classifier how
much ink there is.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import settings
from onnx import TensorProto, helper, numpy_helper

from ocrcli.modelcard import METADATA_KEY, InputContract, ModelCard

# The same examples in every run, as long as they take: a failure comes back, and a busy machine is none.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

# A shell's background jobs ignore Ctrl-C, and so would the commands that the tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

ALPHABET = " abcdefghijklmnopqrstuvwxyz"
GREY_STEP = 8  # grey levels between neighbours of the alphabet; 27 of them stay below 220
WHITE = 255
CHAR_WIDTH, GAP = 20, 12  # pixels: five columns a character, three columns of white after it
MIDDLE = (12, 20)  # rows that the word model looks at: above and below there may be a margin
OPSET = 17

# What the person who runs the tests has set is no part of them.
for variable in [name for name in os.environ if name.startswith("OCR_")]:
    del os.environ[variable]
os.environ["OCR_CONFIG"] = os.devnull

PaintStrip = Callable[[str], np.ndarray]
PaintPage = Callable[[Sequence[tuple[int, int, str]]], np.ndarray]


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``char.onnx``, ``word.onnx`` and ``detect.onnx``."""
    folder = tmp_path_factory.mktemp("models")
    _save(folder / "word.onnx", _word_graph(), _card("word", alphabet=ALPHABET, blank=0, stride=4))
    # The painted page is seen at its own size: the shrinking below is in pixels.
    decoding = {"long_side": 960.0, "gain": 1.0}
    _save(folder / "detect.onnx", _detect_graph(), _card("detect", stride=4, decoding=decoding))
    _save(folder / "char.onnx", _char_graph(), _card("char", alphabet=ALPHABET[1:]))
    return folder


@pytest.fixture(scope="session")
def paint_strip() -> PaintStrip:
    """Paints text as the tiny word model reads it: uint8 (32, w)."""

    def paint(text: str) -> np.ndarray:
        strip = np.full((32, GAP + len(text) * (CHAR_WIDTH + GAP)), WHITE, np.uint8)
        for i, character in enumerate(text):
            start = GAP + i * (CHAR_WIDTH + GAP)
            strip[:, start : start + CHAR_WIDTH] = GREY_STEP * (ALPHABET.index(character) + 1)
        return strip

    return paint


@pytest.fixture(scope="session")
def paint_page(paint_strip: PaintStrip) -> PaintPage:
    """Paints lines, each (x, y, text) of its top left corner, on a white RGB page 960 × 640."""

    def paint(lines: Sequence[tuple[int, int, str]]) -> np.ndarray:
        page = np.full((640, 960, 3), WHITE, np.uint8)
        for x, y, text in lines:
            strip = paint_strip(text)
            page[y : y + 32, x : x + strip.shape[1]] = strip[:, :, None]
        return page

    return paint


def _card(task: str, **values: object) -> ModelCard:
    inputs = {
        "word": InputContract(1, 32, None, 4),
        "detect": InputContract(3, None, None, 32),
        "char": InputContract(1, 28, 28, polarity="light-on-dark"),
    }
    return ModelCard(task, "tiny", inputs[task], **values)  # type: ignore[arg-type]


def _save(path: Path, graph: onnx.GraphProto, card: ModelCard) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    helper.set_model_props(model, {METADATA_KEY: card.to_json()})
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _constant(name: str, values: object, dtype: type = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, dtype), name)


def _graph(
    nodes: list[onnx.NodeProto],
    constants: list[onnx.TensorProto],
    input_shape: list[str | int],
    output: tuple[str, list[str | int]],
) -> onnx.GraphProto:
    return helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, input_shape)],
        [helper.make_tensor_value_info(output[0], TensorProto.FLOAT, output[1])],
        constants,
    )


def _word_graph() -> onnx.GraphProto:
    """Log-probability of a class falls with the square of its distance in grey levels."""
    greys = [WHITE, *(GREY_STEP * (i + 1) for i in range(len(ALPHABET)))]
    window = {"kernel_shape": [MIDDLE[1] - MIDDLE[0], 4], "strides": [MIDDLE[1] - MIDDLE[0], 4]}
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Slice", ["pixels", "from", "to", "rows"], ["middle"]),
        helper.make_node("AveragePool", ["middle"], ["mean"], **window),  # (N, 1, 1, T)
        helper.make_node("MaxPool", ["middle"], ["lightest"], **window),
        helper.make_node("Sub", ["lightest", "mean"], ["mixed"]),
        helper.make_node("Sub", ["mixed", "tolerance"], ["excess"]),
        helper.make_node("Relu", ["excess"], ["unclean"]),
        helper.make_node("Squeeze", ["mean", "axis"], ["mean_row"]),  # (N, 1, T)
        helper.make_node("Squeeze", ["unclean", "axis"], ["unclean_row"]),
        helper.make_node("Transpose", ["mean_row"], ["mean_column"], perm=[0, 2, 1]),  # (N, T, 1)
        helper.make_node("Transpose", ["unclean_row"], ["unclean_column"], perm=[0, 2, 1]),
        helper.make_node("Sub", ["mean_column", "greys"], ["distance"]),  # (N, T, C)
        helper.make_node("Mul", ["distance", "distance"], ["square"]),
        helper.make_node("Mul", ["square", "sharpness"], ["likeness"]),
        helper.make_node("Mul", ["unclean_column", "penalty"], ["doubt"]),  # (N, T, C)
        helper.make_node("Sub", ["likeness", "doubt"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["log_probs"], axis=-1),
    ]
    constants = [
        _constant("from", [MIDDLE[0]], np.int64), _constant("to", [MIDDLE[1]], np.int64),
        _constant("rows", [2], np.int64), _constant("axis", [2], np.int64),
        _constant("greys", greys), _constant("sharpness", -0.2),
        _constant("tolerance", 2.0), _constant("penalty", [0.0] + [1e5] * len(ALPHABET)),
    ]  # fmt: skip
    return _graph(nodes, constants, ["n", 1, 32, "w"], ("log_probs", ["n", "t", len(greys)]))


def _detect_graph() -> onnx.GraphProto:
    """Kernels: what is not white, gaps between characters bridged, nine pixels less on each side."""
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMin", ["pixels"], ["grey"], axes=[1], keepdims=1),
        helper.make_node("Sub", ["white", "grey"], ["darkness"]),
        _max_pool("darkness", "bridged", 1, 2 * GAP + 1),
        helper.make_node("Neg", ["bridged"], ["lightness"]),
        _max_pool("lightness", "shrunk", 19, 2 * (GAP + 9) + 1),
        helper.make_node("Neg", ["shrunk"], ["kernels"]),
        helper.make_node("AveragePool", ["kernels"], ["map"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Mul", ["map", "gain"], ["scaled"]),
        helper.make_node("Clip", ["scaled", "zero", "one"], ["probability"]),
    ]
    constants = [_constant("white", WHITE), _constant("gain", 0.1), _constant("zero", 0), _constant("one", 1)]
    return _graph(nodes, constants, ["n", 3, "h", "w"], ("probability", ["n", 1, "h4", "w4"]))


def _max_pool(source: str, result: str, height: int, width: int) -> onnx.NodeProto:
    half = [height // 2, width // 2]
    return helper.make_node("MaxPool", [source], [result], kernel_shape=[height, width], pads=half + half)


def _char_graph() -> onnx.GraphProto:
    """The more ink, the later in the alphabet."""
    greys = [10.0 * i for i in range(len(ALPHABET) - 1)]
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels"], ["mean"], axes=[1, 2, 3], keepdims=0),  # (N,)
        helper.make_node("Unsqueeze", ["mean", "axis"], ["column"]),  # (N, 1)
        helper.make_node("Sub", ["column", "greys"], ["distance"]),
        helper.make_node("Mul", ["distance", "distance"], ["square"]),
        helper.make_node("Mul", ["square", "sharpness"], ["logits"]),
    ]
    constants = [_constant("axis", [1], np.int64), _constant("greys", greys), _constant("sharpness", -0.01)]
    return _graph(nodes, constants, ["n", 1, 28, 28], ("logits", ["n", len(greys)]))

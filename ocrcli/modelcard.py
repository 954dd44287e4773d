"""What a model file says of itself: the one thing that both halves of the project share.

Training writes a card into the metadata of the ONNX file; the engine reads it from
there and has no settings of its own. The card is one JSON object under the metadata
key ``ocrcli``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

METADATA_KEY = "ocrcli"
SCHEMA = "ocrcli-model/1"
Task = Literal["char", "word", "detect"]
Polarity = Literal["any", "light-on-dark"]


@dataclass(frozen=True)
class InputContract:
    """What the network is fed: ``uint8 (N, channels, height, width)``.

    A ``None`` size is free; it must be a multiple of ``multiple_of`` pixels. Scaling to
    floats happens inside the network, so that no caller can get it wrong.
    """

    channels: int
    height: int | None
    width: int | None
    multiple_of: int = 1
    polarity: Polarity = "any"


@dataclass(frozen=True)
class ModelCard:
    """Everything the engine, ``ocr models`` and a reader of a result need to know of a model."""

    task: Task
    architecture: str  # for example "crnn-small"
    input: InputContract
    alphabet: str = ""  # empty for a detector
    blank: int | None = None  # CTC blank index, word models only
    stride: int = 1  # input pixels to one output step (word) or one output pixel (detect)
    temperature: float = 1.0  # logits are divided by it before the softmax
    decoding: dict[str, float] = field(default_factory=dict)  # thresholds of the detector
    training: dict[str, Any] = field(default_factory=dict)  # data, samples, steps, hours, hardware
    scores: dict[str, Any] = field(default_factory=dict)  # protocol → figure
    code_version: str = ""

    def to_json(self) -> str:
        """The card as the JSON that the model file carries."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ModelCard:
        """The card of a model file. Raises ValueError when it is not one of ours."""
        try:
            values = json.loads(text)
            if values.pop("schema") != SCHEMA:
                raise ValueError(f"not of schema {SCHEMA}")
            return cls(**{**values, "input": InputContract(**values["input"])})
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
            raise ValueError(f"not a model card: {error}") from error

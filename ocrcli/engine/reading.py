"""What a recogniser says of a strip: its characters, how sure each is, and where it stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

LEAST = 1e-6  # confidence that a character counts with; a word is not impossible for one of its letters


@dataclass(frozen=True, slots=True)
class CharSpan:
    """One character and where it stands: ``start`` to ``end`` in pixels of the strip."""

    text: str
    confidence: float
    start: float
    end: float


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """What the network said of a strip: ``log_probs`` float32 (T, C), a column each ``pitch`` pixels.

    The first begins at ``start``, in pixels of the strip.
    """

    log_probs: np.ndarray
    pitch: float
    start: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a strip says. ``confidence`` is the geometric mean over the characters, 0 … 1.

    ``lattice`` is there only where it was asked for.
    """

    text: str
    confidence: float
    chars: tuple[CharSpan, ...]
    lattice: Lattice | None = field(default=None, compare=False, repr=False)


def as_reading(chars: tuple[CharSpan, ...]) -> Reading:
    """The reading that some characters make."""
    text = "".join(char.text for char in chars)
    return Reading(text, geometric_mean([char.confidence for char in chars]), chars)


def geometric_mean(confidences: Sequence[float]) -> float:
    """Mean that one doubtful character pulls down, whatever the length; 0 without any."""
    if not confidences:
        return 0.0
    if min(confidences) < LEAST:
        confidences = [max(confidence, LEAST) for confidence in confidences]
    return math.exp(sum(map(math.log, confidences)) / len(confidences))

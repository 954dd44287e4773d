"""How well single characters are named: top-1, top-3, regardless of case, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PROTOCOLS = {
    "top1": "most probable class; labels marked case_merged are right in either case",
    "top3": "among the three most probable classes; case_merged as in top1",
    "top1_caseless": "most probable class, regardless of case",
    "top1_within": "as top1, among the characters that the set's labels name (digits alone are ten classes)",
    "top1_caseless_within": "as top1_caseless, among the letters and digits that the labels name",
    "ece": "expected calibration error of the most probable class, of both its cases where the label is "
    "case_merged; 15 bins of equal width (Guo 2017)",
    "skipped": "samples whose label is outside the model's alphabet; not counted in any figure",
}
FIGURES = ("top1", "top3", "top1_caseless", "top1_within", "top1_caseless_within", "ece")
ECE_BINS = 15  # Guo (2017)
TOP = 3


@dataclass(frozen=True)
class CharScores:
    """Figures of one set of characters, each in 0..1.

    ``confusion[i, j]`` counts samples of class ``i`` taken for class ``j``; classes are those of
    ``characters``. ``counted`` are the indices of the samples behind the figures, ``right`` says
    which of those were named rightly.
    """

    samples: int
    skipped: int
    top1: float
    top3: float
    top1_caseless: float
    top1_within: float
    top1_caseless_within: float
    ece: float
    characters: str
    confusion: NDArray[np.int64]
    counted: NDArray[np.intp]
    right: NDArray[np.bool_]

    def as_dict(self) -> dict[str, Any]:
        """The figures by name, with the commonest mistakes as ``[truth, taken for, times]``."""
        figures: dict[str, Any] = {"samples": self.samples, "skipped": self.skipped}
        figures |= {name: getattr(self, name) for name in FIGURES}
        return {**figures, "commonest_mistakes": self.commonest_mistakes(10)}

    def commonest_mistakes(self, count: int) -> list[tuple[str, str, int]]:
        """The ``count`` commonest (truth, taken for, times), most frequent first."""
        wrong = self.confusion.copy()
        np.fill_diagonal(wrong, 0)
        order = np.argsort(-wrong, axis=None, kind="stable")[:count]
        pairs = [np.unravel_index(i, wrong.shape) for i in order]
        return [(self.characters[i], self.characters[j], int(wrong[i, j])) for i, j in pairs if wrong[i, j]]


def score_chars(
    probabilities: NDArray[np.floating],
    labels: Sequence[str] | NDArray[np.integer],
    characters: str,
    case_merged: NDArray[np.bool_] | None = None,
) -> CharScores:
    """Scores class probabilities (n, classes) of a model over ``characters`` against ``labels``.

    Labels are characters, or class indices. Raises ValueError when the shapes disagree.
    """
    if probabilities.shape != (len(labels), len(characters)):
        raise ValueError(
            f"expected probabilities {(len(labels), len(characters))}, got {probabilities.shape}"
        )
    classes = _classes(labels, characters)
    counted = np.flatnonzero(classes >= 0)
    classes, probabilities = classes[counted], np.asarray(probabilities)[counted]
    merged = np.zeros(len(labels), bool) if case_merged is None else case_merged
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :TOP]  # (n, 3)
    caseless = _caseless(characters)
    within = _within(probabilities, classes, _owners(classes, merged[counted], characters))
    caseless_within = _within(probabilities, caseless[classes], _case_owners(classes, caseless))
    same_letter = caseless[best] == caseless[classes][:, None]
    hits = (best == classes[:, None]) | same_letter & merged[counted][:, None]
    confusion = np.zeros((len(characters),) * 2, np.int64)
    np.add.at(confusion, (classes, np.where(hits[:, 0], classes, best[:, 0])), 1)
    confidence = _confidence(probabilities, best[:, 0], caseless, merged[counted])
    return CharScores(
        samples=len(counted),
        skipped=len(labels) - len(counted),
        top1=_mean(hits[:, 0]),
        top3=_mean(hits.any(axis=1)),
        top1_caseless=_mean(same_letter[:, 0]),
        top1_within=_mean(within),
        top1_caseless_within=_mean(caseless_within),
        ece=calibration_error(confidence, hits[:, 0]),
        characters=characters,
        confusion=confusion,
        counted=counted,
        right=hits[:, 0],
    )


def _confidence(
    probabilities: NDArray[np.floating],
    best: NDArray[np.intp],
    caseless: NDArray[np.intp],
    merged: NDArray[np.bool_],
) -> NDArray[np.floating]:
    """The probability (n,) that the answer claims: of its letter in either case where either is right."""
    own = np.take_along_axis(probabilities, best[:, None], axis=1)[:, 0]
    letter = caseless[best][:, None] == caseless[None]  # (n, classes)
    return np.where(merged, (probabilities * letter).sum(1), own)


def calibration_error(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> float:
    """Gap between confidence (n,) in 0..1 and accuracy, mean over bins by their size (Guo 2017, eq. 3)."""
    bins = np.clip(np.ceil(confidence * ECE_BINS).astype(int) - 1, 0, ECE_BINS - 1)  # (lower, upper] each
    gaps = np.bincount(bins, weights=confidence - right, minlength=ECE_BINS)
    return float(np.abs(gaps).sum() / max(1, len(confidence)))


def _classes(labels: Sequence[str] | NDArray[np.integer], characters: str) -> NDArray[np.intp]:
    """Class of each label, -1 where the alphabet has none."""
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "iu":
        return np.where((labels >= 0) & (labels < len(characters)), labels, -1).astype(np.intp)
    index = {character: i for i, character in enumerate(characters)}
    return np.array([index.get(str(label), -1) for label in labels], np.intp)


def _caseless(characters: str) -> NDArray[np.intp]:
    """For each class the first class that is the same letter regardless of case."""
    lowered = [character.lower() for character in characters]
    return np.array([lowered.index(character) for character in lowered], np.intp)


def _owners(
    classes: NDArray[np.intp], merged: NDArray[np.bool_], characters: str
) -> dict[int, NDArray[np.intp]]:
    """The classes that speak for each class of the set: itself, and its other case where merged."""
    index = {character: i for i, character in enumerate(characters)}
    named = set(classes.tolist())
    owners = {}
    for own in named:
        other = index.get(characters[own].swapcase(), own)
        shared = bool(merged[classes == own].any()) and other not in named
        owners[own] = np.unique([own, other] if shared else [own])
    return owners


def _case_owners(classes: NDArray[np.intp], caseless: NDArray[np.intp]) -> dict[int, NDArray[np.intp]]:
    """The classes of either case that speak for each letter or sign of the set."""
    return {letter: np.flatnonzero(caseless == letter) for letter in set(caseless[classes].tolist())}


def _within(
    probabilities: NDArray[np.floating], wanted: NDArray[np.intp], owners: dict[int, NDArray[np.intp]]
) -> NDArray[np.bool_]:
    """Whether each sample's own class is the likeliest of those that ``owners`` leave (n,)."""
    if not owners:
        return np.zeros(len(wanted), bool)
    kept = sorted(owners)
    summed = np.stack([probabilities[:, owners[k]].sum(1) for k in kept], 1)  # (n, kept)
    return np.array(kept)[summed.argmax(1)] == wanted


def _mean(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else 0.0

"""How well word images are read: accuracy under the two usual protocols, and CER."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ocrcli.scoring.text import fold_36, fold_94, levenshtein

PROTOCOLS = {
    "accuracy_94": "94 printable ASCII characters; case and punctuation count, white space does not",
    "accuracy_36": "36 characters: letters regardless of case and digits; the rest does not count",
    "accuracy_exact": "the same string, every character and space",
    "cer": "sum of Levenshtein distances over sum of label lengths, raw strings",
}


@dataclass(frozen=True)
class WordScores:
    """Figures of one set of words, each in 0..1 (``cer`` may pass 1).

    A label that is empty under a protocol (for example ``&`` under ``36``) is left out of
    that protocol: ``samples_94`` and ``samples_36`` say how many were counted.
    """

    samples: int
    accuracy_94: float
    accuracy_36: float
    accuracy_exact: float
    cer: float
    samples_94: int
    samples_36: int

    def as_dict(self) -> dict[str, Any]:
        """The figures by name."""
        return asdict(self)


def score_words(truths: Sequence[str], predictions: Sequence[str]) -> WordScores:
    """Scores of ``predictions`` against ``truths``. Raises ValueError when their numbers differ."""
    pairs = list(zip(truths, predictions, strict=True))
    right_94, samples_94 = _accuracy([(fold_94(t), fold_94(p)) for t, p in pairs])
    right_36, samples_36 = _accuracy([(fold_36(t), fold_36(p)) for t, p in pairs])
    errors = sum(levenshtein(t, p) for t, p in pairs)
    length = sum(len(t) for t, _ in pairs)
    return WordScores(
        samples=len(pairs),
        accuracy_94=right_94,
        accuracy_36=right_36,
        accuracy_exact=sum(t == p for t, p in pairs) / max(1, len(pairs)),
        cer=errors / length if length else float(errors > 0),
        samples_94=samples_94,
        samples_36=samples_36,
    )


def _accuracy(pairs: list[tuple[str, str]]) -> tuple[float, int]:
    """Share of equal pairs among those with a truth, and the number of those."""
    counted = [(truth, prediction) for truth, prediction in pairs if truth]
    return sum(t == p for t, p in counted) / max(1, len(counted)), len(counted)

"""Names single characters: normalise, run the network, divide by the temperature, sort."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from ocrcli.alphabet import Alphabet
from ocrcli.document import Candidate
from ocrcli.engine.charnorm import normalise, normalise_batch
from ocrcli.engine.model import Model

BATCH_SIZE = 256  # 28×28 pixels each; more is no faster and only needs more memory


class CharClassifier:
    """A character model with the normalisation before it and calibrated probabilities after it."""

    def __init__(self, model: Model, *, batch_size: int = BATCH_SIZE) -> None:
        self.model = model
        self.alphabet = Alphabet(model.card.alphabet)
        self.batch_size = batch_size

    def classify(
        self, gray: NDArray[np.uint8], top: int = 5, allow: Collection[str] | None = None
    ) -> list[Candidate]:
        """The ``top`` likeliest characters of one picture uint8 (H, W), best first.

        Any size and polarity. Empty when there is no ink. ``allow`` leaves only these
        characters to choose from; their probabilities then sum to 1.
        """
        picture = normalise(gray)
        if picture is None:
            return []
        chances = self.probabilities(picture[None])[0]
        if allow is not None:
            allowed = np.array([character in allow for character in self.alphabet.characters])
            total = float(chances[allowed].sum())
            chances = np.where(allowed, chances / max(total, 1e-12), 0)
            top = min(top, int(allowed.sum()))
        best = np.argsort(-chances, kind="stable")[:top]
        return [Candidate(self.alphabet.characters[i], float(chances[i])) for i in best]

    def classify_batch(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Class probabilities (N, classes) of pictures uint8 (N, H, W), normalised like single ones.

        A picture without ink could be anything: every class is equally likely.
        """
        pictures, inked = normalise_batch(images)
        chances = np.full((len(images), len(self.alphabet)), 1 / len(self.alphabet), np.float32)
        if inked.any():
            chances[inked] = self.probabilities(pictures[inked])
        return chances

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Normalised pictures uint8 (N, 28, 28) → (N, classes): softmax of logits over the temperature."""
        starts = range(0, len(pictures), self.batch_size)
        logits = np.concatenate([self.model.run(pictures[i : i + self.batch_size, None]) for i in starts])
        scaled = logits / np.float32(self.model.card.temperature)
        shifted = np.exp(scaled - scaled.max(1, keepdims=True))
        return (shifted / shifted.sum(1, keepdims=True)).astype(np.float32)

"""Training the character classifier: cross-entropy that knows merged cases, accuracy and calibration."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from ocrcli.alphabet import EMNIST_BYCLASS, Alphabet
from ocrcli.datasets.chars import HELD_BACK, CharRecipe, LabelledChars, RenderedChars, read_chars
from ocrcli.modelcard import InputContract, ModelCard
from ocrcli.nets.vgg import CHAR_SIZE, VGG
from ocrcli.scoring.chars import calibration_error, score_chars
from ocrcli.training.distort import distort
from ocrcli.training.task import Batch, Task

# Label smoothing (Szegedy 2016, section 7): some labels are wrong, many a matter of taste.
SMOOTHING = 0.05
HELD_OUT_CHUNK = 1 << 30  # a chunk number that training never reaches
JUDGE_BATCH = 512
# Temperatures tried, in steps of two per cent, from twice as sure to three times less.
TEMPERATURES = np.exp(np.arange(math.log(0.5), math.log(3.0), 0.02))


class CharTask(Task):
    """VGG-style classifier of single characters."""

    name = "char"
    defaults: ClassVar[dict[str, Any]] = {
        "batch_size": 128,
        "lr": 3e-3,
        "echo": 6,
        "chunk": 16384,
        "size": "small",
    }
    output_name = "logits"
    dynamic_axes: ClassVar[dict[str, dict[int, str]]] = {"image": {0: "batch"}, "logits": {0: "batch"}}

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.alphabet = Alphabet(self.settings.alphabet or EMNIST_BYCLASS)
        self.temperature = 1.0  # set by each evaluation
        self._held_out: dict[str, LabelledChars] | None = None

    def network(self) -> nn.Module:
        """A VGG over the alphabet."""
        return VGG(len(self.alphabet), self.settings.size or "small")

    def recipe(self) -> CharRecipe:
        """Labelled characters, rendered ones, or both."""
        settings = self.settings
        renderer = RenderedChars(self.alphabet.characters, settings.fonts) if settings.synth else None
        return CharRecipe(
            self.alphabet.characters, settings.batch_size or 1, renderer, settings.data, settings.data_share
        )

    def epoch_samples(self) -> int | None:
        """Labelled characters outside the held-back tenths."""
        if not self.settings.data:
            return None
        return sum(len(read_chars(path).split()[0].within(self.alphabet)) for path in self.settings.data)

    def loss(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Smoothed cross-entropy; a label that stands for both cases is right in either."""
        log_probs = network(batch["image"]).float().log_softmax(-1)  # (N, classes)
        return {"loss": either_case_loss(log_probs, batch["classes"])}

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Another hand and another pen for each character."""
        return {**batch, "image": distort(batch["image"], generator)}

    # --- evaluation -----------------------------------------------------------------------

    def held_out(self) -> dict[str, LabelledChars]:
        """The sets that judge, by name: each ``--dev``, the tenth of each ``--data``, unseen fonts."""
        if self._held_out is None:
            sets = [read_chars(path) for path in self.settings.dev]
            sets += [read_chars(path).split()[1] for path in self.settings.data]
            if self.settings.synth and self.settings.held_out:
                sets.append(self._rendered())
            self._held_out = {s.name: s for s in (s.within(self.alphabet) for s in sets) if len(s)}
        return self._held_out

    def _rendered(self) -> LabelledChars:
        render = RenderedChars(self.alphabet.characters, self.settings.fonts, held_out=True)()
        seeds = ([self.settings.seed, HELD_OUT_CHUNK, i] for i in range(self.settings.held_out))
        samples = [render(np.random.default_rng(seed)) for seed in seeds]
        labels = np.array([sample.label for sample in samples])
        merged = np.array([sample.merged for sample in samples])
        return LabelledChars("rendered", np.stack([s.image for s in samples]), labels, merged)

    def evaluate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Top-1, top-3 and caseless top-1 of each held-out set; the score is the mean top-1 of the sets.

        Also finds the temperature under which all sets together are most likely (Guo 2017,
        section 4.2), and the calibration error before and after.
        """
        scores: dict[str, float] = {}
        logits = {name: self._logits(network, device, s.images) for name, s in self.held_out().items()}
        if not logits:
            return {}
        for name, labelled in self.held_out().items():
            labels, characters = list(labelled.labels), self.alphabet.characters
            figures = score_chars(logits[name], labels, characters, labelled.merged)
            scores[f"{name}/top1"] = figures.top1
            scores[f"{name}/top3"] = figures.top3
            scores[f"{name}/top1_caseless"] = figures.top1_caseless
        right = np.concatenate([right_mask(labelled, self.alphabet) for labelled in self.held_out().values()])
        together = np.concatenate(list(logits.values()))
        self.temperature = best_temperature(together, right)
        scores["temperature"] = self.temperature
        scores["ece_before"] = _calibration(together, right)
        scores["ece_after"] = _calibration(together / self.temperature, right)
        return {"score": float(np.mean([v for k, v in scores.items() if k.endswith("/top1")])), **scores}

    def _logits(self, network: nn.Module, device: torch.device, images: np.ndarray) -> np.ndarray:
        batches = torch.from_numpy(images)[:, None].split(JUDGE_BATCH)
        with torch.no_grad():
            return torch.cat([network(batch.to(device)).float().cpu() for batch in batches]).numpy()

    # --- export ---------------------------------------------------------------------------

    def card(self) -> ModelCard:
        """The card; its temperature is that of the last evaluation."""
        return ModelCard(
            task="char",
            architecture=f"vgg-{self.settings.size}",
            input=InputContract(1, CHAR_SIZE, CHAR_SIZE, polarity="light-on-dark"),
            alphabet=self.alphabet.characters,
            temperature=self.temperature,
        )

    def describe_data(self) -> dict[str, Any]:
        """Names of the sources, and the share of the labelled ones."""
        sources = [f"{path.stem} (labelled)" for path in self.settings.data]
        rendered = ["rendered characters"] if self.settings.synth else []
        share = self.settings.data_share if sources and rendered else float(bool(sources))
        return {"sources": sources + rendered, "labelled_share": share, "held_back": HELD_BACK}

    def example_inputs(self) -> list[Tensor]:
        """Held-out characters in batches of 1, 2 and 7."""
        sources = (*self.settings.dev, *self.settings.data)
        images = read_chars(sources[0]).images if sources else _blots()
        picked = [images[i :: max(len(images) // n, 1)][:n, None] for i, n in enumerate((1, 2, 7))]
        return [torch.from_numpy(batch.copy()) for batch in picked]

    def same_answer(self, expected: np.ndarray, found: np.ndarray) -> bool:
        """Whether the likeliest class of each sample is the same."""
        return bool((expected.argmax(-1) == found.argmax(-1)).all())


def either_case_loss(log_probs: Tensor, classes: Tensor) -> Tensor:
    """Mean of −log(p_a + p_b) for the right classes ``(N, 2)`` of each sample (or −log p_a when a = b).

    Smoothed towards the uniform distribution by SMOOTHING. ``log_probs`` is float32 (N, classes).
    """
    two = log_probs.gather(1, classes)  # (N, 2)
    once = classes[:, 0] == classes[:, 1]
    likely = torch.where(once, two[:, 0], torch.logsumexp(two, 1))
    return -((1 - SMOOTHING) * likely + SMOOTHING * log_probs.mean(1)).mean()


def right_mask(labelled: LabelledChars, alphabet: Alphabet) -> np.ndarray:
    """Which classes are right for each sample: bool (n, classes)."""
    characters = np.array(list(alphabet.characters))
    swapped = np.char.swapcase(characters)
    own = labelled.labels[:, None] == characters[None]
    return own | (labelled.labels[:, None] == swapped[None]) & labelled.merged[:, None]


def best_temperature(logits: np.ndarray, right: np.ndarray) -> float:
    """The divisor of the logits (n, classes) that makes the right answers (n, classes) most likely."""
    return float(min(TEMPERATURES, key=lambda t: _surprise(logits / t, right)))


def _surprise(logits: np.ndarray, right: np.ndarray) -> float:
    """Mean −log of the probability that falls on right classes."""
    probabilities = _softmax(logits)
    return float(-np.log(np.maximum((probabilities * right).sum(1), 1e-12)).mean())


def _calibration(logits: np.ndarray, right: np.ndarray) -> float:
    probabilities = _softmax(logits)
    best = probabilities.argmax(1)
    rows = np.arange(len(best))
    return calibration_error(probabilities[rows, best], right[rows, best])


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def _blots() -> np.ndarray:
    """Smooth random pictures, for a task without any data: uint8 (32, 28, 28)."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 2, (32, 7, 7), np.uint8) * 255
    return coarse.repeat(4, 1).repeat(4, 2)

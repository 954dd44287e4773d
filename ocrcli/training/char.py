"""Training the character classifier: cross-entropy that knows merged cases, accuracy and calibration."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from ocrcli.alphabet import EMNIST_BYCLASS, Alphabet
from ocrcli.datasets.charepochs import CharEpochs
from ocrcli.datasets.chars import HELD_BACK, CharRecipe, LabelledChars, RenderedChars, read_chars, read_parts
from ocrcli.datasets.charstore import CharStore
from ocrcli.datasets.store import is_store
from ocrcli.datasets.stream import Recipe
from ocrcli.modelcard import InputContract, ModelCard
from ocrcli.nets.vgg import CHAR_SIZE, VGG
from ocrcli.scoring.chars import score_chars
from ocrcli.training.calibration import best_temperature, softmax
from ocrcli.training.distort import distort
from ocrcli.training.settings import TrainSettings
from ocrcli.training.task import Batch, Task
from ocrcli.training.teachers import Teachers

# Label smoothing (Szegedy 2016, section 7): some labels are wrong, many a matter of taste.
SMOOTHING = 0.05
TAUGHT = 0.6  # of the loss is the teachers', the rest the labels': these know rare cases that look common
HEAT = 2.0  # see Teachers
HELD_OUT_CHUNK = 1 << 30  # a chunk number that training never reaches
JUDGE_BATCH = 512


class CharTask(Task):
    """VGG-style classifier of single characters."""

    name = "char"
    defaults: ClassVar[dict[str, Any]] = {
        "batch_size": 256,
        "lr": 4e-3,
        "clip": 1.0,
        "echo": 20,  # the distortions make every pass new; rendering is what costs
        "chunk": 16384,
        "size": "small",
    }
    output_name = "logits"
    dynamic_axes: ClassVar[dict[str, dict[int, str]]] = {"image": {0: "batch"}, "logits": {0: "batch"}}

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.store = _only_store(self.settings)
        if self.store:
            self.settings = _for_epochs(self.settings, CharStore(self.store))
        self.augments_first = self.store is not None
        self.alphabet = Alphabet(self.settings.alphabet or EMNIST_BYCLASS)
        self.temperature = 1.0  # set by each evaluation
        self._held_out: dict[str, LabelledChars] | None = None

    def network(self) -> nn.Module:
        """A VGG over the alphabet."""
        return VGG(len(self.alphabet), self.size)

    def recipe(self) -> Recipe:
        """Epochs over a store that stands alone; else labelled characters, rendered ones, or both."""
        settings = self.settings
        if self.store:
            return CharEpochs(self.store, self.alphabet.characters, settings.batch_size or 1)
        renderer = RenderedChars(self.alphabet.characters, settings.fonts) if settings.synth else None
        return CharRecipe(
            self.alphabet.characters, settings.batch_size or 1, renderer, settings.data, settings.data_share
        )

    def epoch_samples(self) -> int | None:
        """Labelled characters outside the held-back tenths."""
        if not self.settings.data:
            return None
        if self.store:
            return CharStore(self.store).parts["train"]
        return sum(len(read_parts(path)[0].within(self.alphabet)) for path in self.settings.data)

    def loss(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Smoothed cross-entropy; a label that stands for both cases is right in either. And of teachers."""
        logits = network(batch["image"]).float()  # (N, classes)
        labels = either_case_loss(logits.log_softmax(-1), batch["classes"])
        if not self.settings.teachers:
            return {"loss": labels}
        taught = self.teachers.unlike(logits, self.teachers(batch["image"])).mean()
        return {"loss": (1 - TAUGHT) * labels + TAUGHT * taught, "labels": labels, "taught": taught}

    @cached_property
    def teachers(self) -> Teachers:
        """The networks of ``--teacher``, loaded when they are first asked."""
        return Teachers(self.settings.teachers, self, HEAT)

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Another hand and another pen for each character."""
        return {**batch, "image": distort(batch["image"], generator)}

    # --- evaluation -----------------------------------------------------------------------

    def held_out(self) -> dict[str, LabelledChars]:
        """The sets that judge, by name: each ``--dev``, the tenth of each ``--data``, unseen fonts."""
        if self._held_out is None:
            sets = [read_chars(path) for path in self.settings.dev]
            sets += [read_parts(path)[1] for path in dict.fromkeys(self.settings.data)]
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

        Also finds the temperature under which the sets are most likely, each as important as any other
        (Guo 2017, section 4.2), and the calibration error of all samples before and after.
        """
        scores: dict[str, float] = {}
        logits = {name: self.logits(network, device, s.images) for name, s in self.held_out().items()}
        if not logits:
            return {}
        for name, labelled in self.held_out().items():
            labels, characters = list(labelled.labels), self.alphabet.characters
            figures = score_chars(logits[name], labels, characters, labelled.merged)
            scores[f"{name}/top1"] = figures.top1
            scores[f"{name}/top3"] = figures.top3
            scores[f"{name}/top1_caseless"] = figures.top1_caseless
        self._calibrate(scores, np.concatenate(list(logits.values())))
        return {"score": float(np.mean([v for k, v in scores.items() if k.endswith("/top1")])), **scores}

    def _calibrate(self, scores: dict[str, float], logits: np.ndarray) -> None:
        """Finds the temperature from the logits (n, classes) of all held-out sets, one after the other."""
        sets = list(self.held_out().values())
        right = np.concatenate([right_mask(labelled, self.alphabet) for labelled in sets])
        weights = np.concatenate([np.full(len(labelled), 1 / len(labelled)) for labelled in sets])
        self.temperature = scores["temperature"] = best_temperature(logits, right, weights)
        labels = np.concatenate([labelled.labels for labelled in sets]).tolist()
        merged = np.concatenate([labelled.merged for labelled in sets])
        for name, divisor in (("ece_before", 1.0), ("ece_after", self.temperature)):
            found = score_chars(softmax(logits / divisor), labels, self.alphabet.characters, merged)
            scores[name] = found.ece

    def logits(self, network: nn.Module, device: torch.device, images: np.ndarray) -> np.ndarray:
        """Logits (n, classes) of normalised characters uint8 (n, 28, 28), without gradients."""
        found = []
        with torch.no_grad():
            for first in range(0, len(images), JUDGE_BATCH):
                batch = torch.from_numpy(np.array(images[first : first + JUDGE_BATCH])[:, None])
                found.append(network(batch.to(device)).float().cpu())
        return torch.cat(found).numpy()

    # --- export ---------------------------------------------------------------------------

    def card(self) -> ModelCard:
        """The card; its temperature is that of the last evaluation."""
        return ModelCard(
            task="char",
            architecture=f"vgg-{self.size}",
            input=InputContract(1, CHAR_SIZE, CHAR_SIZE, polarity="light-on-dark"),
            alphabet=self.alphabet.characters,
            temperature=self.temperature,
        )

    def describe_data(self) -> dict[str, Any]:
        """Names of the sources, and the share of the labelled ones."""
        given = Counter(path.stem for path in self.settings.data)
        sources = [f"{name} (labelled{f', × {n}' if n > 1 else ''})" for name, n in given.items()]
        rendered = ["rendered characters"] if self.settings.synth else []
        share = self.settings.data_share if sources and rendered else float(bool(sources))
        return {"sources": sources + rendered, "labelled_share": share, "held_back": HELD_BACK}

    def example_inputs(self) -> list[Tensor]:
        """Held-out characters in batches of 1, 2 and 7."""
        sources = (*self.settings.dev, *self.settings.data)
        images = read_chars(sources[0]).images if sources else _blots()
        picked = [images[i :: max(len(images) // n, 1)][:n, None] for i, n in enumerate((1, 2, 7))]
        return [torch.from_numpy(batch.copy()) for batch in picked]

    def finish(self, run_dir: Path) -> list[str]:
        """After a run on a store: its test scores, confusion matrix and model file."""
        if self.store is None:
            return []
        from ocrcli.training.charfinish import finish

        return finish(self, self.store, run_dir)

    def agreement(self, expected: np.ndarray, found: np.ndarray) -> float:
        """Whether the likeliest class is the same."""
        return float((expected.argmax(-1) == found.argmax(-1)).mean())


def _only_store(settings: TrainSettings) -> Path | None:
    """The store that is all there is to train on, if it is so."""
    data = settings.data
    return data[0] if not settings.synth and len(data) == 1 and is_store(data[0]) else None


def _for_epochs(settings: TrainSettings, store: CharStore) -> TrainSettings:
    """The settings of a run over whole epochs: a chunk of the stream is an epoch, read without workers."""
    alphabet = settings.alphabet or store.alphabet
    return replace(settings, alphabet=alphabet, chunk=store.parts.get("train", 0), echo=1, workers=0)


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


def _blots() -> np.ndarray:
    """Smooth random pictures, for a task without any data: uint8 (32, 28, 28)."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 2, (32, 7, 7), np.uint8) * 255
    return coarse.repeat(4, 1).repeat(4, 2)

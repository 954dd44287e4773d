"""Training words and lines: CTC loss, light augmentation, accuracy on held-out words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ocrcli.alphabet import CTC_BLANK, PRINTED_ENGLISH, Alphabet, fold
from ocrcli.datasets.mixing import set_name
from ocrcli.datasets.rendered import RenderedWords
from ocrcli.datasets.store import is_store
from ocrcli.datasets.wordmix import HELD_OUT_STRIPS, open_words
from ocrcli.datasets.words import (
    BUCKETS,
    HEIGHT,
    STRIDE,
    LabelledStrip,
    LabelledWords,
    Part,
    RendererFactory,
    WordRecipe,
    bucket_of,
    fit_strip,
    pad_strips,
)
from ocrcli.errors import UsageError
from ocrcli.modelcard import InputContract, ModelCard
from ocrcli.nets.crnn import CRNN, SIZES, behind_left_out, without_blocks
from ocrcli.nets.layers import fix_statistics
from ocrcli.scoring.text import levenshtein
from ocrcli.scoring.words import score_words
from ocrcli.training.augment import augment_strips
from ocrcli.training.refit import refit
from ocrcli.training.settings import TrainSettings
from ocrcli.training.task import Batch, Task
from ocrcli.training.teachers import Teachers

HELD_OUT_CHUNK = 1 << 30  # a chunk number that training never reaches
EXAMPLES = 32  # strips of each set in the parity check
REFIT_STRIPS = 1200  # training strips that show a network with fewer blocks what these did
JUDGE_PIXELS = 64 * 128 * HEIGHT  # of one evaluation batch: 64 strips of usual width


class WordTask(Task):
    """CRNN-CTC over words and lines."""

    name = "word"
    defaults: ClassVar = {
        "batch_size": 64,
        "lr": 1.5e-3,
        "clip": 5.0,  # Baek 2019; after 1,500 steps words were read 4 to 6 points better than with 1
        "echo": 2,
        "chunk": 4096,
        "size": "small",
    }
    sizes: ClassVar = ("tiny", "slim", "small", "base")
    output_name = "log_probs"
    dynamic_axes: ClassVar = {"image": {0: "batch", 3: "width"}, "log_probs": {0: "batch", 1: "steps"}}

    def __init__(self, settings: TrainSettings) -> None:
        super().__init__(settings)
        self.alphabet = Alphabet(self.settings.alphabet or PRINTED_ENGLISH)
        self.settings = replace(self.settings, alphabet=self.alphabet.characters)
        self._held_out: dict[str, list[LabelledStrip]] | None = None

    def network(self) -> nn.Module:
        """The CRNN of the wanted size; with teachers all but the backbone stays as it is."""
        network = CRNN(self.alphabet.ctc_classes, self.size)
        if self.settings.teachers:
            for part in (network.lstm, network.head, network.skip):
                part.requires_grad_(False)
        return network

    def fewer_blocks(self, weights: dict[str, Tensor], size: str) -> dict[str, Tensor] | None:
        """The weights without the residual blocks that a network of the own size lacks, refitted."""
        kept = without_blocks(weights, size, self.size)
        if kept is None:
            return None
        whole, part = CRNN(self.alphabet.ctc_classes, size), self.network()
        whole.load_state_dict(weights)
        part.load_state_dict(kept)
        refit(whole, part, behind_left_out(size, self.size), self.training_inputs(REFIT_STRIPS))
        return part.state_dict()

    def renderer(self, held_out: bool = False) -> RendererFactory:
        """The factory of the renderer, with the training fonts or the held-out ones."""
        settings = self.settings
        renderer = RenderedWords(self.alphabet.characters, settings.fonts, settings.backgrounds, held_out)
        # Judged by the usual mixture, whatever is trained on: scores stay comparable.
        return renderer if held_out else replace(renderer, scenes=settings.scenes, lines=settings.lines)

    def recipe(self) -> WordRecipe:
        """Strips from the renderer, from labelled folders and stores, or both."""
        settings = self.settings
        renderer = self.renderer() if settings.synth else None
        return WordRecipe(
            self.alphabet.characters,
            settings.batch_size or 1,
            renderer,
            settings.data,
            settings.data_share,
            self._data_part(),
            self._weights(),
            settings.caseless,
        )

    def epoch_samples(self) -> int | None:
        """The size of the labelled folders and stores."""
        data, part = self.settings.data, self._data_part()
        if self._weights():
            return sum(len(open_words(path, part)) for path in data)
        return len(LabelledWords(data, part)) if data else None

    def _weights(self) -> tuple[float, ...]:
        """Weights of the data; stores always have some."""
        data, weights = self.settings.data, self.settings.weights
        return weights or ((1.0,) * len(data) if any(map(is_store, data)) else ())

    def _data_part(self) -> Part:
        """Without ``--dev`` some of the labelled data is kept back to judge by."""
        return "all" if self.settings.dev else "training"

    def loss(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """CTC (Graves 2006), each sample's loss over its length, so that lines do not drown words.

        With teachers how far the columns are from theirs (FitNets, Romero 2015), and no label counts: a
        network that also learned from labels read clean print three times as badly as one that did not.
        """
        if self.settings.teachers:
            fix_statistics(network)  # the teachers' columns do not depend on the rest of the batch either
            return {"loss": self._unlike_teachers(network(batch["image"], as_columns=True), batch["image"])}
        log_probs = network(batch["image"]).float()  # (N, T, classes)
        if self.settings.caseless:
            log_probs = with_either_case(log_probs, self.alphabet)
        steps = torch.full_like(batch["lengths"], log_probs.shape[1])
        loss = functional.ctc_loss(
            log_probs.transpose(0, 1),
            batch["targets"],
            steps,
            batch["lengths"],
            blank=CTC_BLANK,
            zero_infinity=True,
        )
        return {"loss": loss}

    def _unlike_teachers(self, columns: Tensor, image: Tensor) -> Tensor:
        """How far columns (N, T, column) are from those of the teachers, by what their LSTMs take in of both.

        The squared difference, as a share of the square; the mean of all teachers.
        """
        shares = []
        for teacher in self.teachers.networks:
            assert isinstance(teacher, CRNN)
            with torch.no_grad():
                wanted = teacher.features(image)
            unlike = teacher.taken_in(columns.float() - wanted.float()).float()
            shares.append(unlike.square().mean() / teacher.taken_in(wanted).float().square().mean())
        return torch.stack(shares).mean()

    @cached_property
    def teachers(self) -> Teachers:
        """The networks of ``--teacher``, loaded when they are first asked. Raises UsageError."""
        if not self.settings.init:
            raise UsageError("--teacher: with --init alone, for all but the backbone stays as it is")
        teachers = Teachers(self.settings.teachers, self)
        own = SIZES[self.size].column
        for path, network in zip(self.settings.teachers, teachers.networks, strict=True):
            theirs = SIZES[str(network.size)].column
            if theirs != own:
                raise UsageError(f"--teacher {path}: has columns of {theirs} numbers, the network of {own}")
        return teachers

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Light changes of tone and place."""
        return {**batch, "image": augment_strips(batch["image"], generator)}

    # --- evaluation -----------------------------------------------------------------------

    def held_out(self) -> dict[str, list[LabelledStrip]]:
        """The sets that judge, by name: each ``--dev`` folder, and rendered strips in unseen fonts.

        Without ``--dev`` the held-out part of each ``--data`` folder or store.
        """
        if self._held_out is None:
            settings = self.settings
            part: Part = "all" if settings.dev else "held-out"
            labels = settings.dev or settings.data
            sets = {set_name(path): _load(path, part) for path in labels}
            if settings.synth and settings.held_out:
                render = self.renderer(held_out=True)()
                seeds = ([self.settings.seed, HELD_OUT_CHUNK, i] for i in range(self.settings.held_out))
                sets["rendered"] = [render(np.random.default_rng(seed)) for seed in seeds]
            self._held_out = sets
        return self._held_out

    def evaluate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Accuracy (protocols 94 and 36) and CER of each held-out set.

        The score is the mean over the labelled sets of accuracy 36 — their labels rarely keep
        case and punctuation — or, without them, exact accuracy on the rendered set.
        """
        scores: dict[str, float] = {}
        for name, samples in self.held_out().items():
            texts = read_strips(network, device, [s.strip for s in samples], self.alphabet)
            figures = score_words([fold(s.text).strip() for s in samples], texts)
            scores[f"{name}/accuracy_94"] = figures.accuracy_94
            scores[f"{name}/accuracy_36"] = figures.accuracy_36
            scores[f"{name}/cer"] = figures.cer
            if name == "rendered":
                scores["rendered/accuracy_exact"] = figures.accuracy_exact
        dev = [scores[f"{name}/accuracy_36"] for name in self.held_out() if name != "rendered"]
        if dev:
            return {"score": float(np.mean(dev)), **scores}
        return {"score": scores["rendered/accuracy_exact"], **scores} if scores else {}

    # --- export ---------------------------------------------------------------------------

    def card(self) -> ModelCard:
        """Alphabet, blank and stride."""
        return ModelCard(
            task="word",
            architecture=f"crnn-{self.size}",
            input=InputContract(1, HEIGHT, None, STRIDE),
            alphabet=self.alphabet.characters,
            blank=CTC_BLANK,
            stride=STRIDE,
        )

    def describe_data(self) -> dict[str, Any]:
        """The labelled folders and stores by name, and whether words were rendered."""
        sources = [f"{set_name(path)} (labelled)" for path in self.settings.data]
        return {"sources": sources + (["rendered words and lines"] if self.settings.synth else [])}

    def example_inputs(self) -> list[Tensor]:
        """Strips at batch sizes 1, 2, 7 and more, and widths from one character to a long line."""
        rng = np.random.default_rng(0)
        strips = self._example_strips() or [rng.integers(0, 256, (HEIGHT, 100), np.uint8)]
        inputs = []
        for i, (count, width) in enumerate([(1, 32), (2, 100), (7, 128), (1, 320), (2, 1280), (48, 192)]):
            chosen = [fit_strip(strips[(7 * i + j) % len(strips)], width) for j in range(count)]
            inputs.append(torch.from_numpy(pad_strips(chosen, width)))
        return inputs

    def _example_strips(self) -> list[np.ndarray]:
        found = [open_words(path, "all") for path in self.settings.dev]
        strips = [s.strip for words in found for s in words.spread(EXAMPLES)]
        if strips or not self.settings.synth:
            return strips
        render = self.renderer()()
        return [render(np.random.default_rng([0, HELD_OUT_CHUNK, i])).strip for i in range(EXAMPLES)]

    def agreement(self, expected: np.ndarray, found: np.ndarray) -> float:
        """Share of the characters that both decode to."""
        (wanted,), (got,) = greedy(expected, self.alphabet), greedy(found, self.alphabet)
        return 1 - levenshtein(wanted, got) / max(len(wanted), len(got), 1)


def with_either_case(log_probs: Tensor, alphabet: Alphabet) -> Tensor:
    """(..., classes) → (..., classes + letters): each letter of ``alphabet.cases`` in either case, too."""
    small, capital = (
        torch.tensor(alphabet.cases, dtype=torch.long, device=log_probs.device).reshape(-1, 2).unbind(1)
    )
    either = torch.logaddexp(log_probs[..., small], log_probs[..., capital])
    return torch.cat([log_probs, either], -1)


def greedy(log_probs: np.ndarray, alphabet: Alphabet) -> list[str]:
    """Best-path decoding (Graves 2006, section 3.2): (N, T, classes) → N texts."""
    best = log_probs.argmax(-1)  # (N, T)
    changed = np.concatenate([np.ones_like(best[:, :1], bool), best[:, 1:] != best[:, :-1]], 1)
    return [alphabet.decode_ctc(row[keep]) for row, keep in zip(best, changed, strict=True)]


def read_strips(
    network: nn.Module, device: torch.device, strips: Sequence[np.ndarray], alphabet: Alphabet
) -> list[str]:
    """Texts of strips ``(32, w)``, greedily decoded; strips of like width are read together."""
    strips = [fit_strip(strip) for strip in strips]
    buckets = bucket_of(np.array([strip.shape[1] for strip in strips]))
    texts = [""] * len(strips)
    for bucket in np.unique(buckets):
        members = np.flatnonzero(buckets == bucket)
        width = BUCKETS[bucket]
        size = max(JUDGE_PIXELS // (width * HEIGHT), 1)
        for start in range(0, len(members), size):
            chosen = members[start : start + size]
            image = torch.from_numpy(pad_strips([strips[i] for i in chosen], width)).to(device)
            with torch.no_grad():
                decoded = greedy(network(image).float().cpu().numpy(), alphabet)
            for i, text in zip(chosen, decoded, strict=True):
                texts[i] = text.strip()
    return texts


def _load(path: Path, part: Part) -> list[LabelledStrip]:
    words = open_words(path, part)
    return words.spread(min(len(words), HELD_OUT_STRIPS) if is_store(path) else len(words))

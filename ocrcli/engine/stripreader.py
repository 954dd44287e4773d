"""Reads strips, one word or one whole text line each, by one network at one look.

Strips of like width share a batch (windows.py). On a processor, several small batches side by side on one
core each beat one large batch on all cores: the recurrence is a chain of products too small to share.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ocrcli.alphabet import Alphabet
from ocrcli.engine.ctc import NEVER, CtcPath, allowed_classes, greedy
from ocrcli.engine.model import Model
from ocrcli.engine.networks import Networks, Role
from ocrcli.engine.reading import CharSpan, Lattice, Reading, as_reading
from ocrcli.engine.spaces import with_narrow_spaces
from ocrcli.engine.windows import Window, batches_of, joined, padded_width, stacked, windows_of

if TYPE_CHECKING:
    from ocrcli.modelcard import ModelCard

BATCH_SIZE = 32  # strips; the recurrence gains nothing from more
# Pixels of width in a batch. Measured on two cores with crnn-small: 5,000 is as fast as any
# larger batch and needs a fifth of the memory of 32,000. A GPU wants more to do at a time.
BATCH_COLUMNS = {"cpu": 5_120, "cuda": 81_920}


class StripReader:
    """Word models with the batching around them.

    ``workers`` batches run side by side, or as many as it says at the time; load the models with
    one thread if it is above one.
    """

    def __init__(
        self,
        networks: Networks | Model,
        *,
        workers: int | Callable[[], int] = 1,
        batch_size: int | None = None,
    ) -> None:
        self.networks = networks if isinstance(networks, Networks) else Networks.of(networks)
        self.workers = workers
        self.batch_size = batch_size or BATCH_SIZE

    @cached_property
    def alphabet(self) -> Alphabet:
        """What can be read."""
        return Alphabet(self.networks.any.card.alphabet)

    @cached_property
    def _space(self) -> int | None:
        """Class of the space."""
        return self.alphabet.index(" ") + 1 if " " in self.alphabet else None

    @cached_property
    def height(self) -> int:
        """Of the strips that can be read, pixels."""
        return self.networks.any.card.input.height or 32

    def read_once(
        self,
        strips: Sequence[np.ndarray],
        allow: Collection[str] | None = None,
        *,
        lattices_below: float = 0.0,
        by: Role = "careful",
    ) -> list[Reading]:
        """A reading for each strip, in order: edges of words as the network's columns say.

        Strips are grey uint8 (height, w) of any width, already of the model's height. ``allow`` restricts
        the answer to some characters. Readings with a character that is less sure than ``lattices_below``
        carry their lattice.
        """
        if not strips:
            return []
        model = self.networks[by]
        card = model.card
        allowed = None if allow is None else allowed_classes(self.alphabet, allow)
        windows = [window for i, strip in enumerate(strips) for window in windows_of(i, strip)]
        workers = self.workers if isinstance(self.workers, int) else self.workers()
        share = -(-sum(window.width for window in windows) // workers)  # of each worker
        limit = min(BATCH_COLUMNS[model.device], share)
        batches = list(batches_of(windows, self.batch_size, limit))

        def run(batch: list[Window]) -> list[tuple[CtcPath | None, np.ndarray | None]]:
            return self._run(model, batch, allowed, lattices_below)

        if workers > 1 and len(batches) > 1:
            with ThreadPoolExecutor(workers, "recognise") as pool:
                results = list(pool.map(run, batches))
        else:
            results = [run(batch) for batch in batches]
        paths: dict[int, CtcPath] = {}
        columns: dict[int, np.ndarray] = {}  # strip → (T, C), as far as they were kept
        parts: dict[int, dict[int, np.ndarray]] = {}  # strip → first column → (T, C), of long strips
        for batch, result in zip(batches, results, strict=True):
            for window, (path, kept) in zip(batch, result, strict=True):
                if path is None and kept is not None:
                    parts.setdefault(window.strip, {})[window.offset // card.stride] = kept
                elif path is not None:
                    paths[window.strip] = path
                    if kept is not None:
                        columns[window.strip] = kept
        for strip, columns_of in parts.items():
            columns[strip] = joined(columns_of)
            paths[strip] = greedy(
                columns[strip][None], allowed=allowed, temperature=card.temperature, space=self._space
            )[0]
        readings = [self._reading(paths[i], strip, card.stride) for i, strip in enumerate(strips)]
        return [
            replace(reading, lattice=_lattice(columns[i], allowed, card))
            if i in columns and _sure(paths[i]) < lattices_below
            else reading
            for i, reading in enumerate(readings)
        ]

    def _run(
        self, model: Model, batch: list[Window], allowed: np.ndarray | None, lattices_below: float
    ) -> list[tuple[CtcPath | None, np.ndarray | None]]:
        """Of each strip of a batch its path; of an unsure one, or a window, its columns (T, C)."""
        card = model.card
        width = -(-padded_width(batch[0].width) // card.input.multiple_of) * card.input.multiple_of
        log_probs = model.run(stacked(batch, width))  # (N, T, C)
        lengths = np.array([-(-window.width // card.stride) for window in batch])
        paths = greedy(log_probs, lengths, allowed=allowed, temperature=card.temperature, space=self._space)
        return [
            (
                paths[i] if window.alone else None,
                log_probs[i, : lengths[i]].copy()
                if not window.alone or _sure(paths[i]) < lattices_below
                else None,
            )
            for i, window in enumerate(batch)
        ]

    def _reading(self, path: CtcPath, strip: np.ndarray, stride: int) -> Reading:
        spans = np.minimum(path.spans() * stride, strip.shape[1])  # columns → pixels
        characters = self.alphabet.characters
        chars = [
            CharSpan(characters[i - 1], confidence, start, end)
            for i, confidence, (start, end) in zip(
                path.classes.tolist(), path.confidence.tolist(), spans.tolist(), strict=True
            )
        ]
        if path.space is not None:
            chars = with_narrow_spaces(chars, path.space, strip)
        return as_reading(_tidy(chars))


def _lattice(log_probs: np.ndarray, allowed: np.ndarray | None, card: ModelCard) -> Lattice:
    """Columns (T, C) as the confidences see them: with the temperature, among what is allowed."""
    if allowed is not None:
        log_probs = np.where(allowed, log_probs, NEVER)
    log_probs = log_probs / np.float32(card.temperature)
    log_probs -= log_probs.max(-1, keepdims=True)
    log_probs -= np.log(np.exp(log_probs).sum(-1, keepdims=True))
    return Lattice(log_probs, float(card.stride))


def _sure(path: CtcPath) -> float:
    """Confidence of the least sure character of a path."""
    return float(path.confidence.min(initial=1.0))


def _tidy(chars: Sequence[CharSpan]) -> tuple[CharSpan, ...]:
    """Without spaces at the ends, and with one where the network named several."""
    kept: list[CharSpan] = []
    for char in chars:
        if char.text != " " or (kept and kept[-1].text != " "):
            kept.append(char)
    if kept and kept[-1].text == " ":
        kept.pop()
    return tuple(kept)

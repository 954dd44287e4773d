"""Epochs over a store of characters: every sample once, in a new order each time.

Nothing is rendered and nothing is copied ahead: a chunk of the stream is a whole epoch's list of
sample numbers, and a batch is gathered from the file as it is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.alphabet import Alphabet
from ocrcli.datasets.chars import class_pairs
from ocrcli.datasets.charstore import CharStore
from ocrcli.datasets.stream import Chunk, Recipe
from ocrcli.errors import InputError


@dataclass(frozen=True)
class CharEpochs(Recipe):
    """All samples of the part ``train`` of a store, as often as they occur."""

    store: Path
    alphabet: str
    batch_size: int

    @cached_property
    def _images(self) -> NDArray[np.uint8]:
        """(n, 28, 28), mapped from the file."""
        return CharStore(self.store).images("train")

    @cached_property
    def _classes(self) -> NDArray[np.int64]:
        """(n, 2): two that are right, mostly the same."""
        store, alphabet = CharStore(self.store), Alphabet(self.alphabet)
        if not set(store.alphabet) <= set(self.alphabet):
            raise InputError(f"{self.store}: holds characters outside the alphabet of the network")
        either = np.array([character in store.case_merged for character in store.alphabet])
        pairs = class_pairs(np.array(list(store.alphabet)), either, alphabet)
        return pairs[store.labels("train")]

    def open(self) -> Callable[[np.random.Generator], Any]:
        """Nothing to render from: samples are read by number."""
        return lambda rng: None

    def part(
        self, source: Callable[[np.random.Generator], Any], seed: int, chunk: int, start: int, stop: int
    ) -> Chunk:
        """The sample numbers themselves."""
        return {"number": np.arange(start, stop, dtype=np.int32)}

    def pack(self, samples: list[Any]) -> Chunk:
        """Unused: parts are made by number."""
        raise NotImplementedError

    def collate(self, chunk: Chunk, indices: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
        """``image`` uint8 (n, 1, 28, 28) and ``classes`` int64 (n, 2)."""
        numbers = chunk["number"][indices]
        return {"image": self._images[numbers][:, None], "classes": self._classes[numbers]}

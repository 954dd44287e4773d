"""Words drawn from stores, labelled folders and the renderer by their shares.

Words of a store come in runs of neighbours, one read each; which run, the chunk's number and the
run's place in it decide alone, so that a stream is the same with any number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ocrcli.datasets.store import is_store
from ocrcli.datasets.words import FEWEST_HELD_OUT, HELD_OUT_PART, LabelledStrip, LabelledWords, Part
from ocrcli.datasets.wordstore import WordStore

RUN = 64  # neighbouring strips that are read together: a quarter of a megabyte of usual width
RUN_STREAM = 1 << 21  # keeps the runs' random numbers apart from those of samples and orders
HELD_OUT_STRIPS = 1000  # of a store that judge, at most: accuracy to a per cent
Draw = Callable[[np.random.Generator], LabelledStrip]


class StoredWords:
    """Random runs of a store's strips.

    ``part`` is "all", or one of the two that are cut apart in each bucket: "held-out", the last
    twentieth, whose images the other part, "training", does not know. A small store is not cut.
    """

    def __init__(self, path: Path, part: Part = "all", caseless: bool = False) -> None:
        self.store, self.caseless = WordStore(path), caseless
        cut = part != "all" and len(self.store) >= HELD_OUT_PART * FEWEST_HELD_OUT
        self.rows: dict[int, range] = {}
        for width, count in self.store.buckets.items():
            edge = count - count // HELD_OUT_PART
            rows = range(count) if not cut else range(edge) if part == "training" else range(edge, count)
            if rows:
                self.rows[width] = rows
        counts = np.array([len(rows) for rows in self.rows.values()], float)
        self.edges = np.cumsum(counts / counts.sum())

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.rows.values())

    def run(self, rng: np.random.Generator, count: int) -> list[LabelledStrip]:
        """``count`` neighbours from a random place; fewer where the bucket holds fewer."""
        bucket = min(int(np.searchsorted(self.edges, rng.random(), "right")), len(self.edges) - 1)
        width, rows = list(self.rows.items())[bucket]
        start = rows[int(rng.integers(max(len(rows) - count, 0) + 1))]
        return self._read(width, start, min(count, rows.stop - start))

    def spread(self, most: int) -> list[LabelledStrip]:
        """Strips evenly spread over the part, ``most`` of them."""
        places = [(width, row) for width, rows in self.rows.items() for row in (rows.start, rows.stop)]
        ends = np.cumsum([places[i + 1][1] - places[i][1] for i in range(0, len(places), 2)])
        chosen = np.unique(np.linspace(0, len(self) - 1, min(most, len(self))).astype(int))
        found = []
        for index in chosen.tolist():
            bucket = int(np.searchsorted(ends, index, "right"))
            width, rows = list(self.rows.items())[bucket]
            before = int(ends[bucket - 1]) if bucket else 0
            found += self._read(width, rows[index - before], 1)
        return found

    def _read(self, width: int, start: int, count: int) -> list[LabelledStrip]:
        strips = self.store.read(width, start, count).strips()
        return [replace(strip, caseless=True) for strip in strips] if self.caseless else strips


Source = StoredWords | LabelledWords | Draw


def open_words(path: Path, part: Part, caseless: bool = False) -> StoredWords | LabelledWords:
    """A store or a labelled folder. Raises InputError."""
    return StoredWords(path, part, caseless) if is_store(path) else LabelledWords([path], part, caseless)


class MixedWords:
    """Strips of several sources; each position of a stream has its source by their shares."""

    def __init__(self, sources: Sequence[Source], shares: Sequence[float]) -> None:
        self.sources, self.shares = list(sources), np.asarray(shares, float) / np.sum(shares)

    def samples(self, seed: int, chunk: int, start: int, stop: int) -> list[LabelledStrip]:
        """Samples ``start`` … ``stop`` of a chunk."""
        first = start // RUN
        found = [s for run in range(first, -(-stop // RUN)) for s in self._run(seed, chunk, run)]
        return found[start - first * RUN : stop - first * RUN]

    def _run(self, seed: int, chunk: int, number: int) -> list[LabelledStrip]:
        """RUN samples: neighbours out of each store, one by one out of the others."""
        rng = np.random.default_rng([seed, chunk, RUN_STREAM + number])
        which = rng.choice(len(self.sources), RUN, p=self.shares)
        samples: list[LabelledStrip | None] = [None] * RUN
        for index, source in enumerate(self.sources):
            places = np.flatnonzero(which == index).tolist()
            if isinstance(source, StoredWords):
                run: list[LabelledStrip] = []
                while len(run) < len(places):
                    run += source.run(rng, len(places) - len(run))
                for place, sample in zip(places, run, strict=True):
                    samples[place] = sample
            else:
                for place in places:
                    samples[place] = source(np.random.default_rng([seed, chunk, number * RUN + place]))
        return [sample for sample in samples if sample is not None]

    def __call__(self, rng: np.random.Generator) -> LabelledStrip:
        """One sample."""
        source = self.sources[int(rng.choice(len(self.sources), p=self.shares))]
        return source.run(rng, 1)[0] if isinstance(source, StoredWords) else source(rng)

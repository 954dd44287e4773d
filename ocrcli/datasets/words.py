"""Word and line strips as training batches: rendered, from labelled folders, or both.

A strip is grey ``uint8 (32, w)``. Strips of like width share a batch: each goes to the
smallest bucket that holds it, right-padded by replicating its last column (as the engine does).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Literal
from zlib import crc32

import numpy as np
from PIL import Image

from ocrcli.alphabet import Alphabet, fold
from ocrcli.datasets.stream import Chunk, Recipe
from ocrcli.engine.images import load_pages
from ocrcli.engine.whole import to_grey, to_strip
from ocrcli.errors import InputError

HEIGHT = 32  # of every strip, pixels
STRIDE = 4  # pixels of width to one step of the network
MINIMUM_WIDTH = 8  # two steps: room for one character and a blank
# Few fixed widths, each a third or so wider than the last: little padding, and the
# convolution kernels are set up once per width.
BUCKETS = (64, 96, 128, 160, 192, 256, 320, 448, 640, 896, 1280)
REFERENCE_WIDTH = 128  # the width that --batch-size speaks of; wider batches hold fewer strips
HELD_OUT_PART = 20  # one labelled sample of so many judges the training when no --dev does
FEWEST_HELD_OUT = 5  # fewer say nothing
Part = Literal["all", "training", "held-out"]
DROPPED = ("empty", "outside the alphabet", "too narrow for CTC")


@dataclass(frozen=True)
class LabelledStrip:
    """A strip ``uint8 (32, w)`` and its text; the renderer's ``WordSample`` has the same fields.

    The text may be ``caseless``: written in capitals, say, whatever the image shows.
    """

    strip: np.ndarray
    text: str
    caseless: bool = False


def read_labels(path: Path) -> list[tuple[Path, str]]:
    """The ``image<TAB>text`` lines of a ``labels.tsv``; paths are relative to it. Raises InputError."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot read the labels ({error}); wanted: image<TAB>text") from error
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        image, tab, text = line.partition("\t")
        if not tab:
            raise InputError(f"{path}:{number}: no tab; expected image<TAB>text")
        rows.append((path.parent / image, text))
    if not rows:
        raise InputError(f"{path}: no labels; expected lines image<TAB>text")
    return rows


def load_strip(path: Path) -> np.ndarray:
    """A whole-image word as the engine sees it: grey, height 32, aspect kept → ``uint8 (32, w)``.

    Raises InputError.
    """
    page = next(load_pages(path, name=str(path)))
    return to_strip(to_grey(page.pixels), HEIGHT)


def bucket_of(widths: np.ndarray) -> np.ndarray:
    """Index into BUCKETS of each width; wider than the last: the last."""
    return np.minimum(np.searchsorted(BUCKETS, widths), len(BUCKETS) - 1)


def pad_strips(strips: Sequence[np.ndarray], width: int) -> np.ndarray:
    """Strips ``(32, w ≤ width)`` → ``uint8 (n, 1, 32, width)``, the last column replicated."""
    batch = np.empty((len(strips), 1, HEIGHT, width), np.uint8)
    for row, strip in zip(batch, strips, strict=True):
        row[0, :, : strip.shape[1]] = strip
        row[0, :, strip.shape[1] :] = strip[:, -1:]
    return batch


def fit_strip(strip: np.ndarray, widest: int = BUCKETS[-1]) -> np.ndarray:
    """The strip, squeezed when it is wider than ``widest``, stretched when it has under two columns."""
    width = strip.shape[1]
    if MINIMUM_WIDTH <= width <= widest:
        return strip
    size = (min(max(width, MINIMUM_WIDTH), widest), HEIGHT)
    return np.asarray(Image.fromarray(strip).resize(size, Image.Resampling.BICUBIC))


class LabelledWords:
    """Random strips of labelled folders: ``rng → LabelledStrip``.

    ``part`` is "all", or one of the two that a hash of the image's name makes: "held-out", about a
    twentieth, and "training". With few samples both are all of them.
    """

    def __init__(self, labels: Sequence[Path], part: Part = "all", caseless: bool = False) -> None:
        self.caseless = caseless
        rows = [row for path in labels for row in read_labels(path)]
        held = [crc32(path.name.encode()) % HELD_OUT_PART == 0 for path, _ in rows]
        if part == "all" or sum(held) < FEWEST_HELD_OUT or all(held):
            self.rows = rows
        else:
            wanted = part == "held-out"
            self.rows = [row for row, is_held in zip(rows, held, strict=True) if is_held == wanted]

    def __len__(self) -> int:
        return len(self.rows)

    def __call__(self, rng: np.random.Generator) -> LabelledStrip:
        """A random strip; every one is as likely."""
        path, text = self.rows[int(rng.integers(len(self.rows)))]
        return LabelledStrip(load_strip(path), text, self.caseless)

    def spread(self, most: int) -> list[LabelledStrip]:
        """The first ``most`` strips."""
        return [LabelledStrip(load_strip(path), text, self.caseless) for path, text in self.rows[:most]]


RendererFactory = Callable[[], Callable[[np.random.Generator], LabelledStrip]]


@dataclass(frozen=True)
class WordRecipe(Recipe):
    """Strips from a renderer, from labelled folders and stores, or mixed by ``data_share``.

    ``weights``, one for each of ``data``, are the shares of the files among each other; without them all
    samples of all files are as likely. In ``caseless`` data either case of a letter is right.
    """

    alphabet: str
    batch_size: int  # strips of REFERENCE_WIDTH
    renderer: RendererFactory | None = None
    data: tuple[Path, ...] = ()
    data_share: float = 0.5
    data_part: Part = "all"
    weights: tuple[float, ...] = ()
    caseless: bool = False
    drop_reasons: ClassVar = DROPPED

    def open(self) -> Callable[[np.random.Generator], LabelledStrip]:
        """The source of strips, built here: ``rng → LabelledStrip``."""
        if self.weights:
            return self._mixed()
        labelled = LabelledWords(self.data, self.data_part, self.caseless) if self.data else None
        rendered = self.renderer() if self.renderer else None
        if labelled is None or rendered is None:
            source = labelled or rendered
            if source is None:
                raise ValueError("a recipe needs a renderer or data")
            return source
        share = self.data_share
        return lambda rng: labelled(rng) if rng.random() < share else rendered(rng)

    def _mixed(self) -> Callable[[np.random.Generator], LabelledStrip]:
        from ocrcli.datasets.wordmix import MixedWords, Source, open_words

        sources: list[Source] = [open_words(path, self.data_part, self.caseless) for path in self.data]
        share = self.data_share if self.renderer else 1.0
        shares = [share * weight / sum(self.weights) for weight in self.weights]
        return MixedWords(
            [*sources, self.renderer()] if self.renderer else sources,
            [*shares, 1 - share] if self.renderer else shares,
        )

    def part(
        self, source: Callable[[np.random.Generator], Any], seed: int, chunk: int, start: int, stop: int
    ) -> Chunk:
        """Samples ``start`` … ``stop`` of a chunk; neighbours in a store are read together."""
        if self.weights:
            return self.pack(source.samples(seed, chunk, start, stop))  # type: ignore[attr-defined]
        return super().part(source, seed, chunk, start, stop)

    def pack(self, samples: list[LabelledStrip]) -> Chunk:
        """Columns of all strips one after the other, and all classes one after the other."""
        alphabet = Alphabet(self.alphabet)
        strips, texts, dropped = [], [], np.zeros((1, len(DROPPED)), np.int64)
        for sample in samples:
            strip, text = fit_strip(sample.strip), fold(sample.text).strip()
            reason = why_drop(text, strip.shape[1], alphabet)
            if reason is None:
                strips.append(strip)
                texts.append(
                    alphabet.encode_either_case(text) if sample.caseless else alphabet.encode_ctc(text)
                )
            else:
                dropped[0, reason] += 1
        return {
            "columns": np.concatenate([np.empty((0, HEIGHT), np.uint8), *(s.T for s in strips)]),  # (Σw, 32)
            "widths": np.array([s.shape[1] for s in strips], np.int64),
            "classes": np.array([c for text in texts for c in text], np.int16),
            "lengths": np.array([len(text) for text in texts], np.int64),
            "dropped": dropped,
        }

    def length(self, chunk: Chunk) -> int:
        """Number of strips that were kept."""
        return len(chunk["widths"])

    def batches(self, chunk: Chunk, rng: np.random.Generator) -> list[np.ndarray]:
        """Shuffled batches of one bucket each, with the same number of pixels in every batch."""
        order = rng.permutation(self.length(chunk))
        buckets = bucket_of(chunk["widths"])[order]
        batches: list[np.ndarray] = []
        rest = order[:0]
        for i, width in enumerate(BUCKETS):
            members = np.concatenate([rest, order[buckets == i]])
            size = max(self.batch_size * REFERENCE_WIDTH // width, 1)
            parts = np.split(members, range(size, len(members), size))
            # A batch that is less than half full waits for the next wider bucket.
            rest = parts.pop() if len(parts[-1]) < size / 2 else order[:0]
            batches += parts
        batches += [rest] if len(rest) else []
        return [batches[i] for i in rng.permutation(len(batches))]

    def collate(self, chunk: Chunk, indices: np.ndarray) -> dict[str, np.ndarray]:
        """``image`` uint8 (n, 1, 32, W); CTC classes ``targets`` int64 (Σ lengths,), ``lengths`` (n,)."""
        ends, text_ends = np.cumsum(chunk["widths"]), np.cumsum(chunk["lengths"])
        widths, lengths = chunk["widths"][indices], chunk["lengths"][indices]
        strips = [chunk["columns"][ends[i] - chunk["widths"][i] : ends[i]].T for i in indices]
        classes = [chunk["classes"][text_ends[i] - chunk["lengths"][i] : text_ends[i]] for i in indices]
        return {
            "image": pad_strips(strips, BUCKETS[int(bucket_of(widths).max())]),  # (n, 1, 32, W)
            "targets": np.concatenate(classes).astype(np.int64),  # (Σ length,)
            "lengths": lengths,
        }


def why_drop(text: str, width: int, alphabet: Alphabet) -> int | None:
    """Index into DROPPED, or None when the sample can be learned.

    CTC needs a step for each character and a blank between two equal ones (Graves 2006).
    """
    if not text:
        return 0
    if not alphabet.covers(text):
        return 1
    repeats = sum(a == b for a, b in pairwise(text))
    return 2 if len(text) + repeats > width // STRIDE else None

"""Single characters as training batches: from labelled files, rendered, or both.

A labelled source is an ``.npz`` file, a folder, or a store. Whatever it holds goes through the
engine's ``charnorm``, so that the network learns from what it will be shown. A fixed tenth of
each source (a store's part ``validation``) is held back: it is never trained on and always judged.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ocrcli.alphabet import Alphabet
from ocrcli.datasets.charprior import class_shares, sampling_weights
from ocrcli.datasets.store import is_store
from ocrcli.datasets.stream import Chunk, Recipe
from ocrcli.engine.charnorm import SIZE, normalise_batch
from ocrcli.errors import InputError

HELD_BACK = 0.1  # of each source
SPLIT_SEED = 20170217  # of the split; fixed, so that no run ever trains on what another judged
_NO_LABELS = (np.zeros(0, np.str_), np.zeros(0, bool))


@dataclass(frozen=True)
class LabelledChars:
    """Normalised characters: images uint8 (n, 28, 28), their labels, and which stand for both cases."""

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.str_]  # (n,), one character each
    merged: NDArray[np.bool_]  # (n,): the label is right in either case

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: NDArray[Any]) -> LabelledChars:
        """The chosen samples, by index or mask."""
        return LabelledChars(self.name, self.images[chosen], self.labels[chosen], self.merged[chosen])

    def within(self, alphabet: Alphabet) -> LabelledChars:
        """The samples whose label the alphabet names."""
        return self.take(np.isin(self.labels, list(alphabet.characters)))

    def split(self) -> tuple[LabelledChars, LabelledChars]:
        """What may be trained on, and the tenth that is held back."""
        order = np.random.default_rng(SPLIT_SEED).permutation(len(self))
        held = math.ceil(HELD_BACK * len(self))
        return self.take(np.sort(order[held:])), self.take(np.sort(order[:held]))


def read_chars(path: Path) -> LabelledChars:
    """Labelled characters of an ``.npz`` file or a folder. Raises InputError, one line.

    ``.npz``: ``images`` uint8 (n, h, w) and ``labels`` (n,) of one character each; optional
    booleans ``case_merged`` (the label stands for both cases) and ``nn_ok`` (False: left out).
    Folder: ``labels.tsv`` with lines ``path<TAB>character``, or one folder a class, named by the
    character or by its code in hexadecimal, as NIST SD19 names them (``41`` is A).
    Of a store, or a folder in parts: all of ``test``, or of the only part.
    """
    if is_store(path):
        return _read_store(path, None)
    if path.is_dir():
        parts = _read_folder(path)
        found = parts.get("test") or next(iter(parts.values()), None)
    else:
        found = _read_npz(path)
    if not found:
        raise InputError(f"{path}: no characters in it")
    return found


def read_parts(path: Path) -> tuple[LabelledChars, LabelledChars]:
    """What of a source may be trained on, and what is held back to judge. Raises InputError, one line."""
    if is_store(path):
        return _read_store(path, "train"), _read_store(path, "validation")
    parts = _read_folder(path) if path.is_dir() else {}
    if "validation" in parts:
        return parts["train"], parts["validation"]
    return (parts.get("train") or read_chars(path)).split()


def _read_store(path: Path, part: str | None) -> LabelledChars:
    """A part of a store; without a name the one that judges. A missing ``validation`` is empty."""
    from ocrcli.datasets.charstore import CharStore

    with CharStore(path) as store:
        part = part or ("test" if "test" in store.parts else next(iter(store.parts)))
        if part == "validation" and part not in store.parts:
            return LabelledChars(path.stem, np.zeros((0, SIZE, SIZE), np.uint8), *_NO_LABELS)
        return LabelledChars(path.stem, store.images(part), store.characters(part), store.merged(part))


def _read_npz(path: Path) -> LabelledChars:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        images, labels = arrays["images"], arrays["labels"].astype(np.str_)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: expected an .npz file with images and labels ({error})") from error
    if images.dtype != np.uint8 or images.ndim != 3 or labels.shape != (len(images),):
        found = f"{images.dtype} {images.shape} and {labels.shape}"
        raise InputError(f"{path}: expected images uint8 (n, h, w) and labels (n,), found {found}")
    merged = arrays.get("case_merged", np.zeros(len(labels), bool))
    kept = np.flatnonzero(arrays.get("nn_ok", np.ones(len(labels), bool)))
    normal, inked = normalise_batch(images[kept])
    return LabelledChars(path.stem, normal[inked], labels[kept][inked], merged[kept][inked])


def _read_folder(path: Path) -> dict[str, LabelledChars]:
    """The pictures of a folder, by the parts that it comes in: mostly ``train`` alone."""
    from ocrcli.datasets.charfolder import BLANK, NOT_ONE, list_characters, read_character

    listed, dropped = list_characters(path)
    del dropped[NOT_ONE]  # a folder of something else beside the characters
    if dropped:
        raise InputError(f"{path}: {', '.join(f'{reason}: {count}' for reason, count in dropped.items())}")
    found: dict[str, list[tuple[NDArray[np.uint8], str]]] = {}
    for item in listed:
        picture = read_character(item.path)
        if isinstance(picture, str):
            if picture != BLANK:
                raise InputError(f"{item.path}: {picture}")
            continue
        found.setdefault(item.part, []).append((picture, item.label))
    return {part: _labelled(path.name, samples) for part, samples in found.items()}


def _labelled(name: str, samples: list[tuple[NDArray[np.uint8], str]]) -> LabelledChars:
    labels = np.array([label for _, label in samples], np.str_)
    return LabelledChars(name, np.stack([image for image, _ in samples]), labels, np.zeros(len(labels), bool))


class Sample(Protocol):
    """What a renderer gives: ``synth.chars.CharSample``."""

    @property
    def image(self) -> NDArray[np.uint8]:
        """Uint8 (28, 28), ink 255 on 0."""
        ...

    @property
    def label(self) -> str:
        """One character."""
        ...

    @property
    def merged(self) -> bool:
        """Whether the label is right in either case."""
        ...


@dataclass(frozen=True)
class CharExample:
    """A character uint8 (28, 28) and its label; ``merged``: right in either case."""

    image: NDArray[np.uint8]
    label: str
    merged: bool = False


class DrawnChars:
    """Random samples of labelled sources, without their held-back parts: ``rng → CharExample``.

    A source that is given twice counts twice within its classes.
    """

    def __init__(self, sources: Sequence[Path], alphabet: Alphabet) -> None:
        once = {path: read_parts(path)[0].within(alphabet) for path in dict.fromkeys(sources)}
        parts = [once[path] for path in sources]
        self.images = np.concatenate([part.images for part in parts])
        self.labels = np.concatenate([part.labels for part in parts])
        self.merged = np.concatenate([part.merged for part in parts])
        if not len(self.labels):
            raise InputError(f"{', '.join(map(str, sources))}: no characters of the alphabet in it")
        classes = class_pairs(self.labels, self.merged, alphabet)
        self.edges = np.cumsum(sampling_weights(classes, alphabet.characters))

    def __call__(self, rng: np.random.Generator) -> CharExample:
        """One sample, drawn with its weight."""
        i = min(int(np.searchsorted(self.edges, rng.random(), "right")), len(self.edges) - 1)
        return CharExample(self.images[i], str(self.labels[i]), bool(self.merged[i]))


RendererFactory = Callable[[], Callable[[np.random.Generator], Sample]]


@dataclass(frozen=True)
class CharRecipe(Recipe):
    """Characters from labelled sources, from a renderer, or mixed by ``data_share``."""

    alphabet: str
    batch_size: int
    renderer: RendererFactory | None = None
    data: tuple[Path, ...] = ()
    data_share: float = 0.5

    def open(self) -> Callable[[np.random.Generator], Sample]:
        """Reads the sources and builds the renderer."""
        drawn = DrawnChars(self.data, Alphabet(self.alphabet)) if self.data else None
        rendered = self.renderer() if self.renderer else None
        if drawn is None or rendered is None:
            source = drawn or rendered
            if source is None:
                raise ValueError("a recipe needs a renderer or data")
            return source
        share = self.data_share
        return lambda rng: drawn(rng) if rng.random() < share else rendered(rng)

    def pack(self, samples: list[Sample]) -> Chunk:
        """``image`` uint8 (n, 1, 28, 28) and ``classes`` int64 (n, 2): two that are right, often the same."""
        alphabet = Alphabet(self.alphabet)
        labels = np.array([sample.label for sample in samples])
        merged = np.array([sample.merged for sample in samples])
        return {
            "image": np.stack([sample.image for sample in samples])[:, None],
            "classes": class_pairs(labels, merged, alphabet),
        }

    def collate(self, chunk: Chunk, indices: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
        """``image`` uint8 (n, 1, 28, 28) and ``classes`` int64 (n, 2)."""
        return {"image": chunk["image"][indices], "classes": chunk["classes"][indices]}


def class_pairs(labels: NDArray[np.str_], merged: NDArray[np.bool_], alphabet: Alphabet) -> NDArray[np.int64]:
    """The classes (n, 2) of labels (n,): twice the label's own, or both cases' where it stands for both."""
    own = {character: i for i, character in enumerate(alphabet.characters)}
    first = np.array([own[label] for label in labels.tolist()], np.int64).reshape(-1)
    other = np.array([own.get(label.swapcase(), own[label]) for label in labels.tolist()], np.int64).reshape(
        -1
    )
    return np.stack([first, np.where(merged, other, first)], 1)


@dataclass(frozen=True)
class RenderedChars:
    """Builds a ``CharRenderer`` with the training fonts, or with the held-out ones.

    ``fonts`` are folders, empty: the system's.
    """

    alphabet: str
    fonts: tuple[Path, ...] = ()
    held_out: bool = False

    def __call__(self) -> Callable[[np.random.Generator], Any]:
        """The renderer: ``rng → CharSample``."""
        from ocrcli.synth.chars import CharRenderer
        from ocrcli.synth.fonts import FontLibrary

        training, held_out = FontLibrary.discover(self.fonts or None).split()
        fonts = held_out if self.held_out else training
        return CharRenderer(fonts, Alphabet(self.alphabet), class_shares(self.alphabet)).render

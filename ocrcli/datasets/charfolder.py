"""A person's own characters → a store: a folder a class, or a ``labels.tsv``.

Pictures of any size and polarity become 28×28 by the engine's ``charnorm``, so that the network
learns from what it will be shown.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from ocrcli.datasets.charstore import PARTS, SIZE, char_header, label_type
from ocrcli.datasets.columns import append
from ocrcli.datasets.convert import Conversion, Job
from ocrcli.datasets.store import Header, Source
from ocrcli.errors import InputError

VALIDATION = 0.1  # of train; a person's own data are few, and 5 % of few is too few to judge by
FILES = 64  # a job; less would be spent on sending them around
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".avif"}
# Folders that ready-made data sets come parted into, and the part of the store that each becomes.
PART_FOLDERS = {"train": "train", "training": "train", "val": "validation", "valid": "validation",
                "validation": "validation", "test": "test", "testing": "test"}  # fmt: skip
NOT_ONE, MISSING, BROKEN, BLANK = (
    "label is not one character", "image is missing", "image cannot be read", "no ink in the image",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A picture with its label, and the part that it belongs to."""

    path: Path
    label: str
    part: str = "train"


@dataclass(frozen=True)
class Options:
    """What decides the content of a store beside the folder."""

    validation: float = VALIDATION
    seed: int = 0

    def command(self, folder: Path) -> str:
        """The command that makes the store."""
        words = [f"ocr preprocess folder {folder.name} --kind char"]
        words += [f"--validation {self.validation:g}"] if self.validation != VALIDATION else []
        return " ".join(words + ([f"--seed {self.seed}"] if self.seed else []))


def list_characters(folder: Path) -> tuple[list[Listed], Counter[str]]:
    """The pictures of a folder in a fixed order, and what was left out, by reason. Raises InputError.

    ``labels.tsv`` holds lines ``path<TAB>character``. Without it each class is a folder, named by its
    character, or by its code in hexadecimal as in NIST SD19 (``41`` is A: file systems that fold
    case cannot hold both A and a). Folders ``train``, ``val`` and ``test`` around either become parts.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    dropped: Counter[str] = Counter()
    parts = [(PART_FOLDERS[f.name.lower()], f) for f in sorted(folder.iterdir())
             if f.is_dir() and f.name.lower() in PART_FOLDERS]  # fmt: skip
    if (folder / "labels.tsv").exists() or "train" not in dict(parts):
        parts = [("train", folder)]
    listed = [
        Listed(path, label, part)
        for part, inside in parts
        for path, label in _listed(inside)
        if _is_good(path, label, dropped)
    ]
    if not listed:
        why = f" ({', '.join(f'{reason}: {count}' for reason, count in dropped.items())})" if dropped else ""
        raise InputError(
            f"{folder}: no characters in it{why}; expected a labels.tsv of path<TAB>character, "
            "or a folder a class, named by its character or its code (41 for A)"
        )
    return listed, dropped


def _is_good(path: Path, label: str, dropped: Counter[str]) -> bool:
    if len(label) != 1 or not label.isprintable() or label.isspace():
        dropped[NOT_ONE] += 1
        return False
    if not path.is_file():
        dropped[MISSING] += 1
        return False
    return True


def _listed(folder: Path) -> Iterator[tuple[Path, str]]:
    table = folder / "labels.tsv"
    if table.exists():
        try:
            lines = table.read_text(encoding="utf-8-sig").split("\n")  # splitlines knows more ends
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{table}: cannot be read as UTF-8 text") from error
        for number, line in enumerate(lines, 1):
            name, tab, label = line.rstrip("\r").partition("\t")
            if line.strip() and not tab:
                raise InputError(f"{table}:{number}: expected path<TAB>character, found no tab")
            if tab:
                yield folder / name, unicodedata.normalize("NFC", label.strip())
        return
    for child in sorted(f for f in folder.iterdir() if f.is_dir() and not f.name.startswith(".")):
        named = folder_label(child.name)
        for file in sorted(child.rglob("*")):
            if file.suffix.lower() in IMAGE_SUFFIXES:
                yield file, named


def folder_label(name: str) -> str:
    """The character that a class's folder stands for; what is none is returned as it is."""
    if re.fullmatch("[2-7][0-9a-fA-F]", name) and chr(int(name, 16)).isprintable():
        return chr(int(name, 16))
    return unicodedata.normalize("NFC", name)


def is_char_folder(folder: Path) -> bool:
    """Whether the folder holds characters in folders a class, so that nobody need say so."""
    if (folder / "labels.tsv").exists() or not folder.is_dir():
        return False
    inside = folder / "train" if (folder / "train").is_dir() else folder
    names = [f.name for f in inside.iterdir() if f.is_dir() and not f.name.startswith(".")]
    return bool(names) and all(len(folder_label(name)) == 1 for name in names)


@dataclass(frozen=True)
class CharPart:
    """What became of some pictures: uint8 (n, 28, 28), labels and places in PARTS, both (n,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint16]
    parts: NDArray[np.uint8]
    dropped: Counter[str]

    @property
    def kept(self) -> int:
        """Number of characters."""
        return len(self.labels)

    @property
    def bytes(self) -> int:
        """Size of what is heavy."""
        return self.images.nbytes


class CharWriter:
    """Appends to the file of an unfinished store of characters whose size is not known before."""

    def __init__(self, file: h5py.File) -> None:
        self.file = file
        self.label_type = label_type(len(file.attrs["alphabet"]))

    def append(self, parts: Sequence[CharPart]) -> None:
        """Appends parts after what is there, in order."""
        images, labels, which = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("images", "labels", "parts")
        )
        for i in np.unique(which):
            group = self.file.require_group(PARTS[i])
            append(group, "images", images[which == i])
            append(group, "labels", labels[which == i].astype(self.label_type))

    def parts(self) -> dict[str, int]:
        """Characters by part."""
        return {name: len(self.file[name]["labels"]) for name in PARTS if name in self.file}


def plan(folder: Path, target: Path, options: Options) -> tuple[Conversion, int]:
    """How the store of a folder is made (see ``convert.convert``), and of how many pictures.

    Raises InputError where there are none, or no labels.
    """
    listed, dropped = list_characters(folder)
    listed = with_validation(listed, options)
    header = _header(folder, listed, options)

    def jobs(after: object) -> Iterator[Job]:
        for start in range(0, len(listed), FILES):
            some = listed[start : start + FILES]
            # What the listing left out is counted with the first.
            yield Job((some, header.alphabet, dropped if start == 0 else Counter()), len(some))

    return Conversion(target, header, CharWriter, jobs, read_characters), len(listed)


def with_validation(listed: list[Listed], options: Options) -> list[Listed]:
    """The pictures, a share of ``train`` moved to ``validation`` by the seed, unless the data have one."""
    if any(item.part == "validation" for item in listed):
        return listed
    train = [i for i, item in enumerate(listed) if item.part == "train"]
    order = np.random.default_rng([options.seed, len(train)]).permutation(len(train))
    held = {train[i] for i in order[: round(options.validation * len(train))]}
    return [Listed(x.path, x.label, "validation") if i in held else x for i, x in enumerate(listed)]


def _header(folder: Path, listed: list[Listed], options: Options) -> Header:
    digest, total = hashlib.sha256(), 0
    for item in listed:
        size = item.path.stat().st_size
        total += size
        digest.update(f"{os.path.relpath(item.path, folder)}\t{item.label}\t{item.part}\t{size}\n".encode())
    folder = folder.resolve()
    return char_header(
        folder.name,
        "".join(sorted({item.label for item in listed})),
        options.command(folder),
        created_from=(Source(folder.name, total),),
        seed=options.seed,
        listing_sha256=digest.hexdigest(),
        validation_share=options.validation,
    )


def read_characters(work: tuple[list[Listed], str, Counter[str]]) -> CharPart:
    """Reads and normalises some pictures."""
    listed, alphabet, before = work
    images, labels, parts, dropped = [], [], [], Counter(before)
    for item in listed:
        found = read_character(item.path)
        if isinstance(found, str):
            dropped[found] += 1
            continue
        images.append(found)
        labels.append(alphabet.index(item.label))
        parts.append(PARTS.index(item.part))
    stack = np.stack(images) if images else np.zeros((0, SIZE, SIZE), np.uint8)
    return CharPart(stack, np.array(labels, np.uint16), np.array(parts, np.uint8), dropped)


def read_character(path: Path) -> NDArray[np.uint8] | str:
    """The picture as 28×28, ink 255 on 0, or the reason why it is none."""
    from ocrcli.engine.charnorm import normalise
    from ocrcli.engine.images import load_pages
    from ocrcli.engine.whole import to_grey

    try:
        pixels = next(iter(load_pages(path, name=path.name))).pixels
    except (InputError, StopIteration):
        return BROKEN
    found = normalise(to_grey(pixels))
    return BLANK if found is None else found

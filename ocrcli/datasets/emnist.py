"""NIST's EMNIST archive (Cohen 2017, arXiv 1702.05373) → one store of characters a split.

``gzip.zip`` holds, for each split, ``gzip/emnist-SPLIT-{train,test}-{images-idx3,labels-idx1}-ubyte.gz``
and ``gzip/emnist-SPLIT-mapping.txt``. It is read as it is, in one pass and block by block; an
unpacked folder does too, and so do files out of their ``.gz``. The images lie transposed in it: here
they are turned upright, once. Labels become the characters that the mapping names, train and test
stay apart, and a fixed share of train, chosen by the seed alone, becomes the part ``validation``.
"""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.datasets.charstore import SIZE, PartWriter, char_header
from ocrcli.datasets.store import Header, Source, StoreWriter, is_made, needs_room, write_store
from ocrcli.errors import InputError

SOURCE = Path("data/raw/emnist/gzip.zip")  # where ocr download emnist leaves it
VALIDATION = 0.05  # of train: 34,897 of byclass, on which an accuracy of 85 % is known to 0.2 %
BLOCK = 4096  # images at a time: 3 MiB, which stay in a processor's cache between the steps
IMAGES_MAGIC, LABELS_MAGIC = 0x803, 0x801  # idx: unsigned bytes, of three dimensions and of one
DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, struct.error, NotImplementedError)

Told = Callable[[int], None]


@dataclass(frozen=True)
class Split:
    """What a split holds, by NIST."""

    train: int
    test: int
    classes: int


SPLITS = {  # Cohen 2017, table II, in NIST's present counts; mnist is MNIST's own digits
    "byclass": Split(697_932, 116_323, 62),
    "bymerge": Split(697_932, 116_323, 47),
    "balanced": Split(112_800, 18_800, 47),
    "letters": Split(124_800, 20_800, 26),
    "digits": Split(240_000, 40_000, 10),
    "mnist": Split(60_000, 10_000, 10),
}


@dataclass(frozen=True)
class Options:
    """What decides the content of a store beside the archive."""

    validation: float = VALIDATION
    seed: int = 0
    any_count: bool = False
    force: bool = False  # though the store is there; decides nothing

    def command(self, split: str) -> str:
        """The command that makes the store of a split."""
        words = ["ocr preprocess emnist --split", split]
        words += [f"--validation {self.validation:g}"] if self.validation != VALIDATION else []
        words += [f"--seed {self.seed}"] if self.seed else []
        return " ".join([*words, "--any-count"] if self.any_count else words)


@dataclass(frozen=True)
class Mapping:
    """The characters of a split: ``index[raw label]`` is the place in ``alphabet``, -1 for no class."""

    alphabet: str
    case_merged: str
    index: NDArray[np.int16]


class Archive:
    """``gzip.zip``, or the folder that it unpacks to. Raises InputError where neither is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            raise InputError(
                f"{path}: no such file; get it with 'ocr download emnist', or name a copy with --source"
            )
        try:
            self.zip = None if path.is_dir() else zipfile.ZipFile(path)
        except DAMAGED as error:
            raise InputError(f"{path}: {self._instead(path)}; get it with 'ocr download emnist'") from error

    @staticmethod
    def _instead(path: Path) -> str:
        """What a file is that is no archive: servers answer with pages where the archive has moved."""
        try:
            with path.open("rb") as file:
                start = file.read(512).lstrip().lower()
        except OSError as error:
            return error.strerror or str(error)
        return "a web page in place of the archive" if start.startswith(b"<") else "damaged, or not a zip"

    def sources(self, split: str) -> tuple[Source, ...]:
        """The archive, or of a folder the files of a split, for the record."""
        if self.zip is not None:
            return (Source.of(self.path),)
        found = {f.name: f for folder in self._folders() for f in folder.glob(f"emnist-{split}-*")}
        return tuple(Source.of(found[name]) for name in sorted(found))

    def _folders(self) -> tuple[Path, Path]:
        return self.path, self.path / "gzip"

    @contextmanager
    def open(self, name: str) -> Iterator[Any]:
        """A member, unpacked; ``name`` lacks ``gzip/`` and ``.gz``. Raises InputError, also for damage."""
        place = self._find(name)
        try:
            with ExitStack() as stack:
                raw: IO[bytes] = stack.enter_context(
                    self.zip.open(place) if self.zip else Path(place).open("rb")  # noqa: SIM115
                )
                yield stack.enter_context(gzip.GzipFile(fileobj=raw)) if place.endswith(".gz") else raw
        except DAMAGED as error:
            raise InputError(f"{self.path}: {name} is damaged: {error}") from error

    def _find(self, name: str) -> str:
        wanted = (name, f"{name}.gz")
        if self.zip is not None:
            found = sorted(n for n in self.zip.namelist() if n.rsplit("/", 1)[-1] in wanted)
        else:
            found = [str(f / n) for f in self._folders() for n in wanted if (f / n).exists()]
        if not found:
            raise InputError(f"{self.path}: has no {name} in it; is it NIST's gzip.zip of EMNIST?")
        return found[0]


def store_header(archive: Archive, split: str, options: Options) -> Header:
    """The header of a split's store. Raises InputError for a mapping that cannot be read."""
    mapping = read_mapping(archive, split)
    return char_header(
        f"emnist-{split}",
        mapping.alphabet,
        options.command(split),
        case_merged=mapping.case_merged,
        created_from=archive.sources(split),
        seed=options.seed,
        split=split,
        validation_share=options.validation,
    )


def read_mapping(archive: Archive, split: str) -> Mapping:
    """The classes of a split, by its ``mapping.txt``: lines ``label code [code of the other case]``.

    A letter whose other case is no class of its own stands for both cases: in *letters* by the
    mapping's own third column, in *bymerge* and *balanced* by Cohen's merging of C, I, J, ….
    """
    name = f"emnist-{split}-mapping.txt"
    with archive.open(name) as file:
        text = file.read().decode("ascii", "replace")
    try:
        rows = sorted([int(word) for word in line.split()] for line in text.splitlines() if line.strip())
        alphabet = "".join(chr(row[1]) for row in rows)
        index = np.full(256, -1, np.int16)
        index[[row[0] for row in rows]] = np.arange(len(rows))
    except (ValueError, IndexError, OverflowError) as error:
        raise InputError(f"{archive.path}: {name}: not lines of a label and a character's code") from error
    if len(rows) != SPLITS[split].classes or len(set(alphabet)) != len(rows):
        raise InputError(f"{archive.path}: {name}: {len(rows)} classes, {SPLITS[split].classes} expected")
    merged = "".join(c for c in alphabet if c.isalpha() and c.swapcase() not in alphabet)
    return Mapping(alphabet, merged, index)


def convert(
    source: Path, split: str, target: Path, options: Options, told: Told = lambda count: None
) -> bool:
    """Makes the store of a split; False when it is there already, made from the same.

    ``told`` hears of every block of images that is done. Raises InputError, naming both counts,
    when the archive does not hold what NIST's does (unless ``any_count``); OutputError.
    After a kill it begins anew: a split takes seconds, and the bytes are the same.
    """
    archive = Archive(source)
    header = store_header(archive, split, options)
    if not options.force and is_made(target, header):
        told(total_images([split]))
        return False
    if not options.any_count:
        needs_room(target, total_images([split]) * (SIZE * SIZE + 1))  # an image and its label
    with write_store(target, header) as writer:
        _convert(archive, split, options, writer, told)
    return True


def _convert(archive: Archive, split: str, options: Options, writer: StoreWriter, told: Told) -> None:
    mapping = read_mapping(archive, split)
    train, test = (read_labels(archive, split, part, mapping) for part in ("train", "test"))
    if not options.any_count:
        _check_count(archive, split, "train", len(train), SPLITS[split].train)
        _check_count(archive, split, "test", len(test), SPLITS[split].test)
    held = held_back(len(train), options)
    classes = len(mapping.alphabet)
    parts = {"train": PartWriter(writer, "train", int((~held).sum()), classes)}
    if held.any():
        parts["validation"] = PartWriter(writer, "validation", int(held.sum()), classes)
    for start, images in read_images(archive, split, "train", len(train)):
        rows = slice(start, start + len(images))
        for name, part in parts.items():
            chosen = held[rows] == (name == "validation")
            part.append(images[chosen], train[rows][chosen])
        told(len(images))
    official = PartWriter(writer, "test", len(test), classes)
    for start, images in read_images(archive, split, "test", len(test)):
        official.append(images, test[start : start + len(images)])
        told(len(images))


def _check_count(archive: Archive, split: str, part: str, found: int, expected: int) -> None:
    if found != expected:
        raise InputError(
            f"{archive.path}: {split} has {found:,} {part} images, NIST's has {expected:,}; "
            "is it a partial copy? --any-count takes it as it is"
        )


def held_back(count: int, options: Options) -> NDArray[np.bool_]:
    """Which images of train (count,) become the part ``validation``: the seed decides alone."""
    held = np.zeros(count, bool)
    chosen = np.random.default_rng([options.seed, count]).permutation(count)
    held[chosen[: round(options.validation * count)]] = True
    return held


def read_labels(archive: Archive, split: str, part: str, mapping: Mapping) -> NDArray[np.uint8]:
    """Labels of a part (n,), indices into the mapping's alphabet. Raises InputError."""
    name = f"emnist-{split}-{part}-labels-idx1-ubyte"
    with archive.open(name) as file:
        magic, count = struct.unpack(">II", file.read(8))
        raw = np.frombuffer(file.read(), np.uint8)
    if magic != LABELS_MAGIC or len(raw) != count:
        raise InputError(f"{archive.path}: {name} is damaged: {len(raw):,} labels, {count:,} announced")
    labels = mapping.index[raw]
    if len(raw) and labels.min() < 0:
        raise InputError(f"{archive.path}: {name} has label {raw[labels.argmin()]}, which the mapping lacks")
    return labels.astype(np.uint8)


def read_images(
    archive: Archive, split: str, part: str, expected: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Upright images of a part, block by block: the first one's place, and uint8 (k, 28, 28)."""
    name = f"emnist-{split}-{part}-images-idx3-ubyte"
    with archive.open(name) as file:
        magic, count, rows, columns = struct.unpack(">IIII", file.read(16))
        if (magic, rows, columns) != (IMAGES_MAGIC, SIZE, SIZE):
            raise InputError(f"{archive.path}: {name} is no idx file of images of 28×28")
        if count != expected:
            raise InputError(f"{archive.path}: {name} has {count:,} images for {expected:,} labels")
        for start in range(0, count, BLOCK):
            block = _read_block(file, min(BLOCK, count - start))
            yield start, np.ascontiguousarray(block.transpose(0, 2, 1))
        if file.read(1):  # reading on to the end is also what makes gzip compare its checksum
            raise InputError(f"{archive.path}: {name} has more in it than the {count:,} images it announces")


def _read_block(file: Any, count: int) -> NDArray[np.uint8]:
    """``count`` images (count, 28, 28) as they lie in the file. Raises EOFError when it ends before."""
    block = np.empty((count, SIZE, SIZE), np.uint8)
    view = memoryview(block.data).cast("B")
    done = 0
    while done < len(view):
        got = file.readinto(view[done:])
        if not got:
            raise EOFError("it ends before its last image")
        done += got
    return block


def total_images(splits: Iterable[str]) -> int:
    """Images of some splits, for a progress bar."""
    return sum(SPLITS[split].train + SPLITS[split].test for split in splits)

"""Images of one word or line each → a store of words: a ``labels.tsv``, or a ``.txt`` beside each image."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ocrcli.datasets.annotation import AnnotationError
from ocrcli.datasets.containers import Record
from ocrcli.datasets.convert import IMAGES, Conversion, Job
from ocrcli.datasets.quads import judge
from ocrcli.datasets.store import Header, Source
from ocrcli.datasets.synthtext import BROKEN, FAINT, FAINTEST, NO_IMAGE, NO_LABEL
from ocrcli.datasets.words import HEIGHT, read_labels
from ocrcli.datasets.wordstore import Word, WordPart, WordWriter, pack_words
from ocrcli.engine.images import load_pages
from ocrcli.engine.whole import to_grey, to_strip
from ocrcli.errors import InputError

IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".avif"}


@dataclass(frozen=True)
class FileSlice:
    """Files that are labelled images: path, name, text (None: in the ``.txt`` beside it)."""

    files: tuple[tuple[Path, str, str | None], ...]

    def records(self) -> Iterator[Record]:
        """Reads them; a file that is not there is None."""
        for path, name, text in self.files:
            try:
                image = path.read_bytes()
            except OSError:
                image = None
            yield Record(name, image, _beside(path) if text is None else text)


def _beside(path: Path) -> str | None:
    try:
        return " ".join(path.with_suffix(".txt").read_text("utf-8-sig").split())
    except (OSError, UnicodeDecodeError):
        return None


def plan(source: Path, target: Path, limit: int | None = None) -> tuple[Conversion, int]:
    """How the store of a folder or ``labels.tsv`` is made, and of how many images. Raises InputError."""
    files = list_words(source)[:limit]
    folder = source.resolve() if source.is_dir() else source.resolve().parent
    digest, total = hashlib.sha256(), 0
    for path, name, text in files:
        size = path.stat().st_size if path.is_file() else 0
        total += size
        digest.update(f"{name}\t{text}\t{size}\n".encode("utf-8", "replace"))
    command = f"ocr preprocess folder {folder.name}" + (f" --limit {limit}" if limit is not None else "")
    header = Header(
        "word",
        folder.name,
        command,
        created_from=(Source(folder.name, total),),
        more={"listing_sha256": digest.hexdigest()},
    )
    return Conversion(target, header, WordWriter, lambda _: file_jobs(files), read_words), len(files)


def list_words(source: Path) -> list[tuple[Path, str, str | None]]:
    """Images of a folder in a fixed order: path, name in the store, text where a table tells it.

    Raises InputError where there are neither a ``labels.tsv`` nor images with a ``.txt`` beside them.
    """
    table = source if source.suffix == ".tsv" else source / "labels.tsv"
    if table.is_file():
        return [(path, os.path.relpath(path, table.parent), text) for path, text in read_labels(table)]
    if not source.is_dir():
        raise InputError(f"{source}: {'not a folder' if source.exists() else 'no such folder'}")
    found: list[tuple[Path, str, str | None]] = [
        (path, path.relative_to(source).as_posix(), None)
        for path in sorted(source.rglob("*"))
        if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()
    ]
    if not any(path.with_suffix(".txt").is_file() for path, _, _ in found):
        raise InputError(
            f"{source}: no labelled words in it; expected a labels.tsv of image<TAB>text, "
            "or a .txt beside each image"
        )
    return found


def file_jobs(files: Iterable[tuple[Path, str, str | None]]) -> Iterator[Job]:
    """Files as jobs of IMAGES."""
    some: list[tuple[Path, str, str | None]] = []
    for file in files:
        some.append(file)
        if len(some) == IMAGES:
            yield Job(FileSlice(tuple(some)), len(some))
            some = []
    if some:
        yield Job(FileSlice(tuple(some)), len(some))


# --- in the workers ----------------------------------------------------------------------------


def read_words(payload: Any, decode: Callable[[bytes | None], np.ndarray] | None = None) -> WordPart:
    """Images that show a word each as strips; ``decode`` makes grey uint8 (H, W) of a file's bytes."""
    words: list[Word] = []
    names: list[str] = []
    dropped: Counter[str] = Counter()
    for record in payload.records():
        try:
            words.append(_word(record, (decode or decode_upright)(record.image), len(names)))
            names.append(record.name)
        except AnnotationError as error:
            dropped[str(error)] += 1
    return pack_words(words, names, dropped)


def _word(record: Record, grey: np.ndarray, source: int) -> Word:
    """The whole image as a word. Raises AnnotationError with the reason why it is none."""
    if not isinstance(record.label, str):
        raise AnnotationError(NO_LABEL)
    height, width = grey.shape
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float32)
    (reason,) = judge(corners, [record.label], (width, height)).reasons
    if reason:
        raise AnnotationError(reason)
    strip = to_strip(grey, HEIGHT)
    if strip.std() < FAINTEST:
        raise AnnotationError(FAINT)
    return Word(strip, " ".join(record.label.split()), corners[0], source)


def decode_upright(data: bytes | None) -> np.ndarray:
    """Luma uint8 (H, W) of any image that ``ocr predict`` reads. Raises AnnotationError."""
    if data is None:
        raise AnnotationError(NO_IMAGE)
    try:
        return to_grey(next(load_pages(data, name="")).pixels)
    except (InputError, StopIteration) as error:
        raise AnnotationError(BROKEN) from error

"""Readers of labelled sets: ``labels.tsv``, ``pages.jsonl`` and character arrays.

Whatever is wrong with a label file is said once, with its line, before anything is read.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ocrcli.document import Quad, as_quad
from ocrcli.errors import InputError

UNREADABLE = ("", "###")  # texts by which labels mark a word that nobody can read (ICDAR 2015)

Sample = TypeVar("Sample")


@dataclass(frozen=True, slots=True)
class TruthWord:
    """One true word, or line, of a page. ``ignore``: neither right nor wrong when found."""

    text: str
    quad: Quad | None = None
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class TruthPage:
    """What should be read on one page. ``text`` is None where the set does not give it."""

    image: Path
    words: tuple[TruthWord, ...]
    text: str | None


@dataclass(frozen=True)
class TruthChars:
    """Character images ``(n, h, w)``, their labels and which labels stand for both cases."""

    images: NDArray[np.uint8]
    labels: list[str] | NDArray[np.integer]
    case_merged: NDArray[np.bool_]


def read_word_labels(path: Path, limit: int | None = None) -> list[tuple[Path, str]]:
    """Images and texts of a ``labels.tsv``: ``image<TAB>text``, paths relative to the file.

    Raises InputError, naming the line, for a line without a tab or an image that is not there.
    """
    samples: list[tuple[Path, str]] = []
    for number, line in _lines(path, limit):
        image, tab, text = line.partition("\t")
        if not tab:
            raise InputError(f"{path}:{number}: expected image<TAB>text, found no tab")
        samples.append((_existing(path, number, image), text))
    return _not_empty(path, samples)


def read_pages(path: Path, limit: int | None = None) -> list[TruthPage]:
    """Pages of a ``pages.jsonl``: ``{"image", "words": [{"text", "quad", "ignore"?}], "text"}``.

    Raises InputError, naming the line, for a line that is no such object or an image that is not there.
    """
    pages: list[TruthPage] = []
    for number, line in _lines(path, limit):
        try:
            record = json.loads(line)
            words = tuple(_word(word) for word in record.get("words") or ())
            image, text = record["image"], record.get("text")
            if not isinstance(image, str) or not isinstance(text, str | None):
                raise TypeError("image and text must be strings")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(f"{path}:{number}: not a labelled page: {_first_line(error)}") from error
        pages.append(TruthPage(_existing(path, number, image), words, text))
    return _not_empty(path, pages)


def read_chars(path: Path, limit: int | None = None, held_back: bool = False) -> TruthChars:
    """Arrays ``images`` uint8 (n, h, w) and ``labels`` (characters, or classes of the model) of an ``.npz``.

    ``case_merged``, where present, marks labels that stand for both cases. Of a store (``.h5``) the part
    ``test`` is taken, or its only one. ``held_back`` takes what `ocr train char` holds back of the
    file: its fixed tenth, or the store's part ``validation``. Raises InputError.
    """
    if held_back or path.suffix.lower() in (".h5", ".hdf5"):
        return _trained_part(path, limit, held_back)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            images, labels = arrays["images"][:limit], arrays["labels"][:limit]
            merged = arrays["case_merged"][:limit] if "case_merged" in arrays else np.zeros(len(labels), bool)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not an .npz with images and labels") from error
    if images.ndim != 3 or images.dtype != np.uint8 or not len(images) == len(labels) == len(merged):
        raise InputError(f"{path}: images must be uint8 (n, height, width) with as many labels")
    if not len(images):
        raise InputError(f"{path}: holds no samples")
    if labels.dtype.kind in "iu":
        return TruthChars(images, labels, merged.astype(bool))
    texts = [x.decode("utf-8", "replace") if isinstance(x, bytes) else str(x) for x in labels.tolist()]
    return TruthChars(images, texts, merged.astype(bool))


def _trained_part(path: Path, limit: int | None, held_back: bool) -> TruthChars:
    """Characters as training reads them, from a store or the held-back tenth of any source."""
    try:
        from ocrcli.datasets import chars
    except ImportError as error:  # h5py
        raise InputError(f"{path}: reading it needs: pip install 'ocrcli[train]'") from error
    part = chars.read_parts(path)[1] if held_back else chars.read_chars(path)
    if not len(part):
        raise InputError(f"{path}: holds no samples of that part")
    return TruthChars(part.images[:limit], part.labels[:limit].tolist(), part.merged[:limit])


def _word(record: dict[str, Any]) -> TruthWord:
    text, quad = record["text"], record.get("quad")
    if not isinstance(text, str):
        raise TypeError("the text of a word must be a string")
    ignore = bool(record.get("ignore")) or text.strip() in UNREADABLE
    return TruthWord(text, None if quad is None else as_quad(quad), ignore)


def _lines(path: Path, limit: int | None) -> list[tuple[int, str]]:
    """Numbered lines of a text file that are not blank, ``limit`` of them."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    numbered = [(i, line.rstrip("\r")) for i, line in enumerate(lines, 1) if line.strip()]
    return numbered[:limit]


def _existing(labels: Path, number: int, image: str) -> Path:
    found = labels.parent / image
    if not image or not found.is_file():
        raise InputError(f"{labels}:{number}: no such image: {found}")
    return found


def _not_empty(path: Path, samples: list[Sample]) -> list[Sample]:
    if not samples:
        raise InputError(f"{path}: holds no samples")
    return samples


def _first_line(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error).split("\n")[0]

"""The store of pages: encoded images with the quads and texts of their lines and words.

* ``pages``: ``images`` and ``images_ends``, the files' own bytes (JPEG, PNG …) and where each ends (see
  ``columns.py``); ``sizes`` int32 (n, 2), width and height; ``names`` and ``names_ends``; and where each
  page's lines, words and characters end in the groups below: ``lines``, ``words``, ``chars`` uint64 (n,)
* ``lines``: ``quads`` float32 (m, 4, 2) in pixels; ``ignore`` uint8 (m,), 1 where nobody can read it;
  ``texts`` and ``texts_ends``
* ``words``: ``quads``, ``texts`` and ``texts_ends``; ``line`` int32, the line of its page that it stands in
* ``chars``: ``quads``, one for each character of the words, in order; none where the dataset has none
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import h5py
import numpy as np
from PIL import Image

from ocrcli.datasets.columns import append, append_blobs, append_texts, read_blobs, read_texts
from ocrcli.datasets.store import Store, StoreError

NO_QUADS = np.zeros((0, 4, 2), np.float32)


@dataclass(frozen=True)
class StoredPage:
    """One page: the image file's bytes, its name and (width, height); lines, words, characters.

    Quads are float32 (n, 4, 2). ``ignore`` bool (m,) marks lines that nobody can read; ``line`` (k,) is the
    line of each word.
    """

    image: bytes
    name: str
    size: tuple[int, int]
    line_quads: np.ndarray
    line_texts: list[str]
    ignore: np.ndarray
    word_quads: np.ndarray = field(default_factory=lambda: NO_QUADS)
    word_texts: list[str] = field(default_factory=list)
    line: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    char_quads: np.ndarray = field(default_factory=lambda: NO_QUADS)

    def pixels(self) -> np.ndarray:
        """RGB uint8 (H, W, 3), as it lies in the file: quads are not turned by EXIF."""
        with Image.open(io.BytesIO(self.image)) as image:
            return np.asarray(image.convert("RGB"))


@dataclass(frozen=True)
class PagePart:
    """What becomes of a few images: pages, and why words or pages were dropped."""

    pages: list[StoredPage]
    dropped: Counter[str] = field(default_factory=Counter)

    @property
    def kept(self) -> int:
        """Number of pages."""
        return len(self.pages)

    @property
    def bytes(self) -> int:
        """Size of what is heavy."""
        return sum(len(page.image) for page in self.pages)


class PageWriter:
    """Appends to the file of an unfinished store of pages; see ``convert.py``."""

    kind = "page"

    def __init__(self, file: h5py.File) -> None:
        self.file = file

    def append(self, parts: Sequence[PagePart]) -> None:
        """Appends parts after what is there, in order: one write a column."""
        found = [page for part in parts for page in part.pages]
        pages, lines, words, chars = (
            self.file.require_group(name) for name in ("pages", "lines", "words", "chars")
        )
        append_blobs(pages, "images", [page.image for page in found])
        append_texts(pages, "names", [page.name for page in found])
        append(pages, "sizes", np.array([page.size for page in found], np.int32).reshape(-1, 2))
        for name, counts in (
            ("lines", [len(page.line_quads) for page in found]),
            ("words", [len(page.word_quads) for page in found]),
            ("chars", [len(page.char_quads) for page in found]),
        ):
            before = len(self.file[name]["quads"]) if "quads" in self.file[name] else 0
            append(pages, name, (before + np.cumsum(counts)).astype(np.uint64))
        append(lines, "quads", _joined([page.line_quads for page in found]))
        append(lines, "ignore", np.array([x for page in found for x in page.ignore], np.uint8))
        append_texts(lines, "texts", [text for page in found for text in page.line_texts])
        append(words, "quads", _joined([page.word_quads for page in found]))
        append(words, "line", np.array([x for page in found for x in page.line], np.int32))
        append_texts(words, "texts", [text for page in found for text in page.word_texts])
        append(chars, "quads", _joined([page.char_quads for page in found]))

    def parts(self) -> dict[str, int]:
        """Pages alone: they are the samples."""
        return {"pages": len(self.file["pages/sizes"]) if "pages" in self.file else 0}


def _joined(quads: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([NO_QUADS, *quads]).astype(np.float32)


class PageStore(Store):
    """A store of pages. Raises StoreError when the file is none.

    Usable from many worker processes: it is opened in each when it is first read there.
    """

    kind = "page"

    def __len__(self) -> int:
        return self.info.samples

    def counts(self) -> dict[str, int]:
        """Lines, words and characters of all pages."""
        return {name: len(self.file[name]["quads"]) if name in self.file else 0
                for name in ("lines", "words", "chars")}  # fmt: skip

    def read(self, index: int) -> StoredPage:
        """One page, its image still encoded. Raises StoreError."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        try:
            pages, lines, words, chars = (self.file[name] for name in ("pages", "lines", "words", "chars"))
            line, word, char = (self._range(name, index) for name in ("lines", "words", "chars"))
            width, height = pages["sizes"][index].tolist()
            return StoredPage(
                read_blobs(pages, "images", index, index + 1)[0],
                read_texts(pages, "names", index, index + 1)[0],
                (width, height),
                lines["quads"][slice(*line)],
                read_texts(lines, "texts", *line),
                lines["ignore"][slice(*line)].astype(bool),
                words["quads"][slice(*word)],
                read_texts(words, "texts", *word),
                words["line"][slice(*word)],
                chars["quads"][slice(*char)],
            )
        except (KeyError, OSError, ValueError, IndexError) as error:
            raise StoreError(f"{self.path}: damaged: page {index}: {error}") from error

    def _range(self, name: str, index: int) -> tuple[int, int]:
        ends = self.file["pages"][name][max(index - 1, 0) : index + 1].tolist()
        return (ends[0], ends[1]) if index else (0, ends[0])

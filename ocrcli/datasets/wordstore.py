"""The store of words: strips of height 32, grouped by width. A group ``strips/W`` for each of BUCKETS has

* ``pixels`` uint8 (n, 32, W), right-padded by each strip's last column; ``widths`` int32 (n,), before padding
* ``texts`` and ``texts_ends``: the texts' UTF-8 bytes and where each ends (see ``columns.py``)
* ``source`` uint32 (n,), rows of the root's ``sources/names``; ``box`` float32 (n, 4, 2) in its pixels

Strips stay in the order of their sources. They are not compressed: a batch of one group is one read,
at the speed of the disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

from ocrcli.datasets.columns import append, append_texts, read_texts
from ocrcli.datasets.store import Store, StoreError
from ocrcli.datasets.words import BUCKETS, HEIGHT, LabelledStrip, bucket_of, fit_strip, pad_strips


@dataclass(frozen=True)
class Word:
    """A strip uint8 (32, w), its text, and where it was cut: quad (4, 2) in image ``source`` of its part."""

    strip: np.ndarray
    text: str
    quad: np.ndarray
    source: int = 0


@dataclass(frozen=True)
class Bucket:
    """Words of like width: the columns of a group of the store."""

    pixels: np.ndarray
    widths: np.ndarray
    source: np.ndarray
    box: np.ndarray
    texts: list[str]


@dataclass(frozen=True)
class WordPart:
    """What becomes of a few images: words by width, the images' names, why others were dropped."""

    buckets: dict[int, Bucket]
    names: list[str]
    dropped: Counter[str] = field(default_factory=Counter)

    @property
    def kept(self) -> int:
        """Number of words."""
        return sum(len(bucket.texts) for bucket in self.buckets.values())

    @property
    def bytes(self) -> int:
        """Size of what is heavy."""
        return sum(bucket.pixels.nbytes for bucket in self.buckets.values())


def pack_words(words: Iterable[Word], names: list[str], dropped: Counter[str]) -> WordPart:
    """Words sorted into their buckets, their order kept."""
    fitted = [(fit_strip(word.strip), word) for word in words]
    where = bucket_of(np.array([strip.shape[1] for strip, _ in fitted], np.int64))
    buckets = {}
    for index in np.unique(where):
        chosen = [fitted[i] for i in np.flatnonzero(where == index)]
        width = BUCKETS[index]
        buckets[width] = Bucket(
            pad_strips([strip for strip, _ in chosen], width)[:, 0],
            np.array([strip.shape[1] for strip, _ in chosen], np.int32),
            np.array([word.source for _, word in chosen], np.uint32),
            np.array([word.quad for _, word in chosen], np.float32).reshape(-1, 4, 2),
            [word.text for _, word in chosen],
        )
    return WordPart(buckets, names, dropped)


class WordWriter:
    """Appends to the file of an unfinished store of words; see ``convert.py``."""

    kind = "word"

    def __init__(self, file: h5py.File) -> None:
        self.file = file

    def append(self, parts: Sequence[WordPart]) -> None:
        """Appends parts after what is there, in order: one write a column."""
        sources = self.file.require_group("sources")
        firsts = np.cumsum([_length(sources, "names_ends"), *(len(part.names) for part in parts)])
        append_texts(sources, "names", [name for part in parts for name in part.names])
        for width in BUCKETS:
            found = [(part.buckets[width], first) for part, first in zip(parts, firsts[:-1], strict=True)
                     if width in part.buckets]  # fmt: skip
            if not found:
                continue
            group = self.file.require_group(f"strips/{width}")
            append(group, "pixels", np.concatenate([bucket.pixels for bucket, _ in found]))
            append(group, "widths", np.concatenate([bucket.widths for bucket, _ in found]))
            rows = [bucket.source + np.uint32(first) for bucket, first in found]
            append(group, "source", np.concatenate(rows).astype(np.uint32))
            append(group, "box", np.concatenate([bucket.box for bucket, _ in found]))
            append_texts(group, "texts", [text for bucket, _ in found for text in bucket.texts])

    def parts(self) -> dict[str, int]:
        """Words by group."""
        found = {f"strips/{width}": self.file.get(f"strips/{width}/widths") for width in BUCKETS}
        return {name: len(column) for name, column in found.items() if column is not None}


def _length(group: h5py.Group, name: str) -> int:
    return len(group[name]) if name in group else 0


@dataclass(frozen=True)
class StripBatch:
    """Some strips of one bucket: ``pixels`` uint8 (n, 32, W), ``widths`` (n,), ``texts``."""

    pixels: np.ndarray
    widths: np.ndarray
    texts: list[str]

    def strips(self) -> list[LabelledStrip]:
        """Each without its padding."""
        rows = zip(self.pixels, self.widths.tolist(), self.texts, strict=True)
        return [LabelledStrip(pixels[:, :width], text) for pixels, width, text in rows]


class WordStore(Store):
    """A store of words. Raises StoreError when the file is none.

    Usable from many worker processes: it is opened in each when it is first read there.
    """

    kind = "word"

    def __init__(self, path: Path | str) -> None:
        super().__init__(path)
        try:
            self.buckets = {int(name.split("/")[1]): count for name, count in self.info.parts.items()}
        except (IndexError, ValueError) as error:
            raise StoreError(f"{path}: damaged: its parts are no widths") from error

    def __len__(self) -> int:
        return sum(self.buckets.values())

    def read(self, width: int, start: int, count: int) -> StripBatch:
        """``count`` strips of bucket ``width`` from row ``start`` on: one contiguous read.

        Fewer where the bucket ends. Raises StoreError.
        """
        stop = min(start + count, self.buckets[width])
        try:
            group = self.file[f"strips/{width}"]
            pixels, widths = group["pixels"][start:stop], group["widths"][start:stop]
            texts = read_texts(group, "texts", start, stop)
        except (KeyError, OSError, ValueError) as error:
            raise StoreError(f"{self.path}: damaged: {error}") from error
        if pixels.shape[1:] != (HEIGHT, width) or len(texts) != stop - start or len(pixels) != stop - start:
            raise StoreError(f"{self.path}: damaged: strips/{width} is shorter than it says")
        return StripBatch(pixels, widths, texts)

    def boxes(self, width: int, start: int, count: int) -> tuple[np.ndarray, list[str]]:
        """Where strips were cut: quads float32 (n, 4, 2), and the names of the images."""
        stop = min(start + count, self.buckets[width])
        group, sources = self.file[f"strips/{width}"], self.file["sources"]
        names = [
            read_texts(sources, "names", row, row + 1)[0] for row in group["source"][start:stop].tolist()
        ]
        return group["box"][start:stop], names

    def locate(self, index: int) -> tuple[int, int]:
        """Bucket and row of strip ``index``, counted over all buckets, narrow ones first."""
        for width, count in self.buckets.items():
            if index < count:
                return width, index
            index -= count
        raise IndexError(index)

    def spread(self, count: int) -> list[LabelledStrip]:
        """``count`` strips evenly spread over the store (all of a smaller one)."""
        places = np.unique(np.linspace(0, len(self) - 1, min(count, len(self))).astype(int))
        return [self.read(*self.locate(int(i)), 1).strips()[0] for i in places]

"""The store of characters: a group a part (``train``, ``validation``, ``test``), each with

* ``images`` uint8 (n, 28, 28), upright, ink 255 on 0, in chunks;
* ``labels`` uint8 (n,), indices into the root's ``alphabet`` (uint16 beyond 256 classes).

The root's ``case_merged`` holds the characters of the alphabet whose label stands for both cases.

Images are not compressed. With LZF they would take 42 % of the space, but be read at a twelfth of the
rate, and one at a time not at all: 16 million images a second of a core become 0.4 million.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ocrcli.datasets.store import Header, Source, Store, StoreError, StoreWriter

SIZE = 28  # pixels of a side, EMNIST's
CHUNK = 1024  # images: 784 KiB, large enough for a disk and small enough for a cache
PARTS = ("train", "validation", "test")


def char_header(
    dataset: str,
    alphabet: str,
    command: str,
    *,
    case_merged: str = "",
    created_from: tuple[Source, ...] = (),
    seed: int = 0,
    **more: str | int | float,
) -> Header:
    """The header of a store of characters."""
    attributes = {"case_merged": case_merged, **more}
    return Header("char", dataset, command, alphabet, created_from, seed, attributes)


def label_type(classes: int) -> type[np.uint8] | type[np.uint16]:
    """What the labels of so many classes are kept in."""
    return np.uint8 if classes <= 256 else np.uint16


class PartWriter:
    """One part of a store that is being written: ``size`` samples, appended block by block."""

    def __init__(self, writer: StoreWriter, name: str, size: int, classes: int) -> None:
        group = writer.file.create_group(name)
        self.images = _images(group, size)
        self.labels = group.create_dataset("labels", (size,), label_type(classes), track_times=False)
        self.written = 0
        writer.parts[name] = size

    def append(self, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> None:
        """Images (k, 28, 28) and the indices of their labels (k,) after those before them."""
        end = self.written + len(images)
        if len(images):
            self.images[self.written : end] = images
            self.labels[self.written : end] = labels
        self.written = end


def _images(group: h5py.Group, size: int) -> h5py.Dataset:
    """An array for ``size`` images whose chunks lie in a row in the file, in order."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)  # all chunks at once, hence in a row
    properties.set_fill_time(h5py.h5d.FILL_TIME_IFSET)  # what the last chunk has beyond the end is 0
    properties.set_obj_track_times(False)
    shape, chunks = (size, SIZE, SIZE), (min(CHUNK, size), SIZE, SIZE)
    return group.create_dataset("images", shape, np.uint8, chunks=chunks if size else None, dcpl=properties)


class CharStore(Store):
    """A store of characters. Raises StoreError when the file is none.

    Usable from many worker processes: it is opened in each when it is first read there.
    """

    kind = "char"

    def __init__(self, path: Path | str) -> None:
        super().__init__(path)
        if "case_merged" not in self.info.attributes or not self.info.alphabet:
            raise StoreError(f"{path}: damaged: it names no alphabet")
        self._mapped: dict[str, NDArray[np.uint8]] = {}

    @property
    def alphabet(self) -> str:
        """The characters, in the order of the labels."""
        return self.info.alphabet

    @property
    def case_merged(self) -> str:
        """The characters of the alphabet whose label stands for both cases."""
        return str(self.info.attributes["case_merged"])

    @property
    def parts(self) -> dict[str, int]:
        """Samples of each part that is there, ``train`` first."""
        return self.info.parts

    def images(self, part: str) -> NDArray[np.uint8]:
        """All images of a part, uint8 (n, 28, 28), mapped into memory and read when they are touched.

        Any index works, and the pages are shared between processes. Read-only. Raises StoreError.
        """
        if part not in self._mapped:
            self._mapped[part] = self._map(self._dataset(part, "images"))
        return self._mapped[part]

    def labels(self, part: str) -> NDArray[np.uint8 | np.uint16]:
        """Labels of a part (n,), indices into ``alphabet``. Raises StoreError."""
        labels = self._dataset(part, "labels")[:]
        if len(labels) and labels.max() >= len(self.alphabet):
            raise StoreError(f"{self.path}: damaged: a label of {part} is beyond its alphabet")
        return labels

    def characters(self, part: str) -> NDArray[np.str_]:
        """Labels of a part (n,), a character each. Raises StoreError."""
        return np.array(list(self.alphabet))[self.labels(part)]

    def merged(self, part: str) -> NDArray[np.bool_]:
        """Which labels of a part (n,) stand for both cases. Raises StoreError."""
        return np.array([c in self.case_merged for c in self.alphabet])[self.labels(part)]

    def close(self) -> None:
        """Closes the file; reading opens it again. Arrays that were given out stay valid."""
        self._mapped = {}
        super().close()

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_mapped": {}}  # a mapped array would be pickled whole

    def _dataset(self, part: str, name: str) -> h5py.Dataset:
        if part not in self.parts:
            raise StoreError(f"{self.path}: has no part {part}, only {', '.join(self.parts) or 'none'}")
        dataset = self.file.get(f"{part}/{name}")
        if not isinstance(dataset, h5py.Dataset) or len(dataset) != self.parts[part]:
            raise StoreError(f"{self.path}: damaged: {name} of {part} are not {self.parts[part]}")
        return dataset

    def _map(self, images: h5py.Dataset) -> NDArray[np.uint8]:
        """The array in the file itself where its chunks lie in a row, as ours do; else a copy of it."""
        chunk = images.chunks
        if images.shape[1:] != (SIZE, SIZE) or images.dtype != np.uint8:
            raise StoreError(f"{self.path}: damaged: images of {images.dtype} {images.shape}")
        if chunk is None or chunk[1:] != (SIZE, SIZE) or images.id.get_create_plist().get_nfilters():
            return images[:]
        found = [images.id.get_chunk_info(i) for i in range(images.id.get_num_chunks())]
        step = chunk[0] * SIZE * SIZE
        first = found[0].byte_offset if found else 0
        in_a_row = all(
            info.byte_offset == first + i * step and info.chunk_offset[0] == i * chunk[0]
            for i, info in enumerate(found)
        )
        if not in_a_row or len(found) * chunk[0] < len(images):
            return images[:]
        return np.memmap(self.path, np.uint8, "r", first, images.shape)

"""Columns of a store that grow while it is made: arrays along their first axis, and texts.

A column of texts is two datasets: ``NAME``, the UTF-8 bytes of all texts one after the other, and
``NAME_ends`` uint64 (n,), where each ends. HDF5's own strings of varying length lie scattered
in the file and are read one at a time; these are read with two slices.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import h5py
import numpy as np

# Bytes of a chunk: of pixels, large enough for a disk and a batch; of what goes with them less, as the
# first chunk of every column takes its room even in a store of a few samples.
BULK_CHUNK, CHUNK = 1 << 18, 1 << 16
BULK = ("pixels", "images")


def append(group: h5py.Group, name: str, values: np.ndarray) -> None:
    """Appends ``values`` (k, …) to the dataset ``name``, which is made at its first value."""
    if name not in group:
        row = max(int(values[:1].nbytes), values.itemsize * int(np.prod(values.shape[1:], dtype=int)), 1)
        group.create_dataset(
            name,
            shape=(0, *values.shape[1:]),
            maxshape=(None, *values.shape[1:]),
            dtype=values.dtype,
            chunks=(max((BULK_CHUNK if name in BULK else CHUNK) // row, 1), *values.shape[1:]),
            track_times=False,
        )
    dataset = group[name]
    start = len(dataset)
    dataset.resize(start + len(values), axis=0)
    if len(values):
        dataset[start:] = values


def append_blobs(group: h5py.Group, name: str, blobs: Sequence[bytes]) -> None:
    """Appends byte strings to the column ``name``."""
    before = len(group[name]) if name in group else 0
    ends = before + np.cumsum([len(blob) for blob in blobs], dtype=np.uint64)
    append(group, name, np.frombuffer(b"".join(blobs), np.uint8))
    append(group, f"{name}_ends", ends.astype(np.uint64))


def append_texts(group: h5py.Group, name: str, texts: Sequence[str]) -> None:
    """Appends texts to the column ``name``."""
    append_blobs(group, name, [text.encode("utf-8", "replace") for text in texts])


def read_blobs(group: h5py.Group, name: str, start: int, stop: int) -> list[bytes]:
    """The byte strings ``start`` … ``stop`` of a column."""
    first = max(start - 1, 0)
    ends = group[f"{name}_ends"][first:stop].astype(np.int64)
    if start == 0:
        ends = np.concatenate([[0], ends])
    if len(ends) < 2:
        return []
    whole = group[name][ends[0] : ends[-1]].tobytes()
    return [whole[a:b] for a, b in pairwise((ends - ends[0]).tolist())]


def read_texts(group: h5py.Group, name: str, start: int, stop: int) -> list[str]:
    """The texts ``start`` … ``stop`` of a column."""
    return [blob.decode() for blob in read_blobs(group, name, start, stop)]

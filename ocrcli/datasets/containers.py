"""Files that hold many labelled images: webdataset tars and Parquet files, cut into slices for workers.

A slice is only told where its samples lie; the worker that gets it reads them.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ocrcli.datasets.convert import IMAGES, Job
from ocrcli.datasets.store import Source
from ocrcli.errors import InputError

IMAGE_SUFFIXES = ("jpg", "jpeg", "png", "webp")
LABEL_SUFFIXES = ("json",)
# Names of columns; the first that a file has is taken.
IMAGE_COLUMNS, LABEL_COLUMNS, NAME_COLUMNS = ("jpg", "image", "png"), ("json", "label", "text"), ("__key__",)
READ_ROWS = 256  # of a row group, at a time
MOST_ROWS = 512  # of a slice: what becomes of it must fit into memory a few times
LISTED_SOURCES = 400  # files that a store names one by one: HDF5 holds 64 KiB an attribute


@dataclass(frozen=True)
class Record:
    """A labelled image as it lies in a file; what is missing is None."""

    name: str
    image: bytes | None
    label: Any


Span = tuple[int, int] | None  # offset and length in a tar


@dataclass(frozen=True)
class TarSlice:
    """Samples of a webdataset tar: name, where the image and where the label lies."""

    path: Path
    samples: tuple[tuple[str, Span, Span], ...]

    def records(self) -> Iterator[Record]:
        """Reads them. Raises InputError."""
        try:
            with self.path.open("rb") as file:
                for name, image, label in self.samples:
                    yield Record(name, _part(file, image), _part(file, label))
        except OSError as error:
            raise InputError(f"{self.path}: {error.strerror or error}") from error


def _part(file: BinaryIO, span: Span) -> bytes | None:
    if span is None:
        return None
    file.seek(span[0])
    return file.read(span[1])


@dataclass(frozen=True)
class ParquetSlice:
    """Rows ``start`` … ``stop`` of a row group of a Parquet file."""

    path: Path
    group: int
    start: int
    stop: int

    def records(self) -> Iterator[Record]:
        """Reads them. Raises InputError."""
        from pyarrow import ArrowException, parquet

        try:
            with parquet.ParquetFile(self.path) as file:
                columns = _columns(file, self.path)
                wanted = [name for name in columns if name]
                row = 0
                for batch in file.iter_batches(READ_ROWS, row_groups=[self.group], columns=wanted):
                    for values in batch.slice(max(self.start - row, 0), max(self.stop - row, 0)).to_pylist():
                        yield _record(values, columns, f"{self.path.name}/{self.group}")
                    row += len(batch)
                    if row >= self.stop:
                        return
        except (OSError, ArrowException) as error:
            raise InputError(f"{self.path}: damaged, or cut short ({_short(error)})") from error


def _columns(file: Any, path: Path) -> tuple[str, str, str]:
    """Names of the columns of image, label and key ("" for none). Raises InputError."""
    names = file.schema_arrow.names
    image, label, key = (
        next((name for name in wanted if name in names), "")
        for wanted in (IMAGE_COLUMNS, LABEL_COLUMNS, NAME_COLUMNS)
    )
    if not image or not label:
        raise InputError(
            f"{path}: has the columns {', '.join(names)}; expected jpg and json, or image and label"
        )
    return image, label, key


def _record(values: dict[str, Any], columns: tuple[str, str, str], place: str) -> Record:
    image, label, key = columns
    picture = values[image]
    picture = picture.get("bytes") if isinstance(picture, dict) else picture  # datasets' Image feature
    return Record(f"{place}/{values[key]}" if key else place, picture, values[label])


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def slices(paths: Iterable[Path], limit: int | None = None) -> Iterator[Job]:
    """The samples of all files in order, ``limit`` of them, as jobs of IMAGES. Raises InputError."""
    left = limit if limit is not None else 1 << 62
    for path in paths:
        for payload, count in _tar_slices(path) if path.suffix == ".tar" else _parquet_slices(path):
            if left <= 0:
                return
            if count > left:
                payload, count = _cut(payload, left), left
            left -= count
            yield Job(payload, count)


def _cut(payload: TarSlice | ParquetSlice, count: int) -> TarSlice | ParquetSlice:
    if isinstance(payload, TarSlice):
        return TarSlice(payload.path, payload.samples[:count])
    return ParquetSlice(payload.path, payload.group, payload.start, payload.start + count)


def _parquet_slices(path: Path) -> Iterator[tuple[ParquetSlice, int]]:
    from pyarrow import ArrowException, parquet

    try:
        meta = parquet.read_metadata(path)
        rows = [meta.row_group(i).num_rows for i in range(meta.num_row_groups)]
    except (OSError, ArrowException) as error:
        raise InputError(f"{path}: damaged, or cut short ({_short(error)})") from error
    for group, count in enumerate(rows):
        # A worker reads a row group from its beginning: large ones are cut into larger slices.
        size = min(IMAGES * (1 + count // (32 * IMAGES)), MOST_ROWS)
        for start in range(0, count, size):
            stop = min(start + size, count)
            yield ParquetSlice(path, group, start, stop), stop - start


def _tar_slices(path: Path) -> Iterator[tuple[TarSlice, int]]:
    batch: list[tuple[str, Span, Span]] = []
    for sample in _tar_samples(path):
        batch.append(sample)
        if len(batch) == IMAGES:
            yield TarSlice(path, tuple(batch)), len(batch)
            batch = []
    if batch:
        yield TarSlice(path, tuple(batch)), len(batch)


def _tar_samples(path: Path) -> Iterator[tuple[str, Span, Span]]:
    """Samples of a webdataset tar: neighbouring files with the same name up to its first dot."""
    name, image, label = "", None, None
    for member in _members(path):
        folder, _, file = member.name.rpartition("/")
        stem, _, suffix = file.partition(".")
        key = f"{folder}/{stem}" if folder else stem
        if key != name and (image or label):
            yield f"{path.stem}/{name}", image, label
        if key != name:
            name, image, label = key, None, None
        span = (member.offset_data, member.size)
        if suffix.lower() in IMAGE_SUFFIXES:
            image = span
        elif suffix.lower() in LABEL_SUFFIXES:
            label = span
    if image or label:
        yield f"{path.stem}/{name}", image, label


def _members(path: Path) -> Iterator[tarfile.TarInfo]:
    """The files of a tar. Raises InputError, also when the last of them is cut short."""
    try:
        size = path.stat().st_size
        with tarfile.open(path, "r:") as tar:
            while (member := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined] # or it would keep them all
                if member.isfile():
                    if member.offset_data + member.size > size:
                        raise InputError(f"{path}: cut short; download it again")
                    yield member
    except (OSError, tarfile.TarError) as error:
        raise InputError(f"{path}: damaged, or cut short ({_short(error)})") from error


def sources(paths: Iterable[Path], folder: str) -> tuple[Source, ...]:
    """The files as a store records them: one by one, or a great many together."""
    found = tuple(Source.of(path) for path in paths)
    if len(found) <= LISTED_SOURCES:
        return found
    return (Source(f"{folder} ({len(found)} files)", sum(source.bytes for source in found)),)

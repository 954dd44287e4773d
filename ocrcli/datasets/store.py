"""The HDF5 store that training reads: what the stores of characters, words and pages share.

A store appears whole or not at all: it is written to ``NAME.h5.part`` and renamed at the end.
It holds no time stamp and nothing of the machine, so that the same input, seed and code give
the same bytes. Attributes of the root (texts, unless said otherwise):

* ``schema``: ``ocrcli-store/1``; ``kind``: ``char``, ``word`` or ``page``
* ``dataset``: ``emnist-byclass``, ``synthtext``, a folder's name …
* ``alphabet``: its characters; empty where any character may occur
* ``created_from``: JSON, the source files as ``[{"name", "bytes"}]``; ``seed``: an integer
* ``command``, ``code_version``: what made it
* ``parts``: JSON ``{name: samples}``; ``dropped``: JSON ``{reason: samples}``
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import h5py

from ocrcli import __version__
from ocrcli.errors import InputError, OutputError

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be opened by another anyway
    fcntl = None  # type: ignore[assignment]

SCHEMA = "ocrcli-store/1"
KINDS = ("char", "word", "page")
# The oldest format that HDF5 writes: any reader knows it, and its headers of groups hold no time.
FORMAT = ("earliest", "v110")

Kind = Literal["char", "word", "page"]


class StoreError(InputError):
    """A store is damaged, unfinished, or not of the kind that is asked for."""


@dataclass(frozen=True)
class Source:
    """A file that went into a store."""

    name: str
    bytes: int

    @classmethod
    def of(cls, path: Path, name: str = "") -> Source:
        """The file as it is now, under its own name unless another is given. Raises InputError."""
        try:
            return cls(name or path.name, path.stat().st_size)
        except OSError as error:
            raise InputError(f"{path}: {error.strerror or error}") from error


@dataclass(frozen=True)
class Header:
    """What is known of a store before its first sample.

    ``command`` leaves out what does not change the content (workers, output file): otherwise the
    same content would not be the same bytes. ``more`` are attributes of the kind's own.
    Everything together must stay below HDF5's 64 KiB an attribute.
    """

    kind: Kind
    dataset: str
    command: str
    alphabet: str = ""
    created_from: tuple[Source, ...] = ()
    seed: int = 0
    more: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass
class StoreWriter:
    """An unfinished store: its open ``file``, and what the writer tells of it as it goes.

    ``parts`` counts the samples of each part (``train``, ``strips/128``, ``pages`` …).
    """

    file: h5py.File
    parts: dict[str, int] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class StoreInfo:
    """What a store says of itself. ``attributes``: those of the root that are not named here."""

    path: Path
    kind: Kind
    dataset: str
    alphabet: str
    seed: int
    command: str
    code_version: str
    created_from: tuple[Source, ...]
    parts: dict[str, int]
    dropped: dict[str, int]
    attributes: dict[str, Any]

    @property
    def samples(self) -> int:
        """Samples of all parts together."""
        return sum(self.parts.values())


def is_made(path: Path, header: Header) -> bool:
    """Whether a finished store is there that was made from the same, by the same code and command."""
    try:
        info = describe(path, header.kind)
    except StoreError:
        return False
    told = (info.dataset, info.alphabet, info.seed, info.command, info.code_version, info.created_from)
    asked = (header.dataset, header.alphabet, header.seed, header.command, __version__, header.created_from)
    return told == asked and all(info.attributes.get(name) == value for name, value in header.more.items())


def needs_room(path: Path, wanted: int) -> None:
    """Raises OutputError when the disk of ``path`` has less than ``wanted`` bytes free."""
    folder = next(f for f in path.absolute().parents if f.exists())
    left = part_path(path)  # of a run that was killed: it is written over
    free = shutil.disk_usage(folder).free + (left.stat().st_size if left.exists() else 0)
    if free < wanted:
        raise OutputError(
            f"{path}: needs {wanted / 1e6:,.0f} MB, the disk has {free / 1e6:,.0f} MB free; "
            "make room, or choose another place with -o"
        )


def part_path(path: Path) -> Path:
    """Where a store is written until it is finished."""
    return path.with_name(path.name + ".part")


@contextmanager
def write_store(path: Path, header: Header) -> Iterator[StoreWriter]:
    """A new store at ``path``, which takes the place of an older one when the block ends well.

    Raises OutputError where it cannot be written, or is being written by another process. Failures to
    read the samples must leave the block as something else than OSError (InputError).
    """
    partial = part_path(path)
    with locked(path, partial):
        try:
            file = h5py.File(partial, "w", libver=FORMAT, locking=False)
        except OSError as error:
            raise OutputError(f"{path}: cannot write it: {reason_of(error)}") from error
        writer = StoreWriter(file)
        try:
            write_header(file, header)
            yield writer
            file.attrs["parts"] = as_json(writer.parts)
            file.attrs["dropped"] = as_json(writer.dropped)
            file.close()
            partial.replace(path)
        except (OSError, RuntimeError, ValueError) as error:
            _discard(file, partial)
            if isinstance(error, ValueError) and "write failed" not in str(error):
                raise
            # HDF5 tells of a full disk in any of the three.
            raise OutputError(f"{path}: cannot write it: {reason_of(error)}") from error
        except BaseException:
            _discard(file, partial)
            raise


@contextmanager
def locked(path: Path, partial: Path) -> Iterator[None]:
    """Keeps others from writing the same store: HDF5's own lock comes after it has emptied the file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("ab") as held:
            try:
                if fcntl is not None:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise OutputError(f"{path}: another process is writing it") from error
            yield
    except OSError as error:
        raise OutputError(f"{path}: cannot write it: {reason_of(error)}") from error


def write_header(file: h5py.File, header: Header) -> None:
    """Puts what is known of a store into its attributes."""
    own = {
        "schema": SCHEMA, "kind": header.kind, "dataset": header.dataset, "alphabet": header.alphabet,
        "code_version": __version__, "command": header.command, "seed": header.seed,
        "created_from": json.dumps([vars(source) for source in header.created_from], ensure_ascii=False),
    }  # fmt: skip
    for name, value in {**own, **header.more}.items():
        file.attrs[name] = value


def _discard(file: h5py.File, partial: Path) -> None:
    """Closes and removes what was begun; on a full disk closing fails too, and that is no news."""
    with suppress(OSError, RuntimeError):
        file.close()
    partial.unlink(missing_ok=True)


def as_json(counts: Mapping[str, int]) -> str:
    """Counts as the attribute that holds them."""
    return json.dumps({name: int(count) for name, count in counts.items()}, ensure_ascii=False)


def reason_of(error: Exception) -> str:
    """The operating system's own words out of HDF5's long account."""
    told = re.search(r"error message = '([^']+)'", str(error))
    return told[1] if told else getattr(error, "strerror", None) or str(error)


def open_store(path: Path, kind: Kind | None = None) -> h5py.File:
    """The file of a finished store, for reading.

    Raises StoreError when it is damaged, no store, of another schema, or not of ``kind``.
    """
    if not path.exists():
        if part_path(path).exists():
            raise StoreError(f"{path}: unfinished; run the ocr preprocess that makes it again")
        raise StoreError(f"{path}: no such file")
    try:
        file = h5py.File(path, "r", locking=False)  # finished stores never change: any number may read
    except OSError as error:
        what = "cut short; make it again" if "truncated" in str(error) else "not an HDF5 store, or damaged"
        raise StoreError(f"{path}: {what}") from error
    try:
        _check(file, path, kind)
    except BaseException:
        file.close()
        raise
    return file


def _check(file: h5py.File, path: Path, kind: Kind | None) -> None:
    schema, found = file.attrs.get("schema"), file.attrs.get("kind")
    if not isinstance(schema, str) or not schema.startswith("ocrcli-store/"):
        raise StoreError(f"{path}: an HDF5 file, but not one that ocr preprocess made")
    if schema != SCHEMA:
        raise StoreError(f"{path}: of schema {schema}, this ocr reads {SCHEMA}; make it again")
    if "parts" not in file.attrs:
        raise StoreError(f"{path}: unfinished; run the ocr preprocess that makes it again")
    if found not in KINDS or (kind is not None and found != kind):
        raise StoreError(f"{path}: holds {found}s, expected a store of {kind or 'char, word or page'}s")


def describe(path: Path, kind: Kind | None = None) -> StoreInfo:
    """What the store says of itself, read from its attributes alone. Raises StoreError."""
    with open_store(path, kind) as file:
        told = {name: _plain(value) for name, value in file.attrs.items()}
    try:
        own = {
            "created_from": tuple(Source(**source) for source in json.loads(told.pop("created_from"))),
            "parts": json.loads(told.pop("parts")),
            "dropped": json.loads(told.pop("dropped")),
            **{name: told.pop(name) for name in ("kind", "dataset", "alphabet", "seed", "command")},
            "code_version": told.pop("code_version"),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{path}: damaged: its attributes cannot be read ({error})") from error
    told.pop("schema")
    return StoreInfo(path, attributes=told, **own)


def _plain(value: Any) -> Any:
    """NumPy scalars as Python's own."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value


def is_store(path: Path) -> bool:
    """Whether the file looks like a store, by its suffix."""
    return path.suffix.lower() in {".h5", ".hdf5"}


class Store:
    """Base of ``CharStore``, ``WordStore`` and ``PageStore``: a finished store, for reading.

    It is opened when it is first read, once in each process: it may be sent to worker processes,
    by pickling or by forking. Raises StoreError when it is made from a file that is no such store.
    """

    kind: ClassVar[Kind]

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.info = describe(self.path, self.kind)
        self._file: h5py.File | None = None
        self._process = 0

    @property
    def file(self) -> h5py.File:
        """The open file of this process."""
        if self._file is None or self._process != os.getpid():
            self._file, self._process = open_store(self.path, self.kind), os.getpid()
        return self._file

    def close(self) -> None:
        """Closes the file; reading opens it again."""
        if self._file is not None and self._process == os.getpid():
            self._file.close()
        self._file = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_file": None, "_process": 0}

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

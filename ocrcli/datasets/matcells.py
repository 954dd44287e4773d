"""Reads cell arrays of MATLAB v5 files cell by cell.

``scipy.io.loadmat`` builds all of a variable at once: SynthText's ``gt.mat`` takes it several gigabytes. Here
one cell is in memory at a time. The format: MathWorks, "MAT-File Format", chapter 1 (level 5 files): after
a header of 128 bytes, elements of a type, a length and data, padded to eight bytes; a matrix is an
element of elements (flags, dimensions, name, then its values, or its cells).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ocrcli.errors import InputError

HEADER = 128
MATRIX, COMPRESSED, UTF8 = 14, 15, 16  # types of elements that are no plain numbers
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
TEXTS = {16: "utf-8", 17: "utf-16", 18: "utf-32", 1: "latin-1", 2: "latin-1", 3: "utf-16", 4: "utf-16"}
CELL, CHAR = 1, 4  # classes of matrices
NUMERIC = range(6, 16)
UNPACKED = 1 << 16  # bytes of a compressed element that are unpacked at a time


class MatError(ValueError):
    """The file is no v5 file, or damaged."""


class CellFile:
    """A MATLAB v5 file whose cell arrays are read one cell at a time. Raises InputError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                header = file.read(HEADER)
        except OSError as error:
            raise InputError(f"{path}: {error.strerror or error}") from error
        if header[:8] == b"\x89HDF\r\n\x1a\n" or b"MATLAB 7.3" in header[:32]:
            raise InputError(f"{path}: a MATLAB 7.3 file; save it as v5 (save -v6 or -v7)")
        if len(header) < HEADER or header[126:128] not in (b"IM", b"MI"):
            raise InputError(f"{path}: not a MATLAB v5 file, or damaged")
        self._order = "<" if header[126:128] == b"IM" else ">"
        self._starts = self._find()

    def __contains__(self, name: str) -> bool:
        return name in self._starts

    def count(self, name: str) -> int:
        """Number of cells of a variable."""
        with self.path.open("rb") as file:
            matrix = self._open(file, name)
            return int(np.prod(matrix.dimensions))

    def cells(self, name: str) -> Iterator[Any]:
        """The cells of a variable in order: arrays, lists of texts (rows of characters), lists of cells."""
        with self.path.open("rb") as file:
            matrix = self._open(file, name)
            for _ in range(int(np.prod(matrix.dimensions))):
                yield self._guarded(name, lambda: _value(matrix.reader))

    def _guarded(self, name: str, read: Any) -> Any:
        try:
            return read()
        except (MatError, zlib.error, struct.error, ValueError, EOFError) as error:
            raise InputError(f"{self.path}: damaged, or cut short, in {name} ({error})") from error

    def _open(self, file: BinaryIO, name: str) -> _Matrix:
        if name not in self._starts:
            raise InputError(f"{self.path}: has no {name} in it; is it SynthText's gt.mat?")
        file.seek(self._starts[name])
        matrix = self._guarded(name, lambda: _variable(_Reader(file, self._order)))
        if matrix.kind != CELL:
            raise InputError(f"{self.path}: {name} is no cell array; is it SynthText's gt.mat?")
        return matrix

    def _find(self) -> dict[str, int]:
        """Where each variable begins."""
        starts = {}
        with self.path.open("rb") as file:
            place, end = HEADER, file.seek(0, 2)
            while place + 8 <= end:
                file.seek(place)
                matrix = self._guarded("its variables", lambda: _variable(_Reader(file, self._order)))
                starts[matrix.name] = place
                place += 8 + matrix.length
        if place > end:
            raise InputError(f"{self.path}: cut short; copy it again")
        return starts


class _Reader:
    """Elements out of a file, or out of a compressed element of it."""

    def __init__(self, file: BinaryIO, order: str, packed: int | None = None) -> None:
        self.file, self.order = file, order
        self._packed = packed  # bytes of the compressed element that are still in the file
        self._inflate = zlib.decompressobj() if packed is not None else None
        self._buffer, self._place = b"", 0

    def take(self, count: int) -> bytes:
        """Exactly so many bytes."""
        if self._inflate is None:
            got = self.file.read(count)
        else:
            while len(self._buffer) - self._place < count and self._more():
                pass
            got = self._buffer[self._place : self._place + count]
            self._place += count
        if len(got) < count:
            raise MatError("it ends too early")
        return got

    def _more(self) -> bool:
        assert self._inflate is not None and self._packed is not None
        raw = self._inflate.unconsumed_tail
        if not raw:
            raw = self.file.read(min(UNPACKED, self._packed))
            self._packed -= len(raw)
        if not raw:
            return False
        fresh = self._inflate.decompress(raw, UNPACKED)
        self._buffer, self._place = self._buffer[self._place :] + fresh, 0
        return True

    def tag(self) -> tuple[int, int, bytes | None]:
        """Type and length of the next element; its data too, where they are in the tag itself."""
        raw = self.take(8)
        kind, length = struct.unpack(self.order + "II", raw)
        if kind >> 16:  # a small element
            return kind & 0xFFFF, kind >> 16, raw[4 : 4 + (kind >> 16)]
        return kind, length, None

    def element(self) -> tuple[int, bytes]:
        """Type and data of the next element."""
        kind, length, data = self.tag()
        if data is None:
            data = self.take(length + -length % 8)[:length]
        return kind, data

    def numbers(self) -> np.ndarray:
        """The next element, of numbers."""
        kind, data = self.element()
        if kind not in NUMBERS:
            raise MatError(f"element of type {kind} in place of numbers")
        return np.frombuffer(data, np.dtype(self.order + NUMBERS[kind]))


class _Matrix:
    """The head of a matrix; its values follow in ``reader``. ``length``: of the variable's element."""

    def __init__(self, reader: _Reader, length: int) -> None:
        self.reader, self.length = reader, length
        self.kind = int(reader.numbers()[0]) & 0xFF
        self.dimensions = tuple(int(n) for n in reader.numbers())
        self.name = reader.element()[1].decode("latin-1")


def _variable(reader: _Reader) -> _Matrix:
    kind, length, _ = reader.tag()
    if kind == COMPRESSED:
        inner = _Reader(reader.file, reader.order, length)
        inner.tag()
        return _Matrix(inner, length)
    if kind != MATRIX:
        raise MatError(f"element of type {kind} in place of a variable")
    return _Matrix(reader, length)


def _value(reader: _Reader) -> Any:
    """The next matrix as a value."""
    kind, length, _ = reader.tag()
    if kind != MATRIX:
        raise MatError(f"element of type {kind} in place of a cell")
    if not length:
        return np.zeros((0, 0))
    matrix = _Matrix(reader, length)
    if matrix.kind == CELL:
        return [_value(reader) for _ in range(int(np.prod(matrix.dimensions)))]
    if matrix.kind == CHAR:
        return _rows(reader, matrix.dimensions)
    if matrix.kind not in NUMERIC:
        raise MatError(f"a matrix of class {matrix.kind}")
    return reader.numbers().reshape(matrix.dimensions, order="F")


def _rows(reader: _Reader, dimensions: tuple[int, ...]) -> list[str]:
    """A matrix of characters as texts, a row each; it lies column by column."""
    kind, data = reader.element()
    if kind not in TEXTS:
        raise MatError(f"element of type {kind} in place of text")
    coding = TEXTS[kind]
    if coding != "utf-8" and coding != "latin-1":
        coding += "-le" if reader.order == "<" else "-be"
    text = data.decode(coding, "surrogatepass" if coding.startswith("utf-16") else "replace")
    rows = dimensions[0] if dimensions else 0
    return [text[i::rows] for i in range(rows)]

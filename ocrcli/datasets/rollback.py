"""A file that goes back to its last checkpoint when the process that wrote it was killed.

An HDF5 file that is being written cannot be read after a kill: its tables are changed in place. So
before bytes of the last checkpoint are overwritten, the old ones go to a journal beside the file, as
SQLite's rollback journal does it. A later process puts them back, cuts the file to the length it
had, and has the file of the checkpoint, byte for byte. What was written since is done again.

This holds when the process is killed; when the machine loses its power, what the disk had not yet
taken in is lost, and the store should be made from the start (``--force``).
"""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

BLOCK = 4096  # bytes that are saved together: HDF5 changes many small places close to each other
RECORD = struct.Struct("<QQ")  # offset and length of the bytes that follow


def journal_path(path: Path) -> Path:
    """Where the journal of a file is."""
    return path.with_name(path.name + ".journal")


def commit(path: Path, progress: dict[str, Any]) -> None:
    """Makes the closed file's present state the checkpoint; ``progress`` (JSON) is kept with it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        state = os.fstat(file.fileno())
    head = {"size": state.st_size, "inode": state.st_ino, "progress": progress}
    journal = journal_path(path)
    fresh = journal.with_name(journal.name + ".new")
    with fresh.open("wb") as out:
        out.write(json.dumps(head).encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(journal)


def recover(path: Path) -> dict[str, Any] | None:
    """Takes the file back to its last checkpoint and returns its progress; None where there is none."""
    try:
        with journal_path(path).open("rb") as journal, path.open("r+b") as file:
            head = json.loads(journal.readline())
            if os.fstat(file.fileno()).st_ino != head["inode"]:
                return None  # another file, of the same name
            while len(record := journal.read(RECORD.size)) == RECORD.size:
                offset, length = RECORD.unpack(record)
                old = journal.read(length)
                if len(old) < length:
                    break  # the kill came while this was written: before the overwriting
                file.seek(offset)
                file.write(old)
            file.truncate(head["size"])
            return head["progress"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(path: Path) -> None:
    """Removes the journal: the file is finished, or is to be begun anew."""
    journal_path(path).unlink(missing_ok=True)


class RollbackFile:
    """A file object for h5py (driver ``fileobj``) that saves the checkpoint's bytes before they change.

    An error of the operating system (a full disk) is kept in ``failure`` and not raised: HDF5 cannot close a
    file that it cannot write, and its library does not get over that. Whoever used the file has to look.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("r+b", buffering=0)
        self._journal = journal_path(path).open("ab", buffering=0)
        self._base = os.fstat(self._file.fileno()).st_size
        self._saved: set[int] = set()  # numbers of the blocks that the journal has
        self.failure: OSError | None = None
        self._abandoned = False

    def abandon(self) -> None:
        """Writes no more: HDF5 may close the file as if it could, and the next start takes it back."""
        self._abandoned = True

    def close(self) -> None:
        """Closes both files."""
        self._file.close()
        self._journal.close()

    # --- what h5py asks of a file object ----------------------------------------------------

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of any file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As of any file."""
        return self._file.tell()

    def flush(self) -> None:
        """Nothing waits here."""

    def read(self, size: int = -1) -> bytes:
        """As of any file; h5py knows a file object by it and reads by ``readinto``."""
        return self._file.read(size) or b""

    def readinto(self, buffer: Any) -> int:
        """As of any file, with zeros beyond its end: HDF5 reads what has a place and is not yet written."""
        view = memoryview(buffer).cast("B")
        got = self._file.readinto(view) or 0
        view[got:] = bytes(len(view) - got)
        return len(view)

    def write(self, data: Any) -> int:
        """Overwrites what is there, or makes the file longer."""
        view = memoryview(data).cast("B")
        if self._abandoned:
            return len(view)
        try:
            place = self._file.tell()
            self._save(place, place + len(view))
            _write_all(self._file, view)
        except OSError as error:
            self.failure, self._abandoned = error, True
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        """Cuts the file, or makes it longer."""
        size = self._file.tell() if size is None else size
        if self._abandoned:
            return size
        try:
            self._save(size, self._base)
            self._file.truncate(size)
        except OSError as error:
            self.failure, self._abandoned = error, True
        return size

    def _save(self, start: int, end: int) -> None:
        """Puts the checkpoint's bytes in [start, end) into the journal, by whole blocks, each once."""
        end = min(end, self._base)
        if start >= end:
            return
        place = self._file.tell()
        for block in range(start // BLOCK, -(-end // BLOCK)):
            if block not in self._saved:
                self._file.seek(block * BLOCK)
                old = self._file.read(min(BLOCK, self._base - block * BLOCK)) or b""
                _write_all(self._journal, memoryview(RECORD.pack(block * BLOCK, len(old)) + old))
                self._saved.add(block)
        self._file.seek(place)


def _write_all(file: Any, view: memoryview) -> None:
    """An unbuffered file may take a part at a time."""
    while len(view):
        view = view[file.write(view) :]

"""A file on its way: ``NAME.part`` beside its target, and ``NAME.part.json``, which says what it is part of.

Bytes are kept across runs whenever they can be trusted to belong to the file that is
wanted: its sha256 is known (then it does not matter which server sent them, the digest
decides in the end), or the same address still shows the same ETag or date.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from ocrcli.datasets.catalogue import RemoteFile
from ocrcli.datasets.manifest import UNFINISHED
from ocrcli.errors import OutputError

BLOCK = 1 << 20  # bytes read at a time for the digest
RESERVE = 64 << 20  # bytes of the disk that are left to others
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # the disk, the quota, the limit on a file's size


@dataclass(frozen=True)
class Origin:
    """Where the bytes of a part came from, as far as the server says."""

    url: str = ""
    sha256: str = ""
    size: int | None = None
    validator: str = ""  # its strong ETag, else its Last-Modified


class PartFile:
    """The unfinished copy of a remote file. Every method raises OutputError when the disk fails."""

    def __init__(self, target: Path, file: RemoteFile) -> None:
        self.target, self.file = target, file
        self.path = target.with_name(target.name + UNFINISHED)
        self.record = target.with_name(target.name + UNFINISHED + ".json")
        self.stream: IO[bytes] | None = None
        # Answers that the bytes come from: several may not fit together. Of an earlier run nobody knows.
        self.requests = 2 if self.size() else 0

    def size(self) -> int:
        """Bytes that are there."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def origin(self) -> Origin:
        """What the bytes are part of."""
        try:
            return Origin(**json.loads(self.record.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return Origin()

    def usable(self, url: str) -> int:
        """Bytes that a transfer from this address can go on from."""
        origin, size = self.origin(), self.size()
        if self.file.size is not None and size > self.file.size:
            return 0
        if self.file.sha256:
            return size if origin.sha256 in ("", self.file.sha256) else 0
        return size if origin.url == url and origin.validator else 0

    def begin(self, origin: Origin, offset: int) -> None:
        """Opens it for bytes from ``offset`` on; what lies behind is cut off."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.record.with_name(self.record.name + ".tmp" + UNFINISHED)
            if offset == 0:  # never bytes of one file under the record of another
                self.path.unlink(missing_ok=True)
                self.requests = 0
            temporary.write_text(json.dumps(asdict(origin)), "utf-8")
            temporary.replace(self.record)
            # Unbuffered: what a killed process has received is on the disk.
            self.stream = self.path.open("r+b" if offset else "wb", buffering=0)
            self.stream.truncate(offset)
            self.stream.seek(offset)
            self.requests += 1
        except OSError as error:
            raise cannot_write(self.path, error) from error
        if origin.size is not None:
            needs_room(self.path.parent, origin.size - offset, f"the rest of {self.target.name}")

    def write(self, block: bytes) -> None:
        """Appends bytes."""
        assert self.stream is not None
        view = memoryview(block)
        try:
            while view:
                view = view[self.stream.write(view) :]
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def close(self) -> None:
        """Closes it; the bytes stay for the next transfer."""
        if self.stream is not None:
            self.stream.close()
            self.stream = None

    def discard(self) -> None:
        """Throws the bytes away."""
        self.close()
        self.path.unlink(missing_ok=True)
        self.record.unlink(missing_ok=True)
        self.requests = 0

    def finish(self) -> None:
        """Gives the file its final name, once everything of it is on the disk."""
        try:
            with self.path.open("rb") as stream:
                os.fsync(stream.fileno())
            self.path.replace(self.target)
            self.record.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(self.target, error) from error


def sha256_of(path: Path) -> str:
    """The digest of a file, as it lies on the disk."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def free_bytes(folder: Path) -> int:
    """Free bytes where a folder is, or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def needs_room(folder: Path, size: int, what: str) -> None:
    """Raises OutputError when the disk has no room for so many bytes more."""
    free = free_bytes(folder)
    if size > 0 and size + RESERVE > free:
        raise OutputError(
            f"the disk is too small: {what} takes {size_text(size)}, {size_text(RESERVE)} should stay "
            f"free, and {folder} has {size_text(free)}; make room or choose another place with --dest"
        )


def size_text(size: int) -> str:
    """Bytes for people: ``535.7 MiB``."""
    amount, units = float(size), ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while amount >= 1000 and len(units) > 1:
        amount /= 1024
        units.pop(0)
    return f"{amount:,.0f} bytes" if units[0] == "bytes" else f"{amount:,.1f} {units[0]}"


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The failure to report when the system refuses to write."""
    if error.errno in FULL:
        return OutputError(
            f"{path}: {error.strerror}; what is there stays: make room, then run the same command again"
        )
    return OutputError(f"cannot write {path}: {error.strerror or error}")

"""Files that appear whole or not at all.

What is being written stands beside its target under a name of its own, which tells the machine
and the process, so that what a killed one left behind can be told from work that goes on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from ocrcli.errors import OutputError

LONGEST = 200  # bytes of a target's name that a part keeps; file systems end at 255
_PART = re.compile(r"\..*\.([0-9a-f]{8})-(\d+)\.part")


class ToldStream:
    """A binary stream whose failures are OutputErrors that name it. A closed pipe stays one."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self.written = 0

    def write(self, data: bytes) -> int:
        """Writes all of the data."""
        with told(self._name):
            self._stream.write(data)
        self.written += len(data)
        return len(data)

    def flush(self) -> None:
        """Hands what was written on to the system."""
        with told(self._name):
            self._stream.flush()


@contextmanager
def told(name: str | Path) -> Iterator[None]:
    """Turns what the system says of a file that cannot be written into an OutputError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{name}: cannot write: {error.strerror or error}") from error


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its place when the block ends well, and leaves nothing when it does not.

    Raises OutputError at once when it cannot be written.
    """
    if path.exists() and not path.is_file():  # a device or a pipe is written directly
        with told(path), path.open("wb") as direct:
            yield direct
        return
    target = path.resolve()  # a link stays a link
    part = part_of(target, os.getpid())
    with told(path):
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(13, "Permission denied")
        stream = part.open("wb")
    try:
        with stream:
            yield stream
            with told(path):
                stream.flush()
        with told(path):
            part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink()


def part_of(target: Path, process: int) -> Path:
    """Where a process of this machine writes what will be ``target``."""
    name = os.fsdecode(os.fsencode(target.name)[:LONGEST])
    return target.with_name(f".{name}.{_machine()}-{process}.part")


def drop_parts(targets: Iterable[Path], process: int) -> None:
    """Removes what a process that died has begun of some files."""
    for target in targets:
        with suppress(OSError):
            part_of(target.resolve(), process).unlink()


def sweep(folders: Iterable[Path]) -> None:
    """Removes from folders what processes of this machine that are no more have begun."""
    if os.name != "posix":  # elsewhere a process cannot be asked for without harm
        return
    for folder in folders:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                match = _PART.fullmatch(entry.name)
                if match and match[1] == _machine() and not _is_running(int(match[2])):
                    with suppress(OSError):
                        Path(entry.path).unlink()


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)  # asks only
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        pass
    return True


def _machine() -> str:
    from platform import node  # not needed where everything goes to stdout

    return f"{crc32(node().encode()):08x}"

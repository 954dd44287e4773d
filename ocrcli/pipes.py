"""Reads what comes through a pipe, and hears Ctrl-C while nothing comes."""

from __future__ import annotations

import os
import select
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20  # bytes
HEARING = 100  # milliseconds between looks at whether Ctrl-C was pressed


def read_to_end(file: BinaryIO) -> bytes:
    """All that is left of a file, as ``file.read()``. Raises OSError.

    Python notices a signal between two of its own instructions. One that comes just before a read
    blocks, or that the system hands to another thread, would go unheard until somebody writes.
    """
    try:
        number = file.fileno()
    except OSError:  # a file in memory
        return file.read()
    if not hasattr(select, "poll"):  # Windows waits for sockets alone
        return file.read()
    poll = select.poll()
    poll.register(number, select.POLLIN)
    parts: list[bytes] = []
    while True:
        if poll.poll(HEARING):
            part = os.read(number, CHUNK)
            if not part:
                return b"".join(parts)
            parts.append(part)


def read_file(path: Path) -> bytes:
    """All of a file, which may be a pipe with a name. Raises OSError."""
    with path.open("rb") as file:
        return read_to_end(file)

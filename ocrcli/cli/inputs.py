"""Which inputs a command line names: files, folders, stdin, and lists of files.

An input that is not there is found out here and reported in its turn, so that one
misspelt name does not stop the rest.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from ocrcli.cli.console import is_terminal
from ocrcli.errors import InputError, UsageError
from ocrcli.pipes import read_file, read_to_end

STDIN = "-"
MAX_NAME = 200  # characters of an output's name; file systems end at 255 bytes, suffixes included
# What a folder is searched for. A file that is named is read whatever its suffix.
SUFFIXES = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".webp",
            ".pbm", ".pgm", ".ppm", ".pnm", ".jp2", ".avif", ".heic", ".heif", ".pdf"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """One input.

    ``name`` is what the user called it, ``path`` where it is (None: stdin), ``place`` where
    its output belongs in an output folder. ``problem`` is why it cannot be read;
    ``in_folder`` says that it was found in a folder that the user named. ``data`` is what
    came through a pipe, once it was read.
    """

    name: str
    path: Path | None
    place: Path
    problem: InputError | None = None
    in_folder: bool = False
    data: bytes | None = None

    @property
    def waits(self) -> bool:
        """Whether reading it may take as long as somebody likes: it is a pipe and not a file."""
        if self.problem is not None or self.data is not None:
            return False
        return self.path is None or not self.path.is_file()

    def read(self) -> Path | bytes:
        """What the image loader takes. Raises InputError."""
        if self.problem is not None:
            raise self.problem
        if self.data is not None:
            return self.data
        if self.path is not None:
            return self.path
        if sys.stdin is None:
            raise InputError(f"{STDIN}: stdin is closed")
        try:
            return read_to_end(sys.stdin.buffer)
        except OSError as error:  # for example a folder given as stdin
            raise InputError(f"{STDIN}: {error.strerror or error}") from error


def find_sources(inputs: list[str], files_from: str | None) -> list[Source]:
    """All inputs in the order given; folders are searched and patterns matched in natural order.

    A pattern such as ``'scans/**/*.png'`` is one where the shell left it alone, and where there
    is no file of that very name; names from a list are taken as they are.

    Raises UsageError when nothing is named or stdin is asked for twice, InputError when a
    list of files cannot be read.
    """
    listed = _listed(files_from) if files_from else []
    names = [*inputs, *listed]
    if not names and not files_from:
        raise UsageError("nothing to read: name an image, a PDF or a folder, or - for stdin")
    if names.count(STDIN) + (files_from == STDIN) > 1:
        raise UsageError("stdin (-) can be read only once")
    if STDIN in names and is_terminal(sys.stdin):
        raise UsageError("stdin is a terminal: pipe an image into ocr predict -")
    named = (source for name in inputs for source in _matching(name))
    return [*named, *(source for name in listed for source in _sources(name))]


def _listed(files_from: str) -> list[str]:
    """Names from a list: one a line, or parted by NUL bytes (``find -print0``)."""
    try:
        data = read_to_end(sys.stdin.buffer) if files_from == STDIN else read_file(Path(files_from))
    except OSError as error:
        raise InputError(f"{files_from}: {error.strerror or error}") from error
    parts = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [os.fsdecode(part) for part in parts if part.strip()]


def _matching(name: str) -> Iterator[Source]:
    """What a name or pattern stands for."""
    if not any(sign in name for sign in "*?[") or "\0" in name or os.path.lexists(name):
        yield from _sources(name)
        return
    from glob import glob, has_magic

    fixed = Path(*takewhile(lambda part: not has_magic(part), Path(name).parts))
    any_suffix = not Path(name).suffix  # "*" in a folder: what is no picture is not meant
    matches = glob(name, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
    found = sorted(map(Path, matches), key=natural_key)
    if "**" in name:  # what is in the folders is found too
        found = [path for path in found if not path.is_dir()]
    if any_suffix:
        found = [path for path in found if path.is_dir() or path.suffix.lower() in SUFFIXES]
    if not found:
        yield _problem(name, "no file matches this pattern")
    for path in found:
        for source in _sources(str(path)):
            yield source if source.in_folder else replace(source, place=path.relative_to(fixed))


def _sources(name: str) -> Iterator[Source]:
    if name == STDIN:
        yield Source(STDIN, None, Path("stdin"))
        return
    path = Path(name)
    try:
        if path.is_dir():
            yield from _in_folder(name, path)
        elif path.exists():
            yield Source(name, path, Path(path.name))
        else:
            yield _problem(name, "no such file or folder")
    except (OSError, ValueError) as error:  # no permission to look, a name that is too long…
        yield _problem(name, getattr(error, "strerror", None) or str(error))


def _in_folder(name: str, folder: Path) -> Iterator[Source]:
    found: list[Path] = []
    for root, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".")]
        found += [
            Path(root, file)
            for file in files
            if Path(file).suffix.lower() in SUFFIXES and not file.startswith(".")
        ]
    if not found:
        readable = os.access(folder, os.R_OK | os.X_OK)
        yield _problem(name, "no images or PDFs in this folder" if readable else "permission denied")
    for path in sorted(found, key=natural_key):
        yield Source(str(path), path, path.relative_to(folder), in_folder=True)


def natural_key(path: Path) -> list[list[tuple[int, str]]]:
    """Sorts ``page2`` before ``page10``, folder by folder."""
    return [
        [(int(run), "") if run.isdecimal() else (-1, run.casefold()) for run in re.split(r"(\d+)", part)]
        for part in path.parts
    ]


def _problem(name: str, reason: str) -> Source:
    place = Path(name).name.replace("\0", "")[-MAX_NAME:] or "input"  # it still gets an error record
    return Source(name, None, Path(place), InputError(f"{name}: {reason}"))

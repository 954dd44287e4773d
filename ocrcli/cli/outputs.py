"""Where results go: stdout, one file for all inputs, or a folder with one file an input.

Files appear whole or not at all, and whether they can be written is found out before
the work begins.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from ocrcli.cli.inputs import Source
from ocrcli.errors import OutputError, UsageError
from ocrcli.formats.writer import FORMATS, Choices, Failure, Writer, open_writer

STDOUT = "-"


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
    part = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")  # names end at 255 bytes
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


class OneOutput:
    """One writer for all inputs: stdout, a terminal, or a single file."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    @contextmanager
    def of(self, source: Source) -> Iterator[Writer]:
        """The writer, told that this input begins."""
        self._writer.begin(source.name)
        yield self._writer


@dataclass(frozen=True)
class FolderOutput:
    """A file an input, in a folder."""

    format: str
    paths: dict[int, Path]  # by the identity of the source
    choices: Choices

    @contextmanager
    def of(self, source: Source) -> Iterator[Writer]:
        """A writer to the file of this input."""
        path = self.paths[id(source)]
        with told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(_NothingToKeep), whole_file(path) as file:
            stream = ToldStream(file, str(path))
            writer = _Watched(open_writer(self.format, stream, self.choices))  # type: ignore[arg-type]
            writer.begin(source.name)
            yield writer
            if writer.failed and not stream.written:
                raise _NothingToKeep  # an empty text would say that the page is blank
            writer.close()


class _NothingToKeep(Exception):
    """Leaves the file unwritten."""


class _Watched:
    """A writer that remembers whether its input failed."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.failed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def failure(self, failure: Failure) -> None:
        self.failed = True
        self._writer.failure(failure)


@contextmanager
def output_folder(format_: str, paths: dict[int, Path], choices: Choices) -> Iterator[FolderOutput]:
    """One file for each input."""
    yield FolderOutput(format_, paths, choices)


@contextmanager
def output_file(path: Path, format_: str, choices: Choices) -> Iterator[OneOutput]:
    """One file for all inputs."""
    with suppress(_NothingToKeep), whole_file(path) as file:
        stream = ToldStream(file, str(path))
        writer = _Watched(open_writer(format_, stream, choices))  # type: ignore[arg-type]
        yield OneOutput(writer)
        writer.close()
        if writer.failed and not stream.written:
            raise _NothingToKeep


@contextmanager
def output_stdout(format_: str, choices: Choices) -> Iterator[OneOutput]:
    """Stdout, in UTF-8 whatever the locale."""
    if sys.stdout is None:
        raise OutputError("stdout is closed; name a file by --output")
    writer = open_writer(format_, ToldStream(sys.stdout.buffer, "stdout"), choices)  # type: ignore[arg-type]
    yield OneOutput(writer)
    writer.close()


def is_folder(path: str, sources: list[Source]) -> bool:
    """Whether an output name means a folder: it is one, ends as one, or must hold several files."""
    several = len(sources) > 1 or any(source.in_folder for source in sources)
    return path.endswith(("/", os.sep)) or Path(path).is_dir() or (several and not Path(path).suffix)


def checked_folder(folder: Path) -> Path:
    """The folder, made if need be. Raises OutputError when files cannot be made in it."""
    probe = folder / f".ocr.{os.getpid()}.part"
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    return folder


def places(folder: Path, sources: list[Source], suffix: str) -> dict[int, Path]:
    """A file for each source, by its identity: the input's name with another suffix.

    Where two inputs would share a file the later ones keep their own suffix or get a number.
    Raises UsageError when an output would overwrite an input.
    """
    taken: set[Path] = set()
    chosen = {}
    for source in sources:
        path = next(p for name in _names(source.place, suffix) if (p := folder / name) not in taken)
        taken.add(path)
        chosen[id(source)] = path
    refuse_overwriting(chosen.values(), sources)
    return chosen


def _names(place: Path, suffix: str) -> Iterator[Path]:
    yield place.with_suffix(suffix)
    yield place.with_name(place.name + suffix)
    for number in count(2):
        yield place.with_name(f"{place.stem}-{number}{suffix}")


def refuse_overwriting(outputs: Any, sources: list[Source]) -> None:
    """Raises UsageError when one of the output paths is an input."""
    inputs = {source.path.resolve() for source in sources if source.path is not None}
    for path in outputs:
        if path.resolve() in inputs:
            raise UsageError(f"{path}: would overwrite an input; choose another folder or name")


def suffix_of(format_: str) -> str:
    """The suffix of new files of a format."""
    return FORMATS[format_].suffixes[0]

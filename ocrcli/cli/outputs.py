"""Where results go: stdout, one file for all inputs, or a folder with files for each input.

Whether they can be written is found out before the work begins.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from ocrcli.cli.files import ToldStream, told, whole_file
from ocrcli.cli.inputs import Source
from ocrcli.cli.tasks import Task
from ocrcli.errors import OutputError, UsageError
from ocrcli.formats.writer import FORMATS, Choices, Failure, Together, Writer, open_writer

STDOUT = "-"


class Output(Protocol):
    """What hands out the writer of a task."""

    def of(self, task: Task) -> AbstractContextManager[Writer]:
        """The writer for the pages of a task; what it writes is whole when the context ends."""


class OneOutput:
    """One writer for all inputs: stdout, a terminal, or a single file."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    @contextmanager
    def of(self, task: Task) -> Iterator[Writer]:
        """The writer, told that this input begins."""
        self._writer.begin(task.source.name)
        yield self._writer


@dataclass(frozen=True)
class FolderOutput:
    """Files of their own for each input, one a format."""

    formats: tuple[str, ...]
    choices: Choices

    @contextmanager
    def of(self, task: Task) -> Iterator[Writer]:
        """A writer to the files of this input."""
        with ExitStack() as files:
            writers = [
                files.enter_context(_own_file(path, format_, self.choices))
                for format_, path in zip(self.formats, task.files, strict=True)
            ]
            writer = writers[0] if len(writers) == 1 else Together(writers)
            writer.begin(task.source.name)
            yield cast(Writer, writer)


@contextmanager
def _own_file(path: Path, format_: str, choices: Choices) -> Iterator[Writer]:
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(_NothingToKeep), whole_file(path) as file:
        stream, writer = _opened(file, path, format_, choices)
        yield cast(Writer, writer)
        if writer.failed and not stream.written:
            raise _NothingToKeep  # an empty text would say that the page is blank
        writer.close()


@contextmanager
def output_file(path: Path, format_: str, choices: Choices) -> Iterator[OneOutput]:
    """One file for all inputs."""
    with suppress(_NothingToKeep), whole_file(path) as file:
        stream, writer = _opened(file, path, format_, choices)
        yield OneOutput(cast(Writer, writer))
        writer.close()
        if writer.failed and not stream.written:
            raise _NothingToKeep


def _opened(file: BinaryIO, path: Path, format_: str, choices: Choices) -> tuple[ToldStream, _Watched]:
    stream = ToldStream(file, str(path))
    return stream, _Watched(open_writer(format_, cast(BinaryIO, stream), choices))


class _NothingToKeep(Exception):
    """Leaves the file unwritten."""


class _Watched:
    """A writer that remembers whether an input failed."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.failed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def failure(self, failure: Failure) -> None:
        self.failed = True
        self._writer.failure(failure)


@contextmanager
def output_stdout(format_: str, choices: Choices) -> Iterator[OneOutput]:
    """Stdout, in UTF-8 whatever the locale."""
    if sys.stdout is None:
        raise OutputError("stdout is closed; name a file by --output")
    writer = open_writer(format_, cast(BinaryIO, ToldStream(sys.stdout.buffer, "stdout")), choices)
    yield OneOutput(writer)
    writer.close()


def is_folder(path: str, sources: Sequence[Source]) -> bool:
    """Whether an output name means a folder: it is one, ends as one, or must hold several files."""
    several = len(sources) > 1 or any(source.in_folder for source in sources)
    if path.endswith(("/", os.sep)) or Path(path).is_dir():
        return True
    return several and not Path(path).suffix and not Path(path).exists()  # /dev/null is none


def checked_folder(folder: Path) -> Path:
    """The folder, made if need be. Raises OutputError when files cannot be made in it."""
    probe = folder / f".ocr.{os.getpid()}.part"
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    return folder


def places(
    folder: Path, sources: Sequence[Source], suffix: str, taken: set[Path] | None = None
) -> list[Path]:
    """A file for each source: the input's name with another suffix. ``taken`` are in use, and grow.

    Where two inputs would share a file the later ones keep their own suffix or get a number.
    Raises UsageError when an output would overwrite an input.
    """
    taken = set() if taken is None else taken
    chosen = []
    for source in sources:
        path = next(p for name in _names(source.place, suffix) if (p := folder / name) not in taken)
        taken.add(path)
        chosen.append(path)
    refuse_overwriting(chosen, sources)
    return chosen


def _names(place: Path, suffix: str) -> Iterator[Path]:
    yield place.with_suffix(suffix)
    yield place.with_name(place.name + suffix)
    for number in count(2):
        yield place.with_name(f"{place.stem}-{number}{suffix}")


def refuse_overwriting(outputs: Sequence[Path], sources: Sequence[Source]) -> None:
    """Raises UsageError when one of the output paths is an input."""
    inputs = {source.path.resolve() for source in sources if source.path is not None}
    for path in outputs:
        if path.resolve() in inputs:
            raise UsageError(f"{path}: would overwrite an input; choose another folder or name")


def suffix_of(format_: str) -> str:
    """The suffix of new files of a format."""
    return FORMATS[format_].suffixes[0]

"""What every output format offers, and the table of formats.

A format's module is imported when it is asked for. Adding a format is a module with a
class ``Writer`` and one row in :data:`FORMATS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, cast

from ocrcli.document import Page
from ocrcli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from ocrcli.engine.images import LoadedPage

AskedMode = Literal["auto", "page", "word", "char"]


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that could not be read, or not to its end."""

    source: str
    message: str
    code: int = ExitCode.BAD_INPUT


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user asked for, as far as it shows in the output.

    ``mode`` is the mode asked for; ``top`` is how many readings of a character to show
    (None: as many as the format finds useful).
    """

    mode: AskedMode = "auto"
    top: int | None = None


class Writer(Protocol):
    """Writes pages as they become ready. Each input begins with :meth:`begin`."""

    def begin(self, source: str) -> None:
        """The next input is ``source``."""

    def page(self, page: Page) -> None:
        """One page of it."""

    def failure(self, failure: Failure) -> None:
        """It could not be read, or not to its end."""

    def close(self) -> None:
        """Everything has been given. The stream stays open."""


class PictureWriter(Protocol):
    """A writer of a format that shows the page too; otherwise as :class:`Writer`."""

    wants_picture: Literal[True]

    def page(self, page: Page, picture: LoadedPage) -> None:
        """One page, and the picture in which it was read."""


def wants_picture(writer: Writer) -> bool:
    """Whether the writer is a :class:`PictureWriter`."""
    return bool(getattr(writer, "wants_picture", False))


def put_page(writer: Writer, page: Page, picture: LoadedPage | None) -> None:
    """Gives a page to a writer, with its picture, which must be there, where the format shows it."""
    if wants_picture(writer):
        cast(PictureWriter, writer).page(page, cast("LoadedPage", picture))
    else:
        writer.page(page)


class Together:
    """Several writers as one."""

    wants_picture: Literal[True] = True

    def __init__(self, writers: Sequence[Writer]) -> None:
        self._writers = writers

    def begin(self, source: str) -> None:
        """The next input is ``source``."""
        for writer in self._writers:
            writer.begin(source)

    def page(self, page: Page, picture: LoadedPage | None) -> None:
        """One page of it, with its picture if one of the writers wants that."""
        for writer in self._writers:
            put_page(writer, page, picture)

    def failure(self, failure: Failure) -> None:
        """It could not be read, or not to its end."""
        for writer in self._writers:
            writer.failure(failure)

    def close(self) -> None:
        """Everything has been given."""
        for writer in self._writers:
            writer.close()


@dataclass(frozen=True, slots=True)
class Format:
    """A row of the table: the module with the class ``Writer``, and the file suffixes."""

    module: str
    suffixes: tuple[str, ...]  # the first one names new files
    binary: bool = False  # nothing for a terminal


FORMATS = {
    "text": Format("ocrcli.formats.text", (".txt", ".text")),
    "json": Format("ocrcli.formats.json", (".json",)),
    "jsonl": Format("ocrcli.formats.jsonl", (".jsonl", ".ndjson")),
    "tsv": Format("ocrcli.formats.tsv", (".tsv",)),
    "hocr": Format("ocrcli.formats.hocr", (".hocr",)),
    "alto": Format("ocrcli.formats.alto", (".xml",)),
    "md": Format("ocrcli.formats.markdown", (".md", ".markdown")),
    "html": Format("ocrcli.formats.html", (".html", ".htm")),
    "pdf": Format("ocrcli.formats.pdf", (".pdf",), binary=True),
}


def shown(name: str) -> str:
    """A file name as text: UTF-8 that the locale hid comes back, other odd bytes become U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def format_of(path: PurePath) -> str:
    """The format that a file name asks for, ``text`` where its suffix is of no format.

    Raises UsageError for an image or document suffix: text in such a file would be a trap.
    """
    suffix = path.suffix.lower()
    for name, row in FORMATS.items():
        if suffix in row.suffixes:
            return name
    if suffix in (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"):
        raise UsageError(f"{path}: -o writes text; use --annotate for a picture")
    if suffix in (".csv", ".docx"):
        raise UsageError(f"{path}: no such format; name one of {', '.join(FORMATS)} by --format")
    return "text"


def open_writer(name: str, stream: BinaryIO, choices: Choices) -> Writer:
    """A writer of the format called ``name`` onto a binary stream."""
    return _class_of(name)(stream, choices)


def shows_pages(name: str) -> bool:
    """Whether the format called ``name`` shows the picture of a page."""
    return wants_picture(_class_of(name))


def _class_of(name: str) -> Any:
    return import_module(FORMATS[name].module).Writer

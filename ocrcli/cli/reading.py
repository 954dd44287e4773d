"""The loop of ``ocr predict``: each input is loaded, read and written before the next."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocrcli.cli import console, outputs
from ocrcli.cli.annotations import Annotations
from ocrcli.cli.inputs import Source
from ocrcli.errors import ExitCode, InputError, UsageError
from ocrcli.formats.writer import FORMATS, Choices, Failure, Writer, format_of, put_page, wants_picture

if TYPE_CHECKING:
    from ocrcli.document import Page
    from ocrcli.engine.images import LoadedPage
    from ocrcli.engine.pageselect import PageSelection
    from ocrcli.engine.pipeline import Decoding, Reader


@dataclass(frozen=True)
class Request:
    """What one command line asks for, checked."""

    sources: list[Source]
    choices: Choices
    format: str | None  # None: what suits the output
    output: str
    annotate: str | None
    pages: PageSelection | None
    dpi: int
    fail_empty: bool
    quiet: bool
    verbose: bool


@dataclass
class Tally:
    """What came of the inputs so far."""

    failed: bool = False
    found_text: bool = False

    def exit_code(self, fail_empty: bool) -> ExitCode:
        """The exit code that tells it."""
        if self.failed:
            return ExitCode.BAD_INPUT
        return ExitCode.NOTHING_RECOGNISED if fail_empty and not self.found_text else ExitCode.OK


def read_all(request: Request, reader: Reader, decoding: Decoding) -> ExitCode:
    """Reads and writes every input; one that cannot be read is told and does not stop the rest."""
    tally = Tally()
    annotations = Annotations.at(request.annotate, request.sources) if request.annotate else None
    with (
        _output(request, reader) as output,
        _progress(request) as advance,
        _loading(reader, request) as ready,
    ):
        for source in request.sources:
            with output.of(source) as writer:
                try:
                    for loaded in _load(source, request, keep_jpeg=wants_picture(writer)):
                        ready()
                        page = reader.read_page(loaded, request.choices.mode, decoding)
                        tally.found_text |= bool(page.text)
                        if request.verbose:
                            console.note(_account(page))
                        if annotations is not None:
                            annotations.save(source, loaded.pixels, page)
                        put_page(writer, page, loaded)
                except InputError as error:
                    tally.failed = True
                    console.say(error)
                    writer.failure(Failure(source.name, str(error)))
            advance()
    if not tally.failed and request.fail_empty and not tally.found_text:
        console.say("nothing was recognised")
    return tally.exit_code(request.fail_empty)


def _load(source: Source, request: Request, *, keep_jpeg: bool) -> Iterator[LoadedPage]:
    from ocrcli.engine.images import load_pages

    return load_pages(
        source.read(), name=source.name, dpi=request.dpi, pages=request.pages, keep_jpeg=keep_jpeg
    )


def _account(page: Page) -> str:
    lines, words = len(page.lines), sum(len(line.words) for line in page.lines)
    size = f"{page.width} × {page.height}"
    return (
        f"{page.source}: page {page.number}, {size}, mode {page.mode}, {lines} lines, {words} words, "
        f"confidence {page.confidence:.2f}, {page.seconds:.2f} s"
    )


@contextmanager
def _loading(reader: Reader, request: Request) -> Iterator[Callable[[], None]]:
    """Loads the models while the first image is decoded; the function given waits for them.

    It raises ModelError. An input that cannot be read does not need them.
    """
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1, "models") as pool:
        with _interrupts_for_this_thread():
            future = pool.submit(reader.prepare, request.choices.mode)
        yield lambda: future.result()


@contextmanager
def _interrupts_for_this_thread() -> Iterator[None]:
    """Threads started in the block leave Ctrl-C to this one.

    The system may hand the signal to any thread, and Python would then not notice it
    while this one waits for a pipe or a slow disk.
    """
    import signal

    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _output(
    request: Request, reader: Reader
) -> AbstractContextManager[outputs.OneOutput | outputs.FolderOutput]:
    """Where the results go. Raises OutputError and UsageError before any work."""
    target, sources = request.output, request.sources
    if target == outputs.STDOUT:
        if request.format is None and console.is_terminal(sys.stdout):
            return _panels(request.choices, reader)
        if request.format and FORMATS[request.format].binary and console.is_terminal(sys.stdout):
            raise UsageError(f"{request.format} is no text for a terminal; name a file by --output")
        return outputs.output_stdout(request.format or "text", request.choices)
    if outputs.is_folder(target, sources):
        format_ = request.format or "text"
        folder = outputs.checked_folder(Path(target))
        paths = outputs.places(folder, sources, outputs.suffix_of(format_))
        return outputs.output_folder(format_, paths, request.choices)
    path = Path(target)
    outputs.refuse_overwriting([path], sources)
    return outputs.output_file(path, request.format or format_of(path), request.choices)


@contextmanager
def _panels(choices: Choices, reader: Reader) -> Iterator[outputs.OneOutput]:
    from ocrcli.formats.panels import Writer as Panels

    def model_of(page: Page) -> str:
        part = reader.classifier if page.mode == "char" else reader.recogniser
        return part.model.card.architecture

    writer: Writer = Panels(console.rich_console(), choices, model_of)
    yield outputs.OneOutput(writer)
    writer.close()


@contextmanager
def _progress(request: Request) -> Iterator[Callable[[], None]]:
    """A bar on stderr, where a person waits for several inputs and sees no results meanwhile."""
    visible = console.is_terminal(sys.stderr) and not (
        request.output == outputs.STDOUT and console.is_terminal(sys.stdout)
    )
    if len(request.sources) < 2 or request.quiet or not visible:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
    with bar:
        task = bar.add_task("", total=len(request.sources))
        yield lambda: bar.advance(task)

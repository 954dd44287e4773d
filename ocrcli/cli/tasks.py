"""What passes between the steps of ``ocr predict``: tasks go in, outcomes come out, in order.

Named tuples, which cost a tenth of what dataclasses do when a process starts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ocrcli.cli.inputs import Source
from ocrcli.formats.writer import AskedMode, Failure

if TYPE_CHECKING:
    from ocrcli.document import Page
    from ocrcli.engine.decoding import Decoding
    from ocrcli.engine.images import LoadedPage
    from ocrcli.engine.pageselect import PageSelection
    from ocrcli.engine.pdf import PdfAsk
    from ocrcli.engine.pipeline import Reader
    from ocrcli.modelcard import Task as ModelTask


class Task(NamedTuple):
    """One input, its place among all, and its own files: one a format, and the annotated picture."""

    number: int
    source: Source
    files: tuple[Path, ...] = ()
    picture: Path | None = None


class Facts(NamedTuple):
    """What can be told of a page once it is written. Seconds are of loading and of reading it."""

    number: int
    size: tuple[int, int]  # width, height
    mode: str
    lines: int
    words: int
    text: bool
    confidence: float
    loading: float
    reading: float
    model: str  # that read it, and where it runs


class Outcome(NamedTuple):
    """A page of a task that was read, or why the task failed, or its end, which comes last."""

    task: Task
    page: Page | None = None
    picture: LoadedPage | None = None
    facts: Facts | None = None
    failure: Failure | None = None
    ended: bool = False

    def without(self, *, page: bool = False) -> Outcome:
        """The outcome without its picture, and without the page too if that is not needed any more."""
        return self._replace(picture=None, page=None if page else self.page)


class Ask(NamedTuple):
    """How every input is to be read, and whether what follows needs the picture of a page."""

    mode: AskedMode
    decoding: Decoding
    dpi: int
    pages: PageSelection | None
    pdf: PdfAsk
    pictures: bool = False
    jpegs: bool = False


class Engine(NamedTuple):
    """Which models read, and with how many cores."""

    model_dir: Path | None
    models: dict[ModelTask, Path]
    device: str
    threads: int
    batch_size: int | None

    def reader(self) -> Reader:
        """A reader that loads its models when it needs them."""
        from ocrcli.engine.pipeline import Reader

        return Reader(
            self.model_dir,
            self.models,
            device=self.device,
            threads=self.threads,
            batch_size=self.batch_size,
        )

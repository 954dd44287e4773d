"""The steps between reading and telling: draw the boxes, write the files."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, NamedTuple

from ocrcli.cli.annotations import save_annotated
from ocrcli.cli.lanes import MAX_LANES, read_tasks
from ocrcli.cli.outputs import FolderOutput, Output
from ocrcli.cli.tasks import Ask, Engine, Outcome, Task
from ocrcli.formats.writer import Writer, put_page

if TYPE_CHECKING:
    from ocrcli.engine.pipeline import Reader


class Job(NamedTuple):
    """All that one process has to know of a command line: ``output`` if each input has its own files.

    ``send_pictures`` says that the pages that come out must bring theirs.
    """

    engine: Engine
    ask: Ask
    output: FolderOutput | None = None
    send_pictures: bool = False


def produced(tasks: Iterable[Task], job: Job, reader: Reader) -> Generator[Outcome]:
    """Tasks that are read, their boxes drawn, and written where they have files of their own."""
    outcomes = read_tasks(tasks, reader, job.ask, min(MAX_LANES, job.engine.threads))
    outcomes = annotated(outcomes)
    if job.output is not None:
        return written(outcomes, job.output)
    return outcomes if job.send_pictures else (outcome.without() for outcome in outcomes)


def annotated(outcomes: Iterable[Outcome]) -> Generator[Outcome]:
    """Writes the annotated picture of each page where its task wants one."""
    rank = 0
    for outcome in outcomes:
        if outcome.task.picture and outcome.page is not None and outcome.picture is not None:
            rank += 1
            save_annotated(outcome.task.picture, rank, outcome.picture.pixels, outcome.page)
        if outcome.ended:
            rank = 0
        yield outcome


def written(outcomes: Iterable[Outcome], output: Output) -> Generator[Outcome]:
    """Writes the pages. An outcome goes on once it is written, and an end once its file is whole."""
    rest = iter(outcomes)
    for outcome in rest:
        with output.of(outcome.task) as writer:
            while not outcome.ended:
                _write(writer, outcome)
                yield outcome.without(page=True)
                outcome = next(rest)
        yield outcome


def _write(writer: Writer, outcome: Outcome) -> None:
    if outcome.failure is not None:
        writer.failure(outcome.failure)
    elif outcome.page is not None:
        put_page(writer, outcome.page, outcome.picture)

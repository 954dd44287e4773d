"""What ``ocr predict`` does: plan the tasks, have them read and written, tell what came of them."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from ocrcli.cli import console, outputs
from ocrcli.cli.annotations import annotation_places
from ocrcli.cli.files import sweep
from ocrcli.cli.inputs import Source
from ocrcli.cli.outputs import FolderOutput, OneOutput
from ocrcli.cli.progress import Account, Meter, page_line
from ocrcli.cli.steps import Job, produced, written
from ocrcli.cli.tasks import Ask, Engine, Outcome, Task
from ocrcli.errors import ExitCode, UsageError
from ocrcli.formats.writer import FORMATS, Choices, Writer, format_of, shows_pages

if TYPE_CHECKING:
    from ocrcli.engine.decoding import Decoding
    from ocrcli.engine.pageselect import PageSelection
    from ocrcli.engine.pdf import PdfText

MANY = 12  # inputs; the texts of more run off the screen, and a table shows what came of each
TERMINATED = 128 + 15  # exit code of a program that SIGTERM ended
# An output of up to so many bytes may tell nothing but that its input could not be read.
ERROR_RECORD = 4096


class Request(NamedTuple):
    """What one command line asks for, checked."""

    sources: list[Source]
    choices: Choices
    decoding: Decoding
    engine: Engine
    formats: tuple[str, ...]  # none: what suits the output
    output: str
    annotate: str | None = None
    thumbnail: bool = False
    skip_existing: bool = False
    jobs: int | None = None  # None: as many as help
    pages: PageSelection | None = None
    dpi: int = 200
    password: str | None = None
    pdf_text: PdfText = "auto"
    fail_empty: bool = False
    quiet: bool = False
    verbose: bool = False

    @property
    def for_the_eye(self) -> bool:
        """Whether a person looks at the results."""
        return self.output == outputs.STDOUT and not self.formats and console.is_terminal(sys.stdout)


class Plan(NamedTuple):
    """The tasks, the formats in which they are written, and the one file that is for all, if any."""

    tasks: list[Task]
    formats: tuple[str, ...]
    in_folder: bool = False
    file: Path | None = None
    skipped: int = 0


def read_all(request: Request) -> ExitCode:
    """Reads and writes every input; one that cannot be read is told and does not stop the rest."""
    account = Account(inputs=len(request.sources))
    plan = planned(request)
    account.skipped = plan.skipped
    if not plan.tasks and plan.skipped:
        if request.verbose:
            console.note(account.line())
        return ExitCode.OK
    job, jobs = _job(request, plan)
    with ExitStack() as stack:
        stack.enter_context(_ends_in_order())
        output = None if plan.in_folder else stack.enter_context(_shared_output(request, plan))
        visible = not request.quiet and not request.for_the_eye
        meter = stack.enter_context(Meter(len(plan.tasks), visible=visible))
        outcomes = stack.enter_context(closing(_produced(plan.tasks, job, jobs)))
        if output is not None:
            outcomes = stack.enter_context(closing(written(_seen(outcomes, output), output)))
        text = _tell(outcomes, request, account, meter)
    if request.verbose:
        console.note(account.line())
    if account.failed:
        return ExitCode.BAD_INPUT
    if request.fail_empty and not text:
        console.say("nothing was recognised")
        return ExitCode.NOTHING_RECOGNISED
    return ExitCode.OK


def planned(request: Request) -> Plan:
    """Where everything goes. Raises OutputError and UsageError before any work."""
    sources, target = request.sources, request.output
    if target == outputs.STDOUT:
        plan = _to_stdout(request)
    elif outputs.is_folder(target, sources) or len(request.formats) > 1:
        plan = _to_folder(request)
    else:
        path = Path(target)
        outputs.refuse_overwriting([path], sources)
        formats = request.formats or (format_of(path),)
        plan = Plan([Task(i, source) for i, source in enumerate(sources)], formats, file=path)
    if request.annotate:
        pictures = annotation_places(request.annotate, sources)
        tasks = [task._replace(picture=pictures[task.number]) for task in plan.tasks]
        plan = plan._replace(tasks=tasks)
    return _without_existing(plan) if request.skip_existing else plan


def _to_stdout(request: Request) -> Plan:
    if len(request.formats) > 1:
        raise UsageError("several formats need a folder: name one by --output, such as -o out/")
    if request.skip_existing:
        raise UsageError("--skip-existing goes with --output: what went to stdout is not there any more")
    for format_ in request.formats:
        if FORMATS[format_].binary and console.is_terminal(sys.stdout):
            raise UsageError(f"{format_} is no text for a terminal; name a file by --output")
    tasks = [Task(i, source) for i, source in enumerate(request.sources)]
    return Plan(tasks, request.formats or ("text",))


def _to_folder(request: Request) -> Plan:
    sources = request.sources
    folder = outputs.checked_folder(Path(request.output))
    formats = request.formats or ("text",)
    taken: set[Path] = set()
    columns = [outputs.places(folder, sources, outputs.suffix_of(one), taken) for one in formats]
    sweep({path.parent for column in columns for path in column})
    files = list(zip(*columns, strict=True))
    tasks = [Task(i, source, files[i]) for i, source in enumerate(sources)]
    return Plan(tasks, formats, in_folder=True)


def _without_existing(plan: Plan) -> Plan:
    """Without the tasks whose outputs are all there; numbered anew."""
    if plan.file is not None and not _is_done(plan.file):
        return plan
    left = [task for task in plan.tasks if not _all_there(task, plan)]
    tasks = [task._replace(number=i) for i, task in enumerate(left)]
    return plan._replace(tasks=tasks, skipped=len(plan.tasks) - len(tasks))


def _all_there(task: Task, plan: Plan) -> bool:
    pictures = (task.picture,) if task.picture else ()
    return all(_is_done(path) for path in (*task.files, *pictures, *((plan.file,) if plan.file else ())))


def _is_done(path: Path) -> bool:
    """Whether a file is there and tells more than an error."""
    try:
        if path.stat().st_size > ERROR_RECORD or path.suffix not in (".json", ".jsonl"):
            return True
        return b'"error": {' not in path.read_bytes()
    except OSError:
        return False


def _job(request: Request, plan: Plan) -> tuple[Job, int]:
    """What the processes have to know, and how many they are."""
    from ocrcli.engine.pdf import PdfAsk

    shared = not plan.in_folder
    shown = request.thumbnail if request.for_the_eye else any(shows_pages(one) for one in plan.formats)
    # A page that is one word or character is a picture, whatever text lies behind it.
    pdf_text = request.pdf_text if request.choices.mode in ("auto", "page") else "ocr"
    ask = Ask(
        mode=request.choices.mode,
        decoding=request.decoding,
        dpi=request.dpi,
        pages=request.pages,
        pdf=PdfAsk(
            request.password,
            pdf_text,
            draw=bool(shown or request.annotate),
            copy="pdf" in plan.formats,
        ),
        pictures=bool(shown or request.annotate),
        jpegs=shown and not request.for_the_eye,
    )
    output = None if shared else FolderOutput(plan.formats, request.choices)
    engine, jobs = request.engine, request.jobs
    if jobs is None and len(plan.tasks) > 1:
        from ocrcli.cli.jobs import usual_jobs

        jobs = usual_jobs(engine.threads, len(plan.tasks), engine.device)
    jobs = max(1, min(jobs or 1, len(plan.tasks)))
    engine = engine._replace(threads=max(1, engine.threads // jobs))
    return Job(engine, ask, output, send_pictures=shared and shown), jobs


def _produced(tasks: list[Task], job: Job, jobs: int) -> Generator[Outcome]:
    if jobs == 1:
        return produced(tasks, job, job.engine.reader())
    from ocrcli.cli.jobs import produced_by_processes

    return produced_by_processes(tasks, job, jobs)


def _tell(outcomes: Iterable[Outcome], request: Request, account: Account, meter: Meter) -> bool:
    """Takes in what came of the inputs; gives whether any text did."""
    text = failed = False
    for outcome in outcomes:
        name = outcome.task.source.name
        if outcome.failure is not None:
            failed = True
            console.say(outcome.failure.message)
        if outcome.facts is not None:
            text |= outcome.facts.text
            account.add(outcome.facts)
            meter.page(outcome.facts.number)
            if request.verbose:
                console.note(page_line(name, outcome.facts))
        if outcome.ended:
            account.failed += failed
            meter.ended(failed=failed)
            failed = False
    return text


@contextmanager
def _shared_output(request: Request, plan: Plan) -> Iterator[OneOutput]:
    if plan.file is not None:
        with outputs.output_file(plan.file, plan.formats[0], request.choices) as output:
            yield output
    elif request.for_the_eye:
        view = _View(request)
        yield view
        view.writer.close()
    else:
        with outputs.output_stdout(plan.formats[0], request.choices) as output:
            yield output


class _View(OneOutput):
    """What a person is shown: panels, or a table where there are many inputs."""

    def __init__(self, request: Request) -> None:
        self.model = ""  # that read the page in hand
        terminal = console.rich_console()
        self.writer: Writer
        if len(request.sources) > MANY and not request.thumbnail:
            from ocrcli.formats.overview import Writer as Overview

            self.writer = Overview(terminal, request.choices, [source.name for source in request.sources])
        else:
            from ocrcli.formats.panels import Writer as Panels

            self.writer = Panels(terminal, request.choices, lambda page: self.model)
            if request.thumbnail:
                from ocrcli.cli.thumbnails import Illustrated

                self.writer = cast(Writer, Illustrated(self.writer, terminal))
        super().__init__(self.writer)


def _seen(outcomes: Iterable[Outcome], output: OneOutput) -> Iterator[Outcome]:
    """Tells a view which model read the page that comes next."""
    for outcome in outcomes:
        if isinstance(output, _View) and outcome.facts is not None:
            output.model = outcome.facts.model
        yield outcome


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does: nothing half-written stays, no process is left behind."""
    import signal
    import threading

    def end(number: int, frame: object) -> None:
        raise SystemExit(TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

"""Reads inputs in this process: pages are loaded one by one, and a few of them read side by side.

A network alone does not keep several cores busy, least of all with small images; two pages at
once do, and what is read does not depend on what is read beside it. Outcomes come in the order of
the inputs, each as soon as it and all before it are there.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ocrcli.cli.tasks import Ask, Facts, Outcome, Task
from ocrcli.errors import InputError
from ocrcli.formats.writer import Failure

if TYPE_CHECKING:
    from ocrcli.document import Page
    from ocrcli.engine.images import LoadedPage
    from ocrcli.engine.pipeline import Reader

Result = TypeVar("Result")

MAX_LANES = 4  # a fifth of the work on small images is Python's, of which one thread runs at a time
AHEAD = 8  # pages a lane may be ahead of the one that is waited for …
AHEAD_PIXELS = 40_000_000  # … and all pages in hand together: ten of A4 at 200 dpi


def read_tasks(tasks: Iterable[Task], reader: Reader, ask: Ask, lanes: int) -> Iterator[Outcome]:
    """The outcomes of tasks, in order. Raises ModelError once a model is needed."""
    pool = ThreadPoolExecutor(lanes, "read")
    try:
        models = _submit(pool, reader.prepare, ask.mode)  # while the first image is decoded
        queue = _Queue(reader, ask, AHEAD * lanes)
        for task in tasks:
            if task.source.waits:  # nobody knows how long: what is there goes out first
                yield from queue.all()
            try:
                with closing(_load(task, ask)) as pages:
                    for loaded, seconds in pages:
                        if loaded.printed is None:
                            models.result()
                        reading = _submit(pool, reader.read_page, loaded, ask.mode, ask.decoding)
                        queue.put(_Waiting(task, reading, loaded, seconds))
                        yield from queue.ready()
            except InputError as error:
                queue.put(_Waiting(task, failure=Failure(task.source.name, str(error))))
            queue.put(_Waiting(task, ended=True))
            yield from queue.ready()
        yield from queue.all()
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C only what has begun is waited for


class _Waiting(NamedTuple):
    """An outcome, or one that will be there when a page has been read."""

    task: Task
    reading: Future[Page] | None = None
    loaded: LoadedPage | None = None
    loading: float = 0.0  # seconds
    failure: Failure | None = None
    ended: bool = False

    @property
    def pixels(self) -> int:
        return self.loaded.pixels.shape[0] * self.loaded.pixels.shape[1] if self.loaded else 0


class _Queue:
    """Outcomes in the order of the inputs, as far as they are there."""

    def __init__(self, reader: Reader, ask: Ask, most: int) -> None:
        self._reader = reader
        self._ask = ask
        self._most = most
        self._waiting: deque[_Waiting] = deque()
        self._pixels = 0

    def put(self, waiting: _Waiting) -> None:
        """The next one."""
        self._waiting.append(waiting)
        self._pixels += waiting.pixels

    def ready(self) -> Iterator[Outcome]:
        """Those that need not be waited for, and as many more as are too many to hold."""
        while self._waiting and (self._is_full() or _is_there(self._waiting[0])):
            yield self._next()

    def all(self) -> Iterator[Outcome]:
        """All of them."""
        while self._waiting:
            yield self._next()

    def _is_full(self) -> bool:
        return len(self._waiting) > self._most or self._pixels > AHEAD_PIXELS

    def _next(self) -> Outcome:
        waiting = self._waiting.popleft()
        self._pixels -= waiting.pixels
        if waiting.reading is None:
            return Outcome(waiting.task, failure=waiting.failure, ended=waiting.ended)
        try:
            page = waiting.reading.result()
        except MemoryError:
            name = waiting.task.source.name
            return Outcome(
                waiting.task, failure=Failure(name, f"{name}: too large for the memory of this machine")
            )
        picture = waiting.loaded if self._ask.pictures else None
        return Outcome(waiting.task, page, picture, self._facts(page, waiting))

    def _facts(self, page: Page, waiting: _Waiting) -> Facts:
        printed = waiting.loaded is not None and waiting.loaded.printed is not None
        return Facts(
            number=page.number,
            size=(page.width, page.height),
            mode=page.mode,
            lines=len(page.lines),
            words=sum(len(line.words) for line in page.lines),
            text=bool(page.text),
            confidence=page.confidence,
            loading=waiting.loading,
            reading=page.seconds,
            model="the PDF's own text" if printed else _model(self._reader, page),
        )


def _is_there(waiting: _Waiting) -> bool:
    return waiting.reading is None or waiting.reading.done()


def _model(reader: Reader, page: Page) -> str:
    model = reader.classifier.model if page.mode == "char" else reader.recogniser.networks.any
    return f"{model.card.architecture} on {model.device}"


def _load(task: Task, ask: Ask) -> Generator[tuple[LoadedPage, float]]:
    """The pages of an input, and the seconds that it took to load each. Raises InputError."""
    from ocrcli.engine.images import load_pages

    pages = load_pages(
        task.source.read(),
        name=task.source.name,
        dpi=ask.dpi,
        pages=ask.pages,
        keep_jpeg=ask.jpegs,
        pdf=ask.pdf,
        draft=not (ask.pictures or ask.jpegs),
    )
    began = time.perf_counter()
    for page in pages:
        yield page, time.perf_counter() - began
        began = time.perf_counter()


def _submit(pool: ThreadPoolExecutor, work: Callable[..., Result], *arguments: Any) -> Future[Result]:
    """Hands work to a pool. The threads that it starts leave Ctrl-C to this one.

    The system may hand the signal to any thread, and Python would then not notice it
    while this one waits for a pipe or a slow disk.
    """
    with interrupts_blocked():
        return pool.submit(work, *arguments)


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Threads and processes that are started here leave Ctrl-C to this one."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

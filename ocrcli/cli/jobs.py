"""Reads inputs in several processes, and brings what they make into the order of the inputs.

Each process takes the next few inputs as soon as it has done its last ones. What it sends is held
back until all inputs before are told; where that gets to be much, it has to wait. A process that
dies, as they do where memory ends, costs the input that it was at, and another takes its place.
"""

from __future__ import annotations

import pickle
from collections import defaultdict, deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ocrcli.cli.files import drop_parts
from ocrcli.cli.lanes import MAX_LANES, interrupts_blocked
from ocrcli.cli.steps import Job, produced, written
from ocrcli.cli.tasks import Outcome, Task
from ocrcli.errors import InputError, OcrError
from ocrcli.formats.writer import Failure
from ocrcli.pipes import read_file

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

AHEAD_BYTES = 64 << 20  # of outcomes that wait for their turn; more, and who is ahead has to wait
SMALL = 64 << 10  # bytes; a file up to this size is a word or a receipt, not worth a message of its own
MOST_AT_ONCE = 16  # inputs that a process takes, if they are small
WORTH_IT = 8  # inputs that a process needs to make up for its start
STOPPING = 5.0  # seconds that an idle process may take to end


def usual_jobs(cores: int, inputs: int, device: str) -> int:
    """Processes where none are asked for: one for as many cores as the lanes of one can keep busy."""
    if device != "cpu" and (device == "cuda" or _has_gpu_runtime()):
        return 1  # they would only wait for each other, each with its own copy of the models
    return max(1, min(-(-cores // MAX_LANES), inputs // WORTH_IT))


def _has_gpu_runtime() -> bool:
    from importlib.metadata import PackageNotFoundError, version

    with suppress(PackageNotFoundError):
        return bool(version("onnxruntime-gpu"))
    return False


def produced_by_processes(tasks: Sequence[Task], job: Job, jobs: int) -> Generator[Outcome]:
    """As :func:`produced`, by so many processes. Raises what they raise, OcrError if none will start."""
    crew = _Crew(tasks, job, jobs)
    try:
        yield from crew.outcomes()
    finally:
        crew.dismiss()


@dataclass
class _Worker:
    """A process, our end of the pipe to it, and the tasks that it has not ended."""

    process: BaseProcess
    pipe: Connection
    tasks: deque[Task] = field(default_factory=deque)
    is_up: bool = False


class _Crew:
    """The processes and what they have sent."""

    def __init__(self, tasks: Sequence[Task], job: Job, jobs: int) -> None:
        self._job = job
        self._jobs = jobs
        self._tasks = tasks
        self._todo = deque(tasks)
        self._workers: list[_Worker] = []
        self._held: defaultdict[int, deque[bytes | Outcome]] = defaultdict(deque)
        self._held_bytes = 0

    def outcomes(self) -> Iterator[Outcome]:
        """Everything, in the order of the tasks."""
        for task in self._tasks:
            ended = False
            while not ended:
                while not self._held[task.number]:
                    self._listen(task)
                outcome = self._taken(task)
                ended = outcome.ended
                yield outcome
            del self._held[task.number]

    def dismiss(self) -> None:
        """Ends all processes. One that is at work is stopped, and what it has begun removed."""
        for worker in self._workers:
            if worker.tasks:
                worker.process.terminate()
            with suppress(OSError):
                worker.pipe.close()  # ends those that wait
        for worker in self._workers:
            worker.process.join(STOPPING)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            self._clean_up(worker)
        self._workers = []

    def _taken(self, task: Task) -> Outcome:
        message = self._held[task.number].popleft()
        if isinstance(message, Outcome):
            return message
        self._held_bytes -= len(message)
        return pickle.loads(message)._replace(task=task)

    def _listen(self, turn: Task) -> None:
        """Gives work to who has none, and takes in what comes next."""
        from multiprocessing.connection import wait

        self._give_work()
        full = self._held_bytes > AHEAD_BYTES
        heard = [w for w in self._workers if not full or (w.tasks and w.tasks[0].number == turn.number)]
        pipes = {worker.pipe: worker for worker in heard}
        for pipe in wait(list(pipes)):
            worker = pipes[pipe]  # type: ignore[index]
            try:
                self._take(worker, worker.pipe.recv_bytes())
            except (EOFError, OSError):
                self._bury(worker)

    def _give_work(self) -> None:
        for worker in self._workers:
            if self._todo and not worker.tasks:
                self._send(worker)
        hired = [self._hired() for _ in range(min(self._jobs - len(self._workers), len(self._todo)))]
        self._workers += hired
        for worker in hired:  # they start side by side, and take in what they are told once they are up
            with suppress(OSError):  # it has died already: that is heard soon
                # Not by its arguments: those of a process that dies before it reads them wait for ever.
                worker.pipe.send(self._job)
            if self._todo:
                self._send(worker)

    def _hired(self) -> _Worker:
        from multiprocessing import get_context

        context = get_context("spawn")  # a copy of this process would have its locks, but not its threads
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs,), daemon=True)
        with interrupts_blocked():
            process.start()
        theirs.close()  # so that the death of the process ends the pipe
        return _Worker(process, ours)

    def _send(self, worker: _Worker) -> None:
        worker.tasks.extend(self._next_few())
        with suppress(OSError):  # as above
            worker.pipe.send(list(worker.tasks))

    def _next_few(self) -> Iterator[Task]:
        """The next task, and the small ones behind it, but not more than a fair share."""
        share = min(MOST_AT_ONCE, -(-len(self._todo) // (2 * self._jobs)))
        for _ in range(share):
            task = self._todo.popleft()
            yield _with_data(task)
            if not self._todo or _size(task) > SMALL:
                return

    def _take(self, worker: _Worker, message: bytes) -> None:
        if not worker.is_up:  # the first one says that it has started
            worker.is_up = True
            return
        if message[:1] == b"!":
            raise pickle.loads(message[1:])
        number = worker.tasks[0].number
        if message[:1] == b".":
            worker.tasks.popleft()
        self._held[number].append(message[1:])
        self._held_bytes += len(message) - 1

    def _bury(self, worker: _Worker) -> None:
        """A process has died: its first task failed, the others are for somebody else."""
        worker.process.join()
        self._workers.remove(worker)
        worker.pipe.close()
        how = _how(worker.process.exitcode)
        if not worker.is_up:
            raise OcrError(f"a process for reading could not start ({how}); --jobs 1 does without")
        self._clean_up(worker)
        if not worker.tasks:
            return
        task = worker.tasks.popleft()
        self._todo.extendleft(reversed(worker.tasks))
        reason = f"{task.source.name}: the process that read it died ({how}); try it alone, or fewer --jobs"
        outcomes: Iterator[Outcome] = iter(
            (Outcome(task, failure=Failure(task.source.name, reason)), Outcome(task, ended=True))
        )
        if self._job.output is not None:
            outcomes = written(outcomes, self._job.output)
        self._held[task.number].extend(outcomes)

    def _clean_up(self, worker: _Worker) -> None:
        if worker.process.pid is not None:
            for task in worker.tasks:
                drop_parts([*task.files, *([task.picture] if task.picture else [])], worker.process.pid)


def _with_data(task: Task) -> Task:
    """The task with what comes through a pipe, which no other process can read."""
    if not task.source.waits:
        return task
    try:
        data = task.source.read()
        if not isinstance(data, bytes):
            data = read_file(data)
    except InputError as error:
        return task._replace(source=replace(task.source, problem=error))
    except OSError as error:
        problem = InputError(f"{task.source.name}: {error.strerror or error}")
        return task._replace(source=replace(task.source, problem=problem))
    return task._replace(source=replace(task.source, data=data))


def _size(task: Task) -> int:
    """Bytes of an input, none where it cannot be read."""
    source = task.source
    if source.data is not None:
        return len(source.data)
    with suppress(OSError, AttributeError):
        return source.path.stat().st_size  # type: ignore[union-attr]
    return 0


def _how(code: int | None) -> str:
    """How a process ended."""
    if code == -9:
        return "killed by signal 9: was there too little memory?"
    return f"killed by signal {-code}" if code and code < 0 else f"exit code {code}"


def work(pipe: Connection) -> None:
    """What a process does: it reads the tasks it is sent, and sends back what came of them."""
    import os
    import signal
    import warnings

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    warnings.simplefilter("ignore")
    with suppress(EOFError, OSError):  # that process is no more
        job = pipe.recv()
        pipe.send_bytes(b"up")
        _work(pipe, job)
    os._exit(0)  # taking the libraries down takes longer than reading a word


def _work(pipe: Connection, job: Job) -> None:
    reader = job.engine.reader()
    while True:
        tasks = pipe.recv()
        try:
            for outcome in produced(tasks, job, reader):
                kind = b"." if outcome.ended else b","
                pipe.send_bytes(kind + pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL))
        except (EOFError, BrokenPipeError):
            raise
        except Exception as error:
            pipe.send_bytes(b"!" + _pickled(error))


def _pickled(error: Exception) -> bytes:
    """An error as it was, with its traceback for ``--debug``."""
    import traceback

    story: Any = [*getattr(error, "__notes__", ()), "in another process:\n" + traceback.format_exc()]
    try:
        data = pickle.dumps(error)
        pickle.loads(data)
    except Exception:  # made by a library that did not think of it
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.__dict__["__notes__"] = story  # what Python 3.11 and later show below it
    return pickle.dumps(error)

"""Raw data → store, by several processes, in little memory, going on after a kill.

The source is cut into numbered jobs of a few images. Workers turn jobs into parts; this process writes the
parts in the jobs' order. Every few jobs the file is closed and made a checkpoint (``rollback.py``), from
which a later run goes on. Where the checkpoints lie depends on the jobs alone, so the store has the same
bytes however many workers made it and however often they were killed.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import h5py

from ocrcli.datasets import rollback, worker
from ocrcli.datasets.store import (
    FORMAT,
    Header,
    as_json,
    is_made,
    locked,
    needs_room,
    part_path,
    reason_of,
    write_header,
)
from ocrcli.errors import InputError, OcrError, OutputError

IMAGES = 32  # a job: some 270 words of SynthText; less would be spent on sending them around
JOBS, BYTES = 32, 64 << 20  # between two checkpoints, whichever comes first: a few seconds of work
FUTILE = 8  # jobs without a single sample: none is to be expected of the others
AHEAD = 2  # jobs a worker that are given out before their turn comes


class Part(Protocol):
    """What a job became: ``WordPart`` or ``PagePart``."""

    dropped: Counter[str]

    @property
    def kept(self) -> int:
        """Number of samples."""
        ...

    @property
    def bytes(self) -> int:
        """Their size in memory."""
        ...


class Writer(Protocol):
    """Appends to an open store: ``WordWriter`` or ``PageWriter``."""

    def append(self, parts: Sequence[Any]) -> None:
        """Appends parts in order."""
        ...

    def parts(self) -> dict[str, int]:
        """Samples by part of the store."""
        ...


@dataclass(frozen=True)
class Job:
    """Some images of the source. ``payload`` can be pickled.

    ``after`` (JSON) says where the source goes on behind it, where that is not told by the number of
    jobs: ``Conversion.jobs`` gets it back.
    """

    payload: Any
    images: int
    after: Any = None


@dataclass
class Progress:
    """How far a conversion is; kept with each checkpoint."""

    jobs: int = 0
    images: int = 0
    kept: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    after: Any = None


@dataclass(frozen=True)
class Conversion:
    """What is made of what, and how.

    ``jobs`` gives the jobs from the beginning, or from ``after`` of an earlier one on. ``work`` is called
    in the workers: it can be pickled, and what it returns is a ``Part``. ``room``: bytes that the store
    takes for sure, with which a disk is refused before the work begins.
    """

    path: Path
    header: Header
    writer: Callable[[h5py.File], Writer]
    jobs: Callable[[Any], Iterator[Job]]
    work: Callable[[Any], Any]
    room: int = 0


@dataclass(frozen=True)
class Outcome:
    """``made`` is False when the store was there; ``resumed``: images that an earlier run had done."""

    made: bool
    resumed: int = 0
    progress: Progress = field(default_factory=Progress)


def convert(
    plan: Conversion, workers: int = 1, tell: Callable[[Progress], None] = lambda _: None, force: bool = False
) -> Outcome:
    """Makes the store, or goes on with it. ``workers`` below 2 works in this process.

    ``tell`` hears of the progress at the start and after each job. Raises OutputError when the store
    cannot be written, InputError when nothing could be used, and what ``jobs`` and ``work`` raise; a
    later call then goes on from the last checkpoint.
    """
    partial = part_path(plan.path)
    if not force and is_made(plan.path, plan.header):
        if not partial.exists():
            rollback.forget(partial)  # its run was killed after the last step
        return Outcome(False)
    needs_room(plan.path, plan.room)
    with locked(plan.path, partial):
        progress = _begin(plan, partial, force)
        resumed = progress.images
        tell(progress)
        kept = resumed > 0  # whether there is anything to go on with
        try:
            jobs = plan.jobs(progress.after)
            if progress.after is None:
                jobs = islice(jobs, progress.jobs, None)
            with closing(_results(jobs, plan.work, workers)) as results:
                while _segment(plan, partial, results, progress, tell):
                    rollback.commit(partial, {"of": _identity(plan.header), **asdict(progress)})
                    kept = True
        except BaseException:
            if not kept:
                _remove(partial)
            raise
        partial.replace(plan.path)
        rollback.forget(partial)
    return Outcome(True, resumed, progress)


def _identity(header: Header) -> str:
    """What an unfinished store must have been made from to be gone on with."""
    values = json.dumps(asdict(header), sort_keys=True, default=str)
    return hashlib.sha256(values.encode()).hexdigest()


def _begin(plan: Conversion, partial: Path, force: bool) -> Progress:
    """Takes up an unfinished store at its checkpoint, or begins one."""
    found = None if force else rollback.recover(partial)
    identity = _identity(plan.header)
    if found is not None and found.pop("of", None) == identity:
        return Progress(**found)
    rollback.forget(partial)
    with h5py.File(partial, "w", libver=FORMAT, locking=False) as file:
        write_header(file, plan.header)
    progress = Progress()
    rollback.commit(partial, {"of": identity, **asdict(progress)})
    return progress


def _segment(
    plan: Conversion,
    partial: Path,
    results: Iterator[tuple[Job, Any]],
    progress: Progress,
    tell: Callable[[Progress], None],
) -> bool:
    """Writes what a few jobs gave. False when they were the last, and the store is finished."""
    parts: list[Any] = []
    for job, part in results:
        parts.append(part)
        progress.jobs += 1
        progress.images += job.images
        progress.kept += part.kept
        progress.dropped = dict(Counter(progress.dropped) + part.dropped)
        progress.after = job.after
        tell(progress)
        if progress.jobs == FUTILE:
            _check_useful(plan, progress)
        if len(parts) == JOBS or sum(part.bytes for part in parts) >= BYTES:
            break
    if not parts:
        _check_useful(plan, progress)
    try:
        raw = rollback.RollbackFile(partial)
        try:
            _append(plan, raw, parts, progress)
        finally:
            raw.close()
            if raw.failure:
                raise raw.failure
    except (OSError, RuntimeError) as error:  # HDF5 raises both
        raise OutputError(
            f"{plan.path}: cannot write it: {reason_of(error)}; "
            "the same command later goes on where this one stopped"
        ) from error
    return bool(parts)


def _append(plan: Conversion, raw: rollback.RollbackFile, parts: list[Any], progress: Progress) -> None:
    """Writes parts into the file, or what a finished store tells of itself when there are no more."""
    file = h5py.File(raw, "r+", libver=FORMAT)
    try:
        writer = plan.writer(file)
        if parts:
            writer.append(parts)
        else:
            file.attrs["parts"] = as_json(writer.parts())
            file.attrs["dropped"] = as_json(dict(sorted(progress.dropped.items())))
        file.close()
    except BaseException:
        raw.abandon()  # what is half written goes back at the next start
        with suppress(OSError, RuntimeError):
            file.close()
        raise


def _remove(partial: Path) -> None:
    """Removes an unfinished store that nobody will go on with."""
    rollback.forget(partial)
    partial.unlink(missing_ok=True)


def _check_useful(plan: Conversion, progress: Progress) -> None:
    """Raises InputError, naming the reasons, when nothing could be used."""
    if not progress.kept:
        _remove(part_path(plan.path))
        reasons = ", ".join(f"{count:,} × {reason}" for reason, count in sorted(progress.dropped.items()))
        raise InputError(
            f"{plan.header.dataset}: nothing to be used in {progress.images:,} images"
            + (f" ({reasons})" if reasons else "")
        )


# --- workers -----------------------------------------------------------------------------------


def _results(
    jobs: Iterator[Job], work: Callable[[Any], Any], workers: int
) -> Generator[tuple[Job, Any], None, None]:
    """Each job with what it became, in order; never more than a few of them in memory."""
    if workers < 2:
        for job in jobs:
            yield job, work(job.payload)
        return
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_start, initargs=(work,)
    )
    waiting: deque[tuple[Job, Future[Any]]] = deque()
    try:
        for job in jobs:
            waiting.append((Job(None, job.images, job.after), pool.submit(_work, job.payload)))
            if len(waiting) > AHEAD * workers:
                job, future = waiting.popleft()
                yield job, future.result()
        while waiting:
            job, future = waiting.popleft()
            yield job, future.result()
    except BrokenProcessPool as error:
        raise OcrError("a worker died (out of memory?): run it again with fewer --workers") from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_task: Callable[[Any], Any] | None = None


def _start(work: Callable[[Any], Any]) -> None:
    global _task
    worker.settle()
    _task = work


def _work(payload: Any) -> Any:
    assert _task is not None
    return _task(payload)

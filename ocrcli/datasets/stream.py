"""An endless stream of training batches, rendered while the network trains.

Rendering is slower than a small network trains, and a machine has few cores. So samples come
in numbered **chunks**: worker processes render chunk c+1 while chunk c is trained on, and
each chunk is used ``echo`` times (Choi 2019, arXiv 1907.05550). Everything is numbered and
seeded: sample i of chunk c is rendered from ``default_rng([seed, c, i])`` and the order of pass e over
chunk c comes from ``default_rng([seed, c, e])`` alone, so a run resumes exactly at any batch.

This module and every recipe stay free of torch: workers import them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from typing import Any, ClassVar

import numpy as np

from ocrcli.datasets import worker
from ocrcli.errors import OcrError, UsageError

Chunk = dict[str, np.ndarray]
ORDER_STREAM = 1 << 20  # keeps the order's random numbers apart from the samples'
WORKER_NICE = 2  # the training process goes first, but a renderer that starves holds it up too
AHEAD = 2  # chunks rendered ahead: rides out the times when the machine is busy
POLL = 0.5  # seconds between looks at whether to stop
EMPTY_CHUNKS = 3  # in a row without a usable sample: no run can come of it
PARTS_PER_WORKER = 4  # smaller pieces even out slow and fast samples


class Recipe(ABC):
    """How samples are rendered, packed and put into batches. Picklable; see ``training/task.py``."""

    batch_size: int
    # Why samples are left out of a chunk; ``chunk["dropped"]`` then counts them, (parts, reasons).
    drop_reasons: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def open(self) -> Callable[[np.random.Generator], Any]:
        """Builds the renderer in the process that uses it; returns ``rng -> sample``."""

    def part(
        self, source: Callable[[np.random.Generator], Any], seed: int, chunk: int, start: int, stop: int
    ) -> Chunk:
        """Samples ``start`` … ``stop`` of a chunk; a recipe that reads a store reads them at once."""
        return self.pack([source(np.random.default_rng([seed, chunk, i])) for i in range(start, stop)])

    @abstractmethod
    def pack(self, samples: list[Any]) -> Chunk:
        """Many samples as a few arrays; the parts of a chunk are joined along axis 0."""

    def join(self, parts: list[Chunk]) -> Chunk:
        """One chunk from its parts."""
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    def length(self, chunk: Chunk) -> int:
        """Number of usable samples of the chunk."""
        return len(next(iter(chunk.values())))

    def batches(self, chunk: Chunk, rng: np.random.Generator) -> list[np.ndarray]:
        """Sample indices of each batch. By default a shuffle; what does not fill a batch waits its turn."""
        order = rng.permutation(self.length(chunk))
        whole = max(len(order) // self.batch_size, 1)
        return np.array_split(order[: whole * self.batch_size], whole)

    @abstractmethod
    def collate(self, chunk: Chunk, indices: np.ndarray) -> dict[str, np.ndarray]:
        """One batch; the key ``image`` is uint8 ``(N, C, H, W)``."""


@dataclass(frozen=True)
class Position:
    """Where the next batch comes from."""

    chunk: int = 0
    echo: int = 0
    batch: int = 0


@dataclass(frozen=True)
class StreamPlan:
    """The numbers that decide what a stream yields (all but ``workers``)."""

    seed: int
    chunk: int  # samples
    echo: int = 1
    workers: int = 0
    rank: int = 0  # this process takes chunks rank, rank + world, …
    world: int = 1


@dataclass(frozen=True)
class StreamBatch:
    """One batch, how often its chunk has been seen before, and where the stream goes on after it."""

    arrays: dict[str, np.ndarray]
    echo: int
    after: Position


class Stream:
    """Batches from ``start`` on, without end. Use as a context manager: it owns processes."""

    def __init__(
        self,
        recipe: Recipe,
        plan: StreamPlan,
        start: Position | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.recipe, self.plan, self.start = recipe, plan, start or Position(chunk=plan.rank)
        self.stopped = stopped  # asked while waiting for a chunk; ends the stream
        self.waited = 0.0  # seconds that training stood still for want of a chunk
        self.dropped = dict.fromkeys(recipe.drop_reasons, 0)
        self._enough = multiprocessing.get_context("spawn").Event()  # set: nobody waits for chunks any more
        self._pool = _start_pool(recipe, plan.workers, self._enough) if plan.workers else None
        self._render: Callable[[np.random.Generator], Any] | None = None
        self._pending: dict[int, list[Future[Chunk]]] = {}
        self._empty = 0

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            # Workers end after the part in hand. One that is killed while it sends a part leaves the pool's
            # pipe locked, and this process would wait for the others for ever.
            self._enough.set()
            self._pool.shutdown(wait=False, cancel_futures=True)

    def __iter__(self) -> Iterator[StreamBatch]:
        position = self.start
        while (chunk := self._chunk(position.chunk)) is not None:
            following = Position(position.chunk + self.plan.world)
            for ahead in range(AHEAD):
                self._ask(following.chunk + ahead * self.plan.world)
            self._count(chunk)
            yield from self._passes(chunk, position, following)
            position = following

    def _passes(self, chunk: Chunk, start: Position, following: Position) -> Iterator[StreamBatch]:
        """The batches of one chunk from ``start`` on, echo after echo."""
        for echo in range(start.echo, self.plan.echo):
            rng = np.random.default_rng([self.plan.seed, start.chunk, ORDER_STREAM + echo])
            batches = self.recipe.batches(chunk, rng) if self.recipe.length(chunk) else []
            later = Position(start.chunk, echo + 1) if echo + 1 < self.plan.echo else following
            for i in range(start.batch if echo == start.echo else 0, len(batches)):
                after = Position(start.chunk, echo, i + 1) if i + 1 < len(batches) else later
                yield StreamBatch(self.recipe.collate(chunk, batches[i]), echo, after)

    def _ask(self, number: int) -> None:
        """Sends the rendering of a chunk to the workers."""
        if self._pool is None or number in self._pending:
            return
        parts = np.array_split(np.arange(self.plan.chunk), self.plan.workers * PARTS_PER_WORKER)
        seeds = [(self.plan.seed, number, int(part[0]), int(part[-1]) + 1) for part in parts if len(part)]
        self._pending[number] = [self._pool.submit(_render_in_worker, *seed) for seed in seeds]

    def _chunk(self, number: int) -> Chunk | None:
        if self._pool is None:
            self._render = self._render or self.recipe.open()
            return _render_part(self.recipe, self._render, self.plan.seed, number, 0, self.plan.chunk)
        self._ask(number)
        futures = self._pending.pop(number)
        began = time.monotonic()
        while wait_for(futures, POLL).not_done:
            if self.stopped():
                return None
        try:
            parts = [future.result() for future in futures]
        except BrokenProcessPool as error:
            raise OcrError(
                "a render worker died (out of memory?): use fewer with --workers, or --workers 0 to see why"
            ) from error
        self.waited += time.monotonic() - began
        return self.recipe.join(parts)

    def _count(self, chunk: Chunk) -> None:
        """Keeps account of what was left out; an endless wait for a usable sample is an error."""
        for reason, count in zip(self.dropped, chunk.get("dropped", np.empty((0, 0))).sum(0), strict=True):
            self.dropped[reason] += int(count)
        self._empty = 0 if self.recipe.length(chunk) else self._empty + 1
        if self._empty >= EMPTY_CHUNKS:
            seen = EMPTY_CHUNKS * self.plan.chunk
            raise UsageError(f"no usable sample in {seen:,}: are the labels within the --alphabet?")


def _render_part(
    recipe: Recipe,
    render: Callable[[np.random.Generator], Any],
    seed: int,
    number: int,
    start: int,
    stop: int,
) -> Chunk:
    return recipe.part(render, seed, number, start, stop)


# --- in the worker processes ---------------------------------------------------------------

_worker: tuple[Recipe, Callable[[np.random.Generator], Any]] | None = None
_failure: OcrError | None = None
_enough: Event | None = None


def _start_pool(recipe: Recipe, workers: int, enough: Event) -> ProcessPoolExecutor:
    """Spawned (not forked: the parent runs threads) processes with one compute thread each."""
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_start_worker, initargs=(recipe, enough)
    )
    with _environment(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1"):
        pool.submit(os.getpid)  # the first task starts the first process
    return pool


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {key: os.environ.get(key) for key in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def _start_worker(recipe: Recipe, enough: Event) -> None:
    global _worker, _failure, _enough
    _enough = enough
    worker.settle()
    with contextlib.suppress(OSError, AttributeError):
        os.nice(WORKER_NICE)
    try:
        _worker = recipe, recipe.open()
    except OcrError as error:  # told when the first part is asked for: here it would only break the pool
        _failure = error


def _render_in_worker(seed: int, number: int, start: int, stop: int) -> Chunk:
    if _enough is not None and _enough.is_set():
        raise OcrError("the stream has ended")
    if _failure is not None or _worker is None:
        raise _failure or OcrError("a render worker has no renderer")
    recipe, render = _worker
    return _render_part(recipe, render, seed, number, start, stop)

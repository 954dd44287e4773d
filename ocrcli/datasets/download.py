"""Downloads a whole dataset, file by file, as its plan says.

Layout of the folder: the files under the paths they have at their origin, and
``manifest.json`` once all of them are there (see ``manifest.py``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from ocrcli.datasets import hub
from ocrcli.datasets import manifest as manifests
from ocrcli.datasets.catalogue import RemoteFile
from ocrcli.datasets.downloadplan import Plan, holds
from ocrcli.datasets.fetch import Fetched, Fetcher
from ocrcli.datasets.manifest import Entry, Manifest
from ocrcli.datasets.partfile import PartFile, cannot_write, sha256_of
from ocrcli.datasets.shards import count_samples
from ocrcli.datasets.web import Web

LOCK = ".lock"
LOCK_SECONDS = 0.25  # between two looks whether another download has ended


class Listener:
    """What wants to know how a download goes; this one does not."""

    def start(self, total: int, done: int) -> None:
        """A download of so many bytes begins; ``done`` of them are there."""

    def file(self, path: str, number: int, count: int) -> None:
        """A file begins, the ``number``-th of about ``count``."""

    def at(self, done: int) -> None:
        """So many bytes of the whole are there."""

    def wait(self, text: str) -> None:
        """Something holds it up for a while."""


@dataclass(frozen=True)
class Outcome:
    """How a download ended: the manifest, the bytes that came, the servers, and what others answered."""

    manifest: Manifest
    came: int = 0
    hosts: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


@contextmanager
def locked(folder: Path, listener: Listener) -> Iterator[None]:
    """Only one download works on a folder, a second one waits. The lock dies with its process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            listener.wait(f"another download is at work in {folder}; waiting for it")
            lock.acquire(poll_interval=LOCK_SECONDS)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def carry_out(plan: Plan, web: Web, listener: Listener) -> Outcome:
    """Fetches what a plan lacks and writes the manifest. Raises NetworkError, OutputError."""
    if plan.wish.force:
        for file in plan.files:
            PartFile(plan.wish.folder / file.path, file).discard()
    there = {file.path: plan.done(file) for file in plan.wanted}
    listener.start(plan.total, sum(there.values()))
    entries: list[Entry] = []
    fetched: list[Fetched] = []
    for number, file in enumerate(plan.files, 1):
        if plan.limit is not None and holds(entries, plan.limit, otherwise=number > plan.count):
            break
        entry = plan.entry(file)
        if entry is None:
            listener.file(file.path, number, max(plan.count, number))
            others = sum(size for path, size in there.items() if path != file.path)
            result = _fetch(plan, file, Fetcher(web, partial(_tell, listener, others)))
            there[file.path] = result.size
            entry = Entry(file.path, result.size, file.sha256, count_samples(result.path))
            fetched.append(result)
        entries.append(entry)
        _save(plan, entries, finished=False)
    return Outcome(
        _save(plan, entries, finished=True),
        sum(result.came for result in fetched),
        tuple(dict.fromkeys(result.host for result in fetched)),
        tuple(dict.fromkeys(failure for result in fetched for failure in result.failures)),
    )


def _tell(listener: Listener, others: int, position: int) -> None:
    listener.at(others + position)


def _fetch(plan: Plan, file: RemoteFile, fetcher: Fetcher) -> Fetched:
    """A file, from the cache of Hugging Face's tools if it lies there, else from a server."""
    target = plan.wish.folder / file.path
    copy = None if plan.wish.force else hub.cached_copy(plan.wish.dataset, file)
    if copy is not None and sha256_of(copy) == file.sha256:
        _take(copy, target)
        size = target.stat().st_size
        return Fetched(target, "the Hugging Face cache", size, size)
    return fetcher.fetch(file, target)


def _take(copy: Path, target: Path) -> None:
    """Another name for the same bytes where the disk allows, else a copy."""
    temporary = target.with_name(target.name + manifests.UNFINISHED)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        try:
            os.link(copy.resolve(), temporary)
        except OSError:
            shutil.copyfile(copy, temporary)
        temporary.replace(target)
    except OSError as error:
        raise cannot_write(target, error) from error


def _save(plan: Plan, entries: Sequence[Entry], *, finished: bool) -> Manifest:
    dataset = plan.wish.dataset
    result = Manifest(
        dataset=dataset.name,
        origin=plan.origin,
        revision=plan.revision,
        limit=plan.limit,
        complete=len(entries) == len(plan.files),
        files=tuple(entries),
        licence=dataset.licence,
        citation=dataset.citation,
    )
    try:
        result.save(plan.wish.folder, finished=finished)
    except OSError as error:
        raise cannot_write(plan.wish.folder, error) from error
    return result

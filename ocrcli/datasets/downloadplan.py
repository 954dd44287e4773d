"""What a download has to do: what is wanted, what is there already, what it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ocrcli.datasets import manifest as manifests
from ocrcli.datasets.catalogue import Dataset, RemoteFile, Source, raw_folder
from ocrcli.datasets.manifest import Entry, Manifest
from ocrcli.datasets.partfile import PartFile, needs_room, sha256_of
from ocrcli.datasets.shards import count_samples
from ocrcli.errors import UsageError

if TYPE_CHECKING:
    from ocrcli.datasets.web import Web


@dataclass(frozen=True)
class Wish:
    """What the user asks for. ``limit`` is a number of samples; ``mirrors`` are tried first."""

    dataset: Dataset
    dest: Path | None = None
    mirrors: tuple[str, ...] = ()
    limit: int | None = None
    force: bool = False

    @property
    def folder(self) -> Path:
        """Where the files go."""
        return self.dest if self.dest is not None else raw_folder(self.dataset.name)


@dataclass(frozen=True)
class Plan:
    """The files that are wanted, in order; ``entries`` are those that are there already."""

    wish: Wish
    origin: str
    revision: str
    files: tuple[RemoteFile, ...]  # all of the dataset
    count: int  # so many of them are expected to be needed
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def limit(self) -> int | None:
        """Samples to fetch at least; None for all. An archive comes whole."""
        return None if self.wish.dataset.archives else self.wish.limit

    @property
    def wanted(self) -> tuple[RemoteFile, ...]:
        """The files that are expected to be needed."""
        return self.files[: self.count]

    def entry(self, file: RemoteFile) -> Entry | None:
        """The file's entry if it is there, also of files that were not expected to be needed."""
        if file in self.wanted:
            return self.entries.get(file.path)
        return _there(self.wish, (file,)).get(file.path)

    @property
    def total(self) -> int:
        """Bytes of the wanted files, as far as they are known."""
        return sum(file.size or 0 for file in self.wanted)

    @property
    def missing(self) -> int:
        """Bytes of the wanted files that are still to come, parts on the disk left out."""
        return sum((f.size or 0) - self.done(f) for f in self.wanted)

    def done(self, file: RemoteFile) -> int:
        """Bytes of a file that need not come."""
        if self.wish.force:
            return 0
        if file.path in self.entries or _costs_nothing(self.wish, file):
            return file.size or 0
        part = PartFile(self.wish.folder / file.path, file)
        return min(max(part.usable(source.url) for source in file.sources), file.size or 0)


def _costs_nothing(wish: Wish, file: RemoteFile) -> bool:
    """Whether the file lies in a cache on the same disk, where it only gets another name."""
    from ocrcli.datasets.hub import cached_copy

    copy = cached_copy(wish.dataset, file)
    return copy is not None and wish.folder.exists() and copy.stat().st_dev == wish.folder.stat().st_dev


def present(wish: Wish) -> Manifest | None:
    """The manifest of an earlier download that holds all that is asked for; never asks the network."""
    found = manifests.load(wish.folder)
    if wish.force or found is None or found.dataset != wish.dataset.name:
        return None
    if not all(manifests.is_there(wish.folder, entry) for entry in found.files):
        return None
    enough = wish.limit is not None and holds(found.files, wish.limit, otherwise=found.limit == wish.limit)
    return found if found.complete or enough else None


def make_plan(wish: Wish, web: Web) -> Plan:
    """What to fetch; asks the Hub where the dataset lies there.

    Raises NetworkError when no server says, UsageError for a mirror that is no address.
    """
    dataset = wish.dataset
    if dataset.archives:
        files = tuple(_with_mirrors(file, wish.mirrors) for file in dataset.archives)
        origin, revision = urlsplit(dataset.archives[0].sources[0].url).netloc, ""
    else:
        from ocrcli.datasets import hub

        hub.check_online()
        servers = hub.endpoints(wish.mirrors)
        listing = hub.list_files(web, dataset, servers)
        files, origin, revision = listing.files, dataset.repository, listing.revision
    count = _count(dataset, files, wish.limit)
    return Plan(wish, origin, revision, files, count, _there(wish, files[:count]))


def _with_mirrors(file: RemoteFile, mirrors: Sequence[str]) -> RemoteFile:
    """The file with the user's mirrors before its own; a mirror is its address or that of its folder."""
    sources = []
    for mirror in mirrors:
        parts = urlsplit(mirror)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise UsageError(f"{mirror}: a mirror is an address with http:// or https://")
        whole = PurePosixPath(parts.path).suffix == PurePosixPath(file.path).suffix or parts.query
        sources.append(Source(mirror if whole else f"{mirror.rstrip('/')}/{file.path}"))
    return replace(file, sources=(*sources, *file.sources))


def _count(dataset: Dataset, files: Sequence[RemoteFile], limit: int | None) -> int:
    """How many files hold ``limit`` samples, if samples are spread over the bytes evenly."""
    if limit is None or dataset.archives:
        return len(files)
    needed = limit * dataset.size / dataset.samples
    for number, file in enumerate(files, 1):
        needed -= file.size or 0
        if needed <= 0:
            return number
    return len(files)


def _there(wish: Wish, files: Sequence[RemoteFile]) -> dict[str, Entry]:
    """The files that have their final name and are the wanted ones."""
    if wish.force:
        return {}
    checked = {
        entry.path: entry
        for finished in (True, False)
        if (found := manifests.load(wish.folder, finished=finished))
        for entry in found.files
    }
    entries = {}
    for file in files:
        entry = checked.get(file.path)
        if entry is None or entry.sha256 != file.sha256 or not manifests.is_there(wish.folder, entry):
            entry = _adopted(wish.folder, file)
        if entry is not None:
            entries[file.path] = entry
    return entries


def _adopted(folder: Path, file: RemoteFile) -> Entry | None:
    """A file that somebody put there, if it is the right one by its digest."""
    path = folder / file.path
    try:
        size = path.stat().st_size
        if not file.sha256 or size != file.size or sha256_of(path) != file.sha256:
            return None
    except OSError:
        return None
    return Entry(file.path, size, file.sha256, count_samples(path))


def holds(entries: Sequence[Entry], limit: int, *, otherwise: bool) -> bool:
    """Whether files hold so many samples; ``otherwise`` when they could not be counted."""
    counts = [entry.samples for entry in entries]
    return otherwise if None in counts else sum(count or 0 for count in counts) >= limit


def check_room(plan: Plan) -> None:
    """Raises OutputError when the disk cannot take what is missing."""
    needs_room(plan.wish.folder, plan.missing, plan.wish.dataset.name)

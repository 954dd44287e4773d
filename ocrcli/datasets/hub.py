"""The Hugging Face Hub: which files a dataset's repository holds, and copies of them on this machine.

The environment decides as it does for Hugging Face's own tools: HF_ENDPOINT (another
server), HF_TOKEN or the token file in HF_HOME, HF_HUB_OFFLINE, and the cache under HF_HOME.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from ocrcli.datasets.catalogue import PARQUET, Dataset, RemoteFile, Source
from ocrcli.datasets.web import Refused, Web, check_status, headers_for, host_of
from ocrcli.errors import NetworkError, UsageError

ENDPOINT = "https://huggingface.co"
MOST_PAGES = 1000  # of a listing; a server that sends more goes round in circles
SIGNATURES = {".parquet": PARQUET}


@dataclass(frozen=True)
class Listing:
    """The data files of a repository at one commit, and the server that listed them."""

    revision: str
    files: tuple[RemoteFile, ...]
    host: str


def endpoints(mirrors: Sequence[str] = ()) -> list[Source]:
    """The Hub's servers in the order to try them: mirrors, then HF_ENDPOINT or the Hub itself.

    The user's token goes to the latter only.
    """
    own = Source(os.environ.get("HF_ENDPOINT", "").rstrip("/") or ENDPOINT, _token())
    others = [Source(mirror.rstrip("/")) for mirror in mirrors if mirror.rstrip("/") != own.url]
    for source in (*others, own):
        if urlsplit(source.url).scheme not in ("http", "https") or not urlsplit(source.url).netloc:
            raise UsageError(f"{source.url}: not the address of a Hub server, such as {ENDPOINT}")
    return [*others, own]


def check_online() -> None:
    """Raises NetworkError when the environment forbids to ask the Hub."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise NetworkError("HF_HUB_OFFLINE is set: the Hub is not asked")


def list_files(web: Web, dataset: Dataset, servers: Sequence[Source]) -> Listing:
    """The data files of a dataset, from the first server that answers; each can come from any of them.

    Raises NetworkError that says what each server answered.
    """
    failures = []
    for server in servers:
        host = host_of(server.url)
        try:
            revision, entries = web.persist(server.url, partial(_ask, web.client, dataset, server), lambda: 0)
            return Listing(revision, _wanted(dataset, entries, revision, servers), host)
        except Refused as answer:
            failures.append(f"{host} ({answer})")
    raise NetworkError(f"{dataset.repository}: tried {', '.join(failures)}")


def _ask(client: httpx.Client, dataset: Dataset, server: Source) -> tuple[str, list[dict[str, Any]]]:
    """Commit and tree of a repository."""
    base = f"{server.url}/api/datasets/{dataset.repository}"
    revision = _json(client, server, base).get("sha", "")
    if not isinstance(revision, str) or not revision.isalnum():
        raise Refused("names no commit of the repository")
    entries: list[dict[str, Any]] = []
    for page in _pages(client, server, f"{base}/tree/{revision}"):
        entries.extend(entry for entry in page if isinstance(entry, dict))
    return revision, entries


def _pages(client: httpx.Client, server: Source, url: str) -> Iterator[list[Any]]:
    """The pages of a listing. The address of the next one may name another server: only its query counts."""
    query = {"recursive": "true", "expand": "false"}
    for _ in range(MOST_PAGES):
        answer = _get(client, server, url, query)
        page = _parsed(answer)
        if not isinstance(page, list):
            raise Refused("answered no list of files")
        yield page
        following = answer.links.get("next", {}).get("url")
        if not following:
            return
        query = dict(parse_qsl(urlsplit(following).query))


def _get(client: httpx.Client, server: Source, url: str, query: dict[str, str]) -> httpx.Response:
    answer = client.get(url, params=query, headers=headers_for(server))
    check_status(answer)
    return answer


def _json(client: httpx.Client, server: Source, url: str) -> dict[str, Any]:
    record = _parsed(_get(client, server, url, {}))
    if not isinstance(record, dict):
        raise Refused("answered no description of the repository")
    return record


def _parsed(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        kind = answer.headers.get("Content-Type", "something").split(";")[0]
        raise Refused(f"answered {answer.status_code} with {kind} instead of a listing") from None


def _wanted(
    dataset: Dataset, entries: list[dict[str, Any]], revision: str, servers: Sequence[Source]
) -> tuple[RemoteFile, ...]:
    """The data files of the preferred kind, the splits in their order."""
    for suffix in dataset.suffixes:
        found = [e for e in entries if e.get("type") == "file" and str(e.get("path", "")).endswith(suffix)]
        if found:
            files = [_remote_file(dataset, entry, revision, servers) for entry in found]
            return tuple(sorted(files, key=lambda file: (_split_order(dataset, file.path), file.path)))
    raise Refused(f"lists no {' or '.join(dataset.suffixes)} files")


def _remote_file(
    dataset: Dataset, entry: dict[str, Any], revision: str, servers: Sequence[Source]
) -> RemoteFile:
    path = str(entry["path"])
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or "\\" in path or ":" in path:
        raise Refused(f"lists a file outside of the repository: {path}")
    large = entry.get("lfs") or {}  # what git-lfs says of the file; its oid is the sha256
    size = large.get("size", entry.get("size"))
    return RemoteFile(
        path=path,
        sources=tuple(
            Source(f"{s.url}/datasets/{dataset.repository}/resolve/{revision}/{quote(path)}", s.token)
            for s in servers
        ),
        size=size if isinstance(size, int) and size >= 0 else None,
        sha256=str(large.get("oid", "")).removeprefix("sha256:").lower(),
        signature=SIGNATURES.get(PurePosixPath(path).suffix, b""),
    )


def _split_order(dataset: Dataset, path: str) -> int:
    name = PurePosixPath(path).name
    orders = (i for i, split in enumerate(dataset.splits) if name.startswith(split))
    return next(orders, len(dataset.splits))


def cached_copy(dataset: Dataset, file: RemoteFile) -> Path | None:
    """The file in the cache of Hugging Face's tools, if it lies there; its digest is not checked."""
    if not file.sha256:
        return None
    cache = Path(os.environ.get("HF_HUB_CACHE", "") or _home() / "hub")
    blob = cache / f"datasets--{dataset.repository.replace('/', '--')}" / "blobs" / file.sha256
    try:
        return blob if blob.stat().st_size == file.size else None
    except OSError:
        return None


def _home() -> Path:
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser() / "huggingface"


def _token() -> str:
    if token := os.environ.get("HF_TOKEN", "").strip():
        return token
    try:
        path = Path(os.environ.get("HF_TOKEN_PATH") or _home() / "token")
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""

"""Fetches one file: resumes what is there, tries its servers in turn, checks it, gives it its name.

Range requests follow RFC 9110, section 14. A file with a known sha256 is resumed without
If-Range: content networks often send no ETag, or change it from node to node, and the
digest decides in the end anyway.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import httpx

from ocrcli.datasets.catalogue import RemoteFile, Source
from ocrcli.datasets.partfile import Origin, PartFile, sha256_of, size_text
from ocrcli.datasets.web import Dropped, Refused, Web, check_status, headers_for, host_of
from ocrcli.errors import NetworkError

CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
HTML = ("<!doctype html", "<html")


@dataclass(frozen=True)
class Fetched:
    """A file that is there, checked: the server that gave it, and what the servers before it answered.

    ``size`` and ``came`` are bytes: of the file, and those that were sent for it in this run.
    """

    path: Path
    host: str
    size: int
    came: int
    failures: tuple[str, ...] = ()


class Fetcher:
    """Fetches files; ``at`` hears how many bytes of the present file are there."""

    def __init__(self, web: Web, at: Callable[[int], None] = lambda position: None) -> None:
        self.web, self.at = web, at
        self.came = 0  # bytes received for the present file

    def fetch(self, file: RemoteFile, target: Path) -> Fetched:
        """The file at its place, its size and digest checked.

        Raises NetworkError that says what each server answered, OutputError when the disk fails.
        """
        part = PartFile(target, file)
        self.came = 0
        failures: list[str] = []
        for source in file.sources:
            host = host_of(source.url)
            try:
                self._from_server(source, part, host)
            except Refused as answer:
                failures.append(f"{host} ({answer})")
                continue
            finally:
                part.close()
            size = part.size()
            part.finish()
            return Fetched(target, host, size, self.came, tuple(failures))
        raise NetworkError(f"{file.path}: tried {', '.join(failures)}")

    def _from_server(self, source: Source, part: PartFile, host: str) -> None:
        """Brings the part to the whole, checked file. Raises Refused."""

        def tell(text: str) -> None:
            self.web.tell(f"{host}: {text}")

        for _ in range(2):  # a part of several answers may not fit together: then once more, in one go
            self.web.persist(source.url, lambda: self._transfer(source, part, tell), part.size)
            problem = self._problem(part)
            if not problem:
                return
            pieced = part.requests > 1
            part.discard()
            if not pieced:
                break
            tell(f"the pieces do not fit together ({problem}); starting again")
        raise Refused(problem)

    def _transfer(self, source: Source, part: PartFile, tell: Callable[[str], None]) -> None:
        """One request for what is missing. Raises Refused, Dropped, httpx.HTTPError, OutputError."""
        offset = part.usable(source.url)
        if offset and offset == part.file.size:
            return
        with self.web.client.stream("GET", source.url, headers=_headers(source, part, offset)) as answer:
            if answer.status_code == 416:  # nothing behind the offset: the part is of another file
                part.discard()
                raise Dropped("416 the file there is shorter than the part here", after=0)
            check_status(answer)
            begin = _begin(answer, offset)
            _check_kind(answer, part.file, begin)
            if begin < offset:
                changed = "If-Range" in answer.request.headers and "Accept-Ranges" in answer.headers
                tell(f"{'the file has changed' if changed else 'cannot resume'}; starting again")
            blocks = answer.iter_raw()
            first = next(blocks, b"")
            if begin == 0:
                _check_beginning(first, part.file)  # before anything that is there gives way to it
            part.begin(_origin(source, part.file, answer, begin), begin)
            self._receive(chain((first,), blocks), part, begin)

    def _receive(self, blocks: Iterable[bytes], part: PartFile, position: int) -> None:
        for block in blocks:
            position += len(block)
            self.came += len(block)
            if part.file.size is not None and position > part.file.size:
                part.discard()
                raise Refused(f"sends more than the {size_text(part.file.size)} of the file")
            part.write(block)
            self.at(position)
        if part.file.size is not None and position < part.file.size:
            raise Dropped(f"connection lost after {size_text(position)}")

    def _problem(self, part: PartFile) -> str:
        """What is wrong with a part that should be the whole file; "" when nothing is."""
        if not part.file.sha256:
            return ""
        digest = sha256_of(part.path)
        if digest == part.file.sha256:
            return ""
        return f"sent another file: its sha256 is {digest[:12]}…, not {part.file.sha256[:12]}…"


def _headers(source: Source, part: PartFile, offset: int) -> dict[str, str]:
    headers = headers_for(source)
    if offset:
        headers["Range"] = f"bytes={offset}-"
        if not part.file.sha256:
            headers["If-Range"] = part.origin().validator
    return headers


def _begin(answer: httpx.Response, offset: int) -> int:
    """Where the body of an answer begins in the file."""
    if answer.status_code != 206:
        return 0
    match = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    if not match or int(match[1]) != offset:
        raise Refused(f"answered another range than asked: {answer.headers.get('Content-Range', 'none')}")
    return offset


def _check_kind(answer: httpx.Response, file: RemoteFile, begin: int) -> None:
    """Raises Refused when the answer is not the file: a web page, or something of another size."""
    kind = answer.headers.get("Content-Type", "").split(";")[0].strip() or "something"
    total = _total(answer, begin)
    if kind == "text/html" or (file.size is not None and total is not None and total != file.size):
        size = f"{size_text(total)} of " if total is not None else ""
        wanted = f" instead of {size_text(file.size)}" if file.size is not None else ""
        raise Refused(f"answered {answer.status_code} with {size}{kind}{wanted}")
    if answer.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise Refused(f"sends it encoded as {answer.headers['Content-Encoding']}, which was not asked for")


def _total(answer: httpx.Response, begin: int) -> int | None:
    """Size of the whole file, as far as the answer tells."""
    match = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    if answer.status_code == 206 and match and match[2] != "*":
        return int(match[2])
    length = answer.headers.get("Content-Length", "")
    return begin + int(length) if length.isdigit() else None


def _check_beginning(block: bytes, file: RemoteFile) -> None:
    """Raises Refused when a file does not begin as its kind does."""
    head = block[: len(file.signature)]
    text = block[:64].lstrip().lower().decode("latin-1")
    if text.startswith(HTML):
        raise Refused(f"sent a web page instead of {Path(file.path).name}")
    if not file.signature.startswith(head):
        raise Refused(f"sent something else than a {Path(file.path).suffix} file")


def _origin(source: Source, file: RemoteFile, answer: httpx.Response, begin: int) -> Origin:
    etag = answer.headers.get("ETag", "")
    strong = etag if etag and not etag.startswith("W/") else ""  # RFC 9110: If-Range takes no weak ones
    return Origin(
        url=source.url,
        sha256=file.sha256,
        size=file.size if file.size is not None else _total(answer, begin),
        validator=strong or answer.headers.get("Last-Modified", ""),
    )

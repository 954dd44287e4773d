"""A real HTTP server on loopback whose misbehaviour a test can choose."""

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# As large as the page that one of EMNIST's addresses has answered with, status 200.
HTML = b"<!DOCTYPE html><html><head><title>Home</title></head><body>This page has moved.".ljust(112_763)


@dataclass
class Request:
    """What a client asked."""

    path: str
    headers: dict[str, str]


@dataclass
class Reply:
    """How to answer one request; the default is the way of a good server.

    ``stop_after`` closes the connection after so many bytes of the body; ``hold_after``
    keeps it open then, silent, until the server ends or ``release`` is set.
    """

    status: int = 0  # 0: 200, or 206 for a range
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None  # instead of the file
    ranges: bool = True
    length: bool = True  # tell Content-Length; without it the end of the connection is the end of the file
    stop_after: int | None = None
    hold_after: int | None = None


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that closes its connection is nothing to write home about."""


class FileServer:
    """``files`` by path; ``replies`` are used up one a request to a path, then all goes well."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = defaultdict(dict)  # extra, by path
        self.replies: dict[str, list[Reply]] = defaultdict(list)
        self.always: dict[str, Reply] = {}
        self.requests: list[Request] = []
        self.holding = threading.Event()
        self.release = threading.Event()
        self.on_request: Callable[[str], None] = lambda path: None
        self._server = _QuietServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> "FileServer":
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def ranges_of(self, path: str) -> list[str | None]:
        """The Range header of each request to a path."""
        return [request.headers.get("range") for request in self.requests if request.path == path]

    def add_repository(self, name: str, files: dict[str, bytes], *, revision: str = "a1b2c3", page: int = 0):
        """A dataset repository as the Hub serves it; ``page`` splits the listing into pages of so many."""
        api = f"/api/datasets/{name}"
        self.files[api] = json.dumps({"id": name, "sha": revision}).encode()
        entries = [{"type": "directory", "oid": "d" * 40, "size": 0, "path": "data"}]
        for path, content in files.items():
            self.files[f"/datasets/{name}/resolve/{revision}/{path}"] = content
            entry = {"type": "file", "oid": "f" * 40, "size": len(content), "path": path}
            if not path.endswith(".md"):
                digest = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"oid": digest, "size": len(content), "pointerSize": 134}
            entries.append(entry)
        tree = f"{api}/tree/{revision}"
        step = page or len(entries)
        for start in range(0, len(entries), step):
            address = tree if start == 0 else f"{tree}?cursor={start}"
            self.files[address] = json.dumps(entries[start : start + step]).encode()
            if start + step < len(entries):  # as the Hub does, also behind a mirror: its own address
                following = f"https://huggingface.co{tree}?recursive=true&cursor={start + step}"
                self.headers[address]["Link"] = f'<{following}>; rel="next"'

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _key(self, address: str) -> str:
        """The path, with the cursor of a listing but no other part of the query."""
        path, _, query = address.partition("?")
        cursor = [part for part in query.split("&") if part.startswith("cursor=")]
        return f"{path}?{cursor[0]}" if cursor else path

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = self._key(handler.path)
        asked = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append(Request(path, asked))
        self.on_request(path)
        queue = self.replies[path]
        reply = queue.pop(0) if queue else self.always.get(path, Reply())
        content = reply.body if reply.body is not None else self.files.get(path)
        if content is None:
            reply, content = Reply(404), b"nothing here"
        self._send(handler, reply, content, {**self.headers[path], **reply.headers}, asked)

    def _send(self, handler, reply: Reply, content: bytes, headers: dict, asked: dict) -> None:
        begin, status = self._begin(reply, headers, asked), reply.status
        if status == 0 and begin >= len(content) > 0 and begin:
            status, content, begin = 416, b"", 0
        elif status == 0:
            status = 206 if begin else 200
        if status == 206:
            headers = {"Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}", **headers}
        body = content[begin:] if status == 206 else content
        handler.send_response(status)
        if reply.ranges:
            headers = {"Accept-Ranges": "bytes", **headers}
        if reply.length:
            headers = {"Content-Length": str(len(body)), **headers}
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.close_connection = not reply.length or reply.stop_after is not None
        if handler.close_connection:
            handler.send_header("Connection", "close")
        handler.end_headers()
        self._body(handler, reply, body)

    def _begin(self, reply: Reply, headers: dict, asked: dict) -> int:
        wanted = asked.get("range")
        if not wanted or not reply.ranges or reply.status not in (0, 206):
            return 0
        condition = asked.get("if-range")
        if condition and condition not in (headers.get("ETag"), headers.get("Last-Modified")):
            return 0
        return int(wanted.removeprefix("bytes=").rstrip("-"))

    def _body(self, handler, reply: Reply, body: bytes) -> None:
        try:
            if reply.hold_after is not None:
                handler.wfile.write(body[: reply.hold_after])
                handler.wfile.flush()
                self.holding.set()
                self.release.wait()
                body = body[reply.hold_after :]
            handler.wfile.write(body[: reply.stop_after])
        except (BrokenPipeError, ConnectionResetError):  # the client has gone
            handler.close_connection = True

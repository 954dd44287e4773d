"""Talking to servers that may be away, busy, slow or wrong: one client, and what each failure means.

A failure is either ``Refused`` (this server will not give what is asked; another may) or
``Dropped`` (the same server may well go on in a moment).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from ocrcli import __version__
from ocrcli.datasets.catalogue import Source
from ocrcli.errors import UsageError

CONNECT_SECONDS = 6.0  # a live server shakes hands in one; without a network this is what one waits
SILENCE_SECONDS = 30.0  # without a byte: the line is dead
FIRST_TRIES = 4  # with a server that has given nothing yet: seven seconds, then the next server's turn
TRIES = 8  # in a row without a byte gained, after some were: two minutes for a shaky line to come back
LONGEST_STEP = 60.0  # seconds between two tries, unless the server asks for more
LONGEST_PAUSE = 300.0  # seconds; a server that asks for more is not waited for
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})  # may pass; 520 and above: proxies in front of a server

Result = TypeVar("Result")
Pause = Callable[[float], None]


class Refused(Exception):
    """This server will not give the file; the message says what it answered."""


class Dropped(Exception):
    """The transfer stopped half way, or the server is busy: worth another try."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after  # seconds that the server asks to wait


class Away(Dropped):
    """No connection at all: worth another try only where there has been one."""


def open_client() -> httpx.Client:
    """A client that follows redirects and takes proxies and certificates from the environment.

    Raises UsageError when the environment names a proxy or certificates that cannot be used.
    """
    try:
        return httpx.Client(
            follow_redirects=True,
            timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
            headers={"User-Agent": f"ocrcli/{__version__}", "Accept-Encoding": "identity"},
        )
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:  # ImportError: a SOCKS proxy
        what = "the environment's proxy (HTTPS_PROXY) or certificates (SSL_CERT_FILE) cannot be used"
        raise UsageError(f"{what}: {error}") from error


def host_of(url: str) -> str:
    """The server of an address, as a user knows it: host, and port where it is unusual."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def headers_for(source: Source) -> dict[str, str]:
    """The token goes to the server it belongs to; the client drops it when redirected to another."""
    return {"Authorization": f"Bearer {source.token}"} if source.token else {}


def proxy_for(url: str) -> str:
    """The proxy that the environment names for an address, without its password; "" for none."""
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    return host_of(proxy) if proxy and not proxy_bypass(parts.netloc) else ""


def explain(error: Exception, url: str = "") -> Refused | Dropped:
    """What an exception of the client means."""
    by = f" by proxy {proxy}" if (proxy := proxy_for(url)) else ""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return Away(f"name not found{by}")
        if isinstance(cause, ConnectionRefusedError):
            return Away(f"connection refused{by}")
        cause = cause.__cause__ or cause.__context__
    text = str(error).strip() or type(error).__name__
    if "CERTIFICATE" in text.upper():
        return Refused(f"certificate not trusted: {text}")
    if isinstance(error, httpx.ConnectTimeout):
        return Away(f"no answer in {CONNECT_SECONDS:.0f} s{by}")
    if isinstance(error, httpx.ProxyError):
        return Away(f"{text}{by}")
    if isinstance(error, httpx.ConnectError):
        return Away(text)
    if isinstance(error, httpx.TimeoutException):
        return Dropped(f"silent for {SILENCE_SECONDS:.0f} s")
    if isinstance(error, httpx.ReadError | httpx.RemoteProtocolError):
        return Dropped("connection lost")
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.TooManyRedirects):
        return Refused(text)
    return Dropped(text)


def check_status(answer: httpx.Response) -> None:
    """Raises Refused or Dropped unless the server gives what was asked for."""
    if answer.is_success:
        return
    # The Hub says in a header what is wrong; a reason phrase is all that others give.
    detail = answer.headers.get("X-Error-Message") or answer.reason_phrase
    message = f"{answer.status_code} {detail}".strip()
    if answer.status_code in BUSY or answer.status_code >= 520:
        after = _seconds(answer.headers.get("Retry-After", ""))
        if after is not None and after > LONGEST_PAUSE:
            raise Refused(f"{message}, asks to wait {after:.0f} s")
        raise Dropped(message, after)
    if answer.status_code in (401, 403) and "X-Error-Code" in answer.headers:  # the Hub
        message += "; if it asks for a token, set HF_TOKEN"
    raise Refused(message)


def _seconds(text: str) -> float | None:
    return float(text) if text.isdigit() else None


class Web:
    """A client that does not give up at once. ``tell`` hears of its waits, ``pause`` does them (seconds)."""

    def __init__(
        self, client: httpx.Client, tell: Callable[[str], None] = lambda text: None, pause: Pause = time.sleep
    ) -> None:
        self.client, self.tell, self.pause = client, tell, pause
        self.reached: set[str] = set()  # servers that have answered in this run

    def persist(self, url: str, action: Callable[[], Result], position: Callable[[], int]) -> Result:
        """Does something with a server until it works; a try that gains ground starts the count anew.

        ``position`` says how far it is, in bytes. Raises Refused when the server refuses, was
        never there, or fails several times in a row.
        """
        host = host_of(url)
        start = furthest = position()
        failures = 0
        while True:
            try:
                result = action()
                self.reached.add(host)
                return result
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                problem = explain(error, url)
            except Dropped as error:
                problem = error
            if isinstance(problem, Refused):
                raise problem
            if not isinstance(problem, Away):
                self.reached.add(host)
            failures = 0 if position() > furthest else failures + 1
            furthest = max(furthest, position())
            if host not in self.reached or failures >= (TRIES if furthest > start else FIRST_TRIES):
                raise Refused(str(problem))
            seconds = problem.after
            if seconds is None:
                seconds = min(2.0 ** max(failures - 1, 0), LONGEST_STEP)
            self.tell(f"{host}: {problem}; trying again in {seconds:.0f} s")
            self.pause(seconds)

"""Plain text, UTF-8: what was read and nothing else.

A page ends with a line feed. Pages of one input are parted by a form feed, as
``pdftotext`` does, and inputs by a blank line. Where each input is a single word or
character it is one line, also when nothing was read or could be read: the n-th line
belongs to the n-th input, ready for ``paste``.
"""

from __future__ import annotations

from typing import BinaryIO

from ocrcli.document import Page
from ocrcli.formats.writer import Choices, Failure


class Writer:
    """Text of the pages onto a binary stream."""

    def __init__(self, stream: BinaryIO, choices: Choices) -> None:
        self._stream = stream
        self._top = choices.top
        self._line_an_input = choices.mode in ("word", "char")
        self._pending = b""  # goes before the next text: form feeds of empty pages too
        self._first_page = True  # of this input
        self._last: str | None = None  # "line" or "block": what was written last

    def begin(self, source: str) -> None:
        """The next input begins on a page of its own."""
        self._pending = b""
        self._first_page = True

    def page(self, page: Page) -> None:
        """Writes the text of a page."""
        if page.mode == "word" or (page.mode == "char" and self._top is None):
            self._put(b"\n" if self._last == "block" else b"", page.text, "line")
        elif page.mode == "char":
            rows = [f"{c.text}\t{c.confidence:.4f}" for c in page.candidates[: self._top]]
            self._put(b"\n" if self._last else b"", "\n".join(rows), "block")
        else:
            self._page_of_text(page.text)
        self._first_page = False

    def failure(self, failure: Failure) -> None:
        """Keeps the lines in step with the inputs."""
        if self._line_an_input and self._top is None:
            self._put(b"", "", "line")

    def close(self) -> None:
        """Nothing is left to write."""

    def _page_of_text(self, text: str) -> None:
        if not self._first_page:
            self._pending += b"\f"
        if text:
            lead = b"\n" if self._first_page and self._last else b""
            self._put(lead + self._pending, text, "block")
            self._pending = b""

    def _put(self, lead: bytes, text: str, kind: str) -> None:
        self._stream.write(lead + text.encode() + b"\n")
        self._stream.flush()
        self._last = kind

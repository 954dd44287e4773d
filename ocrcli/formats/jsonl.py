"""JSON lines: the object of each page on a line of its own, as soon as it is ready."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from ocrcli.document import Page
from ocrcli.formats.records import failure_record, record_of
from ocrcli.formats.writer import Choices, Failure


class Writer:
    """One line a page onto a binary stream, flushed."""

    def __init__(self, stream: BinaryIO, choices: Choices) -> None:
        self._stream = stream
        self._top = choices.top

    def begin(self, source: str) -> None:
        """Nothing parts the inputs."""

    def page(self, page: Page) -> None:
        """Writes the line of a page."""
        self._put(record_of(page, self._top))

    def failure(self, failure: Failure) -> None:
        """Writes the line of an error."""
        self._put(failure_record(failure))

    def close(self) -> None:
        """Nothing is left to write."""

    def _put(self, record: dict[str, Any]) -> None:
        self._stream.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
        self._stream.flush()

"""JSON: one array over all inputs, laid out so that people and ``diff`` can follow it.

Each line of text stands on a line of its own, which is where a page's meaning is;
full indentation would give each of a quad's eight numbers one.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from ocrcli.document import Page
from ocrcli.formats.records import failure_record, record_of
from ocrcli.formats.writer import Choices, Failure

LISTS = ("lines", "words", "candidates")  # what gets a line for each element


class Writer:
    """An array of page objects onto a binary stream."""

    def __init__(self, stream: BinaryIO, choices: Choices) -> None:
        self._stream = stream
        self._top = choices.top
        self._lead = "[\n"

    def begin(self, source: str) -> None:
        """Nothing parts the inputs."""

    def page(self, page: Page) -> None:
        """Writes the object of a page."""
        self._put(record_of(page, self._top))

    def failure(self, failure: Failure) -> None:
        """Writes the object of an error."""
        self._put(failure_record(failure))

    def close(self) -> None:
        """Closes the array."""
        self._stream.write(b"[]\n" if self._lead == "[\n" else b"\n]\n")
        self._stream.flush()

    def _put(self, record: dict[str, Any]) -> None:
        self._stream.write((self._lead + _laid_out(record)).encode())
        self._lead = ",\n"


def _laid_out(record: dict[str, Any]) -> str:
    parts = [f'"{key}": {_value(key, value)}' for key, value in record.items()]
    return "{" + ", ".join(parts) + "}"


def _value(key: str, value: Any) -> str:
    if key in LISTS and value:
        rows = ",\n  ".join(json.dumps(item, ensure_ascii=False) for item in value)
        return f"[\n  {rows}]"
    return json.dumps(value, ensure_ascii=False)

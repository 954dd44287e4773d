"""A PDF file, object by object (ISO 32000-1, chapter 7): numbered objects, streams, table and trailer.

Objects go out as they come, so that a document of many pages takes the memory of one.
"""

from __future__ import annotations

import zlib
from typing import BinaryIO

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"  # the comment tells that the file is binary


class PdfFile:
    """Writes objects onto a binary stream that need not be seekable."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._written = 0
        self._offsets: list[int] = []  # of object 1, 2, …; 0 while it has only its number
        self._write(HEADER)

    def reserve(self) -> int:
        """A number for an object that is written later."""
        self._offsets.append(0)
        return len(self._offsets)

    def put(self, body: str | bytes, number: int | None = None) -> int:
        """Writes an object; gives its number."""
        return self._put(body.encode("ascii") if isinstance(body, str) else body, number)

    def put_stream(self, entries: str, data: bytes, *, deflate: bool = True) -> int:
        """Writes a stream, its dictionary with these entries too, and deflates it; gives its number."""
        if deflate:
            data = zlib.compress(data)
            entries += " /Filter /FlateDecode"
        head = f"<< {entries} /Length {len(data)} >>\nstream\n".encode("ascii")
        return self._put(head + data + b"\nendstream", None)

    def close(self, root: int, info: int) -> None:
        """Writes the table of objects and the trailer. All numbers must have got their objects."""
        start = self._written
        rows = b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets)
        size = len(self._offsets) + 1
        self._write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, rows))
        trailer = (
            f"trailer\n<< /Size {size} /Root {root} 0 R /Info {info} 0 R >>\nstartxref\n{start}\n%%EOF\n"
        )
        self._write(trailer.encode("ascii"))
        self._stream.flush()

    def _put(self, body: bytes, number: int | None) -> int:
        number = number or self.reserve()
        self._offsets[number - 1] = self._written
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        return number

    def _write(self, data: bytes) -> None:
        self._stream.write(data)
        self._written += len(data)


def decimal(value: float) -> str:
    """A number as PDF has it, without an exponent. Four digits do for pixels and for sines."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text

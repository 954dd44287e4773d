"""Objects of a PDF as values, read and written (ISO 32000-1, 7.3).

It reads what PDFium writes: a plain table of all objects, none of them inside others, and
nothing encrypted. Numbers, strings and names stay the bytes that they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Thing = Any  # bytes, Ref, list of things, or dict from names (as bytes, with their slash) to things
Dict = dict[bytes, Thing]


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to an object by its number."""

    number: int


@dataclass(frozen=True, slots=True)
class Object:
    """What has a number: a thing, and if it is a stream, its data, as they are encoded."""

    thing: Thing
    data: memoryview | None = None


TOKEN = re.compile(
    rb"[\0\t\n\f\r ]*"
    rb"(?:(?P<ref>\d+)[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>\[\]{}/%])"
    rb"|(?P<mark><<|>>|\[|\])|(?P<string>\()"
    rb"|(?P<plain><[^<>]*>|/[^\0\t\n\f\r ()<>\[\]{}/%]*|[^\0\t\n\f\r ()<>\[\]{}/%]+))"
)
STRING_SIGN = re.compile(rb"\\.|[()]", re.S)  # what matters for where a string ends
BEGIN = re.compile(rb"\s*\d+\s+\d+\s+obj")
STREAM = re.compile(rb"\s*stream\r?\n")
TABLE_PART = re.compile(rb"\s*(\d+)\s+(\d+)\s*?\r?\n")
ROW = 20  # bytes of the table, for an object


def read_objects(data: bytes) -> tuple[dict[int, Object], Dict]:
    """All objects by their numbers, and the trailer. Raises ValueError where it is no such file."""
    try:
        at = data.index(b"xref", int(data[data.rindex(b"startxref") + 9 :].split()[0])) + 4
        places: dict[int, int] = {}
        while part := TABLE_PART.match(data, at):
            first, count = int(part[1]), int(part[2])
            rows = [data[part.end() + ROW * i :][:ROW] for i in range(count)]
            places |= {first + i: int(row[:10]) for i, row in enumerate(rows) if row[17:18] == b"n"}
            at = part.end() + ROW * count
        trailer, _ = _thing(data, data.index(b"trailer", at) + 7)
        return {number: _object(data, place) for number, place in places.items()}, trailer
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError("not a PDF as PDFium writes it") from error


def _object(data: bytes, at: int) -> Object:
    begin = BEGIN.match(data, at)
    if begin is None:
        raise ValueError("no object where the table has one")
    thing, at = _thing(data, begin.end())
    stream = STREAM.match(data, at)
    if stream is None:
        return Object(thing)
    return Object(thing, memoryview(data)[stream.end() : stream.end() + int(thing[b"/Length"])])


def _thing(data: bytes, at: int) -> tuple[Thing, int]:
    """The thing that begins here, and where it ends."""
    token = TOKEN.match(data, at)
    if token is None:
        raise ValueError("neither a token nor a delimiter")
    if token["ref"]:
        return Ref(int(token["ref"])), token.end()
    if token["string"]:
        end = _end_of_string(data, token.end())
        return data[token.end() - 1 : end], end
    if token["mark"] not in (b"<<", b"["):
        return token["plain"] or token["mark"], token.end()
    things, at = [], token.end()
    while True:
        thing, at = _thing(data, at)
        if isinstance(thing, bytes) and thing in (b">>", b"]"):
            break
        things.append(thing)
    return (things if token["mark"] == b"[" else dict(zip(things[::2], things[1::2], strict=True))), at


def _end_of_string(data: bytes, at: int) -> int:
    depth = 1
    for sign in STRING_SIGN.finditer(data, at):
        depth += {b"(": 1, b")": -1}.get(sign[0], 0)
        if not depth:
            return sign.end()
    raise ValueError("a string without an end")


def references(thing: Thing) -> Iterator[int]:
    """Numbers of the objects to which a thing refers, as often as it does."""
    if isinstance(thing, Ref):
        yield thing.number
    elif isinstance(thing, (list, dict)):
        for part in thing.values() if isinstance(thing, dict) else thing:
            yield from references(part)


def written(thing: Thing, numbers: Mapping[int, int]) -> bytes:
    """A thing as a PDF has it, the objects by other numbers; one that has none is null."""
    if isinstance(thing, dict):
        return b"<<" + b" ".join(key + b" " + written(part, numbers) for key, part in thing.items()) + b">>"
    if isinstance(thing, list):
        return b"[" + b" ".join(written(part, numbers) for part in thing) + b"]"
    if isinstance(thing, Ref):
        return b"%d 0 R" % numbers[thing.number] if thing.number in numbers else b"null"
    return thing

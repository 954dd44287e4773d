"""Pages of other PDFs as they are, brought into the file that is written.

What several pages share, such as their fonts, is brought once: it is known again by what it is,
since every page comes as a file of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np

from ocrcli.document import Line, Word
from ocrcli.formats.pdffile import PdfFile
from ocrcli.formats.pdfobjects import Dict, Object, Ref, Thing, read_objects, references, written

ALONG = np.array([0.1, 0.3, 0.5, 0.7, 0.9])  # where along a word it is looked for letters


def new_lines(lines: Iterable[Line], letters: np.ndarray) -> list[Line]:
    """Lines without the words that stand where the page has letters, pixel boxes (n, 4), already."""
    if not len(letters):
        return list(lines)
    left = [replace(line, words=tuple(w for w in line.words if _is_new(w, letters))) for line in lines]
    return [line for line in left if line.words]


def _is_new(word: Word, letters: np.ndarray) -> bool:
    """Whether most of a word, along its middle, lies beside the letters."""
    top_left, top_right, bottom_right, bottom_left = np.array(word.quad)
    start, end = (top_left + bottom_left) / 2, (top_right + bottom_right) / 2
    points = (start + ALONG[:, None] * (end - start))[:, None]  # (5, 1, 2)
    within = (letters[:, :2] <= points) & (points <= letters[:, 2:])  # (5, n, 2)
    return within.all(2).any(1).mean() < 0.5


@dataclass(frozen=True, slots=True)
class OnePage:
    """A PDF of one page: its objects, and the number and the entries of the page."""

    objects: dict[int, Object]
    number: int
    entries: Dict

    @classmethod
    def of(cls, data: bytes) -> OnePage | None:
        """From a file as PDFium writes it; None if it is not."""
        try:
            objects, trailer = read_objects(data)
            catalogue = objects[trailer[b"/Root"].number].thing
            (page,) = objects[catalogue[b"/Pages"].number].thing[b"/Kids"]
            return cls(objects, page.number, dict(objects[page.number].thing))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def at(self, thing: Thing) -> Thing:
        """What a thing refers to, or itself where it is no reference."""
        if isinstance(thing, Ref):
            found = self.objects.get(thing.number)
            return found.thing if found else None
        return thing

    def free_font_name(self, wish: str) -> str:
        """A name that no font of the page has."""
        fonts = self._fonts()
        while wish.encode() in fonts:
            wish += "_"
        return wish

    def with_text(self, content: int, font_name: str, font: int) -> OnePage:
        """The page with one more content stream, that uses a font; both by their numbers in the new file.

        It comes first, where the state of graphics is as the page has it at its beginning, whatever
        the streams behind leave; text without ink is found under a picture as well as over it.
        """
        before = self.entries.get(b"/Contents")
        held = self.at(before)
        streams = held if isinstance(held, list) else [before] if before is not None else []
        resources = dict(self.at(self.entries.get(b"/Resources")) or {})
        resources[b"/Font"] = {**self._fonts(), font_name.encode(): _new(font)}
        entries = {**self.entries, b"/Contents": [_new(content), *streams], b"/Resources": resources}
        return OnePage(self.objects, self.number, entries)

    def _fonts(self) -> Dict:
        resources = self.at(self.entries.get(b"/Resources")) or {}
        return self.at(resources.get(b"/Font")) or {}


def _new(number: int) -> bytes:
    """A reference that is not to be translated."""
    return b"%d 0 R" % number


class Copies:
    """Brings pages into a file."""

    def __init__(self, file: PdfFile) -> None:
        self._file = file
        self._known: dict[bytes, int] = {}  # digest of an object → its number

    def put(self, page: OnePage, tree: int) -> int:
        """Writes a page and all that belongs to it; gives its number in the page tree ``tree``."""
        own = self._file.reserve()
        numbers = {page.number: own}  # notes refer to the page that they are on
        entries = {key: thing for key, thing in page.entries.items() if key != b"/Parent"}
        self._bring(page.objects, entries, numbers)
        body = written({**entries, b"/Parent": _new(tree)}, numbers)
        return self._file.put(body, own)

    def _bring(self, objects: dict[int, Object], wanted: Thing, numbers: dict[int, int]) -> None:
        """Writes the objects to which a thing leads, each after those that it needs itself."""
        begun: set[int] = set()
        way = [(0, references(wanted))]  # without recursion: notes may form long chains
        while way:
            number, ahead = way[-1]
            child = next(ahead, None)
            if child is None:
                way.pop()
                if number:
                    numbers[number] = self._put(objects[number], numbers, numbers.get(number))
            elif child in numbers or child not in objects:
                continue
            elif child in begun:  # a circle: it needs a number before it can be written
                numbers[child] = self._file.reserve()
            else:
                begun.add(child)
                way.append((child, references(objects[child].thing)))

    def _put(self, found: Object, numbers: dict[int, int], reserved: int | None) -> int:
        parts: Iterable[bytes | memoryview] = (written(found.thing, numbers),)
        if found.data is not None:
            head = written({**found.thing, b"/Length": b"%d" % len(found.data)}, numbers)
            parts = (head, b"\nstream\n", found.data, b"\nendstream")
        body = b"".join(parts)
        if reserved is not None:
            return self._file.put(body, reserved)
        digest = blake2b(body, digest_size=16).digest()
        if digest not in self._known:
            self._known[digest] = self._file.put(body)
        return self._known[digest]

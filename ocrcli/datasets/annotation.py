"""SynthText's annotation of one image, in the two forms it comes in: the Hub copy's JSON, and ``gt.mat``.

Both name a box of four corners for each word, the words' texts by instance (all that was drawn at one
place in one font, its lines divided by line feeds), and a box for each character that is not white
space (Gupta 2016, readme of the dataset). In the Hub copy's JSON the nesting of the boxes is not
documented; it is told from the numbers, and what cannot be told is not guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ocrcli.datasets.quads import NOT_FINITE, lines_by_place
from ocrcli.engine.polygons import quad_areas

NOT_UNDERSTOOD, NO_WORDS = "annotation not understood", "image without words"
COUNTS_DIFFER, UNKNOWN_BOXES = "not as many boxes as words", "boxes of an unknown form"
RELATIVE = 2.0  # boxes in shares of the image hardly exceed 1; pixels hardly stay below 2
SLIVER = 2.0  # pixels of thickness; coordinates that are no corners of a box make thin ones at best
CONVINCING = 0.5  # share of an image's boxes that must be sound in the form that they are taken for
CLEARLY = 0.1  # by which this share must exceed that of any other form


class AnnotationError(ValueError):
    """An annotation cannot be used; the message is one of the reasons above."""


@dataclass(frozen=True)
class Annotation:
    """Words: quads float64 (n, 4, 2) in pixels, texts, line numbers (n,); all their characters (k, 4, 2)."""

    quads: np.ndarray
    texts: list[str]
    lines: np.ndarray
    chars: np.ndarray


@dataclass(frozen=True)
class MatMarkup:
    """An image's entries of ``gt.mat``: boxes (2, 4, n) or (2, 4), and the texts of the instances."""

    words: np.ndarray
    texts: list[str]
    chars: np.ndarray | None = None

    def read(self, size: tuple[int, int], chars: bool = True) -> Annotation:
        """The annotation, with or without boxes of characters. Raises AnnotationError."""
        texts, lines = split_lines(self.texts)
        boxes = _chars_of_matlab(self.chars if chars else None)
        return Annotation(_of_matlab(self.words, len(texts)), texts, lines, boxes)


def _of_matlab(boxes: np.ndarray, count: int) -> np.ndarray:
    """(2, 4, n), or (2, 4) as MATLAB has it for one word → (n, 4, 2)."""
    if boxes.ndim == 2:
        boxes = boxes[..., None]
    if boxes.ndim != 3 or boxes.shape[:2] != (2, 4):
        raise AnnotationError(UNKNOWN_BOXES if count else NO_WORDS)
    if boxes.shape[2] != count:
        raise AnnotationError(COUNTS_DIFFER)
    if not count:
        raise AnnotationError(NO_WORDS)
    return boxes.transpose(2, 1, 0).astype(np.float64)


def _chars_of_matlab(boxes: np.ndarray | None) -> np.ndarray:
    """The same for characters, of which an image may do without."""
    if boxes is None or boxes.ndim not in (2, 3) or boxes.shape[:2] != (2, 4):
        return np.zeros((0, 4, 2))
    return boxes.reshape(2, 4, -1).transpose(2, 1, 0).astype(np.float64)


def split_lines(instances: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Words by white space, and the number of the line that each stands in."""
    rows = [line.split() for instance in instances for line in instance.split("\n")]
    rows = [row for row in rows if row]
    return [word for row in rows for word in row], np.repeat(np.arange(len(rows)), [len(row) for row in rows])


@dataclass(frozen=True)
class HubMarkup:
    """The column ``json`` of the Hub copy: an object or its text, with ``ocr_annotation`` in it."""

    record: Any

    def read(self, size: tuple[int, int], chars: bool = True) -> Annotation:
        """The annotation; ``size`` is the image's (width, height). Raises AnnotationError."""
        found = self._fields()
        instances = _texts(found.get("text"))
        texts, lines = split_lines(instances)
        entries = [entry.strip() for entry in instances]
        if not texts:
            raise AnnotationError(NO_WORDS)
        relative = found.get("bb_relative")
        forms = {"bounding_boxes": found.get("bounding_boxes"), "bb_relative": relative}
        failure = AnnotationError(NOT_UNDERSTOOD)
        for boxes in (form for form in forms.values() if form is not None and not isinstance(form, bool)):
            for words, known in ((texts, lines), (entries, None)):
                try:
                    quads = quads_of(boxes, len(words), size)
                except AnnotationError as error:
                    failure = error if str(failure) != UNKNOWN_BOXES else failure
                    continue
                if known is None or entries == texts:  # one word an entry: nothing is said of lines
                    known = lines_by_place(quads)
                own = self._chars(found, words, size) if chars else np.zeros((0, 4, 2))
                return Annotation(quads, words, known, own)
        raise failure

    def _fields(self) -> dict[str, Any]:
        record = self.record
        try:
            record = json.loads(record) if isinstance(record, str | bytes) else record
            found = record.get("ocr_annotation", record)
            found = json.loads(found) if isinstance(found, str | bytes) else found
        except (ValueError, AttributeError) as error:
            raise AnnotationError(NOT_UNDERSTOOD) from error
        if not isinstance(found, dict):
            raise AnnotationError(NOT_UNDERSTOOD)
        return found

    def _chars(self, found: dict[str, Any], words: list[str], size: tuple[int, int]) -> np.ndarray:
        count = sum(len("".join(word.split())) for word in words)
        try:
            return quads_of(found.get("bb_character_level"), count, size)
        except AnnotationError:  # words can be had without
            return np.zeros((0, 4, 2))


def _texts(value: Any) -> list[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple | np.ndarray) or not all(isinstance(text, str) for text in values):
        raise AnnotationError(NOT_UNDERSTOOD)
    return list(values)


def quads_of(boxes: Any, count: int, size: tuple[int, int]) -> np.ndarray:
    """``count`` boxes in pixels or shares of the image, however they are nested → pixels (count, 4, 2).

    Known forms: (n, 4, 2), MATLAB's (2, 4, n), (n, 2, 4), flat (n, 8); of one box also without the n. Of
    the forms that the shape allows, the one is taken in which the boxes are sound: convex, and on the
    image. Raises AnnotationError when none is, or more than one.
    """
    try:
        try:
            numbers = np.asarray(boxes, np.float64)
        except (ValueError, TypeError):
            numbers = np.asarray(_plain(boxes), np.float64)
    except (ValueError, TypeError) as error:
        raise AnnotationError(UNKNOWN_BOXES) from error
    forms = [form for form in _forms(numbers) if len(form) == count]
    if not forms or not count:
        raise AnnotationError(COUNTS_DIFFER if numbers.ndim in (2, 3) else UNKNOWN_BOXES)
    if not np.isfinite(numbers).any():
        raise AnnotationError(NOT_FINITE)
    if np.nanmax(np.abs(numbers)) <= RELATIVE:
        forms = [form * size for form in forms]
    sound = [_soundness(form, size) for form in forms]
    best = int(np.argmax(sound))
    rivals = [
        share for i, share in enumerate(sound) if i != best and not np.array_equal(forms[i], forms[best])
    ]
    if sound[best] < CONVINCING or any(share > sound[best] - CLEARLY for share in rivals):
        raise AnnotationError(UNKNOWN_BOXES)
    return forms[best]


def _plain(boxes: Any) -> Any:
    """Arrow gives arrays of arrays, which NumPy would take for objects."""
    return [_plain(box) for box in boxes] if isinstance(boxes, list | tuple | np.ndarray) else boxes


def _forms(numbers: np.ndarray) -> Iterator[np.ndarray]:
    """All readings of an array as boxes (n, 4, 2)."""
    if numbers.ndim == 1 and numbers.size == 8:
        numbers = numbers[None]
    shape = numbers.shape
    if numbers.ndim == 3:
        if shape[1:] == (4, 2):
            yield numbers
        if shape[:2] == (2, 4):
            yield numbers.transpose(2, 1, 0)
        if shape[1:] == (2, 4):
            yield numbers.transpose(0, 2, 1)
    if numbers.ndim == 2:
        if shape == (4, 2):
            yield numbers[None]
        if shape == (2, 4):
            yield numbers.T[None]
        if shape[1] == 8:
            yield numbers.reshape(-1, 4, 2)
            yield numbers.reshape(-1, 2, 4).transpose(0, 2, 1)


def _soundness(quads: np.ndarray, size: tuple[int, int]) -> float:
    """The share of quads that are convex, either way around, no slivers, their middle on the image."""
    quads = np.nan_to_num(quads, nan=-1e9, posinf=1e9, neginf=-1e9)
    edges = np.roll(quads, -1, 1) - quads
    following = np.roll(edges, -1, 1)
    turns = edges[..., 0] * following[..., 1] - edges[..., 1] * following[..., 0]
    around = np.linalg.norm(edges, axis=-1).sum(1)
    convex = ((turns > 0).all(1) | (turns < 0).all(1)) & (2 * np.abs(quad_areas(quads)) >= SLIVER * around)
    middle = quads.mean(1)
    return float((convex & ((middle >= 0) & (middle <= size)).all(1)).mean())

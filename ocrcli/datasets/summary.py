"""What a finished store holds, counted: for ``ocr data``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocrcli.datasets.charstore import CharStore
from ocrcli.datasets.pagestore import PageStore, StoredPage
from ocrcli.datasets.store import SCHEMA, StoreError, StoreInfo, describe
from ocrcli.datasets.wordstore import WordStore

BLOCK = 1 << 17  # texts at a time: a few megabytes
SHOWN = {"char": 400, "word": 150, "page": 6}  # samples on a contact sheet that a screen can show
CHAR_ZOOM = 2  # on a contact sheet: 28 pixels are small, and a label wants room
PAGE_THUMBNAIL = 520  # pixels of a page's longer side on a contact sheet
LINE, IGNORED = (220, 30, 30), (150, 150, 150)  # outlines of lines, and of those that nobody can read


def summary(path: Path) -> dict[str, Any]:
    """Everything that ``ocr data --json`` prints. Raises StoreError.

    All kinds: ``kind``, ``dataset``, ``samples``, ``bytes``, ``parts``, ``dropped`` (by reason),
    ``alphabet``, ``attributes`` and where it comes from. Characters: ``labels``, a count a part for each.
    Words and pages: ``lengths`` (in characters) and ``characters`` of the texts, with their counts;
    pages also ``contents`` (lines, words, chars).
    """
    info = describe(path)
    told = {
        "store": str(path),
        "schema": SCHEMA,
        "kind": info.kind,
        "dataset": info.dataset,
        "samples": info.samples,
        "bytes": path.stat().st_size,
        "parts": info.parts,
        "dropped": info.dropped,
        "alphabet": info.alphabet,
        "attributes": info.attributes,
        "seed": info.seed,
        "command": info.command,
        "code_version": info.code_version,
        "created_from": [asdict(source) for source in info.created_from],
    }
    try:
        return told | _contents(info)
    except (KeyError, OSError, ValueError, IndexError) as error:
        raise StoreError(f"{path}: damaged: {error}") from error


def _contents(info: StoreInfo) -> dict[str, Any]:
    if info.kind == "char":
        return {"labels": label_counts(CharStore(info.path))}
    if info.kind == "word":
        with WordStore(info.path) as words:
            return _text_counts([words.file[f"strips/{width}"] for width in words.buckets])
    with PageStore(info.path) as pages:
        lines = [pages.file["lines"]] if len(pages) else []
        return {"contents": pages.counts(), **_text_counts(lines)}


def label_counts(store: CharStore) -> dict[str, dict[str, int]]:
    """How often each character is the label, by part: ``{part: {character: count}}``."""
    counts = {part: np.bincount(store.labels(part), minlength=len(store.alphabet)) for part in store.parts}
    return {part: dict(zip(store.alphabet, count.tolist(), strict=True)) for part, count in counts.items()}


def _text_counts(groups: list[h5py.Group]) -> dict[str, Any]:
    """Lengths of texts, and their characters, each with its count."""
    lengths, characters = Counter[int](), Counter[str]()
    for group in groups:
        for long, text in _blocks(group):
            values, counts = np.unique(long, return_counts=True)
            lengths.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
            # As code points, so that NumPy counts them: a Counter is slow on a hundred million.
            points, counts = np.unique(np.frombuffer(text.encode("utf-32-le"), "<u4"), return_counts=True)
            characters.update(dict(zip(map(chr, points.tolist()), counts.tolist(), strict=True)))
    return {
        "lengths": {str(length): lengths[length] for length in sorted(lengths)},
        "characters": dict(characters.most_common()),
    }


def _blocks(group: h5py.Group) -> Iterator[tuple[NDArray[np.int64], str]]:
    """Many texts at a time: the characters of each (n,), and all texts joined."""
    ends, start = group["texts_ends"], 0
    for first in range(0, len(ends), BLOCK):
        stops = ends[first : first + BLOCK].astype(np.int64) - start
        raw = group["texts"][start : start + int(stops[-1])]
        begins = (raw & 0xC0) != 0x80  # bytes of UTF-8 that begin a character
        before = np.concatenate([[0], np.cumsum(begins)])[np.concatenate([[0], stops])]
        yield np.diff(before), raw.tobytes().decode()
        start += int(stops[-1])


def examples(path: Path) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """Some samples, evenly over the store, as pictures with their labels. Raises StoreError."""
    kind = describe(path).kind
    if kind == "char":
        return _chars(CharStore(path))
    if kind == "word":
        return ((strip.strip, strip.text) for strip in WordStore(path).spread(SHOWN[kind]))
    return _pages(PageStore(path))


def _chars(store: CharStore) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """As many of each class, class by class, of the first part that is there."""
    part = next((name for name, count in store.parts.items() if count), None)
    if part is None:
        return
    images, labels = store.images(part), store.labels(part)
    each = max(1, SHOWN["char"] // len(store.alphabet))
    for index, character in enumerate(store.alphabet):
        rows = np.flatnonzero(labels == index)
        for row in rows[np.unique(np.linspace(0, max(len(rows) - 1, 0), min(each, len(rows))).astype(int))]:
            yield np.asarray(images[row]).repeat(CHAR_ZOOM, 0).repeat(CHAR_ZOOM, 1), character


def _pages(store: PageStore) -> Iterator[tuple[NDArray[np.uint8], str]]:
    count = min(SHOWN["page"], len(store))
    for index in np.unique(np.linspace(0, max(len(store) - 1, 0), count).astype(int)):
        page = store.read(int(index))
        yield with_lines(page), f"{page.name}, {len(page.line_quads)} lines"


def with_lines(page: StoredPage) -> NDArray[np.uint8]:
    """A page with its lines outlined, at most PAGE_THUMBNAIL on its longer side: uint8 (h, w, 3)."""
    image = Image.fromarray(page.pixels())
    full = image.size
    image.thumbnail((PAGE_THUMBNAIL, PAGE_THUMBNAIL))
    pen = ImageDraw.Draw(image)
    scale = np.array(image.size) / full
    for quad, ignored in zip(page.line_quads, page.ignore, strict=True):
        pen.polygon([tuple(point) for point in (quad * scale).tolist()], outline=IGNORED if ignored else LINE)
    return np.asarray(image)

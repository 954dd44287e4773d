"""SynthText (Gupta 2016, arXiv 1604.06646) → a store of words, or of pages.

Two sources: the Hub's ``wendlerc/CaptionedSynthText`` as tars or Parquet files (or streamed, see
``hubstream.py``), and the original ``SynthText/`` with its ``gt.mat``. Words are cut out by the perspective
of their boxes; pages keep their JPEG bytes, with a quad for each **line**, word and character.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice, repeat
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from PIL import Image

from ocrcli.datasets import containers
from ocrcli.datasets.annotation import Annotation, AnnotationError, HubMarkup, MatMarkup
from ocrcli.datasets.convert import IMAGES, Conversion, Job
from ocrcli.datasets.manifest import count_samples, data_files
from ocrcli.datasets.matcells import CellFile
from ocrcli.datasets.pagestore import PagePart, PageWriter, StoredPage
from ocrcli.datasets.quads import judge, line_quad, widened
from ocrcli.datasets.store import Header, Source
from ocrcli.datasets.wordstore import Word, WordPart, WordWriter, pack_words
from ocrcli.engine.rectify import rectify
from ocrcli.errors import InputError

DATASET = "synthtext"
NO_IMAGE, NO_LABEL, BROKEN = "image is missing", "annotation is missing", "image cannot be read"
FAINT, NO_PAGE_WORDS = "hardly any contrast", "image without a word that can be used"
# Share of a word's height around its box. The cut itself adds 0.06, as it does when the engine reads.
MARGINS = {"tight": 0.0, "loose": 0.12}
# Standard deviation of a strip's grey levels. Text 10 levels off its ground gives about 4: hardly seen.
FAINTEST = 4.0
FORMATS = ("JPEG", "PNG", "WEBP")
# Bytes that an image of SynthText takes in a store for sure: its words some 30,000, its JPEG as much, a word
# alone 4,000. Of its tars, JSON and all, no store is smaller than half.
IMAGE_BYTES, WORD_BYTES = 15_000, 4_000

Kind = Literal["word", "page"]


class Markup(Protocol):
    """An image's annotation, before it is understood."""

    def read(self, size: tuple[int, int], chars: bool = True) -> Annotation:
        """Raises AnnotationError."""
        ...


class Payload(Protocol):
    """Labelled images for a worker."""

    def records(self) -> Iterator[containers.Record]:
        """Reads them: ``label`` is a Markup, or what a HubMarkup is made of."""
        ...


@dataclass(frozen=True)
class Options:
    """What decides the content of a store beside its source."""

    kind: Kind = "word"
    margin: str = "tight"
    limit: int | None = None

    def command(self, *more: str) -> str:
        """The command that makes the store."""
        words = ["ocr preprocess synthtext", *more]
        words += ["--kind page"] if self.kind == "page" else []
        words += [f"--margin {self.margin}"] if self.margin != "tight" and self.kind == "word" else []
        return " ".join(words + ([f"--limit {self.limit}"] if self.limit is not None else []))

    def header(self, sources: tuple[Source, ...], *more: str) -> Header:
        """The header of the store."""
        return Header(self.kind, DATASET, self.command(*more), created_from=sources)

    def work(self) -> Any:
        """What a worker does with a payload."""
        return partial(cut_words, margin=MARGINS[self.margin]) if self.kind == "word" else keep_pages


# --- sources -----------------------------------------------------------------------------------


def plan(source: Path, target: Path, options: Options) -> tuple[Conversion, int | None]:
    """How the store of a local copy is made, and of how many images where that is known.

    ``source`` is a folder of the Hub's tars or Parquet files, or one with ``gt.mat``. Raises InputError.
    """
    mat = _find_mat(source)
    if mat is not None:
        return _plan_mat(mat, target, options)
    if not source.is_dir():
        raise InputError(
            f"{source}: no such folder; get it with 'ocr download synthtext', or name a copy with --source"
        )
    paths = data_files(source)
    if not paths:
        raise InputError(
            f"{source}: holds neither gt.mat nor .tar or .parquet files of SynthText; "
            "get it with 'ocr download synthtext'"
        )
    header = options.header(containers.sources(paths, source.name))
    room = sum(made_from.bytes for made_from in header.created_from) // 2
    room = room if options.limit is None else min(room, options.limit * IMAGE_BYTES)
    jobs = lambda _: containers.slices(paths, options.limit)  # noqa: E731
    return conversion(target, options, header, jobs, room), options.limit or count_samples(source, paths)


def conversion(target: Path, options: Options, header: Header, jobs: Any, room: int) -> Conversion:
    """The conversion of jobs of any source."""
    writer = WordWriter if options.kind == "word" else PageWriter
    return Conversion(target, header, writer, jobs, options.work(), room)


def _find_mat(source: Path) -> Path | None:
    """``gt.mat`` of a source: itself, in the folder, or in the ``SynthText`` folder inside."""
    places = [source, source / "gt.mat", source / "SynthText" / "gt.mat"]
    return next((path for path in places if path.suffix == ".mat" and path.is_file()), None)


@dataclass(frozen=True)
class MatSlice:
    """Images of the original folder: name, and entries of ``gt.mat``."""

    folder: Path
    images: tuple[tuple[str, MatMarkup], ...]

    def records(self) -> Iterator[containers.Record]:
        """Reads them; an image that is not there is None."""
        for name, markup in self.images:
            try:
                yield containers.Record(name, (self.folder / name).read_bytes(), markup)
            except (OSError, ValueError):
                yield containers.Record(name, None, markup)


def _plan_mat(mat: Path, target: Path, options: Options) -> tuple[Conversion, int]:
    file = CellFile(mat)
    total = file.count("imnames")
    if file.count("wordBB") != total or file.count("txt") != total:
        raise InputError(f"{mat}: imnames, wordBB and txt are not of the same length")
    total = min(total, options.limit) if options.limit is not None else total
    header = options.header((Source.of(mat),))

    def jobs(_: object) -> Iterator[Job]:
        with_chars = options.kind == "page" and "charBB" in file
        chars = file.cells("charBB") if with_chars else repeat(None)
        columns = zip(file.cells("imnames"), file.cells("wordBB"), file.cells("txt"), chars, strict=False)
        entries = islice(columns, total)
        while some := list(islice(entries, IMAGES)):
            images = tuple((_only(name), _markup(*cells)) for name, *cells in some)
            yield Job(MatSlice(mat.parent, images), len(images))

    return conversion(target, options, header, jobs, total * WORD_BYTES), total


def _only(cell: Any) -> str:
    return str(cell[0]) if isinstance(cell, list) and cell else ""


def _markup(boxes: Any, texts: Any, chars: Any) -> MatMarkup:
    """What is no array of boxes, or no text, is left for the reader of the annotation to refuse."""
    lists = [_only(t) if isinstance(t, list) else str(t) for t in texts] if isinstance(texts, list) else []
    single = chars.astype(np.float32) if isinstance(chars, np.ndarray) else None
    return MatMarkup(boxes if isinstance(boxes, np.ndarray) else np.zeros((0, 0)), lists, single)


# --- in the workers ----------------------------------------------------------------------------


def cut_words(payload: Payload, margin: float) -> WordPart:
    """The words of some images as strips."""
    words: list[Word] = []
    names: list[str] = []
    dropped: Counter[str] = Counter()
    for record in payload.records():
        try:
            grey = decode_grey(record.image)
            found = _annotation(record, (grey.shape[1], grey.shape[0]), chars=False)
        except AnnotationError as error:
            dropped[str(error)] += 1
            continue
        cut, reasons = words_of(grey, found, margin, len(names))
        dropped.update(reasons)
        if cut:
            words += cut
            names.append(record.name)
    return pack_words(words, names, dropped)


def words_of(
    grey: np.ndarray, found: Annotation, margin: float, source: int = 0
) -> tuple[list[Word], list[str]]:
    """The words of an image, grey (H, W), as strips, and the reasons why others were dropped."""
    judged = judge(found.quads, found.texts, (grey.shape[1], grey.shape[0]))
    good = np.flatnonzero(judged.kept)
    reasons = [reason for reason in judged.reasons if reason]
    quads = judged.quads[good].astype(np.float64)
    words = []
    for i, strip in zip(good, rectify(grey, widened(quads, margin) if margin else quads), strict=True):
        if strip.std() < FAINTEST:
            reasons.append(FAINT)
        else:
            words.append(Word(strip, found.texts[i].strip(), judged.quads[i], source))
    return words, reasons


def keep_pages(payload: Payload) -> PagePart:
    """Some images as pages."""
    pages: list[StoredPage] = []
    dropped: Counter[str] = Counter()
    for record in payload.records():
        try:
            grey = decode_grey(record.image)  # whole: a damaged file must not get into the store
            size = (grey.shape[1], grey.shape[0])
            page, reasons = page_of(record.image or b"", record.name, size, _annotation(record, size))
        except AnnotationError as error:
            dropped[str(error)] += 1
            continue
        dropped.update(f"word: {reason}" for reason in reasons)
        if page.word_texts:
            pages.append(page)
        else:
            dropped[NO_PAGE_WORDS] += 1
    return PagePart(pages, dropped)


def page_of(
    image: bytes, name: str, size: tuple[int, int], found: Annotation
) -> tuple[StoredPage, list[str]]:
    """A page with its lines, and the reasons why words were dropped.

    A line with a dropped word on it is one that nobody can read: it is neither taught nor background.
    """
    judged = judge(found.quads, found.texts, size)
    kept, areas = judged.kept, _has_area(judged.quads)
    quads: list[np.ndarray] = []
    texts: list[str] = []
    ignore: list[bool] = []
    line = np.full(len(kept), -1, np.int32)
    for number in np.unique(found.lines):
        members = np.flatnonzero((found.lines == number) & areas)
        if not len(members):
            continue
        line[members] = len(quads)
        quads.append(np.clip(line_quad(judged.quads[members]), 0, size))
        texts.append(" ".join(found.texts[i].strip() for i in members if kept[i]))
        ignore.append(not bool(kept[found.lines == number].all()))
    page = StoredPage(
        image,
        name,
        size,
        np.array(quads, np.float32).reshape(-1, 4, 2),
        texts,
        np.array(ignore, bool),
        judged.quads[kept],
        [found.texts[i].strip() for i in np.flatnonzero(kept)],
        line[kept],
        _kept_chars(found, kept, size),
    )
    return page, [reason for reason in judged.reasons if reason]


def _has_area(quads: np.ndarray) -> np.ndarray:
    """Which quads (n, 4, 2) cover at least a pixel each way: (n,)."""
    return (np.ptp(quads, axis=1) >= 1).all(-1)


def _kept_chars(found: Annotation, kept: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Boxes of the characters of the kept words; none where they are not one for each character."""
    lengths = [len("".join(text.split())) for text in found.texts]
    if sum(lengths) != len(found.chars) or not np.isfinite(found.chars).all():
        return np.zeros((0, 4, 2), np.float32)
    return np.clip(found.chars[np.repeat(kept, lengths)], 0, size).astype(np.float32)


def _annotation(record: containers.Record, size: tuple[int, int], chars: bool = True) -> Annotation:
    if record.label is None:
        raise AnnotationError(NO_LABEL)
    markup: Markup = record.label if isinstance(record.label, MatMarkup) else HubMarkup(record.label)
    return markup.read(size, chars)


def decode_grey(data: bytes | None) -> np.ndarray:
    """Luma uint8 (H, W) of an image file, as it lies there: boxes mind no EXIF. Raises AnnotationError."""
    if data is None:
        raise AnnotationError(NO_IMAGE)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.format == "JPEG":
                image.draft("L", image.size)  # decodes the luma alone
            return np.asarray(image.convert("L"))
    except Exception as error:  # decoders raise nearly anything on damaged files
        raise AnnotationError(BROKEN) from error

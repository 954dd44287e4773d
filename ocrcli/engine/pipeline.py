"""From a picture to a Document: detect → rectify → recognise → order.

``Reader`` holds the models and is the only thing with state here; it loads what a mode
needs when it is first needed, and may be used from several threads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, cast

import numpy as np

from ocrcli.document import Block, Candidate, Document, Mode, Page, moved
from ocrcli.engine.decoding import Decoding
from ocrcli.engine.faint import FAINT
from ocrcli.engine.floors import at_least
from ocrcli.engine.images import DEFAULT_DPI, LoadedPage, load_pages
from ocrcli.engine.lines import Piece, row_line, without_doubtful_words
from ocrcli.engine.model import Model, may_use_cuda, usable_cores
from ocrcli.engine.networks import Networks
from ocrcli.engine.pageselect import PageSelection
from ocrcli.engine.reading import Reading
from ocrcli.engine.recogniser import LineRecogniser
from ocrcli.engine.weights import TASKS, find_model
from ocrcli.engine.whole import WholeStrip, is_blank, is_strip, to_grey, whole_strips, without_colour
from ocrcli.modelcard import Task

if TYPE_CHECKING:
    from ocrcli.engine.classifier import CharClassifier
    from ocrcli.engine.detector import LineDetector

AskedMode = Literal["auto", "page", "word", "char"]

SMALL_SIDE = 512  # pixels; a larger image is hardly a close-up of one word
# Confidence of a small image read whole. Of 192 random crops of pages and photos, with several
# lines or none, none came above 0.7; of word crops half come above 0.9.
CERTAIN = 0.9  # it is one word: there is no need to look for lines
SURE = 0.5  # it is one word if the lines that were found are no surer
# Mountains and wings look like a letter. Of 300 photographs without a word 24 were read as one character,
# by these numbers one is.
LONE_CERTAIN = 0.95  # confidence with which a single character is one …
LONE_SURE = 0.8  # … and with which it is in an image …
LONE_ASPECT = 1.25  # … of which the width over the height leaves room for no more
CLEARLY = 0.1  # by so much must a turned image be surer than the upright one

_Part = TypeVar("_Part")


class Reader:
    """Reads pages with models that are loaded when first needed.

    ``models`` names single model files, which come before those of ``model_dir``, of
    ``$OCR_MODELS`` and of the package. ``threads`` is the number of cores to use (None:
    all that this process may). Loading raises ModelError, UsageError for a bad device.
    """

    def __init__(
        self,
        model_dir: Path | None = None,
        models: Mapping[Task, Path] | None = None,
        *,
        device: str = "auto",
        threads: int | None = None,
        batch_size: int | None = None,
    ) -> None:
        self._model_dir = model_dir
        self._models = dict(models or {})
        self._device = device
        self._threads = threads or usable_cores()
        self._reading = _Count()
        self._batch_size = batch_size
        self._parts: dict[Task, object] = {}
        self._locks = {task: threading.Lock() for task in TASKS}

    def read(
        self,
        source: Path | bytes,
        mode: AskedMode = "auto",
        decoding: Decoding | None = None,
        *,
        name: str | None = None,
        dpi: int = DEFAULT_DPI,
        pages: PageSelection | None = None,
    ) -> Document:
        """All chosen pages of one file. Raises InputError for a file that cannot be read."""
        name = name or (str(source) if isinstance(source, Path) else "-")
        loaded = load_pages(source, name=name, dpi=dpi, pages=pages, draft=True)
        return Document(name, tuple(self.read_page(page, mode, decoding) for page in loaded))

    def read_page(self, page: LoadedPage, mode: AskedMode = "auto", decoding: Decoding | None = None) -> Page:
        """One page. ``auto`` reads an image that is one word or line whole, others as pages."""
        with self._reading:
            return self._read_page(page, mode, decoding)

    def _read_page(self, page: LoadedPage, mode: AskedMode, decoding: Decoding | None) -> Page:
        began = time.perf_counter()
        decoding = decoding or Decoding()
        width, height = page.size
        if page.printed is not None and mode in ("auto", "page"):  # a PDF says itself what it says
            return Page(page.source, page.number, width, height, "page", page.printed)
        pixels, grey = without_colour(page.pixels)
        read_as: Mode = "page" if mode == "auto" else mode
        blocks: tuple[Block, ...] = ()
        candidates: tuple[Candidate, ...] = ()
        angle = 0.0
        if is_blank(grey):
            pass  # nothing to read, and no network to run
        elif mode == "auto":
            read_as, blocks, angle = self._read_auto(pixels, grey, decoding)
        elif mode == "page":
            blocks, angle = self._read_lines(pixels, grey, decoding)
        elif mode == "word":
            blocks = self._read_whole(grey, decoding)
        else:
            candidates = self._classify(grey, decoding)
        if (height, width) != page.pixels.shape[:2]:
            factors = width / page.pixels.shape[1], height / page.pixels.shape[0]
            blocks = moved(blocks, lambda points: points * factors)
        return Page(
            page.source, page.number, width, height, read_as, blocks, round(angle, 2), candidates,
            seconds=time.perf_counter() - began,
        )  # fmt: skip

    def read_words(self, images: Sequence[np.ndarray], decoding: Decoding | None = None) -> list[Reading]:
        """Images that are one word or one line each, RGB uint8 (H, W, 3), as one batch."""
        decoding = decoding or Decoding()
        return [reading for reading, _ in self._read_wholes([to_grey(image) for image in images], decoding)]

    def prepare(self, mode: AskedMode = "auto") -> None:
        """Loads what a mode needs now, side by side, so that the first page does not wait."""
        tasks: dict[AskedMode, tuple[Callable[[], object], ...]] = {
            "char": (lambda: self.classifier,),
            "word": (lambda: self.recogniser.networks["lines"],),
        }
        parts = tasks.get(mode, (lambda: self.recogniser.networks["lines"], lambda: self.detector))
        if len(parts) == 1:
            parts[0]()
            return
        with ThreadPoolExecutor(len(parts), "load") as pool:
            for loading in [pool.submit(part) for part in parts]:
                loading.result()

    @property
    def detector(self) -> LineDetector:
        """The text-line detector."""
        from ocrcli.engine.detector import LineDetector

        def build() -> LineDetector:
            detector = LineDetector(self._load("detect", self._threads))
            detector.decoding["box_threshold"] *= FAINT  # PageReader tells the sure from the faint
            return detector

        return self._part("detect", build)

    @property
    def recogniser(self) -> LineRecogniser:
        """The word and line recogniser."""

        def build() -> LineRecogniser:
            if may_use_cuda(self._device):
                model = self._load("word", 1)
                if model.device == "cuda":
                    return LineRecogniser(model, batch_size=self._batch_size)
            networks = Networks.beside(self._path("word"))
            # Pages read side by side share the cores: more threads than these only get in each other's way.
            return LineRecogniser(
                networks,
                workers=lambda: max(self._threads // max(self._reading.now, 1), 1),
                batch_size=self._batch_size,
            )

        return self._part("word", build)

    @property
    def classifier(self) -> CharClassifier:
        """The character classifier."""
        from ocrcli.engine.classifier import CharClassifier

        return self._part("char", lambda: CharClassifier(self._load("char", self._threads)))

    def _read_auto(
        self, pixels: np.ndarray, grey: np.ndarray, decoding: Decoding
    ) -> tuple[Mode, tuple[Block, ...], float]:
        """The mode that suits an image, its blocks and the skew of its text.

        What looks like a strip is one. Another small image may be a close-up of a word, in
        which a detector of lines sees parts: it is read whole too, and the surer reading
        counts. A recogniser that is shown several lines as one is not sure at all.
        """
        if is_strip(grey):
            return "word", self._read_whole(grey, decoding), 0.0
        whole = self._read_whole(grey, decoding) if max(grey.shape) <= SMALL_SIDE else ()
        if not _may_be_word(whole, grey):
            whole = ()
        if _confidence(whole) >= CERTAIN:
            return "word", whole, 0.0
        blocks, angle = self._read_lines(pixels, grey, decoding)
        if whole and _confidence(whole) >= max(SURE, _confidence(blocks)):
            return "word", whole, 0.0
        return "page", blocks, angle

    def _read_lines(
        self, pixels: np.ndarray, grey: np.ndarray, decoding: Decoding
    ) -> tuple[tuple[Block, ...], float]:
        """As `PageReader.read`."""
        from ocrcli.engine.pagereader import PageReader

        if not self._parts:
            self.prepare("page")  # both models at once, where neither is there yet
        return PageReader(self.detector, self.recogniser, decoding).read(pixels, grey)

    def _read_whole(self, grey: np.ndarray, decoding: Decoding) -> tuple[Block, ...]:
        """The whole image as one line."""
        reading, strip = self._read_wholes([grey], decoding)[0]
        if not reading.chars:
            return ()
        piece = Piece(strip.quad, strip.quad, strip.pixels.shape[1], reading)
        return (Block((row_line([piece]),)),)

    def _read_wholes(
        self, greys: Sequence[np.ndarray], decoding: Decoding
    ) -> list[tuple[Reading, WholeStrip]]:
        """Each image as one line, with the strip that was read."""
        strips = [list(whole_strips(grey, self.recogniser.height)) for grey in greys]
        flat = [strip.pixels for of_image in strips for strip in of_image]
        read = self.recogniser.read(flat, decoding.allow, whole=True, lexicon=decoding.lexicon)
        readings = iter(read)
        chosen = []
        for of_image in strips:
            upright, *turned = [(next(readings), strip) for strip in of_image]
            best = max(turned, key=lambda pair: pair[0].confidence, default=upright)
            reading, strip = best if best[0].confidence > upright[0].confidence + CLEARLY else upright
            if decoding.min_confidence:
                reading = without_doubtful_words(reading, at_least(decoding.min_confidence))
            chosen.append((reading, strip))
        return chosen

    def _classify(self, grey: np.ndarray, decoding: Decoding) -> tuple[Candidate, ...]:
        if decoding.allow is None:
            return tuple(self.classifier.classify(grey, decoding.top))
        every = self.classifier.classify(grey, len(self.classifier.alphabet))
        return tuple(one for one in every if one.text in decoding.allow)[: decoding.top]

    def _part(self, task: Task, build: Callable[[], _Part]) -> _Part:
        with self._locks[task]:
            if task not in self._parts:
                self._parts[task] = build()
            return cast(_Part, self._parts[task])

    def _path(self, task: Task) -> Path:
        return self._models.get(task) or find_model(task, self._model_dir)

    def _load(self, task: Task, threads: int) -> Model:
        return Model.load(self._path(task), task=task, threads=threads, device=self._device)


class _Count:
    """How many threads are inside."""

    def __init__(self) -> None:
        self.now = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.now += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.now -= 1


def _may_be_word(blocks: tuple[Block, ...], grey: np.ndarray) -> bool:
    """Whether what a small image, grey uint8 (H, W), says as one word is none, or enough for it."""
    height, width = grey.shape
    needed = LONE_SURE if width <= LONE_ASPECT * height else LONE_CERTAIN
    letters = sum(len(word.text) for block in blocks for line in block.lines for word in line.words)
    return letters != 1 or _confidence(blocks) >= needed


def _confidence(blocks: tuple[Block, ...]) -> float:
    """Of the characters, 0 without any: as :attr:`Page.confidence`."""
    return Page("", 1, 1, 1, "page", blocks).confidence

"""From a picture to a Document: detect → rectify → recognise → order.

``Reader`` holds the models and is the only thing with state here; it loads what a mode
needs when it is first needed, and may be used from several threads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, cast

import numpy as np

from ocrcli.document import Block, Candidate, Document, Mode, Page, moved
from ocrcli.engine.faint import FAINT, confidences_needed
from ocrcli.engine.floors import HIGHEST, VOUCHED, at_least, page_floor
from ocrcli.engine.images import DEFAULT_DPI, LoadedPage, load_pages
from ocrcli.engine.lexicon import Lexicon, english
from ocrcli.engine.lines import Piece, row_line, text_quad, without_doubtful_words
from ocrcli.engine.model import Model, may_use_cuda, usable_cores
from ocrcli.engine.networks import Networks
from ocrcli.engine.pageselect import PageSelection
from ocrcli.engine.recogniser import LineRecogniser, Reading, as_reading, set_edges
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


@dataclass(frozen=True, slots=True)
class Decoding:
    """What may come out: ``allow`` restricts the characters, ``min_confidence`` (0 … 1)
    drops words below it (None: as floors.py says on pages, nothing in an image that is one word),
    ``top`` is the number of candidates in mode ``char``, ``lexicon`` has the words to expect."""

    allow: Collection[str] | None = None
    min_confidence: float | None = None
    top: int = 5
    lexicon: Lexicon | None = field(default_factory=english)


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
            "word": (lambda: self.recogniser.networks["words"],),
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
            detector.decoding["box_threshold"] *= FAINT  # _find_lines tells the sure from the faint
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
        """The page pipeline: blocks in reading order, and the angle of the text in degrees."""
        from ocrcli.engine.anothersize import SMALLER, is_clear, new_lines, that_say_more
        from ocrcli.engine.flatten import surface_of
        from ocrcli.engine.gutters import split_at_gutters
        from ocrcli.engine.order import reading_order
        from ocrcli.engine.orientation import as_it_lay, quarter_turns, set_upright
        from ocrcli.engine.rules import lines_between
        from ocrcli.engine.straighten import text_angle

        if not self._parts:
            self.prepare("page")  # both models at once, where neither is there yet
        if decoding.lexicon is not None:  # while the lines are found
            threading.Thread(target=decoding.lexicon.prepare, name="lexicon", daemon=True).start()
        size = pixels.shape[:2]
        sure, faint, curves = self._find_lines(pixels, grey)
        turns = quarter_turns(grey, sure, self.recogniser.glance)
        if turns:  # lines are found best the right way up
            pixels, grey = set_upright(pixels, turns), set_upright(grey, turns)
            sure, faint, curves = self._find_lines(pixels, grey)
        surface = surface_of(curves, grey.shape)
        if surface is not None:
            pixels, grey = surface.picture(pixels), surface.picture(grey)
            sure, faint, _ = self._find_lines(pixels, grey)
        pieces, lone = self._read_pieces(grey, sure, decoding)
        if not is_clear(len(sure), pieces):
            others = self._find_lines(pixels, grey, SMALLER)[0]
            second, _ = self._read_pieces(grey, new_lines(others, sure), decoding)
            pieces = that_say_more(pieces, second)
        clear, faint_lone = self._read_faint(grey, faint, sure, decoding)
        pieces = self._with_lone_digits(grey, pieces + clear, lone + faint_lone, decoding)
        found = np.array([piece.quad for piece in pieces], np.float32).reshape(-1, 4, 2)
        angle = text_angle(found)
        pieces = split_at_gutters(pieces, angle)
        texts = np.array([text_quad(piece) for piece in pieces], np.float32).reshape(-1, 4, 2)
        order = reading_order(
            texts,
            angle,
            [piece.reading.text for piece in pieces],
            lambda square: lines_between(grey, texts, square),
        )
        blocks = tuple(Block(tuple(row_line([pieces[i] for i in row]) for row in block)) for block in order)
        if surface is not None:
            blocks = moved(blocks, surface.back)
        if turns:
            blocks = moved(blocks, lambda points: as_it_lay(points, turns, size))
        return blocks, angle + 90 * turns

    def _find_lines(
        self, pixels: np.ndarray, grey: np.ndarray, zoom: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lines that are sure, and lines that are only if they can be read: quads (n, 4, 2) each.

        And the middles of lines that curl, as in ``Detections``.
        """
        from ocrcli.engine.stacks import unstacked

        found = self.detector.detect(pixels, zoom=zoom)
        quads, scores = unstacked(grey, found.quads, found.scores)
        sure = scores >= self.detector.decoding["box_threshold"] / FAINT
        return quads[sure], quads[~sure], found.curves

    def _read_faint(
        self, grey: np.ndarray, quads: np.ndarray, sure: np.ndarray, decoding: Decoding
    ) -> tuple[list[Piece], list[Piece]]:
        """What is read beyond doubt where lines may be, beside ``sure`` ones; and what may be digits."""
        from ocrcli.engine.lonedigits import is_like_digit
        from ocrcli.engine.rectify import rectify

        strips = rectify(grey, quads, self.recogniser.height)
        readings = self.recogniser.read_once(strips, decoding.allow)
        edged = [set_edges(reading, strip) for reading, strip in zip(readings, strips, strict=True)]
        least = np.maximum(confidences_needed(quads, sure), decoding.min_confidence or 0.0)
        is_clear = np.array([reading.confidence for reading in edged]) >= least
        nothing = as_reading(())
        clear = [reading if told else nothing for reading, told in zip(edged, is_clear, strict=True)]
        lone = [
            reading if not told and is_like_digit(reading.text) else nothing
            for reading, told in zip(edged, is_clear, strict=True)
        ]
        return _pieces(quads, strips, clear), _pieces(quads, strips, lone)

    def _read_pieces(
        self, grey: np.ndarray, quads: np.ndarray, decoding: Decoding
    ) -> tuple[list[Piece], list[Piece]]:
        """What is read surely enough in the lines of a page; and what else may be single digits."""
        from ocrcli.engine.lonedigits import is_like_digit
        from ocrcli.engine.orientation import right_way_up
        from ocrcli.engine.rectify import WIDER, rectify
        from ocrcli.engine.walls import read_again

        height = self.recogniser.height
        strips = rectify(grey, quads, height)
        readings = self.recogniser.read(
            strips,
            decoding.allow,
            lexicon=decoding.lexicon,
            wider=lambda chosen: rectify(grey, quads[chosen], height, WIDER),
        )

        def read_cuts(cuts: np.ndarray) -> list[tuple[Reading, int]]:
            others = rectify(grey, cuts, height)
            found = self.recogniser.read(others, decoding.allow, lexicon=decoding.lexicon)
            return [(reading, strip.shape[1]) for reading, strip in zip(found, others, strict=True)]

        def read_once(others: Sequence[np.ndarray]) -> list[Reading]:
            once = self.recogniser.read_once(others, decoding.allow)
            return [set_edges(reading, other) for reading, other in zip(once, others, strict=True)]

        quads, readings = right_way_up(quads, strips, readings, read_once)
        readings = read_again(quads, [strip.shape[1] for strip in strips], readings, read_cuts)
        least = decoding.min_confidence
        floor, vouched = (page_floor(decoding.lexicon), VOUCHED) if least is None else (at_least(least), 0.0)
        highest = HIGHEST if least is None else least
        sure = [without_doubtful_words(reading, floor, vouched, highest) for reading in readings]
        doubtful = [
            as_reading(()) if told.chars or not is_like_digit(reading.text) else reading
            for reading, told in zip(readings, sure, strict=True)
        ]
        return _pieces(quads, strips, sure), _pieces(quads, strips, doubtful)

    def _with_lone_digits(
        self, grey: np.ndarray, pieces: list[Piece], doubtful: list[Piece], decoding: Decoding
    ) -> list[Piece]:
        """The pieces; letters among them, and ``doubtful`` ones, are digits where only these can be."""
        from ocrcli.engine.lonedigits import DIGITS, SURE, among_numbers, may_be_digit
        from ocrcli.engine.rectify import rectify

        letters = [piece for piece in pieces if may_be_digit(piece.reading)]
        lone = among_numbers([*letters, *doubtful], pieces)
        allowed = DIGITS if decoding.allow is None else set(DIGITS).intersection(decoding.allow)
        if not lone or not allowed:
            return pieces
        quads = np.array([piece.quad for piece in lone])
        strips = rectify(grey, quads, self.recogniser.height)
        readings = self.recogniser.read_once(strips, allowed)
        least = max(SURE, decoding.min_confidence or 0.0)
        settled, digits = set[Piece](), []
        for piece, strip, reading in zip(lone, strips, readings, strict=True):
            if len(reading.chars) == 1 and reading.confidence >= least:
                digits.append(replace(piece, reading=set_edges(reading, strip)))
                settled.add(piece)
        return [piece for piece in pieces if piece not in settled] + digits

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


def _pieces(quads: np.ndarray, strips: Sequence[np.ndarray], readings: Sequence[Reading]) -> list[Piece]:
    """What was read in the strips of some lines, where there was something."""
    from ocrcli.engine.rectify import widened

    return [
        Piece(quad, widened(quad), strip.shape[1], reading)
        for quad, strip, reading in zip(quads, strips, readings, strict=True)
        if reading.chars
    ]


def _may_be_word(blocks: tuple[Block, ...], grey: np.ndarray) -> bool:
    """Whether what a small image, grey uint8 (H, W), says as one word is none, or enough for it."""
    height, width = grey.shape
    needed = LONE_SURE if width <= LONE_ASPECT * height else LONE_CERTAIN
    letters = sum(len(word.text) for block in blocks for line in block.lines for word in line.words)
    return letters != 1 or _confidence(blocks) >= needed


def _confidence(blocks: tuple[Block, ...]) -> float:
    """Of the characters, 0 without any: as :attr:`Page.confidence`."""
    return Page("", 1, 1, 1, "page", blocks).confidence

"""Reads a page: its lines are found, cut out, read, and put into order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocrcli.document import Block, moved
from ocrcli.engine.anothersize import OTHER_SIZES, as_high, is_clear, new_lines, that_say_more
from ocrcli.engine.decoding import Decoding
from ocrcli.engine.detector import LineDetector
from ocrcli.engine.faint import FAINT, confidences_needed
from ocrcli.engine.flatten import surface_of
from ocrcli.engine.floors import HIGHEST, VOUCHED, at_least, page_floor
from ocrcli.engine.gutters import split_at_gutters
from ocrcli.engine.lean import lean_of
from ocrcli.engine.lines import Piece, row_line, text_quad, without_doubtful_words
from ocrcli.engine.lonedigits import DIGITS, SURE, among_numbers, is_like_digit, may_be_digit
from ocrcli.engine.order import reading_order
from ocrcli.engine.orientation import as_it_lay, quarter_turns, right_way_up, set_upright
from ocrcli.engine.reading import Reading
from ocrcli.engine.recogniser import LineRecogniser, set_edges
from ocrcli.engine.rectify import WIDER, rectify, widened
from ocrcli.engine.rules import lines_between
from ocrcli.engine.stacks import unstacked
from ocrcli.engine.straighten import text_angle
from ocrcli.engine.walls import read_again


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """A page as it is read: RGB (H, W, 3), grey (H, W), and the factor on it that suits the detector."""

    pixels: np.ndarray
    grey: np.ndarray
    scale: float

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.grey.shape
        return height, width


@dataclass(frozen=True, slots=True)
class PageReader:
    """The networks that read a page, and what may come out.

    The detector is asked for faint lines, too: its threshold is times `faint.FAINT`.
    """

    detector: LineDetector
    recogniser: LineRecogniser
    decoding: Decoding

    def read(self, pixels: np.ndarray, grey: np.ndarray) -> tuple[tuple[Block, ...], float]:
        """Blocks in reading order and the angle of the text in degrees, of RGB (H, W, 3) and grey (H, W)."""
        view = self._view(pixels, grey)
        if self.decoding.lexicon is not None:  # while the network looks for lines, beside other threads
            threading.Thread(target=self.decoding.lexicon.prepare, name="lexicon", daemon=True).start()
        sure, faint, curves = self._find_lines(view)
        lean = lean_of(sure, view.size)
        if lean is not None:  # lines are found best the right way up
            view = self._changed(view, lean.picture)
            sure, faint, curves = self._find_lines(view)
        size = view.size
        turns = quarter_turns(view.grey, sure, self.recogniser.glance)
        if turns:
            view = self._changed(view, lambda picture: set_upright(picture, turns))
            sure, faint, curves = self._find_lines(view)
        surface = surface_of(curves, view.size)
        if surface is not None:
            view = self._changed(view, surface.picture)
            sure, faint, _ = self._find_lines(view)
        pieces, lone = self._read_pieces(view.grey, sure)
        if not is_clear(len(sure), pieces):
            known = sure
            for zoom, lowest in OTHER_SIZES:
                found = as_high(self._find_lines(view, zoom)[0], lowest * max(view.size))
                pieces = that_say_more(pieces, self._read_pieces(view.grey, new_lines(found, known))[0])
                known = np.concatenate([known, found])
        clear, faint_lone = self._read_faint(view.grey, faint, sure)
        pieces = self._with_lone_digits(view.grey, pieces + clear, lone + faint_lone)
        blocks, angle = _ordered(view.grey, pieces)
        if surface is not None:
            blocks = moved(blocks, surface.back)
        if turns:
            blocks = moved(blocks, lambda points: as_it_lay(points, turns, size))
            angle += 90 * turns
        if lean is not None:
            blocks = moved(blocks, lean.back)
            angle = (angle + lean.angle + 45) % 360 - 45
        return blocks, angle

    def _view(self, pixels: np.ndarray, grey: np.ndarray) -> _View:
        return _View(pixels, grey, self.detector.scale(pixels))

    def _changed(self, view: _View, change: Callable[[np.ndarray], np.ndarray]) -> _View:
        grey = change(view.grey)
        return self._view(grey if view.pixels is view.grey else change(view.pixels), grey)

    def _find_lines(self, view: _View, zoom: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lines that are sure, and lines that are only if they can be read: quads (n, 4, 2) each.

        And the middles of lines that curl, as in ``Detections``. ``zoom`` is a factor on the size at which
        the page is looked at.
        """
        found = self.detector.detect(view.pixels, zoom * view.scale)
        quads, scores = unstacked(view.grey, found.quads, found.scores)
        sure = scores >= self.detector.decoding["box_threshold"] / FAINT
        return quads[sure], quads[~sure], found.curves

    def _read_faint(
        self, grey: np.ndarray, quads: np.ndarray, sure: np.ndarray
    ) -> tuple[list[Piece], list[Piece]]:
        """What is read beyond doubt where lines may be, beside ``sure`` ones; and what may be digits."""
        strips = rectify(grey, quads, self.recogniser.height)
        readings = self._read_once(strips)
        least = np.maximum(confidences_needed(quads, sure), self.decoding.min_confidence or 0.0)
        is_sure = np.array([reading.confidence for reading in readings]) >= least
        return (
            _pieces(quads, strips, readings, is_sure),
            _pieces(quads, strips, readings, _like_digits(readings) & ~is_sure),
        )

    def _read_once(self, strips: Sequence[np.ndarray]) -> list[Reading]:
        """What the first look makes of strips, no more."""
        readings = self.recogniser.read_once(strips, self.decoding.allow)
        return [set_edges(reading, strip) for reading, strip in zip(readings, strips, strict=True)]

    def _read_pieces(self, grey: np.ndarray, quads: np.ndarray) -> tuple[list[Piece], list[Piece]]:
        """What is read surely enough in the lines of a page; and what else may be single digits."""
        height = self.recogniser.height
        strips = rectify(grey, quads, height)
        readings = self.recogniser.read(
            strips,
            self.decoding.allow,
            lexicon=self.decoding.lexicon,
            wider=lambda chosen: rectify(grey, quads[chosen], height, WIDER),
        )

        def read_cuts(cuts: np.ndarray) -> list[tuple[Reading, int]]:
            others = rectify(grey, cuts, height)
            found = self.recogniser.read(others, self.decoding.allow, lexicon=self.decoding.lexicon)
            return [(reading, strip.shape[1]) for reading, strip in zip(found, others, strict=True)]

        quads, readings = right_way_up(quads, strips, readings, self._read_once)
        readings = read_again(quads, [strip.shape[1] for strip in strips], readings, read_cuts)
        least = self.decoding.min_confidence
        if least is None:
            floor, vouched, highest = page_floor(self.decoding.lexicon), VOUCHED, HIGHEST
        else:
            floor, vouched, highest = at_least(least), 0.0, least
        sure = [without_doubtful_words(reading, floor, vouched, highest) for reading in readings]
        told = np.array([bool(reading.chars) for reading in sure], bool)
        return (
            _pieces(quads, strips, sure, told),
            _pieces(quads, strips, readings, _like_digits(readings) & ~told),
        )

    def _with_lone_digits(self, grey: np.ndarray, pieces: list[Piece], doubtful: list[Piece]) -> list[Piece]:
        """The pieces; letters among them, and ``doubtful`` ones, are digits where only these can be."""
        letters = [piece for piece in pieces if may_be_digit(piece.reading)]
        lone = among_numbers([*letters, *doubtful], pieces)
        allowed = DIGITS if self.decoding.allow is None else set(DIGITS).intersection(self.decoding.allow)
        if not lone or not allowed:
            return pieces
        quads = np.array([piece.quad for piece in lone])
        strips = rectify(grey, quads, self.recogniser.height)
        readings = self.recogniser.read_once(strips, allowed)
        least = max(SURE, self.decoding.min_confidence or 0.0)
        settled, digits = set[Piece](), []
        for piece, strip, reading in zip(lone, strips, readings, strict=True):
            if len(reading.chars) == 1 and reading.confidence >= least:
                digits.append(replace(piece, reading=set_edges(reading, strip)))
                settled.add(piece)
        return [piece for piece in pieces if piece not in settled] + digits


def _pieces(
    quads: np.ndarray, strips: Sequence[np.ndarray], readings: Sequence[Reading], chosen: np.ndarray
) -> list[Piece]:
    """What was read in the ``chosen`` ones (n,) of some lines' strips, where there was something."""
    return [
        Piece(quad, widened(quad), strip.shape[1], reading)
        for quad, strip, reading, told in zip(quads, strips, readings, chosen, strict=True)
        if told and reading.chars
    ]


def _like_digits(readings: Sequence[Reading]) -> np.ndarray:
    """Which readings may be of a single digit: (n,)."""
    return np.array([is_like_digit(reading.text) for reading in readings], bool)


def _ordered(grey: np.ndarray, pieces: list[Piece]) -> tuple[tuple[Block, ...], float]:
    """The blocks that pieces of lines form on a page, in reading order; the angle of the text in degrees."""
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
    return blocks, angle

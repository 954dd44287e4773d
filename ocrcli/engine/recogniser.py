"""Reads strips: one word or one whole text line each.

Strips of like width share a batch (windows.py). On a processor, several small batches side by side on one
core each beat one large batch on all cores: the recurrence is a chain of products too small to share.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ocrcli.alphabet import Alphabet
from ocrcli.engine.ctc import NEVER, CtcPath, allowed_classes, greedy
from ocrcli.engine.model import Model
from ocrcli.engine.networks import Networks, Role
from ocrcli.engine.reading import CharSpan, Lattice, Reading, as_reading
from ocrcli.engine.rectify import from_wider
from ocrcli.engine.spaces import with_narrow_spaces
from ocrcli.engine.windows import Window, batches_of, joined, padded_width, stacked, windows_of
from ocrcli.engine.wordedges import snap_to_ink

if TYPE_CHECKING:
    from ocrcli.engine.lexicon import Lexicon
    from ocrcli.modelcard import ModelCard

BATCH_SIZE = 32  # strips; the recurrence gains nothing from more
# Pixels of width in a batch. Measured on two cores with crnn-small: 5,000 is as fast as any
# larger batch and needs a fifth of the memory of 32,000. A GPU wants more to do at a time.
BATCH_COLUMNS = {"cpu": 5_120, "cuda": 81_920}
# Pieces of a page that the careful network reads at once, as it is quick enough: signs in a photograph are
# not as clear as the quicker one takes them to be.
FEW = 24
CLEAR = 0.95  # confidence above which a character of a page's line needs no lexicon …
CLEAR_ALONE = 0.98  # … and of an image of one word


class LineRecogniser:
    """Word models with the batching around them.

    ``workers`` batches run side by side, or as many as it says at the time; load the models with
    one thread if it is above one.
    """

    def __init__(
        self,
        networks: Networks | Model,
        *,
        workers: int | Callable[[], int] = 1,
        batch_size: int | None = None,
    ) -> None:
        self.networks = networks if isinstance(networks, Networks) else Networks.of(networks)
        self.workers = workers
        self.batch_size = batch_size or BATCH_SIZE

    @cached_property
    def alphabet(self) -> Alphabet:
        """What can be read."""
        return Alphabet(self.networks.any.card.alphabet)

    @cached_property
    def _space(self) -> int | None:
        """Class of the space."""
        return self.alphabet.index(" ") + 1 if " " in self.alphabet else None

    @cached_property
    def height(self) -> int:
        """Of the strips that can be read, pixels."""
        return self.networks.any.card.input.height or 32

    def read(
        self,
        strips: Sequence[np.ndarray],
        allow: Collection[str] | None = None,
        *,
        whole: bool = False,
        lexicon: Lexicon | None = None,
        wider: Callable[[Sequence[int]], list[np.ndarray]] | None = None,
    ) -> list[Reading]:
        """A reading for each strip, in order; doubtful strips are looked at again, see looks.py.

        Strips are grey uint8 (height, w) of any width, already of the model's height.
        ``allow`` restricts the answer to some characters. ``whole`` strips are images that somebody
        cropped, the others the lines of a page. Words that look much like one of ``lexicon``
        become that one, see respell.py. ``wider`` cuts some of the strips anew, ``rectify.WIDER``.
        """
        clear = 0.0 if lexicon is None else CLEAR_ALONE if whole else CLEAR
        sights = self._sights(strips, allow, whole, clear, wider)
        readings = [reading for reading, _ in sights]
        if lexicon is not None and not all(_clear(seen, clear) for _, seen in sights):
            from ocrcli.engine import respell

            limits = respell.OF_WORDS if whole else respell.OF_PAGES
            speller = respell.Speller(lexicon, self.alphabet, limits)
            readings = [
                reading if _clear(seen, clear) else speller.respell(reading, seen) for reading, seen in sights
            ]
        if allow is None:
            from ocrcli.engine.lookalikes import settled

            readings = [settled(reading, lexicon) for reading in readings]
        return [set_edges(reading, strip) for reading, strip in zip(readings, strips, strict=True)]

    def _sights(
        self,
        strips: Sequence[np.ndarray],
        allow: Collection[str] | None,
        whole: bool,
        clear: float,
        wider: Callable[[Sequence[int]], list[np.ndarray]] | None,
    ) -> list[tuple[Reading, list[Reading]]]:
        """Of each strip what it says, and the readings of all looks at it behind that.

        With their lattices, where a character is below ``clear``; at 0 none is asked for.
        """
        from ocrcli.engine import looks

        first: Role = "words" if whole else "lines" if len(strips) > FEW else "careful"
        again: Role = "words" if whole else "careful"
        readings = self.read_once(strips, allow, lattices_below=clear, by=first)
        doubtful = [i for i, reading in enumerate(readings) if reading.confidence < looks.DOUBTFUL]
        if doubtful and self.networks[again] is not self.networks[first]:
            careful = self.read_once([strips[i] for i in doubtful], allow, lattices_below=clear, by=again)
            for i, reading in zip(doubtful, careful, strict=True):
                readings[i] = reading
        sights = [(reading, [reading]) for reading in readings]
        unsure = [i for i in doubtful if readings[i].confidence < looks.DOUBTFUL]
        # Signs in a photograph gain by every look. A whole page of print that is hard to read is so from
        # everywhere, and further looks only disagree.
        every = np.inf if clear else 0.0
        if wider is not None and len(unsure) > looks.MANY:
            pairs = self._of_blurred([strips[i] for i in unsure], wider(unsure), allow, every)
            for i, pair in zip(unsure, pairs, strict=True):
                seen = [readings[i], *pair]
                sights[i] = looks.vote(seen), seen
            return sights
        widest = looks.WIDEST if whole else looks.WIDEST_PIECE
        unsure = [i for i in unsure if strips[i].shape[1] <= widest]
        for part in looks.OF_WORDS if whole else looks.OF_PAGES:
            left = [i for i in unsure if not looks.agree(sights[i][1])]
            if not left:
                break
            views = [[look.at(strips[i]) for look in part] for i in left]
            flat = [view for of_strip in views for view in of_strip]
            looked = iter(self.read_once(flat, allow, lattices_below=every, by=again))
            for i, of_strip in zip(left, views, strict=True):
                width = strips[i].shape[1]
                others = [looks.seen_at(next(looked), width / view.shape[1]) for view in of_strip]
                seen = [*sights[i][1], *others]
                sights[i] = looks.vote(seen), seen
        return sights

    def _of_blurred(
        self,
        strips: Sequence[np.ndarray],
        wider: Sequence[np.ndarray],
        allow: Collection[str] | None,
        lattices_below: float,
    ) -> list[tuple[Reading, Reading]]:
        """Readings of strips of a blurred page, where boxes are too tight, and of the same cut ``wider``."""
        from ocrcli.engine.looks import seen_at

        seen = self.read_once([*strips, *wider], allow, lattices_below=lattices_below, by="blurred")
        back = from_wider(self.height)
        usual, others = seen[: len(strips)], seen[len(strips) :]
        return [(one, seen_at(other, *back)) for one, other in zip(usual, others, strict=True)]

    def read_once(
        self,
        strips: Sequence[np.ndarray],
        allow: Collection[str] | None = None,
        *,
        lattices_below: float = 0.0,
        by: Role = "careful",
    ) -> list[Reading]:
        """As ``read``, by one network at one look: edges of words as its columns say.

        Readings with a character that is less sure than ``lattices_below`` carry their lattice.
        """
        if not strips:
            return []
        model = self.networks[by]
        card = model.card
        allowed = None if allow is None else allowed_classes(self.alphabet, allow)
        windows = [window for i, strip in enumerate(strips) for window in windows_of(i, strip)]
        workers = self.workers if isinstance(self.workers, int) else self.workers()
        share = -(-sum(window.width for window in windows) // workers)  # of each worker
        limit = min(BATCH_COLUMNS[model.device], share)
        batches = list(batches_of(windows, self.batch_size, limit))

        def run(batch: list[Window]) -> list[tuple[CtcPath | None, np.ndarray | None]]:
            return self._run(model, batch, allowed, lattices_below)

        if workers > 1 and len(batches) > 1:
            with ThreadPoolExecutor(workers, "recognise") as pool:
                results = list(pool.map(run, batches))
        else:
            results = [run(batch) for batch in batches]
        paths: dict[int, CtcPath] = {}
        columns: dict[int, np.ndarray] = {}  # strip → (T, C), as far as they were kept
        parts: dict[int, dict[int, np.ndarray]] = {}  # strip → first column → (T, C), of long strips
        for batch, result in zip(batches, results, strict=True):
            for window, (path, kept) in zip(batch, result, strict=True):
                if path is None and kept is not None:
                    parts.setdefault(window.strip, {})[window.offset // card.stride] = kept
                elif path is not None:
                    paths[window.strip] = path
                    if kept is not None:
                        columns[window.strip] = kept
        for strip, columns_of in parts.items():
            columns[strip] = joined(columns_of)
            paths[strip] = greedy(
                columns[strip][None], allowed=allowed, temperature=card.temperature, space=self._space
            )[0]
        readings = [self._reading(paths[i], strip, card.stride) for i, strip in enumerate(strips)]
        return [
            replace(reading, lattice=_lattice(columns[i], allowed, card))
            if i in columns and _sure(paths[i]) < lattices_below
            else reading
            for i, reading in enumerate(readings)
        ]

    def glance(self, strips: Sequence[np.ndarray]) -> list[Reading]:
        """As ``read_once``, by the quicker model: for what is asked of many characters together."""
        return self.read_once(strips, by="lines")

    def _run(
        self, model: Model, batch: list[Window], allowed: np.ndarray | None, lattices_below: float
    ) -> list[tuple[CtcPath | None, np.ndarray | None]]:
        """Of each strip of a batch its path; of an unsure one, or a window, its columns (T, C)."""
        card = model.card
        width = -(-padded_width(batch[0].width) // card.input.multiple_of) * card.input.multiple_of
        log_probs = model.run(stacked(batch, width))  # (N, T, C)
        lengths = np.array([-(-window.width // card.stride) for window in batch])
        paths = greedy(log_probs, lengths, allowed=allowed, temperature=card.temperature, space=self._space)
        return [
            (
                paths[i] if window.alone else None,
                log_probs[i, : lengths[i]].copy()
                if not window.alone or _sure(paths[i]) < lattices_below
                else None,
            )
            for i, window in enumerate(batch)
        ]

    def _reading(self, path: CtcPath, strip: np.ndarray, stride: int) -> Reading:
        spans = np.minimum(path.spans() * stride, strip.shape[1])  # columns → pixels
        characters = self.alphabet.characters
        chars = [
            CharSpan(characters[i - 1], confidence, start, end)
            for i, confidence, (start, end) in zip(
                path.classes.tolist(), path.confidence.tolist(), spans.tolist(), strict=True
            )
        ]
        if path.space is not None:
            chars = with_narrow_spaces(chars, path.space, strip)
        return as_reading(_tidy(chars))


def _lattice(log_probs: np.ndarray, allowed: np.ndarray | None, card: ModelCard) -> Lattice:
    """Columns (T, C) as the confidences see them: with the temperature, among what is allowed."""
    if allowed is not None:
        log_probs = np.where(allowed, log_probs, NEVER)
    log_probs = log_probs / np.float32(card.temperature)
    log_probs -= log_probs.max(-1, keepdims=True)
    log_probs -= np.log(np.exp(log_probs).sum(-1, keepdims=True))
    return Lattice(log_probs, float(card.stride))


def _sure(path: CtcPath) -> float:
    """Confidence of the least sure character of a path."""
    return float(path.confidence.min(initial=1.0))


def _clear(seen: Sequence[Reading], least: float) -> bool:
    """Whether one look was enough, and every character of it is clear."""
    return len(seen) == 1 and all(char.confidence >= least for char in seen[0].chars)


def set_edges(reading: Reading, strip: np.ndarray) -> Reading:
    """The reading of a strip with the edges of its words moved to the ink."""
    return replace(reading, chars=snap_to_ink(strip, reading.chars))


def _tidy(chars: Sequence[CharSpan]) -> tuple[CharSpan, ...]:
    """Without spaces at the ends, and with one where the network named several."""
    kept: list[CharSpan] = []
    for char in chars:
        if char.text != " " or (kept and kept[-1].text != " "):
            kept.append(char)
    if kept and kept[-1].text == " ":
        kept.pop()
    return tuple(kept)

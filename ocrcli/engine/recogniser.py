"""Reads words and lines: at first sight where they are clear, by further looks and a lexicon where not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ocrcli.engine.networks import Role
from ocrcli.engine.reading import Reading
from ocrcli.engine.rectify import from_wider
from ocrcli.engine.stripreader import StripReader
from ocrcli.engine.wordedges import snap_to_ink

if TYPE_CHECKING:
    from ocrcli.engine.lexicon import Lexicon

# Pieces of a page that the careful network reads at once, as it is quick enough: signs in a photograph are
# not as clear as the quicker one takes them to be.
FEW = 24
CLEAR = 0.95  # confidence above which a character of a page's line needs no lexicon …
CLEAR_ALONE = 0.98  # … and of an image of one word
# Confidence of all characters of an image of one word from which the quick network is believed, and of known
# words: nine tenths of clear print, half of signs. Of the development words none is read worse by it.
GLANCED, GLANCED_KNOWN = 0.99, 0.97


class LineRecogniser(StripReader):
    """Reads strips as well as it can, each as often as it takes."""

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
        cropped, the others the lines of a page; a glance of the quick network is enough for plain ones.
        Words that look much like one of ``lexicon`` become that one, see respell.py. ``wider`` cuts some
        of the strips anew, ``rectify.WIDER``.
        """
        if not whole or self.networks.share("lines", "words"):
            return self._read(strips, allow, whole, lexicon, wider)
        glances = self.read_once(strips, allow, by="lines")
        said = [
            self._finished(glance, strip, allow, lexicon) if _is_plain(glance, lexicon) else None
            for glance, strip in zip(glances, strips, strict=True)
        ]
        rest = [strip for strip, reading in zip(strips, said, strict=True) if reading is None]
        others = iter(self._read(rest, allow, whole, lexicon, wider) if rest else ())
        return [reading or next(others) for reading in said]

    def _read(
        self,
        strips: Sequence[np.ndarray],
        allow: Collection[str] | None,
        whole: bool,
        lexicon: Lexicon | None,
        wider: Callable[[Sequence[int]], list[np.ndarray]] | None,
    ) -> list[Reading]:
        """As ``read``, without a glance at whole strips before."""
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
        return [
            self._finished(reading, strip, allow, lexicon)
            for reading, strip in zip(readings, strips, strict=True)
        ]

    def _finished(
        self, reading: Reading, strip: np.ndarray, allow: Collection[str] | None, lexicon: Lexicon | None
    ) -> Reading:
        """The reading of a strip with its lookalikes settled and the edges of its words moved to the ink."""
        if allow is None:
            from ocrcli.engine.lookalikes import settled

            reading = settled(reading, lexicon)
        return set_edges(reading, strip)

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

    def glance(self, strips: Sequence[np.ndarray]) -> list[Reading]:
        """As ``read_once``, by the quicker model: for what is asked of many characters together."""
        return self.read_once(strips, by="lines")


def _clear(seen: Sequence[Reading], least: float) -> bool:
    """Whether one look was enough, and every character of it is clear."""
    return len(seen) == 1 and all(char.confidence >= least for char in seen[0].chars)


def _is_plain(reading: Reading, lexicon: Lexicon | None) -> bool:
    """Whether a glance at an image of one word is enough."""
    least = min((char.confidence for char in reading.chars), default=0.0)
    if least >= GLANCED:
        return True
    if lexicon is None or least < GLANCED_KNOWN:
        return False
    from ocrcli.engine import respell

    return respell.is_known(reading, lexicon)


def set_edges(reading: Reading, strip: np.ndarray) -> Reading:
    """The reading of a strip with the edges of its words moved to the ink."""
    return replace(reading, chars=snap_to_ink(strip, reading.chars))

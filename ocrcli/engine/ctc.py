"""CTC decoding in NumPy: from the columns of a word model to characters with places.

Connectionist temporal classification (Graves 2006): the network names a class or the
blank for every column; a run of one class is one character, and blanks part runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ocrcli.alphabet import CTC_BLANK, Alphabet

# Where between two runs a character ends and the next begins. Measured on rendered lines with
# known words: 0.7 of the way places both the ends and the starts of words without bias.
BOUNDARY = 0.7
NEVER = np.float32(-1e4)  # log-probability of a forbidden class; finite, so that differences are


@dataclass(frozen=True, slots=True, eq=False)
class CtcPath:
    """The characters of one strip: k classes, their confidences and their columns.

    ``first`` and ``last`` are the columns between which the network named the class (last
    inclusive); ``confidence`` is the probability at the best of them. ``space`` is the highest probability
    of a space at the columns between a character and the one before, where that was asked for.
    """

    classes: np.ndarray  # int (k,)
    confidence: np.ndarray  # float32 (k,), 0 … 1
    first: np.ndarray  # int (k,)
    last: np.ndarray  # int (k,)
    columns: int  # length of the strip in columns
    space: np.ndarray | None = None  # float32 (k,), 0 … 1

    def spans(self) -> np.ndarray:
        """Start and end of each character in columns, float32 (k, 2).

        A run of a class marks where a character begins rather than how wide it is; the next
        one begins shortly before its own run.
        """
        return _spans(self.first, self.last, self.columns)


def greedy(
    log_probs: np.ndarray,
    lengths: np.ndarray | None = None,
    *,
    allowed: np.ndarray | None = None,
    temperature: float = 1.0,
    space: int | None = None,
) -> list[CtcPath]:
    """The best path of each strip of a batch, with characters that it misses between two columns.

    ``log_probs`` is float32 (N, T, C) with the blank as class 0; ``lengths`` int (N,) are
    the columns of each strip before padding (None: all T); ``allowed`` bool (C,) forbids
    classes; ``temperature`` divides the logits before confidences are taken (Guo 2017). ``space`` is
    the class of the space, if it is to be told how likely there is one before each character.
    """
    count, columns, _ = log_probs.shape
    if lengths is None:
        lengths = np.full(count, columns)
    if count == 0 or columns == 0:
        return [_empty(int(length)) for length in lengths]
    if allowed is not None:
        log_probs = np.where(allowed, log_probs, NEVER)

    best = log_probs.argmax(-1)  # (N, T)
    padding = np.arange(columns) >= np.asarray(lengths)[:, None]
    best[padding] = CTC_BLANK  # it says nothing
    _name_split(best, log_probs, padding)
    begins = np.ones((count, columns), bool)  # (N, T): here a run of one class begins
    begins[:, 1:] = best[:, 1:] != best[:, :-1]

    run_starts = np.flatnonzero(begins)  # of all N·T columns in a row
    run_ends = np.append(run_starts[1:], count * columns)
    classes = best.ravel()[run_starts]
    named = classes != CTC_BLANK
    classes, run_starts, run_ends = classes[named], run_starts[named], run_ends[named]
    confidence = _confidence(log_probs, classes, run_starts, run_ends, temperature)

    strip, first = np.divmod(run_starts, columns)
    last = first + (run_ends - run_starts) - 1
    spaces = None if space is None else _between(log_probs[..., space], run_starts, run_ends, strip)
    bounds = np.searchsorted(strip, np.arange(count + 1))
    return [
        CtcPath(
            classes[a:b],
            confidence[a:b],
            first[a:b],
            last[a:b],
            int(length),
            None if spaces is None else spaces[a:b],
        )
        for a, b, length in zip(bounds[:-1], bounds[1:], lengths, strict=True)
    ]


def allowed_classes(alphabet: Alphabet, characters: Iterable[str]) -> np.ndarray:
    """Mask bool (C,) that leaves the blank and ``characters``, those of the alphabet."""
    mask = np.zeros(alphabet.ctc_classes, bool)
    mask[CTC_BLANK] = True
    mask[[alphabet.index(character) + 1 for character in set(characters) if character in alphabet]] = True
    return mask


def _empty(columns: int) -> CtcPath:
    none = np.zeros(0, np.int64)
    return CtcPath(none, np.zeros(0, np.float32), none, none, columns)


def _name_split(best: np.ndarray, log_probs: np.ndarray, padding: np.ndarray) -> None:
    """Names characters whose probability is split between two columns, in place.

    Where a character may as well be placed at one column as at the next, the blank wins at both, though the
    three paths that have the character are together likelier than the one that has not. ``best`` (N, T) are
    the classes of the best path, ``log_probs`` (N, T, C), and ``padding`` (N, T) says nothing.
    """
    columns = best.shape[1]
    named = 1 - np.exp(log_probs[..., CTC_BLANK])  # (N, T): that it is any character
    named[padding | (best != CTC_BLANK)] = -1
    likely = named[:, :-1] + named[:, 1:] > 0.5  # with less, two blanks are likelier than all else together
    for strip, at in zip(*np.nonzero(likely), strict=True):
        if best[strip, at] != CTC_BLANK or best[strip, at + 1] != CTC_BLANK:
            continue
        one, two = np.exp(log_probs[strip, at : at + 2])  # (C,) each
        with_class = one * (two[CTC_BLANK] + two) + one[CTC_BLANK] * two
        with_class[CTC_BLANK] = 0
        name = int(with_class.argmax())
        before = best[strip, at - 1] if at else CTC_BLANK
        after = best[strip, at + 2] if at + 2 < columns else CTC_BLANK
        if with_class[name] > one[CTC_BLANK] * two[CTC_BLANK] and name not in (before, after):
            best[strip, at + int(two[name] > one[name])] = name


def _confidence(
    log_probs: np.ndarray, classes: np.ndarray, starts: np.ndarray, ends: np.ndarray, temperature: float
) -> np.ndarray:
    """Probability of the class at the best column of each run: float32 (k,)."""
    if not len(classes):
        return np.zeros(0, np.float32)
    flat = log_probs.reshape(-1, log_probs.shape[-1])  # (N·T, C)
    lengths = ends - starts
    begins = np.cumsum(lengths) - lengths  # of each run, among the columns of all runs
    columns = np.arange(lengths.sum()) + np.repeat(starts - begins, lengths)
    scores = flat[columns] / np.float32(temperature)  # (columns of all runs, C)
    scores -= scores.max(-1, keepdims=True)
    of_class = scores[np.arange(len(columns)), np.repeat(classes, lengths)]
    probability = np.exp(of_class) / np.exp(scores).sum(-1)
    return np.maximum.reduceat(probability, begins)


def _between(log_prob: np.ndarray, starts: np.ndarray, ends: np.ndarray, strip: np.ndarray) -> np.ndarray:
    """Highest probability of a class (N, T) at the columns between each run and the one before: (k,).

    0 for the first run of a strip, and where two runs touch.
    """
    highest = np.zeros(len(starts), np.float32)
    later = np.flatnonzero((strip[1:] == strip[:-1]) & (starts[1:] > ends[:-1])) + 1
    if len(later):
        edges = np.stack([ends[later - 1], starts[later]], 1).ravel()  # begin and end of each, in order
        highest[later] = np.exp(np.maximum.reduceat(log_prob.ravel(), edges)[::2])
    return highest


def _spans(first: np.ndarray, last: np.ndarray, columns: int) -> np.ndarray:
    count = len(first)
    if not count:
        return np.zeros((0, 2), np.float32)
    edges = np.empty(count + 1, np.float32)
    edges[1:-1] = last[:-1] + 1 + BOUNDARY * (first[1:] - last[:-1] - 1)
    # The first and last reach to the ends of the strip, unless these are so far that there
    # must be a margin. A lone character has no neighbour to tell how far that is.
    pitch = (first[-1] - first[0]) / (count - 1) if count > 1 else float(columns)
    start, end = first[0], last[-1] + 1
    edges[0] = 0 if start <= pitch else start - (1 - BOUNDARY) * pitch
    edges[-1] = columns if columns - end <= pitch else end + BOUNDARY * pitch
    return np.stack([edges[:-1], edges[1:]], axis=1)

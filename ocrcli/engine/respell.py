"""Words of a reading that a lexicon does not know become words that it does, where the picture allows.

The network is asked how likely each similar word is in the columns of the word, over all looks at
the strip. One that is nearly as likely as what was read replaces it. Numbers, addresses and names
that were read clearly stay: no known word comes near their probability.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ocrcli.alphabet import CTC_BLANK, Alphabet
from ocrcli.engine.alignment import align, log_probabilities
from ocrcli.engine.beam import beam_search
from ocrcli.engine.ctc import NEVER, CtcPath
from ocrcli.engine.lexicon import Lexicon
from ocrcli.engine.lines import split_words
from ocrcli.engine.looks import POWER
from ocrcli.engine.reading import CharSpan, Reading, as_reading, geometric_mean

# By which factor (natural logarithm) a known word may be less likely than what was read.
MARGIN = 4.0
# Log-probability of a reading above which what is left for all other texts is too little for one to win.
CERTAIN = -np.log1p(np.exp(-MARGIN))
EDITS = (
    (3, 1),
    (7, 2),
    (np.inf, 3),
)  # up to so many characters: so many edits; what is farther off rarely wins
SPELLINGS = 4  # of a word, the likeliest, for which similar known words are looked up
SHORTEST = 2  # characters; a lone letter is like too many words

_ADDRESS = re.compile(r"@|://|\w[._\\]\w")  # e-mail, web, file names, versions, "no.1"
_CORE = re.compile(r"[^\W_](?:.*[^\W_])?")  # from the first letter or digit to the last
_PART = re.compile(r"[^\W_](?:[^-–—/]*[^-–—/\W_])?")  # of "well-known" each half


@dataclass(frozen=True, slots=True)
class Limits:
    """What a known word needs in order to replace what was read.

    ``other_length`` is taken off the margin for each character more or fewer than were read: it halves the
    names that are cut short to a word (Clementi, cement), and costs few true corrections. ``clear`` is the
    probability that it must have among all candidates.
    """

    other_length: float
    clear: float


OF_PAGES = Limits(0.7, 0.4)  # what is less clear is more often wrong than right, and better left out
OF_WORDS = Limits(0.5, 0.0)  # an image that somebody cut out says some word: the likeliest


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """The columns of one word in one look: log-probabilities (T, C) and the weight of the look."""

    log_probs: np.ndarray
    weight: float
    start: float  # pixels of the strip at which the columns begin
    pitch: float  # pixels a column


class Speller:
    """Respells what a lexicon does not know, for models over one alphabet."""

    def __init__(self, lexicon: Lexicon, alphabet: Alphabet, limits: Limits = OF_PAGES) -> None:
        lexicon.prepare()
        self.limits = limits
        self.lexicon = lexicon
        self.alphabet = alphabet
        self._space = alphabet.index(" ") + 1 if " " in alphabet else None

    def respell(self, reading: Reading, seen: Sequence[Reading]) -> Reading:
        """``reading`` with unknown words replaced; ``seen`` are the looks behind it, with lattices.

        A word's place stays; one that is replaced is at least as sure as before, or as the known
        word is likely among all that it might be.
        """
        words = split_words(reading.chars)
        chars: list[CharSpan] = []
        start = -np.inf  # pixels at which the columns of the word may begin
        for word, space in words:
            end = np.inf if space is None else (space.start + space.end) / 2
            unknown = _unknown(self.lexicon, "".join(char.text for char in word))
            if unknown:
                views = [view for one in seen if (view := self._view(one, start, end)) is not None]
                for head, core in unknown if views else ():
                    word = self._respelled(word, head, core, views)
            chars += word
            if space is not None:
                chars.append(space)
            start = end
        return as_reading(tuple(chars))

    def _respelled(self, word: list[CharSpan], head: int, core: str, views: list[_View]) -> list[CharSpan]:
        """A word with its ``core`` replaced by the likeliest known word, if that is likely enough."""
        text = "".join(char.text for char in word)
        if np.logaddexp.reduce(_likely(views, [self.alphabet.encode_ctc(text)]))[0] > CERTAIN:
            return word
        before, after = text[:head], text[head + len(core) :]
        spellings = [core, *(self._spellings(views) if core == _core(text) else ())]
        known = dict.fromkeys(before + form + after for form in self._similar(core, spellings))
        candidates = [text, *(form for form in known if self.alphabet.covers(form))]
        if len(candidates) == 1:
            return word
        encoded = [self.alphabet.encode_ctc(candidate) for candidate in candidates]
        likely = _likely(views, encoded)  # (V, K)
        total = np.logaddexp.reduce(likely, axis=0)  # (K,): what was read, then the known words
        lengths = np.array([len(candidate) for candidate in candidates])
        total[1:] += MARGIN - self.limits.other_length * np.abs(lengths[1:] - lengths[0])
        best = 1 + int(total[1:].argmax())
        if not total[best] > total[0]:
            return word
        share = float(np.exp(total[best] - np.logaddexp.reduce(total)))
        if share < self.limits.clear:
            return word
        view = views[int(likely[:, best].argmax())]
        confidence = max(share, geometric_mean([char.confidence for char in word]))
        spans = _spans(view, encoded[best], word[0].start, word[-1].end)
        return [
            CharSpan(character, confidence, float(start), float(end))
            for character, (start, end) in zip(candidates[best], spans, strict=True)
        ]

    def _spellings(self, views: list[_View]) -> Iterator[str]:
        """What else the word may be read as, by the look that is surest."""
        surest = max(views, key=lambda view: view.weight)
        for classes, _ in beam_search(surest.log_probs, width=SPELLINGS):
            core = _core(self.alphabet.decode_ctc(classes))
            if _spelled(core):
                yield core

    def _similar(self, core: str, spellings: Iterable[str]) -> Iterator[str]:
        """Known words that one of the ``spellings`` may be, in the letter case of ``core``."""
        for spelling in dict.fromkeys(spelling.casefold() for spelling in spellings):
            edits = next(edits for longest, edits in EDITS if len(spelling) <= longest)
            for word in self.lexicon.near(spelling, edits):
                if "’" in core:
                    word = word.replace("'", "’")
                if word in self.lexicon.own_case:
                    yield self.lexicon.own_case[word]
                yield from _in_case_of(core, word)

    def _view(self, reading: Reading, start: float, end: float) -> _View | None:
        """The columns of a look between two places in pixels of the strip; a space there is a blank."""
        lattice = reading.lattice
        if lattice is None or reading.confidence <= 0:
            return None
        count = len(lattice.log_probs)
        first, last = (
            round(min(max((edge - lattice.start) / lattice.pitch, 0), count)) for edge in (start, end)
        )
        if last <= first:
            return None
        log_probs = lattice.log_probs[first:last]
        if self._space is not None:
            log_probs = log_probs.copy()
            blank, space = log_probs[:, CTC_BLANK], log_probs[:, self._space]
            log_probs[:, CTC_BLANK] = np.logaddexp(blank, space)
            log_probs[:, self._space] = NEVER
        return _View(
            log_probs, reading.confidence**POWER, lattice.start + first * lattice.pitch, lattice.pitch
        )


def is_known(reading: Reading, lexicon: Lexicon) -> bool:
    """Whether a lexicon would leave all words of a reading as they are."""
    return not any(_unknown(lexicon, word) for word in reading.text.split())


def _unknown(lexicon: Lexicon, word: str) -> list[tuple[int, str]]:
    """Parts of a word that a lexicon ought to know and does not: where they begin, the last first."""
    if _core(word) in lexicon or _ADDRESS.search(word):
        return []
    parts = [(part.start(), part.group()) for part in _PART.finditer(word)]
    return [(at, part) for at, part in reversed(parts) if _spelled(part) and part not in lexicon]


def _likely(views: list[_View], texts: Sequence[Sequence[int]]) -> np.ndarray:
    """Log-probability of each text in each look, with the share that the look has: float64 (V, K)."""
    shares = np.array([[view.weight] for view in views])
    return np.stack([log_probabilities(view.log_probs, texts) for view in views]) + np.log(
        shares / shares.sum()
    )


def _core(word: str) -> str:
    """A word without the signs around it."""
    found = _CORE.search(word)
    return found.group() if found else ""


def _spelled(part: str) -> bool:
    """Whether a part of a word is letters for the most, so that a lexicon has a say in it."""
    letters = sum(character.isalpha() for character in part)
    return len(part) >= SHORTEST and 2 * letters > len(part)


def _in_case_of(core: str, word: str) -> tuple[str, ...]:
    """``word`` in the letter case of ``core``; where that is no pattern, in each that there is."""
    if core.isupper():
        return (word.upper(),)
    if core.islower():
        return (word,)
    if core[0].isupper() and core[1:].islower():
        return (word.capitalize(),)
    return word, word.capitalize(), word.upper()


def _spans(view: _View, text: Sequence[int], start: float, end: float) -> np.ndarray:
    """Places of the characters of ``text`` in pixels of the strip, from ``start`` to ``end``: (k, 2)."""
    first, last = align(view.log_probs, text)
    path = CtcPath(np.array(text), np.ones(len(text), np.float32), first, last, len(view.log_probs))
    edges = view.start + path.spans()[1:, 0] * view.pitch
    edges = np.array([start, *edges, end])
    if not (np.diff(edges) > 0).all():  # the look that knew the word has it elsewhere
        edges = np.linspace(start, end, len(text) + 1)
    return np.stack([edges[:-1], edges[1:]], axis=1)

"""How sure a word on a page must be to be told.

Of what a detector takes for words, the least sure are leaves, bricks and folds. They are read as a letter or
two, or as a word that nobody knows; a word that makes sense has said something for itself already.
Chosen on the development pages of street photographs, forms and receipts, where the three floors
give better F1 than any single one.
"""

from __future__ import annotations

from collections.abc import Callable

from ocrcli.engine.lexicon import Lexicon

KNOWN = 0.53  # confidence for words of the lexicon, and for what has digits
UNKNOWN = 0.62  # for other words
SHORT = 0.72  # for what is one or two characters long, and no number
HIGHEST = max(KNOWN, UNKNOWN, SHORT)
VOUCHED = 0.5  # share of a word's confidence that is its line's: a small word in a clear line is no speck

AROUND = ".,:;()!?'\"“”‘’-–—|/\\_~*=+<>"  # signs around a word that are no part of it


def at_least(confidence: float) -> Callable[[str], float]:
    """One floor for all words."""
    return lambda _: confidence


def page_floor(lexicon: Lexicon | None) -> Callable[[str], float]:
    """The floor of each word, 0 … 1."""

    def floor(word: str) -> float:
        core = word.strip(AROUND)
        if len(core) <= 2:
            return UNKNOWN if core.isdigit() else SHORT  # a 0 may be an O, which is doubt enough
        if any(character.isdigit() for character in core):
            return KNOWN
        return KNOWN if lexicon is not None and core in lexicon else UNKNOWN

    return floor

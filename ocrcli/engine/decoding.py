"""What may come out of a reading."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ocrcli.engine.lexicon import Lexicon, english


@dataclass(frozen=True, slots=True)
class Decoding:
    """What may come out: ``allow`` restricts the characters, ``min_confidence`` (0 … 1)
    drops words below it (None: as floors.py says on pages, nothing in an image that is one word),
    ``top`` is the number of candidates in mode ``char``, ``lexicon`` has the words to expect."""

    allow: Collection[str] | None = None
    min_confidence: float | None = None
    top: int = 5
    lexicon: Lexicon | None = field(default_factory=english)

"""Words that a text is likely to hold, from a file with one word a line.

Letter case is no part of a word here. The words within a few edits of a reading are found by
comparing it with all words of like length at once, which at 100,000 words takes a few milliseconds
and needs no index to be built first.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock

import numpy as np

from ocrcli.alphabet import fold
from ocrcli.errors import UsageError

BITS = 64  # of a word's signature, a bit for the characters whose code is the same modulo 64
# American and British English of SCOWL, size 60, as Debian's wamerican and wbritish have it, without the
# possessives. Size 70 has twice the words, and reads the development words worse.
ENGLISH = Path(__file__).parents[1] / "lexica" / "english.txt"
# Of companies, taxes, money, goods and addresses of several countries: what receipts say beside words.
ABBREVIATIONS = ENGLISH.with_name("abbreviations.txt")
NAMES = ENGLISH.with_name("names.txt")  # of shops, makers, hotels and banks all over the world, as on signs


class Lexicon:
    """A set of words: which are known, and which are like a given one.

    Nothing is made of the words before they are asked for: clear print needs none. ``prepare`` makes it
    now, in a thread beside other work if need be.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._text = "\n".join(words)
        self._preparing = Lock()
        self._tables: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # by length, as far as asked for

    @classmethod
    def load(cls, path: Path) -> Lexicon:
        """Words of a UTF-8 text file. Raises UsageError when it cannot be read or holds none."""
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise UsageError(f"{path}: cannot read the lexicon: {error.strerror}") from None
        except UnicodeDecodeError:
            raise UsageError(f"{path}: the lexicon is not UTF-8 text; save it as UTF-8") from None
        if not text.strip():
            raise UsageError(f"{path}: the lexicon holds no words; put one on each line")
        return cls([text])

    def __reduce__(self) -> tuple[type[Lexicon], tuple[list[str]]]:
        return Lexicon, ([self._text],)  # another process makes what it needs itself

    def prepare(self) -> None:
        """Makes what the other methods need, or waits until another thread has made it."""
        with self._preparing:
            _ = self.words, self.own_case, self._plain, self._by_length

    @cached_property
    def _written(self) -> list[str]:
        """The words as the file has them."""
        return fold(self._text.replace("’", "'")).split()

    @cached_property
    def words(self) -> frozenset[str]:
        """All words, regardless of case."""
        return frozenset("\n".join(self._written).casefold().split())

    @cached_property
    def own_case(self) -> dict[str, str]:
        """Words written in their own way, such as McDonald, by what they are regardless of case."""
        return {
            word.casefold(): word
            for word in self._written
            if not (word.islower() or word.istitle() or word.isupper()) and word.casefold() != word
        }

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset(_without_marks(word) for word in self.words if not word.isascii())

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        """Whether a word is known, whatever its case; so is its possessive, and é may be written e."""
        key = word.replace("’", "'").casefold()
        known = key in self.words or key in self._plain
        return known or (key.endswith("'s") and key[:-2] in self.words)

    @cached_property
    def sha256(self) -> str:
        """Of its words, sorted, a line each: by which a result can be traced."""
        import hashlib

        return hashlib.sha256("\n".join(sorted(self.words)).encode()).hexdigest()

    def near(self, word: str, edits: int) -> list[str]:
        """The words within so many insertions, deletions and substitutions of ``word``, case aside."""
        query = np.array([ord(character) for character in word.casefold()], np.uint32)
        signature = _signatures(query[None])[0]
        found: list[str] = []
        for length in range(max(1, len(query) - edits), len(query) + edits + 1):
            codes, signatures = self._so_long(length)
            # An edit changes two bits of the signature at most.
            similar = codes[_ones(signatures ^ signature) <= 2 * edits]
            close = similar[_distances(similar, query) <= edits]
            found += ["".join(map(chr, row)) for row in close.tolist()]
        return found

    @cached_property
    def _by_length(self) -> dict[int, list[str]]:
        groups: dict[int, list[str]] = {}
        for word in self.words:
            groups.setdefault(len(word), []).append(word)
        return groups

    def _so_long(self, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Code points uint32 (n, length) and signatures uint64 (n,) of the words of a length, sorted."""
        if length not in self._tables:
            words = sorted(self._by_length.get(length, ()))
            codes = np.array(words, f"U{length}").view(np.uint32).reshape(-1, length)
            self._tables[length] = codes, _signatures(codes)
        return self._tables[length]


@lru_cache(maxsize=1)
def english() -> Lexicon:
    """The words, abbreviations and names that the package brings."""
    return Lexicon(path.read_text("utf-8") for path in (ENGLISH, ABBREVIATIONS, NAMES))


def _without_marks(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _signatures(codes: np.ndarray) -> np.ndarray:
    """Which characters a word has, (n, length) → uint64 (n,)."""
    bits = np.uint64(1) << (codes % BITS).astype(np.uint64)
    return np.bitwise_or.reduce(bits, axis=1)


def _ones(numbers: np.ndarray) -> np.ndarray:
    """Bits that are set, uint64 (n,) → uint8 (n,)."""
    quarters = numbers.view(np.uint16).reshape(-1, 4)  # NumPy counts bits itself from 2.0 on
    return _ONES[quarters].sum(1, dtype=np.uint8)


_ONES = np.array([0], np.uint8)
for _ in range(16):
    _ONES = np.concatenate([_ONES, _ONES + 1])  # of all numbers of 16 bits: half begin with a one


def _distances(words: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Edit distance (Levenshtein) of each word (n, length) from the query: int (n,)."""
    count, length = words.shape
    letters = np.ascontiguousarray(words.T)  # (length, n): the words side by side, so that all go in step
    row = np.tile(np.arange(length + 1, dtype=np.int16)[:, None], count)  # (length + 1, n)
    for i, code in enumerate(query, 1):
        differs = letters != code
        diagonal, row[0] = row[0].copy(), i
        for j in range(length):
            substituted = diagonal + differs[j]
            diagonal = row[j + 1].copy()
            np.minimum(substituted, np.minimum(diagonal, row[j]) + 1, out=row[j + 1])
    return row[-1]

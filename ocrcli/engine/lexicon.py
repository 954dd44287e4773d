"""Words that a text is likely to hold, from a file with one word a line.

Letter case is no part of a word here. The words within a few edits of a reading are found by
comparing it with all words of like length at once, which at 100,000 words takes a millisecond
and needs no index to be built first.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from threading import Lock

import numpy as np

from ocrcli.alphabet import fold
from ocrcli.errors import UsageError

BITS = 64  # of a word's signature: a bit for the characters, or pairs, whose number is the same modulo 64
PAIR = 31  # the number of a pair is this times the first code plus the second
NEAR_KEPT = 4096  # answers that are kept: a page asks for its own names again and again
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
        self._tables: dict[int, _Table] = {}  # by length, as far as asked for
        self._found = lru_cache(NEAR_KEPT)(self._search)

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
            _ = self.words, self.own_case, self._plain, self._laid_out

    @cached_property
    def _written(self) -> str:
        """The words as the file has them."""
        return fold(self._text.replace("’", "'"))

    @cached_property
    def _keys(self) -> list[str]:
        """The words regardless of case, in the order of the file, some of them more than once."""
        return self._written.casefold().split()

    @cached_property
    def words(self) -> frozenset[str]:
        """All words, regardless of case."""
        return frozenset(self._keys)

    @cached_property
    def own_case(self) -> dict[str, str]:
        """Words written in their own way, such as McDonald, by what they are regardless of case."""
        return {
            key: word
            for key, word in zip(self._keys, self._written.split(), strict=True)
            if key != word and not (word.istitle() or word.isupper() or word.islower())
        }

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset(_without_marks(word) for word in self._keys if not word.isascii())

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

    def near(self, word: str, edits: int) -> tuple[str, ...]:
        """The words within so many insertions, deletions and substitutions of ``word``, case aside."""
        return self._found(word.casefold(), edits)

    def _search(self, word: str, edits: int) -> tuple[str, ...]:
        query = np.array([ord(character) for character in word], np.uint32)
        letters, pairs = (signature[0] for signature in _signatures(query[:, None]))
        similar: list[np.ndarray] = []
        for length in range(max(1, len(query) - edits), len(query) + edits + 1):
            table = self._so_long(length)
            # An edit changes two letters at most, and of the pairs the two that it parts, into two others.
            kept = np.flatnonzero(_ones(table.letters ^ letters) <= 2 * edits)
            kept = kept[_ones(table.pairs[kept] ^ pairs) <= 4 * edits]
            similar.append(table.codes[:, kept])
        near = _distances(similar, query) <= edits
        of_lengths = np.split(near, np.cumsum([codes.shape[1] for codes in similar])[:-1])
        found = (codes[:, kept].T.tolist() for codes, kept in zip(similar, of_lengths, strict=True))
        return tuple(dict.fromkeys("".join(map(chr, row)) for rows in found for row in rows))

    @cached_property
    def _laid_out(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Code points of all words behind each other; where each begins, and its length (n,)."""
        codes = np.frombuffer("\n".join([*self._keys, ""]).encode("utf-32-le"), np.uint32)
        ends = np.flatnonzero(codes == ord("\n"))
        starts = np.append(0, ends + 1)[:-1]
        return codes, starts, ends - starts

    def _so_long(self, length: int) -> _Table:
        """The words of a length."""
        if length not in self._tables:
            codes, starts, lengths = self._laid_out
            at = starts[lengths == length]
            of_length = np.stack([codes[at + place] for place in range(length)])
            self._tables[length] = _Table(of_length, *_signatures(of_length))
        return self._tables[length]


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The words of one length side by side: code points uint32 (length, n), signatures uint64 (n,)."""

    codes: np.ndarray
    letters: np.ndarray
    pairs: np.ndarray


@lru_cache(maxsize=1)
def english() -> Lexicon:
    """The words, abbreviations and names that the package brings."""
    return Lexicon(path.read_text("utf-8") for path in (ENGLISH, ABBREVIATIONS, NAMES))


def _without_marks(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _signatures(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which characters a word has, and which pairs of neighbours: (length, n) → uint64 (n,) each."""

    def bits(numbers: np.ndarray) -> np.ndarray:
        return np.bitwise_or.reduce(np.uint64(1) << (numbers % BITS).astype(np.uint64), axis=0)

    return bits(codes), bits(PAIR * codes[:-1] + codes[1:])


def _ones(numbers: np.ndarray) -> np.ndarray:
    """Bits that are set, uint64 (n,) → uint8 (n,)."""
    if hasattr(np, "bitwise_count"):  # from NumPy 2.0 on
        return np.bitwise_count(numbers)
    octets = numbers.view(np.uint8).reshape(-1, 8)
    return np.unpackbits(octets, axis=1).sum(1, dtype=np.uint8)


def _distances(words: Sequence[np.ndarray], query: np.ndarray) -> np.ndarray:
    """Edit distance (Levenshtein) of all words, (length, n) of each length, from the query: int (all n,)."""
    lengths = np.repeat([len(codes) for codes in words], [codes.shape[1] for codes in words])
    longest = max(len(codes) for codes in words)
    # Side by side, (longest, n), the words go in step; shorter ones are padded, to no effect.
    letters = np.zeros((longest, len(lengths)), np.uint32)
    end = 0
    for codes in words:
        start, end = end, end + codes.shape[1]
        letters[: len(codes), start:end] = codes
    # Rows of (longest + 1, n): to each place in the words, from none of the query's letters, the first, two …
    row = np.repeat(np.arange(longest + 1, dtype=np.int16)[:, None], len(lengths), 1)
    for code in query:
        following = row + 1  # without the query's letter
        np.minimum(following[1:], row[:-1] + (letters != code), out=following[1:])
        for before, here in pairwise(following):  # with a letter of the word that the query lacks
            np.minimum(here, before + 1, out=here)
        row = following
    return row[lengths, np.arange(len(lengths))]

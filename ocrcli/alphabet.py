"""The only owner of characters, class indices and the CTC blank.

An alphabet is data: it is written into every model file, and whoever decodes a
model's output reads it from there.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

CTC_BLANK = 0  # index of the CTC blank in every word model; characters follow from 1

# EMNIST ByClass order (Cohen 2017, table II): digits, capitals, small letters.
EMNIST_BYCLASS = string.digits + string.ascii_uppercase + string.ascii_lowercase

# Printable ASCII with the space first, then the typographic signs of printed English.
PRINTABLE_ASCII = "".join(chr(code) for code in range(0x20, 0x7F))
TYPOGRAPHIC = "“”‘’–—…•·€£¥¢§¶©®™°±×÷½¼¾«»¡¿†é"
PRINTED_ENGLISH = PRINTABLE_ASCII + TYPOGRAPHIC

# Signs that look alike in print and mean the same in text; folded before encoding.
_LOOKALIKES = str.maketrans(
    {
        "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\t": " ",
        "\u2010": "-", "\u2011": "-", "\u2212": "-", "\u00ad": "-",
        "\u2015": "—", "\u201a": ",", "\u2032": "'", "\u2033": '"', "\u2044": "/",
    }
)  # fmt: skip
_LOOKALIKE = re.compile(f"[{''.join(map(chr, _LOOKALIKES))}]")


@dataclass(frozen=True)
class Alphabet:
    """The ordered characters that a model can name.

    Class ``i`` of a classifier is ``characters[i]``. A CTC model has one class more:
    index ``CTC_BLANK`` is the blank, and class ``i + 1`` is ``characters[i]``.
    """

    characters: str
    _index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index = {character: i for i, character in enumerate(self.characters)}
        if len(index) != len(self.characters):
            raise ValueError("an alphabet names each character once")
        object.__setattr__(self, "_index", index)

    def __len__(self) -> int:
        return len(self.characters)

    def __contains__(self, character: object) -> bool:
        return character in self._index

    def index(self, character: str) -> int:
        """The class of ``character`` in a classifier. Raises KeyError when it has none."""
        return self._index[character]

    @property
    def ctc_classes(self) -> int:
        """Number of classes of a CTC model over this alphabet, the blank included."""
        return len(self.characters) + 1

    def encode_ctc(self, text: str) -> list[int]:
        """CTC classes of ``text``. Raises KeyError for a character outside the alphabet."""
        return [self._index[character] + 1 for character in text]

    @cached_property
    def cases(self) -> tuple[tuple[int, int], ...]:
        """CTC classes of each letter that the alphabet has in both cases: small, capital."""
        pairs = ((character, character.upper()) for character in self.characters if character.islower())
        return tuple((self._index[a] + 1, self._index[b] + 1) for a, b in pairs if b in self._index)

    def encode_either_case(self, text: str) -> list[int]:
        """CTC classes of ``text`` that does not tell the case of its letters.

        Letter ``k`` of ``cases``, small or capital, is class ``ctc_classes + k``. Raises KeyError.
        """
        either = {index: self.ctc_classes + k for k, pair in enumerate(self.cases) for index in pair}
        return [either.get(index, index) for index in self.encode_ctc(text)]

    def decode_ctc(self, classes: Iterable[int]) -> str:
        """Text of CTC classes whose blanks and repeats are already collapsed."""
        return "".join(self.characters[i - 1] for i in classes if i != CTC_BLANK)

    def covers(self, text: str) -> bool:
        """Whether every character of ``text`` belongs to the alphabet."""
        return all(character in self._index for character in text)


def fold(text: str) -> str:
    """NFC text with look-alike spaces, hyphens and primes made one."""
    text = unicodedata.normalize("NFC", text)
    return text.translate(_LOOKALIKES) if _LOOKALIKE.search(text) else text  # a translation is slow

"""0 and O, 1 and l: signs that the network cannot tell apart, but their company can.

In many faces the two are drawn alike. A zero in a known word is a letter, and an O in a number is a zero.
What mixes both for good, such as part numbers and formulas, stays as it was read.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ocrcli.engine.lexicon import Lexicon
from ocrcli.engine.lines import split_words
from ocrcli.engine.reading import CharSpan, Reading, as_reading

EITHER = "01OolI"  # what has nothing else may be a number as well
SHORTEST_WITH_ONE = 4  # characters: "1st" and "1t" are no words

_SUSPECT = re.compile(r"[01][^\W\d_]|[^\W\d_][01]|\d[.,:]?[oO]|[oO][.,:]?\d")
_NUMBER = re.compile(r"[\doO]+(?:[.,:/-][\doO]+)*")  # but for what is no digit
_WORD = re.compile(r"[^\W_]+")


def settled(reading: Reading, lexicon: Lexicon | None) -> Reading:
    """The reading with lookalikes as their words ask for; known words are those of the ``lexicon``."""
    if not _SUSPECT.search(reading.text):
        return reading
    chars: list[CharSpan] = []
    for word, space in split_words(reading.chars):
        text = "".join(char.text for char in word)
        meant = _WORD.sub(lambda part: _word_meant(part.group(), lexicon), _numbers_meant(text))
        chars += (replace(char, text=sign) for char, sign in zip(word, meant, strict=True))
        if space is not None:
            chars.append(space)
    return replace(as_reading(tuple(chars)), lattice=reading.lattice)


def _numbers_meant(text: str) -> str:
    """``text`` with its first number written in digits alone."""
    found = _NUMBER.search(text)
    if not found or not any(sign.isdigit() for sign in found.group()):
        return text
    before, after = text[: found.start()], text[found.end() :]
    if before[-1:].isalnum() or after[:1].isalnum():
        return text
    return before + re.sub("[oO]", "0", found.group()) + after


def _word_meant(part: str, lexicon: Lexicon | None) -> str:
    """The known word that ``part`` is with letters for 0 and 1, if there is one."""
    if lexicon is None or part.isalpha() or part in lexicon:
        return part
    if set(part) & set("23456789") or not set(part) - set(EITHER):
        return part
    if "1" in part and len(part) < SHORTEST_WITH_ONE:
        return part
    letters = [sign for sign in part if sign.isalpha()]
    capital = all(sign.isupper() for sign in letters)
    meant = ""
    for sign in part:
        upper = (capital and (len(letters) > 1 or bool(meant))) or not meant
        meant += {"0": "O" if upper else "o", "1": "I" if upper else "l"}.get(sign, sign)
    return meant if meant in lexicon else part

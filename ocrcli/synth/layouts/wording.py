"""What pages say: running prose, headings, fields, amounts, built upon the corpus."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import numpy as np

from ocrcli.alphabet import PRINTED_ENGLISH, fold
from ocrcli.synth import vocabulary as vocab
from ocrcli.synth.corpus import Corpus
from ocrcli.synth.tokens import pick

KNOWN_WORDS = 30_000  # frequent words used in prose: covers about 99 % of running text
MARKUP = re.compile(r"[{}^=<>|~]|--|\. \.")  # leavings of dictionaries and e-mail in running text
COMPANY_ENDS = (
    "Ltd",
    "Inc.",
    "SDN BHD",
    "& Co.",
    "Corporation",
    "Group",
    "Store",
    "",
    "",
    "Restaurant",
    "Mart",
)
QUANTITIES = ("G", "ML", "KG", "L", "CM", "PCS", "MM", "X1")
STREETS = ("Street", "Avenue", "Road", "Lane", "Drive", "Jalan 5/2")
_ALLOWED = frozenset(PRINTED_ENGLISH)


@lru_cache(maxsize=1)
def _words() -> tuple[list[str], np.ndarray]:
    """(words, cumulative probability), flattened a little so that pages are not all "the"."""
    try:
        from wordfreq import top_n_list, word_frequency

        words = [w for w in top_n_list("en", KNOWN_WORDS) if w.isascii()]
        weights = np.array([word_frequency(w, "en") for w in words])
    except ImportError:
        words = list(dict.fromkeys(vocab.COMMON))
        weights = 1.0 / np.arange(2, len(words) + 2)  # Zipf's law
    weights = weights**0.85  # between real frequency (1) and all alike (0)
    return words, np.cumsum(weights / weights.sum())


def clean(text: str) -> str:
    """``text`` folded and without what the alphabet lacks; an accent is dropped before its letter is."""
    if text.isascii() and text.isprintable():
        return text
    kept = []
    for character in fold(text):
        base = character if character in _ALLOWED else unicodedata.normalize("NFKD", character)[:1]
        kept.append(base if base in _ALLOWED else "")
    return "".join(kept)


class Wording:
    """Draws the texts of one page. All randomness comes from the page's generator."""

    def __init__(self, rng: np.random.Generator, corpus: Corpus) -> None:
        self.rng, self.corpus = rng, corpus

    # -- running text -----------------------------------------------------------------

    def words(self, low: int, high: int | None = None) -> list[str]:
        """``low`` (to ``high`` − 1) small-letter words by frequency."""
        count = low if high is None else int(self.rng.integers(low, high))
        words, cumulative = _words()
        at = np.searchsorted(cumulative, self.rng.random(count)).clip(0, len(words) - 1)
        return [words[i] for i in at]

    def sentence(self, low: int = 5, high: int = 24) -> list[str]:
        """Words of one sentence, with its capital, commas, figures and full stop."""
        words = self.words(low, high + 1)
        roll = self.rng.random(len(words))
        for i in np.flatnonzero(roll < 0.12):
            words[i] = self._spice(words[i], float(roll[i]))
        words[0] = words[0][:1].upper() + words[0][1:]
        words[-1] = words[-1].rstrip(",;") + ("." if self.rng.random() < 0.9 else pick("?!:;", self.rng))
        return [w for word in words for w in clean(word).split()] or ["A."]

    def _spice(self, word: str, roll: float) -> str:
        """What breaks the monotony of small letters; ``roll`` is below 0.12."""
        if roll < 0.055:
            return word + ("," if roll < 0.05 else ";")
        if roll < 0.07:
            return self.name()
        if roll < 0.09:
            return self.number()
        if roll < 0.1:
            return f"({word})" if roll < 0.095 else f"“{word}”"
        if roll < 0.105:
            return self.corpus.abbreviation(self.rng)
        return word.capitalize() if roll < 0.115 else word.upper()

    def paragraph(self, words: int, real: float = 0.35) -> list[str]:
        """About ``words`` words, of running English with the odds ``real``, else words in no order."""
        text: list[str] = []
        if self.rng.random() < real:
            for _ in range(
                4 + words
            ):  # pieces with markup are passed over; the others have five words at least
                piece = clean(self.corpus.paragraph(self.rng))
                if not MARKUP.search(piece):
                    text += piece.split()
                if len(text) >= words:
                    return text[: max(words, 1)]
        while len(text) < words:
            text += self.sentence()
        return text

    def title(self, low: int = 1, high: int = 7) -> str:
        """A heading, in capitals, title case or sentence case."""
        text, roll = " ".join(self.words(low, high + 1)), self.rng.random()
        text = text.upper() if roll < 0.4 else text.title() if roll < 0.8 else text[:1].upper() + text[1:]
        return f"{self.rng.integers(1, 20)}. {text}" if self.rng.random() < 0.15 else text

    # -- tokens of the corpus, inside the alphabet ------------------------------------

    def name(self) -> str:
        """A person's name."""
        return clean(self.corpus.name(self.rng))

    def number(self) -> str:
        """A figure of any kind."""
        return clean(self.corpus.number(self.rng))

    def date(self) -> str:
        """A date."""
        return clean(self.corpus.date(self.rng))

    def phone(self) -> str:
        """A telephone number."""
        return clean(self.corpus.phone(self.rng))

    def code(self) -> str:
        """Letters and digits mixed."""
        return clean(self.corpus.code(self.rng))

    def address(self) -> str:
        """A web or e-mail address, a file name or a path."""
        return clean(self.corpus.address(self.rng))

    def scene(self) -> str:
        """A word or two of a sign."""
        return clean(self.corpus.scene(self.rng))

    # -- parts of forms, bills and letters --------------------------------------------

    def label(self) -> str:
        """The label of a form field, a colon behind it or not."""
        text = (
            pick(vocab.FORM, self.rng)
            if self.rng.random() < 0.55
            else " ".join(self.words(1, 4)).capitalize()
        )
        roll = self.rng.random()
        text = text.upper() if roll < 0.35 else text.title() if roll < 0.6 else text
        return clean(text) + (":" if self.rng.random() < 0.65 else "")

    def value(self) -> str:
        """What a person fills in."""
        kinds = (
            self.name,
            self.name,
            self.name,
            self.date,
            self.date,
            self.number,
            self.number,
            self.phone,
            self.code,
        )
        if self.rng.random() < 0.7:
            text = pick(kinds, self.rng)()
        else:
            text = " ".join(self.words(1, 6))
            text = text.upper() if self.rng.random() < 0.3 else text.capitalize()
        return text.strip() or "0"

    def amount(self, signs: bool = True) -> str:
        """A sum of money or a plain figure, with its currency or sign where ``signs``."""
        value = 10 ** self.rng.uniform(-0.3, 4.2)
        text = f"{value:,.2f}" if self.rng.random() < 0.85 else f"{value:,.0f}"
        if not signs or self.rng.random() < 0.75:
            return text
        return pick((f"${text}", f"${text}", f"({text})", f"-{text}", f"RM {text}"), self.rng)

    def item(self) -> str:
        """A ware on a bill."""
        words = self.words(1, 4)
        if self.rng.random() < 0.5:
            words[0] = pick(vocab.ITEMS, self.rng)
        if self.rng.random() < 0.25:
            words.append(f"{self.rng.integers(1, 1000)}{pick(QUANTITIES, self.rng)}")
        text = " ".join(words)
        return clean(text.upper() if self.rng.random() < 0.7 else text.title())

    def company(self) -> str:
        """A firm's name."""
        text = f"{' '.join(self.words(1, 4)).title()} {pick(COMPANY_ENDS, self.rng)}".strip()
        return text.upper() if self.rng.random() < 0.5 else text

    def address_lines(self) -> list[str]:
        """Two to four lines of a postal address with telephone numbers."""
        street = " ".join(self.words(1, 3)).title()
        lines = [f"{self.rng.integers(1, 400)} {street} {pick(STREETS, self.rng)}"]
        lines.append(f"{' '.join(self.words(1, 3)).title()}, {self.rng.integers(10000, 99999)}")
        if self.rng.random() < 0.6:
            lines.append(f"Tel: {self.phone()}")
        if self.rng.random() < 0.25:
            lines.append(self.address())
        return lines

"""What pages say: running prose, headings, fields, amounts, built upon the corpus."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import numpy as np

from ocrcli.alphabet import PRINTED_ENGLISH, fold
from ocrcli.synth import vocabulary as vocab
from ocrcli.synth.corpus import Corpus

KNOWN_WORDS = 30_000  # frequent words used in prose: covers about 99 % of running text
MARKUP = re.compile(r"[{}^=<>|~]|--|\. \.")  # leavings of dictionaries and e-mail in running text
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
    """``text`` folded, without accents the alphabet lacks, single-spaced."""
    if text.isascii() and text.isprintable():
        return text
    kept = []
    for character in fold(text):
        base = character if character in _ALLOWED else unicodedata.normalize("NFKD", character)[:1]
        kept.append(base if base in _ALLOWED else "")
    return "".join(kept)


class Wording:
    """Draws page texts. All randomness comes from the generator passed in."""

    def __init__(self) -> None:
        self.corpus = Corpus()

    def words(self, rng: np.random.Generator, count: int) -> list[str]:
        """``count`` small-letter words by frequency."""
        words, cumulative = _words()
        at = np.searchsorted(cumulative, rng.random(count)).clip(0, len(words) - 1)
        return [words[i] for i in at]

    def sentence(self, rng: np.random.Generator, low: int = 5, high: int = 24) -> list[str]:
        """Words of one sentence, with its capital, commas, figures and full stop."""
        words = self.words(rng, int(rng.integers(low, high + 1)))
        roll = rng.random(len(words))
        for i in np.flatnonzero(roll < 0.12):
            words[i] = self._spice(rng, words[i], float(roll[i]))
        words[0] = words[0][:1].upper() + words[0][1:]
        words[-1] = words[-1].rstrip(",;") + ("." if rng.random() < 0.9 else str(rng.choice(list("?!:;"))))
        return [w for word in words for w in clean(word).split()] or ["A."]

    def _spice(self, rng: np.random.Generator, word: str, roll: float) -> str:
        if roll < 0.055:
            return word + ("," if roll < 0.05 else ";")
        if roll < 0.07:
            return self.corpus.name(rng)
        if roll < 0.09:
            return self.corpus.number(rng)
        if roll < 0.095:
            return f"({word})"
        if roll < 0.10:
            return f"“{word}”" if rng.random() < 0.5 else f'"{word}"'
        if roll < 0.105:
            return self.corpus.abbreviation(rng)
        return word.capitalize() if roll < 0.115 else word.upper()

    def paragraph(self, rng: np.random.Generator, words: int, real: float = 0.35) -> list[str]:
        """About ``words`` words, of running English with the odds ``real``, else words in no order."""
        text: list[str] = []
        if rng.random() < real:
            for _ in range(4 + words):  # a piece has some five words at least; those with markup are passed over
                piece = clean(self.corpus.paragraph(rng))
                if not MARKUP.search(piece):
                    text += piece.split()
                if len(text) >= words:
                    return text[: max(words, 1)]
        while len(text) < words:
            text += self.sentence(rng)
        return text

    def title(self, rng: np.random.Generator, low: int = 1, high: int = 7) -> str:
        """A heading, in capitals, title case or sentence case."""
        text = " ".join(self.words(rng, int(rng.integers(low, high + 1))))
        roll = rng.random()
        text = text.upper() if roll < 0.4 else text.title() if roll < 0.8 else text[:1].upper() + text[1:]
        if rng.random() < 0.15:
            text = f"{rng.integers(1, 20)}. {text}"
        return clean(text)

    def label(self, rng: np.random.Generator) -> str:
        """The label of a form field, a colon behind it or not."""
        if rng.random() < 0.55:
            text = str(vocab.FORM[rng.integers(len(vocab.FORM))])
        else:
            text = " ".join(self.words(rng, int(rng.integers(1, 4)))).capitalize()
        roll = rng.random()
        text = text.upper() if roll < 0.35 else text.title() if roll < 0.6 else text
        return clean(text) + (":" if rng.random() < 0.65 else "")

    def value(self, rng: np.random.Generator) -> str:
        """What a person fills in."""
        corpus = self.corpus
        roll = rng.random()
        if roll < 0.2:
            text = corpus.name(rng)
        elif roll < 0.35:
            text = corpus.date(rng)
        elif roll < 0.5:
            text = corpus.number(rng)
        elif roll < 0.6:
            text = corpus.phone(rng)
        elif roll < 0.7:
            text = corpus.code(rng)
        else:
            text = " ".join(self.words(rng, int(rng.integers(1, 6))))
            text = text.upper() if rng.random() < 0.3 else text.capitalize()
        return clean(text).strip() or "0"

    def amount(self, rng: np.random.Generator, signs: bool = True) -> str:
        """A sum of money or a plain figure."""
        value = 10 ** rng.uniform(-0.3, 4.2)
        text = f"{value:,.2f}" if rng.random() < 0.85 else f"{value:,.0f}"
        roll = rng.random()
        if not signs or roll < 0.75:
            return text
        return f"${text}" if roll < 0.87 else f"({text})" if roll < 0.9 else f"-{text}" if roll < 0.95 else f"RM {text}"

    def item(self, rng: np.random.Generator) -> str:
        """A ware on a bill."""
        words = self.words(rng, int(rng.integers(1, 4)))
        if rng.random() < 0.5:
            words[0] = str(vocab.ITEMS[rng.integers(len(vocab.ITEMS))])
        text = " ".join(words)
        if rng.random() < 0.25:
            text += f" {rng.integers(1, 1000)}{str(rng.choice(['G', 'ML', 'KG', 'L', 'CM', 'PCS', 'MM', 'X1']))}"
        return clean(text.upper() if rng.random() < 0.7 else text.title())

    def company(self, rng: np.random.Generator) -> str:
        """A firm's name."""
        words = [w.title() for w in self.words(rng, int(rng.integers(1, 4)))]
        end = str(rng.choice(["Ltd", "Inc.", "SDN BHD", "& Co.", "Corporation", "Group", "Store", "", "", "Restaurant", "Mart"]))
        text = f"{' '.join(words)} {end}".strip()
        return clean(text.upper() if rng.random() < 0.5 else text)

    def address_lines(self, rng: np.random.Generator) -> list[str]:
        """Two to four lines of a postal address with telephone numbers."""
        street = f"{rng.integers(1, 400)} {' '.join(self.words(rng, int(rng.integers(1, 3)))).title()} "
        street += str(rng.choice(["Street", "Avenue", "Road", "Lane", "Drive", "Jalan 5/2"]))
        city = f"{' '.join(self.words(rng, int(rng.integers(1, 3)))).title()}, {rng.integers(10000, 99999)}"
        lines = [street, city]
        if rng.random() < 0.6:
            lines.append(f"Tel: {self.corpus.phone(rng)}")
        if rng.random() < 0.25:
            lines.append(self.corpus.address(rng))
        return [clean(line) for line in lines]

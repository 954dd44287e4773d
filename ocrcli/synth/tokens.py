"""Single words of every kind: plain, rare, names, numbers, dates, codes, addresses, signs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from ocrcli.alphabet import PRINTED_ENGLISH, Alphabet
from ocrcli.synth import vocabulary as vocab

T = TypeVar("T")

FREQUENT = 40_000  # words taken from the frequency list: covers > 99 % of running text
DICTIONARIES = (Path("/usr/share/dict/american-english"), Path("/usr/share/dict/british-english"))
ENDINGS = [*list(".,;:!?"), "...", "…", "?!", ".)", ").", ",”", ".”", "’s", "'s", "—", "–", "%", "*", "†"]
PAIRS = [
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ("“", "”"),
    ("‘", "’"),
    ('"', '"'),
    ("'", "'"),
    ("«", "»"),
    ("<", ">"),
    ("*", "*"),
]
CURRENCY = ["$", "€", "£", "¥", "USD ", "RM", "Rs.", "US$", "EUR ", "¢"]


@lru_cache(maxsize=1)
def _frequent() -> tuple[list[str], np.ndarray]:
    """(words, cumulative probability) by frequency in real text."""
    try:
        from wordfreq import get_frequency_dict

        table = get_frequency_dict("en", wordlist="best")
        ranked = sorted(table.items(), key=lambda item: (-item[1], item[0]))[:FREQUENT]
        words, weights = [word for word, _ in ranked], np.array([weight for _, weight in ranked])
    except ImportError:
        words = list(dict.fromkeys(vocab.COMMON))
        weights = 1.0 / np.arange(2, len(words) + 2)  # Zipf's law
    return words, np.cumsum(weights / weights.sum())


@lru_cache(maxsize=1)
def _dictionary() -> list[str]:
    """Words with equal weight: rare ones too."""
    words: set[str] = set(vocab.COMMON) | set(vocab.LAST_NAMES) | set(vocab.FIRST_NAMES)
    for path in DICTIONARIES:
        if path.is_file():
            words.update(path.read_text("utf-8", errors="ignore").split())
    words.update(_frequent()[0])
    return sorted(word for word in words if len(word) < 22)


class Tokens:
    """Draws words over an alphabet; what a face or an alphabet lacks is for the caller to remove."""

    def __init__(self, alphabet: Alphabet | None = None) -> None:
        self.alphabet = alphabet or Alphabet(PRINTED_ENGLISH)
        self._signs = [c for c in self.alphabet.characters if not c.isspace()]
        self._uses = [uses for sign, uses in vocab.SIGN_USES.items() if sign in self.alphabet]
        self._letters = [c for c in self._signs if c.isalnum() and c.isascii()] or self._signs

    def plain(self, rng: np.random.Generator) -> str:
        """A word by its frequency in English, in any case."""
        # Half the draws are even over the list, else a dozen words would fill the set.
        return cased(self.lower(rng), rng)

    def rare(self, rng: np.random.Generator) -> str:
        """A dictionary word, each as likely as the next."""
        words = _dictionary()
        return cased(words[int(rng.integers(len(words)))], rng)

    def sign(self, rng: np.random.Generator) -> str:
        """A word of signs and shop fronts."""
        return cased(pick(vocab.SIGNS, rng), rng, upper=0.65, capital=0.25)

    def name(self, rng: np.random.Generator) -> str:
        """A person's name, in full or in part."""
        first, last = pick(vocab.FIRST_NAMES, rng), pick(vocab.LAST_NAMES, rng)
        forms = (
            last,
            first,
            f"{first[0]}. {last}",
            f"{first} {last}",
            f"{last},",
            f"{last}, {first[0]}.",
            last.upper(),
        )
        return pick(forms, rng)

    def number(self, rng: np.random.Generator) -> str:
        """An amount, date, time, telephone number, percentage, range or measure."""
        n = int(10 ** rng.uniform(0, 6))
        roll = int(rng.integers(14))
        if roll < 3:
            return f"{n}" if rng.random() < 0.7 else f"{n:,}"
        if roll < 6:
            amount = f"{n / 100:,.2f}" if rng.random() < 0.8 else f"{n}"
            form = rng.random()
            if form < 0.55:
                return pick(CURRENCY, rng) + amount
            return f"({amount})" if form < 0.6 else f"-{amount}" if form < 0.66 else amount
        if roll == 6:
            return f"{rng.integers(1, 13)}:{rng.integers(60):02d}" + pick(
                ["", "am", "pm", " AM", " PM", f":{rng.integers(60):02d}"], rng
            )
        if roll in (7, 8):
            return self.date(rng)
        if roll == 9:
            return self.phone(rng)
        if roll == 10:
            return f"{n / 10 ** int(rng.integers(1, 5)):.{int(rng.integers(0, 4))}f}" + pick(
                ["", "%", "%", "x"], rng
            )
        if roll == 11:
            return f"{n % 1000}{pick(vocab.UNITS, rng)}" if rng.random() < 0.7 else f"{n % 100}–{n % 100 + 9}"
        if roll == 12:
            return pick(
                [
                    "1st",
                    "2nd",
                    "3rd",
                    "4th",
                    "19th",
                    "20th",
                    "½",
                    "¼",
                    "¾",
                    "1½",
                    "2×",
                    "±5",
                    "No.1",
                    "#1",
                    "24/7",
                    "50%",
                    "100%",
                ],
                rng,
            )
        return several("0123456789", int(rng.integers(1, 14)), rng)

    def date(self, rng: np.random.Generator) -> str:
        """A date in one of its written forms."""
        day, month, year = int(rng.integers(1, 29)), int(rng.integers(1, 13)), int(rng.integers(1890, 2031))
        name = vocab.MONTHS[month - 1]
        forms = (
            f"{day:02d}/{month:02d}/{year}", f"{month}/{day}/{year % 100:02d}",
            f"{year}-{month:02d}-{day:02d}",
            f"{day}.{month}.{year}", f"{name} {day}, {year}", f"{day} {name} {year}",
            f"{day}-{name[:3]}-{year % 100:02d}",
            f"{name[:3]} {day}", f"{year}", f"{year}–{year % 100 + 1:02d}", f"{name} {year}",
            f"{pick(vocab.WEEKDAYS, rng)}, {name} {day}",
        )  # fmt: skip
        return pick(forms, rng)

    def phone(self, rng: np.random.Generator) -> str:
        """A telephone number."""
        d = "".join(str(x) for x in rng.integers(0, 10, 11))
        forms = (
            f"({d[:3]}) {d[3:6]}-{d[6:10]}", f"{d[:3]}-{d[3:6]}-{d[6:10]}",
            f"+{d[0]} {d[1:4]} {d[4:7]} {d[7:11]}", f"0{d[:3]} {d[3:9]}",
            f"{d[:3]}.{d[3:6]}.{d[6:10]}", f"{d[:2]}-{d[2:10]}", f"1-800-{d[:3]}-{d[3:7]}",
            f"{d[:3]}/{d[3:6]}-{d[6:10]}",
        )  # fmt: skip
        return pick(forms, rng)

    def code(self, rng: np.random.Generator) -> str:
        """Letters and digits mixed: serial numbers, registrations, references."""
        length = int(rng.integers(3, 13))
        capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        text = several(capitals if rng.random() < 0.75 else self._letters, length, rng)
        if length > 5 and rng.random() < 0.4:
            cut = int(rng.integers(2, length - 2))
            text = f"{text[:cut]}{pick('-/-._#:', rng)}{text[cut:]}"
        return text

    def address(self, rng: np.random.Generator) -> str:
        """A web or e-mail address, a file name or a path."""
        a, b = (self.lower(rng) for _ in range(2))
        end = pick(vocab.DOMAINS, rng)
        forms = (
            f"www.{a}.{end}", f"{a}@{b}.{end}", f"{a}.{b}@{a}.{end}", f"http://{a}.{end}/{b}",
            f"https://www.{a}.{end}", f"{a}{b}.{end}",
            f"{a}_{b}.{pick(['pdf', 'txt', 'jpg', 'py', 'docx', 'html', 'csv', 'exe'], rng)}", f"/{a}/{b}",
            f"C:\\{a}\\{b}", f"@{a}_{b}",
            f"#{a}", f"{a}-{b}{rng.integers(100)}@{end}.{pick(vocab.DOMAINS, rng)}", f"{a}={b}&{a}",
            f"{{{a}}}", f"`{a}`", f"{a}|{b}", f"~/{a}", f"{a}^2",
        )  # fmt: skip
        return pick(forms, rng)

    def formula(self, rng: np.random.Generator) -> str:
        """A chemical formula, an isotope, a power, or a word with the number of a note."""
        few = int(rng.integers(2, 10))
        word, power = self.lower(rng), f"{pick(vocab.LENGTHS, rng)}{pick('23', rng)}"
        compound = "".join(
            pick(vocab.ELEMENTS, rng) + (str(int(rng.integers(2, 9))) if rng.random() < 0.55 else "")
            for _ in range(int(rng.integers(1, 4)))
        )
        forms = (
            compound, compound, f"{compound})", f"({compound})",
            f"{int(rng.integers(2, 260))}{pick(vocab.ELEMENTS, rng)}", power, f"{few * few} {power}",
            f"10-{few}", f"{word}{few}",
            f"{word}{pick('.,;:', rng)}{int(rng.integers(1, 60))}",
        )  # fmt: skip
        return pick(forms, rng)

    def abbreviation(self, rng: np.random.Generator) -> str:
        """An abbreviation or a unit."""
        return pick(vocab.ABBREVIATIONS if rng.random() < 0.75 else vocab.UNITS, rng)

    def punctuated(self, rng: np.random.Generator) -> str:
        """A word with signs attached, as running text has it."""
        word = self.plain(rng)
        roll = rng.random()
        if roll < 0.55:
            return word + pick(ENDINGS, rng)
        if roll < 0.8:
            left, right = pick(PAIRS, rng)
            return {0: left + word, 1: word + right}.get(int(rng.integers(4)), left + word + right)
        if roll < 0.9:
            return f"{word}{pick(['-', '-', '–', '—', '/', '&', '+', '_', '·'], rng)}{self.plain(rng)}"
        return pick(["•", "-", "–", "*", "§", "¶", "#", "©", "†", "~", "@", "&", "+", "="], rng) + word

    def random(self, rng: np.random.Generator) -> str:
        """Characters of the alphabet, each as likely as the next: so that every one is learnt."""
        return several(self._signs, int(rng.integers(1, 9)), rng)

    def special(self, rng: np.random.Generator) -> str:
        """A sign in a natural use, each sign as likely as the next."""
        fill = {
            "N": lambda: str(int(10 ** rng.uniform(0, 3.5))),
            "w": lambda: self.lower(rng),
            "W": lambda: self.lower(rng).capitalize(),
        }
        use = pick(pick(self._uses, rng), rng) if self._uses else "w"
        if "é" in use:  # a whole word, not a pattern
            return cased(use, rng, upper=0.0)
        return "".join(fill[c]() if c in fill else c for c in use)

    def short(self, rng: np.random.Generator) -> str:
        """One to three characters."""
        pool = self._letters if rng.random() < 0.75 else self._signs
        return several(pool, int(rng.integers(1, 4)), rng)

    def lower(self, rng: np.random.Generator, flat: float = 0.5) -> str:
        """A word as the list has it; a share ``flat`` even over the list, the rest by frequency."""
        words, cumulative = _frequent()
        if rng.random() < flat:
            return words[int(rng.integers(len(words)))]
        return words[min(int(np.searchsorted(cumulative, rng.random())), len(words) - 1)]


def pick(options: Sequence[T], rng: np.random.Generator) -> T:
    """One of the options, each as likely as the next."""
    return options[int(rng.integers(len(options)))]


def several(characters: Sequence[str], count: int, rng: np.random.Generator) -> str:
    """Characters drawn one by one, each as likely as the next."""
    return "".join([characters[i] for i in rng.integers(len(characters), size=count).tolist()])


def cased(word: str, rng: np.random.Generator, upper: float = 0.2, capital: float = 0.25) -> str:
    """The word in capitals, with one capital, or as it is."""
    roll = rng.random()
    if roll < upper:
        return word.upper()
    if roll < upper + capital:
        return word[:1].upper() + word[1:].lower()
    return word

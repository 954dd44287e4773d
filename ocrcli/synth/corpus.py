"""The texts that are rendered: words, numbers, codes, sentences, receipts, signs.

A recogniser learns the language of what it reads. The mixture therefore leans on English,
but enough of it is numbers, codes and even-handed random strings that the model reads
what is there rather than what is likely.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable

import numpy as np

from ocrcli.alphabet import Alphabet, fold
from ocrcli.synth import vocabulary as vocab
from ocrcli.synth.listings import Listings
from ocrcli.synth.prose import paragraphs
from ocrcli.synth.tokens import PAIRS, Tokens, cased, pick

NOTES = 0.04  # of the lines of prose have a word with the number of a note


class Corpus(Tokens):
    """Draws texts over an alphabet. Every text is folded, single-spaced and inside the alphabet."""

    def __init__(self, alphabet: Alphabet | None = None) -> None:
        super().__init__(alphabet)
        listings = Listings(self)
        self._word_kinds = _Mixture(
            [
                (self.plain, 0.34), (self.rare, 0.14), (self.sign, 0.08), (self.number, 0.12),
                (self.name, 0.05),
                (self.code, 0.07), (self.address, 0.03), (self.abbreviation, 0.04), (self.punctuated, 0.08),
                (self.random, 0.07), (self.short, 0.05), (self.special, 0.06), (self.formula, 0.03),
                (listings.word, 0.02),
            ]
        )  # fmt: skip
        self._line_kinds = _Mixture(
            [
                (self.sentence, 0.28), (self.prose, 0.36), (self.form, 0.08), (self.receipt, 0.08),
                (self.title, 0.06),
                (self.numbers, 0.06), (self.mixed, 0.07), (self.contents, 0.01),
            ]
        )  # fmt: skip
        self._receipt_kinds = _Mixture([(self.receipt, 0.8), (self.form, 0.1), (self.numbers, 0.1)])
        self._screen_kinds = _Mixture(
            [(self.interface, 0.35), (self.sentence, 0.35), (self.mixed, 0.15), (self.title, 0.15)]
        )
        self._terminal_kinds = _Mixture([(listings.line, 0.85), (self.sentence, 0.15)])

    def word(self, rng: np.random.Generator) -> str:
        """One word as documents have it: no space inside."""
        return self._tidy(self._word_kinds.draw(rng)).replace(" ", "") or self.random(rng)

    def scene(self, rng: np.random.Generator) -> str:
        """A word as on signs, shop fronts and products; now and then two or three words."""
        roll = rng.random()
        if roll < 0.30:
            text = self.sign(rng)
        elif roll < 0.52:
            text = cased(self.plain(rng).strip(".,"), rng, upper=0.5, capital=0.3)
        elif roll < 0.66:
            text = cased(self.rare(rng), rng, upper=0.5, capital=0.35)
        else:
            if roll < 0.94:
                return self.word(rng)
            text = f"{self.sign(rng)} {self.sign(rng)}"
        if rng.random() < 0.08:
            text += pick("!.,?:&®™’", rng)
        return self._tidy(text) or self.random(rng)

    def line(self, rng: np.random.Generator, longest: int = 80, kind: str = "document") -> str:
        """A line of at most ``longest`` characters; ``kind`` is document, receipt, screen or terminal."""
        kinds = {
            "receipt": self._receipt_kinds,
            "screen": self._screen_kinds,
            "terminal": self._terminal_kinds,
        }.get(kind, self._line_kinds)
        text = self._tidy(kinds.draw(rng))
        if len(text) > longest:
            cut = text.rfind(" ", 0, longest + 1)
            text = text[: cut if cut > 0 else longest]
        return text.strip() or self.random(rng)

    def sentence(self, rng: np.random.Generator) -> str:
        """English words in no order, punctuated like prose: no grammar to lean on."""
        count = int(rng.integers(2, 15))
        words = []
        for _ in range(count):
            roll = rng.random()
            if roll < 0.82:
                words.append(self.lower(rng, flat=0.25))
            elif roll < 0.9:
                words.append(self.number(rng))
            elif roll < 0.92:
                words.append(self.formula(rng))
            else:
                words.append(self._word_kinds.draw(rng))
            if rng.random() < 0.12:
                words[-1] += pick([*list(",,,,;:"), " –", " —", "—", ".", "…"], rng)
        if rng.random() < 0.55:
            words[0] = words[0][:1].upper() + words[0][1:]
        if rng.random() < 0.08:
            left, right = pick(PAIRS, rng)
            i = int(rng.integers(count))
            j = int(rng.integers(i, count))
            words[i], words[j] = left + words[i], words[j] + right
        text = " ".join(words)
        roll = rng.random()
        if roll < 0.4:
            text += pick([".", ".", ".", "?", "!", ":", ".”", ";"], rng)
        elif roll < 0.5:
            text += "-"  # a word broken at the line's end
        return text.upper() if rng.random() < 0.06 else text

    def prose(self, rng: np.random.Generator) -> str:
        """A piece of running English, 15–80 characters."""
        text = self.paragraph(rng)
        start = text.find(" ", int(rng.integers(0, max(1, len(text) - 30)))) + 1 if rng.random() < 0.8 else 0
        length = int(rng.uniform(15, 80))
        piece = text[start : start + length]
        if start + length < len(text) and " " in piece:
            # Lines end between words, or within one that is broken with a hyphen.
            piece = (
                piece.rstrip() + "-"
                if rng.random() < 0.06 and piece[-1:].isalpha()
                else piece.rsplit(" ", 1)[0]
            )
        if rng.random() < NOTES and " " in piece:
            end = piece.index(" ", int(rng.integers(piece.rindex(" ") + 1)))
            piece = f"{piece[:end]}{int(rng.integers(1, 60))}{piece[end:]}"
        return piece.upper() if rng.random() < 0.04 else piece

    def paragraph(self, rng: np.random.Generator) -> str:
        """Running English, up to 600 characters, with straight or typographic quotes."""
        pieces = paragraphs()
        text = self._tidy(pieces[int(rng.integers(len(pieces)))])
        return _typographic(text) if rng.random() < 0.35 else text

    def form(self, rng: np.random.Generator) -> str:
        """A label of a form, with or without its value."""
        label = cased(pick(vocab.FORM, rng), rng, upper=0.3, capital=0.0)
        value = self.draw_value(rng) if rng.random() < 0.6 else ""
        return f"{label}{pick([':', ':', ' :', '', '.'], rng)} {value}"

    def draw_value(self, rng: np.random.Generator) -> str:
        """What is written behind a label."""
        return pick(
            (self.name, self.number, self.date, self.phone, self.code, self.address, self.title), rng
        )(rng)

    def receipt(self, rng: np.random.Generator) -> str:
        """A line of a receipt or an invoice."""
        price = f"{int(10 ** rng.uniform(1, 4.5)) / 100:.2f}"
        item = " ".join(
            pick(vocab.ITEMS, rng) if rng.random() < 0.7 else self.plain(rng).upper()
            for _ in range(int(rng.integers(1, 4)))
        )
        item = item if rng.random() < 0.7 else item.title()
        key = pick(vocab.RECEIPT, rng)
        count = int(rng.integers(1, 20))
        currency = pick(["", "", "", "RM", "$", "£", "€", "RM "], rng)
        forms = (
            f"{count} x {price} {float(price) * count:.2f}", f"{item} {price}",
            f"{count} {item} {currency}{price}", f"{key}: {currency}{price}", f"{key} {price}",
            f"{key} : {self.draw_value(rng)}", f"{item} {count} {price} {price}", f"{self.code(rng)} {item}",
            f"{price} SR", f"{key} {self.number(rng)}", key,
            f"{self.date(rng)} {rng.integers(24):02d}:{rng.integers(60):02d}:{rng.integers(60):02d}",
            f"{rng.integers(10**11, 10**12)} {count} {price}",
            f"{count} @ {currency}{price}", f"{key} ({currency.strip() or 'RM'}) {price}", f"***{key}***",
            f"TEL: {self.phone(rng)}", f"{item} *{price}", f"-{price}",
        )  # fmt: skip
        return pick(forms, rng)

    def title(self, rng: np.random.Generator) -> str:
        """A heading."""
        words = [self.lower(rng, flat=0.6) for _ in range(int(rng.integers(1, 6)))]
        text = " ".join(words)
        text = text.upper() if rng.random() < 0.4 else text.title()
        if rng.random() < 0.25:
            text = (
                pick(
                    [
                        f"{rng.integers(1, 20)}.",
                        f"{rng.integers(1, 9)}.{rng.integers(1, 9)}",
                        "IV.",
                        "Chapter 3",
                        "•",
                        "§ 5",
                        "A)",
                        "(a)",
                        "Table 2:",
                    ],
                    rng,
                )
                + " "
                + text
            )
        return text

    def numbers(self, rng: np.random.Generator) -> str:
        """A row of a table of figures."""
        return " ".join(self.number(rng) for _ in range(int(rng.integers(1, 8))))

    def contents(self, rng: np.random.Generator) -> str:
        """A line of a table of contents or a price list, with leader dots."""
        dots = pick([".", ".", ". ", "…", "_", "-"], rng) * int(rng.integers(3, 20))
        return f"{self.title(rng)} {dots.strip()} {int(10 ** rng.uniform(0, 3.5))}"

    def mixed(self, rng: np.random.Generator) -> str:
        """Words of every kind side by side."""
        return " ".join(self._word_kinds.draw(rng) for _ in range(int(rng.integers(2, 9))))

    def interface(self, rng: np.random.Generator) -> str:
        """A label or message of a program."""
        parts = [
            pick(vocab.INTERFACE, rng) for _ in range(1 if rng.random() < 0.7 else int(rng.integers(2, 5)))
        ]
        between = pick([" ", " ", " ", " · ", " | ", " • ", " / "], rng)
        return between.join(parts) if rng.random() < 0.85 else f"{parts[0]}: {self.draw_value(rng)}"

    def _tidy(self, text: str) -> str:
        """Folded, inside the alphabet, single-spaced."""
        text = fold(text)
        if not self.alphabet.covers(text):
            # "ü" becomes "u" where the alphabet has no "ü"; what has no such base is left out.
            parts = (c if c in self.alphabet else unicodedata.normalize("NFKD", c) for c in text)
            text = "".join(c for c in "".join(parts) if c in self.alphabet or c.isspace())
        return (" " if " " in self.alphabet else "").join(text.split())


class _Mixture:
    """Weighted choice among functions of a random generator."""

    def __init__(self, parts: list[tuple[Callable[[np.random.Generator], str], float]]) -> None:
        self._functions = [function for function, _ in parts]
        weights = np.array([weight for _, weight in parts])
        self._edges = np.cumsum(weights / weights.sum()).tolist()

    def draw(self, rng: np.random.Generator) -> str:
        i = min(bisect_left(self._edges, rng.random()), len(self._functions) - 1)
        return self._functions[i](rng)


def _typographic(text: str) -> str:
    """Curly quotes and long dashes for the straight ones of typewriters."""
    text = re.sub(r'(^|[\s(\[—-])"', r"\1“", text).replace('"', "”")
    text = re.sub(r"(^|[\s(\[—-])'", r"\1‘", text).replace("'", "’")
    return text.replace(" -- ", "—").replace("--", "—").replace("...", "…")

"""A page being written for the layouts that Chromium draws: its HTML, and the text that it shows."""

from __future__ import annotations

import random
from html import escape

from screenshots import NAMES, WORDS, sentence

FACES = ("Liberation Sans", "Liberation Serif", "DejaVu Sans", "Carlito", "DejaVu Serif")
FIGURES = ("linear-gradient(45deg,#9ab,#345)", "radial-gradient(#fa0,#333)", "#ccc")


class Source:
    """A page being written: its HTML, and the text that it shows."""

    def __init__(self, rng: random.Random, style: str) -> None:
        self.rng = rng
        font = f"body {{ font: {rng.choice((12, 13, 14))}px/1.25 '{rng.choice(FACES)}'; background: #fff }}"
        self.html = f"<!doctype html><meta charset=utf-8><style>{font}{style}</style>"
        self.texts: list[str] = []

    def add(self, tag: str, text: str) -> None:
        """An element with a text."""
        self.html += f"<{tag}>{escape(text)}</{tag.split()[0]}>"
        self.texts.append(text)

    def open(self, tag: str) -> None:
        """Markup without a text."""
        self.html += tag

    def picture(self, lowest: int, highest: int) -> None:
        """A picture from ``lowest`` to ``highest`` pixels high."""
        high, look = self.rng.randint(lowest, highest), self.rng.choice(FIGURES)
        self.open(f"<div style='height: {high}px; background: {look}'></div>")

    def figure(self, caption: str) -> None:
        """A picture, and what is written under it."""
        self.open("<div class=figure>")
        self.picture(70, 140)
        self.add("i", caption)
        self.open("</div>")

    def sections(self, heading: str, paragraphs: tuple[int, int], sentences: tuple[int, int]) -> None:
        """Three to five headings with prose below; from … to of its paragraphs, and their sentences."""
        for _ in range(self.rng.randint(3, 5)):
            self.add(heading, self.title(2, 4))
            for _ in range(self.rng.randint(*paragraphs)):
                self.add("p", self.prose(*sentences))

    def title(self, fewest: int, most: int) -> str:
        """Some words in title case."""
        return " ".join(self.rng.choices(WORDS, k=self.rng.randint(fewest, most))).title()

    def prose(self, fewest: int, most: int) -> str:
        """Some sentences."""
        return " ".join(sentence(self.rng) for _ in range(self.rng.randint(fewest, most)))

    def name(self) -> str:
        """Of a person."""
        return " ".join(self.rng.choices(NAMES, k=2))

"""Lists and frames beside each other, whose rows are level as those of a table are.

The indexes of books, directories, data sheets, patents with line numbers between their columns, and charts
of boxes.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from layoutsource import Source
from screenshots import NAMES, WORDS

UNITS = ("mm", "kg", "GB", "W", "h")


def index(rng: random.Random) -> Source:
    """Words and numbers of pages in two to four columns, some words below others."""
    page = Source(
        rng, f".c {{ column-count: {rng.randint(2, 4)}; column-gap: 26px }} .s {{ padding-left: 14px }}"
    )
    page.add("h1", "Index")
    page.open("<div class=c>")
    for word in sorted(rng.sample(WORDS, 100)):
        pages = sorted(rng.sample(range(1, 600), rng.randint(1, 3)))
        page.add("div", ", ".join([word, *map(str, pages)]))
        if rng.random() < 0.3:
            page.add("div class=s", f"{' '.join(rng.sample(WORDS, 2))}, {rng.randint(1, 600)}")
    return page


def directory(rng: random.Random) -> Source:
    """Names and numbers at the two edges of three or four columns."""
    page = Source(
        rng,
        f".c {{ column-count: {rng.randint(3, 4)}; column-gap: 22px }}"
        "p { margin: 0; display: flex; justify-content: space-between }",
    )
    page.open("<div class=c>")
    for name in sorted(rng.choices(NAMES, k=150)):
        page.open("<p>")
        page.add("span", f"{name} {rng.choice('ABCDEGHJKLMNPRST')}")
        page.add("span", f"{rng.randint(200, 999)}-{rng.randint(1000, 9999)}")
        page.open("</p>")
    return page


def datasheet(rng: random.Random) -> Source:
    """Names and values in two columns, with headings; a line under each or none."""
    line = rng.choice(("1px solid #ddd", "none"))
    page = Source(
        rng,
        ".c { display: grid; grid-template-columns: 1fr 1fr; gap: 40px; margin: 30px }"
        f"p {{ margin: 0; padding: 6px 0; display: flex; justify-content: space-between;"
        f" border-bottom: {line} }}",
    )
    page.open("<div class=c>")
    for _ in range(2):
        page.open("<div>")
        for _ in range(rng.randint(2, 3)):
            page.add("h3", page.title(1, 2))
            for _ in range(rng.randint(4, 7)):
                page.open("<p>")
                page.add("span", page.title(1, 2))
                value = f"{rng.randint(1, 900)} {rng.choice(UNITS)}"
                page.add("b", rng.choice((value, "Yes", "No", page.title(1, 1))))
                page.open("</p>")
        page.open("</div>")
    return page


def patent(rng: random.Random) -> Source:
    """Two justified columns, and a number between them at every fifth line."""
    page = Source(
        rng,
        ".c { display: grid; grid-template-columns: 1fr 1fr; gap: 30px; margin: 40px; text-align: justify;"
        " line-height: 18px; position: relative } p { margin: 0 }"
        " .c i { position: absolute; left: 0; right: 0; text-align: center;"
        " font: 11px/18px 'Liberation Serif' }",
    )
    page.open("<div class=c>")
    for _ in range(2):
        page.open("<div>")
        for _ in range(9):
            page.add("p", page.prose(2, 4))
        page.open("</div>")
    for number in range(5, 46, 5):
        page.add(f"i style='top: {18 * (number - 1)}px'", str(number))
    return page


def chart(rng: random.Random) -> Source:
    """Boxes with some words each, up to four in a row."""
    page = Source(
        rng,
        ".r { display: flex; justify-content: space-around; margin: 40px }"
        f".r div {{ border: 2px solid #246; border-radius: {rng.choice((0, 0, 8))}px; padding: 14px;"
        f" width: 150px; min-height: 50px; text-align: center;"
        f" background: {rng.choice(('#eef', '#fff', '#ffd'))} }}",
    )
    for _ in range(6):
        page.open("<div class=r>")
        for _ in range(rng.randint(1, 4)):
            page.add("div", page.title(3, 8))
        page.open("</div>")
    return page


KINDS: dict[str, Callable[[random.Random], Source]] = {
    "index": index,
    "directory": directory,
    "datasheet": datasheet,
    "patent": patent,
    "chart": chart,
}

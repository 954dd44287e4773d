"""Pages whose order is not from top to bottom, labelled for ``ocr eval page``: Chromium lays them out.

    python benchmarks/layouts.py OUT
    ocr eval page OUT/*/pages.jsonl

Columns with narrow gutters, scientific papers, newspapers with articles under each other, résumés with a
sidebar, web pages with cards in a grid, and with a menu in a panel; lists and frames (listlayouts.py); very
small and very large letters (sizelayouts.py). The text in the order of the page's source is the truth;
Chromium (``apt-get install chromium``) balances and breaks the columns, which no code of ours does.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import listlayouts
import sizelayouts
from layoutsource import Source
from screenshots import NAMES, WORDS, Shot, of_browser, save, sentence

EACH = 6  # pages of a kind


def columns(rng: random.Random) -> Source:
    """A title over two to four columns."""
    rule = rng.choice(("1px solid #999", "none"))
    page = Source(
        rng,
        "body { margin: 34px } h1 { text-align: center } h3 { margin: 8px 0 } p { margin: 0 0 8px }"
        f".text {{ column-count: {rng.choice((2, 2, 3, 4))}; column-gap: {rng.randint(14, 34)}px;"
        f" text-align: {rng.choice(('justify', 'left'))}; column-rule: {rule} }}",
    )
    page.add("h1", page.title(3, 6))
    page.open("<div class=text>")
    page.sections("h3", paragraphs=(2, 4), sentences=(2, 5))
    return page


def paper(rng: random.Random) -> Source:
    """Title, authors side by side, abstract, and two columns with figures."""
    page = Source(
        rng,
        "body { margin: 40px 46px } h1 { text-align: center } p { margin: 0 0 4px; text-indent: 12px }"
        ".authors { display: flex; justify-content: space-around; text-align: center }"
        ".abstract { margin: 14px 60px } .figure { break-inside: avoid; margin: 8px 0; text-align: center }"
        f".text {{ column-count: 2; column-gap: {rng.choice((18, 22, 28))}px; text-align: justify }}",
    )
    page.add("h1", page.title(5, 9))
    page.open("<div class=authors>")
    for _ in range(rng.randint(1, 3)):
        page.open("<div>")
        page.add("div", page.name())
        page.add("div", f"University of {rng.choice(NAMES)}")
        page.open("</div>")
    page.open("</div><div class=abstract>")
    page.add("b", "Abstract")
    page.add("div", page.prose(3, 5))
    page.open("</div><div class=text>")
    for number in range(1, rng.randint(4, 5)):
        page.add("h3", f"{number}. {page.title(1, 3)}")
        for _ in range(rng.randint(2, 3)):
            page.add("p", page.prose(2, 5))
        if rng.random() < 0.5:
            page.figure(f"Figure {number}: {sentence(rng)}")
    return page


def newspaper(rng: random.Random) -> Source:
    """A name, a date, and articles of three or four columns under each other."""
    rule = rng.choice(("1px solid #777", "none"))
    page = Source(
        rng,
        "body { margin: 26px } h1 { text-align: center; font-size: 52px; margin: 0 } h2 { margin: 4px 0 }"
        ".date { text-align: center; border: solid; border-width: 2px 0; margin: 6px 0 10px }"
        f".text {{ column-count: {rng.choice((3, 4))}; column-gap: 18px; text-align: justify;"
        f" column-rule: {rule} }} p {{ margin: 0 0 3px; text-indent: 10px }}"
        ".figure { break-inside: avoid }",
    )
    page.add("h1", f"The {page.title(1, 2)}")
    page.add("div class=date", f"{page.title(1, 1)}, {rng.randint(1, 28)} May {rng.randint(1950, 2020)}")
    for _ in range(rng.choice((2, 3))):
        across = rng.random() < 0.6  # the heading stands over all columns, or in the first
        if across:
            page.add("h2", page.title(5, 8))
        page.open("<div class=text>")
        if not across:
            page.add("h2", page.title(3, 5))
        page.add("i", f"By {page.name()}")
        for number in range(rng.randint(4, 6)):
            page.add("p", page.prose(2, 4))
            if number == 1 and rng.random() < 0.6:
                page.figure(sentence(rng))
        page.open("</div><hr>")
    return page


def resume(rng: random.Random) -> Source:
    """Contact and skills in a sidebar, beside what a person has done."""
    dark = rng.random() < 0.5
    page = Source(
        rng,
        "body { margin: 0; display: flex; min-height: 1380px } h2 { border-bottom: 1px solid #999 }"
        f".side {{ width: {rng.randint(230, 300)}px; background: {'#234' if dark else '#eee'};"
        f" color: {'#fff' if dark else '#222'}; padding: 30px 22px }}"
        ".main { flex: 1; padding: 30px 34px } .job { display: flex; justify-content: space-between }",
    )
    page.open("<div class=side>")
    page.add("h2", "Contact")
    page.add("p", f"+1 555 {rng.randint(1000, 9999)} {rng.randint(100, 999)}")
    page.add("p", f"{rng.choice(WORDS)}@{rng.choice(WORDS)}.com")
    page.add("h2", "Skills")
    for _ in range(rng.randint(4, 8)):
        page.add("p", page.title(1, 2))
    page.open("</div><div class=main>")
    page.add("h1", page.name())
    page.add("p", page.title(2, 3))
    for section in ("Experience", "Education"):
        page.add("h2", section)
        for _ in range(3):
            page.open("<div class=job>")
            page.add("b", page.title(2, 4))
            page.add("span", f"{rng.randint(1990, 2010)} - {rng.randint(2011, 2025)}")
            page.open("</div>")
            page.add("p", page.prose(2, 4))
    return page


def cards(rng: random.Random) -> Source:
    """A heading, and boxes in two or three columns with a picture, a title, some text and an age each."""
    page = Source(
        rng,
        "body { margin: 0; background: #f4f4f4 } h1 { margin: 0; padding: 24px } h3 { margin: 8px 0 }"
        f".grid {{ display: grid; grid-template-columns: repeat({rng.choice((2, 3))}, 1fr); gap: 22px }}"
        ".grid { padding: 24px } .card { background: #fff; border: 1px solid #ddd; padding: 16px }",
    )
    page.add("h1", page.title(3, 6))
    page.open("<div class=grid>")
    for _ in range(rng.choice((6, 9))):
        page.open("<div class=card>")
        if rng.random() < 0.8:
            page.picture(60, 120)
        page.add("h3", page.title(2, 4))
        page.add("p", page.prose(2, 4))
        page.add("small", f"{rng.randint(2, 59)} minutes ago")
        page.open("</div>")
    return page


def panel(rng: random.Random) -> Source:
    """A menu in a panel of another shade, beside a page of text."""
    shade, ink, side = rng.choice((("#fff", "#222", "#f3f4f8"), ("#10141f", "#dfe6f5", "#1b2233")))
    page = Source(
        rng,
        f"body {{ margin: 0; display: flex; min-height: 1480px; background: {shade}; color: {ink} }}"
        f".side {{ width: {rng.randint(170, 240)}px; background: {side}; padding: 24px }}"
        f".side div {{ padding: {rng.randint(6, 12)}px 0 }} .main {{ flex: 1; padding: 24px 34px }}",
    )
    page.open("<div class=side>")
    page.add("b", page.title(1, 1))
    for _ in range(rng.randint(8, 20)):
        page.add("div", page.title(1, 2))
    page.open("</div><div class=main>")
    page.add("h1", page.title(3, 5))
    page.sections("h2", paragraphs=(1, 3), sentences=(2, 6))
    return page


KINDS: dict[str, Callable[[random.Random], Source]] = {
    "columns": columns,
    "paper": paper,
    "newspaper": newspaper,
    "resume": resume,
    "cards": cards,
    "panel": panel,
    **listlayouts.KINDS,
    **sizelayouts.KINDS,
}


def shots(kind: str) -> Iterator[Shot]:
    """The pages of a kind."""
    width, height = sizelayouts.WINDOWS.get(kind, (1040, 1480))
    for number in range(EACH):
        page = KINDS[kind](random.Random(f"{kind} {number}"))
        yield Shot(str(number), page.html, "\n".join(page.texts), (f"--window-size={width},{height}",))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="a folder for the pictures")
    options = parser.parse_args()
    if which("chromium") is None:
        parser.error("chromium is not installed; apt-get install chromium")
    for kind in KINDS:
        save(options.out / kind, shots(kind), of_browser)


if __name__ == "__main__":
    main()

"""Pages whose letters are very small or very large beside them, for layouts.py: screens, papers, posters."""

from __future__ import annotations

import random
from collections.abc import Callable

from layoutsource import Source

SHADES = (("#fff", "#222"), ("#1e1e1e", "#d4d4d4"), ("#fdf6e3", "#30404a"), ("#0b1021", "#e8ecf8"))
# Beside the usual window of layouts.py: width and height in pixels.
WINDOWS = {"screen": (3840, 2160), "broadsheet": (4400, 6200), "poster": (1600, 1100)}


def screen(rng: random.Random) -> Source:
    """Windows side by side on a large screen, light and dark, their letters of the usual size."""
    page = Source(
        rng,
        "body { margin: 0; height: 2160px; display: flex; gap: 24px; padding: 30px; box-sizing: border-box;"
        f" background: linear-gradient({rng.randint(0, 359)}deg, #345, #a86) }}"
        ".window { flex: 1; overflow: hidden; border-radius: 8px } .name { padding: 8px 14px;"
        " background: #8886 } .text { padding: 10px 16px } h3 { margin: 8px 0 } p { margin: 0 0 8px }",
    )
    for _ in range(rng.choice((4, 5, 6))):
        shade, ink = rng.choice(SHADES)
        page.open(f"<div class=window style='background: {shade}; color: {ink}'>")
        page.add("div class=name", page.title(1, 3))
        page.open(f"<div class=text style='font-size: {rng.choice((12, 13, 14, 15, 16))}px'>")
        page.sections("h3", paragraphs=(1, 3), sentences=(2, 5))
        page.open("</div></div>")
    return page


def broadsheet(rng: random.Random) -> Source:
    """A page of a large newspaper, scanned at 300 dpi."""
    page = Source(
        rng,
        "body { margin: 120px } h1 { text-align: center; font-size: 260px; margin: 0 }"
        f".text {{ column-count: {rng.choice((6, 7, 8))}; column-gap: 44px; text-align: justify;"
        f" font-size: {rng.randint(24, 30)}px; column-rule: {rng.choice(('3px solid #555', 'none'))} }}"
        " h2 { font-size: 60px; margin: 16px 0 } p { margin: 0 0 6px; text-indent: 24px }",
    )
    page.add("h1", f"The {page.title(1, 1)}")
    for _ in range(3):
        page.add("h2", page.title(5, 8))
        page.open("<div class=text>")
        for _ in range(rng.randint(14, 20)):
            page.add("p", page.prose(3, 6))
        page.open("</div><hr>")
    return page


def poster(rng: random.Random) -> Source:
    """A word whose line takes a third to half of the page, and some small words below."""
    shade, ink = rng.choice((*SHADES, ("#c22", "#fff"), ("#fc0", "#203"), ("#063", "#fea")))
    page = Source(
        rng,
        f"body {{ margin: 0; height: 1100px; background: {shade}; color: {ink}; text-align: center;"
        f" font-weight: {rng.choice(('normal', 'bold'))}; display: flex; flex-direction: column;"
        " justify-content: space-evenly; line-height: 1 }",
    )
    word, height = rng.choice((("Sale", 560), ("OPEN", 480), ("Menu", 480), ("Coffee", 400), ("EXIT 7", 380)))
    page.add(f"div style='font-size: {height}px'", word)
    page.add(f"div style='font-size: {rng.randint(28, 60)}px'", page.title(2, 5))
    return page


KINDS: dict[str, Callable[[random.Random], Source]] = {
    "screen": screen,
    "broadsheet": broadsheet,
    "poster": poster,
}

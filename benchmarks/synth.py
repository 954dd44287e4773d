"""How many strips and pages are rendered in a second of one core?

    python benchmarks/synth.py [--fonts FOLDER] [--backgrounds PHOTOS]

Seconds are of the processor. The first samples of each kind are not counted: they open the faces.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.pages import PageRenderer
from ocrcli.synth.words import WordRenderer

ROUNDS = 3
MEGAPIXEL = (0.95, 1.05)
Render = Callable[[np.random.Generator], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fonts", type=Path, action="append", help="folder of fonts (default: the system's)")
    parser.add_argument("--backgrounds", type=Path, help="folder of photographs")
    parser.add_argument("--strips", type=int, default=1500, help="strips in each of three rounds")
    parser.add_argument("--pages", type=int, default=100, help="pages in each of three rounds")
    options = parser.parse_args()
    fonts = FontLibrary.discover(options.fonts)
    print(f"{'a second of one core':<34}{'median':>8}{'best':>8}")
    for name, lines in (("strips, words alone", 0.0), ("strips, two fifths of them lines", 0.4)):
        words = WordRenderer(fonts, lines=lines, backgrounds=options.backgrounds)
        show(name, words.render, options.strips, 6 * options.strips)
    pages = PageRenderer(fonts, options.backgrounds, size=MEGAPIXEL)
    show("pages of a megapixel", pages.render, options.pages, options.pages)


def show(name: str, render: Render, count: int, before: int) -> None:
    """One row of the table: ``count`` samples in each round, after so many ``before``."""
    timed(render, 0, before)
    rates = [count / timed(render, i, count) for i in range(1, ROUNDS + 1)]
    print(f"{name:<34}{median(rates):>8.4g}{max(rates):>8.4g}")


def timed(render: Render, seed: int, count: int) -> float:
    """Processor seconds for so many samples."""
    began = time.process_time()
    for i in range(count):
        render(np.random.default_rng([seed, i]))
    return time.process_time() - began


if __name__ == "__main__":
    main()

"""Labelled pages, turned by quarters or any other angle: is the angle seen, and is as much read?

    python benchmarks/turned.py SET/pages.jsonl [...] [--pages 5] [--angles 0 90 180 270]

Pages are taken from all over each set. What a page laid askew leaves free is grey.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from ocrcli import Reader
    from ocrcli.scoring.labels import TruthPage
    from ocrcli.scoring.pages import PageScore

QUARTERS = (0.0, 90.0, 180.0, 270.0)
ASKEW = 5.0  # degrees off, from which an angle counts as not seen; a scan may lean by some of them itself
DESK = (160, 160, 160)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", nargs="+", type=Path, help="pages.jsonl of labelled sets")
    parser.add_argument("--pages", type=int, default=5, help="of each set")
    parser.add_argument("--angles", nargs="+", type=float, default=QUARTERS, help="counter-clockwise")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    from ocrcli import Reader
    from ocrcli.scoring.labels import read_pages
    from ocrcli.scoring.pages import summarise
    from ocrcli.scoring.table import percent, plain_table

    reader = Reader(threads=options.threads)
    truths = [truth for labels in options.labels for truth in _spread(read_pages(labels), options.pages)]
    rows = []
    for angle in options.angles:
        scores, seen = zip(*(_turned(reader, truth, angle) for truth in truths), strict=True)
        rows.append([f"{angle:g}", f"{sum(seen)} of {len(truths)}", percent(summarise(scores)["bag_f1"])])
    print(plain_table(("angle", "seen as such", "bag-of-words F1"), rows))


def _spread(truths: Sequence[TruthPage], count: int) -> list[TruthPage]:
    """So many pages from all over a set."""
    return [truths[int(i)] for i in np.linspace(0, len(truths) - 1, min(count, len(truths))).round()]


def _turned(reader: Reader, truth: TruthPage, angle: float) -> tuple[PageScore, bool]:
    """How a page is read that is turned by ``angle``, and whether this was seen."""
    from ocrcli.scoring.pages import found_on, level_of, score_page

    page = Image.open(truth.image).convert("RGB")
    lying = page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=DESK)
    read = reader.read(np.asarray(lying), mode="page").pages[0]
    texts = replace(truth, words=tuple(replace(word, quad=None) for word in truth.words))
    score = score_page(texts, read.text, found_on(read, level_of([truth])))
    return score, abs((read.angle - angle + 180) % 360 - 180) < ASKEW


if __name__ == "__main__":
    main()

"""Photographs of labelled pages: on a dark desk, at an angle, bent a little, with a camera's light and blur.

    python benchmarks/photographed.py OUT SET/pages.jsonl [...] [--pages 4]
    ocr eval page OUT/*/pages.jsonl

The text of the flat pages is the truth; places are left out. Needs the extra ``train``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from ocrcli.synth import scanning
from ocrcli.synth.layouts.view import curled, photographed

DESK = (70, 55, 45)  # what a page lies on, dark brown
KEYSTONE, IN_VIEW = 0.08, 0.85  # of the picture: how far corners are off, how much of it the page fills
BEND = 0.016  # of the page's width, by which its paper bends: 20 pixels of A4 at 150 dpi
PRINT = 0.0145  # of the page's width: height of the smallest line, by which a camera may blur
LONG_SIDE = 2000  # pixels that smaller pages grow to


def photograph(page: Image.Image, seed: int) -> Image.Image:
    """A page, RGB, as a hand-held camera sees it: a picture of its size, each page in its own way."""
    rng = np.random.default_rng([seed, int(np.asarray(page).sum())])
    view = curled(rng, photographed(rng, *page.size, KEYSTONE, IN_VIEW), page.width, BEND * page.width)
    return scanning.camera(rng, view.picture(page, DESK), PRINT * page.width)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="a folder for the photographs")
    parser.add_argument("labels", nargs="+", type=Path, help="pages.jsonl with texts")
    parser.add_argument("--pages", type=int, default=4, help="of each set")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    from ocrcli.scoring.labels import read_pages

    for labels in options.labels:
        folder = options.out / labels.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "pages.jsonl").open("w", encoding="utf-8") as file:
            for truth in read_pages(labels, options.pages):
                page = Image.open(truth.image).convert("RGB")
                grow = max(LONG_SIDE / max(page.size), 1)
                page = page.resize(
                    (round(page.width * grow), round(page.height * grow)), Image.Resampling.BICUBIC
                )
                name = f"{truth.image.stem}.png"
                photograph(page, options.seed).save(folder / name)
                file.write(json.dumps({"image": name, "words": [], "text": truth.text}) + "\n")


if __name__ == "__main__":
    main()

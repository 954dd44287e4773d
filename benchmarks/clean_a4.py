"""Renders clean A4 pages in faces that training never saw, labelled for ``ocr eval page``.

    python benchmarks/clean_a4.py OUT [--pages 10] [--dpi 150]
    ocr eval page OUT/pages.jsonl

Needs the extra ``train`` and Debian's fonts (``make fonts``).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.pages import render_clean_a4

SEED = 150  # apart from every seed of training, which starts from 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="a folder for the pages")
    parser.add_argument("--pages", type=int, default=10)
    parser.add_argument("--dpi", type=int, default=150)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    _, held_out = FontLibrary.discover().split()
    with (options.out / "pages.jsonl").open("w", encoding="utf-8") as labels:
        for i in range(options.pages):
            page = render_clean_a4(np.random.default_rng([SEED, i]), held_out, dpi=options.dpi)
            name = f"a4-{i}.png"
            Image.fromarray(page.image).save(options.out / name, dpi=(options.dpi, options.dpi))
            labels.write(json.dumps({"image": name, "words": [], "text": page.text}) + "\n")


if __name__ == "__main__":
    main()

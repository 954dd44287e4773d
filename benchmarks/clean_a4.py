"""Renders A4 pages in faces that training never saw, labelled for ``ocr eval page``: clean, and damaged.

    python benchmarks/clean_a4.py OUT [--pages 10] [--only clean-150 …]
    ocr eval page OUT/*/pages.jsonl

Each condition is a folder of OUT with the same words: what differs between two of them is the damage.
Needs the extra ``train`` and Debian's fonts (``make fonts``).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from photographed import photograph
from PIL import Image, ImageFilter

from ocrcli.synth import scanning
from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.layouts.view import skewed
from ocrcli.synth.pages import render_clean_a4

SEED = 150  # apart from every seed of training, which starts from 0
SKEW = 2.0  # degrees, as paper lies on a scanner without a feeder
BLUR = 1.0  # pixels at 150 dpi, the standard deviation: a camera slightly out of focus
FAINT = (120.0, 180.0)  # grey of ink and paper: a quarter of the contrast of print
# Pixels at 150 dpi that the page of a book sinks at its spine, a third of it at a fifth from there.
CURL = 40.0
JPEG = 30  # quality: what mail programs send as "small"

Damage = Callable[[Image.Image, float], Image.Image]  # page, pixels to a 150th of an inch → page


def _as_is(page: Image.Image, unit: float) -> Image.Image:
    return page


def _skew(page: Image.Image, unit: float) -> Image.Image:
    return skewed(*page.size, SKEW).picture(page, (255, 255, 255))


def _jpeg(page: Image.Image, unit: float) -> Image.Image:
    return scanning.jpeg(page, JPEG)


def _blur(page: Image.Image, unit: float) -> Image.Image:
    return page.filter(ImageFilter.GaussianBlur(BLUR * unit))


def _faint(page: Image.Image, unit: float) -> Image.Image:
    ink, paper = FAINT
    return page.point([round(ink + (paper - ink) * value / 255) for value in range(256)] * 3)


def _curl(page: Image.Image, unit: float) -> Image.Image:
    """As the left page of an open book on a table, most at its head."""
    pixels = np.asarray(page)
    height, width = pixels.shape[:2]
    across, down = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, None]
    rows = np.arange(height)[:, None] + CURL * unit * (1 - 0.5 * down) * np.exp(-5 * (1 - across))
    above = np.clip(rows.astype(int), 0, height - 2)
    share = np.clip(rows - above, 0, 1)[..., None]
    columns = np.arange(width)
    moved = pixels[above, columns] * (1 - share) + pixels[above + 1, columns] * share
    return Image.fromarray(np.rint(moved).astype(np.uint8))


def _photo(page: Image.Image, unit: float) -> Image.Image:
    return photograph(page, SEED)


def _everything(page: Image.Image, unit: float) -> Image.Image:
    return _jpeg(_faint(_blur(_skew(page, unit), unit), unit), unit)


@dataclass(frozen=True)
class Condition:
    """How a page is printed, and what happens to it then."""

    dpi: int = 150
    columns: int = 1
    damage: Damage = _as_is


CONDITIONS = {
    "clean-150": Condition(),
    "clean-300": Condition(dpi=300),
    "columns-150": Condition(columns=2),
    "columns-300": Condition(dpi=300, columns=2),
    "skew": Condition(damage=_skew),
    "columns-skew": Condition(columns=2, damage=_skew),
    "jpeg": Condition(damage=_jpeg),
    "blur": Condition(damage=_blur),
    "faint": Condition(damage=_faint),
    "curl": Condition(damage=_curl),
    "columns-curl": Condition(columns=2, damage=_curl),
    "photo": Condition(damage=_photo),
    "columns-photo": Condition(columns=2, damage=_photo),
    "everything": Condition(damage=_everything),
    "everything-300": Condition(dpi=300, columns=2, damage=_everything),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="a folder for the pages")
    parser.add_argument("--pages", type=int, default=10, help="of each condition")
    parser.add_argument("--only", nargs="+", choices=CONDITIONS, default=list(CONDITIONS))
    options = parser.parse_args()
    _, held_out = FontLibrary.discover().split()
    for name in options.only:
        _render(options.out / name, CONDITIONS[name], options.pages, held_out)


def _render(folder: Path, condition: Condition, pages: int, fonts: FontLibrary) -> None:
    """One condition: pictures and ``pages.jsonl``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "pages.jsonl").open("w", encoding="utf-8") as labels:
        for i in range(pages):
            page = render_clean_a4(
                np.random.default_rng([SEED, i]), fonts, dpi=condition.dpi, columns=condition.columns
            )
            image = condition.damage(Image.fromarray(page.image), condition.dpi / 150)
            name = f"a4-{i}.png"
            image.save(folder / name, dpi=(condition.dpi, condition.dpi))
            labels.write(json.dumps({"image": name, "words": [], "text": page.text}) + "\n")


if __name__ == "__main__":
    main()

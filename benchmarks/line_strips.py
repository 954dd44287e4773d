"""Lines of labelled pages as strips to train on: what the detector finds, with the labels that it covers.

    python benchmarks/line_strips.py SET/pages.jsonl -o FOLDER
    ocr train word --init word --data FOLDER/labels.tsv --data-share 0.08

Lines whose label and reading differ widely are left out: the label is wrong, or not of this line.
So are those read with a comma that the label lacks, or a stop at its end: labels of SROIE are cut at commas.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from ocrcli.engine.pipeline import Reader
    from ocrcli.scoring.labels import TruthPage

SLACK = 0.6  # of a line's height: how far beyond the line its labels may reach, and fall short of it
ON_LINE = 0.45  # of the lower one's height: how far apart the middles of line and label may be
WRONG = 0.34  # share of signs, spaces aside, in which reading and label may differ
SHORT, WRONG_IN_SHORT = 3, 0.5  # signs of a short label, and the same for it


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("labels", type=Path, help="pages.jsonl with quads of words or lines")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    from ocrcli.engine.pipeline import Reader
    from ocrcli.scoring.labels import read_pages

    reader, counts, rows = Reader(), Counter[str](), []
    (options.output / "strips").mkdir(parents=True, exist_ok=True)
    for truth in read_pages(options.labels):
        for i, (strip, text) in enumerate(_lines(reader, truth, counts)):
            name = f"strips/{truth.image.stem}_{i}.png"
            Image.fromarray(strip).save(options.output / name)
            rows.append(f"{name}\t{text}\n")
    (options.output / "labels.tsv").write_text("".join(rows), encoding="utf-8")
    print(", ".join(f"{count} {what}" for what, count in counts.most_common()), file=sys.stderr)


def _lines(reader: Reader, truth: TruthPage, counts: Counter[str]) -> list[tuple[np.ndarray, str]]:
    """Strips uint8 (32, w) as the recogniser sees them, with their labels."""
    from ocrcli.engine.images import load_pages
    from ocrcli.engine.polygons import bounds
    from ocrcli.engine.rectify import rectify
    from ocrcli.engine.whole import to_grey

    page = next(load_pages(truth.image, name=str(truth.image)))
    quads = reader.detector.detect(page.pixels).quads
    strips = rectify(to_grey(page.pixels), quads, reader.recogniser.height)
    boxes = bounds(np.array([word.quad for word in truth.words], float))
    kept = []
    for quad, strip, reading in zip(quads, strips, reader.recogniser.read(strips), strict=True):
        label = _label(bounds(quad.astype(float)), boxes, [word.text for word in truth.words])
        why = "without a label" if label is None else _doubt(label, reading.text)
        counts[why or "kept"] += 1
        if label is not None and not why:
            kept.append((strip, label))
    return kept


def _label(line: np.ndarray, boxes: np.ndarray, texts: list[str]) -> str | None:
    """The label of the boxes that lie on a line, when together they are as wide as it."""
    x0, y0, x1, y1 = line
    height = y1 - y0
    shared = np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)
    apart = np.abs(boxes[:, [1, 3]].mean(1) - (y0 + y1) / 2)
    lower = np.minimum(height, boxes[:, 3] - boxes[:, 1])
    on_line = np.flatnonzero((shared > 0.2 * height) & (apart < ON_LINE * lower))
    if not len(on_line):
        return None
    on_line = on_line[np.argsort(boxes[on_line, 0])]
    ends = np.array([boxes[on_line, 0].min() - x0, boxes[on_line, 2].max() - x1])
    return " ".join(texts[i].strip() for i in on_line) if (np.abs(ends) < SLACK * height).all() else None


def _doubt(label: str, reading: str) -> str | None:
    """Why a label seems not to be that of the line."""
    from ocrcli.scoring.text import error_rate, levenshtein

    if ("," in reading and "," not in label) or (reading.endswith(".") and not label.endswith(".")):
        return "cut at a comma"
    wanted, got = (re.sub(r"\s", "", text).lower() for text in (label, reading))
    wrong = error_rate(levenshtein(wanted, got), len(wanted))
    return "read otherwise" if wrong > (WRONG_IN_SHORT if len(wanted) <= SHORT else WRONG) else None


if __name__ == "__main__":
    main()

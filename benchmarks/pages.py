"""Pages: text, words and places of ours beside Tesseract and RapidOCR, with speed and memory.

    python benchmarks/pages.py SET/pages.jsonl [...] [--limit N] [--rapidocr-python PATH]

Every engine is scored at the level of the truth: words against words, lines against lines.
"""

from __future__ import annotations

import sys

from peers import Measured, PageText
from words import arguments, engines

FIGURES = {
    "CER": "cer",
    "WER": "wer",
    "bag R": "bag_recall",
    "bag P": "bag_precision",
    "bag F1": "bag_f1",
    "det H": "detection_hmean",
    "e2e R": "end_to_end_recall",
    "e2e P": "end_to_end_precision",
    "e2e H": "end_to_end_hmean",
}


def main() -> None:
    options = arguments(__doc__)
    from ocrcli.scoring.labels import read_pages
    from ocrcli.scoring.pages import PROTOCOLS, level_of
    from ocrcli.scoring.table import plain_table

    rows = []
    for labels in options.labels:
        truths = read_pages(labels, options.limit)
        level = level_of(truths)
        for engine in engines(options):
            pages, run = engine.pages([truth.image for truth in truths])
            rows.append([labels.parent.name, engine.name, *cells(truths, pages, level, run)])
            print(f"{rows[-1][0]}: {engine.name} done", file=sys.stderr)
    print(plain_table(("set", "engine", "n", *FIGURES, "s/page", "cpu s/page", "peak MiB"), rows))
    by_protocol: dict[str, list[str]] = {}
    for column, name in FIGURES.items():
        by_protocol.setdefault(PROTOCOLS[name], []).append(column)
    for protocol, columns in by_protocol.items():
        print(f"{', '.join(columns)}: {protocol}")


def cells(truths: list, pages: list[PageText], level: str, run: Measured) -> list[str]:
    """One row of the table."""
    from ocrcli.scoring.pages import Found, score_page, summarise
    from ocrcli.scoring.table import percent

    scores = []
    for truth, page in zip(truths, pages, strict=True):
        found = [Found(text, quad) for text, quad in (page.lines if level == "line" else page.words)]
        scores.append(score_page(truth, page.text, found))
    figures = summarise(scores)
    speed = [f"{run.wall / len(pages):.2f}", f"{run.processor / len(pages):.2f}", f"{run.peak_mib:.0f}"]
    return [str(len(pages)), *(percent(figures.get(name)) for name in FIGURES.values()), *speed]


if __name__ == "__main__":
    main()

"""Lines of pages with running truth: CER of what was found, and how much was not.

    python benchmarks/lines.py SET/pages.jsonl [...] [--limit N] [--rapidocr-python PATH]

Each line is placed in the truth by itself, so that neither the order nor what was overlooked counts.
The lines with the most errors are shown below the table.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from words import arguments, engines

if TYPE_CHECKING:
    from ocrcli.scoring.lines import PlacedLine

HEADER = ("set", "engine", "pages", "lines", "characters", "CER", "of placed", "stray", "missed", "s/page")
LEGEND = """\
of placed: CER without stray lines
stray: lines that have no place in the truth, such as graphics, specks and what the truth leaves out
missed: characters in words that no line touches, of the truth's without spaces"""
SHOWN = 5  # lines of each set and engine


def main() -> None:
    options = arguments(__doc__ or "")
    from ocrcli.scoring.labels import read_pages
    from ocrcli.scoring.lines import PROTOCOL, place_lines
    from ocrcli.scoring.table import plain_table
    from ocrcli.scoring.text import fold_page

    rows, worst = [], []
    for labels in options.labels:
        truths = [page for page in read_pages(labels, options.limit) if page.text is not None]
        references = [fold_page(truth.text or "") for truth in truths]
        for engine in engines(options):
            pages, run = engine.pages([truth.image for truth in truths])
            placed = [
                place_lines(reference, [text for text, _ in page.lines])
                for reference, page in zip(references, pages, strict=True)
            ]
            cells = [str(len(truths)), *_cells(references, placed), f"{run.wall / len(truths):.2f}"]
            rows.append([labels.parent.name, engine.name, *cells])
            names = [truth.image.name for truth in truths]
            worst += [f"{engine.name}, {text}" for text in _worst(names, references, placed)]
            print(f"{labels.parent.name}: {engine.name} done", file=sys.stderr)
    print(plain_table(HEADER, rows))
    print(f"CER: {PROTOCOL}\n{LEGEND}\n")
    print("most errors:", *worst, sep="\n")


def _cells(references: list[str], placed: list[list[PlacedLine]]) -> list[str]:
    """Figures of one set: lines, characters, CER, CER of placed lines, stray lines, share that was missed."""
    from ocrcli.scoring.lines import LineScore, score_placed
    from ocrcli.scoring.table import percent

    score = sum(map(score_placed, references, placed), start=LineScore())
    shares = (score.cer, score.placed_cer)
    counts = (score.lines, score.characters)
    return [
        *map(str, counts), *map(percent, shares), str(score.stray_lines), percent(score.missed_share)
    ]  # fmt: skip


def _worst(names: list[str], references: list[str], placed: list[list[PlacedLine]]) -> list[str]:
    """The lines with the most errors, each with the truth that it was held against."""
    marked = [
        (line, name, reference)
        for name, reference, lines in zip(names, references, placed, strict=True)
        for line in lines
    ]
    marked.sort(key=lambda mark: -mark[0].edits)
    return [
        f"{name}: {line.edits} in {line.text!r}, "
        + ("which the truth does not have" if line.stray else f"truth {reference[line.start : line.end]!r}")
        for line, name, reference in marked[:SHOWN]
    ]


if __name__ == "__main__":
    main()

"""Word images: accuracy, speed and memory of ours beside Tesseract and RapidOCR.

python benchmarks/words.py SET/labels.tsv [...] [--limit N] [--rapidocr-python PATH]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from peers import Ours, RapidOcr, Tesseract

HEADER = ("set", "engine", "n", "94", "36", "CER", "words/s", "wall s", "cpu s", "peak MiB")


def main() -> None:
    options = arguments(__doc__)
    from ocrcli.scoring.labels import read_word_labels
    from ocrcli.scoring.table import percent, plain_table
    from ocrcli.scoring.words import PROTOCOLS, score_words

    rows = []
    for labels in options.labels:
        samples = read_word_labels(labels, options.limit)
        for engine in engines(options):
            texts, run = engine.words([image for image, _ in samples])
            scores = score_words([text for _, text in samples], texts)
            figures = (scores.accuracy_94, scores.accuracy_36, scores.cer)
            speed = (len(samples) / run.wall, run.wall, run.processor)
            row = [labels.parent.name, engine.name, str(len(samples)), *map(percent, figures)]
            rows.append([*row, *(f"{value:.1f}" for value in speed), f"{run.peak_mib:.0f}"])
            print(f"{rows[-1][0]}: {engine.name} done", file=sys.stderr)
    print(plain_table(HEADER, rows))
    for column, name in (("94", "accuracy_94"), ("36", "accuracy_36"), ("CER", "cer")):
        print(f"{column}: {PROTOCOLS[name]}")


def arguments(description: str) -> argparse.Namespace:
    """The command line that the two side-by-side benchmarks share."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", nargs="+", type=Path, help="labelled sets")
    parser.add_argument("--limit", type=int, help="samples of each set")
    parser.add_argument("--threads", type=int, default=2, help="threads of ours and of RapidOCR")
    parser.add_argument("--model-dir", type=Path, help="our models, other than the packaged ones")
    parser.add_argument("--rapidocr-python", type=Path, help="a Python in which rapidocr is installed")
    parser.add_argument("--engines", default="ocrcli,tesseract,rapidocr", help="which, by name and comma")
    return parser.parse_args()


def engines(options: argparse.Namespace) -> list[Ours | Tesseract | RapidOcr]:
    """The engines that were asked for and are there."""
    from shutil import which

    there: list[Ours | Tesseract | RapidOcr] = [Ours(options.threads, options.model_dir)]
    if which("tesseract"):
        there.append(Tesseract())
    if options.rapidocr_python:
        there.append(RapidOcr(options.rapidocr_python, options.threads))
    return [engine for engine in there if engine.name in options.engines.split(",")]


if __name__ == "__main__":
    main()

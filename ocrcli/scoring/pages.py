"""How well pages are read: text, words in any order, and words in their places."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ocrcli.document import Line, Page, Quad
from ocrcli.scoring.boxes import HMean, ignored, match
from ocrcli.scoring.labels import TruthPage
from ocrcli.scoring.text import (
    character_errors,
    error_rate,
    fold_36,
    fold_94,
    fold_page,
    levenshtein,
    tokens,
    word_errors,
)

Level = Literal["word", "line"]
LINE_SHARE = (
    0.2  # truth with more texts of several words than this is by line (receipts: 0.45; words: < 0.01)
)

_WIDE_GAP = re.compile(r" {2,}")

_BAG = (
    "bag of [a-z0-9]+ tokens after NFKD and lower-casing, summed over the set; ignored words, and what was "
    "found in their places, left out"
)
_DETECTION = "ICDAR 2015: IoU > 0.5, one to one, do-not-care regions left out, summed over the set"
_END_TO_END = f"{_DETECTION}; and the text is right under protocol 36 (94 where that is empty)"
PROTOCOLS = {
    "cer": "mean over pages, each at most 1; white space folded, NFKC, typographic quotes and dashes as "
    "ASCII; a ~ of the truth matches any one character",
    "wer": "as cer, over words between spaces",
    "cer_raw": "mean over pages, each at most 1; strings as they are",
    "bag_recall": _BAG,
    "bag_precision": _BAG,
    "bag_f1": _BAG,
    "detection_recall": _DETECTION,
    "detection_precision": _DETECTION,
    "detection_hmean": _DETECTION,
    "end_to_end_recall": _END_TO_END,
    "end_to_end_precision": _END_TO_END,
    "end_to_end_hmean": _END_TO_END,
}


@dataclass(frozen=True, slots=True)
class Found:
    """One predicted word or line: its text and its place."""

    text: str
    quad: Quad


@dataclass(frozen=True, slots=True)
class PageScore:
    """Figures of one page; None where the truth does not allow one.

    ``right`` and ``misread`` are indices (truth, found) of the matched pairs; ``left_out`` those of
    predictions in do-not-care regions.
    """

    cer: float | None = None
    wer: float | None = None
    cer_raw: float | None = None
    bag: HMean | None = None
    detection: HMean | None = None
    end_to_end: HMean | None = None
    right: tuple[tuple[int, int], ...] = ()
    misread: tuple[tuple[int, int], ...] = ()
    left_out: tuple[int, ...] = ()


def level_of(pages: Sequence[TruthPage]) -> Level:
    """Whether the truth of a set is by word or by line, from the share of texts with a space."""
    texts = [word.text.strip() for page in pages for word in page.words if not word.ignore]
    return "line" if texts and sum(" " in text for text in texts) / len(texts) > LINE_SHARE else "word"


def found_on(page: Page, level: Level) -> list[Found]:
    """The words, or lines, that were read on a page.

    A line that is written with wider gaps is cut there: labels by line hold the cells of a table
    row, such as an item and its price, as lines of their own.
    """
    if level == "line":
        return [cell for line in page.lines for cell in _cells(line)]
    return [Found(word.text, word.quad) for line in page.lines for word in line.words]


def _cells(line: Line) -> list[Found]:
    """The parts of a line that more than one space keeps apart, each with the quad of its words."""
    texts = _WIDE_GAP.split(line.text.strip())
    counts = [len(text.split()) for text in texts]
    if len(texts) == 1 or sum(counts) != len(line.words):
        return [Found(line.text, line.quad)]
    ends = list(accumulate(counts))
    parts = [line.words[end - count : end] for count, end in zip(counts, ends, strict=True)]
    return [
        Found(text, _hull(words[0].quad, words[-1].quad)) for text, words in zip(texts, parts, strict=True)
    ]


def _hull(first: Quad, last: Quad) -> Quad:
    """From the left edge of one quad to the right edge of another."""
    return first[0], last[1], last[2], first[3]


def score_page(truth: TruthPage, text: str, found: Sequence[Found]) -> PageScore:
    """Scores one page: its whole ``text`` and the words, or lines, ``found`` on it."""
    places = [i for i, word in enumerate(truth.words) if word.quad is not None and not word.ignore]
    regions = [word.quad for word in truth.words if word.quad is not None and word.ignore]
    quads = _quads([item.quad for item in found])
    skipped = ignored(quads, _quads(regions))
    kept = [i for i in range(len(found)) if not skipped[i]]
    cer = wer = cer_raw = None
    if truth.text is not None:
        cer, wer, cer_raw = text_rates(truth.text, text)
    detection = end_to_end = None
    right: list[tuple[int, int]] = []
    misread: list[tuple[int, int]] = []
    if any(word.quad is not None for word in truth.words):
        true_quads = _quads([truth.words[i].quad for i in places])
        for i, j in match(true_quads, quads[kept]):
            pair = (places[i], kept[j])
            same = same_text(truth.words[pair[0]].text, found[pair[1]].text)
            (right if same else misread).append(pair)
        detection = HMean(len(right) + len(misread), len(places), len(kept))
        end_to_end = HMean(len(right), len(places), len(kept))
    return PageScore(
        cer,
        wer,
        cer_raw,
        bag=_bag(truth, [found[i].text for i in kept]),
        detection=detection,
        end_to_end=end_to_end,
        right=tuple(right),
        misread=tuple(misread),
        left_out=tuple(int(i) for i in np.flatnonzero(skipped)),
    )


def text_rates(truth: str, text: str) -> tuple[float, float, float]:
    """CER, WER and raw CER of a page's text, each in 0..1."""
    reference, hypothesis = fold_page(truth), fold_page(text)
    words = reference.split()
    return (
        error_rate(character_errors(reference, hypothesis), len(reference)),
        error_rate(word_errors(words, hypothesis.split()), len(words)),
        error_rate(levenshtein(truth, text), len(truth)),
    )


def same_text(truth: str, text: str) -> bool:
    """Equality under protocol 36; under 94 for a truth without letters and digits, such as ``&``."""
    folded = fold_36(truth)
    return folded == fold_36(text) if folded else fold_94(truth) == fold_94(text)


def summarise(scores: Sequence[PageScore]) -> dict[str, float]:
    """Figures of a set by name (see `PROTOCOLS`); one that no page allows is left out."""
    figures: dict[str, float] = {}
    for name in ("cer", "wer", "cer_raw"):
        values = [value for score in scores if (value := getattr(score, name)) is not None]
        if values:
            figures[name] = sum(values) / len(values)
    for name, last in (("bag", "f1"), ("detection", "hmean"), ("end_to_end", "hmean")):
        counts = [value for score in scores if (value := getattr(score, name)) is not None]
        if counts:
            total = sum(counts, start=HMean())
            figures[f"{name}_recall"] = total.recall
            figures[f"{name}_precision"] = total.precision
            figures[f"{name}_{last}"] = total.hmean
    return figures


def as_dict(scores: Sequence[PageScore]) -> dict[str, Any]:
    """Figures of a set and the number of pages behind them."""
    return {"samples": len(scores), **summarise(scores)}


def _bag(truth: TruthPage, found: Sequence[str]) -> HMean | None:
    """Counts of tokens regardless of order. None for a page without any truth."""
    if truth.words:
        texts = [word.text for word in truth.words if not word.ignore]
    elif truth.text is not None:
        texts = [truth.text]
    else:
        return None
    expected = Counter(token for text in texts for token in tokens(text))
    read = Counter(token for text in found for token in tokens(text))
    return HMean((expected & read).total(), expected.total(), read.total())


def _quads(quads: Sequence[Quad | None]) -> NDArray[np.float64]:
    return np.array(quads, dtype=np.float64).reshape(-1, 4, 2)

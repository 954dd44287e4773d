"""How well lines are found: on sets labelled by line, and on sets labelled by word.

Line sets are scored by the usual H-mean at IoU 0.5. Where labels are words, a found line is not one of
them: a word counts as found when one line covers it, a line as right when words fill it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocrcli.datasets.crops import LabelledPage
from ocrcli.datasets.pages import load_page
from ocrcli.engine.detector import LineDetector, NetworkInput, to_input
from ocrcli.engine.overlaps import shared_areas
from ocrcli.engine.polygons import quad_sides
from ocrcli.engine.scale import working_scale
from ocrcli.scoring.boxes import HMean, ignored, match
from ocrcli.scoring.labels import TruthPage
from ocrcli.training.detect_targets import LEVELS, draw_targets

COVERED = 0.7  # share of a word's area that a line has to cover
FILLED = 0.4  # share of a line's area that words have to fill; the rest is spaces and margins
MUCH_HIGHER = 2.2  # heights of the word: a line so much higher holds more than one line
SPACED = 0.1  # share of a set's texts with a space from which its quads are lines


@dataclass(frozen=True)
class PageSet:
    """Pages that judge, and whether their quads are lines (else words)."""

    pages: Sequence[LabelledPage]
    by_line: bool

    @classmethod
    def load(cls, pages: Sequence[TruthPage]) -> PageSet:
        """A labelled set: its quads are lines when its texts have spaces."""
        texts = [word.text.strip() for page in pages for word in page.words if not word.ignore]
        by_line = sum(" " in text for text in texts) > SPACED * len(texts)
        return cls([load_page(page) for page in pages], by_line)


def judge_pages(detector: LineDetector, pages: PageSet) -> dict[str, float]:
    """Recall, precision and H-mean of boxes, and F1 of kernel pixels for sets of lines."""
    pixels = np.zeros(3)  # of kernels: both, found, true
    words, lines = HMean(), HMean()
    for page in pages.pages:
        height, width = page.pixels.shape[:2]
        seen = to_input(page.pixels, working_scale(height, width, int(detector.decoding["long_side"])))
        probability = detector.model.run(seen.image)[0, 0]
        quads = detector.decode(probability, seen.factors, (height, width)).quads
        if pages.by_line:
            lines += line_counts(page, quads)
            pixels += pixel_counts(page, probability, seen)
        else:
            found_words, right_lines = cover_counts(page, quads)
            words, lines = words + found_words, lines + right_lines
    if pages.by_line:
        f1 = 2 * pixels[0] / max(pixels[1] + pixels[2], 1)
        return {"hmean": lines.hmean, "recall": lines.recall, "precision": lines.precision, "pixel_f1": f1}
    recall, precision = words.recall, lines.precision
    hmean = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    return {"hmean": hmean, "recall": recall, "precision": precision}


def pixel_counts(page: LabelledPage, probability: np.ndarray, seen: NetworkInput) -> np.ndarray:
    """Kernel pixels that are both found and true, found, and true: (3,)."""
    factors = np.array(seen.factors, np.float32)
    targets = draw_targets(page.quads * factors, page.ignore, *seen.image.shape[2:])
    truth, found = targets.kernel > LEVELS / 2, probability > 0.5
    return np.array([(mask & (targets.weight > 0)).sum() for mask in (truth & found, found, truth)])


def line_counts(page: LabelledPage, found: np.ndarray) -> HMean:
    """Matches at IoU 0.5; found lines in ignored regions do not count."""
    truths = page.quads[~page.ignore]
    if page.ignore.any() and len(found):
        found = found[~ignored(found, page.quads[page.ignore])]
    return HMean(len(match(truths, found)), len(truths), len(found))


def cover_counts(page: LabelledPage, found: np.ndarray) -> tuple[HMean, HMean]:
    """Words covered (as recall) and lines filled with words (as precision)."""
    words = page.quads[~page.ignore]
    if not len(found) or not len(page.quads):
        return HMean(0, len(words), 0), HMean(0, 0, len(found))
    shared, _, word_areas = shared_areas(found, words)
    line_heights, word_heights = quad_sides(found).min(-1), quad_sides(words).min(-1)
    fits = line_heights[:, None] < MUCH_HIGHER * np.maximum(word_heights, 1)
    covered = ((shared > COVERED * word_areas) & fits).any(0)
    everything, own, _ = shared_areas(found, page.quads)
    filled = everything.sum(1) > FILLED * own
    return HMean(int(covered.sum()), len(words), 0), HMean(int(filled.sum()), 0, len(found))

"""How well lines are found: on sets labelled by line, and on sets labelled by word.

Line sets are scored by the usual H-mean at IoU 0.5. Where labels are words, a found line is not one of
them: a word counts as found when one line covers it, a line as right when words fill it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrcli.datasets.crops import LabelledPage
from ocrcli.engine.detector import LineDetector, to_input
from ocrcli.engine.polygons import quad_sides
from ocrcli.engine.scale import working_scale
from ocrcli.scoring.boxes import HMean, ignored, match, shared_areas
from ocrcli.training.detect_targets import LEVELS, draw_targets

COVERED = 0.7  # share of a word's area that a line has to cover
FILLED = 0.4  # share of a line's area that words have to fill; the rest is spaces and margins
MUCH_HIGHER = 2.2  # heights of the word: a line so much higher holds more than one line
WORDS_ASPECT = 3.2  # mean width over height of a set's quads below which they are words, not lines


def judge_pages(detector: LineDetector, pages: Sequence[LabelledPage]) -> dict[str, float]:
    """Recall, precision and H-mean of boxes, and F1 of kernel pixels for sets of lines."""
    lines = labelled_by_line(pages)
    counts = [0.0] * 3  # kernel pixels: both, found, true
    total = HMean()
    recalled = HMean()
    for page in pages:
        height, width = page.pixels.shape[:2]
        seen = to_input(page.pixels, working_scale(height, width))
        probability = detector.model.run(seen.image)[0, 0]
        quads = detector.decode(probability, seen.factors, (height, width)).quads
        if lines:
            total += line_counts(page, quads)
            targets = draw_targets(page.quads * seen.factors, page.ignore, *seen.image.shape[2:])
            truth, found = targets.kernel > LEVELS / 2, probability > 0.5
            valid = targets.weight > 0
            counts = [c + float((m & valid).sum()) for c, m in zip(counts, (truth & found, found, truth), strict=True)]
        else:
            found_words, right_lines = cover_counts(page, quads)
            recalled, total = recalled + found_words, total + right_lines
    if lines:
        f1 = 2 * counts[0] / max(counts[1] + counts[2], 1)
        return {"hmean": total.hmean, "recall": total.recall, "precision": total.precision, "pixel_f1": f1}
    recall, precision = recalled.recall, total.precision
    hmean = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    return {"hmean": hmean, "recall": recall, "precision": precision}


def labelled_by_line(pages: Sequence[LabelledPage]) -> bool:
    """Whether the quads of a set are lines: words are about as long as they have letters."""
    quads = np.concatenate([page.quads[~page.ignore] for page in pages])
    sides = quad_sides(quads)
    ratios = sides.max(-1) / np.maximum(sides.min(-1), 1)
    return len(ratios) > 0 and float(ratios.mean()) > WORDS_ASPECT


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

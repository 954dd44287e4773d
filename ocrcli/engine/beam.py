"""Prefix beam search: the likeliest texts of a strip, each summed over all its paths.

The best path is not always that of the best text: a text may have many paths that are each a
little worse. Prefixes grow column by column, and paths that spell the same prefix are one entry
(Graves 2012, section 3.2; Hannun 2014).
"""

from __future__ import annotations

import numpy as np

from ocrcli.alphabet import CTC_BLANK
from ocrcli.engine.alignment import log_probabilities
from ocrcli.engine.ctc import NEVER, greedy

WIDTH = 8  # prefixes; the texts that matter differ in a letter or two
UNLIKELY = 1e-4  # a class below this probability begins no character in that column

_Prefix = tuple[int, ...]


def beam_search(
    log_probs: np.ndarray,
    *,
    width: int = WIDTH,
    allowed: np.ndarray | None = None,
    unlikely: float = UNLIKELY,
) -> list[tuple[_Prefix, float]]:
    """The likeliest texts, at most ``width``, best first: classes and log-probability.

    ``log_probs`` is (T, C) of one strip, class 0 the blank; ``allowed`` bool (C,) forbids classes.
    The probabilities are exact, and the best path's text is always among the texts ranked: the
    first is never less likely than what greedy decoding reads.
    """
    if allowed is not None:
        log_probs = np.where(allowed, log_probs, NEVER)
    probabilities = np.exp(log_probs.astype(np.float64))
    # Probability of a prefix by paths that end in a blank, and in its last character.
    beam: dict[_Prefix, tuple[float, float]] = {(): (1.0, 0.0)}
    for column in probabilities:
        begun = np.flatnonzero(column > unlikely)
        beam = _extended(beam, column.tolist(), begun[begun != CTC_BLANK].tolist())
        best = sorted(beam.items(), key=lambda entry: -sum(entry[1]))[:width]
        scale = sum(best[0][1]) or 1.0  # taken out, or the product of a long strip would vanish
        beam = {prefix: (blank / scale, own / scale) for prefix, (blank, own) in best}

    texts = list(dict.fromkeys([*beam, tuple(greedy(log_probs[None])[0].classes.tolist())]))
    exact = log_probabilities(log_probs, texts)
    ranked = np.argsort(-exact, kind="stable")[:width]
    return [(texts[i], float(exact[i])) for i in ranked]


def _extended(
    beam: dict[_Prefix, tuple[float, float]], column: list[float], begun: list[int]
) -> dict[_Prefix, tuple[float, float]]:
    """The prefixes after one more column, in which any of the classes ``begun`` may begin."""
    grown: dict[_Prefix, tuple[float, float]] = {}
    for prefix, (blank, own) in beam.items():
        last = prefix[-1] if prefix else CTC_BLANK
        stays = own * column[last] if prefix else 0.0
        before = grown.get(prefix, (0.0, 0.0))
        grown[prefix] = (before[0] + (blank + own) * column[CTC_BLANK], before[1] + stays)
        for new in begun:
            # The same character again needs a blank between.
            gained = (blank if new == last else blank + own) * column[new]
            if gained:
                longer = (*prefix, new)
                before = grown.get(longer, (0.0, 0.0))
                grown[longer] = (before[0], before[1] + gained)
    return grown

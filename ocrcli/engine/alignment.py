"""How likely given texts are in the columns of a strip, and where their characters stand.

Greedy decoding asks what the network would say; here it is asked about an answer. The sum over all
paths is the forward algorithm of connectionist temporal classification (Graves 2006, section 4.1),
run over many texts at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrcli.alphabet import CTC_BLANK


def log_probabilities(log_probs: np.ndarray, texts: Sequence[Sequence[int]]) -> np.ndarray:
    """Natural logarithm of the probability of each text: float64 (K,), -inf for what cannot be.

    ``log_probs`` is (T, C); a text is the classes of its characters, without blanks.
    """
    columns, classes = log_probs.shape
    lengths = np.array([len(text) for text in texts], int)
    if not columns or not len(lengths):
        return np.where(lengths == 0, 0.0, -np.inf)
    # A blank before, between and after the characters: (K, S). What lies behind the end of a shorter
    # text is a class that is never seen.
    states = np.full((len(texts), 2 * int(lengths.max()) + 1), classes)
    for row, text in zip(states, texts, strict=True):
        row[: 2 * len(text) + 1 : 2] = CTC_BLANK
        row[1 : 2 * len(text) : 2] = text
    skips = np.zeros(states.shape)  # 1 where the blank before a character may be left out
    skips[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    seen = np.zeros((columns, classes + 1))
    seen[:, :classes] = np.exp(log_probs.astype(np.float64))

    # Probabilities, with two empty states in front so that no state lacks predecessors: (K, S + 2)
    paths = np.zeros((len(texts), states.shape[1] + 2))
    paths[:, 2:4] = seen[0][states[:, :2]]
    log_scale = np.zeros(len(texts))
    for column in seen[1:]:
        paths[:, 2:] = (paths[:, 2:] + paths[:, 1:-1] + paths[:, :-2] * skips) * column[states]
        scale = paths.max(1)  # taken out, or the product of a long strip would vanish
        scale[scale == 0] = 1.0
        paths /= scale[:, None]
        log_scale += np.log(scale)
    rows = np.arange(len(texts))
    total = paths[rows, 2 * lengths + 2] + np.where(lengths > 0, paths[rows, 2 * lengths + 1], 0.0)
    with np.errstate(divide="ignore"):
        return np.log(total) + log_scale


def align(log_probs: np.ndarray, text: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """First and last column of each character on the likeliest path of a text: int (k,) each.

    ``log_probs`` is (T, C). Raises ValueError for a text that does not fit into T columns.
    """
    states = np.zeros(2 * len(text) + 1, int)
    states[1::2] = text
    skips = np.zeros(len(states), bool)
    skips[3::2] = states[3::2] != states[1:-2:2]
    seen = log_probs[:, states].astype(np.float64)  # (T, S)
    steps = np.zeros(seen.shape, int)  # states gone forward to come here
    best = np.full(len(states), -np.inf)
    best[:2] = seen[0, :2]
    for t in range(1, len(seen)):
        ways = np.full((3, len(states)), -np.inf)
        ways[0] = best
        ways[1, 1:] = best[:-1]
        ways[2, 2:] = np.where(skips[2:], best[:-2], -np.inf)
        steps[t] = ways.argmax(0)
        best = ways.max(0) + seen[t]
    state = len(states) - 1
    if len(text) and best[-2] > best[-1]:
        state -= 1
    if not np.isfinite(best[state]):
        raise ValueError(f"{len(text)} characters do not fit into {len(seen)} columns")
    path = np.empty(len(seen), int)
    for t in range(len(seen) - 1, -1, -1):
        path[t] = state
        state -= steps[t, state]
    of_characters = 2 * np.arange(len(text)) + 1
    return np.searchsorted(path, of_characters), np.searchsorted(path, of_characters, "right") - 1

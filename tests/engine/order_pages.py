"""Boxes of text and drawn lines, for tests of the reading order."""

from __future__ import annotations

import numpy as np

HEIGHT = 20.0  # of a line of text
PITCH = 26.0  # from line to line


def box(x, y, width, height=HEIGHT):
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)


def paragraph(x, y, width, lines, rng=None):
    """Running text: full lines and a shorter last one."""
    widths = [width * (1 if rng is None else rng.uniform(0.9, 1)) for _ in range(lines - 1)] + [width * 0.6]
    return [box(x, y + i * PITCH, one) for i, one in enumerate(widths)]


def flat(blocks):
    return [i for block in blocks for row in block for i in row]


def rule(x0, x1, y):
    return box(x0, y, x1 - x0, 1)


def bar(x, y0, y1):
    return np.array([(x, y0), (x, y1), (x + 1, y1), (x + 1, y0)])


def drawn(rules=(), bars=(), edges=()):
    """Lines found on a page, for ``reading_order``."""
    kinds = [np.array(lines, np.float32).reshape(-1, 4, 2) for lines in (rules, bars, edges)]
    return lambda square: tuple(square.boxes(lines) for lines in kinds)

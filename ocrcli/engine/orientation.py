"""Which way up a page is, and which way a single line on it runs.

The detector finds lines whichever way the page lies and sees which of them run up and down; which
end is up, the letters tell: a few lines are read as they stand and upside down. A single line's
confidence is a bad judge of that, for recognisers are sure of much nonsense; but over some lines
the right way is the surer one on all but the worst pages, and an upright page mostly needs no
second reading. On photographs, with little text and much that is none, nothing is turned that does
not speak for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ocrcli.engine.reading import Reading, geometric_mean
from ocrcli.engine.rectify import rectify
from ocrcli.engine.straighten import SIDEWAYS, along_lines, line_heights

# A glance at the beginnings of a few lines settles it for clear print, in 2 % of the page's time; where it
# does not, more of more lines is read both ways. So many lines, and so many pixels of their strips:
GLANCE, LOOK = (6, 192), (12, 320)
LONG = 3.0  # heights; shorter pieces say little about the direction of text
FEWEST_LETTERS = 4  # of a line that is counted
# Of 132 scanned pages, 90 % had 0.93 or more the right way up; upside down none had more than 0.85.
SURE = 0.9  # confidence from which the other way is not even looked at
CLEARER = 0.05  # margin of the log confidence, with most lines on the same side (upside down: 0.1 … 0.5)
FAR_CLEARER = 0.1  # the same without
MOST = 0.75  # of the lines
MANY, SOME = 6, 4  # lines on which to decide by FAR_CLEARER, by CLEARER
SPEAKS = 0.95  # confidence with which even a line or two decide …
SPEAKING_LETTERS = 10  # … of so many letters
# A single line is turned only for a much better reading.
LINE_DOUBTFUL = 0.8
LINE_CLEAR = 0.85
LINE_GAIN = 0.15
SIDEWAYS_SURE = 0.97  # of a line that runs up or down: numbers read well either way
SIDEWAYS_GAIN = 0.02  # it has no usual way

ReadStrips = Callable[[Sequence[np.ndarray]], list[Reading]]


def quarter_turns(pixels: np.ndarray, quads: np.ndarray, read: ReadStrips) -> int:
    """By how many quarters a page was turned counter-clockwise: 0 … 3.

    ``pixels`` is uint8 (H, W) or (H, W, 3), ``quads`` (n, 4, 2) its lines, of which those that stand on end
    run upwards; ``read`` reads grey strips (height, w).
    """
    if not len(quads):
        return 0
    along = along_lines(quads)
    length = np.hypot(*along.T)
    on_end = np.abs(along[:, 1]) > np.abs(along[:, 0])
    sideways = bool(length[on_end].sum() > SIDEWAYS * length[~on_end].sum())
    lines = np.flatnonzero((on_end == sideways) & (length > LONG * line_heights(quads)))
    if not len(lines):
        return 0
    glance = read(_beginnings(pixels, quads[lines], GLANCE))
    if _confidence(glance) >= SURE and (not sideways or _speaks(glance)):
        return int(sideways)
    strips = _beginnings(pixels, quads[lines], LOOK)
    upright, turned = read(strips), read([upside_down(strip) for strip in strips])
    if _is_better(turned, upright):
        return 2 + int(sideways)
    return int(sideways and _is_better(upright, turned))


def _beginnings(pixels: np.ndarray, quads: np.ndarray, probes: tuple[int, int]) -> list[np.ndarray]:
    """The first pixels of some lines from all over the page, as strips."""
    count, width = probes
    some = np.linspace(0, len(quads) - 1, min(count, len(quads))).round().astype(int)
    return [strip[:, :width] for strip in rectify(pixels, quads[some])]


def _is_better(one: Sequence[Reading], other: Sequence[Reading]) -> bool:
    """Whether the first way of reading some lines is clearly the right one."""
    pairs = [
        (a, b) for a, b in zip(one, other, strict=True) if max(len(a.text), len(b.text)) >= FEWEST_LETTERS
    ]
    if not pairs:
        return False
    ours, theirs = (_confidence(readings) for readings in zip(*pairs, strict=True))
    margin = np.log(max(ours, 1e-3)) - np.log(max(theirs, 1e-3))
    won = sum(a.confidence > b.confidence for a, b in pairs) / len(pairs)
    if len(pairs) >= MANY and margin > FAR_CLEARER:
        return True
    if len(pairs) >= SOME and margin > CLEARER and won >= MOST:
        return True
    return margin > CLEARER and _speaks([a for a, _ in pairs])


def _speaks(readings: Sequence[Reading]) -> bool:
    """Whether the readings of few lines are beyond doubt."""
    letters = sum(char.isalnum() for reading in readings for char in reading.text)
    return letters >= SPEAKING_LETTERS and _confidence(readings) >= SPEAKS


def _confidence(readings: Sequence[Reading]) -> float:
    """Of all characters of some lines together."""
    return geometric_mean([char.confidence for reading in readings for char in reading.chars])


def right_way_up(
    quads: np.ndarray, strips: Sequence[np.ndarray], readings: Sequence[Reading], read: ReadStrips
) -> tuple[np.ndarray, list[Reading]]:
    """Quads and readings with those single lines turned that are read far better upside down.

    Looks at lines on end, which the detector takes to run upwards, and at doubtful level ones.
    """
    along = quads[:, 1] - quads[:, 0]
    on_end = np.abs(along[:, 1]) > np.abs(along[:, 0])
    again = [
        i
        for i, reading in enumerate(readings)
        if len(reading.text) >= (1 if on_end[i] else FEWEST_LETTERS)
        and reading.confidence < (SIDEWAYS_SURE if on_end[i] else LINE_DOUBTFUL)
    ]
    quads, readings = quads.copy(), list(readings)
    for i, turned in zip(again, read([upside_down(strips[i]) for i in again]) if again else [], strict=True):
        gain = SIDEWAYS_GAIN if on_end[i] else LINE_GAIN
        floor = 0.0 if on_end[i] else LINE_CLEAR
        if len(turned.text) >= FEWEST_LETTERS and turned.confidence > max(
            floor, readings[i].confidence + gain
        ):
            quads[i], readings[i] = np.roll(quads[i], 2, axis=0), turned
    return quads, readings


def upside_down(strip: np.ndarray) -> np.ndarray:
    """A strip (h, w) turned by half."""
    return np.ascontiguousarray(strip[::-1, ::-1])


def set_upright(pixels: np.ndarray, turns: int) -> np.ndarray:
    """A page (H, W, …) that was turned by ``turns`` quarters counter-clockwise, turned back."""
    return np.ascontiguousarray(np.rot90(pixels, -turns)) if turns else pixels


def as_it_lay(quads: np.ndarray, turns: int, size: tuple[int, int]) -> np.ndarray:
    """Points (…, 2) on the page set upright, on the page as it was: of ``size`` (height, width)."""
    height, width = size
    x, y = quads[..., 0], quads[..., 1]
    # Upright (x, y) was, before a quarter turn counter-clockwise, where the page's right edge is its top.
    places = ((x, y), (y, height - x), (width - x, height - y), (width - y, x))
    return np.stack(places[turns % 4], axis=-1)

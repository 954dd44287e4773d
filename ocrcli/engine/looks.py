"""Second looks at doubtful strips.

A crop that is loose, squeezed or climbing is read badly where the same letters set straight are
read well, and the recogniser knows: of what it is sure of, little is wrong. So a strip that it
doubts is shown again in a few other ways, and the readings vote. It costs time for those strips
alone; on clear print that is nearly none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from ocrcli.engine.reading import Reading, as_reading

DOUBTFUL = 0.9  # confidence below which a strip is looked at again
WIDEST = 640  # pixels; longer lines are rarely squeezed
WIDEST_PIECE = 256  # pixels, on a page: its lines are set right by the detector, short pieces less so
POWER = 3.0  # of its confidence is the weight of a reading in the vote
MANY = 60  # doubtful pieces of a page, from which it is hard to read as a whole
DISSENT = 0.3  # power of the winner's share of the votes that its confidence is taken times


@dataclass(frozen=True, slots=True)
class Look:
    """Another way to show a strip: a part of its height, levelled and stretched."""

    stretch: float = 1.0  # of the width
    top: float = 0.0  # share of the height at which the part begins …
    bottom: float = 1.0  # … and ends
    climb: float = 0.0  # heights that the text falls from its left to its right end; negative: rises

    def at(self, strip: np.ndarray) -> np.ndarray:
        """uint8 (h, w) → (h, w′)."""
        height, width = strip.shape
        part = self.bottom - self.top - abs(self.climb)  # share of the height that level text takes
        wide = max(1, round(width * self.stretch / part))
        across, down = width / wide, part
        rise = self.climb * height
        start = (self.top + self.bottom) / 2 * height - part * height / 2 - rise / 2
        matrix = (across, 0.0, 0.0, rise * across / width, down, start)
        image = Image.fromarray(strip)
        return np.asarray(
            image.transform((wide, height), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
        )


# Chosen one after the other on the development words, each the one that helped most. Where all readings agree
# after the first three, the others are spared.
OF_WORDS = (
    (Look(stretch=1.7, top=0.1, bottom=0.9), Look(climb=-0.25), Look(stretch=1.35, climb=0.25)),
    (
        Look(stretch=1.7, climb=-0.4), Look(stretch=0.6), Look(stretch=1.7, climb=0.4), Look(climb=-0.4),
        Look(stretch=1.7), Look(top=0.1, bottom=0.9), Look(climb=0.55), Look(climb=-0.7), Look(stretch=0.75),
    ),
)  # fmt: skip
# Likewise, for the pieces of pages: a detector boxes them better than people crop words. These are few, and a
# page has too few doubtful pieces for two batches.
OF_PAGES = (
    (
        Look(stretch=1.7), Look(climb=-0.4), Look(top=0.2), Look(stretch=0.75), Look(climb=0.4),
        Look(stretch=1.35),
    ),
)  # fmt: skip


def seen_at(reading: Reading, factor: float, offset: float = 0.0) -> Reading:
    """A reading of another strip with its places brought back: pixels times ``factor``, plus ``offset``."""
    chars = (
        replace(char, start=char.start * factor + offset, end=char.end * factor + offset)
        for char in reading.chars
    )
    lattice = reading.lattice and replace(
        reading.lattice, pitch=reading.lattice.pitch * factor, start=reading.lattice.start * factor + offset
    )
    return replace(reading, chars=tuple(chars), lattice=lattice)


def agree(readings: Sequence[Reading]) -> bool:
    """Whether there are several readings, and all say the same, letter case aside."""
    return len(readings) > 1 and len({reading.text.casefold() for reading in readings}) == 1


def vote(readings: Sequence[Reading]) -> Reading:
    """What most of the weight is for, letter case aside; as the surest of its voters has it.

    It is less sure the more votes went elsewhere: what is no text is read differently at each look.
    """
    weights: dict[str, float] = {}
    surest: dict[str, Reading] = {}
    for reading in readings:
        key = reading.text.casefold()
        if not key:
            continue
        weights[key] = weights.get(key, 0.0) + reading.confidence**POWER
        if key not in surest or surest[key].confidence < reading.confidence:
            surest[key] = reading
    if not weights:
        return readings[0]
    winner = max(weights, key=lambda key: weights[key])
    factor = (weights[winner] / sum(weights.values())) ** DISSENT
    return less_sure(surest[winner], factor)


def less_sure(reading: Reading, factor: float) -> Reading:
    """The reading with the confidence of each character times ``factor``."""
    return as_reading(tuple(replace(char, confidence=char.confidence * factor) for char in reading.chars))

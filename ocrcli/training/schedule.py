"""How far a run is, and the learning rate there."""

from __future__ import annotations

import math
from dataclasses import dataclass

LAST_RATE = 0.01  # the rate ends at this share of its peak


@dataclass(frozen=True)
class Limits:
    """What ends a run; ``None`` does not. The nearest one drives the schedule."""

    steps: int | None = None
    seconds: float | None = None
    samples: int | None = None

    def progress(self, steps: int, seconds: float, samples: int) -> float:
        """Share of the run that is done, 0 to 1."""
        done = [
            value / limit
            for value, limit in ((steps, self.steps), (seconds, self.seconds), (samples, self.samples))
            if limit
        ]
        return min(max(done, default=0.0), 1.0)


def rate(progress: float, warmup: float) -> float:
    """Factor of the peak rate: linear climb, then half a cosine (Loshchilov 2017)."""
    if progress < warmup:
        return LAST_RATE + (1 - LAST_RATE) * progress / warmup
    fall = (progress - warmup) / max(1 - warmup, 1e-9)
    return LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * min(fall, 1.0)))

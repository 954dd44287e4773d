"""The renderers as picklable factories: a render worker builds its renderer from one of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class RenderedWords:
    """Builds a ``WordRenderer`` with the training fonts, or with the held-out ones.

    ``fonts`` are folders, empty: the system's; ``backgrounds`` is a folder of photographs;
    ``scenes`` and ``lines`` are the shares of ``WordRenderer``, None: its own.
    """

    alphabet: str
    fonts: tuple[Path, ...] = ()
    backgrounds: Path | None = None
    held_out: bool = False
    scenes: float | None = None
    lines: float | None = None

    def __call__(self) -> Callable[[np.random.Generator], Any]:
        """The renderer: ``rng → WordSample``."""
        from ocrcli.alphabet import Alphabet
        from ocrcli.synth.fonts import FontLibrary
        from ocrcli.synth.words import WordRenderer

        training, held_out = FontLibrary.discover(self.fonts or None).split()
        fonts = held_out if self.held_out else training
        renderer = WordRenderer(fonts, Alphabet(self.alphabet), backgrounds=self.backgrounds)
        if self.scenes is not None:
            renderer.scene = self.scenes
        if self.lines is not None:
            renderer.lines = self.lines
        return renderer.render

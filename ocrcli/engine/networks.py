"""The word networks that share the reading, each opened when it is first needed.

``lines`` reads the lines of pages and images of one word as far as they are clear, which most are;
``careful`` reads the lines that it doubts, and those of pages that have few; ``words`` the images of one word
that it doubts, ``blurred`` pages that are hard to read as a whole. All have the same alphabet. On a GPU one
network does it all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Literal, get_args

from ocrcli.engine.model import Model
from ocrcli.engine.weights import variant
from ocrcli.errors import ModelError

Role = Literal["lines", "careful", "words", "blurred"]
# Temperature of the careful network over that of its card: what another network doubted is harder than what a
# card's temperature is chosen on. From 1.25 to 1.5 photographs and receipts are read alike, at 1 worse.
CALM = 1.35


class Networks:
    """Models by their role. Safe to use from several threads."""

    def __init__(self, opening: Mapping[Role, Callable[[], Model]]) -> None:
        self._opening = dict(opening)
        self._open: dict[Role, Model] = {}
        self._lock = threading.RLock()

    @classmethod
    def of(cls, model: Model) -> Networks:
        """One model for everything."""
        return cls(dict.fromkeys(get_args(Role), lambda: model))

    @classmethod
    def beside(cls, path: Path) -> Networks:
        """A model file with those of its variants that lie beside it, on the processor.

        ``word.int8.onnx`` is a slimmer one in 8 bits, three times as fast; ``word.scene.onnx`` a larger one
        that was taught more words of signs than lines, ``word.blurred.onnx`` one that was taught small
        print in photographs.
        """
        quick = variant(path, "int8") or path
        paths: dict[Role, Path] = {
            "lines": quick,
            "careful": path,
            "words": variant(path, "scene") or quick,
            "blurred": variant(path, "blurred") or path,
        }
        # One thread a run, several runs side by side: see recogniser.py.
        load = cache(partial(Model.load, task="word", threads=1, device="cpu"))
        loads = {file: partial(load, file) for file in paths.values()}
        opening: dict[Role, Callable[[], Model]] = {role: loads[file] for role, file in paths.items()}
        if quick != path:
            opening["careful"] = lambda: _calmed(load(path))
        return cls(opening)

    def __getitem__(self, role: Role) -> Model:
        """The model of a role. Raises ModelError when it cannot be opened, or has another alphabet."""
        with self._lock:
            if role not in self._open:
                model, others = self._opening[role](), list(self._open.values())
                if others and others[0].card.alphabet != model.card.alphabet:
                    raise ModelError(f"{model.path}: has another alphabet than {others[0].path} beside it")
                self._open[role] = model
            return self._open[role]

    def share(self, one: Role, other: Role) -> bool:
        """Whether two roles have the same model, be it open or not."""
        return self._opening[one] is self._opening[other]

    @property
    def any(self) -> Model:
        """One that is open already, where there is one: for what they have in common."""
        with self._lock:
            return next(iter(self._open.values()), None) or self["lines"]


def _calmed(model: Model) -> Model:
    calmed = copy(model)
    calmed.card = replace(model.card, temperature=CALM * model.card.temperature)
    return calmed

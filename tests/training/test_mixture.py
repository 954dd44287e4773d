"""The mixture of strips that ``ocr train word --scenes --lines`` renders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocrcli.alphabet import PRINTED_ENGLISH
from ocrcli.datasets.rendered import RenderedWords
from ocrcli.synth.words import WordRenderer
from ocrcli.training.settings import TrainSettings
from ocrcli.training.word import WordTask


def test_shares_reach_the_renderer_that_trains_and_not_the_one_that_judges() -> None:
    task = WordTask(TrainSettings(Path("run"), scenes=0.8, lines=0.1))
    assert (task.renderer().scenes, task.renderer().lines) == (0.8, 0.1)
    assert (task.renderer(held_out=True).scenes, task.renderer(held_out=True).lines) == (None, None)


@pytest.mark.parametrize(("lines", "spaced"), [(0.0, (0, 12)), (1.0, (45, 60))])
def test_shares_decide_what_is_rendered(
    lines: float, spaced: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scenes = 0
    scene = WordRenderer._scene

    def counted(self, rng, whole_line):
        nonlocal scenes
        scenes += 1
        return scene(self, rng, whole_line)

    monkeypatch.setattr(WordRenderer, "_scene", counted)
    # Examining all fonts of a machine may take minutes; the built-in face will do.
    render = RenderedWords(PRINTED_ENGLISH, (tmp_path,), scenes=0.0, lines=lines)()
    texts = [render(np.random.default_rng([7, i])).text for i in range(60)]
    low, high = spaced
    assert low <= sum(" " in text for text in texts) <= high
    assert scenes == 0

"""Printed numbers in Pillow's own face: quick to render, and needs no fonts of the system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocrcli.datasets.words import LabelledStrip, RendererFactory
from ocrcli.training.settings import TrainSettings
from ocrcli.training.word import WordTask

DIGITS = "0123456789"


def render_number(rng: np.random.Generator, longest: int = 4) -> LabelledStrip:
    """One to ``longest`` digits, dark on light, at a slightly varying place and size."""
    text = "".join(rng.choice(list(DIGITS), size=int(rng.integers(1, longest + 1))))
    font = ImageFont.load_default(float(rng.uniform(20, 26)))
    width = round(font.getlength(text)) + 8
    image = Image.new("L", (width, 32), int(rng.integers(180, 256)))
    offset = (float(rng.uniform(1, 6)), float(rng.uniform(0, 5)))
    ImageDraw.Draw(image).text(offset, text, fill=int(rng.integers(0, 80)), font=font)
    return LabelledStrip(np.asarray(image), text)


@dataclass(frozen=True)
class Numbers:
    """The renderer as a picklable factory."""

    longest: int = 4

    def __call__(self) -> Callable[[np.random.Generator], LabelledStrip]:
        return lambda rng: render_number(rng, self.longest)


class NumberTask(WordTask):
    """The word task on printed numbers."""

    def renderer(self, held_out: bool = False) -> RendererFactory:
        return Numbers()


def number_settings(run_dir: Path, **changes: Any) -> TrainSettings:
    """A tiny network and few samples, all in this process."""
    values: dict[str, Any] = {
        "run_dir": run_dir,
        "steps": 8,
        "size": "tiny",
        "alphabet": DIGITS,
        "batch_size": 4,
        "chunk": 12,
        "echo": 2,
        "workers": 0,
        "held_out": 8,
        "device": "cpu",
    }
    return TrainSettings(**{**values, **changes})


def write_numbers(folder: Path, count: int = 24) -> Path:
    """A labelled folder of printed numbers; the path of its labels.tsv."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for i in range(count):
        sample = render_number(np.random.default_rng(i))
        Image.fromarray(sample.strip).save(folder / f"{i}.png")
        rows.append(f"{i}.png\t{sample.text}\n")
    (folder / "labels.tsv").write_text("".join(rows))
    return folder / "labels.tsv"

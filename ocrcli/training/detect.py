"""Training the text-line detector: loss on kernel and threshold maps, boxes on held-out pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from ocrcli.datasets.mixing import set_name
from ocrcli.datasets.pages import PageRecipe, Part, RenderedPages, StoredPages
from ocrcli.datasets.store import is_store
from ocrcli.engine.detector import DECODING, LineDetector, to_input
from ocrcli.modelcard import InputContract, ModelCard
from ocrcli.nets.dbnet import MAP_STRIDE, PIXEL_MULTIPLE, DBNet
from ocrcli.scoring.labels import read_pages
from ocrcli.training.detect_loss import detection_loss
from ocrcli.training.detect_scores import PageSet, judge_pages
from ocrcli.training.detect_targets import SHRINK
from ocrcli.training.task import Batch, Task

HELD_OUT_CHUNK = 1 << 30  # a chunk number that training never reaches
HELD_OUT_PAGES = 16  # rendered pages that judge, at most: each is a whole page, not a strip
DEV_PAGES = 24  # pages of each development set that judge; more would take longer than they tell
# Second sight of a crop: half-widths, in units of the full range; shares of crops, and of batches for noise.
GAMMA, CONTRAST, BRIGHTNESS = 0.4, 0.3, 0.15
INVERTED, NOISY, NOISE = 0.1, 0.3, 0.06


class DetectTask(Task):
    """DBNet over crops of pages."""

    name = "detect"
    # 8 crops of 512 × 512 a step; 48 pages make about 290 crops.
    defaults: ClassVar = {"batch_size": 8, "lr": 1.5e-3, "clip": 1.0, "echo": 2, "chunk": 48, "size": "small"}
    calibration = 12  # pages, six crops of each
    output_name = "probability"
    dynamic_axes: ClassVar = {
        "image": {0: "batch", 2: "height", 3: "width"},
        "probability": {0: "batch", 2: "map_height", 3: "map_width"},
    }

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self._held_out: dict[str, PageSet] | None = None

    def network(self) -> nn.Module:
        """DBNet of the size in the settings."""
        return DBNet(self.size)

    def recipe(self) -> PageRecipe:
        """Crops of rendered and of labelled pages."""
        settings = self.settings
        renderer = self._renderer() if settings.synth else None
        data, weights = settings.data, settings.weights
        weights = weights or ((1.0,) * len(data) if any(map(is_store, data)) else ())
        part: Part = "all" if settings.dev else "training"
        return PageRecipe(
            settings.batch_size or 1,
            renderer,
            data,
            settings.data_share,
            weights=weights,
            data_part=part,
        )

    def _renderer(self, held_out: bool = False) -> RenderedPages:
        return RenderedPages(self.settings.fonts, self.settings.backgrounds, held_out)

    def loss(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """See ``detect_loss.py``."""
        logits = network(batch["image"]).float()  # (N, 2, H/4, W/4)
        return detection_loss(logits, batch["maps"])

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Other colours; the maps stay."""
        return {**batch, "image": recolour(batch["image"], generator)}

    # --- evaluation -----------------------------------------------------------------------

    def held_out(self) -> dict[str, PageSet]:
        """The pages that judge, by set: each ``--dev`` file, and rendered pages in unseen fonts.

        Without ``--dev`` the held-out part of each store.
        """
        if self._held_out is None:
            settings = self.settings
            sets = {set_name(path): _load(path, "all") for path in settings.dev}
            if not sets:
                sets = {set_name(path): _load(path, "held-out") for path in settings.data if is_store(path)}
            count = min(self.settings.held_out, HELD_OUT_PAGES)
            if self.settings.synth and count:
                render = self._renderer(held_out=True)()
                seeds = ([self.settings.seed, HELD_OUT_CHUNK, i] for i in range(count))
                pages = [render(np.random.default_rng(seed)) for seed in seeds]
                sets["rendered"] = PageSet(pages, by_line=True)
            self._held_out = sets
        return self._held_out

    def evaluate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """H-mean of boxes (and F1 of kernel pixels) of each held-out set; the score is the mean H-mean."""

        detector = LineDetector(_Running(network, device, self.card()))
        scores: dict[str, float] = {}
        for name, pages in self.held_out().items():
            scores.update({f"{name}/{key}": value for key, value in judge_pages(detector, pages).items()})
        hmeans = [value for key, value in scores.items() if key.endswith("/hmean")]
        return {"score": float(np.mean(hmeans)), **scores} if hmeans else {}

    # --- export ---------------------------------------------------------------------------

    def card(self) -> ModelCard:
        """Input, stride and thresholds."""
        return ModelCard(
            task="detect",
            architecture=f"dbnet-{self.size}",
            input=InputContract(3, None, None, PIXEL_MULTIPLE),
            stride=MAP_STRIDE,
            decoding={**DECODING, "shrink": SHRINK},
        )

    def describe_data(self) -> dict[str, Any]:
        """Sources of the pages."""
        sources = [f"{set_name(path)} (labelled)" for path in self.settings.data]
        return {"sources": sources + (["rendered pages"] if self.settings.synth else [])}

    def example_inputs(self) -> list[Tensor]:
        """Parts of held-out pages in several shapes, or noise where there are none."""
        rng = np.random.default_rng(0)
        pages = [page.pixels for chosen in self.held_out().values() for page in chosen.pages[:2]]
        pages = pages or [rng.integers(0, 256, (480, 640, 3), np.uint8)]
        shapes = [(1, 64, 320), (1, 640, 480), (2, 256, 256), (1, 1248, 864)]
        inputs = []
        for i, (count, height, width) in enumerate(shapes):
            page = pages[i % len(pages)]
            part = to_input(page[:height, :width], 1.0).image  # (1, 3, ≤ height, ≤ width)
            inputs.append(torch.from_numpy(np.repeat(part, count, 0)))
        return inputs

    def agreement(self, expected: np.ndarray, found: np.ndarray) -> float:
        """Intersection over union of the text, without the pixels that lie on the threshold."""
        level = DECODING["threshold"]
        clear = np.abs(expected - level) > 0.01  # far more than float32 differs by
        wanted, got = (expected > level)[clear], (found > level)[clear]
        either = int((wanted | got).sum())
        return int((wanted & got).sum()) / either if either else 1.0


def _load(path: Path, part: Part) -> PageSet:
    """Some pages of a set; those of a store are labelled by line."""
    if is_store(path):
        return PageSet(StoredPages(path, part).spread(DEV_PAGES), by_line=True)
    return PageSet.load(read_pages(path, DEV_PAGES))


@dataclass(frozen=True)
class _Running:
    """A network in training, in the place of the engine's ``Model``."""

    network: nn.Module
    device: torch.device
    card: ModelCard

    def run(self, array: np.ndarray) -> np.ndarray:
        """uint8 (N, 3, H, W) → probabilities (N, 1, H/4, W/4)."""
        image = torch.from_numpy(array).to(self.device)
        with torch.no_grad():
            return self.network(image).float().cpu().numpy()


def recolour(image: Tensor, generator: torch.Generator) -> Tensor:
    """Other contrast, brightness and gamma, noise, at times a negative: ``uint8 (N, 3, H, W)`` → the same."""
    n = len(image)

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(n, 1, 1, 1).uniform_(low, high, generator=generator).to(image.device)

    x = image.float().div_(255).pow_(torch.exp(uniform(-GAMMA, GAMMA)))
    x = (x - 0.5).mul_(1 + uniform(-CONTRAST, CONTRAST)).add_(0.5 + uniform(-BRIGHTNESS, BRIGHTNESS))
    x = torch.where(uniform(0, 1) < INVERTED, 1 - x, x)
    if float(torch.empty(1).uniform_(generator=generator)) < NOISY:
        grain = torch.empty(n, 1, *image.shape[2:]).normal_(generator=generator).to(image.device)
        x = x.add_(grain * uniform(0, NOISE))
    return x.clamp_(0, 1).mul_(255).round_().to(torch.uint8)

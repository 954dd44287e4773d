"""Pages with line quads as training batches for the text-line detector: rendered, labelled, stored.

A sample is one page, cut into CROPS random crops in the worker that made it, with the maps that the
detector learns from them. Torch-free: render workers import it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from ocrcli.datasets.crops import CROP, LabelledPage, random_crop
from ocrcli.datasets.stream import Chunk, Recipe
from ocrcli.errors import InputError
from ocrcli.scoring.labels import TruthPage, read_pages
from ocrcli.training.detect_targets import STRIDE, draw_targets

CROPS = 6  # of one page; a page at reading size holds 6 – 8 crops that hardly overlap
MEGAPIXELS = (0.4, 1.8)  # of a rendered page: an A4 page at 75 … 135 dpi
HELD_OUT_PART = 20  # one page of a store in so many judges the training when no --dev does
Part = Literal["all", "training", "held-out"]
PageSource = Callable[[np.random.Generator], LabelledPage]
RendererFactory = Callable[[], PageSource]


@dataclass(frozen=True)
class RenderedPages:
    """Builds a ``PageRenderer`` with the training fonts, or with the held-out ones."""

    fonts: tuple[Path, ...] = ()
    backgrounds: Path | None = None
    held_out: bool = False

    def __call__(self) -> PageSource:
        """A source of pages for this process."""
        from ocrcli.synth.fonts import FontLibrary
        from ocrcli.synth.pages import PageRenderer

        training, held_out = FontLibrary.discover(self.fonts or None).split()
        fonts = held_out if self.held_out else training
        renderer = PageRenderer(fonts, backgrounds=self.backgrounds, size=MEGAPIXELS)
        return lambda rng: of_sample(renderer.render(rng))


def of_sample(sample: Any) -> LabelledPage:
    """A rendered ``PageSample`` as a labelled page; nothing on it is unreadable."""
    quads = np.asarray(sample.quads, np.float32).reshape(-1, 4, 2)
    return LabelledPage(sample.image, quads, np.zeros(len(quads), bool))


def load_page(page: TruthPage) -> LabelledPage:
    """Pixels and quads of a page of a ``pages.jsonl``; words without a quad are left out."""
    words = [word for word in page.words if word.quad is not None]
    quads = np.array([word.quad for word in words], np.float32).reshape(-1, 4, 2)
    return LabelledPage(load_pixels(page.image), quads, np.array([word.ignore for word in words], bool))


@lru_cache(maxsize=64)
def load_pixels(path: Path) -> np.ndarray:
    """RGB pixels (H, W, 3) uint8 of an image file. Raises InputError."""
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError) as error:
        raise InputError(f"{path}: cannot read the image ({error})") from error


class LabelledPages:
    """Random pages of labelled sets: ``rng → LabelledPage``."""

    def __init__(self, labels: Sequence[Path]) -> None:
        self.pages = [page for path in labels for page in read_pages(path)]

    def __len__(self) -> int:
        return len(self.pages)

    def __call__(self, rng: np.random.Generator) -> LabelledPage:
        """One page of the sets, all alike likely."""
        return load_page(self.pages[int(rng.integers(len(self.pages)))])


class StoredPages:
    """Random pages of a store: ``rng → LabelledPage``.

    ``part`` is "all", or one of two: "held-out", the last twentieth of a store that is not small, and
    "training", the others.
    """

    def __init__(self, path: Path, part: Part = "all") -> None:
        from ocrcli.datasets.pagestore import PageStore

        self.store = PageStore(path)
        count = len(self.store)
        held = count // HELD_OUT_PART if part != "all" else 0
        self.rows = range(count - held, count) if part == "held-out" else range(count - held)

    def __len__(self) -> int:
        return len(self.rows)

    def __call__(self, rng: np.random.Generator) -> LabelledPage:
        """One page, all alike likely."""
        return self.load(self.rows[int(rng.integers(len(self.rows)))])

    def spread(self, most: int) -> list[LabelledPage]:
        """Pages evenly spread over the part, ``most`` of them."""
        chosen = np.unique(np.linspace(0, len(self) - 1, min(most, len(self))).astype(int))
        return [self.load(self.rows[i]) for i in chosen.tolist()]

    def load(self, row: int) -> LabelledPage:
        """The lines of a page of the store."""
        page = self.store.read(row)
        return LabelledPage(page.pixels(), page.line_quads, page.ignore)


class MixedPages:
    """Random pages of several sets by their weights: ``rng → LabelledPage``."""

    def __init__(self, sources: Sequence[PageSource], weights: Sequence[float]) -> None:
        self.sources, self.weights = list(sources), np.asarray(weights, float) / np.sum(weights)

    def __call__(self, rng: np.random.Generator) -> LabelledPage:
        """One page."""
        return self.sources[int(rng.choice(len(self.sources), p=self.weights))](rng)


def open_pages(path: Path, part: Part) -> StoredPages | LabelledPages:
    """A store or a ``pages.jsonl``, of which all is one part. Raises InputError."""
    from ocrcli.datasets.store import is_store

    return StoredPages(path, part) if is_store(path) else LabelledPages([path])


@dataclass(frozen=True)
class PageRecipe(Recipe):
    """Crops of pages from a renderer, from labelled sets and stores, or mixed by ``data_share``.

    ``weights``, one for each of ``data``, are their shares among each other; without them all pages of all
    files are as likely.
    """

    batch_size: int
    renderer: RendererFactory | None = None
    data: tuple[Path, ...] = ()
    data_share: float = 0.5
    crops: int = CROPS
    weights: tuple[float, ...] = ()
    data_part: Part = "all"

    def open(self) -> Callable[[np.random.Generator], list[LabelledPage]]:
        """``rng → crops of one page``."""
        labelled: PageSource | None = LabelledPages(self.data) if self.data and not self.weights else None
        if self.weights:
            labelled = MixedPages([open_pages(path, self.data_part) for path in self.data], self.weights)
        rendered = self.renderer() if self.renderer else None

        def sample(rng: np.random.Generator) -> list[LabelledPage]:
            real = rendered is None or rng.random() < self.data_share
            source = labelled if labelled and real else rendered
            if source is None:
                raise ValueError("a recipe needs a renderer or data")
            page = source(rng)
            return [random_crop(page, rng) for _ in range(self.crops)]

        return sample

    def pack(self, samples: list[list[LabelledPage]]) -> Chunk:
        """Pixels ``(n, S, S, 3)`` and maps ``(n, 3, S/4, S/4)``, uint8."""
        crops = [crop for sample in samples for crop in sample]
        size = CROP // STRIDE
        maps = [draw_targets(crop.quads, crop.ignore, CROP, CROP).stack() for crop in crops]
        return {
            "pixels": np.array([crop.pixels for crop in crops], np.uint8).reshape(-1, CROP, CROP, 3),
            "maps": np.array(maps, np.uint8).reshape(-1, 3, size, size),
        }

    def collate(self, chunk: Chunk, indices: np.ndarray) -> dict[str, np.ndarray]:
        """``image`` (n, 3, S, S) and ``maps`` (n, 3, S/4, S/4)."""
        # The transposed view keeps the channels last in memory, as the convolutions like it.
        return {"image": chunk["pixels"][indices].transpose(0, 3, 1, 2), "maps": chunk["maps"][indices]}

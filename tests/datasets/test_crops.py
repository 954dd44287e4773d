"""Crops keep text and quads together, whatever is done to the page."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrcli.datasets.crops import CROP, LabelledPage, random_crop, spoil
from ocrcli.datasets.pages import LabelledPages, PageRecipe, load_page
from ocrcli.engine.polygons import quad_sides
from ocrcli.errors import InputError
from ocrcli.scoring.labels import read_pages


def page(height: int = 700, width: int = 900) -> LabelledPage:
    """Black bars on white, each a "line"."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    quads = []
    for y in range(40, height - 40, 45):
        pixels[y : y + 18, 50 : width - 50] = 0
        quads.append([[50, y], [width - 50, y], [width - 50, y + 18], [50, y + 18]])
    lines = np.array(quads, np.float32)
    return LabelledPage(pixels, lines, np.zeros(len(lines), bool))


def test_quads_follow_the_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocrcli.datasets.crops.spoil", lambda pixels, rng: pixels)
    inside = outside = 0
    for seed in range(30):
        crop = random_crop(page(), np.random.default_rng(seed))
        assert crop.pixels.shape == (CROP, CROP, 3)
        for quad, height in zip(crop.quads, quad_sides(crop.quads).min(-1), strict=True):
            middle = quad.mean(0)
            beyond = middle + (quad[3] - quad[0]) / height * (height * 0.5 + 3 + 0.3 * height)
            for point, dark in ((middle, True), (beyond, False)):
                x, y = np.floor(point).astype(int)
                if height > 4 and 0 <= x < CROP and 0 <= y < CROP and crop.pixels[y, x].std() < 1:
                    value = crop.pixels[y, x].mean()
                    assert value < 110 if dark else value > 60 or _filled(crop)
                    inside, outside = inside + dark, outside + (not dark)
    assert inside > 60 and outside > 60


def _filled(crop: LabelledPage) -> bool:
    """Whether anything but the page shows: then what is beyond a line may have any colour."""
    return bool((crop.pixels[[0, 0, -1, -1], [0, -1, 0, -1]].mean(-1) < 250).any())


def test_most_crops_hold_text_of_many_heights() -> None:
    crops = [random_crop(page(), np.random.default_rng(seed)) for seed in range(60)]
    assert np.mean([len(crop.quads) > 0 for crop in crops]) > 0.9
    heights = np.concatenate([quad_sides(crop.quads).min(-1) for crop in crops if len(crop.quads)])
    assert heights.min() < 12
    assert heights.max() > 60


def test_the_same_seed_gives_the_same_crop() -> None:
    first, second = (random_crop(page(), np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.quads, second.quads)


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (40, 40)])
def test_tiny_and_empty_pages_can_be_cropped(size: tuple[int, int]) -> None:
    empty = LabelledPage(np.zeros((*size, 3), np.uint8), np.zeros((0, 4, 2), np.float32), np.zeros(0, bool))
    for seed in range(10):
        crop = random_crop(empty, np.random.default_rng(seed))
        assert crop.pixels.shape == (CROP, CROP, 3)
        assert len(crop.quads) == 0


def test_spoiling_keeps_shape_and_type() -> None:
    pixels = page().pixels[:CROP, :CROP]
    for seed in range(20):
        spoilt = spoil(pixels, np.random.default_rng(seed))
        assert spoilt.shape == pixels.shape
        assert spoilt.dtype == np.uint8


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    drawn = page()
    Image.fromarray(drawn.pixels).save(tmp_path / "page.png")
    words = [{"text": "bar", "quad": quad.tolist()} for quad in drawn.quads]
    words.append({"text": "###", "quad": drawn.quads[0].tolist(), "ignore": True})
    words.append({"text": "without a place"})
    record = {"image": "page.png", "words": words, "text": "bars"}
    (tmp_path / "pages.jsonl").write_text(json.dumps(record) + "\n")
    return tmp_path / "pages.jsonl"


def test_labelled_pages_become_batches(labels: Path) -> None:
    recipe = PageRecipe(4, None, (labels,), crops=3)
    sample = recipe.open()
    chunk = recipe.join([recipe.pack([sample(np.random.default_rng(i))]) for i in range(3)])
    assert recipe.length(chunk) == 9
    batches = recipe.batches(chunk, np.random.default_rng(0))
    batch = recipe.collate(chunk, batches[0])
    assert batch["image"].shape == (4, 3, CROP, CROP)
    assert batch["maps"].shape == (4, 3, CROP // 4, CROP // 4)
    assert batch["maps"][:, 0].max() > 200


def test_a_rendered_and_a_labelled_source_are_mixed(labels: Path) -> None:
    dark = LabelledPage(np.zeros((600, 600, 3), np.uint8), np.zeros((0, 4, 2), np.float32), np.zeros(0, bool))
    sample = PageRecipe(4, lambda: lambda rng: dark, (labels,), data_share=0.5, crops=1).open()
    empty = [len(sample(np.random.default_rng(seed))[0].quads) == 0 for seed in range(40)]
    assert 8 < sum(empty) < 36


def test_unreadable_words_are_ignored_and_words_without_a_place_left_out(labels: Path) -> None:
    loaded = load_page(read_pages(labels)[0])
    assert loaded.ignore.sum() == 1
    assert len(loaded.quads) == len(page().quads) + 1
    assert len(LabelledPages([labels])) == 1


def test_a_damaged_image_is_named(labels: Path) -> None:
    (labels.parent / "page.png").write_bytes(b"not a picture")
    with pytest.raises(InputError, match=r"page\.png"):
        load_page(read_pages(labels)[0])

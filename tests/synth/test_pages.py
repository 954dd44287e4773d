"""Whole pages: the truth agrees with the picture, for every kind and every view."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.pages import DEFAULT_KINDS, PageRenderer, PageSample, render_clean_a4

FLAT_KINDS = [kind for kind in DEFAULT_KINDS if kind not in {"scene", "empty"}]


@pytest.fixture(scope="module")
def fonts() -> FontLibrary:
    return FontLibrary.built_in()


@pytest.fixture(scope="module")
def renderer(fonts: FontLibrary) -> PageRenderer:
    return PageRenderer(fonts, size=(0.1, 0.25))


@pytest.fixture(scope="module")
def samples(renderer: PageRenderer) -> dict[str, list[PageSample]]:
    return {
        kind: [renderer.render_kind(np.random.default_rng([seed, 5]), kind) for seed in range(4)]
        for kind in DEFAULT_KINDS
    }


def covered(quads: np.ndarray, shape: tuple[int, ...], grow: float = 0.0) -> np.ndarray:
    """Mask of the pixels inside any quad, each grown by ``grow`` pixels."""
    mask = Image.new("L", (shape[1], shape[0]), 0)
    pen = ImageDraw.Draw(mask)
    for quad in quads:
        points = [tuple(p) for p in quad.tolist()]
        pen.polygon(points, 255)
        if grow:
            pen.line([*points, points[0]], 255, round(2 * grow))
    return np.asarray(mask) > 0


@pytest.mark.parametrize("kind", DEFAULT_KINDS)
def test_truth_is_well_formed(samples: dict[str, list[PageSample]], kind: str) -> None:
    for sample in samples[kind]:
        height, width = sample.image.shape[:2]
        assert sample.image.dtype == np.uint8 and sample.image.shape == (height, width, 3)
        assert sample.quads.dtype == np.float32 and sample.quads.shape == (len(sample.texts), 4, 2)
        assert len(sample.words) == len(sample.blocks) == len(sample.texts)
        assert (sample.quads > -3).all() and (sample.quads < [width + 3, height + 3]).all()
        for text, words in zip(sample.texts, sample.words, strict=True):
            assert text and text == " ".join(word for word, _ in words)
            assert all(quad.shape == (4, 2) and quad.dtype == np.float32 for _, quad in words)


@pytest.mark.parametrize("kind", DEFAULT_KINDS)
def test_quads_run_clockwise_and_have_an_area(samples: dict[str, list[PageSample]], kind: str) -> None:
    for sample in samples[kind]:
        sides = np.roll(sample.quads, -1, 1) - sample.quads
        after = np.roll(sides, -1, 1)
        assert (sides[..., 0] * after[..., 1] - sides[..., 1] * after[..., 0] > 0).all()


@pytest.mark.parametrize("kind", DEFAULT_KINDS)
def test_the_generator_alone_decides_the_page(fonts: FontLibrary, kind: str) -> None:
    first, second = (
        PageRenderer(fonts, size=(0.1, 0.2)).render_kind(np.random.default_rng(11), kind) for _ in range(2)
    )
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.quads, second.quads)
    assert first.text == second.text


def test_other_seeds_give_other_pages(renderer: PageRenderer) -> None:
    texts = {renderer.render_kind(np.random.default_rng(seed), "letter").text for seed in range(5)}
    assert len(texts) == 5


@pytest.mark.parametrize("kind", sorted(set(FLAT_KINDS) - {"note"}))
def test_lines_of_a_row_keep_apart(fonts: FontLibrary, kind: str) -> None:
    """Cells, labels and values that are lines of their own have a gap that a reader sees."""
    renderer = PageRenderer(fonts, size=(0.3, 0.5), degrade=False)
    for seed in range(3):
        quads = renderer.render_kind(np.random.default_rng([seed, 3]), kind).quads
        left, top = quads[..., 0].min(1), quads[..., 1].min(1)
        right, bottom = quads[..., 0].max(1), quads[..., 1].max(1)
        for i in range(len(quads)):
            level = (np.minimum(bottom, bottom[i]) - np.maximum(top, top[i])) > 0.6 * (bottom[i] - top[i])
            beside = level & (left > left[i])
            beside[i] = False
            if beside.any():
                assert (left[beside] - right[i]).min() > 0.5 * (bottom[i] - top[i])


def test_lines_do_not_lie_on_each_other(samples: dict[str, list[PageSample]]) -> None:
    for kind in ("letter", "book", "columns", "receipt"):
        for sample in samples[kind]:
            height, width = sample.image.shape[:2]
            layers = np.zeros((height, width), dtype=np.int32)
            for quad in sample.quads:
                layers += covered(quad[None], (height, width))
            assert (layers > 1).sum() < 0.1 * max((layers > 0).sum(), 1)  # edges share pixels


def test_page_text_joins_lines_and_blocks(samples: dict[str, list[PageSample]]) -> None:
    for kind in FLAT_KINDS:
        for sample in samples[kind]:
            assert sample.text.replace("\n\n", "\n").split("\n") == (sample.texts or [""])
            changes = sum(a != b for a, b in zip(sample.blocks, sample.blocks[1:], strict=False))
            assert sample.text.count("\n\n") == changes


def test_empty_pages_hold_no_lines(samples: dict[str, list[PageSample]]) -> None:
    assert all(len(sample.quads) == 0 and sample.text == "" for sample in samples["empty"])


def test_kinds_are_drawn_by_their_weights(fonts: FontLibrary) -> None:
    only_empty = PageRenderer(fonts, size=(0.05, 0.06), kinds={"empty": 1.0, "letter": 0.0})
    assert all(not only_empty.render(np.random.default_rng(seed)).texts for seed in range(6))
    with pytest.raises(ValueError, match="poem"):
        PageRenderer(fonts, kinds={"poem": 1.0})


def test_areas_stay_within_the_asked_range(fonts: FontLibrary) -> None:
    renderer = PageRenderer(fonts, size=(0.1, 0.15))
    for seed in range(8):
        pixels = renderer.render(np.random.default_rng(seed)).image.shape
        assert 0.09e6 < pixels[0] * pixels[1] < 0.16e6


@pytest.mark.parametrize("columns", [1, 2])
def test_clean_a4_has_all_its_ink_inside_the_quads(fonts: FontLibrary, columns: int) -> None:
    sample = render_clean_a4(np.random.default_rng(2), fonts, dpi=100, columns=columns)
    assert sample.image.shape == (1169, 827, 3)
    assert 45 * columns <= len(sample.texts) <= 55 * columns
    dark = sample.image[..., 0] < 128
    assert (dark & covered(sample.quads, dark.shape, grow=1)).sum() > 0.995 * dark.sum()
    for quad in sample.quads:
        x0, y0, x1, y1 = *np.floor(quad[0]).astype(int), *np.ceil(quad[2]).astype(int)
        columns_with_ink = np.flatnonzero((sample.image[y0:y1, x0:x1, 0] < 240).any(0))
        assert columns_with_ink[0] <= 3 and columns_with_ink[-1] >= x1 - x0 - 4  # tight at both ends


def test_word_quads_tile_their_line(fonts: FontLibrary) -> None:
    sample = render_clean_a4(np.random.default_rng(3), fonts, dpi=100)
    for quad, words in zip(sample.quads, sample.words, strict=True):
        boxes = np.stack([box for _, box in words])
        assert np.allclose(boxes[0, 0], quad[0]) and np.allclose(boxes[-1, 1], quad[1])
        assert (boxes[1:, 0, 0] > boxes[:-1, 1, 0]).all()

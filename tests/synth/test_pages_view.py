"""Views of a sheet: pixels and quads go through one and the same map."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.runs import Lines
from ocrcli.synth.layouts.typeset import Type, type_at
from ocrcli.synth.layouts.view import View, between, curled, identity, photographed, skewed

WIDTH, HEIGHT = 400, 300


@pytest.fixture(scope="module")
def type_() -> Type:
    return type_at(FontLibrary.built_in().faces[0], 22)


def written(type_: Type) -> Sheet:
    sheet = Sheet(WIDTH, HEIGHT)
    for i, text in enumerate(["Happy gypsies", "jumped quickly", "by the big dock"]):
        sheet.text(60 + 30 * i, 80 + 60 * i, text, type_)
    return sheet


def views() -> dict[str, View]:
    rng = np.random.default_rng(4)
    plain = skewed(WIDTH, HEIGHT, 1.0)
    return {
        "flat": identity(WIDTH, HEIGHT),
        "skewed left": skewed(WIDTH, HEIGHT, -5),
        "skewed right": skewed(WIDTH, HEIGHT, 5, zoom=0.9),
        "photographed": photographed(rng, WIDTH, HEIGHT, 0.12, 0.85),
        "curled": curled(np.random.default_rng(1), plain, WIDTH, 8),
        "curled photograph": curled(
            np.random.default_rng(2), photographed(rng, WIDTH, HEIGHT, 0.08, 0.9), WIDTH, 8
        ),
    }


def seen(sheet: Sheet, view: View) -> tuple[np.ndarray, np.ndarray]:
    lines = sheet.finish(view.inside)
    return np.asarray(view.picture(sheet.image, 255)), view.quads(lines.quads)


def filled(quads: np.ndarray, grow: int) -> np.ndarray:
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    for quad in quads:
        points = [tuple(p) for p in quad.tolist()]
        ImageDraw.Draw(mask).polygon(points, 255)
        ImageDraw.Draw(mask).line([*points, points[0]], 255, 2 * grow + 1)
    return np.asarray(mask) > 0


@pytest.mark.parametrize("name", views())
def test_ink_lies_inside_the_mapped_quads(type_: Type, name: str) -> None:
    picture, quads = seen(written(type_), views()[name])
    dark = picture < 128
    assert len(quads) == 3 and dark.sum() > 500
    share = (dark & filled(quads, 2 if "curled" in name else 1)).sum() / dark.sum()
    assert share > 0.99


@pytest.mark.parametrize("name", views())
def test_mapped_quads_are_not_larger_than_the_text(type_: Type, name: str) -> None:
    """Ink reaches all four sides: these lines have ascenders, descenders and tight ends."""
    picture, quads = seen(written(type_), views()[name])
    dark = picture < 140
    slack = 5 if "curled" in name else 3
    for quad in quads:
        centre = quad.mean(0)
        for a, b in ((0, 1), (1, 2), (2, 3), (3, 0)):
            strip = np.stack([quad[a], quad[b]])
            inner = strip + (centre - strip.mean(0)) / np.linalg.norm(centre - strip.mean(0)) * slack
            outer = strip - (centre - strip.mean(0)) / np.linalg.norm(centre - strip.mean(0)) * 1
            mask = Image.new("L", (WIDTH, HEIGHT), 0)
            ImageDraw.Draw(mask).polygon([tuple(p) for p in (*outer, *inner[::-1])], 255)
            assert dark[np.asarray(mask) > 0].any()


def test_words_cut_by_the_picture_are_neither_drawn_nor_reported(type_: Type) -> None:
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.text(10, 100, "first second third fourth", type_)
    view = skewed(WIDTH, HEIGHT, 0.0, shift=(-80.0, 0.0))
    lines = sheet.finish(view.inside)
    assert lines.words and lines.words[0] != "first" and lines.words[-1] == "fourth"
    dark = np.asarray(view.picture(sheet.image, 255)) < 128
    assert (dark & filled(view.quads(lines.quads), 1)).sum() == dark.sum()


def test_a_line_wholly_outside_is_dropped(type_: Type) -> None:
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.text(-300, 100, "gone", type_)
    sheet.text(50, 150, "here", type_)
    assert sheet.finish().words == ["here"]


def test_a_line_keeps_its_longest_run_of_whole_words(type_: Type) -> None:
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.text(20, 100, "a b c d e", type_)
    lines = sheet.finish(lambda quads: np.array([True, False, True, True, False]))
    assert lines.words == ["c", "d"]


@pytest.mark.parametrize("turn", [1, 3])
def test_turned_lines_hold_their_ink_and_read_along_their_top(type_: Type, turn: int) -> None:
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.text(0, 0, "dig 123", type_, turn=turn, origin=(200, 150))
    lines = sheet.finish()
    dark = np.asarray(sheet.image) < 128
    assert (dark & filled(lines.quads, 1)).sum() > 0.99 * dark.sum()
    reading = lines.quads[0, 1] - lines.quads[0, 0]
    assert abs(reading[0]) < 1e-6 and np.sign(reading[1]) == (1 if turn == 1 else -1)


def test_tight_leading_shortens_quads_until_they_do_not_overlap(type_: Type) -> None:
    sheet = Sheet(WIDTH, HEIGHT)
    step = type_.height * 0.8
    for i in range(4):
        sheet.text(20, 80 + i * step, "gap dog", type_, leading=step)
    quads = sheet.finish().quads
    assert (quads[1:, 0, 1] >= quads[:-1, 3, 1] - 1e-6).all()


def test_joined_lines_keep_their_blocks_apart(type_: Type) -> None:
    sheets = [written(type_).finish() for _ in range(2)]
    joined = Lines.join(sheets)
    assert joined.blocks == [0, 0, 0, 1, 1, 1]
    assert joined.word_lines.tolist() == [0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 5, 5]


@settings(max_examples=40, deadline=None)
@given(
    degrees=st.floats(-30, 30),
    strength=st.floats(0, 0.2),
    amount=st.floats(0, 20),
    seed=st.integers(0, 2**31 - 1),
)
def test_inverse_undoes_forward(degrees: float, strength: float, amount: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 300, (20, 2))
    for view in (skewed(WIDTH, HEIGHT, degrees), photographed(rng, WIDTH, HEIGHT, strength, 0.9)):
        bent = curled(rng, view, WIDTH, amount)
        for each in (view, bent):
            assert np.allclose(each.inverse(each.forward(points)), points, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_between_maps_corner_to_corner(seed: int) -> None:
    rng = np.random.default_rng(seed)
    square = np.array([[0, 0], [100, 0], [100, 100], [0, 100]], dtype=float)
    target = square + rng.uniform(-30, 30, (4, 2))
    view = View(between(square, target), (100, 100))
    assert np.allclose(view.forward(square), target, atol=1e-6)

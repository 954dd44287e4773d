import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocrcli.engine.rules import drawn_lines, is_light, level_lines, lines_between
from ocrcli.engine.squaring import Squaring, squaring

HEIGHT = 20  # of a line of text
FONT = ImageFont.load_default(16)
PROSE = "The quick brown fox jumps over the lazy dog, and goes on to the next one"


def written(lines=12, size=(640, 480)):
    """A page of prose without any lines drawn."""
    page = Image.new("L", size, 250)
    draw = ImageDraw.Draw(page)
    for i in range(lines):
        draw.text((30, 30 + i * 2 * HEIGHT), PROSE, 20, FONT)
    return page


def turned(page, degrees):
    return np.asarray(page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=250))


@pytest.mark.parametrize("thick", [1, 2, 5])
@pytest.mark.parametrize("ink", [0, 150, 220])
def test_a_rule_among_lines_of_text_is_found_and_nothing_else(thick, ink):
    page = written()
    ImageDraw.Draw(page).rectangle((30, 102, 609, 101 + thick), fill=ink)
    ((rule,), _) = level_lines(np.asarray(page), 0.0, HEIGHT)
    assert np.abs(rule[:, 1] - 102 - thick / 2).max() <= 2
    assert rule[:, 0].min() == pytest.approx(30, abs=HEIGHT)
    assert rule[:, 0].max() == pytest.approx(610, abs=HEIGHT)


@pytest.mark.parametrize("degrees", [-4, -1, 2, 5])
def test_a_rule_leans_with_the_page(degrees):
    page = written()
    ImageDraw.Draw(page).line((30, 242, 609, 242), fill=0, width=2)
    ((rule,), _) = level_lines(turned(page, degrees), degrees, HEIGHT)
    slope = (rule[1, 1] - rule[0, 1]) / (rule[1, 0] - rule[0, 0])
    assert slope == pytest.approx(-np.tan(np.radians(degrees)), abs=0.005)
    assert np.interp(320, rule[:2, 0], rule[:2, 1]) == pytest.approx(242, abs=3)


def test_rules_of_light_text_are_light():
    page = written()
    ImageDraw.Draw(page).line((30, 102, 609, 102), fill=0, width=2)
    rules, _, _ = drawn_lines(255 - np.asarray(page), 0.0, HEIGHT, light=True)
    assert len(rules) == 1


@pytest.mark.parametrize(("paper", "ink"), [(250, 20), (90, 10), (20, 240), (160, 250)])
def test_text_is_light_or_dark_beside_its_own_ground(paper, ink):
    page = np.interp(np.asarray(written()), (20, 250), (ink, paper)).astype(np.uint8)
    lines = [[(30, y), (600, y), (600, y + HEIGHT), (30, y + HEIGHT)] for y in range(30, 480, 2 * HEIGHT)]
    assert is_light(page, np.array(lines, np.float32)) == (ink > paper)


def test_a_bar_is_thicker_than_a_rule():
    page = written()
    ImageDraw.Draw(page).rectangle((30, 60, 609, 75), fill=0)
    rules, edges = level_lines(np.asarray(page), 0.0, HEIGHT)
    assert len(rules) == 0
    assert edges[:, 0, 1] == pytest.approx([60, 76], abs=5)


@pytest.mark.parametrize("degrees", [0, -3])
def test_upright_lines_between_columns(degrees):
    page = Image.new("L", (640, 480), 250)
    ImageDraw.Draw(page).line((320, 40, 320, 440), fill=60, width=1)
    rules, bars, _ = drawn_lines(turned(page, degrees), degrees, HEIGHT)
    assert len(rules) == 0
    (bar,) = bars
    assert np.interp(240, bar[:2, 1], bar[:2, 0]) == pytest.approx(320, abs=3)
    assert np.ptp(bar[:, 1]) == pytest.approx(400, abs=2 * HEIGHT)


def test_a_large_page_is_searched_at_less_than_its_size():
    page = Image.new("L", (2400, 1800), 255)
    ImageDraw.Draw(page).rectangle((300, 900, 2099, 903), fill=0)
    rules, bars, _ = drawn_lines(np.asarray(page), 0.0, 80)
    assert len(bars) == 0
    (rule,) = rules
    assert np.abs(rule[:, 1] - 902).max() <= 12
    assert np.ptp(rule[:, 0]) == pytest.approx(1800, abs=200)


@pytest.mark.parametrize("size", [(0, 0), (5, 300), (300, 5)])
def test_a_page_too_small_for_lines_has_none(size):
    for kind in drawn_lines(np.full(size, 255, np.uint8), 0.0, HEIGHT):
        assert kind.shape == (0, 4, 2)


@pytest.mark.parametrize("colours", [(255, 247), (16, 24)])
def test_the_edge_of_a_panel_is_an_upright_line(colours):
    page = Image.new("L", (640, 480), colours[0])
    ImageDraw.Draw(page).rectangle((0, 0, 199, 480), fill=colours[1])
    rules, bars, edges = drawn_lines(np.asarray(page), 0.0, HEIGHT)
    assert len(rules) == len(edges) == 0
    (bar,) = bars
    assert np.abs(bar[:, 0] - 200).max() <= 3
    assert np.ptp(bar[:, 1]) == pytest.approx(480, abs=2 * HEIGHT)


@pytest.mark.parametrize(("ground", "panel"), [(241, 255), (240, 60), (30, 44)])
@pytest.mark.parametrize("shadow", [0, 10])
def test_a_panel_has_four_edges_with_or_without_a_shadow(ground, panel, shadow):
    page = Image.new("L", (640, 480), ground)
    draw = ImageDraw.Draw(page)
    for i in range(shadow):
        around = 100 - shadow + i, 100 - shadow + i, 500 + shadow - i, 300 + shadow - i
        draw.rounded_rectangle(around, 8, fill=max(ground - i, 0))
    draw.rounded_rectangle((100, 100, 500, 300), 8, fill=panel)
    rules, bars, edges = drawn_lines(np.asarray(page), 0.0, HEIGHT)
    assert len(rules) == 0
    assert sorted(bars[:, 0, 0]) == pytest.approx([100, 500], abs=4)
    assert sorted(edges[:, 0, 1]) == pytest.approx([100, 300], abs=4)
    assert np.ptp(edges[:, :, 0], axis=1) == pytest.approx([400, 400], abs=2.5 * HEIGHT)


def test_a_rule_that_sags_is_found_where_lines_may_drift():
    page = Image.new("L", (640, 480), 250)
    x = np.arange(30, 610)
    sag = 240 + 14 * np.cos((x - 320) / 200)
    ImageDraw.Draw(page).line(list(zip(x.tolist(), sag.tolist(), strict=True)), fill=0, width=2)
    grey = np.asarray(page)
    assert not len(level_lines(grey, 0.0, HEIGHT)[0])
    ((rule,), _) = level_lines(grey, 0.0, HEIGHT, drift=0.05)
    assert sag.min() - 2 < rule[:, 1].mean() < sag.max() + 2
    assert np.ptp(rule[:, 0]) == pytest.approx(580, abs=3 * HEIGHT)


@pytest.mark.parametrize("sag", [0, 25])
def test_lines_of_a_page_that_is_bent_stand_between_its_lines_of_text(sag):
    """A rule below the tenth of twenty lines, and a bar between two columns."""
    page = Image.new("L", (800, 700), 250)
    draw = ImageDraw.Draw(page)
    quads = []
    for start in (40, 420):
        for row in range(20):
            y = 40 + 30 * row + (30 if row >= 10 else 0)
            draw.text((start, y), "The quick brown fox jumps over the lazy dog", 20, FONT)
            quads.append([(start, y), (start + 340, y), (start + 340, y + HEIGHT), (start, y + HEIGHT)])
    draw.line((40, 350, 760, 350), fill=0, width=2)
    draw.line((400, 40, 400, 340), fill=0, width=2)
    sunk = np.rint(sag * np.cos((np.arange(800) - 400) / 260)).astype(int)
    grey = np.stack([np.roll(column, by) for column, by in zip(np.asarray(page).T, sunk, strict=True)], -1)
    corners = np.array(quads, np.float32)
    corners[..., 1] += np.interp(corners[..., 0], np.arange(800), sunk)
    square = squaring(corners, 0.0)
    assert square.bent == (sag > 0)
    texts = square.boxes(corners)
    rules, bars, _ = lines_between(grey, corners, square)
    above, below = texts.y1.reshape(2, 20)[:, 9], texts.y0.reshape(2, 20)[:, 10]
    wide = rules.width > 500
    assert wide.sum() == 1
    assert above.max() - 5 < rules.middle[wide][0] < below.min() + 5
    assert ((bars.x0 > texts.x1[:20].min()) & (bars.x1 < texts.x0[20:].max())).sum() == 1


def test_what_is_level_lies_as_it_lay():
    page = written()
    ImageDraw.Draw(page).line((30, 242, 609, 242), fill=0, width=2)
    quads = np.array([[(30, 30), (560, 30), (560, 50), (30, 50)]], np.float32)
    rules, bars, _ = lines_between(np.asarray(page), quads, Squaring(0.0))
    assert rules.middle == pytest.approx([242.5], abs=2)
    assert not len(bars.x0)

"""Leaning lines that are doubted are cut anew between upright ends."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocrcli.engine.reading import CharSpan, as_reading
from ocrcli.engine.rectify import rectify
from ocrcli.engine.walls import MOST, TAPERS, between_uprights, leaning, read_again


def rectangle(angle, width=200.0, height=40.0, middle=(300.0, 200.0)):
    """A line turned by ``angle`` degrees: (4, 2)."""
    along = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]) * width / 2
    across = np.array([-along[1], along[0]]) * height / width
    return np.array([-along - across, along - across, along + across, -along + across]) + middle


def reading(text, confidence):
    """A reading with a character every ten pixels."""
    return as_reading(tuple(CharSpan(c, confidence, 10.0 * i, 10.0 * i + 8) for i, c in enumerate(text)))


def test_only_lines_that_lean_clearly_and_are_long_are_on_walls():
    quads = np.array([
        rectangle(0), rectangle(2), rectangle(12), rectangle(-30), rectangle(60), rectangle(12, width=70),
    ])  # fmt: skip
    assert leaning(quads).tolist() == [2, 3]


def test_cuts_have_upright_ends_on_the_middle_of_the_line():
    quad = rectangle(20)
    cuts = between_uprights(quad[None])
    assert cuts.shape == (1, len(TAPERS), 4, 2)
    for cut, taper in zip(cuts[0], TAPERS, strict=True):
        np.testing.assert_allclose(cut[0, 0], cut[3, 0])  # left end upright
        np.testing.assert_allclose(cut[1, 0], cut[2, 0])
        ends = cut[3, 1] - cut[0, 1], cut[2, 1] - cut[1, 1]
        # As high across the lean as the line, at the ends smaller and larger.
        assert ends == pytest.approx(40 / np.cos(np.deg2rad(20)) * np.array([1 - taper, 1 + taper]))
        np.testing.assert_allclose((cut[0] + cut[3]) / 2, (quad[0] + quad[3]) / 2)


def test_a_sign_seen_from_the_side_is_cut_as_it_was_painted():
    font = ImageFont.load_default(60)
    sign = Image.new("L", (300, 80), 255)
    ImageDraw.Draw(sign).text((20, 4), "STREET", fill=0, font=font)
    # The wall runs down to the right: columns are shifted, strokes stay upright.
    lean = np.tan(np.deg2rad(15))
    matrix = (1, 0, -50, -lean, 1, -100 + 50 * lean)
    page = np.asarray(
        sign.transform((400, 350), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=255)
    )
    quad = np.array([[50.0, 100.0], [350.0, 100.0], [350.0, 180.0], [50.0, 180.0]])
    quad[:, 1] += lean * (quad[:, 0] - 50)
    # The detector's rectangle of that parallelogram: its middle, lean and height.
    turned = rectangle(15, 300 / np.cos(np.deg2rad(15)), 80 * np.cos(np.deg2rad(15)), quad.mean(0))
    painted = np.asarray(sign.resize((120, 32), Image.Resampling.BICUBIC)).astype(float)

    def error(cut):
        strip = rectify(page, cut[None], 32, (0.0, 0.0))[0]
        strip = np.asarray(Image.fromarray(strip).resize((120, 32), Image.Resampling.BICUBIC))
        return np.abs(strip - painted).mean()

    assert error(between_uprights(turned[None])[0, 0]) < 0.3 * error(turned)


def test_the_surest_cut_of_a_doubted_line_counts_with_its_places_brought_back():
    quads = np.array([rectangle(15), rectangle(15), rectangle(0)])
    before = [reading("CITV", 0.5), reading("SURE", 0.95), reading("level", 0.3)]
    asked = []

    def read(cuts):
        asked.append(len(cuts))
        return [(reading("CITY", 0.6), 80), (reading("CITY", 0.95), 80), (reading("C", 0.2), 80)]

    after = read_again(quads, [160, 160, 160], before, read)
    assert asked == [len(TAPERS)]  # the sure one and the level one are not asked again
    assert after[1:] == before[1:]
    assert after[0].text == "CITY"
    assert [(c.start, c.end) for c in after[0].chars] == [(20.0 * i, 20.0 * i + 16) for i in range(4)]
    assert 0.8 < after[0].confidence < 0.95  # another reading was there


def test_a_cut_that_is_no_surer_changes_nothing():
    quads, before = rectangle(-10)[None], [reading("WAY", 0.6)]
    others = [(reading("WHY", 0.65), 100)] * len(TAPERS)
    assert read_again(quads, [100], before, lambda cuts: others) == before  # less sure for the dissent
    same = [(reading("WAY", 0.65), 100)] * len(TAPERS)
    assert read_again(quads, [100], before, lambda cuts: same)[0].confidence == pytest.approx(0.65)
    assert read_again(quads[:0], [], [], lambda cuts: pytest.fail("nothing to read")) == []


def test_a_page_of_print_that_lies_askew_is_left_alone():
    quads = np.stack([rectangle(5, middle=(300.0, 60.0 * i)) for i in range(MOST + 1)])
    before = [reading("print", 0.6)] * len(quads)
    assert read_again(quads, [100] * len(quads), before, lambda cuts: pytest.fail("too many")) == before
    asked = []

    def read(cuts):
        asked.extend(cuts)
        return [(reading("", 0), 100)] * len(cuts)

    assert read_again(quads[1:], [100] * MOST, before[1:], read) == before[1:]
    assert len(asked) == MOST * len(TAPERS)

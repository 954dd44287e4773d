import string
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from ocrcli.alphabet import Alphabet
from ocrcli.synth import prose, words
from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.fontscan import Face
from ocrcli.synth.words import HEIGHT, WIDEST, WordRenderer


@pytest.fixture(autouse=True)
def no_prose(monkeypatch):
    prose.paragraphs.cache_clear()
    monkeypatch.setattr(prose, "SOURCES", ())
    yield
    prose.paragraphs.cache_clear()


LOOKS = {
    "scenes": {"scene": 1.0, "lines": 0.0},
    "documents": {"scene": 0.0, "screen": 0.0, "lines": 0.5},
    "screens": {"scene": 0.0, "screen": 1.0, "lines": 0.5},
}


def draw(renderer, count, seed=0):
    return [renderer.render(np.random.default_rng([seed, i])) for i in range(count)]


@pytest.mark.parametrize("look", LOOKS)
def test_strips_have_the_promised_form(fonts, look):
    renderer = WordRenderer(fonts, **LOOKS[look])
    for sample in draw(renderer, 80):
        assert sample.strip.dtype == np.uint8
        assert sample.strip.shape[0] == HEIGHT
        assert 8 <= sample.strip.shape[1] <= WIDEST
        assert sample.strip.std() >= 5  # something is to be seen
        assert renderer.corpus.alphabet.covers(sample.text)
        assert sample.text == " ".join(sample.text.split())


def test_same_seed_gives_the_same_bytes(fonts):
    a, b = (draw(WordRenderer(fonts), 60) for _ in range(2))
    assert [s.text for s in a] == [s.text for s in b]
    assert all((x.strip == y.strip).all() for x, y in zip(a, b, strict=True))


def test_samples_do_not_depend_on_those_before(fonts):
    renderer = WordRenderer(fonts)
    draw(renderer, 20, seed=5)
    fresh = WordRenderer(fonts).render(np.random.default_rng(3))
    assert (renderer.render(np.random.default_rng(3)).strip == fresh.strip).all()


def test_share_of_lines_is_kept(fonts):
    assert not any(" " in s.text for s in draw(WordRenderer(fonts, lines=0.0, scene=0.0), 100))
    lines = draw(WordRenderer(fonts, lines=1.0, scene=0.0), 100)
    assert sum(" " in s.text for s in lines) > 60
    assert max(len(s.text) for s in lines) <= 80


def test_ctc_can_spell_every_label(fonts):
    for sample in draw(WordRenderer(fonts), 150):
        repeats = sum(a == b for a, b in pairwise(sample.text))
        assert sample.strip.shape[1] // 4 >= len(sample.text) + repeats


def test_light_on_dark_is_as_usual_in_scenes_as_dark_on_light(fonts):
    samples = draw(WordRenderer(fonts, lines=0.0, scene=1.0), 300)
    # The border is mostly background, the middle is mostly text.
    lighter = [np.median(s.strip[10:22]) > np.median(s.strip[[0, 31]]) for s in samples]
    assert 0.3 < np.mean(lighter) < 0.7


def test_own_alphabet_is_kept(fonts):
    digits = Alphabet(string.digits + " ")
    assert all(digits.covers(s.text) for s in draw(WordRenderer(fonts, digits), 60))


def test_photographs_lie_behind_the_text(fonts, tmp_path):
    stripes = np.tile(np.array([0, 255], np.uint8).repeat(4), (200, 40))
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    renderer = WordRenderer(fonts, lines=0.0, scene=1.0, backgrounds=tmp_path)
    patches = [renderer.backgrounds.grey(np.random.default_rng(i), 32, 100, photos=1.0) for i in range(5)]
    assert all(patch.shape == (32, 100) and patch.std() > 40 for patch in patches)
    assert len(draw(renderer, 20)) == 20


def test_a_caps_only_face_is_labelled_in_capitals():
    (built_in,) = FontLibrary.built_in().faces
    caps = Face(**{**built_in.__dict__, "caps_only": True})
    samples = draw(WordRenderer(FontLibrary((caps,))), 60)
    assert all(s.text == s.text.upper() for s in samples)
    assert any(s.text.isalpha() for s in samples)


def test_fonts_that_lack_the_alphabet_are_an_error():
    (built_in,) = FontLibrary.built_in().faces
    useless = Face(**{**built_in.__dict__, "coverage": "\u3042"})
    with pytest.raises(ValueError, match="fonts"):
        WordRenderer(FontLibrary((useless,))).render(np.random.default_rng(0))


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("of H2O and CO2", {"2": "below"}),
        ("the 238U in it", {"238": "above"}),
        ("an area of 30 m2.", {"2": "above"}),
        ("as he said.12", {"12": "above"}),
        ("at 10-6 and 100%", {"-6": "above"}),
        ("on the 21st", {"st": "above"}),
        ("at 12:30, 3.14 or 1,000; sam12@web.org, v1.2", {}),
    ],
)
def test_digits_that_print_sets_small(text, small):
    found = words._scripts(np.random.default_rng(0), text)
    assert {text[start:end]: "above" if rise > 0 else "below" for start, end, rise in found} == small

"""Second looks: their geometry, the vote, and that only doubtful strips get them."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from ocrcli.engine import looks
from ocrcli.engine.lexicon import Lexicon
from ocrcli.engine.looks import OF_PAGES, OF_WORDS, Look, agree, seen_at, vote
from ocrcli.engine.networks import Networks
from ocrcli.engine.reading import CharSpan, Reading, as_reading
from ocrcli.engine.recogniser import FEW, GLANCED, GLANCED_KNOWN, LineRecogniser
from ocrcli.engine.rectify import WIDER, from_wider, rectify


def reading(text: str, confidence: float) -> Reading:
    chars = (CharSpan(char, confidence, 10.0 * i, 10.0 * i + 8) for i, char in enumerate(text))
    return as_reading(tuple(chars))


def bar(height: int = 32, width: int = 200, *, left: float, right: float, thick: int = 6) -> np.ndarray:
    """White, with a dark bar whose middle runs from row ``left`` to row ``right``."""
    middle = np.linspace(left, right, width)
    rows = np.arange(height)[:, None]
    return np.where(np.abs(rows - middle) <= thick / 2, 0, 255).astype(np.uint8)


def test_look_without_a_change_is_the_strip():
    strip = np.random.default_rng(0).integers(0, 256, (32, 90), np.uint8)
    np.testing.assert_array_equal(Look().at(strip), strip)


@pytest.mark.parametrize("look", [look for part in OF_WORDS for look in part])
def test_height_stays_and_width_follows_the_scale(look):
    strip = np.full((32, 100), 200, np.uint8)
    part = look.bottom - look.top - abs(look.climb)
    assert look.at(strip).shape == (32, round(100 * look.stretch / part))


@pytest.mark.parametrize(("climb", "left", "right"), [(0.4, 9, 22), (-0.4, 22, 9)])
def test_climbing_text_is_levelled(climb, left, right):
    seen = Look(climb=climb).at(bar(left=left, right=right))
    inked = (seen < 128).mean(1)  # share of each row
    assert inked.max() > 0.95  # level: some rows are dark from end to end
    assert abs(np.average(np.arange(32), weights=inked) - 15.5) < 2


def test_a_part_of_the_height_fills_the_strip():
    strip = np.full((32, 64), 255, np.uint8)
    strip[24:] = 0
    assert (Look(top=0.5).at(strip) < 128).mean() == pytest.approx(0.5, abs=0.05)


def test_places_are_brought_back():
    char = seen_at(reading("ab", 0.9), 0.5).chars[1]
    assert (char.start, char.end) == (5.0, 9.0)


def test_many_that_agree_outvote_a_surer_one():
    winner = vote([reading("Hotcl", 0.6), reading("HOTEL", 0.7), reading("Hotel", 0.65), reading("Hot", 0.8)])
    assert winner.text == "HOTEL"  # letter case aside, as the surest of them has it
    agreed, against = 0.7**3 + 0.65**3, 0.6**3 + 0.8**3
    assert winner.confidence == pytest.approx(0.7 * (agreed / (agreed + against)) ** 0.3)


def test_looks_that_all_agree_cost_no_confidence():
    assert vote([reading("abc", 0.6), reading("abc", 0.8)]).confidence == pytest.approx(0.8)


def test_nothing_counts_for_nothing():
    empty = as_reading(())
    assert vote([empty, empty]) is empty
    assert vote([empty, reading("x", 0.1)]).text == "x"


class Scripted(LineRecogniser):
    """Reads every strip of its first width as a doubtful "a", every other as a sure ``other``."""

    def __init__(self, confidence: float, several: bool = False, other: str = "b") -> None:
        def network():
            shape = SimpleNamespace(height=32)
            return SimpleNamespace(card=SimpleNamespace(alphabet="ab", input=shape))

        opening = {role: partial(network) for role in ("lines", "careful", "words", "blurred")}
        super().__init__(Networks(opening) if several else Networks.of(network()))
        self.confidence, self.other = confidence, other
        self.seen: list[int] = []
        self.roles: list[str] = []

    def read_once(self, strips, allow=None, *, lattices_below=0.0, by="careful"):
        self.seen.append(len(strips))
        self.roles.append(by)
        return [
            reading("a", self.confidence) if strip.shape[1] == 100 else reading(self.other, 0.99)
            for strip in strips
        ]


@pytest.mark.parametrize(("whole", "parts"), [(True, OF_WORDS), (False, OF_PAGES)])
def test_doubtful_strips_are_looked_at_again_and_no_others(whole, parts):
    recogniser = Scripted(0.5)
    strips = [np.zeros((32, 100), np.uint8), np.zeros((32, 101), np.uint8)]
    assert [r.text for r in recogniser.read(strips, whole=whole)] == ["b", "b"]
    assert recogniser.seen == [2, *map(len, parts)]


def test_sure_and_long_strips_are_read_once():
    strip = np.zeros((32, 100), np.uint8)
    assert Scripted(looks.DOUBTFUL).read([strip])[0].text == "a"
    recogniser = Scripted(0.5)
    recogniser.read([np.zeros((32, looks.WIDEST + 1), np.uint8)], whole=True)
    assert recogniser.seen == [1]


def test_lines_of_pages_are_read_quickly_and_what_is_doubted_carefully():
    recogniser = Scripted(0.5, several=True)
    clear = [101] * FEW
    recogniser.read([np.zeros((32, width), np.uint8) for width in (100, *clear, 100)])
    assert recogniser.roles == ["lines", "careful", "careful"]
    assert recogniser.seen == [FEW + 2, 2, 2 * len(OF_PAGES[0])]
    recogniser = Scripted(0.5, several=True)
    recogniser.read([np.zeros((32, width), np.uint8) for width in (*clear, 101)])
    assert recogniser.roles == ["lines"]


def test_few_pieces_of_a_page_are_read_carefully_at_once():
    recogniser = Scripted(0.5, several=True)
    recogniser.read([np.zeros((32, 101), np.uint8)] * FEW)
    assert recogniser.roles == ["careful"]
    assert recogniser.seen == [FEW]


def test_images_of_words_that_a_glance_leaves_in_doubt_are_read_by_their_own_network_at_every_look():
    recogniser = Scripted(0.5, several=True)
    strips = [np.zeros((32, width), np.uint8) for width in (100, 101)]
    assert [r.text for r in recogniser.read(strips, whole=True)] == ["b", "b"]
    assert recogniser.roles == ["lines", "words", "words", "words"]
    assert recogniser.seen == [2, 1, len(OF_WORDS[0]), len(OF_WORDS[1])]


@pytest.mark.parametrize(
    ("confidence", "lexicon", "roles"),
    [
        (GLANCED, None, ["lines"]),
        (GLANCED - 0.01, None, ["lines", "words"]),
        (GLANCED_KNOWN, Lexicon(["other"]), ["lines"]),  # a lone letter is no word that it should know
        (GLANCED_KNOWN - 0.01, Lexicon(["a"]), ["lines", "words"]),
    ],
)
def test_a_glance_is_enough_for_plain_words(confidence, lexicon, roles):
    recogniser = Scripted(confidence, several=True)
    strip = np.zeros((32, 100), np.uint8)
    assert recogniser.read([strip], whole=True, lexicon=lexicon)[0].text == "a"
    assert recogniser.roles == roles


def test_a_glance_at_an_unknown_word_has_to_be_surer():
    def glanced(text, lexicon):
        recogniser = Scripted(GLANCED_KNOWN, several=True)
        recogniser.read_once = lambda strips, *_, by="careful", **__: (
            recogniser.roles.append(by) or [reading(text, GLANCED_KNOWN)] * len(strips)
        )
        recogniser.read([np.zeros((32, 90), np.uint8)], whole=True, lexicon=lexicon)
        return recogniser.roles

    assert glanced("Hotel", Lexicon(["hotel"])) == ["lines"]
    assert glanced("Hotal", Lexicon(["Hotal", "hotel"])) == ["lines"]
    assert glanced("24.50", Lexicon(["hotel"])) == ["lines"]
    assert glanced("Hotel", None) == ["lines", "words"]


def test_looks_that_agree_with_the_first_are_enough():
    recogniser = Scripted(0.5, other="A")
    assert recogniser.read([np.zeros((32, 100), np.uint8)], whole=True)[0].text == "A"
    assert recogniser.seen == [1, len(OF_WORDS[0])]


def test_readings_agree_letter_case_aside():
    assert agree([reading("Cafe", 0.5), reading("CAFE", 0.7)])
    assert not agree([reading("Cafe", 0.5), reading("Cave", 0.7)])
    assert not agree([reading("Cafe", 0.5)])


def test_pages_that_are_hard_to_read_are_cut_again_and_read_by_their_own_network():
    strips = [np.zeros((32, 100), np.uint8)] * (looks.MANY + 1)
    cut = []

    def wider(chosen):
        cut.extend(chosen)
        return [np.zeros((32, 120), np.uint8) for _ in chosen]

    recogniser = Scripted(0.5, several=True)
    assert {reading.text for reading in recogniser.read(strips, wider=wider)} == {"b"}
    assert recogniser.roles == ["lines", "careful", "blurred"]
    assert recogniser.seen == [len(strips), len(strips), 2 * len(strips)]
    assert cut == list(range(len(strips)))
    recogniser.read(strips[:-1], wider=wider)
    assert recogniser.roles[3:] == ["lines", "careful", "careful"]
    assert recogniser.seen[3:] == [looks.MANY, looks.MANY, looks.MANY * len(OF_PAGES[0])]


def test_places_in_a_strip_cut_wider_are_those_in_the_usual_one():
    quad = np.array([[(100, 50), (220, 50), (220, 70), (100, 70)]], np.float32)
    page = np.full((120, 320), 255, np.uint8)
    page[50:70, 160:162] = 0
    usual, wide = rectify(page, quad)[0], rectify(page, quad, 32, WIDER)[0]
    there, here = (float(np.flatnonzero(strip.min(0) < 128).mean()) + 0.5 for strip in (wide, usual))
    factor, offset = from_wider(32)
    assert there * factor + offset == pytest.approx(here, abs=1.0)

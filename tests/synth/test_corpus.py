import string
import sys

import numpy as np
import pytest

from ocrcli.alphabet import PRINTED_ENGLISH, Alphabet
from ocrcli.synth import prose, tokens
from ocrcli.synth.corpus import Corpus


@pytest.fixture(params=["as installed", "bare"], autouse=True)
def machine(request, monkeypatch):
    """Everything works with the packages of this machine and without any."""
    for cached in (tokens._frequent, tokens._dictionary, prose.paragraphs):
        cached.cache_clear()
    if request.param == "bare":
        monkeypatch.setitem(sys.modules, "wordfreq", None)
        monkeypatch.setattr(tokens, "DICTIONARIES", ())
    monkeypatch.setattr(prose, "SOURCES", ())
    yield
    for cached in (tokens._frequent, tokens._dictionary, prose.paragraphs):
        cached.cache_clear()


KINDS = {
    "word": lambda corpus, rng: corpus.word(rng),
    "scene": lambda corpus, rng: corpus.scene(rng),
    "document": lambda corpus, rng: corpus.line(rng),
    "receipt": lambda corpus, rng: corpus.line(rng, kind="receipt"),
    "screen": lambda corpus, rng: corpus.line(rng, kind="screen"),
    "terminal": lambda corpus, rng: corpus.line(rng, kind="terminal"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_single_spaced_and_inside_the_alphabet(kind, rng):
    corpus = Corpus()
    for _ in range(300):
        text = KINDS[kind](corpus, rng)
        assert text
        assert text == " ".join(text.split(" "))
        assert text == text.strip()
        assert corpus.alphabet.covers(text), text


def test_words_have_no_space(rng):
    corpus = Corpus()
    assert not any(" " in corpus.word(rng) for _ in range(300))


def test_lines_keep_to_their_length(rng):
    corpus = Corpus()
    assert max(len(corpus.line(rng, longest=30)) for _ in range(300)) <= 30


def test_every_character_of_the_alphabet_appears(rng):
    corpus = Corpus()
    seen = set().union(*(corpus.word(rng) for _ in range(3000)), *(corpus.line(rng) for _ in range(300)))
    assert seen == set(PRINTED_ENGLISH)


def test_same_seed_same_texts():
    corpus = Corpus()
    draws = [[corpus.line(np.random.default_rng(i)) for i in range(30)] for _ in range(2)]
    assert draws[0] == draws[1]


@pytest.mark.parametrize("characters", [string.digits, string.ascii_uppercase + " ", "ab"])
def test_small_alphabets_work(characters, rng):
    corpus = Corpus(Alphabet(characters))
    texts = [draw(corpus, rng) for draw in KINDS.values() for _ in range(50)]
    assert set("".join(texts)) == set(characters)


def test_letters_foreign_to_the_alphabet_lose_their_accents():
    assert Corpus()._tidy("Müller  naïve café \u3042") == "Muller naive café"


def test_paragraphs_of_files_are_cleaned(tmp_path, monkeypatch):
    (tmp_path / "book.txt").write_text(
        "It was a **bright** cold\nday in [April](x.md), and the clocks were striking.\n\nshort\n\n"
        "%$#@ 0101 %$#@ 0101 %$#@ 0101 %$#@ 0101 %$#@ 0101 %$#@ 0101\n"
    )
    monkeypatch.setattr(prose, "SOURCES", ((str(tmp_path), "*.txt"),))
    assert prose.paragraphs() == ["It was a bright cold day in April, and the clocks were striking."]
    prose.paragraphs.cache_clear()
    monkeypatch.setattr(prose, "_collect", lambda: pytest.fail("collected again"))
    assert len(prose.paragraphs()) == 1


def test_typographic_quotes_open_and_close():
    from ocrcli.synth.corpus import _typographic

    assert _typographic("He said \"no\" -- it's ('so')...") == "He said “no”—it’s (‘so’)…"

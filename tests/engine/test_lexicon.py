import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.engine.lexicon import ABBREVIATIONS, ENGLISH, NAMES, Lexicon, english
from ocrcli.errors import UsageError
from ocrcli.scoring.text import levenshtein


def saved(tmp_path, data: bytes):
    path = tmp_path / "words.txt"
    path.write_bytes(data)
    return path


def test_blank_lines_case_and_line_ends_do_not_count(tmp_path):
    path = saved(tmp_path, "\ufeffHotel\r\n\r\n  HOTEL \nhotel\ncafé\n\n".encode())
    lexicon = Lexicon.load(path)
    assert sorted(lexicon.words) == ["café", "hotel"]
    assert len(lexicon) == 2


def test_words_are_known_in_any_case():
    lexicon = Lexicon(["hotel", "Paris", "don't", "café"])
    assert all(word in lexicon for word in ("HOTEL", "Hotel", "paris", "Don’t", "hotel's", "Café", "cafe"))
    assert "hote" not in lexicon


def test_a_spelling_of_its_own_is_remembered():
    assert Lexicon(["McDonald", "Paris", "HOTEL", "tea"]).own_case == {"mcdonald": "McDonald"}


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "holds no words"), (b"\n \r\n", "holds no words"), (b"h\xf6tel\n", "not UTF-8")],
)
def test_a_file_without_words_is_one_line_of_complaint(tmp_path, data, message):
    path = saved(tmp_path, data)
    with pytest.raises(UsageError, match=message) as caught:
        Lexicon.load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_complained_about(tmp_path):
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(UsageError, match="cannot read the lexicon"):
            Lexicon.load(path)


def test_the_digest_is_that_of_the_words(tmp_path):
    assert Lexicon(["b", "A"]).sha256 == Lexicon(["a", "B", "a"]).sha256 != Lexicon(["a"]).sha256


def test_threads_that_prepare_it_together_make_it_once(monkeypatch):
    made = []
    monkeypatch.setattr("ocrcli.engine.lexicon.fold", lambda text: made.append(text) or text)
    lexicon = Lexicon(["hotel", "Paris"])
    with ThreadPoolExecutor(8) as pool:
        for prepared in [pool.submit(lexicon.prepare) for _ in range(8)]:
            prepared.result()
    assert len(made) == 1
    assert "paris" in lexicon


def test_it_travels_to_another_process():
    lexicon = Lexicon(["hotel", "McDonald"])
    lexicon.prepare()
    arrived = pickle.loads(pickle.dumps(lexicon))
    assert arrived.words == lexicon.words
    assert arrived.near("hotal", 1) == ("hotel",)


words = st.text("abcé'ѣ", min_size=1, max_size=6)


@given(st.sets(words, min_size=1, max_size=30), words, st.integers(0, 3))
def test_near_words_are_those_within_so_many_edits(known, query, edits):
    expected = {word for word in known if levenshtein(word, query) <= edits}
    found = Lexicon(known).near(query, edits)
    assert set(found) == expected
    assert len(found) == len(set(found))


def test_a_lexicon_without_words_knows_none():
    lexicon = Lexicon([])
    assert "hotel" not in lexicon
    assert lexicon.near("hotel", 2) == ()


def test_near_words_are_found_among_many():
    many = [
        f"{a}{b}{c}{d}" for a in "abcdefgh" for b in "aeiou" for c in "lmnrst" for d in ("ing", "ed", "er")
    ]
    lexicon = Lexicon([*many, "restaurant"])
    assert lexicon.near("Restaraunt", 2) == ("restaurant",)
    assert "baling" in lexicon.near("ba1ing", 1)


def test_the_lists_that_the_package_brings_add_to_each_other():
    known: set[str] = set()
    for path, least in ((ENGLISH, 70_000), (ABBREVIATIONS, 100), (NAMES, 300)):
        words = [word.casefold() for word in path.read_text("utf-8").split()]
        assert len(set(words)) >= least
        assert path == ENGLISH or len(set(words)) == len(words)
        assert not known.intersection(words)
        known.update(words)
    assert all(word in english() for word in ("GST", "Sdn", "qty", "INVOICE", "Swarovski", "LANCOME"))

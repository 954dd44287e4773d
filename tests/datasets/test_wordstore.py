"""What goes into a store of words or pages comes out of it, in as many processes as read it."""

from __future__ import annotations

import multiprocessing
import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_synthtext import SIZE, scene

from ocrcli.datasets.annotation import HubMarkup
from ocrcli.datasets.convert import Conversion, Job, convert
from ocrcli.datasets.pagestore import PagePart, PageStore, PageWriter
from ocrcli.datasets.store import Header, StoreError, describe, write_store
from ocrcli.datasets.synthtext import page_of
from ocrcli.datasets.words import BUCKETS, HEIGHT
from ocrcli.datasets.wordstore import Word, WordStore, WordWriter, pack_words


def word(width: int, text: str, source: int = 0) -> Word:
    rng = np.random.default_rng(width)
    quad = rng.random((4, 2)).astype(np.float32) * 500
    return Word(rng.integers(0, 256, (HEIGHT, width), np.uint8), text, quad, source)


def write_words(path: Path, parts: list[tuple[list[Word], list[str]]]) -> WordStore:
    with write_store(path, Header("word", "made", "test")) as writer:
        words = WordWriter(writer.file)
        for some, names in parts:
            words.append([pack_words(some, names, Counter())])
        writer.parts.update(words.parts())
    return WordStore(path)


printable = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(8, 1280), printable), min_size=1, max_size=6), max_size=4))
def test_words_come_back_with_text_box_and_source(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[tuple[int, str]]]
) -> None:
    parts = [([word(width, text) for width, text in group], [f"image {i}"]) for i, group in enumerate(groups)]
    store = write_words(tmp_path_factory.mktemp("store") / "words.h5", parts)
    assert len(store) == sum(map(len, groups))
    for width in store.buckets:
        assert width in BUCKETS
        narrower = max((b for b in BUCKETS if b < width), default=0)
        expected = [
            (w, i) for i, (some, _) in enumerate(parts) for w in some if narrower < w.strip.shape[1] <= width
        ]
        batch = store.read(width, 0, 1000)
        boxes, names = store.boxes(width, 0, 1000)
        assert batch.texts == [w.text for w, _ in expected]
        assert names == [f"image {i}" for _, i in expected]
        for (made, _), sample, pixels, quad in zip(
            expected, batch.strips(), batch.pixels, boxes, strict=True
        ):
            np.testing.assert_array_equal(sample.strip, made.strip)
            np.testing.assert_array_equal(quad, made.quad)
            assert (pixels[:, made.strip.shape[1] :] == made.strip[:, -1:]).all()


def test_rows_are_read_from_anywhere(tmp_path: Path) -> None:
    store = write_words(tmp_path / "a.h5", [([word(50, f"wörd {i}") for i in range(20)], ["a"])])
    assert store.read(64, 7, 3).texts == ["wörd 7", "wörd 8", "wörd 9"]
    assert store.read(64, 18, 9).texts == ["wörd 18", "wörd 19"]
    assert len(store.spread(5)) == 5
    with pytest.raises(IndexError):
        store.locate(20)


def _texts(store: WordStore) -> list[str]:
    return store.read(64, 0, 3).texts


def test_a_store_can_be_sent_to_other_processes(tmp_path: Path) -> None:
    store = write_words(tmp_path / "a.h5", [([word(50, text) for text in "abc"], ["a"])])
    assert _texts(store) == ["a", "b", "c"]
    assert _texts(pickle.loads(pickle.dumps(store))) == ["a", "b", "c"]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_texts, [store] * 4) == [["a", "b", "c"]] * 4


def test_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with write_store(path, Header("word", "made", "test")) as writer:
        WordWriter(writer.file).append([pack_words([word(50, "a")], ["a"], Counter())])
        writer.parts["strips/64"] = 9
    with pytest.raises(StoreError, match=r"a\.h5: damaged"):
        WordStore(path).read(64, 0, 9)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(StoreError, match="make it again"):
        WordStore(path)


def test_pages_come_back_with_lines_words_and_characters(tmp_path: Path) -> None:
    made = [scene(i) for i in range(3)]
    pages = [
        page_of(s.jpeg, f"page {i}", SIZE, HubMarkup({"bounding_boxes": s.words.tolist(), "text": s.instances,
                "bb_character_level": s.chars.tolist()}).read(SIZE))[0] for i, s in enumerate(made)
    ]  # fmt: skip
    parts = [PagePart(pages[:1]), PagePart([]), PagePart(pages[1:])]
    header, path = Header("page", "made", "test"), tmp_path / "pages.h5"
    jobs = lambda _: (Job(part, 1) for part in parts)  # noqa: E731
    convert(Conversion(path, header, PageWriter, jobs, _same))
    store = PageStore(path)
    assert len(store) == 3
    assert store.counts()["chars"] == sum(len(s.chars) for s in made)
    for i, (scenery, page) in enumerate(zip(made, pages, strict=True)):
        found = pickle.loads(pickle.dumps(store)).read(i)
        assert found.image == scenery.jpeg and found.name == f"page {i}" and found.size == SIZE
        assert found.pixels().shape == (SIZE[1], SIZE[0], 3)
        assert found.word_texts == scenery.texts
        assert " ".join(found.line_texts) == " ".join(scenery.texts)
        np.testing.assert_allclose(found.word_quads, scenery.words, atol=1e-3)
        np.testing.assert_allclose(found.char_quads, scenery.chars, atol=1e-3)
        np.testing.assert_array_equal(found.line, page.line)
        np.testing.assert_array_equal(found.line_quads, page.line_quads)
        assert not found.ignore.any()


def _same(part: PagePart) -> PagePart:
    return part


def test_stores_of_another_kind_are_refused(tmp_path: Path) -> None:
    write_words(tmp_path / "a.h5", [([word(50, "a")], ["a"])])
    with pytest.raises(StoreError, match="holds words"):
        PageStore(tmp_path / "a.h5")
    assert describe(tmp_path / "a.h5").parts == {"strips/64": 1}

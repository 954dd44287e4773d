"""What ``--data`` names is mixed by its weights, the same with any number of workers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ocrcli.datasets.convert import Conversion, Job, convert
from ocrcli.datasets.mixing import Mix, parse_mix, repeated, usual_stores
from ocrcli.datasets.store import Header
from ocrcli.datasets.stream import Stream, StreamPlan
from ocrcli.datasets.wordmix import MixedWords, StoredWords
from ocrcli.datasets.words import LabelledStrip, WordRecipe
from ocrcli.datasets.wordstore import Word, WordPart, WordWriter, pack_words
from ocrcli.errors import UsageError

LETTERS = "abcdefgh"


def pack(texts: list[str]) -> WordPart:
    return pack_words(
        [
            Word(np.full((32, 40 + 30 * (i % 3)), 9, np.uint8), text, np.zeros((4, 2)))
            for i, text in enumerate(texts)
        ],
        ["image"],
        Counter(),
    )


def store(path: Path, count: int, letters: str = "abc") -> Path:
    texts = [letters[i % 3] * (1 + i % 2) if i % 2 == 0 else letters[i % 3] for i in range(count)]
    convert(
        Conversion(path, Header("word", path.stem, "test"), WordWriter, lambda _: iter([Job(texts, 1)]), pack)
    )
    return path


def rendered(rng: np.random.Generator) -> LabelledStrip:
    return LabelledStrip(np.zeros((32, 64), np.uint8), "h")


def renderer() -> object:
    return rendered


def test_weights_and_the_renderer_are_read_off_the_names() -> None:
    mix = parse_mix(["a.h5:2", "b.h5", "rendered"])
    assert (mix.data, mix.weights, mix.rendered) == ((Path("a.h5"), Path("b.h5")), (2.0, 1.0), 1.0)
    assert mix.share == 0.75
    assert parse_mix(["labels.tsv"]) == Mix((Path("labels.tsv"),))
    assert parse_mix(["a/labels.tsv:.5", "b/labels.tsv"]).weights == (0.5, 1.0)
    assert parse_mix(["rendered"]).share == 0
    assert repeated(parse_mix(["a.npz:3", "b.npz"])) == (Path("a.npz"),) * 3 + (Path("b.npz"),)
    for wrong in (["a.h5:0"], ["a.npz:1.5"]):
        with pytest.raises(UsageError):
            repeated(parse_mix(wrong))


def test_a_file_with_a_colon_in_its_name_is_that_file(tmp_path: Path) -> None:
    odd = tmp_path / "set:2"
    odd.write_text("")
    assert parse_mix([odd]).data == (odd,)


def test_the_usual_stores_are_those_that_are_there(tmp_path: Path) -> None:
    assert usual_stores("word", tmp_path) == ()
    (tmp_path / "mjsynth.h5").write_text("")
    assert usual_stores("word", tmp_path) == (tmp_path / "mjsynth.h5",)
    assert usual_stores("char", tmp_path) == ()
    (tmp_path / "emnist-byclass.h5").write_text("")
    assert usual_stores("char", tmp_path) == (tmp_path / "emnist-byclass.h5",)


def test_shares_are_kept(tmp_path: Path) -> None:
    paths = (store(tmp_path / "a.h5", 300), store(tmp_path / "b.h5", 50, "def"))
    mixed = WordRecipe(LETTERS, 8, renderer, paths, 0.5, weights=(1, 3)).open()  # type: ignore[arg-type]
    counts = Counter(sample.text[0] for sample in mixed.samples(0, 0, 0, 4000))  # type: ignore[attr-defined]
    assert abs(sum(counts[c] for c in "abc") - 500) < 120
    assert abs(sum(counts[c] for c in "def") - 1500) < 150
    assert abs(counts["h"] - 2000) < 150


def test_any_cut_of_a_chunk_gives_the_same_samples(tmp_path: Path) -> None:
    mixed = MixedWords([StoredWords(store(tmp_path / "a.h5", 200)), rendered], [0.6, 0.4])
    whole = [sample.text for sample in mixed.samples(3, 7, 0, 300)]
    pieces = [s.text for cut in ((0, 50), (50, 64), (64, 201), (201, 300)) for s in mixed.samples(3, 7, *cut)]
    assert pieces == whole
    assert [sample.text for sample in mixed.samples(3, 8, 0, 300)] != whole


def test_a_stream_from_a_store_is_the_same_with_workers(tmp_path: Path) -> None:
    recipe = WordRecipe(LETTERS, 16, None, (store(tmp_path / "a.h5", 400),), weights=(1,))
    batches = []
    for workers in (0, 2):
        with Stream(recipe, StreamPlan(1, 200, workers=workers)) as stream:
            batches.append([batch.arrays for batch, _ in zip(stream, range(20), strict=False)])
    for one, other in zip(*batches, strict=True):
        for key in one:
            np.testing.assert_array_equal(one[key], other[key])


def test_the_last_twentieth_of_a_store_is_held_out(tmp_path: Path) -> None:
    path = store(tmp_path / "a.h5", 600)
    training, held_out, all_of_it = (StoredWords(path, part) for part in ("training", "held-out", "all"))  # type: ignore[arg-type]
    assert len(training) + len(held_out) == len(all_of_it) == 600
    assert 25 <= len(held_out) <= 30
    for width, rows in held_out.rows.items():
        assert rows.start == training.rows[width].stop
    assert len(held_out.spread(10)) == 10 and len(held_out.spread(1000)) == len(held_out)
    small = store(tmp_path / "small.h5", 20)
    assert len(StoredWords(small, "training")) == len(StoredWords(small, "held-out")) == 20

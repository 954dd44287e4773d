"""Training straight from a store of characters."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from ocrcli.alphabet import EMNIST_BYCLASS, Alphabet
from ocrcli.datasets.charepochs import CharEpochs
from ocrcli.datasets.chars import DrawnChars, read_chars, read_parts
from ocrcli.datasets.charstore import PartWriter, char_header
from ocrcli.datasets.store import write_store
from ocrcli.datasets.stream import Position, Stream, StreamPlan
from ocrcli.errors import InputError

LETTERS = "0Ca"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Thirty numbered pictures; C stands for both cases."""
    path = tmp_path / "letters.h5"
    with write_store(path, char_header("letters", LETTERS, "test", case_merged="C")) as writer:
        for part, first, count in (("train", 0, 20), ("validation", 20, 6), ("test", 26, 4)):
            numbers = np.arange(first, first + count)
            images = np.broadcast_to(numbers[:, None, None], (count, 28, 28)).astype(np.uint8)
            PartWriter(writer, part, count, 3).append(images, (numbers % 3).astype(np.uint8))
    return path


def epoch(recipe: CharEpochs, seed: int, chunk: int) -> list[dict]:
    with Stream(recipe, StreamPlan(seed, 20), Position(chunk)) as stream:
        return [batch.arrays for batch, _ in zip(stream, range(5), strict=False)]


def test_an_epoch_holds_every_training_sample_once_in_an_order_of_its_own(store):
    recipe = CharEpochs(store, EMNIST_BYCLASS, 4)
    first, second = epoch(recipe, 0, 0), epoch(recipe, 0, 1)
    numbers = [np.concatenate([b["image"][:, 0, 0, 0] for b in e]).tolist() for e in (first, second)]
    assert sorted(numbers[0]) == sorted(numbers[1]) == list(range(20))
    assert numbers[0] != numbers[1]
    assert first[0]["image"].shape == (4, 1, 28, 28) and first[0]["image"].dtype == np.uint8
    alphabet = Alphabet(EMNIST_BYCLASS)
    right = {0: [0, 0], 1: [alphabet.index("C"), alphabet.index("c")], 2: [alphabet.index("a")] * 2}
    for batch in first:
        labels = batch["image"][:, 0, 0, 0] % 3
        assert batch["classes"].tolist() == [right[int(label)] for label in labels]


def test_a_recipe_over_a_store_can_be_sent_to_another_process(store):
    recipe = CharEpochs(store, LETTERS, 4)
    before = epoch(recipe, 3, 2)
    after = epoch(pickle.loads(pickle.dumps(recipe)), 3, 2)
    assert all((a["image"] == b["image"]).all() for a, b in zip(before, after, strict=True))


def test_a_network_without_the_stores_characters_is_refused(store):
    with pytest.raises(InputError, match=r"letters\.h5"):
        epoch(CharEpochs(store, "0a", 4), 0, 0)


def test_the_parts_of_a_store_train_judge_and_score(store):
    train, held = read_parts(store)
    assert (len(train), len(held), len(read_chars(store))) == (20, 6, 4)
    assert train.images[3, 0, 0] == 3 and held.images[0, 0, 0] == 20
    assert train.merged.tolist() == (train.labels == "C").tolist()


def test_a_store_that_is_given_twice_counts_twice(store):
    drawn = DrawnChars([store, store], Alphabet(EMNIST_BYCLASS))
    assert len(drawn.labels) == 40
    assert drawn(np.random.default_rng(0)).label in LETTERS

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.datasets.charstore import CHUNK, CharStore, PartWriter, char_header
from ocrcli.datasets.store import StoreError, write_store

ALPHABET = "012ABab"


def make(path, counts, alphabet=ALPHABET, blocks=700, case_merged="B"):
    """A store with ``counts`` random samples a part; also what went into it."""
    rng = np.random.default_rng(0)
    truth = {}
    with write_store(path, char_header("own", alphabet, "ocr", case_merged=case_merged)) as writer:
        for part, count in counts.items():
            images = rng.integers(0, 256, (count, 28, 28), np.uint8)
            labels = rng.integers(0, len(alphabet), count)
            out = PartWriter(writer, part, count, len(alphabet))
            for start in range(0, count, blocks):
                out.append(images[start : start + blocks], labels[start : start + blocks])
            truth[part] = images, labels
    return truth


@settings(max_examples=15)
@given(
    counts=st.tuples(st.integers(0, 1100), st.integers(0, 3)), blocks=st.sampled_from([1, 3, 700, 1024, 5000])
)
def test_what_goes_in_comes_out(tmp_path_factory, counts, blocks):
    path = tmp_path_factory.mktemp("store") / "a.h5"
    truth = make(path, {"train": counts[0], "test": counts[1]}, blocks=max(blocks, counts[0] // 50 or 1))
    store = CharStore(path)
    assert store.parts == {"train": counts[0], "test": counts[1]}
    for part, (images, labels) in truth.items():
        assert np.array_equal(store.images(part), images)
        assert np.array_equal(store.labels(part), labels)
        assert store.characters(part).tolist() == [ALPHABET[i] for i in labels]
        assert store.merged(part).tolist() == [ALPHABET[i] == "B" for i in labels]


def test_images_are_read_in_place(tmp_path):
    truth = make(tmp_path / "a.h5", {"train": 3 * CHUNK + 5})["train"][0]
    images = CharStore(tmp_path / "a.h5").images("train")
    assert isinstance(images, np.memmap)
    rows = np.random.default_rng(1).permutation(len(images))
    assert np.array_equal(images[rows], truth[rows])
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 0


def test_any_hdf5_reader_sees_plain_arrays(tmp_path):
    images, labels = make(tmp_path / "a.h5", {"train": CHUNK + 5})["train"]
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["train/images"].chunks == (CHUNK, 28, 28)
        assert np.array_equal(file["train/images"][:], images)
        assert file["train/labels"].dtype == np.uint8
        assert [file.attrs["alphabet"][i] for i in file["train/labels"]] == [ALPHABET[i] for i in labels]


def test_images_that_are_compressed_are_read_too(tmp_path):
    with write_store(tmp_path / "a.h5", char_header("own", "ab", "ocr")) as writer:
        group = writer.file.create_group("train")
        group.create_dataset("images", data=np.full((9, 28, 28), 7, np.uint8), compression="gzip")
        group["labels"] = np.zeros(9, np.uint8)
        writer.parts["train"] = 9
    assert (CharStore(tmp_path / "a.h5").images("train") == 7).all()


def test_large_alphabets_have_room(tmp_path):
    alphabet = "".join(map(chr, range(0x4E00, 0x4E00 + 300)))
    labels = make(tmp_path / "a.h5", {"train": 500}, alphabet)["train"][1]
    assert CharStore(tmp_path / "a.h5").characters("train").tolist() == [alphabet[i] for i in labels]


def first_pixel(store, row):
    return int(store.images("train")[row, 0, 0]), str(store.characters("train")[row])


def test_many_processes_read_one_store(tmp_path):
    images, labels = make(tmp_path / "a.h5", {"train": 50})["train"]
    store = CharStore(tmp_path / "a.h5")
    first_pixel(store, 0)  # opened and mapped here as well
    assert len(pickle.dumps(store)) < 2000
    with ProcessPoolExecutor(2, get_context("fork")) as pool:
        read = list(pool.map(first_pixel, [store] * 50, range(50)))
    assert read == [(int(i[0, 0]), ALPHABET[label]) for i, label in zip(images, labels, strict=True)]


def test_a_part_that_is_not_there_is_named_with_those_that_are(tmp_path):
    make(tmp_path / "a.h5", {"train": 3, "test": 2})
    with pytest.raises(StoreError, match="no part validation, only train, test"):
        CharStore(tmp_path / "a.h5").images("validation")


def test_damage_is_told(tmp_path):
    make(tmp_path / "a.h5", {"train": 3})
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["train/labels"][1] = 200
    with pytest.raises(StoreError, match="beyond its alphabet"):
        CharStore(tmp_path / "a.h5").labels("train")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        del file["train/images"]
    with pytest.raises(StoreError, match="images of train"):
        CharStore(tmp_path / "a.h5").images("train")

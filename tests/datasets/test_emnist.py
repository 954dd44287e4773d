import gzip
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from emnist_archive import CODES, idx_images, idx_labels, members, sample, small_archive, write_zip

from ocrcli.datasets.charstore import CharStore
from ocrcli.datasets.emnist import BLOCK, SPLITS, Archive, Options, convert, held_back, read_mapping
from ocrcli.datasets.store import describe
from ocrcli.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
COUNTS = {"train": 400, "test": 90}
ANY = Options(any_count=True)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def archive(tmp_path):
    return small_archive(tmp_path / "gzip.zip", COUNTS)


def test_images_come_out_upright_with_their_characters(archive, tmp_path):
    assert convert(archive, "byclass", tmp_path / "a.h5", ANY)
    store, truth = CharStore(tmp_path / "a.h5"), sample("byclass", COUNTS)
    raw, images = truth["test"]
    assert np.array_equal(store.images("test"), images)
    assert (store.images("test")[:, 3, 3:25] == 255).all()  # the bar across the top
    names = {row[0]: chr(row[1]) for row in CODES["byclass"]}
    assert store.characters("test").tolist() == [names[label] for label in raw]


def test_validation_is_a_share_of_train_and_nothing_is_lost(archive, tmp_path):
    convert(archive, "byclass", tmp_path / "a.h5", Options(0.1, any_count=True))
    store, (_, images) = CharStore(tmp_path / "a.h5"), sample("byclass", COUNTS)["train"]
    assert store.parts == {"train": 360, "validation": 40, "test": 90}
    held = held_back(400, Options(0.1))
    assert np.array_equal(store.images("validation"), images[held])
    assert np.array_equal(store.images("train"), images[~held])


def test_the_seed_alone_decides_what_validation_is(archive, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        convert(archive, "byclass", tmp_path / f"{name}.h5", Options(seed=seed, any_count=True))
    assert digest(tmp_path / "a.h5") == digest(tmp_path / "b.h5")
    a, c = (CharStore(tmp_path / f"{name}.h5").images("validation") for name in "ac")
    assert not np.array_equal(a, c)


def test_without_validation_train_stays_whole(archive, tmp_path):
    convert(archive, "byclass", tmp_path / "a.h5", Options(0, any_count=True))
    assert CharStore(tmp_path / "a.h5").parts == COUNTS


@pytest.mark.parametrize("split", SPLITS)
def test_every_split_is_read(split, tmp_path):
    source = small_archive(tmp_path / "gzip.zip", COUNTS, (split,))
    convert(source, split, tmp_path / "a.h5", ANY)
    store = CharStore(tmp_path / "a.h5")
    assert store.info.dataset == f"emnist-{split}"
    assert len(store.alphabet) == SPLITS[split].classes
    names = {row[0]: chr(row[1]) for row in CODES[split]}
    raw = sample(split, COUNTS)["test"][0]
    assert store.characters("test").tolist() == [names[label] for label in raw]


def test_labels_that_stand_for_both_cases_are_marked(tmp_path):
    source = Archive(small_archive(tmp_path / "gzip.zip", {"train": 1, "test": 1}, tuple(SPLITS)))
    merged = {split: read_mapping(source, split).case_merged for split in SPLITS}
    assert merged["letters"] == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert merged["balanced"] == merged["bymerge"] == "CIJKLMOPSUVWXYZ"
    assert merged["byclass"] == merged["digits"] == merged["mnist"] == ""
    assert read_mapping(source, "letters").index[1] == 0  # letters count from 1


@pytest.mark.parametrize("unpacked", [False, True])
def test_an_unpacked_folder_does_too(archive, tmp_path, unpacked):
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "folder")
    for file in (tmp_path / "folder/gzip").glob("*.gz") if unpacked else ():
        file.with_suffix("").write_bytes(gzip.decompress(file.read_bytes()))
        file.unlink()
    convert(archive, "byclass", tmp_path / "zip.h5", ANY)
    for folder in (tmp_path / "folder", tmp_path / "folder/gzip"):
        assert convert(folder, "byclass", tmp_path / f"{folder.name}.h5", ANY)
        a, b = CharStore(tmp_path / "zip.h5"), CharStore(tmp_path / f"{folder.name}.h5")
        assert all(np.array_equal(a.images(part), b.images(part)) for part in a.parts)


def test_other_counts_than_nists_are_refused_with_both(archive, tmp_path):
    with pytest.raises(InputError, match=r"400 train images, NIST's has 697,932.*--any-count"):
        convert(archive, "byclass", tmp_path / "a.h5", Options())
    assert not list(tmp_path.glob("a.h5*"))


def test_official_counts_are_those_of_the_papers_table():
    totals = {split: known.train + known.test for split, known in SPLITS.items()}
    assert totals == {"byclass": 814_255, "bymerge": 814_255, "balanced": 131_600, "letters": 145_600,
                      "digits": 280_000, "mnist": 70_000}  # fmt: skip


def broken_archives():
    parts = sample("byclass", COUNTS)
    good = members("byclass", parts)
    images = "gzip/emnist-byclass-train-images-idx3-ubyte.gz"
    labels = "gzip/emnist-byclass-test-labels-idx1-ubyte.gz"
    flipped = bytearray(good[images])
    flipped[-20] ^= 255
    raw = gzip.decompress(good[images])
    yield "no emnist-byclass-mapping.txt", {k: v for k, v in good.items() if "mapping" not in k}
    yield "no emnist-byclass-train-images", {k: v for k, v in good.items() if k != images}
    yield "damaged", good | {images: bytes(flipped)}
    yield "damaged", good | {images: good[images][:-200]}
    yield "damaged", good | {images: gzip.compress(raw[:-10])}
    yield "more in it than the 400", good | {images: gzip.compress(raw + b"x")}
    yield "no idx file of images", good | {images: good[labels]}
    yield "399 images for 400 labels", good | {images: idx_images(parts["train"][1][:-1])}
    yield "label 99, which the mapping lacks", good | {labels: idx_labels(np.full(90, 99, np.uint8))}
    yield "damaged", good | {labels: b"<html>"}
    yield "3 classes, 62 expected", good | {"gzip/emnist-byclass-mapping.txt": b"0 48\n1 49\n2 50\n"}
    yield "not lines of a label", good | {"gzip/emnist-byclass-mapping.txt": b"<html>\n"}


@pytest.mark.parametrize(("told", "contents"), list(broken_archives()))
def test_a_damaged_archive_is_told_and_leaves_nothing(tmp_path, told, contents):
    source = write_zip(tmp_path / "gzip.zip", contents)
    with pytest.raises(InputError, match=told) as caught:
        convert(source, "byclass", tmp_path / "a.h5", ANY)
    assert str(source) in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["gzip.zip"]


def test_a_web_page_in_place_of_the_archive_is_told(tmp_path):
    (tmp_path / "gzip.zip").write_bytes(b"<!DOCTYPE html><title>Page moved</title>" + b" " * 110_000)
    with pytest.raises(InputError, match="a web page in place of the archive"):
        convert(tmp_path / "gzip.zip", "byclass", tmp_path / "a.h5", ANY)
    with pytest.raises(InputError, match=r"no such file.*ocr download emnist.*--source"):
        convert(tmp_path / "none.zip", "byclass", tmp_path / "a.h5", ANY)


def test_what_is_there_is_left_alone(archive, tmp_path):
    target = tmp_path / "a.h5"
    assert convert(archive, "byclass", target, ANY)
    assert not convert(archive, "byclass", target, ANY)
    assert convert(archive, "byclass", target, Options(0.2, any_count=True))
    assert describe(target).parts["validation"] == 80
    assert convert(archive, "byclass", target, Options(0.2, any_count=True, force=True))


KILLED = """
import os, sys
from pathlib import Path
from ocrcli.datasets import emnist
done = []
def told(count):
    done.append(count)
    if len(done) == int(sys.argv[3]):
        os.kill(os.getpid(), 9)
emnist.convert(Path(sys.argv[1]), "byclass", Path(sys.argv[2]), emnist.Options(any_count=True), told)
"""


@pytest.mark.parametrize("blocks", [1, 3])
def test_a_kill_in_the_middle_changes_nothing_of_the_result(tmp_path, blocks):
    source = small_archive(tmp_path / "gzip.zip", {"train": 2 * BLOCK + 5, "test": 700})
    convert(source, "byclass", tmp_path / "whole.h5", ANY)
    target = tmp_path / "killed.h5"
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(source), str(target), str(blocks)], env={"PYTHONPATH": str(ROOT)}
    )
    assert run.returncode == -9
    assert not target.exists()
    assert convert(source, "byclass", target, ANY)
    assert digest(target) == digest(tmp_path / "whole.h5")
    assert not list(tmp_path.glob("*.part"))

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from emnist_archive import sample, small_archive
from PIL import Image
from test_charfolder import folder_a_class

from ocrcli.cli.app import run
from ocrcli.datasets.charstore import CharStore
from ocrcli.datasets.emnist import SPLITS
from ocrcli.datasets.pagestore import PagePart, PageWriter, StoredPage
from ocrcli.datasets.store import Header, write_store

ROOT = Path(__file__).resolve().parents[2]
COUNTS = {"train": 300, "test": 60}


@pytest.fixture
def ocr(capfd, tmp_path, monkeypatch):
    """``ocr(*arguments)``: the exit code, stdout and stderr of a command line, run in ``tmp_path``."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        capfd.readouterr()
        code = int(run([str(argument) for argument in arguments]))
        return (code, *capfd.readouterr())

    return call


def test_emnist_goes_from_the_download_to_data(ocr, tmp_path):
    (tmp_path / "data/raw/emnist").mkdir(parents=True)
    small_archive(tmp_path / "data/raw/emnist/gzip.zip", COUNTS)
    code, out, err = ocr("preprocess", "emnist", "--any-count")
    assert (code, out) == (0, "")
    assert "data/emnist-byclass.h5: train 285, validation 15, test 60;" in err
    assert CharStore(tmp_path / "data/emnist-byclass.h5").parts["test"] == 60
    assert "already there" in ocr("preprocess", "emnist", "--any-count")[2]


def test_all_splits_at_once_or_one_after_the_other_are_the_same(ocr, tmp_path):
    small_archive(tmp_path / "gzip.zip", COUNTS, tuple(SPLITS))
    for workers in (1, 3):
        arguments = ("--split", "all", "--any-count", "--workers", workers, "-o", f"by{workers}", "-q")
        assert ocr("preprocess", "emnist", "--source", "gzip.zip", *arguments) == (0, "", "")
    for split in SPLITS:
        name = f"emnist-{split}.h5"
        assert (tmp_path / "by1" / name).read_bytes() == (tmp_path / "by3" / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--split", "by-class"], 2, "--split by-class: not one of byclass, bymerge"),
        (["--split", "all", "-o", "one.h5"], 2, "one file for 6 splits"),
        (["--source", "none.zip"], 3, "none.zip: no such file; get it with 'ocr download emnist'"),
        ([], 3, "360"),
        (["--any-count", "-o", "gzip.zip/x"], 5, "cannot write it"),
    ],
)
def test_what_cannot_be_is_one_line_with_its_exit_code(ocr, tmp_path, arguments, code, told):
    small_archive(tmp_path / "gzip.zip", COUNTS)
    found = ocr("preprocess", "emnist", "--source", "gzip.zip", *arguments)
    assert found[0] == code
    assert len(found[2].splitlines()) == 1
    assert told in found[2] or (not arguments and "300 train images" in found[2])


def test_a_damaged_split_stops_the_others_and_is_told(ocr, tmp_path):
    small_archive(tmp_path / "gzip.zip", COUNTS, ("byclass", "digits"))
    code, _, err = ocr("preprocess", "emnist", "--source", "gzip.zip", "--any-count", "--split", "all")
    assert code == 3
    assert "has no emnist-bymerge-mapping.txt" in err
    assert not list(tmp_path.glob("data/*.part"))


def test_a_folder_of_characters_is_recognised_as_one(ocr, tmp_path):
    folder_a_class(tmp_path / "letters")
    code, _, err = ocr("preprocess", "folder", "letters", "--workers", 1)
    assert code == 0
    assert "data/letters.h5: train 11, validation 1;" in err
    assert CharStore(tmp_path / "data/letters.h5").alphabet == "7Aa"


def test_a_folder_of_which_nothing_can_be_used_is_an_error(ocr, tmp_path):
    (tmp_path / "letters/A").mkdir(parents=True)
    (tmp_path / "letters/A/0.png").write_bytes(b"nothing")
    code, _, err = ocr("preprocess", "folder", "letters", "--workers", 1)
    assert code == 3
    assert "image cannot be read" in err
    assert not (tmp_path / "data/letters.h5").exists()


def test_data_counts_parts_and_labels(ocr, tmp_path):
    small_archive(tmp_path / "gzip.zip", COUNTS)
    ocr("preprocess", "emnist", "--source", "gzip.zip", "--any-count", "-o", "a.h5")
    code, out, err = ocr("data", "a.h5")
    assert (code, err) == (0, "")
    assert "train 285, validation 15, test 60" in out
    assert "ocr preprocess emnist --split byclass --any-count" in out
    told = json.loads(ocr("data", "a.h5", "--json")[1])
    raw = sample("byclass", COUNTS)["test"][0]
    assert told["labels"]["test"]["0"] == int((raw == 0).sum())
    assert sum(told["labels"]["train"].values()) == told["parts"]["train"] == 285
    assert told["created_from"] == [{"name": "gzip.zip", "bytes": (tmp_path / "gzip.zip").stat().st_size}]


def test_several_stores_are_an_array(ocr, tmp_path):
    small_archive(tmp_path / "gzip.zip", COUNTS, ("digits", "mnist"))
    options = ("--any-count", "--split", "digits", "--split", "mnist", "-o", ".", "-q")
    ocr("preprocess", "emnist", "--source", "gzip.zip", *options)
    told = json.loads(ocr("data", "emnist-digits.h5", "emnist-mnist.h5", "--json")[1])
    assert [one["dataset"] for one in told] == ["emnist-digits", "emnist-mnist"]


def test_a_contact_sheet_shows_the_images(ocr, tmp_path):
    small_archive(tmp_path / "gzip.zip", COUNTS, ("digits",))
    ocr("preprocess", "emnist", "--source", "gzip.zip", "--any-count", "--split", "digits", "-o", "a.h5")
    assert ocr("data", "a.h5", "--show", "sheet.png")[0] == 0
    sheet = np.asarray(Image.open(tmp_path / "sheet.png").convert("L")).astype(int)
    top = sheet[:120]
    bars = (top[:, :-40] == 255).astype(int)  # the bar across the top of each image, doubled in size
    assert (np.apply_along_axis(lambda row: np.convolve(row, np.ones(44)).max(), 1, bars) == 44).any()
    code, _, err = ocr("data", "a.h5", "--show", "sheet.xyz")
    assert (code, "cannot write the contact sheet" in err) == (5, True)


def test_data_counts_the_texts_of_words(ocr, tmp_path):
    rows = {"0.png": "café", "1.png": "café", "2.png": "a" * 25}
    for name in rows:
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 200), np.uint8)).save(tmp_path / name)
    lines = "".join(f"{name}\t{text}\n" for name, text in rows.items())
    (tmp_path / "labels.tsv").write_text(lines, "utf-8")
    code, _, err = ocr("preprocess", "folder", ".", "-o", "words.h5", "--workers", 1)
    assert code == 0, err
    told = json.loads(ocr("data", "words.h5", "--json", "--show", "sheet.png")[1])
    assert told["samples"] == sum(told["parts"].values()) == 3
    assert told["lengths"] == {"4": 2, "25": 1}
    assert told["characters"] == {"a": 27, "c": 2, "f": 2, "é": 2}
    assert "21-30" in ocr("data", "words.h5")[1]
    assert (tmp_path / "sheet.png").exists()


def test_data_counts_and_draws_the_lines_of_pages(ocr, tmp_path):
    image = io.BytesIO()
    Image.new("RGB", (200, 100), (255, 255, 255)).save(image, "PNG")
    quads = np.array([[(20, 20), (180, 20), (180, 40), (20, 40)]], np.float32)
    page = StoredPage(image.getvalue(), "a.png", (200, 100), quads, ["one line"], np.zeros(1, bool))
    with write_store(tmp_path / "pages.h5", Header("page", "own", "ocr")) as writer:
        pages = PageWriter(writer.file)
        pages.append([PagePart([page, page])])
        writer.parts.update(pages.parts())
    told = json.loads(ocr("data", "pages.h5", "--json", "--show", "sheet.png")[1])
    assert told["contents"] == {"lines": 2, "words": 0, "chars": 0}
    assert told["lengths"] == {"8": 2}
    sheet = np.asarray(Image.open(tmp_path / "sheet.png")).astype(int)
    assert ((sheet[:, :, 0] > 200) & (sheet[:, :, 1] < 60)).sum() > 200  # the outlines


def test_data_names_what_is_no_store(ocr, tmp_path):
    (tmp_path / "a.h5").write_bytes(b"nothing")
    code, out, err = ocr("data", "a.h5")
    assert (code, out) == (3, "")
    assert err.strip().endswith("a.h5: not an HDF5 store, or damaged")


def test_ctrl_c_ends_quietly_and_leaves_nothing_half(tmp_path):
    small_archive(tmp_path / "gzip.zip", {"train": 9000, "test": 10})
    code = (
        "import os, signal, sys\n"
        "from ocrcli.cli import app\n"
        "from ocrcli.datasets import emnist\n"
        "read = emnist._read_block\n"
        "def interrupted(*a):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    return read(*a)\n"
        "emnist._read_block = interrupted\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # background jobs begin without one
        "sys.exit(app.run(sys.argv[1:]))\n"
    )
    command = ["preprocess", "emnist", "--source", "gzip.zip", "--any-count", "-o", "a.h5"]
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
    )
    assert done.returncode == 130
    assert b"Traceback" not in done.stderr
    assert not list(tmp_path.glob("a.h5*"))

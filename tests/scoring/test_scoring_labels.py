"""Label files and what is said of bad ones."""

import json

import numpy as np
import pytest

from ocrcli.errors import InputError
from ocrcli.scoring.labels import read_chars, read_pages, read_word_labels


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"")
    return path


def test_word_labels_are_relative_to_their_file_and_keep_further_tabs(tmp_path, image):
    labels = tmp_path / "labels.tsv"
    labels.write_bytes("\ufeffa.png\tone two\r\n\na.png\t\n".encode())
    assert read_word_labels(labels) == [(image, "one two"), (image, "")]
    assert read_word_labels(labels, limit=1) == [(image, "one two")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a.png\tone\nb.png\ttwo\n", r"labels\.tsv:2: no such image: .*b\.png"),
        ("a.png one\n", r"labels\.tsv:1: expected image<TAB>text"),
        ("\n", "holds no samples"),
    ],
)
def test_bad_word_labels_are_named_with_their_line(tmp_path, image, content, message):
    (tmp_path / "labels.tsv").write_text(content)
    with pytest.raises(InputError, match=message):
        read_word_labels(tmp_path / "labels.tsv")


def test_missing_and_binary_label_files_are_input_errors(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_word_labels(tmp_path / "none.tsv")
    (tmp_path / "binary.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read_word_labels(tmp_path / "binary.tsv")


def test_pages_mark_unreadable_words(tmp_path, image):
    words = [
        {"text": "###"},
        {"text": "x", "quad": [[0, 0], [1, 0], [1, 1], [0, 1]]},
        {"text": "y", "ignore": True},
    ]
    (tmp_path / "pages.jsonl").write_text(json.dumps({"image": "a.png", "words": words}) + "\n")
    (page,) = read_pages(tmp_path / "pages.jsonl")
    assert [word.ignore for word in page.words] == [True, False, True]
    assert page.words[1].quad == ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    assert page.text is None


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"text": "x"}',
        '{"image": 3}',
        '{"image": "a.png", "words": [{"quad": []}]}',
        '{"image": "a.png", "words": [{"text": "x", "quad": [[0, 0]]}]}',
        '{"image": "a.png", "text": 5}',
    ],
)
def test_bad_pages_are_named_with_their_line(tmp_path, image, line):
    (tmp_path / "pages.jsonl").write_text('{"image": "a.png", "text": ""}\n' + line + "\n")
    with pytest.raises(InputError, match=r"pages\.jsonl:2: not a labelled page"):
        read_pages(tmp_path / "pages.jsonl")


def test_characters_come_as_letters_or_classes(tmp_path):
    images = np.zeros((2, 28, 28), np.uint8)
    np.savez(tmp_path / "letters.npz", images=images, labels=np.array(["a", "B"]))
    np.savez(
        tmp_path / "classes.npz", images=images, labels=np.array([1, 2]), case_merged=np.array([True, False])
    )
    assert read_chars(tmp_path / "letters.npz").labels == ["a", "B"]
    chars = read_chars(tmp_path / "classes.npz", limit=1)
    assert (list(chars.labels), chars.case_merged.tolist()) == ([1], [True])


def test_other_files_are_no_characters(tmp_path):
    (tmp_path / "text.npz").write_text("no archive")
    np.savez(tmp_path / "shape.npz", images=np.zeros((2, 3), np.uint8), labels=np.array(["a", "b"]))
    np.savez(tmp_path / "names.npz", pictures=np.zeros((2, 3), np.uint8))
    for name in ("text.npz", "shape.npz", "names.npz", "missing.npz"):
        with pytest.raises(InputError, match=name):
            read_chars(tmp_path / name)

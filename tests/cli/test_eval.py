"""``ocr eval``: the command with tiny models whose readings are known."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image

from ocrcli.cli.app import run
from ocrcli.errors import ExitCode


@pytest.fixture
def word_set(tmp_path, paint_strip):
    """Four words: one right, one by protocol 36 alone, one wrong, one without letters."""
    folder = tmp_path / "signs"
    folder.mkdir()
    rows = [("right", "right"), ("case", "CASE"), ("wrong", "wring"), ("dot", ".")]
    for painted, _ in rows:
        Image.fromarray(paint_strip(painted)).save(folder / f"{painted}.png")
    labels = folder / "labels.tsv"
    labels.write_text("".join(f"{painted}.png\t{truth}\n" for painted, truth in rows), encoding="utf-8")
    return labels


@pytest.fixture
def page_set(tmp_path, paint_page, paint_strip):
    """One page of two lines, the second with a wrong label."""
    folder = tmp_path / "letters"
    folder.mkdir()
    Image.fromarray(paint_page([(40, 40, "hello world"), (40, 140, "second")])).save(folder / "a.png")
    width = paint_strip("hello world").shape[1]

    def quad(y, width):
        return [[40, y], [40 + width, y], [40 + width, y + 32], [40, y + 32]]

    words = [
        {"text": "hello world", "quad": quad(40, width)},
        {"text": "secund", "quad": quad(140, paint_strip("second").shape[1])},
    ]
    record = {"image": "a.png", "words": words, "text": "hello world\nsecund"}
    path = folder / "pages.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def char_set(tmp_path):
    """Bars of 24 pixels' height: the tiny classifier takes widths 2 and 4 for c and d."""
    images = np.zeros((4, 28, 28), np.uint8)
    for image, width in zip(images, (2, 4, 4, 2), strict=True):  # a line of one pixel would be mended
        image[2:26, 14 - width // 2 : 14 - width // 2 + width] = 255
    path = tmp_path / "bars.npz"
    np.savez(path, images=images, labels=np.array(["c", "d", "c", "7"]))
    return path


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_words_give_every_figure_with_its_protocol_and_model(word_set, tiny_models, capsys):
    assert run(["eval", "word", str(word_set), "--model-dir", str(tiny_models), "--json"]) == ExitCode.OK
    result = json.loads(capsys.readouterr().out)
    assert (result["task"], result["samples"]) == ("word", 4)
    assert result["accuracy_94"] == 1 / 4
    assert (result["accuracy_36"], result["samples_36"]) == (2 / 3, 3)  # "." is nothing under 36
    # edits 0 + 4 (case counts) + 1 + 3 over 5 + 4 + 5 + 1 characters
    assert result["cer"] == pytest.approx(8 / 15)
    assert result["images_per_second"] > 0
    assert "case and punctuation count" in result["protocols"]["accuracy_94"]
    assert result["models"]["word"]["sha256"] == sha256(tiny_models / "word.onnx")


def test_several_sets_give_a_row_each_and_a_list(word_set, tiny_models, capsys):
    arguments = [
        "eval",
        "word",
        str(word_set),
        str(word_set),
        "--limit",
        "1",
        "--model-dir",
        str(tiny_models),
    ]
    assert run(arguments) == ExitCode.OK
    out = capsys.readouterr().out
    table = [line.split() for line in out.splitlines()]
    assert table[0] == ["set", "n", "94", "36", "exact", "CER", "images/s"]
    assert [row[:6] for row in table[1:3]] == [["signs", "1", "100.00", "100.00", "100.00", "0.00"]] * 2
    assert "94: 94 printable ASCII characters" in out
    assert "\x1b" not in out
    assert run([*arguments, "--json"]) == ExitCode.OK
    assert [result["samples"] for result in json.loads(capsys.readouterr().out)] == [1, 1]


def test_one_model_file_can_be_scored(word_set, tiny_models, tmp_path, capsys):
    other = tmp_path / "candidate.onnx"
    other.write_bytes((tiny_models / "word.onnx").read_bytes())
    assert run(["eval", "word", str(word_set), "--model", str(other), "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["models"]["word"]["file"] == str(other)


def test_pages_are_scored_by_text_by_words_and_by_place(page_set, tiny_models, capsys):
    assert run(["eval", "page", str(page_set), "--model-dir", str(tiny_models), "--json"]) == ExitCode.OK
    result = json.loads(capsys.readouterr().out)
    assert result["level"] == "line"  # one text of two holds a space
    # "hello world second" read for "hello world secund": 1 of 18 characters, 1 of 3 words
    assert result["cer"] == pytest.approx(1 / 18)
    assert result["wer"] == pytest.approx(1 / 3)
    assert result["bag_f1"] == pytest.approx(2 / 3)
    assert result["detection_hmean"] == 1.0
    assert result["end_to_end_hmean"] == 1 / 2
    assert set(result["models"]) == {"word", "detect", "lexicon"}


def test_characters_outside_the_alphabet_are_skipped_and_counted(char_set, tiny_models, capsys):
    assert run(["eval", "char", str(char_set), "--model-dir", str(tiny_models), "--json"]) == ExitCode.OK
    result = json.loads(capsys.readouterr().out)
    assert (result["samples"], result["skipped"]) == (3, 1)
    assert result["top1"] == pytest.approx(2 / 3)
    assert result["commonest_mistakes"] == [["c", "d", 1]]
    assert run(["eval", "char", str(char_set), "--model-dir", str(tiny_models)]) == ExitCode.OK
    assert capsys.readouterr().out.split()[:4] == ["set", "n", "skipped", "top-1"]


@pytest.mark.parametrize(
    ("verb", "fixture"), [("word", "word_set"), ("page", "page_set"), ("char", "char_set")]
)
def test_report_shows_the_mistakes_as_pictures(verb, fixture, tiny_models, tmp_path, request, capsys):
    report = tmp_path / "report.html"
    labels = str(request.getfixturevalue(fixture))
    assert (
        run(["eval", verb, labels, "--model-dir", str(tiny_models), "--report", str(report)]) == ExitCode.OK
    )
    html = report.read_text(encoding="utf-8")
    expected = {"word": 3, "page": 1, "char": 1}  # mistakes, or pages
    assert html.count("data:image/jpeg;base64,") == expected[verb]
    assert labels in html
    assert capsys.readouterr().err == ""


def test_label_that_names_no_image_is_told_with_its_line(word_set, tiny_models, capsys):
    with word_set.open("a", encoding="utf-8") as file:
        file.write("missing.png\tnone\n")
    assert run(["eval", "word", str(word_set), "--model-dir", str(tiny_models)]) == ExitCode.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{word_set}:5: no such image" in err and err.count("\n") == 1


def test_damaged_image_of_a_set_is_told_by_name(word_set, tiny_models, capsys):
    (word_set.parent / "case.png").write_bytes(b"no picture")
    assert run(["eval", "word", str(word_set), "--model-dir", str(tiny_models)]) == ExitCode.BAD_INPUT
    assert "case.png" in capsys.readouterr().err


def test_report_that_cannot_be_written_stops_before_the_work(word_set, tmp_path, capsys):
    report = str(tmp_path / "none" / "report.html")
    assert run(["eval", "word", str(word_set), "--report", report]) == ExitCode.CANNOT_WRITE
    assert report in capsys.readouterr().err


def test_missing_model_has_its_exit_code(word_set, tmp_path, capsys):
    assert run(["eval", "word", str(word_set), "--model", str(tmp_path / "no.onnx")]) == ExitCode.MODEL
    assert "no.onnx" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["eval", "word"],
        ["eval", "word", "labels.tsv", "--mode", "char"],
        ["eval", "page", "pages.jsonl", "--level", "letter"],
        ["eval", "page", "pages.jsonl", "--limit", "0"],
    ],
)
def test_wrong_usage_is_told_as_such(arguments, capsys):
    assert run(arguments) == ExitCode.USAGE
    assert capsys.readouterr().out == ""


def test_words_can_be_read_as_pages(word_set, tiny_models, capsys):
    arguments = ["eval", "word", str(word_set), "--mode", "auto", "--limit", "1", "--json"]
    assert run([*arguments, "--model-dir", str(tiny_models)]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["accuracy_94"] == 1.0

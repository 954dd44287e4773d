"""Formats that other programs read, through the command."""

import csv
from xml.etree import ElementTree

import pytest

XHTML = "{http://www.w3.org/1999/xhtml}"
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"


def words_of(path):
    """The words that a file holds, by its suffix."""
    if path.suffix == ".tsv":
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            return [row["text"] for row in rows if row["level"] == "5"]
    tree = ElementTree.parse(path)
    if path.suffix == ".hocr":
        return [span.text for span in tree.iter(f"{XHTML}span") if span.get("class") == "ocrx_word"]
    return [string.get("CONTENT") for string in tree.iter(f"{ALTO}String")]


@pytest.mark.parametrize("suffix", [".tsv", ".hocr", ".xml"])
def test_suffix_of_the_output_chooses_the_format(ocr, page_file, tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    result = ocr("predict", page_file("page.png", "hello world", "again"), "-o", path)
    assert (result.code, result.out, result.err) == (0, "", "")
    assert words_of(path) == ["hello", "world", "again"]


@pytest.mark.parametrize("form, suffix", [("tsv", ".tsv"), ("hocr", ".hocr"), ("alto", ".xml")])
def test_folder_gets_a_file_an_input_and_none_for_one_that_failed(ocr, page_file, tmp_path, form, suffix):
    page_file("in/a.png", "first")
    (tmp_path / "in" / "b.png").write_bytes(b"no image")
    result = ocr("predict", tmp_path / "in", "-o", tmp_path / "out", "-f", form)
    assert result.code == 3 and "b.png" in result.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"a{suffix}"]
    assert words_of(tmp_path / "out" / f"a{suffix}") == ["first"]


@pytest.mark.parametrize("suffix", [".tsv", ".hocr", ".xml"])
def test_input_that_fails_is_left_out_of_a_shared_file(ocr, page_file, tmp_path, suffix):
    pages = [page_file("a.png", "one"), tmp_path / "gone.png", page_file("b.png", "two")]
    (tmp_path / "gone.png").write_bytes(b"no image")
    assert ocr("predict", *pages, "-o", tmp_path / f"all{suffix}").code == 3
    assert words_of(tmp_path / f"all{suffix}") == ["one", "two"]


def test_word_and_character_in_hocr(ocr, word_file, tmp_path):
    ocr("predict", word_file("w.png", "hello"), "--mode", "word", "-o", tmp_path / "w.hocr")
    assert words_of(tmp_path / "w.hocr") == ["hello"]
    ocr("predict", word_file("c.png", "h"), "--mode", "char", "-o", tmp_path / "c.hocr")
    (letter,) = words_of(tmp_path / "c.hocr")
    assert len(letter) == 1

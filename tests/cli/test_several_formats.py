"""Several formats at once, patterns that the shell left alone, folders and lists."""

import json
import os

import pytest
from PIL import Image

from ocrcli.errors import ExitCode


def sources(result):
    return [json.loads(line)["source"] for line in result.out.splitlines()]


def test_each_input_gets_a_file_of_each_format(ocr, page_file, tmp_path):
    pages = [page_file("a.png", "one"), page_file("b.png", "two")]
    result = ocr(
        "predict", *pages, "-f", "text", "-f", "json", "-f", "pdf", "-f", "text", "-o", f"{tmp_path}/out/"
    )
    assert (result.code, result.out, result.err) == (0, "", "")
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["a.json", "a.pdf", "a.txt", "b.json", "b.pdf", "b.txt"]
    assert (tmp_path / "out" / "b.txt").read_text() == "two\n"
    assert json.loads((tmp_path / "out" / "b.json").read_text())[0]["text"] == "two"
    assert (tmp_path / "out" / "b.pdf").read_bytes().startswith(b"%PDF-")


def test_several_formats_make_a_folder_of_any_name(ocr, page_file, tmp_path):
    ocr("predict", page_file("a.png", "one"), "-f", "text", "-f", "json", "-o", tmp_path / "out.d")
    assert sorted(path.name for path in (tmp_path / "out.d").iterdir()) == ["a.json", "a.txt"]


def test_several_formats_do_not_fit_into_stdout(ocr, page_file):
    result = ocr("predict", page_file("a.png", "one"), "-f", "text", "-f", "json")
    assert result.code == ExitCode.USAGE and "-o out/" in result.err and result.err.count("\n") == 1


def test_formats_of_one_suffix_do_not_overwrite_each_other(ocr, page_file, tmp_path):
    pages = [page_file("a.png", "one"), page_file("a.bmp", "two")]
    ocr("predict", *pages, "-f", "text", "-f", "json", "-o", f"{tmp_path}/out/")
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["a.bmp.json", "a.bmp.txt", "a.json", "a.txt"]


def test_pattern_in_quotes_is_matched_in_natural_order(ocr, page_file, tmp_path):
    for name in ("in/p10.png", "in/p9.png", "in/sub/p1.png", "in/.hidden.png", "in/notes.jpg"):
        page_file(name, "word")
    found = sources(ocr("predict", tmp_path / "in" / "*.png", "-f", "jsonl"))
    assert found == [str(tmp_path / "in" / name) for name in ("p9.png", "p10.png")]
    found = sources(ocr("predict", tmp_path / "in" / "**" / "*.png", "-f", "jsonl"))
    assert found == [str(tmp_path / "in" / name) for name in ("p9.png", "p10.png", "sub/p1.png")]


def test_pattern_without_a_suffix_means_pictures(ocr, page_file, tmp_path):
    page_file("in/a.png", "word")
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    assert sources(ocr("predict", tmp_path / "in" / "*", "-f", "jsonl")) == [str(tmp_path / "in" / "a.png")]


def test_folders_below_a_pattern_are_kept_in_the_output(ocr, page_file, tmp_path):
    page_file("in/x/a.png", "one")
    page_file("in/y/a.png", "two")
    ocr("predict", tmp_path / "in" / "**" / "*.png", "-o", tmp_path / "out")
    assert (tmp_path / "out" / "x" / "a.txt").read_text() == "one\n"
    assert (tmp_path / "out" / "y" / "a.txt").read_text() == "two\n"


def test_file_of_that_very_name_is_no_pattern(ocr, page_file, tmp_path):
    pages = [page_file("in/scan[1].png", "one"), page_file("in/scan1.png", "two")]
    assert ocr("predict", pages[0]).out == "one\n"
    (tmp_path / "list").write_text(str(pages[0]))
    assert ocr("predict", "--files-from", tmp_path / "list").out == "one\n"


def test_pattern_without_a_match_does_not_stop_the_others(ocr, page_file, tmp_path):
    result = ocr("predict", tmp_path / "*.gif", page_file("a.png", "one"))
    assert (result.code, result.out) == (ExitCode.BAD_INPUT, "one\n")
    assert "no file matches this pattern" in result.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_record_does_not_wait_for_an_input_that_is_not_there_yet(environment, page_file, tmp_path):
    import subprocess
    import sys

    os.mkfifo(tmp_path / "late.png")
    pages = [page_file("a.png", "one"), tmp_path / "late.png"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ocrcli", "predict", *pages], env=environment(), stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"one\n"  # while nobody has opened the pipe
    (tmp_path / "late.png").write_bytes(page_file("b.png", "two").read_bytes())
    assert process.stdout.read() == b"\ntwo\n"
    assert process.wait(60) == 0


@pytest.mark.parametrize("format", ["PDF", "TIFF", "WEBP", "JPEG"])
def test_stdin_is_what_its_bytes_say(ocr_process, page_file, tmp_path, format):
    options = {"resolution": 200} if format == "PDF" else {"quality": 95}
    Image.open(page_file("a.png", "hello")).save(tmp_path / "data", format, **options)
    result = ocr_process("predict", "-", stdin=(tmp_path / "data").read_bytes())
    assert (result.code, result.out, result.err) == (0, "hello\n", "")

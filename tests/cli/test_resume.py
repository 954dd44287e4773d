"""``--skip-existing``: a batch that was broken off goes on where it was."""

import json
import os
import signal
import subprocess
import sys

import pytest
from PIL import Image

from ocrcli.cli.files import part_of
from ocrcli.errors import ExitCode


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_outputs_that_are_there_are_left_alone(ocr, word_file, tmp_path):
    inputs = [word_file("a.png", "first"), word_file("b.png", "second")]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").write_text("mine")
    result = ocr("predict", *inputs, "-o", tmp_path / "out", "--skip-existing", "-v")
    assert result.code == 0 and "2 inputs (0 failed, 1 skipped), 1 page" in result.err
    assert (tmp_path / "out" / "a.txt").read_text() == "mine"
    assert (tmp_path / "out" / "b.txt").read_text() == "second\n"


def test_without_it_they_are_written_anew(ocr, word_file, tmp_path):
    page = word_file("a.png", "first")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").write_text("mine")
    ocr("predict", page, "-o", f"{tmp_path}/out/")
    assert (tmp_path / "out" / "a.txt").read_text() == "first\n"


def test_input_is_read_again_if_one_of_its_outputs_is_missing(ocr, word_file, tmp_path):
    page = word_file("a.png", "first")
    together = ("-o", f"{tmp_path}/out/", "-f", "text", "-f", "json", "--annotate", f"{tmp_path}/seen/")
    ocr("predict", page, *together)
    for missing in ("out/a.txt", "out/a.json", "seen/a.png"):
        (tmp_path / missing).unlink()
        ocr("predict", page, *together, "--skip-existing")
        assert (tmp_path / missing).exists()


def test_names_stay_the_same_whatever_is_skipped(ocr, word_file, tmp_path):
    inputs = [word_file("a.png", "one"), word_file("a.bmp", "two")]
    ocr("predict", *inputs, "-o", f"{tmp_path}/out/")
    (tmp_path / "out" / "a.bmp.txt").unlink()
    ocr("predict", *inputs, "-o", f"{tmp_path}/out/", "--skip-existing")
    assert (tmp_path / "out" / "a.bmp.txt").read_text() == "two\n"
    assert (tmp_path / "out" / "a.txt").read_text() == "one\n"


def test_input_that_failed_is_tried_again(ocr, word_file, tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    arguments = ("predict", tmp_path / "a.png", "-o", f"{tmp_path}/out/", "-f", "json", "--skip-existing")
    assert ocr(*arguments).code == ExitCode.BAD_INPUT
    assert ocr(*arguments).code == ExitCode.BAD_INPUT
    word_file("a.png", "mended")
    assert ocr(*arguments).code == ExitCode.OK
    assert json.loads((tmp_path / "out" / "a.json").read_text())[0]["text"] == "mended"


def test_one_file_that_is_there_is_left_alone(ocr, word_file, tmp_path):
    (tmp_path / "all.txt").write_text("mine")
    result = ocr("predict", word_file("a.png", "x"), "-o", tmp_path / "all.txt", "--skip-existing")
    assert (result.code, (tmp_path / "all.txt").read_text()) == (0, "mine")


def test_stdout_cannot_be_skipped(ocr, word_file):
    assert ocr("predict", word_file("a.png", "x"), "--skip-existing").code == ExitCode.USAGE


@pytest.mark.skipif(os.name != "posix", reason="asks the system for processes")
def test_what_a_dead_process_began_is_swept_away_and_what_a_living_one_began_is_not(ocr, word_file, tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    out = tmp_path / "out"
    out.mkdir()
    part_of(out / "a.txt", dead.pid).write_text("half")
    living = part_of(out / "a.txt", os.getppid())
    living.write_text("half")
    ocr("predict", word_file("b.png", "x"), "-o", out)
    assert names(out) == sorted([living.name, "b.txt"])


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_half_way_and_run_again_the_union_is_complete(
    environment, page_file, word_file, tmp_path, jobs
):
    """Good, broken, empty, huge and PDF inputs; the command is killed as soon as some outputs are there."""
    source = tmp_path / "in"
    for i in range(12):
        page_file(f"in/{i}.png", f"page {'abcdefghijkl'[i]}".replace(" ", ""))
    (source / "3.png").write_bytes(b"")
    (source / "5.png").write_bytes((source / "4.png").read_bytes()[:300])
    Image.new("1", (6000, 6000), 1).save(source / "7.png")
    for i in (8, 9):
        Image.open(source / f"{i}.png").save(source / f"{i}.pdf", resolution=200)
        (source / f"{i}.png").unlink()
    command = [sys.executable, "-m", "ocrcli", "predict", source, "-o", tmp_path / "out", "-f", "text",
               "-f", "jsonl", "--jobs", jobs]  # fmt: skip
    first = subprocess.Popen([*command, "-v"], env=environment(), stderr=subprocess.PIPE)
    for _ in range(4):
        first.stderr.readline()  # four inputs are told of
    first.send_signal(signal.SIGKILL)
    first.wait(60)
    first.stderr.close()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.txt")}
    assert 0 < len(before) < 10
    again = subprocess.run([*command, "--skip-existing"], env=environment(), capture_output=True, text=True)
    assert again.returncode == ExitCode.BAD_INPUT
    assert [line.split(": ")[1] for line in again.stderr.splitlines()] == [
        str(source / "3.png"), str(source / "5.png"),
    ]  # fmt: skip
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    good = [i for i in range(12) if i not in (3, 5)]
    assert names(tmp_path / "out") == sorted([f"{i}.txt" for i in good] + [f"{i}.jsonl" for i in range(12)])
    for i in good:
        (row,) = map(json.loads, (tmp_path / "out" / f"{i}.jsonl").read_text().splitlines())
        text = "" if i == 7 else f"page{'abcdefghijkl'[i]}"
        assert row["text"] == text and (tmp_path / "out" / f"{i}.txt").read_text() == (text and text + "\n")

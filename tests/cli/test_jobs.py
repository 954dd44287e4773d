"""``--jobs``: several processes share the inputs, and nobody can tell from the results."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ocrcli.cli.jobs import usual_jobs
from ocrcli.errors import ExitCode

# What a process of the command does when it is to read an input of such a name.
TROUBLE = """
import os, signal, sys
import ocrcli.engine.images as images
load = images.load_pages
def troubled(source, *, name, **options):
    if "deadly" in name:
        os.kill(os.getpid(), signal.SIGKILL)
    if "buggy" in name:
        raise ZeroDivisionError("no such luck")
    if "hanging" in name:
        with open(os.environ["TEST_FIFO"], "w") as fifo:
            fifo.write(str(os.getpid()))
        while True:
            signal.pause()
    return load(source, name=name, **options)
images.load_pages = troubled
"""
STILLBORN = """
import os, sys
if "--multiprocessing-fork" in sys.orig_argv:
    os._exit(7)
"""


@pytest.fixture
def with_site(tmp_path, environment):
    """``with_site(code, **variables)``: an environment in which every process runs some code first."""

    def make(code, **variables):
        folder = tmp_path / "site"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text(code)
        path = os.pathsep.join([str(folder), environment()["PYTHONPATH"]])
        return environment(**{"PYTHONPATH": path, **variables})

    return make


def run(environment, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "ocrcli", "predict", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def mixed(tmp_path, page_file, word_file):
    """Inputs of all kinds, good and bad ones, in the order of the folder."""
    for i, text in enumerate(["one", "two", "three", "four", "five", "six", "seven"]):
        word_file(f"in{i}.png", text).rename(page_file(f"in/{i}.png", text))
    (tmp_path / "in" / "3a.png").write_bytes(b"")
    (tmp_path / "in" / "4a.pdf").write_bytes(b"%PDF-1.7\nbroken")
    page_file("in/5a.png", "a page", "of two lines")
    return tmp_path / "in"


def test_order_and_records_are_those_of_one_process(ocr_process, mixed):
    alone = ocr_process("predict", mixed, "-f", "jsonl", "--jobs", "1")
    shared = ocr_process("predict", mixed, "-f", "jsonl", "--jobs", "3")
    assert shared.code == alone.code == ExitCode.BAD_INPUT
    assert shared.out == alone.out and len(shared.out.splitlines()) == 10
    assert shared.err == alone.err and shared.err.count("\n") == 2


def test_folder_gets_the_same_files(ocr_process, mixed, tmp_path):
    for jobs in ("1", "2"):
        options = ("-f", "text", "-f", "json", "--annotate", tmp_path / jobs / "seen", "--jobs", jobs)
        assert ocr_process("predict", mixed, "-o", tmp_path / jobs, *options).code == ExitCode.BAD_INPUT
    assert names(tmp_path / "1") == names(tmp_path / "2") and len(names(tmp_path / "1")) == 8 + 10 + 8
    for name in names(tmp_path / "1"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_formats_that_show_the_page_get_its_picture(ocr_process, mixed, tmp_path):
    for jobs in ("1", "2"):
        ocr_process("predict", mixed, "-o", tmp_path / f"{jobs}.html", "--jobs", jobs)
    assert (tmp_path / "1.html").read_bytes() == (tmp_path / "2.html").read_bytes()


def test_stdin_is_one_of_the_inputs(ocr_process, word_file):
    first, last = word_file("a.png", "first"), word_file("c.png", "last")
    data = word_file("b.png", "middle").read_bytes()
    result = ocr_process("predict", first, "-", last, "--mode", "word", "--jobs", "2", stdin=data)
    assert (result.code, result.out, result.err) == (0, "first\nmiddle\nlast\n", "")


@pytest.mark.parametrize("folder", [False, True])
def test_process_that_dies_costs_its_input_alone(with_site, word_file, tmp_path, folder):
    inputs = [word_file(f"{name}.png", "word") for name in ("a", "b", "deadly", "d", "deadly2", "f")]
    target = ["-o", f"{tmp_path}/out/"] if folder else []
    result = run(with_site(TROUBLE), *inputs, "--mode", "word", "-f", "jsonl", "--jobs", "2", *target)
    assert result.returncode == ExitCode.BAD_INPUT
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == [str(inputs[2]), str(inputs[4])]
    assert "killed by signal 9" in result.stderr
    rows = result.stdout.splitlines()
    if folder:
        assert names(tmp_path / "out") == sorted(f"{path.stem}.jsonl" for path in inputs)
        rows = [(tmp_path / "out" / f"{path.stem}.jsonl").read_text() for path in inputs]
    assert [json.loads(row).get("text") for row in rows] == ["word", "word", None, "word", None, "word"]


def test_processes_that_cannot_start_are_told_in_one_line(with_site, word_file):
    inputs = [word_file(f"{i}.png", "word") for i in range(4)]
    result = run(with_site(STILLBORN), *inputs, "--jobs", "2")
    assert result.returncode == ExitCode.UNEXPECTED and result.stdout == ""
    assert (
        result.stderr == "ocr: a process for reading could not start (exit code 7); --jobs 1 does without\n"
    )


def test_missing_model_ends_with_4_and_one_line(ocr_process, word_file, tmp_path):
    inputs = [word_file(f"{i}.png", "word") for i in range(4)]
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "word.onnx").write_bytes(b"damaged")
    result = ocr_process("predict", *inputs, "--jobs", "2", "--model-dir", tmp_path / "models")
    assert result.code == ExitCode.MODEL and result.out == ""
    assert "damaged" in result.err and result.err.count("\n") == 1


def test_output_that_cannot_be_written_ends_with_5(ocr_process, word_file, tmp_path):
    inputs = [word_file(f"{i}.png", "word") for i in range(4)]
    (tmp_path / "out" / "2.txt").mkdir(parents=True)
    result = ocr_process("predict", *inputs, "--jobs", "2", "-o", f"{tmp_path}/out/")
    assert result.code == ExitCode.CANNOT_WRITE and "2.txt" in result.err


def test_error_of_ours_is_told_with_its_type_and_where_it_happened(with_site, word_file):
    inputs = [word_file(name, "word") for name in ("a.png", "buggy.png")]
    result = run(with_site(TROUBLE), *inputs, "--jobs", "2")
    assert result.returncode == ExitCode.UNEXPECTED
    assert "unexpected ZeroDivisionError: no such luck" in result.stderr


@pytest.mark.parametrize(
    "sent, code", [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, 143)], ids=["ctrl-c", "term"]
)
def test_interrupt_ends_all_processes_and_leaves_no_half_file(with_site, word_file, tmp_path, sent, code):
    inputs = [word_file(f"{name}.png", "word") for name in ("a", "hanging", "c")]
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [sys.executable, "-m", "ocrcli", "predict", *inputs, "-o", f"{tmp_path}/out/", "--jobs", "2"],
        env=with_site(TROUBLE, TEST_FIFO=str(fifo)),
        stderr=subprocess.PIPE,
    )
    worker = int(fifo.read_text())  # it hangs from here on
    process.send_signal(sent)
    assert process.wait(60) == code
    assert process.stderr.read().strip() == b""
    assert not Path(f"/proc/{worker}").exists() or "zombie" in Path(f"/proc/{worker}/status").read_text()
    assert [name for name in names(tmp_path / "out") if name.endswith(".part")] == []


def test_closed_pipe_ends_quietly(environment, word_file):
    inputs = [word_file(f"{i}.png", "hello") for i in range(30)]
    process = subprocess.Popen(
        [sys.executable, "-m", "ocrcli", "predict", *inputs, "--mode", "word", "--jobs", "2"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"hello\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 141


def test_who_is_far_ahead_waits_and_nothing_is_lost(ocr, mixed, monkeypatch):
    expected = ocr("predict", mixed, "-f", "jsonl", "--jobs", "1")
    monkeypatch.setattr("ocrcli.cli.jobs.AHEAD_BYTES", 0)
    result = ocr("predict", mixed, "-f", "jsonl", "--jobs", "3")
    assert (result.code, result.out, result.err) == (expected.code, expected.out, expected.err)


def test_usual_number_of_processes_follows_cores_and_inputs():
    assert usual_jobs(2, 1000, "cpu") == 1  # one process keeps four cores busy
    assert usual_jobs(16, 1000, "cpu") == 4
    assert usual_jobs(16, 3, "cpu") == 1  # not worth the start of a process
    assert usual_jobs(16, 1000, "cuda") == 1

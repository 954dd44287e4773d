"""Streams: an image on stdin, nothing but results on stdout, closed and full pipes, colours."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ocrcli.errors import ExitCode

CLOSED_PIPE = 141  # as a shell reports of any program that SIGPIPE ended


def test_image_on_stdin_is_read(ocr_process, word_file):
    data = word_file("w.png", "hello").read_bytes()
    result = ocr_process("predict", "-", "--mode", "word", stdin=data)
    assert (result.code, result.out, result.err) == (0, "hello\n", "")


def test_source_of_stdin_is_a_dash(ocr_process, word_file):
    result = ocr_process("predict", "-", "-f", "jsonl", stdin=word_file("w.png", "hello").read_bytes())
    assert json.loads(result.out)["source"] == "-"


@pytest.mark.parametrize("data", [b"", b"no picture"])
def test_bad_stdin_is_an_input_error(ocr_process, data):
    result = ocr_process("predict", "-", stdin=data)
    assert result.code == ExitCode.BAD_INPUT
    assert result.out == "" and result.err.startswith("ocr: -: ") and result.err.count("\n") == 1


def test_names_of_inputs_come_from_stdin(ocr_process, word_file):
    names = "\0".join(str(word_file(f"{text}.png", text)) for text in ("one", "two"))
    result = ocr_process("predict", "--files-from", "-", "--mode", "word", stdin=names.encode())
    assert (result.code, result.out) == (0, "one\ntwo\n")


def test_closed_pipe_ends_quietly(command, word_file):
    pages = [word_file(f"{i}.png", "hello") for i in range(20)]
    process = command("predict", *pages, "--mode", "word")
    assert process.stdout.readline() == b"hello\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == CLOSED_PIPE


def test_pipe_that_is_closed_from_the_start_ends_quietly(command, word_file):
    process = command("predict", word_file("w.png", "hello"), "--mode", "word")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == CLOSED_PIPE


def test_help_into_a_closed_pipe_ends_quietly(command):
    process = command("predict", "--help")
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait(60)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_disk_is_an_output_error(command, word_file):
    with Path("/dev/full").open("wb") as full:
        process = command("predict", word_file("w.png", "hello"), "--mode", "word", stdout=full)
        error = process.stderr.read().decode()
        assert process.wait(60) == ExitCode.CANNOT_WRITE
    assert error == "ocr: stdout: cannot write: No space left on device\n"


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_closed_stdout_is_an_output_error(environment, word_file):
    line = f"{sys.executable} -m ocrcli predict {word_file('w.png', 'hello')} --mode word >&-"
    done = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, env=environment())
    assert done.returncode == ExitCode.CANNOT_WRITE
    assert done.stderr == b"ocr: stdout is closed; name a file by --output\n"


def test_output_is_utf8_in_any_locale(ocr_process, word_file):
    result = ocr_process("predict", word_file("ü.png", "hello"), "-f", "jsonl", LC_ALL="C", PYTHONUTF8="0")
    assert json.loads(result.out)["source"].endswith("ü.png")


def test_interrupt_while_reading_ends_with_130(command, tmp_path):
    os.mkfifo(tmp_path / "slow.png")  # the command waits here for the picture that never comes
    process = command("predict", tmp_path / "slow.png", "-o", tmp_path / "out.txt")
    opened = threading.Event()

    def hold():
        with (tmp_path / "slow.png").open("wb"):  # returns as soon as the command has opened it
            opened.set()
            process.wait(60)

    threading.Thread(target=hold, daemon=True).start()
    assert opened.wait(60)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == ExitCode.INTERRUPTED
    assert process.stderr.read() == b"\n"
    assert [path.name for path in tmp_path.iterdir()] == ["slow.png"]


def test_error_is_coloured_on_a_terminal_only(terminal):
    assert "\033[1;31mocr:\033[0m" in terminal("predict", "missing.png")
    assert "\033[" not in terminal("predict", "missing.png", NO_COLOR="1")
    assert "\033[" not in terminal("predict", "missing.png", "--no-color")
    assert "\033[" not in terminal("predict", "missing.png", TERM="dumb")


def test_terminal_shows_panels_and_a_pipe_plain_text(terminal, ocr_process, word_file):
    page = word_file("w.png", "hello")
    seen = terminal("predict", page, "--mode", "word", NO_COLOR="1")
    assert "w.png ─" in seen and "\r\nhello\r\n" in seen and "% sure" in seen
    assert "\033[" not in seen
    assert "\033[1m" in terminal("predict", page, "--mode", "word")
    assert ocr_process("predict", page, "--mode", "word").out == "hello\n"


def test_named_format_is_plain_on_a_terminal_too(terminal, word_file):
    assert terminal("predict", word_file("w.png", "hello"), "--mode", "word", "-f", "text") == "hello\r\n"


def test_stdin_that_is_a_terminal_is_a_usage_error(terminal):
    assert "stdin is a terminal" in terminal("predict", "-")


@pytest.fixture
def command(tiny_models, environment):
    """Starts the command and leaves it running."""
    started = []

    def start(*arguments, stdout=subprocess.PIPE):
        process = subprocess.Popen(
            [sys.executable, "-m", "ocrcli", *(str(argument) for argument in arguments)],
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.fixture
def terminal(environment):
    """``terminal(*arguments)``: what a person would see, stdin, stdout and stderr being a terminal."""

    def show(*arguments, **variables):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "ocrcli", *(str(argument) for argument in arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment(**{"TERM": "xterm-256color", "COLUMNS": "80", **variables}),
        )
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(ours, 65536):
                seen += chunk
        except OSError:  # how Linux says that the other side is closed
            pass
        os.close(ours)
        process.wait(60)
        return seen.decode()

    return show

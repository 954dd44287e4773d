"""What a person sees: a table where there are many inputs, thumbnails where asked for, a bar on stderr."""

import os
import pty
import re
import subprocess
import sys

import pytest
from PIL import Image


@pytest.fixture
def terminal(environment):
    """``terminal(*arguments, answer=b"", out=None)``: what a terminal shows, which may answer questions."""

    def show(*arguments, answer=b"", out=None, **variables):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "ocrcli", *(str(argument) for argument in arguments)],
            stdin=theirs,
            stdout=out or theirs,
            stderr=theirs,
            env=environment(**{"TERM": "xterm-256color", "COLUMNS": "80", **variables}),
        )
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(ours, 65536):
                seen += chunk
                if answer and b"\033[c" in seen:
                    os.write(ours, answer)
                    answer = b""
        except OSError:
            pass
        os.close(ours)
        process.wait(60)
        return seen.decode()

    return show


def test_many_inputs_are_shown_in_a_table(terminal, word_file):
    inputs = [word_file(f"{i}.png", "hello") for i in range(13)]
    seen = terminal("predict", *inputs, "--mode", "word", NO_COLOR="1").splitlines()
    assert seen[0].split() == ["name", "text", "pages", "words", "sure", "seconds"]
    assert [row.split()[1] for row in seen[1:14]] == ["hello"] * 13
    assert seen[14].startswith("13 inputs · 13 words")


def test_few_inputs_are_shown_in_panels(terminal, word_file):
    seen = terminal("predict", *[word_file(f"{i}.png", "hello") for i in range(3)], NO_COLOR="1")
    assert seen.count("% sure") == 3 and "tiny on cpu" in seen


@pytest.mark.parametrize(
    "answer, sign",
    [(b"\033_Gi=31;OK\033\\\033[?62c", "\033_Ga=T"), (b"\033[?62;4c", "\033Pq"), (b"\033[?62;1c", "▀")],
    ids=["kitty", "sixel", "blocks"],
)
def test_thumbnail_is_shown_as_the_terminal_can(terminal, word_file, answer, sign):
    page = word_file("w.png", "hello")
    seen = terminal("predict", page, "--thumbnail", answer=answer, COLORTERM="truecolor")
    assert sign in seen and seen.index(sign) < seen.index("hello\r\n")
    assert sign not in terminal("predict", page)


def test_thumbnail_is_nothing_for_a_pipe(ocr_process, word_file):
    result = ocr_process("predict", word_file("w.png", "hello"), "--thumbnail")
    assert (result.code, result.out) == (0, "hello\n")


def test_bar_goes_to_stderr_and_is_gone_at_the_end(terminal, word_file, tmp_path):
    inputs = [word_file(f"{i}.png", "hello") for i in range(4)]
    with (tmp_path / "out").open("wb") as out:
        seen = terminal("predict", *inputs, tmp_path / "none.png", "--mode", "word", out=out)
    assert (tmp_path / "out").read_text() == "hello\n" * 4 + "\n"
    assert (
        "reading" in seen and re.search(r"\d/5", seen) and "no such file or folder" in " ".join(seen.split())
    )
    assert seen.endswith("\033[2K")  # the line of the bar is cleared


@pytest.mark.parametrize("arguments", [("--quiet",), ("one",)], ids=["quiet", "one input"])
def test_there_is_no_bar_for_one_input_or_when_quiet(terminal, word_file, tmp_path, arguments):
    inputs = [word_file(f"{i}.png", "hello") for i in range(1 if arguments == ("one",) else 4)]
    quiet = [argument for argument in arguments if argument.startswith("-")]
    with (tmp_path / "out").open("wb") as out:
        assert terminal("predict", *inputs, *quiet, out=out) == ""


def test_pages_of_a_long_document_are_counted(terminal, page_file, tmp_path):
    frames = [Image.open(page_file(f"{i}.png", "hello")) for i in range(3)]
    frames[0].save(tmp_path / "d.tif", save_all=True, append_images=frames[1:])
    with (tmp_path / "out").open("wb") as out:
        seen = terminal("predict", tmp_path / "d.tif", out=out)
    assert "page 3" in seen and seen.endswith("\033[2K")
    assert (tmp_path / "out").read_text() == "hello\n\fhello\n\fhello\n"

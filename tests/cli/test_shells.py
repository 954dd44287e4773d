"""Completion in the real shells, as a person types: a terminal, text and tabs."""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrcli.cli.completion import SCRIPTS
from ocrcli.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]
PROMPT = b"READY>"
PATIENCE = 60  # seconds until a shell that does not answer fails the test


@pytest.fixture
def home(tmp_path, environment):
    """The environment of a user without start files, in whose PATH is ``ocr``."""
    command = tmp_path / "bin" / "ocr"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m ocrcli "$@"\n')
    command.chmod(0o755)
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "page-1.png").touch()
    variables = {
        "HOME": str(tmp_path / "home"),
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "TERM": "dumb",
        "PWD": str(tmp_path / "work"),
    }
    kept = environment(**variables)
    for name in ("ZDOTDIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "SHELL"):
        kept.pop(name, None)
    return kept


def needed(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


def installed_from(shell: str, home: dict[str, str]) -> str:
    """Installs completion as a user of the shell does, by letting it be found out."""
    line = [shell, "-c", "ocr --install-completion; true"]  # true: or the shell would become ocr
    done = subprocess.run(line, capture_output=True, text=True, env=home, check=True, timeout=PATIENCE)
    assert done.stdout.startswith(f"completion for {shell} is in {home['HOME']}"), done.stderr
    return done.stdout


class Terminal:
    """An interactive shell on a terminal of its own."""

    def __init__(self, shell: str, home: dict[str, str]) -> None:
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(home["PWD"])
            os.execvpe(shell, [shell, "-i"], home)
        self.seen = b""

    def answers(self, text: str) -> bool:
        """Whether the shell says this, sooner or later."""
        end = time.monotonic() + PATIENCE
        while text.encode() not in self.seen and time.monotonic() < end:
            if select.select([self.terminal], [], [], 1)[0]:
                self.seen += os.read(self.terminal, 65536)
        found = text.encode() in self.seen
        self.seen = self.seen.partition(text.encode())[2]
        return found

    def types(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def close(self) -> None:
        os.close(self.terminal)  # hangs up
        os.waitpid(self.child, 0)


@pytest.fixture(params=["bash", "zsh"])
def terminal(request, home) -> Iterator[Terminal]:
    shell = request.param
    needed(shell)
    installed_from(shell, home)
    start = Path(home["HOME"], f".{shell}rc")
    start.write_text(start.read_text() + f"PS1='{PROMPT.decode()}'\n")
    opened = Terminal(shell, home)
    assert opened.answers(PROMPT.decode())
    yield opened
    opened.close()


def test_a_tab_completes_verbs_options_values_and_files(terminal):
    for typed, completed in {
        "ocr pred": "ict ",
        "ocr predict --min-c": "onfidence ",
        "ocr predict --mode wo": "rd ",
        "ocr predict --format=htm": "l ",
        "ocr predict -f jsonl --mode=ch": "ar ",
        "ocr eval ch": "ar ",
        "ocr predict pa": "ge-1.png ",
    }.items():
        terminal.types(f"{typed}\t")
        assert terminal.answers(completed), (typed, terminal.seen)
        terminal.types("\x15")  # clears the line


def test_two_tabs_list_the_candidates(terminal):
    terminal.types("ocr predict --format js\t\t\t")
    assert terminal.answers("jsonl"), terminal.seen


@pytest.mark.parametrize("line, offered", [
    ("ocr pred", ["predict"]),
    ("ocr predict --min-c", ["--min-confidence"]),
    ("ocr predict --mode wo", ["word"]),
    ("ocr predict -f js", ["json", "jsonl"]),
    ("ocr predict --format=js", ["--format=json", "--format=jsonl"]),
    ("ocr eval cha", ["char"]),
    ("ocr predict pa", ["page-1.png"]),
])  # fmt: skip
def test_fish_offers(home, line, offered):
    needed("fish")
    installed_from("fish", home)
    ask = ["fish", "-c", f"complete -C {shlex.quote(line)}"]
    done = subprocess.run(
        ask, capture_output=True, text=True, env=home, cwd=home["PWD"], check=True, timeout=PATIENCE
    )
    assert [row.split("\t")[0] for row in done.stdout.splitlines()] == offered


@pytest.mark.parametrize("shell", SCRIPTS)
def test_installing_twice_adds_nothing(shell, home):
    needed(shell)
    installed_from(shell, home)
    files = {path: path.read_text() for path in Path(home["HOME"]).rglob("*") if path.is_file()}
    installed_from(shell, home)
    assert files == {path: path.read_text() for path in files}


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_shown_for_a_shell_by_name(ocr, shell):
    result = ocr("--show-completion", shell)
    assert result.code == 0 and result.out == SCRIPTS[shell]
    needed(shell)
    subprocess.run([shell, "-n"], input=result.out.encode(), check=True, timeout=PATIENCE)


def test_unknown_shell_is_a_usage_error(ocr):
    result = ocr("--show-completion", "tcsh")
    assert result.code == ExitCode.USAGE and "bash, zsh, fish" in result.err


def test_a_broken_configuration_does_not_stop_completion(ocr_process, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("mode = ")
    result = ocr_process(OCR_CONFIG=str(config), _OCR_COMPLETE="bash", _OCR_WORDS="ocr\npredict\n--mode\nw")
    assert result.out == "word\n"

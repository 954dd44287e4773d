"""Completion in bash, zsh and fish: the scripts, where they are installed, and the answers.

Typer's own script for zsh offers neither options nor a single candidate (zsh 5.9), and those
for bash and fish know nothing of ``--format=js``. What may follow is still worked out by Typer.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer

from ocrcli.errors import OutputError, UsageError

VARIABLE = "_OCR_COMPLETE"  # holds the shell that asks
WORDS = "_OCR_WORDS"  # the command line up to the cursor, a word a line
DETECT = "auto"
OPTIONS = ("--install-completion", "--show-completion")

SCRIPTS = {
    "bash": """\
_ocr_completion() {
    local IFS=$'\\n'
    COMPREPLY=($(_OCR_COMPLETE=bash _OCR_WORDS="${COMP_WORDS[*]:0:COMP_CWORD+1}" "$1" 2>/dev/null))
}
complete -o default -F _ocr_completion ocr
""",
    "zsh": """\
#compdef ocr

_ocr() {
    local answer
    answer=$(_OCR_COMPLETE=zsh _OCR_WORDS="${(pj:\\n:)words[1,CURRENT]}" "$words[1]" 2>/dev/null)
    if [[ -z $answer ]]; then
        compset -P '--*='
        _files
        return
    fi
    local -a candidates=("${(@f)answer}")
    _describe -V 'ocr' candidates
}

# As a function in fpath the file is the body of _ocr; in a script it registers it.
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _ocr "$@"
else
    compdef _ocr ocr
fi
""",
    "fish": """\
function __ocr_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l typed (string join \\n -- $words | string collect)
    set -l found (_OCR_COMPLETE=fish _OCR_WORDS=$typed $words[1] 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c ocr -f -a '(__ocr_complete)'
""",
}


def with_shell(arguments: list[str]) -> list[str]:
    """A command line in which the name of the shell, which may be left out, is filled in."""
    if arguments[:1] and arguments[0] in OPTIONS and not arguments[1:]:
        return [arguments[0], DETECT]
    return arguments


def show(shell: str | None) -> None:
    """Callback of ``--show-completion``."""
    if shell is not None:
        typer.echo(SCRIPTS[_known(shell)], nl=False)
        raise typer.Exit


def install(shell: str | None) -> None:
    """Callback of ``--install-completion``."""
    if shell is None:
        return
    name = _known(shell)
    try:
        path = _installed(name)
    except OSError as error:
        raise OutputError(f"{error.filename}: cannot write: {error.strerror}") from error
    typer.echo(f"completion for {name} is in {path}; it works in new shells")
    raise typer.Exit


def answer(command: Any, shell: str) -> int:
    """Prints what may stand in place of the last word, one a line; nothing where a file may."""
    from typer._completion_classes import BashComplete

    words = _joined(os.environ.get(WORDS, "").split("\n")[1:])
    *before, last = words or [""]
    lead = ""
    if last.startswith("--") and "=" in last:
        option, _, last = last.partition("=")
        before.append(option)
        lead = "" if shell == "bash" else f"{option}="  # bash takes = for the end of a word
    found = BashComplete(command, {}, "ocr", VARIABLE).get_completions(before, last)
    for item in found:
        typer.echo(_told(lead + str(item.value), item.help or "", shell))
    return 0


def _joined(words: list[str]) -> list[str]:
    """Bash parts ``--mode=w`` into three words; here they are one again."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1].startswith("--") and (word == "=" or joined[-1].endswith("=")):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _told(value: str, help_: str, shell: str) -> str:
    line = " ".join(help_.split())
    if shell == "fish" and line:
        return f"{value}\t{line}"
    if shell == "zsh":
        value = value.replace(":", "\\:")
        return f"{value}:{line}" if line else value
    return value


def _known(shell: str) -> str:
    """The shell, found out where need be. Raises UsageError for one without a script."""
    name = _own_shell() if shell == DETECT else shell
    if name not in SCRIPTS:
        raise UsageError(f"there is no completion for {name or 'this shell'}; name {', '.join(SCRIPTS)}")
    return name


def _own_shell() -> str:
    import shellingham  # Typer depends on it

    try:
        return str(shellingham.detect_shell()[0])
    except shellingham.ShellDetectionFailure:
        return Path(os.environ.get("SHELL", "")).name


def _installed(shell: str) -> Path:
    """Where the script now is, so that a new shell finds it. Raises OSError."""
    home = Path.home()
    if shell == "bash":  # the folder is bash-completion's, which may not be installed
        path = _base("XDG_DATA_HOME", ".local/share") / "bash-completion/completions/ocr"
        _add_line(home / ".bashrc", f"[ -r '{path}' ] && . '{path}'")
    elif shell == "zsh":
        path = home / ".zfunc/_ocr"
        rc = Path(os.environ.get("ZDOTDIR") or home) / ".zshrc"
        _add_line(rc, "fpath+=~/.zfunc; autoload -Uz compinit; compinit")
    else:
        path = _base("XDG_CONFIG_HOME", ".config") / "fish/completions/ocr.fish"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCRIPTS[shell], encoding="utf-8")
    return path


def _base(variable: str, default: str) -> Path:
    named = os.environ.get(variable, "")
    return Path(named) if Path(named).is_absolute() else Path.home() / default


def _add_line(path: Path, line: str) -> None:
    """Adds a line to a shell's start file, once."""
    text = path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""
    if line not in text.splitlines():
        gap = "" if not text or text.endswith("\n") else "\n"
        with path.open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"{gap}{line}\n")

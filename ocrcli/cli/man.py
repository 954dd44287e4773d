"""``ocr man``: the manual page, made of the help of every command.

The page is written in the classic ``man`` macros, which groff and mandoc both set:
``man(7)`` of either. ``make man`` keeps a copy that the wheel installs.
"""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Iterable
from typing import Any

import typer

from ocrcli import __version__
from ocrcli.cli import helptext
from ocrcli.errors import ExitCode

app = typer.Typer(add_completion=False)

WIDTH = 78  # of a source line; mandoc complains of more than 80
DESCRIPTION = (
    "ocr reads the text in pictures: documents, receipts, screenshots, photographs. It works offline with "
    "the weights in its package. Results go to standard output, everything else to standard error."
)
EXIT_STATUS = {
    ExitCode.OK: "success, also for a blank page",
    ExitCode.UNEXPECTED: "unexpected; --debug shows the traceback",
    ExitCode.USAGE: "wrong usage, or a mistake in the configuration file",
    ExitCode.BAD_INPUT: "an input could not be read; the others were",
    ExitCode.MODEL: "a model is missing or damaged",
    ExitCode.CANNOT_WRITE: "an output cannot be written",
    ExitCode.NETWORK: "a download failed, or its checksum did not match",
    ExitCode.NOTHING_RECOGNISED: "nothing recognised, with --fail-empty",
    ExitCode.INTERRUPTED: "interrupted",
}
VARIABLES = {
    "OCR_MODELS": "Folder of model files that comes before the packaged ones.",
    "OCR_CONFIG": "The configuration file to read in place of the one below.",
    "OCR_DEBUG": "Show the traceback of an error.",
    "NO_COLOR": "No colours.",
}
SETTINGS = (
    "An option on the command line comes before its environment variable, that before the configuration "
    "file, and that before the default. ocr config shows what applies and where it comes from.",
    "Options of ocr predict have a variable each; those for device, jobs, quiet, threads and verbose hold "
    "for every command that has the option. A flag is 1 or 0.",
)
FILE = (
    "Settings in TOML. A key is the long name of an option of ocr predict, for example dpi = 300; keys in a "
    "table such as [train] or [train.word] hold for that command. Paths are relative to the file's folder."
)


@app.command()
def man() -> None:
    """Print the manual page, in the roff that man reads.

    ocr man | man -l -
    ocr man > ~/.local/share/man/man1/ocr.1
    """
    typer.echo(manual(), nl=False)


def manual() -> str:
    """The source of ``ocr(1)``."""
    from ocrcli.cli.app import VERBS

    root = typer.main.get_command(_root())
    with root.make_context("ocr", [], resilient_parsing=True) as ctx:
        page = [_title(), *_section("NAME", [r"ocr \- read text out of images, offline"])]
        page += _section("SYNOPSIS", [r"\fBocr\fR \fIcommand\fR [\fIoption\fR ...] [\fIargument\fR ...]"])
        page += _section("DESCRIPTION", _filled(DESCRIPTION))
        groups = helptext.option_groups(root, ctx)
        page += _section("OPTIONS", _rows({**groups, **_common(ctx)}))
        page += _section("COMMANDS", [])
        for verb in VERBS:
            page += _verb(verb, ctx)
    return "\n".join(page + _closing()) + "\n"


def _root() -> Any:
    from ocrcli.cli.app import app as root

    return root


def _common(ctx: Any) -> dict[str, list[tuple[str, str]]]:
    """The options that every command has, but for its help."""
    from ocrcli.cli.app import common_options

    rows = [row for group in helptext.option_groups(common_options(), ctx).values() for row in group]
    return {"All": [(label, help_) for label, help_ in rows if "--help" not in label]}


def _title() -> str:
    seconds = float(os.environ.get("SOURCE_DATE_EPOCH", time.time()))  # reproducible-builds.org
    date = time.strftime("%Y-%m-%d", time.gmtime(seconds))
    return f'.TH OCR 1 "{date}" "ocrcli {__version__}" "User Commands"\n.nh'


def _verb(verb: str, parent: Any) -> list[str]:
    """A subsection for a verb, and for each command under it."""
    from ocrcli.cli.app import load_verb

    return _command(load_verb(verb), verb, parent)


def _command(command: Any, name: str, parent: Any) -> list[str]:
    ctx = command.context_class(command, info_name=name, parent=parent)
    children = getattr(command, "commands", {})
    if children:
        return [line for child in children for line in _command(children[child], child, ctx)]
    examples, prose = helptext.parts_of(command.help or "")
    lines = [f".SS {_literal(helptext.usage(command, ctx))}"]
    told_below = ("Exit codes:",)
    lines += _paragraphs(text for text in prose if not text.startswith(told_below))[1:]  # .SS has begun one
    lines += _rows(helptext.option_groups(command, ctx))
    if examples:
        lines += [".PP", "Examples:", ".PP", ".RS 4", ".nf", *map(_literal, examples), ".fi", ".RE"]
    return lines


def _rows(groups: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Arguments and options with their help; those of all commands are told once, with ocr itself."""
    lines: list[str] = []
    for title, rows in groups.items():
        for label, help_ in rows:
            if title == "Everywhere" and label.strip() in ("--no-color", "--debug", "-h, --help"):
                continue
            lines += [".TP", rf"\fB{_literal(label.strip())}\fR", *(_filled(help_) or ["\\&"])]
    return lines


def _closing() -> list[str]:
    from ocrcli.cli.app import load_verb
    from ocrcli.cli.settings import MAIN, in_environment, settable, variable_of

    names = [name for name in settable(load_verb(MAIN)) if in_environment(MAIN, name)]
    options = {variable_of(name): f"As --{name} of ocr predict." for name in names}
    lines = _section("EXIT STATUS", [])
    for code, meaning in EXIT_STATUS.items():
        lines += [".TP", rf"\fB{int(code)}\fR", *_filled(meaning)]
    lines += _section("ENVIRONMENT", _paragraphs(SETTINGS)[1:])
    for variable, meaning in {**dict(sorted(options.items())), **VARIABLES}.items():
        lines += [".TP", rf"\fB{_literal(variable)}\fR", *_filled(meaning)]
    lines += _section("FILES", [".TP", r"\fI$XDG_CONFIG_HOME/ocrcli/config.toml\fR", *_filled(FILE)])
    return lines + _section("SEE ALSO", [r"\fBpdftotext\fR(1), \fBtesseract\fR(1)"])


def _section(title: str, lines: list[str]) -> list[str]:
    return [f".SH {title}", *lines]


def _paragraphs(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in (".PP", *_filled(text))]


def _filled(text: str) -> list[str]:
    """Prose on lines that roff may fill anew. A word never begins a line as a request would."""
    lines = textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
    return [_escaped(line).replace("--", r"\-\-") for line in lines]


def _literal(text: str) -> str:
    """Text to be copied: its hyphens are minus signs, which roff otherwise sets as hyphens."""
    return _escaped(text).replace("-", r"\-")


def _escaped(text: str) -> str:
    text = text.replace("\\", r"\e")
    text = "".join(c if c.isascii() else rf"\[u{ord(c):04X}]" for c in text)
    return rf"\&{text}" if text.startswith((".", "'")) else text

"""How ``--help`` looks: examples first, options in groups, no boxes.

Typer's own page needs Rich, which costs more than the rest of ``ocr --help`` together,
and puts the examples of a docstring through a paragraph filler.
"""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from functools import partial
from typing import Any

from ocrcli.cli.console import BOLD, CYAN, DIM, has_colour, paint

MAX_WIDTH = 100  # longer lines are hard to follow
MAX_LABEL = 28  # an option with a longer label has its help on the next line
EXAMPLE_STARTS = ("ocr ", "$ ", "cat ", "find ", "torchrun ")
_RANGE = re.compile(r"\bx\b ?[<>]|[<>]=? ?x\b")  # how Typer writes the bounds of a number
COMPLETION_OPTIONS = {"--install-completion", "--show-completion"}


def dress(command: Any) -> None:
    """Makes a command, and those under it, show their help in our way."""
    command.format_help = partial(_write_help, command)  # Typer has no hook for it
    for child in getattr(command, "commands", {}).values():
        dress(child)


def _write_help(command: Any, ctx: Any, formatter: Any) -> None:
    page = _Page(has_colour(sys.stdout), min(shutil.get_terminal_size().columns, MAX_WIDTH))
    examples, prose = parts_of(command.help or "")
    if not examples:  # a group: the first example of each of its commands
        children = getattr(command, "commands", {}).values()
        examples = [line for child in children for line in parts_of(child.help or "")[0][:1]]
    page.prose(prose[:1], bold=True)
    page.section("Examples", examples)
    page.section("Usage", [usage(command, ctx)])
    page.prose(prose[1:])
    commands = {name: command.get_command(ctx, name) for name in _names(command, ctx)}
    page.table(
        "Commands",
        [(name, child.get_short_help_str(200)) for name, child in commands.items()],
        _indent(list(commands)),
    )
    groups = option_groups(command, ctx)
    indent = _indent([label for rows in groups.values() for label, _ in rows])
    for title, rows in groups.items():
        page.table(title, rows, indent)
    page.prose(_paragraphs(command.epilog or ""))
    formatter.write(page.text())


def usage(command: Any, ctx: Any) -> str:
    """``ocr predict [OPTIONS] [INPUT]...``."""
    return " ".join([ctx.command_path, *(_unbraced(piece) for piece in command.collect_usage_pieces(ctx))])


def _names(command: Any, ctx: Any) -> list[str]:
    return command.list_commands(ctx) if hasattr(command, "list_commands") else []


def parts_of(text: str) -> tuple[list[str], list[str]]:
    """Example lines and prose paragraphs of a docstring."""
    examples: list[str] = []
    prose: list[str] = []
    for paragraph in _paragraphs(text):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip() not in ("\b", "Examples:")]
        if lines and lines[0].startswith(EXAMPLE_STARTS):
            examples += lines
        elif lines:
            prose.append(" ".join(lines))
    return examples, prose


def _paragraphs(text: str) -> list[str]:
    return [part for part in textwrap.dedent(text).strip().split("\n\n") if part.strip()]


def option_groups(command: Any, ctx: Any) -> dict[str, list[tuple[str, str]]]:
    """Rows of label and help, by the group that the option names."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for option in command.get_params(ctx):
        record = option.get_help_record(ctx)
        if record is None or getattr(option, "hidden", False):
            continue
        is_argument = option.param_type_name == "argument"
        title = getattr(option, "rich_help_panel", None) or ("Arguments" if is_argument else "Options")
        if set(option.opts) & ({"--help"} | COMPLETION_OPTIONS):
            title = "Everywhere" if ctx.parent else "Options"
        label = (option.metavar or option.name.upper()) if is_argument else _label(option, record[0])
        groups.setdefault(title, []).append((label, _short_extras(record[1])))
    return dict(sorted(groups.items(), key=lambda group: group[0] == "Everywhere"))


def _indent(labels: list[str]) -> int:
    """Column where the help of options starts, the same in all groups."""
    return 2 + max((len(label) for label in labels if len(label) <= MAX_LABEL), default=0) + 2


def _short_extras(help_: str) -> str:
    """Typer's note at the end, ``[default: 3; 1<=x<=5]``, without the range and empty notes."""
    text, mark, extras = help_.rpartition("  [")
    if not mark:
        return help_ if not _RANGE.search(help_) else ""
    kept = [part for part in extras.rstrip("]").split("; ") if not _RANGE.search(part)]
    return f"{text} [{'; '.join(kept)}]" if kept else text


def _label(option: Any, names: str) -> str:
    """``-o, --output PATH``: the short name first, so that the long ones stand in a column."""
    if option.secondary_opts:
        return names
    value = names.split(option.opts[-1], 1)[-1].rsplit("--", 1)[-1].partition(" ")[2]
    value = option.metavar or _metavar(value)
    opts = sorted(option.opts, key=len)
    lead = ", ".join(opts) if len(opts[0]) == 2 else "    " + ", ".join(opts)
    return f"{lead} {'' if option.is_flag else value}".rstrip()


def _unbraced(piece: str) -> str:
    """``{FILE}...`` as ``FILE...``: Typer's braces around what must be there mean a choice elsewhere."""
    return piece.replace("{", "").replace("}", "") if "|" not in piece else piece


def _metavar(value: str) -> str:
    """Typer's ``<list[Path]>`` as ``PATH``, ``<int range>`` as ``INT``; choices stay as they are."""
    name = value.strip("<>[]").removeprefix("list[").removesuffix(" range")
    return name if "|" in name else name.upper()


class _Page:
    """Lines of a help page, filled to a width."""

    def __init__(self, colour: bool, width: int) -> None:
        self._lines: list[str] = []
        self._colour = colour
        self._width = width

    def text(self) -> str:
        return "\n".join(self._lines).strip("\n") + "\n"

    def prose(self, paragraphs: list[str], *, bold: bool = False) -> None:
        for paragraph in paragraphs:
            for line in textwrap.wrap(paragraph, self._width):
                self._lines.append(paint(line, BOLD, colour=self._colour and bold))
            self._lines.append("")

    def section(self, title: str, lines: list[str]) -> None:
        if lines:
            self._heading(title)
            for line in lines:
                command, mark, remark = line.partition("  #")
                self._lines.append("  " + command + paint(mark + remark, DIM, colour=self._colour))
            self._lines.append("")

    def table(self, title: str, rows: list[tuple[str, str]], indent: int) -> None:
        if not rows:
            return
        self._heading(title)
        for label, help_ in rows:
            self._row(label, help_, indent)
        self._lines.append("")

    def _row(self, label: str, help_: str, indent: int) -> None:
        wrapped = textwrap.wrap(help_, max(20, self._width - indent)) or [""]
        head = "  " + paint(label, CYAN, colour=self._colour)
        if len(label) + 4 <= indent:
            first, *wrapped = wrapped
            head += " " * (indent - 2 - len(label)) + first
        self._lines.append(head.rstrip())
        self._lines += [" " * indent + line for line in wrapped]

    def _heading(self, title: str) -> None:
        self._lines.append(paint(f"{title}:", BOLD, colour=self._colour))

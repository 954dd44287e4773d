"""``ocr config``: which settings apply, and where each comes from."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from ocrcli.cli import console
from ocrcli.cli.configfile import ENVIRONMENT, ConfigFile, config_path, read_config
from ocrcli.cli.settings import (
    FROM_ENVIRONMENT_ONLY,
    MAIN,
    SHARED,
    Setting,
    in_environment,
    settable,
    settings_of,
    stray_variables,
    variable_of,
)
from ocrcli.errors import UsageError

app = typer.Typer(add_completion=False)

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Row:
    """One option of one command."""

    command: str
    option: str
    value: Any
    origin: str
    variable: str | None


@app.command()
def config(
    as_json: bool = typer.Option(False, "--json", help="The settings as one JSON object."),
    path: bool = typer.Option(False, "--path", help="Print where the configuration file is, nothing else."),
) -> None:
    """Show which settings apply, and from where.

    ocr config
    ocr config --json | jq '.settings[] | select(.origin != "default")'
    mkdir -p "$(dirname "$(ocr config --path)")" && editor "$(ocr config --path)"

    An option on the command line comes before its OCR_ variable, that before the configuration
    file, and that before the default. A key of the file is the long name of an option of ocr
    predict; device, jobs, model-dir, quiet, threads and verbose hold for every command that has
    them. A table such as [train] or [train.word] holds for that command alone.

    The file is checked: a mistake is told with its line, and the exit code is 2.
    """
    if path:
        typer.echo(_path_or_told())
        return
    file = read_config()
    rows = list(_rows(file))
    for variable, meant in stray_variables(row.option for row in rows if row.command == MAIN):
        console.warn(f"{variable} means nothing{f'; did you mean {meant}?' if meant else ''}")
    if as_json:
        typer.echo(json.dumps(_record(file, rows), ensure_ascii=False, indent=2))
    else:
        _show(file, rows)


def _path_or_told() -> str:
    path = config_path()
    if path is None:
        raise UsageError(f"there is no home folder to keep a configuration in; set {ENVIRONMENT}")
    return str(path)


def _rows(file: ConfigFile) -> Iterator[Row]:
    """All that can be set of the main command, and what is set of the others. Checks everything."""
    from ocrcli.cli.app import VERBS, load_verb

    for verb in [MAIN, *(verb for verb in VERBS if verb != MAIN)]:
        if verb != MAIN and not _concerns(verb, file):
            continue
        command = load_verb(verb)
        settings = settings_of(verb, command, file)
        for path, found in settings.options.items():
            part = command
            for name in path[1:]:
                part = part.commands[name]
            _check_values(part, found)
            for name, option in settable(part).items():
                if name in found or verb == MAIN:
                    setting = found.get(name, Setting(option.default, DEFAULT))
                    variable = variable_of(name) if in_environment(verb, name) else None
                    hidden = name in FROM_ENVIRONMENT_ONLY and setting.value is not None
                    value = "********" if hidden else setting.value
                    yield Row(" ".join(path), name, value, setting.origin, variable)


def _concerns(verb: str, file: ConfigFile) -> bool:
    """Whether anything is set that another command than the main one may heed."""
    shared = any(name in file.values or os.environ.get(variable_of(name)) for name in SHARED)
    return shared or verb in file.values


def _check_values(command: Any, found: dict[str, Setting]) -> None:
    """Lets the parser of a command look at what is set. Raises UsageError for a wrong value."""
    for name, setting in found.items():
        context = command.context_class(command)
        option = next(one for one in command.get_params(context) if f"--{name}" in one.opts)
        context.default_map = {option.name: setting.value}
        try:
            option.handle_parse_result(context, {}, [])
        except typer.BadParameter as error:
            raise UsageError(f"{setting.origin}: {name}: {error.message}") from error


def _record(file: ConfigFile, rows: list[Row]) -> dict[str, Any]:
    return {
        "schema": "ocrcli-config/1",
        "file": str(file.path) if file.path else None,
        "exists": file.text is not None,
        "settings": [
            {
                "command": row.command,
                "option": row.option,
                "value": row.value if _is_plain(row.value) else str(row.value),
                "origin": row.origin,
                "variable": row.variable,
            }
            for row in rows
        ],
    }


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool | list)


def _show(file: ConfigFile, rows: list[Row]) -> None:
    colour = console.has_colour(sys.stdout)
    there = "" if file.text is not None else "  (not there)"
    typer.echo(f"{file.path or 'no home folder, no file'}{there}")
    wide = max(len(row.option) for row in rows)
    shown = {id(row): _shown(row.value) for row in rows}
    widest = min(40, max(map(len, shown.values())))  # a longer value pushes its origin aside
    command = ""
    for row in rows:
        if row.command != command:
            command = row.command
            typer.echo(f"\n{console.paint(f'ocr {command}', console.BOLD, colour=colour)}")
        style = console.DIM if row.origin == DEFAULT else console.GREEN
        origin = console.paint(row.origin, style, colour=colour)
        typer.echo(f"  {row.option:<{wide}}  {shown[id(row)]:<{widest}}  {origin}")


def _shown(value: Any) -> str:
    if value is None or value == []:
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

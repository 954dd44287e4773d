"""Options that are set once: by ``OCR_*`` variables and in the configuration file.

The command line comes before the environment, that before the file, and that before the
default. A variable or a key outside a table holds for ``ocr predict``, and those in
:data:`SHARED` for every command that has the option; a table ``[train]`` or
``[train.word]`` holds for that command.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocrcli.cli.configfile import ConfigFile, read_config
from ocrcli.errors import UsageError

PREFIX = "OCR_"
MAIN = "predict"
SHARED = ("device", "jobs", "model-dir", "quiet", "threads", "verbose")
# What makes sense for one call alone. A password does not belong in a file.
PER_CALL = {"annotate", "debug", "files-from", "help", "no-color", "output", "pages", "password", "top"}
NOT_IN_ENVIRONMENT = {"model"}  # OCR_MODEL would be taken for OCR_MODELS
FROM_ENVIRONMENT_ONLY = {"password"}
NAMED_OTHERWISE = {"model-dir": "OCR_MODELS"}
READ_ELSEWHERE = {"model-dir"}  # the engine itself looks at its variable, and names it in errors
OTHER_VARIABLES = {"OCR_CONFIG", "OCR_DEBUG"}
TRUTH = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of an option, and where it comes from: a variable, or ``file:line``."""

    value: Any
    origin: str


@dataclass
class Settings:
    """What applies to one verb. ``tables`` nests as commands do, for the parser's defaults."""

    defaults: dict[str, Any] = field(default_factory=dict)
    options: dict[tuple[str, ...], dict[str, Setting]] = field(default_factory=dict)  # by command

    def origin_of(self, message: str, arguments: Sequence[str]) -> str:
        """Where the value comes from that a message is about, "" when from the command line."""
        given = {argument.partition("=")[0] for argument in arguments}
        for name in re.findall(r"--([a-z][a-z-]*)", message):
            for options in self.options.values():
                if name in options and f"--{name}" not in given:
                    return options[name].origin
        return ""


def settings_of(verb: str, command: Any, config: ConfigFile | None = None) -> Settings:
    """What the environment and the file say of a verb. Raises UsageError for what makes no sense."""
    config = read_config() if config is None else config
    _check_tables(config)
    if verb == MAIN:
        _check_top(config, {*settable(command), *SHARED} - FROM_ENVIRONMENT_ONLY)
    settings = Settings()
    settings.defaults = {verb: _collected((verb,), command, config, settings)}
    return settings


def variable_of(option: str) -> str:
    """Name of the environment variable of an option."""
    return NAMED_OTHERWISE.get(option) or PREFIX + option.upper().replace("-", "_")


def settable(command: Any) -> dict[str, Any]:
    """The options of a command that may be set outside the command line, by their long names."""
    names = {_long_name(option): option for option in command.params if option.param_type_name == "option"}
    return {
        name: option
        for name, option in names.items()
        if name and not option.hidden and (name not in PER_CALL or name in FROM_ENVIRONMENT_ONLY)
    }


def in_environment(verb: str, option: str) -> bool:
    """Whether an option of a verb has a variable."""
    return (verb == MAIN or option in SHARED) and option not in NOT_IN_ENVIRONMENT


def _check_tables(config: ConfigFile) -> None:
    from ocrcli.cli.app import VERBS

    for key, value in config.values.items():
        if isinstance(value, dict) and key not in VERBS:
            raise UsageError(f"{config.where(key)}: there is no command {key}{_nearest(key, VERBS)}")


def _check_top(config: ConfigFile, known: set[str]) -> None:
    for key, value in config.values.items():
        if not isinstance(value, dict) and key not in known:
            raise _unknown(config, (key,), known)


def _collected(path: tuple[str, ...], command: Any, config: ConfigFile, into: Settings) -> dict[str, Any]:
    """Defaults of a command, those of the commands under it nested; notes the origins."""
    children = getattr(command, "commands", {})
    if children:
        theirs = {name for child in children.values() for name in settable(child)}
        _check_keys(path, {*children, *theirs}, config)
        return {name: _collected((*path, name), child, config, into) for name, child in children.items()}
    options = settable(command)
    _check_keys(path, options.keys() - FROM_ENVIRONMENT_ONLY, config)
    found = into.options[path] = {**_from_file(path, options, config), **_from_environment(path[0], options)}
    return {
        options[name].name: setting.value
        for name, setting in found.items()
        if not (name in READ_ELSEWHERE and setting.origin == variable_of(name))
    }


def _from_file(path: tuple[str, ...], options: dict[str, Any], config: ConfigFile) -> dict[str, Setting]:
    """What the file says of a command: outside tables, then in its tables, the innermost last."""
    found = {}
    for depth in range(len(path) + 1):
        scope = path[:depth]
        for name, value in _table(config, scope).items():
            if name in options and (scope or path[0] == MAIN or name in SHARED):
                origin = config.where(*scope, name)
                found[name] = Setting(_typed(options[name], value, origin, config), origin)
    return found


def _from_environment(verb: str, options: dict[str, Any]) -> dict[str, Setting]:
    found = {}
    for name, option in options.items():
        variable = variable_of(name)
        if in_environment(verb, name) and (text := os.environ.get(variable)):
            found[name] = Setting(_typed(option, text, variable, None), variable)
    return found


def _table(config: ConfigFile, path: tuple[str, ...]) -> Mapping[str, Any]:
    table: Any = config.values
    for key in path:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    return table if isinstance(table, dict) else {}


def _check_keys(path: tuple[str, ...], known: Any, config: ConfigFile) -> None:
    for key in _table(config, path):
        if key not in known:
            raise _unknown(config, (*path, key), known)


def _unknown(config: ConfigFile, keys: tuple[str, ...], known: Any) -> UsageError:
    key = keys[-1]
    command = " ".join(keys[:-1]) or MAIN
    if key in PER_CALL:
        return UsageError(f"{config.where(*keys)}: {key} belongs on the command line, not in a file")
    hint = _nearest(key, known)
    return UsageError(f"{config.where(*keys)}: ocr {command} has no option {key} to set{hint}")


def _nearest(word: str, known: Any) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word.replace("_", "-"), list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _typed(option: Any, value: Any, origin: str, config: ConfigFile | None) -> Any:
    """A value as the option's parser takes it. Raises UsageError for one of the wrong kind."""
    name = _long_name(option)
    if option.is_flag:
        value = TRUTH.get(value.strip().lower(), value) if config is None else value
        if not isinstance(value, bool):
            raise UsageError(f"{origin}: {name} is true or false, not {value!r}")
        return value
    if option.multiple:
        if config is None:  # a variable: file names as in PATH, words with commas
            value = [one.strip() for one in value.split(os.pathsep if _is_path(option) else ",")]
        values = value if isinstance(value, list) else [value]
        return [_scalar(option, one, origin, config) for one in values]
    return _scalar(option, value, origin, config)


def _scalar(option: Any, value: Any, origin: str, config: ConfigFile | None) -> str:
    """One value as text, as it would stand on the command line."""
    name = _long_name(option)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(f"{origin}: {name} is a text or a number, not {_kind(value)}")
    words = choices_of(option)
    open_ended = any(not word.islower() for word in words)
    if words and not open_ended and value not in words:
        raise UsageError(f"{origin}: {name} is one of {', '.join(words)}, not {value!r}")
    if isinstance(value, str) and _is_path(option) and value not in words:
        path = Path(value).expanduser()
        return str(config.path.parent / path if config and config.path else path)
    return str(value)


def choices_of(option: Any) -> list[str]:
    """The words that an option takes; one in capitals stands for anything."""
    metavar = option.metavar or ""
    if "|" in metavar:
        return metavar.split("|")
    complete = getattr(option, "_custom_shell_complete", None)
    if complete is None or _is_path(option):
        return []
    return [str(getattr(item, "value", item)) for item in complete(None, option, "")]


def _is_path(option: Any) -> bool:
    descriptor = getattr(option, "type_descriptor", None)  # older Typer has a type in its place
    annotation = str(getattr(descriptor, "annotation", None) or getattr(option, "type", ""))
    kinds = {"FILE", "DIR", "PATH"} & set((option.metavar or "").split("|"))
    return bool(kinds) or "Path" in annotation


def _kind(value: Any) -> str:
    kinds = {bool: "true or false", list: "a list", dict: "a table"}
    return kinds.get(type(value), type(value).__name__)


def _long_name(option: Any) -> str:
    return next((name[2:] for name in option.opts if name.startswith("--")), "")


def stray_variables(known: Any) -> Iterator[tuple[str, str]]:
    """Variables that look like ours and mean nothing, each with the name that was meant or ""."""
    from difflib import get_close_matches

    names = {variable_of(name) for name in known} | OTHER_VARIABLES
    for variable in sorted(os.environ):
        if variable.startswith(PREFIX) and variable not in names:
            near = get_close_matches(variable, names, 1)
            yield variable, near[0] if near else ""

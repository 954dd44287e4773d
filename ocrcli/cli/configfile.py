"""The configuration file: where it is, what it says, and on which line it says it.

``$OCR_CONFIG`` names it, or it is ``ocrcli/config.toml`` in ``$XDG_CONFIG_HOME`` (``~/.config``;
XDG Base Directory Specification 0.8). A file that ``$OCR_CONFIG`` names must be there.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ocrcli.errors import UsageError

ENVIRONMENT = "OCR_CONFIG"
_HEADER = re.compile(r"\s*\[\s*([^\[\]#]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_TOLD_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")  # how tomllib ends


@dataclass(frozen=True)
class ConfigFile:
    """A configuration file that was read; without ``text`` there is none."""

    path: Path | None
    text: str | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def where(self, *keys: str) -> str:
        """``path:line`` of a key, of the nearest thing around it where its own line is not found."""
        for length in range(len(keys), 0, -1):
            if line := self._lines.get(keys[:length]):
                return f"{self.path}:{line}"
        return str(self.path)

    @cached_property
    def _lines(self) -> dict[tuple[str, ...], int]:
        """Line numbers of tables and keys: tomllib keeps none."""
        found: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate((self.text or "").splitlines(), 1):
            if header := _HEADER.match(line):
                table = _parts(header[1])
                found.setdefault(table, number)
            elif key := _KEY.match(line):
                found.setdefault(table + _parts(key[1]), number)
        return found


def config_path() -> Path | None:
    """Where the configuration file is or would be; None for a user without a home."""
    if named := os.environ.get(ENVIRONMENT):
        return Path(named).expanduser()
    base = os.environ.get("XDG_CONFIG_HOME", "")
    try:  # the specification wants a relative path to be ignored
        folder = Path(base) if Path(base).is_absolute() else Path.home() / ".config"
    except RuntimeError:  # no home
        return None
    return folder / "ocrcli" / "config.toml"


def read_config() -> ConfigFile:
    """The configuration file. Raises UsageError, with the line, for one that cannot be read."""
    path = config_path()
    if path is None:
        return ConfigFile(None)
    try:
        text = path.read_bytes().decode("utf-8-sig")  # Windows' editors put a mark in front
    except (FileNotFoundError, NotADirectoryError) as error:
        if os.environ.get(ENVIRONMENT):
            raise UsageError(f"{path}: no such file ({ENVIRONMENT})") from error
        return ConfigFile(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8") from error
    return ConfigFile(path, text, _parsed(text, path))


def _parsed(text: str, path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        told = _TOLD_LINE.search(message)
        line = (told and told[1]) or len(text.splitlines())
        raise UsageError(f"{path}:{line}: {_TOLD_LINE.sub('', message)}") from error


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))

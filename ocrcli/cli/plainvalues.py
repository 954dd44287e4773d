"""Options of plain types, read without Pydantic.

Newer Typer builds a Pydantic validator for each option of a command, used or not, which
takes a third of the time of ``ocr predict word.png``. Text, numbers and paths need none.
A Typer that works in another way is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_origin

import typer

PLAIN: dict[type, Callable[[Any], Any]] = {str: str, int: int, float: float, bool: bool, Path: Path}
KINDS = {int: "a whole number", float: "a number"}


def read_plainly(command: Any) -> None:
    """Replaces the validators of the plain options of a command and of those under it."""
    command.get_params = partial(_plain_params, command.get_params)  # it adds --help to the declared ones
    for child in getattr(command, "commands", {}).values():
        read_plainly(child)


def _plain_params(get_params: Callable[[Any], list[Any]], ctx: Any) -> list[Any]:
    params = get_params(ctx)
    for option in params:
        descriptor = getattr(option, "type_descriptor", None)
        if descriptor is None or getattr(option, "_runtime_param", 0) is not None:
            continue  # done already, or a Typer that works in another way
        annotation = descriptor.annotation
        is_list = get_origin(annotation) is list
        kind = get_args(annotation)[0] if is_list else annotation
        if kind in PLAIN and not _is_special(descriptor.parameter_info):
            option._runtime_param = _PlainValue(kind, is_list)
    return params


def _is_special(info: Any) -> bool:
    """Whether the declaration asks for more than the value."""
    wishes = (
        info.parser,
        info.envvar,
        info.exists,
        info.resolve_path,
        info.clamp,
        info.writable,
        info.path_type,
    )
    return any(bool(wish) for wish in wishes)


@dataclass(frozen=True)
class _PlainValue:
    """Stands where Typer keeps the validator of an option."""

    kind: type
    is_list: bool

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value, or the values, of the option. Raises typer.BadParameter."""
        if self.is_list:
            return [self._one(item, param, ctx) for item in value or ()]
        return None if value is None else self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            result = PLAIN[self.kind](value)
        except ValueError:
            message = f"{value!r} is not {KINDS.get(self.kind, 'valid')}"
            raise typer.BadParameter(message, ctx=ctx, param=param) from None
        low, high = getattr(param, "min", None), getattr(param, "max", None)
        # Not "result < low": a NaN must not slip through.
        if (low is not None and not result >= low) or (high is not None and not result <= high):
            bounds = f"from {low} to {high}" if None not in (low, high) else f"at least {low}"
            raise typer.BadParameter(f"{value} is not {bounds}", ctx=ctx, param=param)
        return result

"""What every verb shares of the terminal: its two streams, colours, and the way to fail.

Results go to stdout, everything else to stderr. Rich is imported only where a person
looks at the result: its import takes longer than reading a word.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

RED, YELLOW, GREEN, CYAN, BOLD, DIM = "1;31", "1;33", "32", "36", "1", "2"  # SGR parameters


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at the stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def has_colour(stream: TextIO | None) -> bool:
    """Whether to colour what goes there: on a terminal, unless NO_COLOR or TERM=dumb say no."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, style: str, *, colour: bool) -> str:
    """The text in an SGR style (for example ``RED``), or as it is."""
    return f"\033[{style}m{text}\033[0m" if colour and text else text


def one_line(text: object) -> str:
    """Text on one line, control characters made visible, so that a message stays a message."""
    folded = " ".join(str(text).split())
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in folded)


def say(message: object, label: str = "", style: str = RED) -> None:
    """One line on stderr: ``ocr: message``, or ``ocr: label: message``."""
    colour = has_colour(sys.stderr)
    lead = paint(f"ocr: {label}:" if label else "ocr:", style, colour=colour)
    try:
        sys.stderr.write(f"{lead} {one_line(message)}\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # stderr closed: there is nobody to tell
        pass


def warn(message: object) -> None:
    """A warning on stderr."""
    say(message, "warning", YELLOW)


def note(message: object) -> None:
    """What ``--verbose`` tells, on stderr."""
    say(message, style=DIM)


def rich_console(*, stderr: bool = False) -> Console:
    """A Rich console on stdout or stderr. Under NO_COLOR it writes no escape sequence at all."""
    from rich.console import Console

    plain = not has_colour(sys.stderr if stderr else sys.stdout)
    return Console(stderr=stderr, highlight=False, force_terminal=False if plain else None)

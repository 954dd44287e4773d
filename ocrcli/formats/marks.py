"""Text that Markdown would take for its own marks, and marks that a page itself has.

What CommonMark 0.31 and GitHub's tables and strike-through give a meaning is escaped, and only that,
so that the source stays readable.
"""

from __future__ import annotations

import re

_ANYWHERE = re.compile(r"[\\`*\[\]<~]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_AT_START = re.compile(r"(?:[-+](?=\s|$|-)|#(?=#{0,5}(?:\s|$))|>|=(?==*\s*$))")
_NUMBER_AT_START = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_BULLET = re.compile(r"([-–*·•▪])\s+(?=\S)")
_NUMBERED = re.compile(r"(\d{1,3})([.)])\s+(?=\S)")


def escaped(text: str) -> str:
    """Text within a line."""
    return _ANYWHERE.sub(r"\\\g<0>", text)


def escaped_line(text: str) -> str:
    """Text that begins a line."""
    text = escaped(text.strip())
    if _AT_START.match(text):
        return "\\" + text
    return _NUMBER_AT_START.sub(r"\1\\\2", text, count=1) if _NUMBER_AT_START.match(text) else text


def list_mark(text: str, before: str, *, first: bool) -> tuple[str, str]:
    """The mark with which a printed line begins a list item, in Markdown, and the text after it.

    ``before`` is the mark of the text before, empty for none; ``first`` says that a list may
    begin here. A dash or a number that stands at the beginning of any other line is by chance
    there. The mark is empty where there is no item.
    """
    bullet = _BULLET.match(text)
    if bullet and (first or before or bullet[1] in "•▪"):
        return "- ", text[bullet.end() :]
    numbered = _NUMBERED.match(text)
    if numbered and (first or before == f"{int(numbered[1]) - 1}{numbered[2]} "):
        return f"{int(numbered[1])}{numbered[2]} ", text[numbered.end() :]
    return "", text

"""Text and numbers as XML 1.0 takes them.

The ``escape`` of ``xml.sax.saxutils`` would do too, but importing it loads ``urllib.request``,
which costs more than writing a page.
"""

from __future__ import annotations

import re
from html import escape

# Everything that is not a Char (XML 1.0, section 2.2) cannot stand in a document, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Text for an element or a quoted attribute, without the characters that XML forbids."""
    return escape(_FORBIDDEN.sub("", text))


def number(value: float, digits: int = 1) -> str:
    """A number with at most so many decimals (one or more), never as ``-0`` or ``1e-05``."""
    return f"{round(value, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".")

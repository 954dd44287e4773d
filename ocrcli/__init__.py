"""ocrcli reads text out of images: ``from ocrcli import read, Reader``.

Importing this package is cheap on purpose: each name is imported when it is first used, so
that every verb of the command line pays only for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocrcli.api import Reader, read
    from ocrcli.document import Block, Candidate, Char, Document, Line, Page, Word
    from ocrcli.errors import InputError, ModelError, OcrError, UsageError

__version__ = "0.1.0"

__all__ = [
    "Block",
    "Candidate",
    "Char",
    "Document",
    "InputError",
    "Line",
    "ModelError",
    "OcrError",
    "Page",
    "Reader",
    "UsageError",
    "Word",
    "__version__",
    "read",
]

_ERRORS = {"InputError", "ModelError", "OcrError", "UsageError"}
_API = {"Reader", "read"}


def __getattr__(name: str) -> Any:
    if name in __all__:
        home = "errors" if name in _ERRORS else "api" if name in _API else "document"
        return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Inference: load → detect → rectify → recognise → order. Never imports torch.

The names below are the library's front door; each is imported when it is first used, so
that ``import ocrcli.engine`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocrcli.engine.decoding import Decoding
    from ocrcli.engine.images import LoadedPage, load_pages
    from ocrcli.engine.model import Model
    from ocrcli.engine.pageselect import PageSelection
    from ocrcli.engine.pipeline import Reader

__all__ = ["Decoding", "LoadedPage", "Model", "PageSelection", "Reader", "load_pages"]

_HOME = {
    "Decoding": "decoding",
    "LoadedPage": "images",
    "Model": "model",
    "PageSelection": "pageselect",
    "Reader": "pipeline",
    "load_pages": "images",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

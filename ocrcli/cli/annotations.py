"""Which annotated picture goes into which file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ocrcli.cli.files import told, whole_file
from ocrcli.cli.inputs import Source
from ocrcli.cli.outputs import checked_folder, is_folder, places, refuse_overwriting
from ocrcli.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from ocrcli.document import Page

WRITABLE = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF",
            ".bmp": "BMP", ".gif": "GIF"}  # fmt: skip


def annotation_places(target: str, sources: Sequence[Source]) -> list[Path]:
    """Where the picture of each source goes. Raises UsageError and OutputError before any work."""
    if is_folder(target, sources):
        return places(checked_folder(Path(target)), sources, ".png")
    path = Path(target)
    if path.suffix.lower() not in WRITABLE:
        raise UsageError(f"{path}: name a picture for --annotate ({', '.join(WRITABLE)}) or a folder")
    if len(sources) > 1:
        raise UsageError(
            f"{path}: there are several inputs; name a folder for --annotate, such as {path.stem}/"
        )
    refuse_overwriting([path], sources)
    with told(path):
        if not path.parent.is_dir():
            raise FileNotFoundError(2, "No such folder")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: not a file")
    checked_folder(path.parent)
    return [path for _ in sources]


def save_annotated(path: Path, rank: int, pixels: np.ndarray, page: Page) -> None:
    """Draws a page and writes the picture, later pages of an input as ``name-2.png``. Raises OutputError."""
    from ocrcli.formats.annotate import annotate

    if rank > 1:
        path = path.with_name(f"{path.stem}-{rank}{path.suffix}")
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    picture = annotate(pixels, page)
    with whole_file(path) as file, told(path):
        picture.save(file, WRITABLE[path.suffix.lower()])

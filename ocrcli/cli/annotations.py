"""Which annotated picture goes into which file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ocrcli.cli.inputs import Source
from ocrcli.cli.outputs import (
    checked_folder,
    is_folder,
    places,
    refuse_overwriting,
    told,
    whole_file,
)
from ocrcli.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from ocrcli.document import Page

WRITABLE = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF",
            ".bmp": "BMP", ".gif": "GIF"}  # fmt: skip


@dataclass
class Annotations:
    """Annotated pictures: one a page, the later pages of an input numbered ``name-2.png``."""

    paths: dict[int, Path]  # by the identity of the source
    _pages: dict[int, int] = field(default_factory=dict)

    @classmethod
    def at(cls, target: str, sources: list[Source]) -> Annotations:
        """Checks where the pictures go. Raises UsageError and OutputError before any work."""
        if is_folder(target, sources):
            return cls(places(checked_folder(Path(target)), sources, ".png"))
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
        return cls({id(source): path for source in sources})

    def save(self, source: Source, pixels: np.ndarray, page: Page) -> Path:
        """Draws a page and writes the picture. Raises OutputError."""
        from ocrcli.formats.annotate import annotate

        count = self._pages[id(source)] = self._pages.get(id(source), 0) + 1
        path = self.paths[id(source)]
        if count > 1:
            path = path.with_name(f"{path.stem}-{count}{path.suffix}")
        with told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        picture = annotate(pixels, page)
        with whole_file(path) as file, told(path):
            picture.save(file, WRITABLE[path.suffix.lower()])
        return path

"""What a download left in its folder: ``manifest.json``, written once all files are there.

While a download is under way the same list grows in ``manifest.json.part``, so that the
next run knows which files were checked already.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ocrcli.errors import InputError

SCHEMA = "ocrcli-download/1"
NAME = "manifest.json"
UNFINISHED = ".part"  # suffix of what is not whole yet


@dataclass(frozen=True)
class Entry:
    """A file that was fetched and checked. ``samples`` is None where nobody counted them."""

    path: str
    size: int
    sha256: str = ""
    samples: int | None = None


@dataclass(frozen=True)
class Manifest:
    """The files of a download; ``complete`` when they are the whole dataset."""

    dataset: str
    origin: str
    revision: str = ""
    limit: int | None = None
    complete: bool = False
    files: tuple[Entry, ...] = ()
    licence: str = ""
    citation: str = ""
    schema: str = field(default=SCHEMA, kw_only=True)

    def save(self, folder: Path, *, finished: bool) -> None:
        """Writes it at once or not at all. Raises OSError."""
        target = folder / (NAME if finished else NAME + UNFINISHED)
        temporary = folder / (NAME + ".tmp" + UNFINISHED)
        temporary.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8")
        temporary.replace(target)
        if finished:
            (folder / (NAME + UNFINISHED)).unlink(missing_ok=True)


def load(folder: Path, *, finished: bool = True) -> Manifest | None:
    """The manifest of a folder; None when there is none, or none that can be read."""
    try:
        record = json.loads((folder / (NAME if finished else NAME + UNFINISHED)).read_text("utf-8"))
        return _parse(record)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _parse(record: dict[str, Any]) -> Manifest | None:
    if record.get("schema") != SCHEMA:
        return None
    entries = tuple(Entry(**entry) for entry in record["files"])
    return Manifest(**{**record, "files": entries})


def data_files(folder: Path, suffixes: Sequence[str] = (".tar", ".parquet")) -> list[Path]:
    """The data files of a downloaded or hand-copied folder, in the order to read them.

    Raises InputError when a download into the folder was not finished, or a file that it
    fetched is missing or has another size.
    """
    manifest = load(folder)
    if manifest is None:
        if (folder / (NAME + UNFINISHED)).exists():
            raise InputError(f"{folder}: the download is not finished; run it again to go on with it")
        found = [path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file()]
        return sorted(found)
    files = []
    for entry in manifest.files:
        path = folder / entry.path
        if not is_there(folder, entry):
            raise InputError(f"{path}: missing or altered since the download; run the download again")
        if path.suffix in suffixes:
            files.append(path)
    return files


def is_there(folder: Path, entry: Entry) -> bool:
    """Whether the file lies in the folder with the size that it was fetched with."""
    try:
        return (folder / entry.path).stat().st_size == entry.size
    except OSError:
        return False


def count_samples(folder: Path, paths: Sequence[Path]) -> int | None:
    """Samples in files of a downloaded folder; None where its manifest does not tell."""
    manifest = load(folder)
    if manifest is None:
        return None
    told = {folder / entry.path: entry.samples for entry in manifest.files}
    counts = [told.get(path) for path in paths]
    return None if None in counts else sum(count or 0 for count in counts)

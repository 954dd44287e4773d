"""How many samples a data file holds, asked of the file itself."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

from ocrcli.errors import NetworkError

PICTURES = (".jpg", ".jpeg", ".png")  # in a webdataset tar each sample has one


def count_samples(path: Path) -> int | None:
    """Samples in a Parquet file or a webdataset tar; None for other kinds.

    Raises NetworkError when the file, whose origin named no digest, is damaged.
    """
    counter: Callable[[Path], int] | None = {".parquet": _rows, ".tar": _pictures}.get(path.suffix)
    try:
        return counter(path) if counter else None
    except (OSError, ValueError, tarfile.TarError) as error:
        raise NetworkError(f"{path}: what came is damaged ({error}); remove it and try again") from error


def _rows(path: Path) -> int:
    from pyarrow import parquet

    return int(parquet.read_metadata(path).num_rows)


def _pictures(path: Path) -> int:
    with tarfile.open(path, "r:") as tar:
        return sum(member.isfile() and member.name.lower().endswith(PICTURES) for member in tar)

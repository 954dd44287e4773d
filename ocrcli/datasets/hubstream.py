"""SynthText straight from the Hub, through ``datasets``, without keeping the raw images.

The place in the stream is part of each checkpoint: a run that was stopped goes on at the file where it
was, and what came before is not fetched again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ocrcli.datasets.catalogue import DATASETS
from ocrcli.datasets.containers import IMAGE_COLUMNS, LABEL_COLUMNS, NAME_COLUMNS, Record
from ocrcli.datasets.convert import IMAGES, Conversion, Job
from ocrcli.datasets.hub import check_online, endpoints, list_files
from ocrcli.datasets.store import Source
from ocrcli.datasets.synthtext import DATASET, IMAGE_BYTES, Options, conversion
from ocrcli.datasets.web import Web, open_client
from ocrcli.errors import InputError, NetworkError

GO_ON = "the same command later goes on where this one stopped; or name a local copy with --source"
Open = Callable[[], Any]  # → datasets.IterableDataset


@dataclass(frozen=True)
class RecordSlice:
    """Samples that are in memory already."""

    samples: tuple[Record, ...]

    def records(self) -> Iterator[Record]:
        """The samples."""
        return iter(self.samples)


def open_hub() -> Any:
    """The Hub's copy as a stream. Raises NetworkError."""
    # Its files are asked for first: without a network that takes a second, the library's way half a minute.
    try:
        check_online()
        with open_client() as client:
            list_files(Web(client), DATASETS[DATASET], endpoints())
    except NetworkError as error:
        raise NetworkError(f"{error}; {GO_ON}") from error
    import datasets
    from huggingface_hub.utils import logging

    logging.set_verbosity_error()  # every retry would be a line or two
    datasets.disable_progress_bars()
    repository = DATASETS[DATASET].repository
    return _told(lambda: datasets.load_dataset(repository, split="train", streaming=True))


def plan(target: Path, options: Options, open_stream: Open = open_hub) -> tuple[Conversion, int | None]:
    """How the store is made from the stream, and of how many images where that is known."""
    header = options.header((Source(DATASETS[DATASET].repository, 0),), "--stream")
    images = DATASETS[DATASET].samples if options.limit is None else options.limit

    def jobs(after: Any) -> Iterator[Job]:
        return stream_jobs(open_stream(), after, options.limit)

    return conversion(target, options, header, jobs, images * IMAGE_BYTES), options.limit


def stream_jobs(dataset: Any, after: Any, limit: int | None) -> Iterator[Job]:
    """Samples of a streamed dataset as jobs, from the place ``after`` on. Raises NetworkError, InputError."""
    from datasets import Image

    columns = dataset.column_names or list(next(iter(_told(lambda: dataset.take(1))), {}))
    image, label, key = (
        next((name for name in wanted if name in columns), "")
        for wanted in (IMAGE_COLUMNS, LABEL_COLUMNS, NAME_COLUMNS)
    )
    if not image or not label:
        raise InputError(f"the stream has the columns {', '.join(columns)}; expected jpg and json")
    dataset = dataset.select_columns([name for name in (image, label, key) if name])
    dataset = dataset.cast_column(image, Image(decode=False))
    taken = 0
    if after is not None:
        taken = after["taken"]
        dataset.load_state_dict(after["state"])
    rows = iter(dataset)
    while limit is None or taken < limit:
        size = IMAGES if limit is None else min(IMAGES, limit - taken)
        some = _told(lambda: list(islice(rows, size)))  # noqa: B023
        if not some:
            return
        taken += len(some)
        records = tuple(Record(str(row.get(key, "")), _bytes(row[image]), row[label]) for row in some)
        yield Job(RecordSlice(records), len(some), {"taken": taken, "state": dataset.state_dict()})


def _bytes(picture: Any) -> bytes | None:
    return picture.get("bytes") if isinstance(picture, dict) else None


def _told(read: Callable[[], Any]) -> Any:
    """Whatever ``datasets`` and the clients under it raise on a bad line becomes one line."""
    try:
        return read()
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise NetworkError(
            f"{DATASETS[DATASET].repository}: cannot be streamed: {reason}; {GO_ON}"
        ) from error

"""MJSynth (Jaderberg 2014, arXiv 1406.2227) → a store of words.

Two sources: the Hub's ``priyank-m/MJSynth_text_recognition`` as Parquet files (``image``, ``label``; split
by the files' names), and the original folder (``90kDICT32px``), whose labels are in the files' names,
``2425/1/115_Lube_45484.jpg``, and whose splits are the lists ``annotation_train.txt`` and so on. A few
of its images are known to be broken; they are counted and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from ocrcli.datasets import containers
from ocrcli.datasets.convert import Conversion
from ocrcli.datasets.manifest import count_samples, data_files
from ocrcli.datasets.store import Header, Source
from ocrcli.datasets.synthtext import WORD_BYTES, decode_grey
from ocrcli.datasets.wordfolder import file_jobs, read_words
from ocrcli.datasets.wordstore import WordWriter
from ocrcli.errors import InputError

DATASET = "mjsynth"
SPLITS = ("train", "val", "test", "all")
LABEL = re.compile(r"\d+_(.*)_\d+")  # number of the sample, text, number of the word in the lexicon


def plan(
    source: Path, target: Path, split: str = "train", limit: int | None = None
) -> tuple[Conversion, int | None]:
    """How the store of a local copy is made, and of how many images if that is known. Raises InputError."""
    command = f"ocr preprocess mjsynth --split {split}" + (f" --limit {limit}" if limit is not None else "")
    if not source.is_dir():
        raise InputError(
            f"{source}: no such folder; get it with 'ocr download mjsynth', or name a copy with --source"
        )
    paths = data_files(source, (".parquet",))
    if paths:
        chosen = [path for path in paths if split == "all" or path.name.startswith(f"{split}-")]
        if not chosen:
            raise InputError(f"{source}: has no {split}-*.parquet in it")
        header = Header("word", DATASET, command, created_from=containers.sources(chosen, source.name))
        work = partial(read_words, decode=decode_grey)
        jobs = lambda _: containers.slices(chosen, limit)  # noqa: E731
        room = sum(made_from.bytes for made_from in header.created_from)  # a JPEG is half of its strip
        room = room if limit is None else min(room, limit * WORD_BYTES // 2)
        total = limit or count_samples(source, chosen)
        return Conversion(target, header, WordWriter, jobs, work, room), total
    folder = next((f for f in (source, *sorted(source.rglob("90kDICT32px"))) if _looks_original(f)), None)
    if folder is None:
        raise InputError(
            f"{source}: holds neither Parquet files nor MJSynth's folders of images; "
            "get it with 'ocr download mjsynth'"
        )
    table = folder / ("annotation.txt" if split == "all" else f"annotation_{split}.txt")
    if split != "all" and not table.is_file():
        raise InputError(f"{folder}: has no {table.name}; --split all takes every image")
    made_from = Source.of(table) if table.is_file() else Source(folder.name, 0)
    header = Header("word", DATASET, command, created_from=(made_from,))
    work = partial(read_words, decode=decode_grey)
    jobs = lambda _: file_jobs(islice(original_files(folder, table), limit))  # noqa: E731
    return Conversion(target, header, WordWriter, jobs, work), limit


def _looks_original(folder: Path) -> bool:
    return any(folder.glob("annotation*.txt")) or any(folder.glob("*/*/*_*_*.jpg"))


def original_files(folder: Path, table: Path) -> Iterator[tuple[Path, str, str]]:
    """Images of the original: path, name and text; by the table, or all of them in a fixed order."""
    if table.is_file():
        with table.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                name = line.split(" ")[0].strip().removeprefix("./")
                if name:
                    yield folder / name, name, label_of(name)
        return
    # Nine million files: one folder at a time.
    for outer in sorted(f for f in folder.iterdir() if f.is_dir()):
        for path in sorted(outer.rglob("*.jpg")):
            name = path.relative_to(folder).as_posix()
            yield path, name, label_of(name)


def label_of(name: str) -> str:
    """The text in a file's name; empty where it holds none."""
    found = LABEL.fullmatch(name.rsplit("/", 1)[-1].rpartition(".")[0])
    return found[1] if found else ""

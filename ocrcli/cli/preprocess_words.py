"""``ocr preprocess`` for words and pages: ``synthtext``, ``mjsynth``, and ``folder`` for words."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, cast

import typer

from ocrcli.cli import console
from ocrcli.cli.conversion import progress, store_path, tell_made
from ocrcli.datasets import mjsynth, synthtext, wordfolder
from ocrcli.datasets.catalogue import raw_folder
from ocrcli.datasets.convert import Conversion, Progress, convert
from ocrcli.datasets.store import describe
from ocrcli.errors import UsageError

Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Folder, or the store itself: NAME.h5 (default: data).")
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Use the first N images.", metavar="N")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes at work (default: one a processor).")
]
Force = Annotated[bool, typer.Option("--force", help="Make it again from the start, though it is there.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Tell nothing but errors.")]


def synthtext_command(
    source: Annotated[
        Path | None,
        typer.Option(
            "--source", help="The download's folder, or one with the original's gt.mat.", metavar="DIR"
        ),
    ] = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="Read from the Hub as it comes; keep no raw images.")
    ] = False,
    kind: Annotated[
        str, typer.Option("--kind", help="word: strips to train ocr train word; page: for detect.")
    ] = "word",
    margin: Annotated[
        str, typer.Option("--margin", help="Around words: tight, as the engine cuts, or loose.")
    ] = "tight",
    limit: Limit = None,
    output: Output = None,
    workers: Workers = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """SynthText: words cut out of it, or its pages with line boxes.

    ocr preprocess synthtext
    ocr preprocess synthtext --kind page --limit 50000
    ocr preprocess synthtext --source ~/SynthText
    ocr preprocess synthtext --stream --limit 100000

    Makes data/synthtext.h5, or data/synthtext-pages.h5. Reads what ocr download synthtext left in
    data/raw/synthtext, a folder with the original's gt.mat, or the Hub itself. Stopped or killed, the
    same command goes on where it was.
    """
    _one_of("--kind", kind, ("word", "page"))
    _one_of("--margin", margin, tuple(synthtext.MARGINS))
    options = synthtext.Options(cast("synthtext.Kind", kind), margin, limit)
    target = store_path(output, "synthtext.h5" if kind == "word" else "synthtext-pages.h5")
    if stream:
        if source is not None:
            raise UsageError("--stream reads from the Hub: leave out --source")
        from ocrcli.datasets import hubstream

        plan, total = hubstream.plan(target, options)
    else:
        plan, total = synthtext.plan(source or raw_folder("synthtext"), target, options)
    run(plan, total, workers, force, quiet)


def mjsynth_command(
    source: Annotated[
        Path | None,
        typer.Option("--source", help="The download's folder, or the original's.", metavar="DIR"),
    ] = None,
    split: Annotated[
        str, typer.Option("--split", help="train, val, test, or all.", metavar="SPLIT")
    ] = "train",
    limit: Limit = None,
    output: Output = None,
    workers: Workers = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """MJSynth: nine million rendered words.

    ocr preprocess mjsynth
    ocr preprocess mjsynth --source ~/mnt/ramdisk/max/90kDICT32px --split val

    Makes data/mjsynth.h5; of another split than train, data/mjsynth-SPLIT.h5. Reads what ocr download
    mjsynth left in data/raw/mjsynth, or the original's folder with its annotation_*.txt. Stopped or killed,
    the same command goes on where it was.
    """
    _one_of("--split", split, mjsynth.SPLITS)
    target = store_path(output, "mjsynth.h5" if split == "train" else f"mjsynth-{split}.h5")
    plan, total = mjsynth.plan(source or raw_folder("mjsynth"), target, split, limit)
    run(plan, total, workers, force, quiet)


def make_words(
    folder: Path, target: Path, *, workers: int | None = None, force: bool = False, quiet: bool = False
) -> None:
    """The store of a folder of words: what ``ocr preprocess folder`` does with one."""
    plan, total = wordfolder.plan(folder, target)
    run(plan, total, workers, force, quiet)


def run(plan: Conversion, total: int | None, workers: int | None, force: bool, quiet: bool) -> None:
    """Makes a store, and shows and tells what there is to tell."""
    start, seen = time.monotonic(), -1
    with progress(plan.header.dataset, total, "images", quiet=quiet) as told:

        def tell(done: Progress) -> None:
            nonlocal seen
            if seen < 0 < done.images and not quiet:
                console.note(f"{plan.path}: going on after {done.images:,} images")
            told(done.images - max(seen, 0))
            seen = done.images

        outcome = convert(plan, workers or processors(), tell, force)
    if not quiet:
        tell_made(describe(plan.path), time.monotonic() - start if outcome.made else None)


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{option} {value}: not one of {', '.join(allowed)}")

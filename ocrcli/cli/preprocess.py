"""``ocr preprocess emnist|synthtext|mjsynth|folder``: raw datasets → the HDF5 stores that training reads."""

from __future__ import annotations

import threading
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Annotated

import typer

from ocrcli.cli import preprocess_words
from ocrcli.cli.conversion import Told, progress, store_path, tell_made
from ocrcli.cli.preprocess_words import Force, Output, Quiet, Workers, processors
from ocrcli.datasets import charfolder, emnist
from ocrcli.datasets.store import describe
from ocrcli.errors import UsageError

app = typer.Typer(help="Turn raw datasets into stores that training reads.", no_args_is_help=True)

KINDS = ("auto", "char", "word")

Seed = Annotated[int, typer.Option("--seed", help="Decides which of train are put aside.")]


@app.command("emnist")
def emnist_command(
    split: Annotated[
        list[str] | None,
        typer.Option("--split", help=f"{', '.join(emnist.SPLITS)}, or all; repeatable.", metavar="SPLIT"),
    ] = None,
    source: Annotated[
        Path, typer.Option("--source", help="NIST's gzip.zip, or the folder it unpacks to.")
    ] = emnist.SOURCE,
    output: Output = None,
    validation: Annotated[
        float, typer.Option("--validation", min=0, max=0.5, help="Share of train that is put aside.")
    ] = emnist.VALIDATION,
    seed: Seed = 0,
    any_count: Annotated[
        bool, typer.Option("--any-count", help="Take a partial copy, with other counts than NIST's.")
    ] = False,
    workers: Workers = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """EMNIST, as ocr download emnist leaves it: a store a split.

    ocr preprocess emnist
    ocr preprocess emnist --split balanced --split letters --source gzip.zip

    Makes data/emnist-byclass.h5, or those of the splits asked for. Images are upright, labels are
    characters; train and test stay NIST's, validation is a fixed share of train. A store that is
    there already, made from the same, is left alone.
    """
    options = emnist.Options(validation, seed, any_count, force)
    targets = {name: store_path(output, f"emnist-{name}.h5") for name in _splits(split)}
    if len(set(targets.values())) < len(targets):
        raise UsageError(f"-o {output}: one file for {len(targets)} splits; name a folder")
    total = None if any_count else emnist.total_images(targets)
    what = f"{len(targets)} splits" if len(targets) > 1 else next(iter(targets))
    with progress(f"EMNIST {what}", total, "images", quiet=quiet) as told:
        seconds = _make_splits(source, targets, options, workers or processors(), told)
    for name, target in targets.items():
        if not quiet:
            tell_made(describe(target), seconds[name])


app.command("synthtext")(preprocess_words.synthtext_command)
app.command("mjsynth")(preprocess_words.mjsynth_command)


@app.command("folder")
def folder_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder with images and labels.")],
    kind: Annotated[
        str, typer.Option("--kind", help="char, word, or auto: char where folders are named by characters.")
    ] = "auto",
    output: Output = None,
    validation: Annotated[
        float, typer.Option("--validation", min=0, max=0.5, help="Of characters: share of train put aside.")
    ] = charfolder.VALIDATION,
    seed: Seed = 0,
    workers: Workers = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Your own words or characters.

    ocr preprocess folder words/ -o data/words.h5
    ocr preprocess folder letters/ --kind char

    FOLDER holds labels.tsv (path<TAB>text), or a .txt beside each image. Characters may also lie in a
    folder a class, named by its character or its code (41 is A), inside train, val and test or not.
    """
    if kind not in KINDS:
        raise UsageError(f"--kind {kind}: not one of {', '.join(KINDS)}")
    if kind == "auto":
        kind = "char" if charfolder.is_char_folder(folder) else "word"
    target = store_path(output, f"{folder.resolve().name}.h5")
    if kind == "word":
        preprocess_words.make_words(folder, target, workers=workers, force=force, quiet=quiet)
        return
    plan, total = charfolder.plan(folder, target, charfolder.Options(validation, seed))
    preprocess_words.run(plan, total, workers, force, quiet)


def _splits(asked: list[str] | None) -> list[str]:
    names = [name for word in asked or ["byclass"] for name in (emnist.SPLITS if word == "all" else [word])]
    for name in names:
        if name not in emnist.SPLITS:
            raise UsageError(f"--split {name}: not one of {', '.join(emnist.SPLITS)}, all")
    return list(dict.fromkeys(names))


class _Stopped(Exception):
    """Ends a thread whose work is no longer wanted."""


def _make_splits(
    source: Path, targets: dict[str, Path], options: emnist.Options, workers: int, told: Told
) -> dict[str, float | None]:
    """Seconds that the store of each split took; None for one that was there.

    Threads do for it: unpacking and turning, which take the time, let each other run.
    """
    stopped = threading.Event()

    def heard(count: int) -> None:
        if stopped.is_set():
            raise _Stopped
        told(count)

    def make(split: str) -> float | None:
        start = time.monotonic()
        made = emnist.convert(source, split, targets[split], options, heard)
        return time.monotonic() - start if made else None

    with ThreadPoolExecutor(min(workers, len(targets))) as pool:
        futures = {split: pool.submit(make, split) for split in targets}
        try:
            wait(futures.values(), return_when=FIRST_EXCEPTION)
        finally:  # after a failure, or Ctrl-C: the other threads remove what is half written
            stopped.set()
            pool.shutdown(cancel_futures=True)
        failures = [f.exception() for f in futures.values() if f.done() and not f.cancelled()]
        for failure in failures:
            if failure is not None and not isinstance(failure, _Stopped):
                raise failure
        return {split: future.result() for split, future in futures.items()}

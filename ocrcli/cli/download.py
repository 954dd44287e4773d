"""``ocr download emnist|synthtext|mjsynth``: fetches a public dataset."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrcli.cli import console
from ocrcli.datasets.catalogue import DATASETS, Dataset, raw_folder
from ocrcli.errors import ExitCode, NetworkError, UsageError

if TYPE_CHECKING:
    from ocrcli.cli.transfer import Display
    from ocrcli.datasets.download import Outcome
    from ocrcli.datasets.downloadplan import Plan, Wish
    from ocrcli.datasets.manifest import Manifest
    from ocrcli.datasets.web import Web

app = typer.Typer(help="Fetch a public dataset to train on.", no_args_is_help=True)

Dest = Annotated[
    Path | None, typer.Option("--dest", metavar="DIR", help="Folder for the files (default: data/raw/NAME).")
]
Mirror = Annotated[
    list[str] | None, typer.Option("--mirror", metavar="URL", help="Try this server first; repeatable.")
]
Limit = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="As many files as hold N samples.")
]
Force = Annotated[bool, typer.Option("--force", help="Fetch again what is there already.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be fetched, and fetch nothing.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only errors on stderr.")]

MIRRORS = {
    True: "A mirror is the address of the archive, or of the folder that it lies in.",
    False: "A mirror is another Hub server, as in HF_ENDPOINT. HF_TOKEN, HF_HOME and HF_HUB_OFFLINE count.",
}


def _command(dataset: Dataset) -> None:
    """Adds ``ocr download NAME``."""

    def command(
        dest: Dest = None,
        mirror: Mirror = None,
        limit: Limit = None,
        force: Force = False,
        dry_run: DryRun = False,
        quiet: Quiet = False,
    ) -> None:
        from ocrcli.datasets.downloadplan import Wish

        wish = Wish(DATASETS[dataset.name], dest, tuple(mirror or ()), limit, force)
        _run(wish, dry_run=dry_run, quiet=quiet)

    # The page that --help shows.
    command.__doc__ = "\n\n".join(
        [
            f"{dataset.title}.",
            f"ocr download {dataset.name}",
            f"ocr download {dataset.name} --dry-run",
            f"{_about(dataset)} Terms: {dataset.licence}. To cite: {dataset.citation}.",
            "An interrupted download goes on where it was. With a copy on disk none is needed: "
            f"{dataset.local_copy}.",
            f"{MIRRORS[bool(dataset.archives)]} Proxies are taken from HTTPS_PROXY and NO_PROXY.",
        ]
    )
    app.command(dataset.name)(command)


def _about(dataset: Dataset) -> str:
    from ocrcli.datasets.partfile import size_text

    about = "" if dataset.archives else "About "
    return f"{about}{size_text(dataset.size)}, {dataset.samples:,} samples."


for _dataset in DATASETS.values():
    _command(_dataset)


def _run(wish: Wish, *, dry_run: bool, quiet: bool) -> None:
    from ocrcli.datasets.downloadplan import present

    name = wish.dataset.name
    if wish.dataset.archives and wish.limit is not None and not quiet:
        console.warn(f"{name} is one archive: --limit changes nothing here, give it to ocr preprocess {name}")
    found = present(wish)
    if found is None:
        found = _with_network(wish, dry_run=dry_run, quiet=quiet)
    elif not quiet:
        _say(name, f"everything is there already, {_contents(found)}; --force fetches it again")
    if found is not None:
        typer.echo(wish.folder)


def _with_network(wish: Wish, *, dry_run: bool, quiet: bool) -> Manifest | None:
    """Fetches what is wanted; None when only asked what that would be."""
    name = wish.dataset.name
    try:
        from ocrcli.datasets.web import Web, open_client

        with open_client() as client, _display(name, quiet, live=not dry_run) as display:
            web = Web(client, display.wait)
            if not dry_run:
                return _fetch(wish, web, display, quiet=quiet)
            _rehearse(wish, web)
            return None
    except ModuleNotFoundError as error:
        need = f"downloading needs the package {error.name}: pip install 'ocrcli[train]'"
        raise UsageError(need) from error
    except NetworkError as error:
        raise NetworkError(f"{name}: {error}; with a copy on disk: {wish.dataset.local_copy}") from error
    except KeyboardInterrupt:
        console.say(f"{name}: stopped; what came is kept, the same command goes on with it")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def _rehearse(wish: Wish, web: Web) -> None:
    """What ``--dry-run`` does."""
    from ocrcli.datasets.downloadplan import check_room, make_plan

    plan = make_plan(wish, web)
    _show(plan)
    check_room(plan)


def _fetch(wish: Wish, web: Web, display: Display, *, quiet: bool) -> Manifest:
    from ocrcli.datasets.download import carry_out, locked
    from ocrcli.datasets.downloadplan import check_room, make_plan, present

    with locked(wish.folder, display):
        found = present(wish)  # fetched while this process waited for another
        if found is not None:
            return found
        plan = make_plan(wish, web)
        if not quiet:
            _say(wish.dataset.name, _to_fetch(plan))
        check_room(plan)
        began = time.monotonic()
        outcome = carry_out(plan, web, display)
        if not quiet:
            _sum_up(plan, outcome, time.monotonic() - began)
        return outcome.manifest


def _display(name: str, quiet: bool, live: bool) -> Display:
    from ocrcli.cli.transfer import Bar, Display, Lines

    if quiet:
        return Display(name)
    return Bar(name) if live and console.is_terminal(sys.stderr) else Lines(name)


def _to_fetch(plan: Plan) -> str:
    from ocrcli.datasets.partfile import free_bytes, size_text

    folder, kept = plan.wish.folder, plan.total - plan.missing
    files = f" in {len(plan.wanted)} files" if len(plan.wanted) > 1 else ""
    there = f", {size_text(kept)} are there already" if kept else ""
    return f"{size_text(plan.total)}{files} into {folder}{there}; {size_text(free_bytes(folder))} free"


def _sum_up(plan: Plan, outcome: Outcome, seconds: float) -> None:
    from ocrcli.cli.transfer import clock
    from ocrcli.datasets.partfile import size_text

    name = plan.wish.dataset.name
    if not outcome.hosts:
        return _say(name, f"everything was there and right; {_contents(outcome.manifest)}")
    hosts = f" from {', '.join(outcome.hosts)}"
    for failure in outcome.failures:
        _say(name, f"passed over {failure}")
    _say(name, f"{size_text(outcome.came)}{hosts} in {clock(seconds)}; {_contents(outcome.manifest)}")
    command = f"ocr preprocess {name}"
    if plan.wish.folder != raw_folder(name):
        archive = plan.files[0].path if plan.wish.dataset.archives else ""
        command += f" --source {plan.wish.folder / archive}"
    _say(name, f"next: {command}")


def _contents(found: Manifest) -> str:
    """``62 files with 858,750 samples``."""
    counts = [entry.samples for entry in found.files]
    files = f"{len(counts)} files" if len(counts) != 1 else found.files[0].path
    return files if None in counts else f"{files} with {sum(c or 0 for c in counts):,} samples"


def _show(plan: Plan) -> None:
    """What ``--dry-run`` prints: a line for each file, then the sum."""
    from ocrcli.datasets.partfile import size_text

    dataset = plan.wish.dataset
    for file in plan.wanted:
        size = size_text(file.size) if file.size is not None else "?"
        state = "there" if file.path in plan.entries else file.sources[0].url
        typer.echo(f"{file.path}\t{size}\t{state}")
    typer.echo(f"{dataset.name}: {_to_fetch(plan)}")
    typer.echo(f"terms: {dataset.licence}")
    typer.echo(f"to cite: {dataset.citation}")


def _say(name: str, text: str) -> None:
    console.say(f"{name}: {text}", style=console.DIM)


if __name__ == "__main__":
    app()

"""``ocr eval char|word|page``: scores the models in use on labelled sets."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ocrcli.cli import console
from ocrcli.errors import OutputError, UsageError

if TYPE_CHECKING:
    from ocrcli.engine.decoding import Decoding
    from ocrcli.engine.pipeline import AskedMode, Reader
    from ocrcli.scoring.pages import Level
    from ocrcli.scoring.runs import Progress, SetResult

app = typer.Typer(help="Score a model on labelled data.", no_args_is_help=True)

WORD_MODES, PAGE_MODES = ("word", "page", "auto"), ("page", "auto")
LEVELS, DEVICES = ("auto", "word", "line"), ("auto", "cpu", "cuda")
SCORING, OUTPUT, SPEED = "What to score", "Output", "Models and speed"
# Columns of the table: heading → names of the figures in it
COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    "char": {
        "top-1": ("top1",),
        "top-3": ("top3",),
        "any case": ("top1_caseless",),
        "within": ("top1_within",),
        "within, any case": ("top1_caseless_within",),
        "ECE": ("ece",),
    },
    "word": {"94": ("accuracy_94",), "36": ("accuracy_36",), "exact": ("accuracy_exact",), "CER": ("cer",)},
    "page": {
        "CER": ("cer",),
        "WER": ("wer",),
        "raw CER": ("cer_raw",),
        "bag R/P/F1": ("bag_recall", "bag_precision", "bag_f1"),
        "detection R/P/H": ("detection_recall", "detection_precision", "detection_hmean"),
        "end-to-end R/P/H": ("end_to_end_recall", "end_to_end_precision", "end_to_end_hmean"),
    },
}


def _option(panel: str, text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=panel, **more)


Limit = Annotated[int | None, _option(SCORING, "Score the first N samples of each set.", min=1, metavar="N")]
LexiconFile = Annotated[
    Path | None,
    _option(SCORING, "Words to expect, as in ocr predict.", "--lexicon", metavar="FILE|english|none"),
]
Tta = Annotated[
    bool,
    _option(
        SCORING, "Average five looks at each character, turned and slanted: five times the work.", "--tta"
    ),
]
HeldBack = Annotated[
    bool,
    _option(SCORING, "Score only the tenth of FILE that ocr train char never trains on.", "--held-back"),
]
Json = Annotated[bool, _option(OUTPUT, "Print one JSON object; several sets: a list.", "--json")]
Report = Annotated[
    Path | None, _option(OUTPUT, "Write the worst mistakes, as pictures, into an HTML file.", metavar="FILE")
]
Quiet = Annotated[bool, _option(OUTPUT, "No progress.", "--quiet", "-q")]
ModelDir = Annotated[
    Path | None, _option(SPEED, "Take models from here first (also OCR_MODELS).", metavar="DIR")
]
ModelFile = Annotated[
    list[Path] | None, _option(SPEED, "Use this model for its task; repeatable.", "--model")
]
Device = Annotated[str, _option(SPEED, "auto, cpu or cuda.", metavar="DEVICE")]
Threads = Annotated[int | None, _option(SPEED, "Cores to use. Default: all.", min=1, metavar="N")]


@dataclass(frozen=True)
class Run:
    """What the three verbs have in common."""

    files: list[Path]
    limit: int | None
    as_json: bool
    report: Path | None
    quiet: bool
    engine: dict[str, Any]  # what makes the reader


@app.command()
def char(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help=".npz with images and labels, or a store.")
    ],
    tta: Tta = False,
    held_back: HeldBack = False,
    limit: Limit = None,
    as_json: Json = False,
    report: Report = None,
    quiet: Quiet = False,
    model_dir: ModelDir = None,
    model: ModelFile = None,
    device: Device = "auto",
    threads: Threads = None,
) -> None:
    """Score the character classifier.

    ocr eval char letters.npz
    ocr eval char letters.npz --report mistakes.html

    FILE holds images, uint8 (n, height, width), and labels: characters, or classes of the model; of a
    store of ocr preprocess the test part is scored. Prints top-1, top-3 and case-insensitive top-1
    accuracy, top-1 among the set's own characters (within), and the expected calibration error; the
    confusion matrix is in the report.
    """
    run = Run(files, limit, as_json, report, quiet, _engine(model_dir, model, device, threads))
    _check(run)
    from ocrcli.scoring import engines, runs

    classify, characters, models = engines.char_classifier(_reader(run), tta)
    _score(run, models, lambda file, told: runs.run_chars(file, classify, characters, limit, told, held_back))


@app.command()
def word(
    files: Annotated[list[Path], typer.Argument(metavar="LABELS.TSV", help="image<TAB>text, one a line.")],
    mode: Annotated[
        str, _option(SCORING, "word, or read each image as a page: page, auto.", metavar="MODE")
    ] = "word",
    lexicon: LexiconFile = None,
    limit: Limit = None,
    as_json: Json = False,
    report: Report = None,
    quiet: Quiet = False,
    model_dir: ModelDir = None,
    model: ModelFile = None,
    device: Device = "auto",
    threads: Threads = None,
) -> None:
    """Score the word and line recogniser.

    ocr eval word words/labels.tsv
    ocr eval word a/labels.tsv b/labels.tsv --json | jq .[].accuracy_94

    Prints accuracy under the protocols 94 (case and punctuation count) and 36 (letters and digits
    regardless of case), exact matches, CER and images a second. Paths are relative to the file.
    """
    run = Run(files, limit, as_json, report, quiet, _engine(model_dir, model, device, threads))
    _one_of("--mode", mode, WORD_MODES)
    _check(run)
    decoding = _decoding(lexicon)
    from ocrcli.scoring import engines, runs

    read, models = engines.word_reader(_reader(run), cast("AskedMode", mode), decoding)
    models |= _described(lexicon, decoding)
    _score(run, models, lambda file, told: runs.run_words(file, read, limit, told))


@app.command()
def page(
    files: Annotated[list[Path], typer.Argument(metavar="PAGES.JSONL", help="One labelled page a line.")],
    mode: Annotated[str, _option(SCORING, "page or auto.", metavar="MODE")] = "page",
    level: Annotated[
        str, _option(SCORING, "What the truth holds: word, line, or auto.", metavar="LEVEL")
    ] = "auto",
    lexicon: LexiconFile = None,
    limit: Limit = None,
    as_json: Json = False,
    report: Report = None,
    quiet: Quiet = False,
    model_dir: ModelDir = None,
    model: ModelFile = None,
    device: Device = "auto",
    threads: Threads = None,
) -> None:
    """Score the reading of whole pages.

    ocr eval page scans/pages.jsonl
    ocr eval page scans/pages.jsonl --report worst.html --limit 20

    A line is {"image", "words": [{"text", "quad", "ignore"?}], "text"}. Prints CER and WER of the
    text, recall, precision and F1 of words in any order, and, where quads exist, detection and
    end-to-end recall, precision and H-mean at IoU 0.5.
    """
    run = Run(files, limit, as_json, report, quiet, _engine(model_dir, model, device, threads))
    _one_of("--mode", mode, PAGE_MODES)
    _one_of("--level", level, LEVELS)
    _check(run)
    decoding = _decoding(lexicon)
    from ocrcli.scoring import engines, runs

    read, models = engines.page_reader(_reader(run), cast("AskedMode", mode), decoding)
    models |= _described(lexicon, decoding)
    by = None if level == "auto" else cast("Level", level)
    _score(run, models, lambda file, told: runs.run_pages(file, read, limit, told, by))


def _engine(
    model_dir: Path | None, models: list[Path] | None, device: str, threads: int | None
) -> dict[str, Any]:
    _one_of("--device", device, DEVICES)
    return {"model_dir": model_dir, "models": models or [], "device": device, "threads": threads}


def _reader(run: Run) -> Reader:
    """The reader of ``ocr predict``. Raises ModelError."""
    from ocrcli.cli.predict import models_of
    from ocrcli.engine.pipeline import Reader

    return Reader(**{**run.engine, "models": models_of(run.engine["models"])})


def _decoding(lexicon: Path | None) -> Decoding:
    """What ``ocr predict`` decodes with. Raises UsageError for a lexicon that cannot be used."""
    from ocrcli.cli.predict import words_of
    from ocrcli.engine.decoding import Decoding

    return Decoding(lexicon=words_of(lexicon))


def _described(file: Path | None, decoding: Decoding) -> dict[str, dict[str, str]]:
    """The lexicon, which a figure needs beside it as much as the models."""
    if decoding.lexicon is None:
        return {}
    return {"lexicon": {"file": str(file or "english"), "sha256": decoding.lexicon.sha256}}


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{option} {value}: not one of {', '.join(allowed)}")


def _check(run: Run) -> None:
    """Finds out before the work whether its result can be written. Raises OutputError."""
    if run.report is None:
        return
    folder = run.report.absolute().parent
    if run.report.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise OutputError(f"{run.report}: cannot write the report there; name a file in a writable folder")


def _score(run: Run, models: dict[str, dict[str, str]], score: Callable[[Path, Progress], SetResult]) -> None:
    """Scores every set and prints what came of it."""
    from ocrcli.scoring import report, runs

    results = []
    with _progress(run) as told:
        for file in run.files:
            results.append(score(file, told))
    if run.report is not None:
        report.write_report(run.report, "ocr eval", [result.section() for result in results])
    if run.as_json:
        typer.echo(json.dumps(runs.merged(results, models), ensure_ascii=False, indent=2))
    else:
        _print_table(results, models)


def _print_table(results: Sequence[SetResult], models: dict[str, dict[str, str]]) -> None:
    """A row a set, then the protocol behind each column and the models that read."""
    from ocrcli.scoring.table import plain_table

    columns = {
        title: names
        for title, names in COLUMNS[results[0].task].items()
        if any(name in result.figures for name in names for result in results)
    }
    skipped = any(result.figures.get("skipped") for result in results)
    header = ["set", "n", *(["skipped"] if skipped else []), *columns, "images/s"]
    rows = [_row(result, columns, skipped) for result in results]
    protocols = {title: results[0].protocols[names[-1]] for title, names in columns.items()}
    if console.is_terminal(sys.stdout):
        _print_rich(header, rows, protocols, models)
        return
    typer.echo(plain_table(header, rows))
    for title, protocol in protocols.items():
        typer.echo(f"{title}: {protocol}")
    for task, model in models.items():
        typer.echo(f"{task}: {model['file']} sha256 {model['sha256']}")


def _row(result: SetResult, columns: dict[str, tuple[str, ...]], skipped: bool) -> list[str]:
    from ocrcli.scoring.table import percent

    cells = [result.name, str(result.figures["samples"])]
    if skipped:
        cells.append(str(result.figures.get("skipped", 0)))
    for names in columns.values():
        cells.append(" / ".join(percent(result.figures.get(name)) for name in names))
    return [*cells, f"{result.images_per_second:.1f}"]


def _print_rich(
    header: list[str], rows: list[list[str]], protocols: dict[str, str], models: dict[str, dict[str, str]]
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for i, title in enumerate(header):
        table.add_column(escape(title), justify="right" if i else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    out = console.rich_console()
    out.print(table)
    for title, protocol in protocols.items():
        out.print(f"[bold]{escape(title)}[/] [dim]{escape(protocol)}[/]")
    for task, model in models.items():
        out.print(f"[bold]{task}[/] [dim]{escape(model['file'])} sha256 {model['sha256'][:16]}…[/]")


@contextmanager
def _progress(run: Run) -> Iterator[Progress]:
    """A count on stderr where a person waits."""
    if run.quiet or not console.is_terminal(sys.stderr):
        yield lambda count: None
        return
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("scoring, {task.completed:.0f} samples"), TimeElapsedColumn())
    with Bar(*columns, console=console.rich_console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda count: bar.advance(task, count)

"""``ocr predict``: what is asked for, checked; :mod:`ocrcli.cli.reading` does it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from ocrcli.cli.inputs import find_sources
from ocrcli.errors import UsageError
from ocrcli.formats.writer import FORMATS, AskedMode, Choices

if TYPE_CHECKING:
    from ocrcli.engine.lexicon import Lexicon
    from ocrcli.engine.pdf import PdfText
    from ocrcli.modelcard import Task

app = typer.Typer(add_completion=False)

MODES = ("auto", "page", "word", "char")
DEVICES = ("auto", "cpu", "cuda")
PDF_TEXTS = ("auto", "ocr", "keep")
READING, OUTPUT, SPEED, EVERYWHERE = "What to read", "Output", "Models and speed", "Everywhere"


@app.command()
def predict(
    inputs: list[str] = typer.Argument(
        None, metavar="INPUT", help="Images, PDFs, folders, patterns; - is stdin."
    ),
    files_from: str = typer.Option(
        None,
        metavar="FILE",
        help="Read the names of inputs from FILE (or -): one a line, or NUL between them.",
        rich_help_panel=READING,
    ),
    mode: str = typer.Option(
        "auto",
        "--mode",
        metavar="MODE",
        autocompletion=lambda: list(MODES),
        help="page: find the lines and read them. word: the whole image is one word or line. "
        "char: it is one character. auto: page, or word for the image of a single line.",
        rich_help_panel=READING,
    ),
    pages: str = typer.Option(
        None, metavar="RANGES", help="Pages of PDF and TIFF files, such as 1-3,7.", rich_help_panel=READING
    ),
    dpi: int = typer.Option(
        200,
        min=20,
        max=1200,
        metavar="N",
        help="Resolution at which PDF pages are drawn.",
        rich_help_panel=READING,
    ),
    pdf_text: str = typer.Option(
        "auto",
        "--pdf-text",
        metavar="|".join(PDF_TEXTS),
        autocompletion=lambda: list(PDF_TEXTS),
        help="Text that PDF pages hold already. auto: keep what a program printed, read scans and forms. "
        "keep: keep any text. ocr: read every page.",
        rich_help_panel=READING,
    ),
    password: str = typer.Option(
        None,
        metavar="TEXT",
        help="Opens encrypted PDFs. Others can see it here; better set OCR_PASSWORD.",
        rich_help_panel=READING,
    ),
    min_confidence: float = typer.Option(
        None,
        min=0.0,
        max=1.0,
        metavar="X",
        help="Leave out words that are less sure, 0 to 1 (default: 0.5 to 0.7 on pages, by the word).",
        rich_help_panel=READING,
    ),
    allow: str = typer.Option(
        None, metavar="CHARS", help="Read no other characters than these.", rich_help_panel=READING
    ),
    lexicon: Path = typer.Option(
        None,
        metavar="FILE|english|none",
        help="Words to expect, one a line: an unclear word that looks like one of them becomes it "
        "(default: english).",
        rich_help_panel=READING,
    ),
    output: str = typer.Option(
        "-",
        "--output",
        "-o",
        metavar="PATH",
        help="A file, or a folder for one file an input. Without it: stdout.",
        rich_help_panel=OUTPUT,
    ),
    format: list[str] = typer.Option(
        None,
        "--format",
        "-f",
        metavar="|".join(FORMATS),
        autocompletion=lambda: list(FORMATS),
        help="Default: by the suffix of the output, else text. May be repeated, for a folder.",
        rich_help_panel=OUTPUT,
    ),
    top: int = typer.Option(
        None, min=1, metavar="K", help="Show the K likeliest characters (mode char).", rich_help_panel=OUTPUT
    ),
    annotate: str = typer.Option(
        None,
        metavar="PATH",
        help="Draw boxes and text into a picture, or a folder of pictures.",
        rich_help_panel=OUTPUT,
    ),
    skip_existing: bool = typer.Option(
        False,
        "--skip-existing",
        help="Leave out inputs whose outputs are there: goes on with a batch.",
        rich_help_panel=OUTPUT,
    ),
    thumbnail: bool = typer.Option(
        False, "--thumbnail", help="On a terminal, show the pictures too.", rich_help_panel=OUTPUT
    ),
    fail_empty: bool = typer.Option(
        False, "--fail-empty", help="Exit with 7 when nothing was recognised at all.", rich_help_panel=OUTPUT
    ),
    model_dir: Path = typer.Option(
        None, metavar="DIR", help="Take models from here first (also OCR_MODELS).", rich_help_panel=SPEED
    ),
    model: list[Path] = typer.Option(
        None, metavar="FILE", help="Use this model for its task; may be repeated.", rich_help_panel=SPEED
    ),
    device: str = typer.Option(
        "auto",
        metavar="|".join(DEVICES),
        autocompletion=lambda: list(DEVICES),
        rich_help_panel=SPEED,
        help="Where the networks run.",
    ),
    threads: int = typer.Option(
        None, min=1, metavar="N", help="Cores to use. Default: all.", rich_help_panel=SPEED
    ),
    jobs: int = typer.Option(
        None,
        min=1,
        metavar="N",
        help="Processes that share the cores and the inputs. Default: one for each four cores.",
        rich_help_panel=SPEED,
    ),
    batch_size: int = typer.Option(
        None, min=1, metavar="N", help="Lines read at once; fewer take less memory.", rich_help_panel=SPEED
    ),
    quiet: bool = typer.Option(
        False, "--quiet", "-q", help="No progress and no warnings.", rich_help_panel=EVERYWHERE
    ),
    verbose: bool = typer.Option(
        False, "--verbose", "-v", help="Say on stderr what is being done.", rich_help_panel=EVERYWHERE
    ),
) -> None:
    """Read the text in images and PDFs.

    ocr predict page.png                      # text on stdout
    ocr predict scan.pdf -o scan.txt          # format from the suffix
    ocr predict scan.jpg -o scan.pdf          # a searchable PDF
    ocr predict *.jpg -f jsonl | jq -r .text  # a JSON object a page
    cat shot.png | ocr predict -              # stdin
    ocr predict word.png --mode word          # one word or line, no detection
    ocr predict scans/ -o out/ -f hocr        # one output an input
    ocr predict scans/ -o out/ -f text -f json --skip-existing --jobs 4

    Results go to stdout, everything else to stderr.

    Exit codes: 0 success, 1 unexpected, 2 usage, 3 an input could not be read (the others
    were), 4 model missing or damaged, 5 cannot write, 7 nothing recognised (with
    --fail-empty), 130 interrupted.
    """  # fmt: skip
    _one_of("--mode", mode, MODES)
    _one_of("--device", device, DEVICES)
    _one_of("--pdf-text", pdf_text, PDF_TEXTS)
    for one in format or []:
        _one_of("--format", one, tuple(FORMATS))
    if top is not None and mode != "char":
        raise UsageError("--top goes with --mode char")
    if lexicon is not None and mode == "char":
        raise UsageError("--lexicon goes with words and lines, not with --mode char")
    sources = find_sources(inputs or [], files_from)

    # Only now what costs time: a mistake in the command line is told at once.
    from ocrcli.cli.reading import Request, read_all
    from ocrcli.cli.tasks import Engine
    from ocrcli.engine.decoding import Decoding
    from ocrcli.engine.model import usable_cores
    from ocrcli.engine.pageselect import PageSelection

    request = Request(
        sources=sources,
        choices=Choices(cast(AskedMode, mode), top),
        decoding=Decoding(allow, min_confidence, top or Decoding().top, words_of(lexicon)),
        engine=Engine(model_dir, models_of(model or []), device, threads or usable_cores(), batch_size),
        formats=tuple(dict.fromkeys(format or ())),  # each once
        output=output,
        annotate=annotate,
        thumbnail=thumbnail,
        skip_existing=skip_existing,
        jobs=jobs,
        pages=PageSelection.parse(pages) if pages else None,
        dpi=dpi,
        password=password,
        # What is printed may hold other characters than those that are allowed.
        pdf_text="ocr" if allow is not None else cast("PdfText", pdf_text),
        fail_empty=fail_empty,
        quiet=quiet,
        verbose=verbose,
    )
    raise typer.Exit(read_all(request))


def models_of(files: list[Path]) -> dict[Task, Path]:
    """Single model files by their task. Raises ModelError, UsageError for two of one task."""
    from ocrcli.engine.model import Model

    models: dict[Task, Path] = {}
    for file in files:
        task = Model.load(file, device="cpu").card.task
        if task in models:
            raise UsageError(f'{file}: a second model for task "{task}", beside {models[task]}')
        models[task] = file
    return models


def words_of(name: Path | None) -> Lexicon | None:
    """The lexicon of an option: a file, "english" (the default), "none". Raises UsageError for a bad file."""
    from ocrcli.engine.lexicon import Lexicon, english

    if name is None or name == Path("english"):
        return english()
    return None if name == Path("none") else Lexicon.load(name)


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{option} {value}: not one of {', '.join(allowed)}")

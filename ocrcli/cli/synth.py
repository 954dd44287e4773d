"""``ocr synth``: renders characters, words and pages, or a contact sheet of them; gathers fonts for that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image

from ocrcli.cli import console
from ocrcli.errors import OutputError, UsageError

app = typer.Typer(help="Render training data: characters, words, pages.", no_args_is_help=True)

SHOWN = {"char": 400, "word": 150, "page": 6}  # samples on a contact sheet that a screen can show
PAGE_THUMBNAIL = 520  # pixels of a page's longer side on a contact sheet

Number = Annotated[
    int | None, typer.Option("-n", "--number", min=1, help="Samples (default: 1000, or a sheet full).")
]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same samples.")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Folder for the images and their labels.")
]
Show = Annotated[Path | None, typer.Option("--show", help="Write a contact sheet to this image.")]
Fonts = Annotated[
    list[Path] | None, typer.Option("--fonts", help="Folder of fonts; repeatable (default: the system's).")
]
Backgrounds = Annotated[Path | None, typer.Option("--backgrounds", help="Folder of photographs.")]


@app.command("char")
def char(
    number: Number = None, seed: Seed = 0, output: Output = None, show: Show = None, fonts: Fonts = None
) -> None:
    """Single characters, 28×28.

    ocr synth char --show sheet.png

    ocr synth char -n 5000 -o chars/
    """
    from ocrcli.synth.chars import CharRenderer

    renderer = CharRenderer(_library(fonts))
    samples = ((s.image, s.label) for s in _samples(renderer.render, _count("char", number, output), seed))
    _write_labelled(samples, output, show)


@app.command("word")
def word(
    number: Number = None,
    seed: Seed = 0,
    output: Output = None,
    show: Show = None,
    fonts: Fonts = None,
    backgrounds: Backgrounds = None,
    lines: Annotated[float, typer.Option("--lines", min=0, max=1, help="Share of whole lines.")] = 0.4,
) -> None:
    """Strips of one word or one line, 32 pixels high.

    ocr synth word --show sheet.png

    ocr synth word -n 100000 --seed 7 -o words/
    """
    from ocrcli.synth.words import WordRenderer

    renderer = WordRenderer(_library(fonts), lines=lines, backgrounds=backgrounds)
    samples = ((s.strip, s.text) for s in _samples(renderer.render, _count("word", number, output), seed))
    _write_labelled(samples, output, show)


@app.command("page")
def page(
    number: Number = None,
    seed: Seed = 0,
    output: Output = None,
    show: Show = None,
    fonts: Fonts = None,
    backgrounds: Backgrounds = None,
) -> None:
    """Whole pages with the place of every line and word.

    ocr synth page --show sheet.png

    ocr synth page -n 200 -o pages/
    """
    from ocrcli.synth.pages import PageRenderer

    renderer = PageRenderer(_library(fonts), backgrounds=backgrounds)
    samples = _samples(renderer.render, _count("page", number, output), seed)
    _write_pages(samples, output, show)


@app.command("fonts")
def fonts(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the fonts go; new or empty.")],
    source: Fonts = None,
    alphabet: Annotated[
        str | None, typer.Option("--alphabet", help="Characters to keep (default: printed English).")
    ] = None,
) -> None:
    """Gather the usable fonts of this machine, each cut down to an alphabet.

    They take a tenth of the space, are drawn a quarter faster, and go to machines that have none:
    FOLDER is what --fonts of the other commands and of ocr train asks for, and FOLDER/fonts.tsv lists
    families and licences.

    ocr synth fonts fonts/

    ocr train word --fonts fonts/
    """
    from ocrcli.alphabet import PRINTED_ENGLISH
    from ocrcli.synth.fontpack import COLUMNS, pack_fonts

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder}: not an empty folder")
    library = _library(source)
    try:
        packed = list(pack_fonts(library, alphabet or PRINTED_ENGLISH, folder))
        _write_text(
            folder / "fonts.tsv", "\n".join(["\t".join(COLUMNS), *(font.row() for font in packed)]) + "\n"
        )
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
    size = sum(font.path.stat().st_size for font in packed)
    families = len({font.face.family for font in packed})
    console.note(f"{len(packed)} faces of {families} families, {size / 1e6:.1f} MB")
    print(folder)


def _library(fonts: list[Path] | None) -> Any:
    from ocrcli.synth.fonts import FontLibrary

    for folder in fonts or []:
        if not folder.is_dir():
            raise UsageError(f"{folder}: not a folder of fonts")
    return FontLibrary.discover(fonts or None)


def _count(kind: str, number: int | None, output: Path | None) -> int:
    return number or (SHOWN[kind] if output is None else 1000)


def _samples(render: Callable[[np.random.Generator], Any], count: int, seed: int) -> Iterator[Any]:
    for i in range(count):
        yield render(np.random.default_rng([seed, i]))


def _write_labelled(
    samples: Iterator[tuple[np.ndarray, str]], output: Path | None, show: Path | None
) -> None:
    """Images and ``labels.tsv`` into a folder, the first of them onto a contact sheet."""
    _needs_target(output, show)
    shown: list[tuple[np.ndarray, str]] = []
    rows: list[str] = []
    for i, (pixels, text) in enumerate(samples):
        if show is not None and len(shown) < SHOWN["char"]:
            shown.append((pixels, text))
        if output is not None:
            rows.append(f"{_save(pixels, output, i)}\t{text}")
    if output is not None:
        _write_text(output / "labels.tsv", "\n".join(rows) + "\n")
    _show(shown, show)


def _write_pages(samples: Iterator[Any], output: Path | None, show: Path | None) -> None:
    """Images and ``pages.jsonl`` into a folder, the first of them onto a contact sheet."""
    _needs_target(output, show)
    shown: list[tuple[np.ndarray, str]] = []
    rows: list[str] = []
    for i, sample in enumerate(samples):
        if show is not None and len(shown) < SHOWN["page"]:
            small = Image.fromarray(_with_quads(sample))
            small.thumbnail((PAGE_THUMBNAIL, PAGE_THUMBNAIL))
            shown.append((np.asarray(small), f"{len(sample.texts)} lines"))
        if output is not None:
            words = [
                {"text": t, "quad": np.round(q.astype(float), 1).tolist()}
                for line in sample.words
                for t, q in line
            ]
            name = _save(sample.image, output, i)
            rows.append(json.dumps({"image": name, "words": words, "text": sample.text}, ensure_ascii=False))
    if output is not None:
        _write_text(output / "pages.jsonl", "\n".join(rows) + "\n")
    _show(shown, show)


def _with_quads(sample: Any) -> np.ndarray:
    from PIL import ImageDraw

    image = Image.fromarray(sample.image)
    pen = ImageDraw.Draw(image)
    for quad in sample.quads:
        pen.polygon([tuple(point) for point in quad.tolist()], outline=(220, 30, 30), width=2)
    return np.asarray(image)


def _needs_target(output: Path | None, show: Path | None) -> None:
    if output is None and show is None:
        raise UsageError("give -o FOLDER, --show IMAGE, or both")


def _save(pixels: np.ndarray, folder: Path, number: int) -> str:
    """Write one image; its path relative to ``folder``. A thousand images share a subfolder."""
    name = f"{number // 1000:04d}/{number:07d}.png"
    try:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name)
    except OSError as error:
        raise OutputError(f"cannot write {folder / name}: {error.strerror or error}") from error
    return name


def _write_text(path: Path, text: str) -> None:
    temporary = path.with_suffix(".tmp")
    try:
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def _show(samples: list[tuple[np.ndarray, str]], target: Path | None) -> None:
    from ocrcli.synth.sheet import contact_sheet

    if target is None:
        return
    try:
        contact_sheet(samples).save(target)
    except (OSError, ValueError) as error:  # ValueError: Pillow knows no such suffix
        raise OutputError(f"cannot write {target}: {error}") from error

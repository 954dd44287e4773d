"""The report of ``ocr eval --report``: one HTML file that holds its figures, words and pictures.

Mistakes teach more than averages: the worst are shown as the network saw them, the surest first.
"""

from __future__ import annotations

import base64
import difflib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocrcli.document import Quad
from ocrcli.errors import OutputError

JPEG_QUALITY = 75  # text stays legible; a report of 100 words is some 300 kB
WORD_PIXELS = (320, 96)  # longest width and height of a word's picture
PAGE_PIXELS = (1100, 1100)  # small print of a page can just be read
RIGHT, MISREAD, MISSED, SPURIOUS, LEFT_OUT = "#1a9850", "#e08214", "#d73027", "#4575b4", "#999999"
MOVED = "#984ea3"
LEGEND = (
    (RIGHT, "found and read"),
    (MISREAD, "found, misread"),
    (MOVED, "read, in another place of the text"),
    (MISSED, "missed"),
    (SPURIOUS, "found where nothing is"),
    (LEFT_OUT, "not counted"),
)

_STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .2rem .7rem; text-align: left; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums } .dim { opacity: .65 }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .8rem }
figure { margin: 0; padding: .6rem; border: 1px solid #8885; border-radius: 6px }
.grid img { height: 3rem; object-fit: contain; object-position: left }
figure.page { margin-bottom: 1.5rem } img { max-width: 100% }
figcaption b { font-weight: 600 } del { color: #d73027 } ins { color: #1a9850 }
.confusion td, .confusion th { padding: 0; width: 1.15rem; height: 1.15rem; text-align: center;
  font: 10px/1.15rem monospace }
.key span { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em }
"""


@dataclass(frozen=True)
class Figure:
    """One figure as text, and the protocol behind it."""

    name: str
    value: str
    protocol: str


@dataclass(frozen=True)
class Mistake:
    """One misread word or character. ``picture`` is grey (h, w) or RGB (h, w, 3) uint8."""

    picture: NDArray[np.uint8]
    truth: str
    prediction: str
    confidence: float
    source: str = ""


@dataclass(frozen=True)
class MarkedPage:
    """One page with outlines: ``marks`` holds a quad and its colour, each; ``texts`` truth and reading."""

    picture: NDArray[np.uint8]
    marks: Sequence[tuple[Quad, str]]
    title: str
    texts: tuple[str, str] | None = None


@dataclass(frozen=True)
class Section:
    """What the report says of one labelled set."""

    title: str
    figures: Sequence[Figure]
    body: str


def write_report(path: Path, title: str, sections: Iterable[Section]) -> None:
    """Writes the report whole or not at all. Raises OutputError."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width'>",
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>",
    ]
    for section in sections:
        parts += [f"<h2>{escape(section.title)}</h2>", figure_table(section.figures), section.body]
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_text("\n".join(parts) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot write the report: {error.strerror or error}") from error


def figure_table(figures: Sequence[Figure]) -> str:
    """Figures, one a row, with their protocols."""
    rows = (
        f"<tr><th>{escape(f.name)}<td class=n>{escape(f.value)}<td class=dim>{escape(f.protocol)}"
        for f in figures
    )
    return f"<table>{''.join(rows)}</table>"


def mistake_grid(mistakes: Sequence[Mistake], total: int) -> str:
    """Pictures of mistakes with truth, prediction and confidence; ``total`` is how many there were."""
    cells = []
    for mistake in mistakes:
        truth, prediction = marked_difference(mistake.truth, mistake.prediction)
        cells.append(
            f"<figure title='{escape(mistake.source, quote=True)}'>"
            f"<img alt='' src='{data_uri(mistake.picture, WORD_PIXELS)}'>"
            f"<figcaption><b>{truth}</b><br>{prediction or '<i class=dim>nothing</i>'} "
            f"<span class=dim>{mistake.confidence:.2f}</span></figcaption></figure>"
        )
    heading = (
        f"<h3>The surest {len(cells)} of {total} mistakes</h3><p class=dim>truth above, reading below</p>"
    )
    return f"{heading}<div class=grid>{''.join(cells)}</div>" if cells else "<p>No mistakes.</p>"


def marked_difference(truth: str, prediction: str) -> tuple[str, str]:
    """Both texts as HTML, with what is missing in ``<del>`` and what is too much in ``<ins>``."""
    left, right = [], []
    for kind, a0, a1, b0, b1 in difflib.SequenceMatcher(
        None, truth, prediction, autojunk=False
    ).get_opcodes():
        old, new = escape(truth[a0:a1]), escape(prediction[b0:b1])
        left.append(old if kind == "equal" or not old else f"<del>{old}</del>")
        right.append(new if kind == "equal" or not new else f"<ins>{new}</ins>")
    return "".join(left), "".join(right)


def page_gallery(pages: Sequence[MarkedPage]) -> str:
    """Pages with outlines around what was right and wrong."""
    key = "".join(f"<span style='background:{colour}'></span>{escape(what)}" for colour, what in LEGEND)
    pictures = (
        f"<figure class=page><figcaption>{escape(page.title)}</figcaption>"
        f"<img alt='' src='{data_uri(with_marks(page), PAGE_PIXELS)}'>{_texts(page)}</figure>"
        for page in pages
    )
    return f"<h3>The worst {len(pages)} pages</h3><p class=key>{key}</p>{''.join(pictures)}"


def _texts(page: MarkedPage) -> str:
    """The page's text with the words that were missed, and those that were made up."""
    if page.texts is None:
        return ""
    truth, text = (text.split() for text in page.texts)
    parts = []
    for kind, a0, a1, b0, b1 in difflib.SequenceMatcher(None, truth, text, autojunk=False).get_opcodes():
        old, new = escape(" ".join(truth[a0:a1])), escape(" ".join(text[b0:b1]))
        if kind == "equal":
            parts.append(old)
            continue
        parts += [f"<del>{old}</del>"] if old else []
        parts += [f"<ins>{new}</ins>"] if new else []
    return f"<details><summary>text</summary>{' '.join(parts)}</details>"


def with_marks(page: MarkedPage) -> NDArray[np.uint8]:
    """The page (H, W, 3) with its marks drawn."""
    image = Image.fromarray(page.picture).convert("RGB")
    draw = ImageDraw.Draw(image)
    # An outline has to survive the reduction to the size that is shown.
    width = max(2, round(2 * max(image.size) / max(PAGE_PIXELS)))
    for quad, colour in page.marks:
        draw.line([*quad, quad[0]], fill=colour, width=width)
    return np.asarray(image)


def confusion_table(confusion: NDArray[np.int64], characters: str) -> str:
    """Confusion matrix (truth down, prediction across); a darker cell is a larger share of its row."""
    used = [i for i in range(len(characters)) if confusion[i].any() or confusion[:, i].any()]
    header = "".join(f"<th>{escape(characters[i])}" for i in used)
    rows = []
    for i in used:
        total = max(1, int(confusion[i].sum()))
        cells = "".join(_confusion_cell(int(confusion[i, j]), total, i == j) for j in used)
        rows.append(f"<tr><th>{escape(characters[i])}{cells}")
    return (
        "<h3>Confusion</h3><p class=dim>truth down, prediction across; point at a cell for its count</p>"
        f"<table class=confusion><tr><th>{header}{''.join(rows)}</table>"
    )


def _confusion_cell(count: int, total: int, right: bool) -> str:
    if not count:
        return "<td>"
    colour = RIGHT if right else MISSED
    # The square root lets a share of 1 % be seen.
    opacity = round(255 * (count / total) ** 0.5)
    return f"<td title='{count} of {total}' style='background:{colour}{opacity:02x}'>"


def data_uri(picture: NDArray[np.uint8], size: tuple[int, int]) -> str:
    """A picture, made to fit ``size``, as a JPEG inside a URI."""
    image = Image.fromarray(picture)
    image.thumbnail(size)
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")

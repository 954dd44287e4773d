"""Runs a model over a labelled set: figures, timing, provenance and what the report shows.

Each ``run_…`` takes a function that reads images and knows nothing of models or the command line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.document import Page
from ocrcli.engine.images import LoadedPage, load_pages
from ocrcli.scoring import chars, pages, words
from ocrcli.scoring.labels import TruthPage, read_chars, read_pages, read_word_labels
from ocrcli.scoring.pages import Level, PageScore
from ocrcli.scoring.report import (
    LEFT_OUT,
    MISREAD,
    MISSED,
    MOVED,
    RIGHT,
    SPURIOUS,
    Figure,
    MarkedPage,
    Mistake,
    Section,
    confusion_table,
    mistake_grid,
    page_gallery,
)
from ocrcli.scoring.table import percent
from ocrcli.scoring.text import fold_36, fold_page

WORD_BATCH = 256  # images held at once: enough for full batches of like width
CHAR_BATCH = 1024  # images of 28×28 in one run: some 100 MB in the first layers
WORST_WORDS, WORST_PAGES = 120, 6  # shown in the report; a page is some 250 kB
UNIT_FIGURES = {"samples", "skipped", "samples_94", "samples_36"}  # counts among the figures

Progress = Callable[[int], None]  # told how many samples were read since the last time
ReadWords = Callable[[Sequence[NDArray[np.uint8]]], list[tuple[str, float]]]
ReadPage = Callable[[LoadedPage], Page]
Classify = Callable[[NDArray[np.uint8]], NDArray[np.floating]]


@dataclass(frozen=True)
class SetResult:
    """What one labelled set gave. ``body`` makes the set's part of the report when it is asked for."""

    task: str
    file: Path
    figures: dict[str, Any]
    protocols: dict[str, str]
    seconds: float
    body: Callable[[], str]

    @property
    def name(self) -> str:
        """A short name of the set: of its folder where the file has a usual name."""
        return self.file.resolve().parent.name if self.file.stem in ("labels", "pages") else self.file.stem

    @property
    def images_per_second(self) -> float:
        """Speed, from the image file to the text; of characters, from arrays in memory."""
        return (self.figures["samples"] + self.figures.get("skipped", 0)) / max(self.seconds, 1e-9)

    def as_dict(self, models: dict[str, dict[str, str]]) -> dict[str, Any]:
        """Everything about the run as plain values for JSON."""
        return {
            "schema": "ocrcli-eval/1",
            "task": self.task,
            "file": str(self.file),
            **self.figures,
            "seconds": round(self.seconds, 3),
            "images_per_second": round(self.images_per_second, 2),
            "protocols": {name: text for name, text in self.protocols.items() if name in self.figures},
            "models": models,
        }

    def section(self) -> Section:
        """The set's part of the report."""
        shown = [
            Figure(name, str(value) if name in UNIT_FIGURES else percent(value), self.protocols.get(name, ""))
            for name, value in self.figures.items()
            if isinstance(value, int | float)
        ]
        speed = Figure(
            "images_per_second", f"{self.images_per_second:.1f}", "from the image file to the text"
        )
        return Section(f"{self.task}: {self.file}", [*shown, speed], self.body())


def run_words(file: Path, read: ReadWords, limit: int | None, progress: Progress) -> SetResult:
    """Scores ``read`` (RGB images to texts and confidences) on a ``labels.tsv``. Raises InputError."""
    samples = read_word_labels(file, limit)
    readings: list[tuple[str, float]] = []
    start = time.perf_counter()
    for batch in _batches(samples, WORD_BATCH):
        readings += read([_pixels(image) for image, _ in batch])
        progress(len(batch))
    seconds = time.perf_counter() - start
    scores = words.score_words([text for _, text in samples], [text for text, _ in readings])
    return SetResult(
        "word", file, scores.as_dict(), words.PROTOCOLS, seconds, lambda: _word_body(samples, readings)
    )


def run_pages(
    file: Path, read: ReadPage, limit: int | None, progress: Progress, level: Level | None = None
) -> SetResult:
    """Scores ``read`` on a ``pages.jsonl``; ``level`` None is seen from the truth. Raises InputError."""
    truths = read_pages(file, limit)
    level = level or pages.level_of(truths)
    results: list[tuple[TruthPage, Page, PageScore]] = []
    seconds = 0.0
    for truth in truths:
        start = time.perf_counter()
        page = read(next(load_pages(truth.image, name=str(truth.image))))
        seconds += time.perf_counter() - start
        results.append((truth, page, pages.score_page(truth, page.text, pages.found_on(page, level))))
        progress(1)
    figures = {**pages.as_dict([score for _, _, score in results]), "level": level}
    return SetResult("page", file, figures, pages.PROTOCOLS, seconds, lambda: _page_body(results, level))


def run_chars(
    file: Path,
    classify: Classify,
    characters: str,
    limit: int | None,
    progress: Progress,
    held_back: bool = False,
) -> SetResult:
    """Scores ``classify``, uint8 (n, h, w) to float (n, classes), on a labelled file. Raises InputError."""
    truth = read_chars(file, limit, held_back)
    parts = []
    start = time.perf_counter()
    for first in range(0, len(truth.images), CHAR_BATCH):
        batch = truth.images[first : first + CHAR_BATCH]
        parts.append(classify(batch))
        progress(len(batch))
    seconds = time.perf_counter() - start
    probabilities = np.concatenate(parts)
    scores = chars.score_chars(probabilities, truth.labels, characters, truth.case_merged)

    def body() -> str:
        wrong = scores.counted[~scores.right]
        surest = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:WORST_WORDS]
        mistakes = [
            Mistake(
                truth.images[i],
                _label(truth.labels[i], characters),
                characters[probabilities[i].argmax()],
                float(probabilities[i].max()),
                f"sample {i}",
            )
            for i in surest
        ]
        return mistake_grid(mistakes, len(wrong)) + confusion_table(scores.confusion, characters)

    return SetResult("char", file, scores.as_dict(), chars.PROTOCOLS, seconds, body)


def _label(label: Any, characters: str) -> str:
    return label if isinstance(label, str) else characters[int(label)]


def _word_body(samples: Sequence[tuple[Path, str]], readings: Sequence[tuple[str, float]]) -> str:
    """Misread words: those wrong under the lenient protocol first, the surest of them at the top."""
    wrong = [i for i, (_, text) in enumerate(samples) if text != readings[i][0]]
    wrong.sort(key=lambda i: (fold_36(samples[i][1]) == fold_36(readings[i][0]), -readings[i][1]))
    mistakes = [
        Mistake(_pixels(samples[i][0]), samples[i][1], *readings[i], str(samples[i][0]))
        for i in wrong[:WORST_WORDS]
    ]
    return mistake_grid(mistakes, len(wrong))


def _page_body(results: Sequence[tuple[TruthPage, Page, PageScore]], level: Level) -> str:
    """The worst pages, with what was found, misread, missed and made up."""
    worst = sorted(results, key=lambda result: -_badness(result[2]))[:WORST_PAGES]
    return page_gallery([_marked(truth, page, score, level) for truth, page, score in worst])


def _badness(score: PageScore) -> float:
    """How bad a page is, 0..1: by places where the truth has them, else by text."""
    if score.end_to_end is not None:
        return 1 - score.end_to_end.hmean
    return score.cer if score.cer is not None else 0.0


def _marked(truth: TruthPage, page: Page, score: PageScore, level: Level) -> MarkedPage:
    if score.detection is None:
        return _marked_by_text(truth, page, score)
    found = pages.found_on(page, level)
    right = {j for _, j in score.right}
    misread = {j for _, j in score.misread}
    matched = {i for i, _ in (*score.right, *score.misread)}
    marks = []
    for i, word in enumerate(truth.words):
        if word.quad is not None and i not in matched:
            marks.append((word.quad, LEFT_OUT if word.ignore else MISSED))
    for j, item in enumerate(found):
        colour = RIGHT if j in right else MISREAD if j in misread else SPURIOUS
        marks.append((item.quad, LEFT_OUT if j in score.left_out else colour))
    # Texts of sets with places come in no order that a reader would follow: they are not shown.
    return MarkedPage(_pixels(truth.image), marks, _caption(truth, score))


def _marked_by_text(truth: TruthPage, page: Page, score: PageScore) -> MarkedPage:
    """A page whose truth has no places: its words are right where both texts run alike."""
    words = [word for word in pages.found_on(page, "word") if fold_page(word.text)]
    read = [fold_page(word.text) for word in words]
    wanted = fold_page(truth.text or "").split()
    known = set(wanted)
    colours = [MOVED if word in known else MISREAD for word in read]
    for first in SequenceMatcher(None, wanted, read, autojunk=False).get_matching_blocks():
        colours[first.b : first.b + first.size] = [RIGHT] * first.size
    marks = [(word.quad, colour) for word, colour in zip(words, colours, strict=True)]
    texts = (fold_page(truth.text), fold_page(page.text)) if truth.text else None
    return MarkedPage(_pixels(truth.image), marks, _caption(truth, score), texts)


def _caption(truth: TruthPage, score: PageScore) -> str:
    figures = [f"{name} {percent(value)}" for name, value in pages.summarise([score]).items()]
    return f"{truth.image.name}: {', '.join(figures)}"


def _pixels(image: Path) -> NDArray[np.uint8]:
    """The first page of an image file, RGB. Raises InputError."""
    return next(load_pages(image, name=str(image))).pixels


def _batches(samples: Sequence[tuple[Path, str]], size: int) -> Iterator[Sequence[tuple[Path, str]]]:
    return (samples[i : i + size] for i in range(0, len(samples), size))


def merged(results: Iterable[SetResult], models: dict[str, dict[str, str]]) -> Any:
    """One JSON value for all sets: an object, or a list of several."""
    values = [result.as_dict(models) for result in results]
    return values[0] if len(values) == 1 else values

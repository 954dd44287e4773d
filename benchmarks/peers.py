"""Runs ours and its peers on the same images, each in its own process, and measures them.

Every engine is given the list of images at once, so that its start is paid once and what is
compared is reading. Wall and processor seconds are both kept: on a busy machine the second
is the one to trust.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

WORKER = Path(__file__).with_name("rapidocr_worker.py")
Quad = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Measured:
    """One finished process. Memory is the peak of its resident set in MiB."""

    output: str
    wall: float
    processor: float
    peak_mib: float


@dataclass
class PageText:
    """What an engine read on one page: its text, and words and lines as (text, quad)."""

    text: str = ""
    words: list[tuple[str, Quad]] = field(default_factory=list)
    lines: list[tuple[str, Quad]] = field(default_factory=list)


def measured(command: Sequence[str | Path], env: dict[str, str] | None = None) -> Measured:
    """Runs a command to its end. Raises RuntimeError with its last words when it fails.

    The kernel counts the memory of the parent at the moment of the fork into the child's peak,
    so scripts that call this keep themselves small.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=out, stderr=err, env={**os.environ, **(env or {})}
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            last_words = err.read().decode("utf-8", "replace").strip()[-500:]
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {last_words}")
        kib = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)  # macOS counts bytes
        text = out.read().decode("utf-8", "replace")
        return Measured(text, wall, usage.ru_utime + usage.ru_stime, kib / 1024)


@dataclass(frozen=True)
class Ours:
    """``ocr predict`` of this checkout, or of the environment that runs the benchmark."""

    threads: int = 2
    model_dir: Path | None = None
    name: str = "ocrcli"

    def command(self, *arguments: str | Path) -> list[str | Path]:
        """An ``ocr predict`` command line."""
        chosen = ["--model-dir", self.model_dir] if self.model_dir else []
        return [
            sys.executable,
            "-m",
            "ocrcli",
            "predict",
            "--threads",
            str(self.threads),
            *chosen,
            *arguments,
        ]

    def words(self, images: Sequence[Path]) -> tuple[list[str], Measured]:
        """Text of each word image."""
        records, run = self._read(images, "word")
        return [record.get("text", "") for record in records], run

    def pages(self, images: Sequence[Path]) -> tuple[list[PageText], Measured]:
        """Text, words and lines of each page."""
        records, run = self._read(images, "page")
        return [_page_of_record(record) for record in records], run

    def _read(self, images: Sequence[Path], mode: str) -> tuple[list[dict], Measured]:
        with _listed(images) as listing:
            arguments = ["--mode", mode, "--format", "jsonl", "--files-from", listing]
            run = measured(self.command(*arguments), {"PYTHONPATH": str(WORKER.parent.parent)})
        records = [json.loads(line) for line in run.output.splitlines()]
        # A source of several pages (a TIFF) has several records: the first stands for the image.
        by_source: dict[str, dict] = {}
        for record in records:
            by_source.setdefault(record["source"], record)
        return [by_source.get(str(image), {}) for image in images], run


@dataclass(frozen=True)
class Tesseract:
    """Tesseract on one thread: more slow it down on small images."""

    languages: str = "eng"
    name: str = "tesseract"
    env: ClassVar = {"OMP_THREAD_LIMIT": "1"}

    def words(self, images: Sequence[Path]) -> tuple[list[str], Measured]:
        """Text of each word image, page segmentation mode 8 (a single word)."""
        with _listed(images) as listing:
            run = measured(["tesseract", listing, "-", "-l", self.languages, "--psm", "8"], self.env)
        return [text.strip() for text in _by_page(run.output, len(images))], run

    def pages(self, images: Sequence[Path]) -> tuple[list[PageText], Measured]:
        """Text, words and lines of each page, with the default segmentation."""
        with _listed(images) as listing, tempfile.TemporaryDirectory() as folder:
            base = Path(folder) / "out"
            run = measured(["tesseract", listing, base, "-l", self.languages, "txt", "tsv"], self.env)
            texts = _by_page(base.with_suffix(".txt").read_text(encoding="utf-8"), len(images))
            rows = base.with_suffix(".tsv").read_text(encoding="utf-8").splitlines()
        pages = [PageText(text) for text in texts]
        _add_tsv(pages, rows)
        return pages, run


@dataclass(frozen=True)
class RapidOcr:
    """RapidOCR with its packaged models, in the environment of ``python``."""

    python: Path
    threads: int = 2
    name: str = "rapidocr"

    def words(self, images: Sequence[Path]) -> tuple[list[str], Measured]:
        """Text of each word image, recognition alone."""
        records, run = self._read(images, "word")
        return [record["text"] for record in records], run

    def pages(self, images: Sequence[Path]) -> tuple[list[PageText], Measured]:
        """Text, words and lines of each page."""
        records, run = self._read(images, "page")
        return [_page_of_record(record) for record in records], run

    def _read(self, images: Sequence[Path], mode: str) -> tuple[list[dict], Measured]:
        with _listed(images) as listing:
            run = measured([self.python, WORKER, mode, listing, str(self.threads)])
        return [json.loads(line) for line in run.output.splitlines() if line.startswith("{")], run


def _page_of_record(record: dict) -> PageText:
    lines = record.get("lines", [])
    words = [word for line in lines for word in line["words"]]
    return PageText(
        record.get("text", ""),
        [(word["text"], word["quad"]) for word in words],
        [(line["text"], line["quad"]) for line in lines],
    )


def _by_page(output: str, count: int) -> list[str]:
    """Tesseract's text of each image: form feeds stand between them, in old versions after each."""
    texts = output.split("\f")
    if len(texts) == count + 1 and not texts[-1].strip():
        texts.pop()
    if len(texts) != count:
        raise RuntimeError(f"tesseract read {len(texts)} of {count} images")
    return texts


def _add_tsv(pages: list[PageText], rows: Sequence[str]) -> None:
    """Adds the words and lines of Tesseract's TSV to the pages."""
    lines: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == "5" and (row["text"] or "").strip():
            key = tuple(row[name] for name in ("page_num", "block_num", "par_num", "line_num"))
            lines.setdefault(key, []).append(row)
    for (page, *_), words in lines.items():
        boxes = [_box(word) for word in words]
        texts = [word["text"] for word in words]
        target = pages[int(page) - 1]
        target.words += [(text, _as_quad(box)) for text, box in zip(texts, boxes, strict=True)]
        low, high = (
            [min(column) for column in zip(*boxes, strict=True)],
            [max(c) for c in zip(*boxes, strict=True)],
        )
        target.lines.append((" ".join(texts), _as_quad((low[0], low[1], high[2], high[3]))))


def _box(row: dict[str, str]) -> tuple[float, float, float, float]:
    left, top, width, height = (float(row[name]) for name in ("left", "top", "width", "height"))
    return left, top, left + width, top + height


def _as_quad(box: tuple[float, float, float, float]) -> Quad:
    x0, y0, x1, y1 = box
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


class _listed:
    """A temporary file that names the images, one a line."""

    def __init__(self, images: Sequence[Path]) -> None:
        self._images = images

    def __enter__(self) -> Path:
        handle, name = tempfile.mkstemp(suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{image}\n" for image in self._images)
        self._path = Path(name)
        return self._path

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)

"""The JSON objects of schema ``ocrcli/1``, one a page (``ocrcli-1.schema.json``)."""

from __future__ import annotations

from typing import Any

from ocrcli.document import Line, Page, Quad, Word
from ocrcli.formats.writer import Failure, shown

SCHEMA = "ocrcli/1"
CONFIDENCE_DIGITS = 4  # finer differences mean nothing
PIXEL_DIGITS = 1  # of quads; boxes are whole pixels


def record_of(page: Page, top: int | None = None) -> dict[str, Any]:
    """The object of a page; ``top`` limits the candidates of a character."""
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "source": shown(page.source),
        "page": page.number,
        "width": page.width,
        "height": page.height,
        "mode": page.mode,
        "text": page.text,
        "confidence": _confidence(page.confidence),
    }
    if page.mode == "char":
        record["candidates"] = [
            {"text": c.text, "confidence": _confidence(c.confidence)} for c in page.candidates[:top]
        ]
    elif page.mode == "word":
        record["words"] = [_word(word) for line in page.lines for word in line.words]
    else:
        record["angle"] = round(page.angle, 2) + 0.0  # adding zero turns -0.0 into 0.0
        record["lines"] = [_line(line, i) for i, block in enumerate(page.blocks) for line in block.lines]
    return record


def failure_record(failure: Failure) -> dict[str, Any]:
    """The object that stands in the place of an input that could not be read."""
    error = {"code": int(failure.code), "message": shown(failure.message)}
    return {"schema": SCHEMA, "source": shown(failure.source), "error": error}


def _line(line: Line, block: int) -> dict[str, Any]:
    return {**_region(line), "block": block, "words": [_word(word) for word in line.words]}


def _word(word: Word) -> dict[str, Any]:
    return _region(word)


def _region(region: Line | Word) -> dict[str, Any]:
    return {
        "text": region.text,
        "confidence": _confidence(region.confidence),
        "box": list(region.box),
        "quad": _points(region.quad),
    }


def _points(quad: Quad) -> list[list[float]]:
    return [[round(x, PIXEL_DIGITS) + 0.0, round(y, PIXEL_DIGITS) + 0.0] for x, y in quad]


def _confidence(value: float) -> float:
    return round(float(value), CONFIDENCE_DIGITS)

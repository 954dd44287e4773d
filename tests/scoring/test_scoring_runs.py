import json

import numpy as np
from PIL import Image

from ocrcli.document import Block, Line, Page, Word
from ocrcli.scoring import runs
from ocrcli.scoring.report import LEFT_OUT, MISREAD, MISSED, MOVED, RIGHT, SPURIOUS


def read_as(words, width=200, height=60):
    """A reader that finds these words, each ten pixels right of the one before."""
    placed = tuple(Word(text, 0.9, quad(10 * i)) for i, text in enumerate(words))
    line = Line(" ".join(words), 0.9, quad(0), placed)
    return lambda loaded: Page(loaded.source, 1, width, height, "page", (Block((line,)),))


def quad(x):
    return ((x, 5.0), (x + 8.0, 5.0), (x + 8.0, 20.0), (x, 20.0))


def colours_of(tmp_path, monkeypatch, truth, words):
    """Colour of the mark at each place of the report's page, from left to right."""
    Image.fromarray(np.full((60, 200, 3), 255, np.uint8)).save(tmp_path / "p.png")
    labels = tmp_path / "pages.jsonl"
    labels.write_text(json.dumps({"image": "p.png", **truth}) + "\n")
    shown = []
    monkeypatch.setattr(runs, "page_gallery", lambda pages: shown.extend(pages) or "")
    runs.run_pages(labels, read_as(words), None, lambda count: None, "word").body()
    return [colour for place, colour in sorted(shown[0].marks)]


def test_words_of_a_page_without_places_are_marked_by_the_text(tmp_path, monkeypatch):
    truth = {"words": [], "text": "the black cat sat down"}
    marks = colours_of(tmp_path, monkeypatch, truth, ["down", "the", "blaok", "cat", "sat"])
    assert marks == [MOVED, RIGHT, MISREAD, RIGHT, RIGHT]


def test_words_of_a_page_with_places_are_marked_by_their_places(tmp_path, monkeypatch):
    truth = [("the", 0, False), ("cat", 10, False), ("x", 20, True), ("sat", 100, False)]
    words = [{"text": text, "quad": quad(x), "ignore": ignore} for text, x, ignore in truth]
    marks = colours_of(tmp_path, monkeypatch, {"words": words}, ["the", "cut", "y", "dog"])
    assert marks == [RIGHT, MISREAD, LEFT_OUT, LEFT_OUT, SPURIOUS, MISSED]

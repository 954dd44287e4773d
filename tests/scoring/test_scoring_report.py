"""The HTML report holds everything it shows."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from ocrcli.errors import OutputError
from ocrcli.scoring.report import (
    MISSED,
    Figure,
    MarkedPage,
    Mistake,
    Section,
    confusion_table,
    marked_difference,
    mistake_grid,
    page_gallery,
    with_marks,
    write_report,
)


def pictures_in(html):
    found = re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", html)
    return [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]


def test_report_is_one_file_with_figures_and_pictures(tmp_path):
    mistake = Mistake(np.full((400, 1000), 200, np.uint8), "<b>", "&", 0.5, "it's.png")
    body = mistake_grid([mistake], 7)
    out = tmp_path / "out.html"
    write_report(out, "words <1>", [Section("set", [Figure("94", "12.00", "case counts")], body)])
    html = out.read_text()
    assert [picture.size for picture in pictures_in(html)] == [(240, 96)]  # 1000 × 400 made to fit 320 × 96
    assert "words &lt;1&gt;" in html and "case counts" in html and "1 of 7 mistakes" in html
    assert "<del>&lt;b&gt;</del>" in html and "<ins>&amp;</ins>" in html
    assert "src='http" not in html and "<script" not in html
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]


def test_report_that_cannot_be_written_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match=r"none/out\.html"):
        write_report(tmp_path / "none" / "out.html", "x", [])


def test_differences_are_marked_on_both_sides():
    assert marked_difference("cat", "cut") == ("c<del>a</del>t", "c<ins>u</ins>t")
    assert marked_difference("ab", "a") == ("a<del>b</del>", "a")


def test_pages_carry_their_marks():
    page = MarkedPage(
        np.full((50, 60, 3), 255, np.uint8), [(((5, 5), (40, 5), (40, 30), (5, 30)), MISSED)], "p.png"
    )
    marked = with_marks(page)
    assert tuple(marked[5, 20]) == (0xD7, 0x30, 0x27)
    assert tuple(marked[15, 20]) == (255, 255, 255)
    assert len(pictures_in(page_gallery([page]))) == 1


def test_confusion_shows_only_classes_that_occur():
    confusion = np.zeros((3, 3), np.int64)
    confusion[0, 0], confusion[0, 1] = 3, 1
    html = confusion_table(confusion, "ab<")
    assert "3 of 4" in html and "1 of 4" in html and "&lt;" not in html


def test_texts_of_a_page_are_compared_word_by_word():
    page = MarkedPage(np.zeros((9, 9, 3), np.uint8), [], "p.png", ("the black cat", "the cat sat"))
    assert "the <del>black</del> cat <ins>sat</ins>" in page_gallery([page])

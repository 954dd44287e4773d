"""One page of HTML, looked at as a browser's parser sees it."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from ocrcli.document import Candidate, Page
from ocrcli.engine.images import load_pages
from ocrcli.formats.html import Writer
from ocrcli.formats.writer import Choices, Failure


class Seen(HTMLParser):
    """Words with their styles and classes, texts of lines, pictures, addresses."""

    def __init__(self, page):
        super().__init__()
        self.words, self.lines, self.pictures, self.headings = [], [], [], []
        self._kinds = []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        kinds = (attributes.get("class") or "").split()
        if tag == "img":
            self.pictures.append(attributes["src"])
        if tag in ("span", "div", "h2"):
            self._kinds.append(kinds[0] if kinds else tag)
            if "word" in kinds:
                style = dict(part.split(":") for part in attributes["style"].split(";"))
                values = {name.strip("-"): float(value) for name, value in style.items()}
                self.words.append(["", kinds[1], values])
            if "line" in kinds:
                self.lines.append("")

    def handle_endtag(self, tag):
        if tag in ("span", "div", "h2"):
            self._kinds.pop()

    def handle_data(self, data):
        if "line" in self._kinds:
            self.lines[-1] += data
        if "word" in self._kinds:
            self.words[-1][0] += data
        if "h2" in self._kinds:
            self.headings.append(data)


def decoded(source):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition("base64,")[2]))).convert("RGB"))


def test_words_lie_on_their_boxes(write_pictured, page_of, make_line):
    line = make_line("two words", 64, 48, 16)
    words = Seen(write_pictured(Writer, page_of([line]))).words
    assert [text for text, _, _ in words] == ["two", "words"]
    for (_, _, style), word in zip(words, line.words, strict=True):
        x0, y0, x1, y1 = word.box
        assert style["x"] == pytest.approx(100 * x0 / 640, abs=0.2)
        assert style["y"] == pytest.approx(100 * y0 / 480, abs=0.2)
        assert style["w"] == pytest.approx(100 * (x1 - x0) / 640, abs=0.2)
        assert style["h"] == pytest.approx(100 * (y1 - y0) / 640, abs=0.2)
        assert style["turn"] == 0


@pytest.mark.parametrize("turn", [30, 90, -90, 180])
def test_turned_words_are_turned_about_their_first_corner(write_pictured, page_of, make_line, turn):
    line = make_line("turned", 320, 240, 16, turn)
    ((_, _, style),) = Seen(write_pictured(Writer, page_of([line]))).words
    assert abs(style["turn"]) == pytest.approx(abs(turn)) and np.sin(np.radians(style["turn"] - turn)) < 1e-6
    assert (style["x"], style["y"]) == pytest.approx((50, 50), abs=0.01)
    assert (style["w"], style["h"]) == pytest.approx((100 * 57.6 / 640, 2.5), abs=0.01)


def test_lines_hold_their_text_with_its_spaces(write_pictured, page_of, make_line):
    texts = ["Tea for two    4.20", "a  b", "one", "<b> & “it”"]
    page = page_of([make_line(text, 10, 20 + 30 * i) for i, text in enumerate(texts)])
    assert Seen(write_pictured(Writer, page)).lines == texts


def test_text_is_no_markup(write_pictured, page_of, make_line):
    html = write_pictured(Writer, page_of([make_line('<script>alert(1)</script> &amp; "q"\'')]))
    assert html.count(b"<script>") == 1  # its own
    assert Seen(html).lines == ['<script>alert(1)</script> &amp; "q"\'']


def test_name_of_the_input_is_no_markup(page_of, picture_of):
    stream = io.BytesIO()
    writer = Writer(stream, Choices())
    writer.begin("<i>odd\udcff.png")
    writer.page(page_of(), picture_of(page_of()))
    writer.close()
    assert "".join(Seen(stream.getvalue()).headings).startswith("<i>odd�.png")


def test_words_are_shaded_by_confidence(write_pictured, page_of, make_line):
    lines = [make_line("word", 10, 30 * i, confidence=value) for i, value in enumerate((0.95, 0.7, 0.2))]
    assert [kind for _, kind, _ in Seen(write_pictured(Writer, page_of(lines))).words] == [
        "good", "doubtful", "poor",
    ]  # fmt: skip


def test_every_page_has_its_picture(write_pictured, page_of, make_line, picture_of):
    pages = [page_of([make_line(f"page{i}")], number=i + 1, size=(60 + i, 50)) for i in range(3)]
    pictures = [picture_of(page) for page in pages]
    html = write_pictured(Writer, *zip(pages, pictures, strict=True))
    seen = Seen(html)
    assert seen.lines == ["page0", "page1", "page2"] and html.count(b"</html>") == 1
    for source, picture in zip(seen.pictures, pictures, strict=True):
        np.testing.assert_array_equal(decoded(source), picture.pixels)


def test_blank_page_shows_its_picture(write_pictured, page_of):
    seen = Seen(write_pictured(Writer, page_of()))
    assert seen.lines == [] and len(seen.pictures) == 1


def test_character_alone_fills_its_page(write_pictured):
    page = Page("c.png", 1, 40, 60, "char", candidates=(Candidate("R", 0.9),))
    ((text, _, style),) = Seen(write_pictured(Writer, page)).words
    assert (text, style["x"], style["y"], style["w"], style["h"]) == ("R", 0, 0, 100, 150)


def test_without_pages_nothing_is_written():
    stream = io.BytesIO()
    writer = Writer(stream, Choices())
    writer.begin("x")
    writer.failure(Failure("x", "x: gone"))
    writer.close()
    assert stream.getvalue() == b""


@pytest.mark.parametrize("orientation", [1, 6])
def test_jpeg_stays_a_jpeg_and_is_upright(write_pictured, page_of, picture_of, tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    ramp = np.mgrid[0:48, 0:64].sum(0).astype(np.uint8)
    Image.fromarray(ramp).save(tmp_path / "a.jpg", exif=exif)
    (picture,) = load_pages(tmp_path / "a.jpg", name="a.jpg", keep_jpeg=True)
    page = page_of(size=picture.pixels.shape[1::-1])
    (source,) = Seen(write_pictured(Writer, (page, picture))).pictures
    assert source.startswith("data:image/jpeg;base64,")
    assert np.abs(decoded(source).astype(int) - picture.pixels).max() < 12
    kept = base64.b64decode(source.partition(",")[2]) == (tmp_path / "a.jpg").read_bytes()
    assert kept == (orientation == 1)


def test_page_needs_nothing_from_elsewhere(write_pictured, page_of, make_line):
    html = write_pictured(Writer, page_of([make_line("see http://example.org/x.png")])).decode()
    assert "default-src 'none'" in html
    addresses = re.findall(r'(?:src|href|action)="([^"]*)"|url\(|@import', html)
    assert addresses and all(address.startswith("data:") for address in addresses)

"""Searchable PDF, read back by PDFium, and by Poppler where it is there."""

import html
import io
import re
import shutil
import subprocess

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageFont, ImageOps

from ocrcli.document import Candidate, Page
from ocrcli.engine.images import load_pages
from ocrcli.formats.glyphless import truetype
from ocrcli.formats.pdf import Writer
from ocrcli.formats.writer import Choices, Failure

SCALE = 150 / 72  # pixels for a point, where the picture tells no resolution


def text_of(pdf, page=0):
    return pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_range()


def boxes_of(pdf, words, scale=SCALE):
    """Where PDFium shows each word as marked, in pixels."""
    page = pypdfium2.PdfDocument(pdf)[0]
    shown, text = page.get_textpage(), page.get_textpage().get_text_range()
    boxes = []
    for word in words:
        at = text.index(word)
        sides = np.array([shown.get_charbox(i, loose=True) for i in range(at, at + len(word))])
        (left, bottom), (right, top) = sides[:, :2].min(0), sides[:, 2:].max(0)
        boxes.append([left * scale, page.get_height() * scale - top * scale,
                      right * scale, page.get_height() * scale - bottom * scale])  # fmt: skip
    return boxes


def drawn(pdf, page=0):
    """The page as a viewer shows it, where a pixel may be resampled."""
    shown = pypdfium2.PdfDocument(pdf)[page].render(scale=SCALE).to_pil().convert("RGB")
    return np.asarray(shown).astype(int)


def image_of(pdf, page=0):
    (found,) = pypdfium2.PdfDocument(pdf)[page].get_objects([pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
    return found


def pixels_of(pdf, page=0):
    """The picture as it is in the file."""
    return np.asarray(image_of(pdf, page).get_bitmap().to_pil().convert("RGB"))


@pytest.mark.parametrize("turn", [0, 2, -2, 12, -30, 90, 180, 270])
def test_every_word_is_found_where_it_stands(write_pictured, page_of, make_line, turn):
    line = make_line("A quick, brown fox is: 42", 300, 220, 16, turn)
    pdf = write_pictured(Writer, page_of([line]))
    words = [word.text for word in line.words]
    found = text_of(pdf).split()
    assert (found[::-1] if turn == 180 else found) == words  # PDFium reads what is upside down backwards
    for word, box in zip(line.words, boxes_of(pdf, words), strict=True):
        np.testing.assert_allclose(box, word.box, atol=3, err_msg=word.text)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="Poppler is not installed")
@pytest.mark.parametrize("turn", [0, 4, -4, 90, 180])
def test_poppler_finds_whole_words_where_they_stand(write_pictured, page_of, make_line, tmp_path, turn):
    line = make_line("Extraordinarily long words, I say", 300, 220, 12, turn)
    (tmp_path / "a.pdf").write_bytes(write_pictured(Writer, page_of([line])))
    done = subprocess.run(
        ["pdftotext", "-raw", "-bbox", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True
    )
    found = re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)<', done.stdout)
    assert sorted(html.unescape(row[4]) for row in found) == sorted(word.text for word in line.words)
    boxes = {row[4]: [float(value) * SCALE for value in row[:4]] for row in found}
    for word in line.words:
        np.testing.assert_allclose(boxes[word.text], word.box, atol=3, err_msg=word.text)


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not installed")
def test_file_is_sound(write_pictured, page_of, make_line, tmp_path):
    (tmp_path / "a.pdf").write_bytes(write_pictured(Writer, page_of([make_line("one")]), page_of()))
    done = subprocess.run(["qpdf", "--check", tmp_path / "a.pdf"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_text_follows_the_reading_order(write_pictured, page_of, make_line):
    left = [make_line("left one", 10, 20), make_line("left two", 10, 50)]
    right = [make_line("right one", 330, 20), make_line("right two", 330, 50)]
    text = text_of(write_pictured(Writer, page_of(left, right)))
    assert text.split() == ["left", "one", "left", "two", "right", "one", "right", "two"]


def test_neighbours_without_a_gap_stay_two_words(write_pictured, page_of, make_line):
    line = make_line("tight fit")
    words = (line.words[0], make_line("fit", 70).words[0])
    pdf = write_pictured(Writer, page_of([type(line)("tight fit", 0.9, line.quad, words)]))
    assert text_of(pdf).strip() == "tight fit"


def test_every_character_is_found(write_pictured, page_of, make_line):
    text = "“fine” ‘print’ – 5 € ½ ™ (a\\b) <c> Ωж漢 𝄞"
    assert text_of(write_pictured(Writer, page_of([make_line(text, height=12)]))).split() == text.split()


def test_more_characters_than_a_section_of_the_map(write_pictured, page_of, make_line):
    text = "".join(chr(0x4E00 + i) for i in range(250))
    assert text_of(write_pictured(Writer, page_of([make_line(text, height=4)]))).strip() == text


def test_text_is_not_seen(write_pictured, page_of, make_line, picture_of):
    page = page_of([make_line("not seen", height=60)])
    white = picture_of(page, np.full((480, 640, 3), 255, np.uint8))
    assert (drawn(write_pictured(Writer, (page, white))) == 255).all()


def test_each_page_has_its_picture_and_text(write_pictured, page_of, make_line, picture_of):
    sizes = [(640, 480), (300, 900), (50, 20)]
    pages = [page_of([make_line(f"page{i}", 2, 2, 9)], number=i, size=size) for i, size in enumerate(sizes)]
    pictures = [picture_of(page) for page in pages]
    pdf = write_pictured(Writer, *zip(pages, pictures, strict=True))
    assert len(pypdfium2.PdfDocument(pdf)) == 3
    for i, picture in enumerate(pictures):
        assert text_of(pdf, i).strip() == f"page{i}"
        np.testing.assert_array_equal(pixels_of(pdf, i), picture.pixels)


def test_blank_page_is_a_page(write_pictured, page_of, make_line, picture_of):
    blank = page_of()
    white = picture_of(blank, np.full((480, 640, 3), 255, np.uint8))
    pdf = write_pictured(Writer, (blank, white), page_of([make_line("text")]))
    assert [text_of(pdf, i).strip() for i in range(2)] == ["", "text"]
    assert (drawn(pdf, 0) == 255).all() and len(pdf) - len(write_pictured(Writer, page_of())) < 5000


def test_without_pages_nothing_is_written(write_pictured):
    stream = io.BytesIO()
    writer = Writer(stream, Choices())
    writer.begin("x")
    writer.failure(Failure("x", "x: gone"))
    writer.close()
    assert stream.getvalue() == b""


def test_character_alone_fills_its_page(write_pictured):
    page = Page("c.png", 1, 40, 60, "char", candidates=(Candidate("R", 0.9), Candidate("K", 0.1)))
    pdf = write_pictured(Writer, page)
    assert text_of(pdf).strip() == "R"
    np.testing.assert_allclose(boxes_of(pdf, "R"), [[0, 0, 40, 60]], atol=1)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_jpeg_goes_in_byte_for_byte(write_pictured, page_of, make_line, picture_of, mode, tmp_path):
    page = page_of([make_line("text")])
    Image.fromarray(picture_of(page).pixels).convert(mode).save(tmp_path / "a.jpg", quality=70)
    (picture,) = load_pages(tmp_path / "a.jpg", name="a.jpg", keep_jpeg=True)
    pdf = write_pictured(Writer, (page, picture))
    data = (tmp_path / "a.jpg").read_bytes()
    assert data in pdf
    assert bytes(image_of(pdf).get_data()) == data and image_of(pdf).get_filters() == ["DCTDecode"]
    assert np.abs(pixels_of(pdf) - picture.pixels.astype(int)).mean() < 2  # decoders differ a little


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_jpeg_is_shown_upright(write_pictured, page_of, picture_of, tmp_path, orientation):
    rows = np.mgrid[0:240, 0:320].sum(0) * 255 // 560
    pixels = np.stack([rows, rows.max() - rows // 2, np.full_like(rows, 40)], -1).astype(np.uint8)
    pixels[:60, :90] = 255  # tells every corner from the others
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(tmp_path / "a.jpg", quality=95, exif=exif)
    (picture,) = load_pages(tmp_path / "a.jpg", name="a.jpg", keep_jpeg=True)
    height, width = picture.pixels.shape[:2]
    pdf = write_pictured(Writer, (page_of(size=(width, height)), picture))
    upright = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "a.jpg")))
    assert np.abs(drawn(pdf)[:height, :width] - upright).mean() < 3
    assert (tmp_path / "a.jpg").read_bytes() in pdf


@pytest.mark.parametrize(
    "colours, bits",
    [
        ([(0, 0, 0), (255, 255, 255)], 1),
        ([(200, 30, 0), (255, 255, 250)], 1),
        ([(17 * i, 17 * i, 17 * i) for i in range(16)], 4),
        ([(i, i, i) for i in range(256)], 8),
        ([(i, 255 - i, 7) for i in range(256)], 8),
    ],
    ids=["black and white", "two colours", "16 greys", "256 greys", "256 colours"],
)
def test_few_colours_take_few_bits_and_lose_nothing(write_pictured, page_of, picture_of, colours, bits):
    page = page_of(size=(333, 100))
    pixels = np.array(colours, np.uint8)[np.random.default_rng(3).integers(0, len(colours), (100, 333))]
    pdf = write_pictured(Writer, (page, picture_of(page, pixels)))
    np.testing.assert_array_equal(pixels_of(pdf), pixels)
    assert re.search(rb"/BitsPerComponent (\d+) /Filter", pdf)[1] == b"%d" % bits


@pytest.mark.parametrize(
    "dpi, points",
    [
        (None, (307.2, 230.4)),
        ((300, 300), (153.6, 115.2)),
        ((204, 98), (640 * 72 / 204, 480 * 72 / 98)),
        ((72, 72), (307.2, 230.4)),
        ((float("nan"), 1e9), (307.2, 230.4)),
    ],
    ids=["unknown", "scanner", "fax", "what editors write", "nonsense"],
)
def test_resolution_gives_the_size_of_the_page(
    write_pictured, page_of, make_line, picture_of, dpi, points
):  # fmt: skip
    page = page_of([make_line("text", 100, 100)])
    pdf = write_pictured(Writer, (page, picture_of(page, dpi=dpi)))
    assert pypdfium2.PdfDocument(pdf)[0].get_size() == pytest.approx(points, abs=0.01)
    box = boxes_of(pdf, ["text"], 640 / points[0])[0]
    assert box[::2] == pytest.approx([100, 148], abs=1)


def test_page_is_no_larger_than_pdf_allows(write_pictured, page_of, picture_of):
    page = page_of(size=(100, 60_000))
    pixels = np.zeros((60_000, 100, 3), np.uint8)
    pdf = write_pictured(Writer, (page, picture_of(page, pixels)))
    assert pypdfium2.PdfDocument(pdf)[0].get_size() == pytest.approx((24, 14_400))


def test_font_is_sound_and_leaves_no_ink():
    font = ImageFont.truetype(io.BytesIO(truetype()), 50)
    assert font.getname()[0] is None or font.getname()[0] == "Glyphless"
    assert font.getmask("x").getbbox() is None


def test_same_pages_give_the_same_file(write_pictured, page_of, make_line):
    page = page_of([make_line("text")])
    assert write_pictured(Writer, page) == write_pictured(Writer, page)

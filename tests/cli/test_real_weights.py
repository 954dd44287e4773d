"""The weights that come with the package read clean text, through the real command."""

import json

import pytest
from PIL import Image, ImageDraw, ImageFont

LINES = ["Hello World 123", "The quick brown fox", "jumps over the lazy dog"]


@pytest.fixture
def real(ocr, monkeypatch):
    """Runs a command line with the packaged weights."""
    monkeypatch.delenv("OCR_MODELS")
    return ocr


def drawn(lines, size=32, margin=40, ink=0, paper=255):
    """Large clean text in Pillow's built-in face."""
    font = ImageFont.load_default(size)
    width = round(max(font.getlength(line) for line in lines)) + 2 * margin
    image = Image.new("L", (width, len(lines) * 2 * size + 2 * margin), paper)
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        draw.text((margin, margin + i * 2 * size), line, font=font, fill=ink)
    return image


@pytest.mark.parametrize("text", ["Hello", "World", "quick", "12345"])
def test_word_is_read(real, tmp_path, text):
    image = drawn([text], margin=10)
    image.crop((0, 0, image.width, 56)).save(tmp_path / "w.png")
    result = real("predict", tmp_path / "w.png", "--mode", "word")
    assert (result.code, result.out, result.err) == (0, f"{text}\n", "")


def test_line_of_words_is_read_with_its_spaces(real, tmp_path):
    image = drawn(LINES[:1], margin=10)
    image.crop((0, 0, image.width, 56)).save(tmp_path / "l.png")
    assert real("predict", tmp_path / "l.png").out == "Hello World 123\n"


@pytest.mark.parametrize("ink, paper", [(0, 255), (255, 0)], ids=["dark on light", "light on dark"])
def test_page_is_read_in_reading_order(real, tmp_path, ink, paper):
    drawn(LINES, margin=60, ink=ink, paper=paper).save(tmp_path / "p.png")
    result = real("predict", tmp_path / "p.png", "--mode", "page")
    assert (result.code, result.err) == (0, "")
    assert [line for line in result.out.splitlines() if line] == LINES


def test_words_are_boxed_where_they_stand(real, tmp_path):
    drawn(LINES, margin=60).save(tmp_path / "p.png")
    (record,) = json.loads(real("predict", tmp_path / "p.png", "--mode", "page", "-f", "json").out)
    first = record["lines"][0]
    assert [word["text"] for word in first["words"]] == ["Hello", "World", "123"]
    (x0, y0, x1, y1), font = first["box"], ImageFont.load_default(32)
    assert abs(x0 - 60) < 16 and abs(x1 - 60 - font.getlength(LINES[0])) < 20
    assert y0 < 76 < y1 and y1 - y0 < 64
    starts = [word["box"][0] for word in first["words"]]
    assert starts == sorted(starts) and abs(starts[1] - 60 - font.getlength("Hello ")) < 20


def test_pdf_is_read(real, tmp_path):
    drawn(LINES, margin=60).convert("RGB").save(tmp_path / "p.pdf", resolution=200)
    assert [line for line in real("predict", tmp_path / "p.pdf").out.splitlines() if line] == LINES


@pytest.mark.parametrize("character", ["A", "R", "e", "7"])
def test_character_is_read(real, tmp_path, character):
    image = drawn([character], size=80, margin=30)
    image.crop((0, 0, image.width, 140)).save(tmp_path / "c.png")
    assert real("predict", tmp_path / "c.png", "--mode", "char").out == f"{character}\n"


def test_photo_without_text_gives_nothing(real, tmp_path):
    Image.linear_gradient("L").resize((600, 400)).save(tmp_path / "g.png")
    assert real("predict", tmp_path / "g.png").out == ""


def test_packaged_models_are_good(real):
    assert real("doctor").code == 0

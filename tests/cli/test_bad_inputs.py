"""Everything that people hand to ``ocr predict`` and that is no plain picture."""

import json
import os

import numpy as np
import pytest
from PIL import Image

from ocrcli.errors import ExitCode


def one_error(result, name):
    assert result.code == ExitCode.BAD_INPUT
    assert result.err.startswith("ocr: ") and result.err.count("\n") == 1
    assert str(name) in result.err
    assert "Traceback" not in result.err


def damaged_jpeg(path):
    Image.effect_noise((300, 200), 90).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:2000])


def truncated_png(path):
    Image.effect_noise((300, 200), 90).save(path, "PNG")
    path.write_bytes(path.read_bytes()[:5000])


def bomb(path):
    """A PNG whose header promises 100,000 × 100,000 pixels."""
    Image.new("1", (1, 1)).save(path, "PNG")
    data = bytearray(path.read_bytes())
    data[16:24] = (100_000).to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    path.write_bytes(bytes(data))


UNREADABLE = {
    "empty.png": lambda path: path.write_bytes(b""),
    "text.png": lambda path: path.write_text("this is no picture\n"),
    "random.jpg": lambda path: path.write_bytes(np.random.default_rng(0).bytes(3000)),
    "cut.jpg": damaged_jpeg,
    "cut.png": truncated_png,
    "bomb.png": bomb,
    "broken.pdf": lambda path: path.write_bytes(b"%PDF-1.7\nbroken"),
    "page.html": lambda path: path.write_text("<!doctype html><p>hello"),
    "archive.zip": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(100)),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_file_is_one_line_and_exit_code_3(ocr, tmp_path, name):
    UNREADABLE[name](tmp_path / name)
    result = ocr("predict", tmp_path / name)
    one_error(result, name)
    assert result.out == ""


@pytest.mark.parametrize("name", ["missing.png", "missing/", "scans/*.png", "nul\0byte.png", "x" * 5000])
def test_name_without_a_file_is_an_input_error(ocr, tmp_path, name):
    for output in ("-", f"{tmp_path}/out/"):
        result = ocr("predict", f"{tmp_path}/{name}", "-o", output)
        assert result.code == ExitCode.BAD_INPUT
        assert result.err.count("\n") == 1 and "\0" not in result.err


def test_folder_without_images_is_an_input_error(ocr, tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    result = ocr("predict", tmp_path)
    one_error(result, tmp_path)
    assert "no images" in result.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_an_input_error(ocr, page_file):
    page = page_file("page.png", "hello")
    page.chmod(0)
    one_error(ocr("predict", page), page)


def test_encrypted_pdf_is_an_input_error(ocr, tmp_path):
    (tmp_path / "locked.pdf").write_bytes(ENCRYPTED_PDF)
    one_error(ocr("predict", tmp_path / "locked.pdf"), "locked.pdf")


def test_other_inputs_are_still_read(ocr, page_file, tmp_path):
    pages = [page_file("a.png", "one"), tmp_path / "missing.png", page_file("b.png", "two")]
    result = ocr("predict", *pages)
    one_error(result, "missing.png")
    assert result.out == "one\n\ntwo\n"


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_error_record_stands_in_the_place_of_the_input(ocr, page_file, tmp_path, form):
    missing = tmp_path / "missing.png"
    result = ocr("predict", page_file("a.png", "one"), missing, page_file("b.png", "two"), "-f", form)
    one_error(result, "missing.png")
    rows = (
        json.loads(result.out) if form == "json" else [json.loads(line) for line in result.out.splitlines()]
    )
    assert [row.get("text") for row in rows] == ["one", None, "two"]
    assert rows[1]["schema"] == "ocrcli/1" and rows[1]["source"] == str(missing)
    assert rows[1]["error"]["code"] == ExitCode.BAD_INPUT
    assert "no such file" in rows[1]["error"]["message"]


def test_word_lines_stay_in_step_with_the_inputs(ocr, word_file, tmp_path):
    result = ocr("predict", tmp_path / "missing.png", word_file("w.png", "hello"), "--mode", "word")
    assert (result.code, result.out) == (ExitCode.BAD_INPUT, "\nhello\n")


def test_input_that_failed_leaves_no_text_file_but_a_json_record(ocr, page_file, tmp_path):
    inputs = [page_file("a.png", "one"), tmp_path / "missing.png"]
    ocr("predict", *inputs, "-o", f"{tmp_path}/text/")
    ocr("predict", *inputs, "-o", f"{tmp_path}/json/", "-f", "json")
    assert [path.name for path in (tmp_path / "text").iterdir()] == ["a.txt"]
    (row,) = json.loads((tmp_path / "json" / "missing.json").read_text())
    assert row["error"]["code"] == ExitCode.BAD_INPUT


def as_sixteen_bit(image, path):
    Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257).save(path)


def as_palette_with_transparency(image, path):
    image.convert("L").convert("P").save(path, transparency=255)  # white is index 255


def as_animation(image, path):
    image.save(path, save_all=True, append_images=[Image.new("RGB", image.size, "white")], duration=100)


def as_turned_by_exif(image, path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise by 90°
    image.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)


def as_alpha(image, path):
    grey = image.convert("L")
    ink = Image.new("RGBA", image.size, (0, 0, 0, 0))
    ink.paste(image.convert("RGBA"), mask=grey.point(lambda value: 255 if value < 250 else 0))
    ink.save(path)


ODD = {
    "sixteen.png": as_sixteen_bit,
    "cmyk.tif": lambda image, path: image.convert("CMYK").save(path),
    "palette.png": as_palette_with_transparency,
    "animation.gif": as_animation,
    "turned.png": as_turned_by_exif,
    "alpha.png": as_alpha,
    "grey.png": lambda image, path: image.convert("L").save(path),
    "misnamed.jpg": lambda image, path: image.save(path, "PNG"),
    "no_suffix": lambda image, path: image.save(path, "PNG"),
    "paper.pdf": lambda image, path: image.save(path, resolution=200),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_picture_is_read(ocr, tmp_path, paint_page, name):
    page = Image.fromarray(paint_page([(80, 80, "hello world")]))
    ODD[name](page, tmp_path / name)
    result = ocr("predict", tmp_path / name)
    assert (result.code, result.out, result.err) == (0, "hello world\n", "")


@pytest.mark.parametrize("size", [(1, 1), (20000, 3), (3, 20000)], ids=str)
@pytest.mark.parametrize("mode", ["auto", "page", "word", "char"])
def test_odd_size_is_no_error(ocr, tmp_path, size, mode):
    pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0]), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "odd.png")
    assert ocr("predict", tmp_path / "odd.png", "--mode", mode).code == 0


# One empty page behind a password (standard security handler, revision 2).
ENCRYPTED_PDF = b"""%%PDF-1.3
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>> endobj
4 0 obj <</Filter/Standard/V 1/R 2/P -60/O<%s>/U<%s>>> endobj
trailer <</Root 1 0 R/Encrypt 4 0 R/ID[<aa><aa>]/Size 5>>
""" % (b"5a" * 32, b"a5" * 32)

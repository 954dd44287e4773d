"""Outputs that show the page: searchable PDF and HTML, from the command line."""

import io
import shutil
import subprocess

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from ocrcli.errors import ExitCode


def texts_of(path):
    document = pypdfium2.PdfDocument(path.read_bytes())
    return [document[i].get_textpage().get_text_range().split() for i in range(len(document))]


def test_picture_becomes_a_searchable_pdf(ocr, page_file, tmp_path):
    result = ocr("predict", page_file("page.png", "hello world", "again"), "-o", tmp_path / "out.pdf")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert texts_of(tmp_path / "out.pdf") == [["hello", "world", "again"]]


def test_jpeg_is_in_the_pdf_as_it_is(ocr, tmp_path, paint_page):
    Image.fromarray(paint_page([(60, 60, "hello")])).save(tmp_path / "a.jpg", quality=100, dpi=(200, 200))
    assert ocr("predict", tmp_path / "a.jpg", "-o", tmp_path / "out.pdf").code == 0
    assert (tmp_path / "a.jpg").read_bytes() in (tmp_path / "out.pdf").read_bytes()
    size = pypdfium2.PdfDocument(tmp_path / "out.pdf")[0].get_size()
    assert size == pytest.approx((960 * 72 / 200, 640 * 72 / 200), abs=0.01)


def test_pages_of_several_inputs_make_one_pdf(ocr, page_file, tmp_path, paint_page):
    frames = [Image.fromarray(paint_page([(80, 80, text)])) for text in ("two", "three")]
    frames[0].save(tmp_path / "d.tif", save_all=True, append_images=frames[1:])
    inputs = (page_file("a.png", "one"), tmp_path / "missing.png", tmp_path / "d.tif", page_file("b.png"))
    result = ocr("predict", *inputs, "-o", tmp_path / "out.pdf")
    assert result.code == ExitCode.BAD_INPUT and "missing.png" in result.err
    assert texts_of(tmp_path / "out.pdf") == [["one"], ["two"], ["three"], []]


def test_pdf_keeps_the_size_of_its_pages(ocr, tmp_path, paint_page):
    Image.fromarray(paint_page([(60, 60, "hello")])).save(tmp_path / "scan.pdf", resolution=120)
    assert ocr("predict", tmp_path / "scan.pdf", "--dpi", 240, "-o", tmp_path / "out.pdf").code == 0
    before, after = (pypdfium2.PdfDocument(tmp_path / name)[0].get_size() for name in ("scan.pdf", "out.pdf"))
    assert after == pytest.approx(before, abs=72 / 240)  # a pixel


def test_folder_gets_a_pdf_an_input(ocr, page_file, tmp_path):
    page_file("in/a.png", "one")
    page_file("in/b.png", "two")
    assert ocr("predict", tmp_path / "in", "-f", "pdf", "-o", tmp_path / "out").code == 0
    assert [texts_of(tmp_path / "out" / name) for name in ("a.pdf", "b.pdf")] == [[["one"]], [["two"]]]


@pytest.mark.parametrize("name", ["out.pdf", "out.html", "out.txt", "out.md"])
def test_input_that_cannot_be_read_leaves_no_file(ocr, tmp_path, name):
    assert ocr("predict", tmp_path / "missing.png", "-o", tmp_path / name).code == ExitCode.BAD_INPUT
    assert list(tmp_path.iterdir()) == []


def test_pdf_goes_through_a_pipe(ocr_process, page_file, environment, tmp_path):
    import subprocess
    import sys

    command = [sys.executable, "-m", "ocrcli", "predict", "-", "-f", "pdf"]
    data = page_file("page.png", "hello").read_bytes()
    done = subprocess.run(command, input=data, capture_output=True, env=environment(), timeout=120)
    assert done.returncode == 0, done.stderr
    assert pypdfium2.PdfDocument(io.BytesIO(done.stdout).read())[0].get_textpage().get_text_range() == "hello"


def test_pdf_is_not_written_to_a_terminal(ocr, page_file, monkeypatch):
    page = page_file("page.png", "hello")
    monkeypatch.setattr("ocrcli.cli.console.is_terminal", lambda stream: True)
    result = ocr("predict", page, "-f", "pdf")
    assert result.code == ExitCode.USAGE and result.out == "" and "--output" in result.err


def test_page_becomes_html_and_markdown(ocr, page_file, tmp_path):
    page = page_file("page.png", "hello world", "again")
    assert ocr("predict", page, "-o", tmp_path / "out.html").code == 0
    html = (tmp_path / "out.html").read_text()
    assert ">hello</span> <span" in html and "data:image/png;base64," in html
    assert ocr("predict", page, "-o", tmp_path / "out.md").code == 0
    assert (tmp_path / "out.md").read_text().split() == ["hello", "world", "again"]


def test_turned_photo_is_upright_in_the_pdf(ocr, tmp_path, paint_page):
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = Image.fromarray(paint_page([(60, 60, "hello")]))
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "a.jpg", quality=100, exif=exif)
    assert ocr("predict", tmp_path / "a.jpg", "-o", tmp_path / "out.pdf").code == 0
    shown = pypdfium2.PdfDocument(tmp_path / "out.pdf")[0].render(scale=150 / 72).to_pil().convert("RGB")
    difference = np.asarray(shown.resize(upright.size)).astype(int) - np.asarray(upright)
    assert np.abs(difference).mean() < 3


def test_pages_of_a_pdf_stay_beside_pictures_in_one_pdf(ocr, page_file, tmp_path, paint_page):
    scans = [Image.fromarray(paint_page([(80, 80, text)])) for text in ("one", "two", "three")]
    scans[0].save(tmp_path / "scan.pdf", save_all=True, append_images=scans[1:], quality=100, resolution=120)
    inputs = (page_file("a.png", "hello"), tmp_path / "scan.pdf", page_file("b.png", "again"))
    result = ocr("predict", *inputs, "--dpi", 120, "-o", tmp_path / "out.pdf", "--jobs", 2)
    assert (result.code, result.err) == (0, "")
    assert texts_of(tmp_path / "out.pdf") == [["hello"], ["one"], ["two"], ["three"], ["again"]]
    assert pictures_of(tmp_path / "out.pdf")[1:4] == pictures_of(tmp_path / "scan.pdf")


def test_chosen_pages_of_a_pdf_stay(ocr, tmp_path, paint_page):
    scans = [Image.fromarray(paint_page([(80, 80, text)])) for text in ("one", "two", "three")]
    scans[0].save(tmp_path / "scan.pdf", save_all=True, append_images=scans[1:], quality=100, resolution=120)
    options = ("--pages", "3,1", "--dpi", 120, "-f", "pdf", "-f", "text", "-o", f"{tmp_path}/out/")
    assert ocr("predict", tmp_path / "scan.pdf", *options).code == 0
    kept = pictures_of(tmp_path / "scan.pdf")
    numbers = [["one", "two", "three"].index(word) for (word,) in texts_of(tmp_path / "out" / "scan.pdf")]
    assert sorted(numbers) == [0, 2]
    assert pictures_of(tmp_path / "out" / "scan.pdf") == [kept[number] for number in numbers]


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not installed")
def test_copy_of_a_locked_pdf_is_open(ocr, tmp_path, paint_page):
    scan = Image.fromarray(paint_page([(80, 80, "hello")]))
    scan.save(tmp_path / "scan.pdf", quality=100, resolution=120)
    command = ["qpdf", "--encrypt", "sesame", "owner", "256", "--", "scan.pdf", "locked.pdf"]
    subprocess.run(command, check=True, cwd=tmp_path)
    options = ("--password", "sesame", "--dpi", 120, "-o", tmp_path / "out.pdf")
    assert ocr("predict", tmp_path / "locked.pdf", *options).code == 0
    assert texts_of(tmp_path / "out.pdf") == [["hello"]]
    assert pictures_of(tmp_path / "out.pdf") == pictures_of(tmp_path / "scan.pdf")


def pictures_of(path):
    """The data of each page's picture as they are in the file."""
    document = pypdfium2.PdfDocument(path.read_bytes())
    pages = [document[i].get_objects([pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]) for i in range(len(document))]
    return [bytes(picture.get_data()) for page in pages for picture in page]

"""``--pdf-text`` and ``--password``."""

import json
import shutil
import subprocess

import pytest
from PIL import Image

from ocrcli.errors import ExitCode

PRINTED = b"""%PDF-1.7
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Count 1/Kids[4 0 R]>> endobj
3 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj
4 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Resources<</Font<</F 3 0 R>>>>>> endobj
5 0 obj <</Length 76>> stream
BT /F 24 Tf 72 700 Td (Printed by a program, not read: 1,234.50) Tj ET
endstream endobj
trailer <</Root 1 0 R>>
"""
TEXT = "Printed by a program, not read: 1,234.50\n"


@pytest.fixture
def printed(tmp_path):
    (tmp_path / "printed.pdf").write_bytes(PRINTED)
    return tmp_path / "printed.pdf"


def test_printed_text_is_kept_and_said_to_be(ocr, printed):
    result = ocr("predict", printed, "-v")
    assert (result.code, result.out) == (0, TEXT)
    assert "the PDF's own text" in result.err


def test_asked_to_read_it_is_read(ocr, printed):
    for options in (("--pdf-text", "ocr"), ("--allow", "abc")):
        result = ocr("predict", printed, *options, "-f", "jsonl")
        assert result.code == 0 and json.loads(result.out)["text"] != TEXT.strip()


def test_a_page_that_is_one_word_is_read(ocr, printed):
    result = ocr("predict", printed, "--mode", "word", "--pdf-text", "keep", "-v")
    assert result.code == 0 and result.out != TEXT
    assert "the PDF's own text" not in result.err


def test_formats_that_show_the_page_show_it(ocr, printed, tmp_path):
    result = ocr("predict", printed, "-f", "pdf", "-f", "json", "-o", f"{tmp_path}/out/", "--annotate",
                 tmp_path / "seen.png")  # fmt: skip
    assert result.code == 0
    with Image.open(tmp_path / "seen.png") as seen:
        assert seen.convert("L").getextrema()[0] < 60
    again = ocr("predict", tmp_path / "out" / "printed.pdf", "--pdf-text", "keep")
    assert again.out == TEXT


def test_unknown_word_for_pdf_text_is_a_usage_error(ocr, printed):
    assert ocr("predict", printed, "--pdf-text", "sometimes").code == ExitCode.USAGE


@pytest.mark.skipif(not shutil.which("qpdf"), reason="no qpdf here")
def test_password_is_taken_from_the_option(ocr, printed, tmp_path):
    command = ["qpdf", "--encrypt", "sesame", "owner", "256", "--", printed, tmp_path / "locked.pdf"]
    subprocess.run(command, check=False, capture_output=True)
    refused = ocr("predict", tmp_path / "locked.pdf")
    assert refused.code == ExitCode.BAD_INPUT and "--password" in refused.err
    wrong = ocr("predict", tmp_path / "locked.pdf", "--password", "simsim")
    assert wrong.code == ExitCode.BAD_INPUT and "simsim" not in wrong.err
    assert ocr("predict", tmp_path / "locked.pdf", "--password", "sesame").out == TEXT

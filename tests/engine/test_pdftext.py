"""Text that a PDF page holds already: when it is kept, and where it stands."""

import io

import numpy as np
import pytest
from PIL import Image

from ocrcli.engine.images import load_pages
from ocrcli.engine.pdf import PdfAsk
from ocrcli.engine.pipeline import Reader
from ocrcli.errors import InputError

LINES = ("BT /F 24 Tf 72 700 Td (Printed by a program,) Tj 0 -40 Td (not read: 1,234.50) Tj ET",)


def a_pdf(*contents, page="", font="/Encoding /WinAnsiEncoding", extra=""):
    """A PDF of letter size in Helvetica, a content stream a page. PDFium needs no table of objects."""
    kids = " ".join(f"{10 + 2 * i} 0 R" for i in range(len(contents)))
    objects = [
        "1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj",
        f"2 0 obj <</Type/Pages/Count {len(contents)}/Kids[{kids}]>> endobj",
        f"3 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica {font}>> endobj",
        extra,
    ]
    for i, content in enumerate(contents):
        objects.append(
            f"{10 + 2 * i} 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {11 + 2 * i} 0 R"
            f"/Resources<</Font<</F 3 0 R>>/XObject<</I 5 0 R>>>> {page}>> endobj"
        )
        objects.append(f"{11 + 2 * i} 0 obj <</Length {len(content)}>> stream\n{content}\nendstream endobj")
    return ("%PDF-1.7\n" + "\n".join(objects) + "\ntrailer <</Root 1 0 R>>\n").encode("latin-1")


PICTURE = (
    "5 0 obj <</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray"
    "/Length 1>> stream\n\x80\nendstream endobj"
)


def loaded(data, text="auto", **options):
    return list(load_pages(data, name="a.pdf", dpi=144, pdf=PdfAsk(text=text, **options)))


def kept(data, text="auto"):
    """The text that is kept of the only page, None where it is to be read."""
    (page,) = loaded(data, text)
    return None if page.printed is None else "\n\n".join(block.text for block in page.printed)


def test_printed_text_is_kept_letter_by_letter():
    assert kept(a_pdf(*LINES)) == "Printed by a program,\nnot read: 1,234.50"


def test_its_words_stand_where_they_are_drawn():
    (page,) = loaded(a_pdf(*LINES))
    dark = page.pixels[:, :, 0] < 128
    for line in (line for block in page.printed for line in block.lines):
        for word in line.words:
            x0, y0, x1, y1 = word.box
            inside = dark[max(y0, 0) : y1, max(x0, 0) : x1]
            columns = np.flatnonzero(inside.any(0))
            assert len(columns) and columns[0] <= 6 and columns[-1] >= inside.shape[1] - 7, word.text
            dark[max(y0, 0) : y1, max(x0, 0) : x1] = False
    assert not dark.any(), "ink that belongs to no word"


def test_asked_to_read_every_page_it_is_not_kept():
    assert kept(a_pdf(*LINES), "ocr") is None


def test_page_number_alone_is_not_the_text_of_a_page():
    content = "BT /F 10 Tf 300 30 Td (page 7) Tj ET"
    assert kept(a_pdf(content)) is None
    assert kept(a_pdf(content), "keep") == "page 7"


def test_page_without_any_text_is_read_in_any_case():
    assert kept(a_pdf("0 0 100 100 re f"), "keep") is None


def test_text_without_ink_is_the_work_of_another_reader():
    invisible = LINES[0].replace("/F 24 Tf", "/F 24 Tf 3 Tr")
    assert kept(a_pdf(invisible)) is None
    assert kept(a_pdf(invisible), "keep").startswith("Printed by")


@pytest.mark.parametrize("side, is_kept", [(100, True), (600, False)])
def test_text_under_a_picture_of_the_page_may_not_be_what_one_sees(side, is_kept):
    content = f"{LINES[0]} q {side} 0 0 {side} 0 0 cm /I Do Q"
    assert (kept(a_pdf(content, extra=PICTURE)) is not None) == is_kept


@pytest.mark.parametrize("kind, is_kept", [("/Link", True), ("/FreeText", False), ("/Widget", False)])
def test_what_is_laid_over_a_page_is_read(kind, is_kept):
    note = f"6 0 obj <</Type/Annot/Subtype{kind}/Rect[10 10 90 90]>> endobj"
    assert (kept(a_pdf(*LINES, page="/Annots[6 0 R]", extra=note)) is not None) == is_kept


def test_font_that_does_not_say_what_its_letters_are_is_not_believed():
    codes = " ".join(f"/g{i}" for i in range(32, 127))
    nonsense = f"/Encoding<</Type/Encoding/Differences[32 {codes}]>>"
    assert kept(a_pdf(*LINES, font=nonsense)) is None


def test_columns_are_read_one_after_the_other():
    rows = range(12)
    left = " ".join(f"1 0 0 1 60 {700 - 20 * i} Tm (left line number {i} of the text) Tj" for i in rows)
    right = " ".join(f"1 0 0 1 330 {700 - 20 * i} Tm (right line number {i} of the text) Tj" for i in rows)
    text = kept(a_pdf(f"BT /F 12 Tf {left} {right} ET"))
    assert text.index("left line number 11") < text.index("right line number 0")
    rows_first = " ".join(
        f"1 0 0 1 60 {700 - 20 * i} Tm (left line number {i} of the text) Tj "
        f"1 0 0 1 330 {700 - 20 * i} Tm (right line number {i} of the text) Tj"
        for i in rows
    )
    assert kept(a_pdf(f"BT /F 12 Tf {rows_first} ET")) == text


def test_turned_page_is_upright():
    turned = "BT /F 24 Tf 0 1 -1 0 300 100 Tm (Landscape on a portrait sheet) Tj ET"
    assert kept(a_pdf(turned, page="/Rotate 90")) == "Landscape on a portrait sheet"
    assert kept(a_pdf(turned)) is None, "it lies on its side: that is for the reader to find out"
    assert kept(a_pdf(turned), "keep") == "Landscape on a portrait sheet"


def test_page_that_nobody_wants_to_see_is_not_drawn():
    (page,) = loaded(a_pdf(*LINES), draw=False)
    (drawn,) = loaded(a_pdf(*LINES))
    assert page.pixels.shape == drawn.pixels.shape == (1584, 1224, 3)
    assert page.pixels.min() == 255 and page.pixels.strides == (0, 0, 0)
    assert page.printed == drawn.printed


def test_reader_takes_what_is_printed_and_needs_no_model(tmp_path):
    (page,) = loaded(a_pdf(*LINES))
    read = Reader(tmp_path / "nowhere").read_page(page)
    assert (read.mode, read.text, read.confidence) == (
        "page",
        "Printed by a program,\nnot read: 1,234.50",
        1.0,
    )


def encrypted(tmp_path, data, password):
    """The document behind a password, by qpdf where it is installed."""
    import shutil
    import subprocess

    if not shutil.which("qpdf"):
        pytest.skip("no qpdf here")
    (tmp_path / "plain.pdf").write_bytes(data)
    command = ["qpdf", "--encrypt", password, "owner", "256", "--", "plain.pdf", "locked.pdf"]
    subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)  # 3: it warns of the table
    return tmp_path / "locked.pdf"


def test_password_opens_a_document(tmp_path):
    path = encrypted(tmp_path, a_pdf(*LINES), "sesame")
    (page,) = load_pages(path, name="locked.pdf", pdf=PdfAsk(password="sesame"))
    assert page.printed is not None
    with pytest.raises(InputError, match=r"^locked\.pdf: an encrypted PDF; give its own by --password"):
        next(load_pages(path, name="locked.pdf"))
    with pytest.raises(InputError, match=r"^locked\.pdf: the password does not open this PDF"):
        next(load_pages(path, name="locked.pdf", pdf=PdfAsk(password="simsim")))


def test_password_is_not_shown_by_accident():
    assert "sesame" not in repr(PdfAsk(password="sesame"))


def test_scan_is_drawn_and_read():
    file = io.BytesIO()
    Image.new("L", (300, 200), 200).save(file, "PDF")
    (page,) = loaded(file.getvalue(), "keep", draw=False)
    assert page.printed is None and int(page.pixels.max()) == 200

"""Pages of a PDF that stay what they are in a searchable PDF."""

import html
import io
import re
import shutil
import subprocess

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from ocrcli.engine.images import load_pages
from ocrcli.engine.pdf import PdfAsk
from ocrcli.formats.pdf import Writer
from ocrcli.formats.pdfobjects import Ref, read_objects, written

DPI = 144
SCALE = DPI / 72  # pixels a point
HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
STAMP = b"BT /F 30 Tf 60 40 Td (BATES) Tj ET"


def pdf_of(content=b"", page=b"", catalogue=b"", more=(), pages=1):
    """A PDF, each page of which shows a grey picture; what more there is, is object 7, 8, …"""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R %s>>" % catalogue,
        b"<</Type/Pages/Count %d/Kids[%s]/MediaBox[0 0 300 200]>>" % (pages, b"3 0 R " * pages),
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>/Font<</F 6 0 R>>"
        b"/Properties<</L 7 0 R>>>>%s>>" % page,
        stream(b"q 300 0 0 200 0 0 cm /I Do Q " + content),
        stream(jpeg(), b"/Type/XObject/Subtype/Image/Width 300/Height 200/ColorSpace/DeviceGray"
               b"/BitsPerComponent 8/Filter/DCTDecode"),
        HELVETICA,
        *more,
    ]  # fmt: skip
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj %s endobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(objects) + 1, len(data)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, rows)
    return data + table + b"trailer <</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def stream(data, entries=b""):
    return b"<</Length %d %s>> stream\n%s\nendstream" % (len(data), entries, data)


def jpeg():
    file = io.BytesIO()
    rows = np.mgrid[0:200, 0:300].sum(0) % 256
    Image.fromarray(rows.astype(np.uint8)).save(file, "JPEG", quality=70)
    return file.getvalue()


@pytest.fixture
def searchable(page_of, write_pictured):
    """``searchable(pdf, line, …, text="auto")``: a searchable PDF, in each page of which these were read."""

    def make(pdf, *lines, text="auto"):
        pages = []
        for picture in load_pages(pdf, name="a.pdf", dpi=DPI, pdf=PdfAsk(text=text, copy=True)):
            height, width = picture.pixels.shape[:2]
            blocks = picture.printed if picture.printed is not None else [lines]
            blocks = [getattr(block, "lines", block) for block in blocks]
            pages.append((page_of(*blocks, size=(width, height)), picture))
        return write_pictured(Writer, *pages)

    return make


def words_of(pdf, page=0):
    return pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_range().split()


def drawn(pdf, page=0):
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    return document[page].render(scale=SCALE).to_numpy().astype(int)


def test_picture_stays_byte_for_byte_and_text_is_added(searchable, make_line):
    pdf = searchable(pdf_of(), make_line("some words", 50, 60))
    (image,) = pypdfium2.PdfDocument(pdf)[0].get_objects([pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
    assert bytes(image.get_data()) == jpeg()
    assert words_of(pdf) == ["some", "words"]
    np.testing.assert_array_equal(drawn(pdf), drawn(pdf_of()))
    assert len(pdf) < len(pdf_of()) + 3500  # the font and the words


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="Poppler is not installed")
@pytest.mark.parametrize("turn", [0, 90, 180, 270, -90])
@pytest.mark.parametrize("crop", [b"", b"/CropBox[40 20 260 190]", b"/MediaBox[-50 -30 250 170]"])
def test_words_stand_in_their_places(searchable, make_line, tmp_path, turn, crop):
    line = make_line("Extraordinarily long words", 30, 100, 14)
    given = pdf_of(page=b"/Rotate %d %s" % (turn, crop))
    (tmp_path / "a.pdf").write_bytes(searchable(given, line))
    np.testing.assert_array_equal(drawn(tmp_path / "a.pdf"), drawn(given))
    command = ["pdftotext", "-cropbox", "-raw", "-bbox", tmp_path / "a.pdf", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)<', told)
    assert [html.unescape(row[4]) for row in found] == [word.text for word in line.words]
    for row, word in zip(found, line.words, strict=True):
        np.testing.assert_allclose([float(value) * SCALE for value in row[:4]], word.box, atol=3)


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not installed")
def test_file_is_sound_with_notes_that_refer_to_each_other(searchable, make_line, tmp_path):
    notes = [
        b"null",
        b"<</Type/Annot/Subtype/Square/Rect[10 10 90 90]/P 3 0 R/Popup 9 0 R/AP<</N 10 0 R>>>>",
        b"<</Type/Annot/Subtype/Popup/Rect[0 0 9 9]/Parent 8 0 R/Contents(a \\) \\\\(nested) 1 0 R)>>",
        stream(b"1 0 0 RG 4 w 5 5 60 60 re S", b"/Type/XObject/Subtype/Form/BBox[0 0 80 80]"),
    ]
    given = pdf_of(page=b"/Annots[8 0 R 9 0 R]", more=notes, pages=2)
    (tmp_path / "a.pdf").write_bytes(searchable(given, make_line("word")))
    done = subprocess.run(["qpdf", "--check", tmp_path / "a.pdf"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    for i in range(2):
        page = pypdfium2.PdfDocument(tmp_path / "a.pdf")[i]
        assert pypdfium2.raw.FPDFPage_GetAnnotCount(page) == 2 and words_of(tmp_path / "a.pdf", i) == ["word"]
        np.testing.assert_array_equal(drawn(tmp_path / "a.pdf", i), drawn(given, i))


def test_what_pages_share_is_there_once(searchable, make_line):
    pdf = searchable(pdf_of(pages=20), make_line("word"))
    assert len(pypdfium2.PdfDocument(pdf)) == 20 and pdf.count(jpeg()) == 1


def test_an_earlier_reading_is_replaced(searchable, make_line):
    first = searchable(pdf_of(), make_line("stale nonsense", 30, 30))
    again = searchable(first, make_line("fresh words", 30, 30))
    assert words_of(again) == ["fresh", "words"] and jpeg() in again
    within = [b"null", stream(b"BT 3 Tr /F 20 Tf 50 60 Td (stale) Tj ET",
              b"/Type/XObject/Subtype/Form/BBox[0 0 300 200]/Resources<</Font<</F 6 0 R>>>>")]  # fmt: skip
    nested = pdf_of(b"/T Do", more=within).replace(b"/XObject<<", b"/XObject<</T 8 0 R")
    again = searchable(nested, make_line("fresh words", 30, 30))
    assert words_of(again) == ["fresh", "words"] and jpeg() in again


def test_printed_words_on_a_scan_are_not_told_twice(searchable, make_line):
    read = [make_line("BATES", 118, 295, 30), make_line("other words", 30, 60)]
    pdf = searchable(pdf_of(STAMP), *read)
    assert sorted(words_of(pdf)) == ["BATES", "other", "words"] and jpeg() in pdf
    np.testing.assert_array_equal(drawn(pdf), drawn(pdf_of(STAMP)))


def test_printed_words_that_are_to_be_read_anew_are_a_picture(searchable, make_line):
    pdf = searchable(pdf_of(STAMP), make_line("GATES", 118, 295, 30), text="ocr")
    assert words_of(pdf) == ["GATES"] and jpeg() not in pdf


def test_text_that_is_kept_is_there_once(searchable, make_line):
    pdf = searchable(pdf_of(STAMP), make_line("GATES", 118, 295, 30), text="keep")
    assert words_of(pdf) == ["BATES"] and jpeg() in pdf


def test_hidden_layers_stay_hidden(searchable, make_line):
    layer = pdf_of(b"/OC /L BDC 0 0 200 200 re f EMC", more=[b"<</Type/OCG/Name(x)>>"],
                   catalogue=b"/OCProperties<</OCGs[7 0 R]/D<</OFF[7 0 R]>>>>")  # fmt: skip
    pdf = searchable(layer, make_line("word"))
    assert words_of(pdf) == ["word"]
    assert np.abs(drawn(pdf)[:400, :600] - drawn(layer)).mean() < 4  # drawn anew, at 144 dpi


def test_what_was_typed_into_a_form_is_seen(searchable, make_line):
    field = [
        b"null",
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(typed)/Rect[50 50 250 90]/F 4/AP<</N 9 0 R>>>>",
        stream(b"0 0 150 30 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 200 40]"),
    ]
    form = pdf_of(page=b"/Annots[8 0 R]", catalogue=b"/AcroForm<</Fields[8 0 R]>>", more=field)
    pdf = searchable(form, make_line("word"))
    assert jpeg() in pdf and words_of(pdf) == ["word"]
    assert (drawn(pdf)[244:296, 104:396] == 0).all()


def test_what_a_page_leaves_behind_does_not_move_the_words(searchable, make_line):
    line = make_line("word", 100, 100)
    boxes = []
    for content in (b"", b"q 2 0 0 2 50 50 cm"):
        page = pypdfium2.PdfDocument(searchable(pdf_of(content), line))[0]
        boxes.append(page.get_textpage().get_charbox(0, loose=True))
    assert boxes[0] == pytest.approx(boxes[1])


def test_no_page_is_copied_unless_it_is_asked_for():
    (page,) = load_pages(pdf_of(), name="a.pdf")
    assert page.original is None


def test_objects_are_read_and_written():
    body = b"<</A[1 2 0 R(a \\) (b) 3 0 R)<4142>]/B<</C/D#20E>>/F -1.5/G true>>"
    head = b"%%PDF-1.7\n5 0 obj %s endobj\n" % body
    table = b"xref\n5 1\n0000000009 00000 n \ntrailer <</Root 5 0 R>>\nstartxref\n%d\n%%%%EOF" % len(head)
    objects, trailer = read_objects(head + table)
    assert trailer == {b"/Root": Ref(5)}
    assert objects[5].thing[b"/A"] == [b"1", Ref(2), b"(a \\) (b) 3 0 R)", b"<4142>"]
    assert written(objects[5].thing, {2: 7}) == (
        b"<</A [1 7 0 R (a \\) (b) 3 0 R) <4142>] /B <</C /D#20E>> /F -1.5 /G true>>"
    )


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\nstartxref\n0\n", pdf_of()[:-40], b"xref\nstartxref 0"])
def test_what_is_no_such_file_is_told(data):
    with pytest.raises(ValueError, match="PDFium"):
        read_objects(data)

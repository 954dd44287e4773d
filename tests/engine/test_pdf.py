import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocrcli.engine.images import load_pages
from ocrcli.engine.pageselect import PageSelection
from ocrcli.errors import InputError

# An empty document encrypted by RC4 (revision 2) whose user password is not empty.
ENCRYPTED = b"""%PDF-1.4
1 0 obj
<</Type/Catalog/Pages 2 0 R>>
endobj
2 0 obj
<</Type/Pages/Kids[3 0 R]/Count 1>>
endobj
3 0 obj
<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>
endobj
4 0 obj
<</Filter/Standard/V 1/R 2/P -4
/O<0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20>
/U<2102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20>>>
endobj
trailer
<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]/Size 5>>
"""


def a_pdf(*sizes: tuple[int, int]) -> bytes:
    """A PDF at 72 dpi: page n has n black squares of 10 points in its top row."""
    pages = []
    for number, size in enumerate(sizes, 1):
        page = Image.new("RGB", size, "white")
        for i in range(number):
            ImageDraw.Draw(page).rectangle((20 * i, 0, 20 * i + 9, 9), "black")
        pages.append(page)
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], resolution=72)
    return file.getvalue()


def test_pages_are_drawn_at_the_resolution_asked_for():
    (page,) = load_pages(a_pdf((100, 200)), name="a.pdf", dpi=144)
    assert page.pixels.shape == (400, 200, 3)
    assert page.pixels.dtype == np.uint8
    assert page.number == 1
    assert page.pixels[10, 10].max() < 40, "the black square"
    assert page.pixels[200:, :].min() > 240


def test_chosen_pages_come_with_their_numbers():
    pdf = a_pdf((100, 50), (120, 50), (140, 50))
    pages = list(load_pages(pdf, name="a.pdf", dpi=72, pages=PageSelection.parse("2-3")))
    assert [(page.number, page.pixels.shape[1]) for page in pages] == [(2, 120), (3, 140)]


def test_a_file_is_a_pdf_by_its_content(tmp_path):
    path = tmp_path / "scan.png"
    path.write_bytes(b"junk before the header\n" + a_pdf((100, 50)))
    assert len(list(load_pages(path, name="scan.png", dpi=72))) == 1


def test_pages_that_are_not_there_are_told():
    with pytest.raises(InputError, match=r"^a\.pdf: no page 2, it has 1 page$"):
        list(load_pages(a_pdf((100, 50)), name="a.pdf", pages=PageSelection.parse("1-2")))


def test_huge_pages_are_drawn_smaller(monkeypatch):
    monkeypatch.setattr("ocrcli.engine.pdf.MAX_PIXELS", 10_000)
    (page,) = load_pages(a_pdf((200, 400)), name="a.pdf", dpi=300)
    height, width = page.pixels.shape[:2]
    assert 9_000 < height * width <= 10_500
    assert height / width == pytest.approx(2, abs=0.05)


def test_an_encrypted_file_says_so():
    with pytest.raises(
        InputError, match=r"^a\.pdf: an encrypted PDF; give its own by --password or OCR_PASSWORD$"
    ):
        list(load_pages(ENCRYPTED, name="a.pdf"))


@pytest.mark.parametrize("damage", [lambda data: data[:60], lambda data: b"%PDF-1.7\n" + b"x" * 500])
def test_a_broken_file_is_an_input_error(damage):
    with pytest.raises(InputError, match=r"^a\.pdf: a damaged PDF$"):
        list(load_pages(damage(a_pdf((100, 50))), name="a.pdf"))


def test_one_page_is_in_memory_at_a_time():
    pages = load_pages(a_pdf(*[(50, 50)] * 5), name="a.pdf", dpi=72)
    assert next(pages).number == 1
    assert next(pages).number == 2
    pages.close()  # the document is closed too: no warning, no leak

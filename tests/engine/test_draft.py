"""Huge JPEGs are decoded smaller; places are those of the picture all the same."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocrcli.engine.images import DRAFT_LONG_SIDE, EXIF_ORIENTATION, load_pages
from ocrcli.engine.pipeline import Reader

HUGE = 2 * DRAFT_LONG_SIDE


def saved(image, format="JPEG", **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def loaded(data, **options):
    return next(load_pages(data, name="picture", **options))


@pytest.mark.parametrize(
    ("long_side", "share"), [(DRAFT_LONG_SIDE, 1), (HUGE - 2, 1), (HUGE, 2), (HUGE + 101, 2), (2 * HUGE, 4)]
)
def test_the_long_side_stays_long_enough(long_side, share):
    data = saved(Image.new("L", (long_side, 300)))
    page = loaded(data, draft=True)
    assert page.size == (long_side, 300)
    assert page.pixels.shape[:2] == (-(-300 // share), -(-long_side // share))
    assert loaded(data).pixels.shape[:2] == (300, long_side)


def test_a_picture_that_lies_on_its_side():
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    page = loaded(saved(Image.new("RGB", (HUGE, 300)), exif=exif), draft=True)
    assert page.size == (300, HUGE)
    assert page.pixels.shape[:2] == (HUGE // 2, 150)


def test_other_formats_are_decoded_whole():
    page = loaded(saved(Image.new("L", (HUGE, 60)), "PNG"), draft=True)
    assert page.size == page.pixels.shape[1::-1] == (HUGE, 60)


def test_words_are_where_they_stand_in_the_picture():
    picture = Image.new("L", (HUGE, 1500), 255)
    pen = ImageDraw.Draw(picture)
    pen.text((500, 200), "Harbour", 0, ImageFont.load_default(180))
    pen.text((4200, 1000), "Lighthouse", 0, ImageFont.load_default(180))
    data = saved(picture)
    reader = Reader(threads=1)
    whole, draft = (reader.read_page(loaded(data, draft=draft), "page") for draft in (False, True))
    assert whole.text.split() == draft.text.split() == ["Harbour", "Lighthouse"]
    assert (draft.width, draft.height) == picture.size
    for one, other in zip(whole.lines, draft.lines, strict=True):
        assert np.allclose(one.quad, other.quad, atol=8)
        for word, same in zip(one.words, other.words, strict=True):
            assert np.allclose(word.quad, same.quad, atol=16)
            places = [char.quad for char in word.chars], [char.quad for char in same.chars]
            assert np.allclose(*places, atol=30)

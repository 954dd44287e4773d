"""Kinds of files that scanners, fax machines and phones write."""

import io
import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, features

from ocrcli.engine.images import load_pages
from ocrcli.errors import InputError


def page(mode="L", size=(120, 80)):
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((30, 20, 59, 49), "black")
    return image.convert(mode)


def encoded(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def pages_of(data):
    return [loaded.pixels for loaded in load_pages(data, name="x")]


def shows_the_page(pixels, tolerance=40):
    assert pixels.dtype == np.uint8 and pixels.shape == (80, 120, 3)
    return pixels[35, 45].max() <= tolerance and pixels[5, 5].min() >= 255 - tolerance


@pytest.mark.parametrize(
    "mode, compression",
    [
        ("1", "group4"), ("1", "group3"), ("1", "tiff_ccitt"), ("1", "packbits"), ("1", None),
        ("L", "jpeg"), ("RGB", "jpeg"), ("L", "tiff_lzw"), ("RGB", "tiff_adobe_deflate"), ("P", "tiff_lzw"),
        ("CMYK", "tiff_lzw"), ("I;16", None), ("I;16", "tiff_lzw"),
    ],
    ids=str,
)  # fmt: skip
def test_tiff_of_scanners_and_faxes(mode, compression):
    deep = Image.fromarray(np.asarray(page()).astype(np.uint16) * 257)
    image = deep if mode == "I;16" else page(mode)
    (pixels,) = pages_of(encoded(image, "TIFF", compression=compression))
    assert shows_the_page(pixels)


def test_fax_that_calls_white_zero():
    data = encoded(page("1"), "TIFF", compression="group4", tiffinfo={262: 0})
    (pixels,) = pages_of(data)
    assert shows_the_page(pixels)


def test_pages_of_one_tiff_may_be_of_all_kinds():
    file = io.BytesIO()
    others = [page("L"), page("RGB"), Image.fromarray(np.asarray(page()).astype(np.uint16) * 257)]
    page("1").save(file, "TIFF", save_all=True, append_images=others)
    assert [shows_the_page(pixels) for pixels in pages_of(file.getvalue())] == [True] * 4


def deep_tiff(order):
    """Sixteen bits for each of red, green and blue, uncompressed, in one strip."""
    pixels = (np.asarray(page("RGB")).astype(np.uint16) * 257).astype(f"{order}u2").tobytes()
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    tags = [
        (256, 3, 1, 120), (257, 3, 1, 80), (258, 3, 3, 8), (259, 3, 1, 1), (262, 3, 1, 2),
        (273, 4, 1, 14), (277, 3, 1, 3), (278, 3, 1, 80), (279, 4, 1, len(pixels)),
    ]  # fmt: skip
    at = 14 + len(pixels)
    directory = struct.pack(f"{order}H", len(tags))
    for tag, kind, count, value in tags:
        packed = struct.pack(f"{order}HH", value, 0) if kind == 3 else struct.pack(f"{order}I", value)
        if count == 3:
            packed = struct.pack(f"{order}I", 8)  # three numbers do not fit: they stand behind the header
        directory += struct.pack(f"{order}HHI", tag, kind, count) + packed
    depths = struct.pack(f"{order}HHH", 16, 16, 16)
    return mark + struct.pack(f"{order}I", at) + depths + pixels + directory + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
def test_deep_colour_tiff_in_either_byte_order(order):
    (pixels,) = pages_of(deep_tiff(order))
    assert shows_the_page(pixels)


def test_damaged_fax_is_an_input_error_or_what_is_left_of_it():
    data = encoded(page("1", (400, 400)), "TIFF", compression="group4")
    try:
        assert pages_of(data[: len(data) // 2])
    except InputError as error:
        assert "\n" not in str(error)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_avif_is_read():
    (pixels,) = pages_of(encoded(page("RGB"), "AVIF", quality=95))
    assert shows_the_page(pixels)


def test_heic_is_read_with_its_extra_and_upright():
    heif = pytest.importorskip("pillow_heif")
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    file = io.BytesIO()
    lying = page("RGB").transpose(Image.Transpose.ROTATE_90)
    heif.from_pillow(lying).save(file, quality=95, exif=exif.tobytes())
    assert file.getvalue()[4:8] == b"ftyp"
    code = (  # nothing has taught Pillow HEIC in a process of its own
        "import sys, io; from ocrcli.engine.images import load_pages\n"
        "(page,) = load_pages(sys.stdin.buffer.read(), name='x')\n"
        "print(page.pixels.shape, page.pixels[35, 45].max() < 60, page.pixels[5, 5].min() > 200)"
    )
    run = subprocess.run([sys.executable, "-c", code], input=file.getvalue(), capture_output=True, check=True)
    assert run.stdout.split() == b"(80, 120, 3) True True".split()


@pytest.mark.parametrize(
    "brand, missing, told",
    [(b"heic", "pillow_heif", "pip install 'ocrcli[heic]'"), (b"avif", "PIL.AvifImagePlugin", "Pillow 11.3")],
)
def test_photo_that_needs_a_plugin_says_which(brand, missing, told):
    code = (
        "import sys; sys.modules[sys.argv[1]] = None\n"
        "from ocrcli.engine.images import load_pages\n"
        "list(load_pages(sys.stdin.buffer.read(), name='photo'))"
    )
    data = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + brand + bytes(100)
    run = subprocess.run([sys.executable, "-c", code, missing], input=data, capture_output=True)
    error = run.stderr.decode().splitlines()[-1]
    assert error.startswith("ocrcli.errors.InputError: photo: ") and told in error

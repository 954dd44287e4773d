import io
import os
import stat
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocrcli.engine.images import load_pages
from ocrcli.engine.pageselect import PageSelection
from ocrcli.errors import ExitCode, InputError


def only_page(source, name="x"):
    (page,) = load_pages(source, name=name)
    assert page.pixels.dtype == np.uint8
    assert page.pixels.ndim == 3
    assert page.pixels.shape[2] == 3
    return page.pixels


def encoded(image, format="PNG", **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def letter(mode="L", paper=255, ink=0, size=(60, 40)):
    image = Image.new(mode, size, paper)
    ImageDraw.Draw(image).rectangle((20, 10, 29, 29), ink)
    return image


def reason(source, name="x"):
    with pytest.raises(InputError) as caught:
        list(load_pages(source, name=name))
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    assert caught.value.exit_code == ExitCode.BAD_INPUT
    return message[len(name) + 2 :]


# What cannot be read


def test_missing_files_and_folders(tmp_path):
    assert reason(tmp_path / "nothing.png") == "no such file"
    assert reason(tmp_path) == "a folder, not a file"
    assert reason(tmp_path / "nul\0.png") != ""


def test_empty_file(tmp_path):
    (tmp_path / "a.png").touch()
    assert reason(tmp_path / "a.png") == "empty file"
    assert reason(b"") == "empty file"


def test_a_text_file_named_png(tmp_path):
    (tmp_path / "a.png").write_text("Dear reader,\n")
    assert reason(tmp_path / "a.png") == "not an image or PDF, it looks like a text file"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\0\0\0\x18ftypheic\0\0", "HEIC"),
        (b"PK\x03\x04\0\0", "ZIP"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b'<?xml version="1.0"?><svg xmlns="x"/>', "SVG"),
        (bytes(range(256)), "not an image or PDF, or damaged"),
    ],
)
def test_lookalikes_are_named(data, expected):
    assert expected in reason(data)


def test_no_permission(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(letter()))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert reason(path) == "permission denied"
    path.chmod(stat.S_IRUSR)


@pytest.mark.parametrize(("format", "options"), [("JPEG", {}), ("PNG", {}), ("TIFF", {}), ("WEBP", {})])
def test_truncated_images(format, options):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (80, 80, 3), np.uint8))
    data = encoded(noise, format, **options)
    assert reason(data[: len(data) // 2]) != ""


def test_damage_anywhere_gives_pixels_or_an_input_error():
    rng = np.random.default_rng(1)
    for format in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
        good = np.frombuffer(encoded(letter("RGB", "white", "black"), format), np.uint8)
        for _ in range(25):
            bad = good.copy()
            bad[rng.integers(0, len(bad), 4)] = rng.integers(0, 256, 4)
            try:
                for page in load_pages(bad.tobytes(), name="x"):
                    assert page.pixels.ndim == 3
            except InputError as error:
                assert "\n" not in str(error)


def test_decompression_bombs_are_refused_with_their_size_and_without_warnings():
    def with_size(width, height):  # a BMP whose header promises more than the file holds
        data = bytearray(encoded(letter("L"), "BMP"))
        data[18:26] = width.to_bytes(4, "little") + height.to_bytes(4, "little")
        return bytes(data)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "400000000 pixels" in reason(with_size(20_000, 20_000))
        assert "damaged" in reason(with_size(10_000, 10_000)), "large, but not too large"


# Sizes and containers


@pytest.mark.parametrize("size", [(1, 1), (20_000, 3), (3, 2_000)])
def test_extreme_sizes(size):
    assert only_page(encoded(Image.new("L", size, 200))).shape == (size[1], size[0], 3)


def test_content_counts_not_the_suffix(tmp_path):
    path = tmp_path / "photo.txt"
    path.write_bytes(encoded(letter(), "GIF"))
    assert only_page(path).shape == (40, 60, 3)


def test_a_pipe_is_read_to_its_end(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    data = encoded(letter())
    writer = threading.Thread(target=lambda: path.write_bytes(data))
    writer.start()
    assert only_page(path).shape == (40, 60, 3)
    writer.join()


def test_each_tiff_frame_is_a_page():
    frames = [letter(size=(60 + i, 40)) for i in range(3)]
    data = encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    assert [(page.number, page.pixels.shape[1]) for page in load_pages(data, name="x")] == [
        (1, 60),
        (2, 61),
        (3, 62),
    ]
    chosen = load_pages(data, name="x", pages=PageSelection.parse("2-"))
    assert [page.number for page in chosen] == [2, 3]
    with pytest.raises(InputError, match=r"^x: no page 4, it has 3 pages$"):
        list(load_pages(data, name="x", pages=PageSelection.parse("4")))


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_its_first_frame(format):
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if format == "WEBP" else {}
    data = encoded(frames[0], format, save_all=True, append_images=frames[1:], duration=100, **options)
    assert only_page(data)[15, 20].tolist() == [255, 0, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation):
    upright = np.full((20, 32), 255, np.uint8)
    upright[2:8, 4:10] = 0  # a dark square near the top left
    undo = {1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
            5: upright.T, 6: np.rot90(upright), 7: upright[::-1, ::-1].T,
            8: np.rot90(upright, -1)}  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    for format in ("PNG", "TIFF"):
        data = encoded(Image.fromarray(np.ascontiguousarray(undo[orientation])), format, exif=exif)
        assert np.array_equal(only_page(data)[:, :, 0], upright), format


def test_damaged_exif_does_not_hide_the_picture():
    data = encoded(letter(), "PNG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12")
    assert only_page(data).shape == (40, 60, 3)


# Modes: the ink stays dark and the paper light, whatever holds them


def dark_on_light(pixels):
    return pixels[20, 25].max() < 60 and pixels[2, 2].min() > 200


@pytest.mark.parametrize(
    ("image", "format"),
    [
        (letter("1", 1, 0), "PNG"),
        (letter("1", 1, 0), "TIFF"),
        (letter("L"), "PNG"),
        (letter("LA", (255, 255), (0, 255)), "PNG"),
        (letter().convert("P"), "GIF"),
        (letter("RGB", "white", "black"), "JPEG"),
        (letter("RGBA", "white", "black"), "PNG"),
        (letter("RGB", "white", "black").convert("CMYK"), "JPEG"),
        (letter("RGB", "white", "black").convert("CMYK"), "TIFF"),
        (letter("RGB", "white", "black").convert("YCbCr"), "TIFF"),
        (letter("LAB", (255, 128, 128), (0, 128, 128)), "TIFF"),
        (letter("I;16", 65_535, 0), "PNG"),
        (letter("I;16", 4_095, 0), "TIFF"),
        (letter("I", 1_000_000, 0), "TIFF"),
        (letter("F", 1.0, 0.0), "TIFF"),
        (letter("F", 255.0, 0.0), "TIFF"),
        (letter("F", 900.0, -900.0), "TIFF"),
    ],
    ids=lambda value: getattr(value, "mode", value),
)
def test_every_mode_becomes_rgb(image, format):
    assert dark_on_light(only_page(encoded(image, format)))


def test_deep_grey_is_scaled_not_clipped():
    ramp = np.tile(np.linspace(0, 65_535, 256).astype(np.uint16), (8, 1))
    pixels = only_page(encoded(Image.fromarray(ramp)))
    assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_a_float_image_with_holes_is_read():
    values = np.full((40, 60), 1.0, np.float32)
    values[0, 0] = np.nan
    values[10:30, 20:30] = 0
    assert only_page(encoded(Image.fromarray(values), "TIFF"))[20, 25, 0] < 60


@pytest.mark.parametrize("ink", [0, 255])
@pytest.mark.parametrize("mode", ["LA", "P"])
def test_transparency_is_laid_on_what_shows_the_ink(ink, mode):
    image = letter("LA", (ink, 0), (ink, 255))
    if mode == "P":
        palette = letter("P", 0, 1)
        palette.putpalette([255 - ink] * 3 + [ink] * 3)
        data = encoded(palette, "PNG", transparency=0)
    else:
        data = encoded(image)
    pixels = only_page(data)
    assert abs(int(pixels[20, 25, 0]) - int(pixels[2, 2, 0])) > 200
    assert pixels[20, 25, 0] == ink


def test_half_transparent_ink_is_mixed():
    pixels = only_page(encoded(letter("RGBA", (0, 0, 0, 0), (0, 0, 0, 128))))
    assert 120 < pixels[20, 25, 0] < 136
    assert pixels[2, 2, 0] == 255


def test_loading_an_image_imports_no_pdf_and_no_network_library(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(letter()))
    code = (
        "import sys; from pathlib import Path; import ocrcli.engine; assert 'numpy' not in sys.modules\n"
        "from ocrcli.engine.images import load_pages; assert 'PIL' not in sys.modules\n"
        "list(load_pages(Path(sys.argv[1]), name='a'))\n"
        "heavy = {'pypdfium2', 'onnxruntime', 'torch', 'typer', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'{heavy} were imported' if heavy else 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.png")], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr

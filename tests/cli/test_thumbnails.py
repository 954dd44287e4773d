import io
import re
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from ocrcli.cli import thumbnails
from ocrcli.cli.thumbnails import kitty, show, sixel, way_of_terminal


def page(height=40, width=60):
    """Red above, blue below."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, :, 0] = 255
    pixels[height // 2 :, :, 2] = 255
    return pixels


def terminal(**options):
    return Console(
        file=io.StringIO(), width=80, **{"force_terminal": True, "color_system": "truecolor", **options}
    )


def test_half_blocks_hold_two_pixels_in_a_cell():
    screen = terminal()
    show(screen, page(4, 3), "blocks")  # enlarged twice
    rows = screen.file.getvalue().splitlines()
    assert [row.count("▀") for row in rows] == [6, 6, 6, 6]
    assert "38;2;255;0;0" in rows[0] and "0;0;255" not in rows[0]
    assert "38;2;0;0;255" in rows[3] and "255;0;0" not in rows[3]


def test_large_picture_fits_into_its_cells():
    screen = terminal()
    show(screen, page(3000, 2000), "blocks")
    rows = screen.file.getvalue().splitlines()
    assert len(rows) == thumbnails.ROWS and max(row.count("▀") for row in rows) <= thumbnails.COLUMNS


def test_without_colours_there_is_no_picture():
    screen = terminal(force_terminal=False, color_system=None)
    show(screen, page(), "blocks")
    assert screen.file.getvalue() == ""


def test_kitty_gets_a_png_in_chunks():
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8)
    messages = re.findall(r"\033_G(.*?);(.*?)\033\\", kitty(Image.fromarray(noise)))
    assert messages[0][0].endswith("m=1") and messages[-1][0] == "m=0"
    assert all(len(data) <= thumbnails.CHUNK for _, data in messages)
    with Image.open(io.BytesIO(b64decode("".join(data for _, data in messages)))) as image:
        assert np.array_equal(np.asarray(image), noise)


def drawn(sixels):
    """What a terminal draws: a small reading of the sixel language, of colours and of runs."""
    header, body = re.fullmatch(r'\033Pq"1;1;(\d+;\d+)(.*)\033\\', sixels, re.S).groups()
    width, height = map(int, header.split(";"))
    canvas = np.zeros((height + 6, width, 3))
    palette, colour, x, top = {}, 0, 0, 0
    for number, red, green, blue, run, sign in re.findall(
        r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|(?:!(\d+))?([?-~$-])", body
    ):
        if red:
            palette[int(number)] = [int(red), int(green), int(blue)]
        elif number:
            colour = int(number)
        elif sign == "$":
            x = 0
        elif sign == "-":
            x, top = 0, top + 6
        else:
            for _ in range(int(run or 1)):
                for bit in range(6):
                    if (ord(sign) - 63) >> bit & 1:
                        canvas[top + bit, x] = palette[colour]
                x += 1  # noqa: SIM113 - it goes back to the beginning
    return canvas[:height] * 2.55


def test_sixels_draw_the_picture():
    pixels = page(20, 31)  # no whole number of bands
    assert np.abs(drawn(sixel(Image.fromarray(pixels))) - pixels).max() < 3


@pytest.mark.parametrize(
    "answer, way",
    [
        ("\033_Gi=31;OK\033\\\033[?62;c", "kitty"),
        ("\033[?62;4;6;22c", "sixel"),
        ("\033[?4c", "blocks"),  # a terminal of kind 4, not one with feature 4
        ("\033[?1;2c", "blocks"),
        ("", "blocks"),
    ],
)
def test_terminal_is_asked_what_it_can_show(monkeypatch, answer, way):
    monkeypatch.setattr(thumbnails.console, "is_terminal", lambda stream: True)
    monkeypatch.setattr(thumbnails, "_asked", lambda question: answer)
    assert way_of_terminal() == way

"""Draws the sample pictures of this folder; run it again after changing the texts.

Needs Debian's fonts-liberation, fonts-dejavu and fonts-dkg-handwriting. The texts are the
project's own, so the pictures may be used and passed on freely.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).parent
FONTS = Path("/usr/share/fonts/truetype")
SERIF = FONTS / "liberation/LiberationSerif-Regular.ttf"
SERIF_BOLD = FONTS / "liberation/LiberationSerif-Bold.ttf"
SANS_BOLD = FONTS / "liberation/LiberationSans-Bold.ttf"
MONO = FONTS / "liberation/LiberationMono-Regular.ttf"
HANDWRITING = FONTS / "fifthhorseman/dkg.ttf"
A4 = (1240, 1754)  # pixels at 150 dpi

TITLE = "Reading a page, step by step"
INTRODUCTION = (
    "A page reaches the reader as a grid of pixels. The first network looks at the whole of it and marks, "
    "for every small square, how likely it is to lie inside a line of text. Squares that touch become one "
    "region, a tilted rectangle is laid around each region, and the rectangle is cut out and turned upright."
)
COLUMNS = (
    (
        "Lines",
        "Every strip is scaled to a height of 32 pixels and keeps its proportions. The second network slides "
        "over it from left to right and names a character, or nothing, every four pixels. Repeated names "
        "collapse into one, so a wide “W” is still one letter.",
    ),
    (
        "Order",
        "Strips are then put in order: headings before the text below them, the left column before the "
        "right one, and the cells of a table row by row. What stands on one line of a receipt stays "
        "together, price included.",
    ),
)
TABLE = (
    ("Network", "Question", "Answer"),
    ("DBNet", "Where is text?", "a quad a line"),
    ("CRNN", "What does it say?", "characters, each with a confidence"),
    ("VGG", "Which single character?", "0–9, A–Z, a–z"),
)
NOTE = "Questions and corrections are welcome: hello@example.org, or +44 20 7946 0018 from 9:30 to 17:00."
RECEIPT = """\
CORNER BAKERY
12 Mill Lane, Oxford
Tel 01865 496 0123

2 x Rye bread        7.60
1 x Apple cake       3.25
4 x Roll             2.40
1 x Coffee, large    3.10

SUBTOTAL            16.35
VAT 20%              3.27
TOTAL GBP           19.62

CARD ****4471
21/11/2026  08:42
THANK YOU"""


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Lines of ``text`` that fit into ``width`` pixels."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


def paragraph(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, width: int) -> int:
    """Draws a paragraph of body text; the y below it."""
    font = ImageFont.truetype(SERIF, size)
    x, y = at
    for line in wrapped(text, font, width):
        draw.text((x, y), line, font=font, fill=25)
        y += round(size * 1.35)
    return y


def page() -> Image.Image:
    """A typeset page with a heading, two columns and a short list, as an office scanner sees it."""
    sheet = Image.new("L", A4, 250)
    draw = ImageDraw.Draw(sheet)
    draw.text((150, 150), TITLE, font=ImageFont.truetype(SERIF_BOLD, 48), fill=15)
    y = paragraph(draw, (150, 240), INTRODUCTION, 27, 940) + 40
    bottom = y
    for x, (heading, text) in zip((150, 650), COLUMNS, strict=True):
        draw.text((x, y), heading, font=ImageFont.truetype(SANS_BOLD, 30), fill=20)
        bottom = max(bottom, paragraph(draw, (x, y + 50), text, 25, 440))
    draw.line((150, bottom + 40, 1090, bottom + 40), fill=90, width=2)
    for i, row in enumerate(TABLE):
        for x, cell in zip((150, 400, 750), row, strict=True):
            draw.text((x, bottom + 70 + 46 * i), cell, font=ImageFont.truetype(SERIF, 27), fill=25)
    paragraph(draw, (150, bottom + 300), NOTE, 27, 940)
    tilted = sheet.rotate(0.6, Image.Resampling.BICUBIC, fillcolor=250)
    return tilted.crop((0, 0, A4[0], bottom + 440)).quantize(16)  # 16 greys keep the file small


def receipt() -> Image.Image:
    """A till receipt, photographed a little from the side on a wooden table."""
    rng = np.random.default_rng(3)
    font = ImageFont.truetype(MONO, 30)
    paper = Image.new("L", (560, 800), 235)
    draw = ImageDraw.Draw(paper)
    for i, line in enumerate(RECEIPT.splitlines()):
        centred = i < 3 or i > 12
        x = (560 - font.getlength(line)) / 2 if centred else 45
        draw.text((x, 45 + 42 * i), line, font=font, fill=60)
    grain = rng.normal(0, 10, (900, 1, 3)).cumsum(0) * 0.15 + rng.normal(0, 4, (900, 760, 3))
    table = Image.fromarray((np.array([120, 84, 52]) + grain).clip(0, 255).astype(np.uint8))
    # Where the paper's corners lie on the table, top left first, against the clock.
    corners = ((110, 50), (70, 860), (690, 840), (640, 70))
    matrix = perspective(corners, paper.size)
    laid = paper.transform(table.size, Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC)
    mask = Image.new("L", paper.size, 255)
    mask = mask.transform(table.size, Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC)
    photo = Image.composite(Image.merge("RGB", [laid] * 3), table, mask)
    shade = np.linspace(1.05, 0.72, 760)[None, :, None]
    return Image.fromarray((np.asarray(photo) * shade).clip(0, 255).astype(np.uint8))


def perspective(corners: tuple[tuple[int, int], ...], size: tuple[int, int]) -> list[float]:
    """Pillow's eight coefficients that put a picture of ``size`` onto ``corners``."""
    w, h = size
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (0, h), (w, h), (w, 0)), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows, float), np.array(values, float))]


def word() -> Image.Image:
    """A word of a shop sign, light on dark, slightly turned and out of focus."""
    sign = Image.new("RGB", (300, 96), (32, 70, 60))
    font = ImageFont.truetype(SANS_BOLD, 52)
    ImageDraw.Draw(sign).text((34, 16), "Bakery", font=font, fill=(240, 228, 190))
    turned = sign.rotate(3, Image.Resampling.BICUBIC, fillcolor=(32, 70, 60))
    return turned.filter(ImageFilter.GaussianBlur(1.1))


def letter() -> Image.Image:
    """One handwritten letter on paper."""
    sheet = Image.new("L", (160, 160), 228)
    ImageDraw.Draw(sheet).text((52, 12), "R", font=ImageFont.truetype(HANDWRITING, 110), fill=45)
    return sheet


def main() -> None:
    """Writes every sample beside this file."""
    page().save(HERE / "page.png", optimize=True, dpi=(150, 150))
    receipt().save(HERE / "receipt.jpg", quality=82)
    word().save(HERE / "word.png", optimize=True)
    letter().save(HERE / "letter.png", optimize=True)


if __name__ == "__main__":
    main()

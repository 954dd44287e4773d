"""A picture of what was read: the page with numbered boxes, and beside it the text in its place.

Drawn over the page itself text would hide what it is to be compared with.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocrcli.document import Line, Page, Quad, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GOOD, DOUBTFUL, POOR = (24, 128, 56), (196, 118, 0), (204, 32, 32)  # green, amber, red
LIMITS = ((0.6, POOR), (0.9, DOUBTFUL))  # the same as on the terminal
PAPER, INK, EDGE = (255, 255, 255), (32, 32, 32), (208, 208, 208)
TEXT_SHARE = 0.8  # of a box's height that its text takes
REFERENCE_SIZE = 64  # pixels; text is measured once at this size and scaled
MIN_SIZE, MAX_TAG = 6, 28  # pixels: smallest font that is drawn, largest order number


def colour_of(confidence: float) -> tuple[int, int, int]:
    """Green, amber or red."""
    return next((colour for limit, colour in LIMITS if confidence < limit), GOOD)


def annotate(pixels: np.ndarray, page: Page) -> Image.Image:
    """The annotated picture of a page; ``pixels`` is its RGB image, uint8 (H, W, 3).

    Gives twice the width: the page at the left, what was read at the right, each word where it
    stands. Boxes and words are coloured by confidence; the numbers give the reading order.
    """
    width, height = pixels.shape[1], pixels.shape[0]
    picture = Image.new("RGB", (2 * width, max(height, 1)), PAPER)
    picture.paste(Image.fromarray(pixels), (0, 0))
    draw = ImageDraw.Draw(picture)
    draw.line([(width, 0), (width, height)], fill=EDGE)
    regions = list(_regions(page))
    stroke = max(1, round(min(width, height) / 500))
    for number, (region, words) in enumerate(regions, 1):
        quad, colour = region.quad, colour_of(region.confidence)
        draw.polygon(quad, outline=colour, width=stroke)
        size = median(_size(word) for word in words)  # one for the whole line
        for word in words:
            ink = colour_of(word.confidence)
            _put_text(picture, word, size, INK if ink == GOOD else ink, shift=width)
        if len(regions) > 1:
            _put_number(draw, quad, str(number), colour)
    return picture


def _regions(page: Page) -> Iterable[tuple[Word | Line, Sequence[Word | Line]]]:
    """What gets a box, and the pieces of text in it."""
    if page.mode == "char" and page.text:
        w, h = float(page.width - 1), float(page.height - 1)
        whole = Word(page.text, page.confidence, ((0.0, 0.0), (w, 0.0), (w, h), (0.0, h)))
        yield whole, [whole]
    for line in page.lines:
        yield line, line.words or [line]


@lru_cache(maxsize=256)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _size(piece: Word | Line) -> float:
    """Font size that fills a quad: as high as the box, squeezed to its length."""
    start, end, _, below = piece.quad
    length, height = math.dist(start, end), math.dist(start, below)
    natural = max(1.0, _font(REFERENCE_SIZE).getlength(piece.text))
    return min(height * TEXT_SHARE, REFERENCE_SIZE * length / natural)


def _put_text(
    picture: Image.Image, piece: Word | Line, size: float, colour: tuple[int, int, int], shift: int
) -> None:
    """Draws a text into its quad of the right half."""
    quad, text = piece.quad, piece.text
    (x0, y0), (x1, y1), _, (_, y3) = quad
    font = _font(max(MIN_SIZE, round(size)))
    left, top, right, bottom = (round(v) for v in font.getbbox(text))
    if right <= left or bottom <= top:
        return
    mask = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(mask).text((1 - left, 1 - top), text, font=font, fill=255)
    angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
    if abs(angle) > 0.5:  # less is a staircase, not a slope
        mask = mask.rotate(-angle, resample=Image.Resampling.BICUBIC, expand=True)
        cx, cy = (sum(p[i] for p in quad) / 4 for i in (0, 1))
    else:  # text stands at the left end of its box
        cx, cy = x0 + mask.width / 2, (y0 + y3) / 2
    picture.paste(colour, (round(shift + cx - mask.width / 2), round(cy - mask.height / 2)), mask)


def _put_number(draw: ImageDraw.ImageDraw, quad: Quad, number: str, colour: tuple[int, int, int]) -> None:
    """A tag with the order number at the top left corner of a box, outside where there is room."""
    height = math.dist(quad[0], quad[3])
    font = _font(round(min(MAX_TAG, max(9, height * 0.5))))
    left, top, right, bottom = draw.textbbox((0, 0), number, font=font)
    w, h = right - left + 4, bottom - top + 4
    x, y = quad[0]
    x, y = max(0.0, x - w), max(0.0, y)
    draw.rectangle([x, y, x + w, y + h], fill=colour)
    draw.text((x + 2 - left, y + 2 - top), number, font=font, fill=PAPER)

"""What formats that show the page have in common: its picture without loss, its lines, their places."""

from __future__ import annotations

import io
from dataclasses import dataclass
from math import atan2, cos, sin
from typing import TYPE_CHECKING

import numpy as np

from ocrcli.document import Line, Page, Word, as_quad

if TYPE_CHECKING:
    from PIL import Image

SHORTEST = 0.01  # pixels or points, where a word or a gap has no size
MAX_COLOURS = 256  # of a picture with a palette
PACKED = 16  # colours of a palette whose places take four bits; greys that take eight


def lines_of(page: Page) -> tuple[tuple[Line, ...], ...]:
    """Blocks of lines, each line with words. A character read alone is a line as large as its picture."""
    if page.mode == "char":
        if not page.text:
            return ()
        w, h = page.width, page.height
        quad = as_quad(((0, 0), (w, 0), (w, h), (0, h)))
        word = Word(page.text, page.confidence, quad)
        return ((Line(page.text, page.confidence, quad, (word,)),),)
    return tuple(tuple(_with_words(line) for line in block.lines) for block in page.blocks)


def _with_words(line: Line) -> Line:
    if line.words or not line.text:
        return line
    return Line(line.text, line.confidence, line.quad, (Word(line.text, line.confidence, line.quad),))


@dataclass(frozen=True, slots=True)
class Place:
    """The box of a word, with sides along its line and across.

    ``x``, ``y`` is the corner where both directions begin; ``start`` is how far along the line
    that is, so that the gap between two words can be told.
    """

    x: float
    y: float
    start: float
    length: float
    height: float


def text_angle(corners: np.ndarray) -> float:
    """Direction of a line, corners (4, 2), in radians from x to y."""
    top_left, top_right, bottom_right, bottom_left = corners
    x, y = top_right - top_left + bottom_right - bottom_left
    return atan2(y, x)


def place_of(corners: np.ndarray, angle: float) -> Place:
    """The box around a word, corners (4, 2), in a line that runs at an angle."""
    along, across = np.array([cos(angle), sin(angle)]), np.array([-sin(angle), cos(angle)])
    start, side = float((corners @ along).min()), float((corners @ across).min())
    x, y = start * along + side * across
    length, height = float(np.ptp(corners @ along)), float(np.ptp(corners @ across))
    return Place(float(x), float(y), start, max(length, SHORTEST), max(height, SHORTEST))


def as_png(pixels: np.ndarray) -> bytes:
    """RGB pixels, uint8 (H, W, 3), as the smallest plain PNG: of 1 bit, grey, palette or RGB."""
    from PIL import Image

    image = Image.fromarray(pixels)
    colours = image.getcolors(MAX_COLOURS)
    if colours is not None:
        values = np.array([colour for _, colour in colours], np.uint8)  # (k, 3)
        image = _with_few_colours(image, pixels, values)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _with_few_colours(image: Image.Image, pixels: np.ndarray, colours: np.ndarray) -> Image.Image:
    """The image in 1 bit, grey or with a palette; ``colours``, uint8 (k, 3), are all that it has."""
    from PIL import Image

    if np.isin(colours, (0, 255)).all() and (colours == colours[:, :1]).all():
        return image.convert("1", dither=Image.Dither.NONE)
    if len(colours) > PACKED and (colours == colours[:, :1]).all():
        return image.convert("L")
    place = np.zeros(1 << 24, np.uint8)  # of every colour in the palette
    place[_as_numbers(colours)] = np.arange(len(colours))
    indexed = Image.fromarray(place[_as_numbers(pixels)], "P")
    indexed.putpalette(colours.tobytes())
    return indexed


def _as_numbers(colours: np.ndarray) -> np.ndarray:
    """RGB, uint8 (…, 3), as numbers of 24 bits: (…)."""
    red, green, blue = (colours[..., i].astype(np.uint32) for i in range(3))
    return red << 16 | green << 8 | blue

"""Any picture of one character → 28×28, ink 255 on 0, made the way EMNIST was made.

Cohen (2017, arXiv 1702.05373, section II): blur the 128×128 binary picture (σ = 1), crop
to the ink, centre it in a square with its aspect kept and a border of two pixels, and
scale it down with bicubic interpolation. Before that stands what a picture from the world
needs: which side of the contrast is ink, uneven light off, specks off, thin lines thickened.

A picture that already looks like EMNIST passes unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ocrcli.engine.ink import Ink, find_ink
from ocrcli.engine.pieces import find_pieces

SIZE = 28  # pixels, the result
BOX = 24  # pixels that the ink fills: SIZE less two pixels of border on each side
WORK = 112  # longest side on which ink is looked for; four pixels for one of the result
BLUR = 0.3  # pixels of the result: σ = 1 at 128×128, where a NIST character is some 80 high
SOFT = 48  # pixels of ink from which a picture is sharp enough to want that blur
MIN_STROKE = 2.2  # pixels of the result; EMNIST's pens are 3 wide, a finer line would fade away
SPECK = 0.4  # in squared stroke widths: a dot of an i is about 1
SPECK_SHARE = 0.015  # of the largest piece's area; the dot of a thin j is 0.03
SMALL = 0.25  # of the largest piece's area: what is smaller goes when it hangs in or stands off
FAR = 0.7  # of the largest piece's longer side; the dot of an i stands off by a third
FAINTEST, FULL = 0.03, 0.6  # ink of a printed line: below is paper, above it is the character's own bar
BAR_RIM = 3  # pixels, how far the soft edge of a bar may reach
Mask = NDArray[np.bool_]


def normalise(gray: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The character in ``gray`` uint8 (H, W), any size and polarity → uint8 (28, 28), ink 255 on 0.

    None when there is no ink to be seen.
    """
    if min(gray.shape) < 2:
        return None
    for picture in (gray, 255 - gray):  # some keep EMNIST's pictures as black on white
        if looks_normal(picture[None])[0]:
            return picture.copy()
    found = _character(_reduced(gray))
    if found is None:
        return None
    closer = _closer(gray, found)
    if closer is not None:
        found = _character(_reduced(closer), found.uneven) or found
    return _place(found)


def normalise_batch(images: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Mask]:
    """:func:`normalise` for uint8 (N, H, W): uint8 (N, 28, 28), and which of them hold ink (N,).

    Blank pictures stay black. Pictures that are EMNIST's already cost next to nothing.
    """
    out = np.zeros((len(images), SIZE, SIZE), np.uint8)
    found = looks_normal(images)
    if found.any():
        out[found] = images[found]
    for i in np.flatnonzero(~found):
        picture = normalise(images[i])
        if picture is not None:
            out[i], found[i] = picture, True
    return out, found


def looks_normal(images: NDArray[np.uint8]) -> Mask:
    """Which of (N, H, W) are what EMNIST's conversion makes: (N,)."""
    if images.shape[1:] != (SIZE, SIZE):
        return np.zeros(len(images), bool)
    ink = images >= 16  # the blur's faint rim left out
    edge = ink[:, [0, -1]].any((1, 2)) | ink[:, :, [0, -1]].any((1, 2))
    top, bottom = _extent(ink.max(2))
    left, right = _extent(ink.max(1))
    longest = np.maximum(bottom - top, right - left)
    # Measured on EMNIST: the longer side is 21 to 26 pixels, centred to within a pixel.
    centred = (np.abs(top + bottom - SIZE) <= 2) & (np.abs(left + right - SIZE) <= 2)
    sized = (longest >= 21) & (longest <= 26)
    return ~edge & centred & sized & (images.max((1, 2), initial=0) >= 200)


def _extent(rows: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and one past the last True of each row: (N, n) → (N,), (N,)."""
    return rows.argmax(1), rows.shape[1] - rows[:, ::-1].argmax(1)


@dataclass(frozen=True)
class _Character:
    """What was found in a picture: the ink (H, W), the width of its stroke, and its box.

    ``uneven`` says that the paper had to be taken off to find it.
    """

    ink: Ink
    uneven: bool
    stroke: float
    rows: slice
    columns: slice

    @property
    def longest(self) -> int:
        return max(self.rows.stop - self.rows.start, self.columns.stop - self.columns.start)


def _reduced(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A large picture averaged down to about WORK, which also averages its noise away."""
    factor = max(gray.shape) // WORK
    if factor > 1:
        gray = np.asarray(Image.fromarray(gray).reduce(factor))
    return gray.astype(np.float32)


def _closer(gray: NDArray[np.uint8], found: _Character) -> NDArray[np.uint8] | None:
    """The picture's part around a character that is small in it, where a closer look is worth it."""
    factor = max(gray.shape) // WORK
    if factor <= 1 or found.longest > WORK // 2:
        return None
    margin = max(found.longest // 3, 3)
    rows = slice(max(found.rows.start - margin, 0) * factor, (found.rows.stop + margin) * factor)
    columns = slice(max(found.columns.start - margin, 0) * factor, (found.columns.stop + margin) * factor)
    return gray[rows, columns]


def _character(gray: NDArray[np.float32], uneven: bool = False) -> _Character | None:
    found = find_ink(gray, uneven)
    if found is None:
        return None
    ink = _without_rules(_without_rules(found.ink).T).T  # lined paper, squared paper
    mask, stroke = _without_specks(ink)
    ink = np.where(mask, ink, np.float32(0))
    solid = ink > 0.3
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    if not len(rows):
        return None
    (top, bottom), (left, right) = ((int(place[0]), int(place[-1]) + 1) for place in (rows, columns))
    return _Character(ink, found.uneven, stroke, slice(top, bottom), slice(left, right))


def _without_rules(ink: Ink) -> Ink:
    """The ink without the faint lines that run across the whole picture, as lined paper has them.

    A character covers less than half of any row, or, cropped closely, covers it in full ink.
    """
    level = np.median(ink, axis=1)
    bar = level >= FULL
    near_bar = np.convolve(bar, np.ones(2 * BAR_RIM + 1), "same") > 0  # its own soft edge
    level[bar | near_bar | (level < FAINTEST)] = 0
    if not level.any():
        return ink
    return np.maximum((ink - level[:, None]) / (1 - level[:, None]), 0).astype(np.float32)


# --- pieces ------------------------------------------------------------------------------------


def _without_specks(ink: Ink) -> tuple[Mask, float]:
    """The pieces that belong to the character, and the width of its stroke in pixels."""
    mask = ink > 0.15
    core = ink > 0.5
    stroke = _stroke_width(core)
    pieces = find_pieces(mask)
    if not len(pieces):
        return mask, stroke
    areas = pieces.areas()
    keep = areas >= max(SPECK * stroke**2, SPECK_SHARE * areas.max(), 1)
    keep &= pieces.counting(core) > 0  # a smudge has no core
    touching = pieces.touching_edge()
    if not touching[areas.argmax()]:  # what hangs in from a neighbour
        keep &= ~touching | (areas > SMALL * areas.max())
    gap, length = pieces.gaps_to(int(areas.argmax()))
    keep &= (gap <= FAR * length) | (areas > SMALL * areas.max())
    return pieces.mask(keep), stroke


def _stroke_width(core: Mask) -> float:
    """Mean stroke width: twice the area over the outline, the outline counted in pixel sides."""
    padded = np.pad(core, 1)
    sides = np.count_nonzero(padded[1:] != padded[:-1]) + np.count_nonzero(padded[:, 1:] != padded[:, :-1])
    # A slanted outline is 4/π as long in pixel sides as it is (Cauchy–Crofton).
    return max(2 * np.count_nonzero(core) / max(sides * np.pi / 4, 1), 1.0)


# --- to 28×28 ----------------------------------------------------------------------------------


def _place(found: _Character) -> NDArray[np.uint8]:
    """Crop to the ink, thicken a fine line, blur, centre, scale down."""
    crop, longest = found.ink[found.rows, found.columns], found.longest
    scale = BOX / longest
    missing = MIN_STROKE / scale - found.stroke  # pixels of the crop by which the line is too fine
    grow = round(missing / 2) if missing > 1 else 0
    margin = grow + 2
    picture = Image.fromarray((np.pad(crop, margin) * 255).astype(np.uint8))
    if grow:
        picture = _round_dilation(picture, grow)
    if longest >= SOFT:
        picture = picture.filter(ImageFilter.GaussianBlur(BLUR / scale))
    # One resampling maps the crop, grown by the line's gain, onto the box in the middle.
    side = (longest + 2 * grow) * SIZE / BOX
    x = picture.width / 2 - side / 2
    y = picture.height / 2 - side / 2
    pixels = np.asarray(_resample(picture, (x, y, x + side, y + side)), np.float32)
    return np.clip(pixels * (255 / max(float(pixels.max()), 1)), 0, 255).astype(np.uint8)


def _round_dilation(picture: Image.Image, radius: int) -> Image.Image:
    """Dilation by about a disc (an octagon): squares of three and crosses in turn."""
    for i in range(radius):
        if i % 2 == 0:
            p = np.pad(np.asarray(picture), 1)
            cross = np.maximum(np.maximum(p[:-2, 1:-1], p[2:, 1:-1]), np.maximum(p[1:-1, :-2], p[1:-1, 2:]))
            picture = Image.fromarray(np.maximum(cross, p[1:-1, 1:-1]))
        else:
            picture = picture.filter(ImageFilter.MaxFilter(3))
    return picture


def _resample(picture: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    """The ``box`` of a picture, black beyond its border, at 28×28 by bicubic interpolation."""
    left, top = min(0, int(np.floor(box[0])) - 1), min(0, int(np.floor(box[1])) - 1)
    right = max(picture.width, int(np.ceil(box[2])) + 1)
    bottom = max(picture.height, int(np.ceil(box[3])) + 1)
    canvas = Image.new("L", (right - left, bottom - top))
    canvas.paste(picture, (-left, -top))
    moved = (box[0] - left, box[1] - top, box[2] - left, box[3] - top)
    return canvas.resize((SIZE, SIZE), Image.Resampling.BICUBIC, moved)

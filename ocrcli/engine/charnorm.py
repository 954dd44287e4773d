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
# What EMNIST's own pictures very nearly all have stays as it is: a line at most so many pixels finer
# than that (1 in 75 has less), and a line of such ink (all have more); the ink of others is made so strong.
FINE, FAINT, STRONG = 0.4, 0.78, 0.94
SMUDGE = 0.35  # ink; what has less everywhere is none, but the dot of a fine i does not reach a half
SPECK = 0.4  # in squared stroke widths: a dot of an i is about 1
SPECK_SHARE = 0.015  # of the largest piece's area; the dot of a thin j is 0.03
SMALL = 0.25  # of the largest piece's area: what is smaller goes when it hangs in or stands off
FAR = 0.7  # of the largest piece's longer side; the dot of an i stands off by a third
BESIDE = 0.5  # stroke widths; parts of a broken letter are nearer
ALONG, THIN_BAR = 0.95, 0.25  # of the picture's sides: how long at least and how thick at most a bar is
LETTER = 0.2  # of the picture's longer side; smaller pieces beside a bar may be specks beside an l
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
            return _inked(picture[None])[0]
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
        out[found] = _inked(images[found])
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
    keep &= pieces.counting(ink > SMUDGE) > 0
    touching = pieces.touching_edge()
    low, high = pieces.boxes()
    keep &= ~_bars(low, high, touching, ink.shape)
    main = int((areas * keep).argmax())
    small = areas <= SMALL * areas[main]
    if not touching[main]:  # what hangs in from a neighbour
        keep &= ~touching | ~small
    apart = np.maximum(low - high[main], low[main] - high)  # (pieces, 2): down, across
    length = int((high[main] - low[main]).max())
    keep &= (apart.max(1) <= FAR * length) | ~small
    # A full stop beside the foot: no letter, digit or sign has a small piece there.
    low_down = low[:, 0] > (low[main, 0] + high[main, 0]) / 2
    keep &= ~(low_down & small & (apart[:, 1] > BESIDE * stroke))
    kept = pieces.mask(keep)
    return kept, _stroke_width(core & kept)


def _bars(low: NDArray[np.intp], high: NDArray[np.intp], touching: Mask, shape: tuple[int, int]) -> Mask:
    """Pieces that are a side of what the paper lies on, or its rim: bars along a whole border (pieces,).

    None, unless a piece stands free of the border that is large enough to be the character.
    """
    sides = (high - low) / np.array(shape)  # (pieces, 2), shares of the picture's height and width
    bar = touching & (sides.max(1) >= ALONG) & (sides.min(1) <= THIN_BAR)
    return bar if (~touching & (sides.max(1) >= LETTER)).any() else np.zeros_like(bar)


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
    full = np.clip(pixels * (255 / max(float(pixels.max()), 1)), 0, 255).astype(np.uint8)
    return _inked(full[None])[0]


def _inked(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (N, 28, 28) of EMNIST's size, with too fine or too faint a line mended."""
    x = pictures.astype(np.float32) / np.float32(255)
    slopes = np.abs(np.diff(x, axis=1)).sum((1, 2)) + np.abs(np.diff(x, axis=2)).sum((1, 2))
    # As in _stroke_width, but of soft edges: the ink over the way that it climbs and falls.
    missing = MIN_STROKE - 2 * x.sum((1, 2)) / np.maximum(slopes * np.pi / 4, 1)
    fine = np.flatnonzero(missing > FINE)
    part = np.minimum(missing[fine] / 2, 1)[:, None, None]
    x[fine] += part * (_grown(x[fine]) - x[fine])
    level = _level(x)
    faint = np.flatnonzero((level < FAINT) & (level > 0))
    x[faint] *= np.float32(STRONG) / level[faint, None, None]
    out = pictures.copy()
    changed = np.union1d(fine, faint)
    out[changed] = np.minimum(np.round(255 * x[changed]), 255)
    return out


def _grown(x: Ink) -> Ink:
    """The greatest of each pixel and its eight neighbours: (N, H, W) → the same."""
    p = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    rows = np.maximum(np.maximum(p[:, :-2], p[:, 1:-1]), p[:, 2:])
    return np.maximum(np.maximum(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])


def _level(x: Ink) -> Ink:
    """How dark the line itself is, its edges left out: the upper quartile of the ink in (N, H, W), (N,)."""
    rising = np.sort(x.reshape(len(x), -1), axis=1)
    inked = (rising >= 0.25).sum(1)
    return rising[np.arange(len(x)), -1 - inked // 4]


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

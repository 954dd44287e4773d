"""Tells ink from paper in a picture of one character, whichever of them is the lighter.

Even light needs no more than Otsu's threshold. A photo of a page has shadows and slopes of
light: there the paper is estimated first and taken off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

MIN_CONTRAST = 14  # grey levels between ink and paper; paper and sensors vary by a few
MIN_SEPARATION = 4.0  # the same in standard deviations of the paper; Otsu splits pure noise at 2.7
EVEN = 6.0  # standard deviations from which the paper counts as evenly lit; a ramp has 2 to 4
MIN_SHARPNESS = 0.06  # step of ink a pixel; a blur over a fifth of the letter still has 0.1
CLOSE_SHARPNESS = 0.2  # the same where ink runs along the border: a shadow's edge has about 0.1
MUCH_SHARPER = 1.25  # times, for the levelled picture to win; taking the paper off costs accuracy
AT_BORDER = 0.02  # share of the border; from there on it may be a shadow
LEVELS = 64  # of grey, on which the threshold is looked for
PAPER_CELLS = 36  # a side, on which the paper is looked for
PAPER_WINDOW = 11  # cells; a stroke is at most a quarter of the picture wide
Ink = NDArray[np.float32]  # 0 paper … 1 ink


@dataclass(frozen=True)
class Separation:
    """Ink told from paper: how much of it each pixel holds, and what speaks for it."""

    ink: Ink
    even: bool  # the paper varies by little against the contrast
    sharpness: float  # mean step of ink across its outline, 0 … 1 a pixel
    at_border: float  # share of the picture's border that is ink
    uneven: bool  # the paper was taken off before


def find_ink(gray: NDArray[np.float32], uneven: bool) -> Separation | None:
    """Ink told from paper, or None for a blank picture.

    Where one threshold for the whole picture does not look right (or the light is known to be
    ``uneven``), the paper is estimated and taken off first. A close crop of a bold letter and a
    shadow look alike to a threshold: both are dark up to the border. But a letter's outline is
    sharp, and a shadow's is not.
    """
    gray = -gray if _light_on_dark(gray) else gray
    plain = None if uneven else _separate(gray)
    if plain and plain.even and plain.at_border <= AT_BORDER:
        return plain if plain.sharpness >= MIN_SHARPNESS else None
    level = _separate(gray - _paper(gray), uneven=True)
    if level and level.sharpness < MIN_SHARPNESS:
        level = None
    if plain is None or not plain.even:
        return level
    if level and level.sharpness > MUCH_SHARPER * plain.sharpness:
        return level
    return plain if plain.sharpness >= CLOSE_SHARPNESS else None


def _separate(gray: NDArray[np.float32], uneven: bool = False) -> Separation | None:
    """Dark ink on light paper by Otsu's threshold (1979), or None where there are no two classes."""
    threshold = _otsu(gray)
    if threshold is None:
        return None
    dark, light = gray[gray <= threshold], gray[gray > threshold]
    paper, spread = float(light.mean()), float(light.std())
    gap = paper - float(dark.mean())
    if gap < MIN_CONTRAST or gap < MIN_SEPARATION * spread:
        return None
    share = (paper - gray) / gap
    solid = share > 0.5
    steps = [np.abs(np.diff(share, axis=i))[np.diff(solid, axis=i)] for i in (0, 1)]
    sharpness = float(np.minimum(np.concatenate(steps), 1).mean()) if any(map(len, steps)) else 0.0
    border = np.concatenate([solid[0], solid[-1], solid[:, 0], solid[:, -1]])
    # Soft edges stay soft: they place the stroke to a fraction of a pixel. What is within a
    # quarter of the contrast of the paper is paper (noise, show-through, JPEG).
    ink = np.clip(share * 1.4 - 0.35, 0, 1)
    return Separation(ink, gap > EVEN * spread, sharpness, float(border.mean()), uneven)


def _light_on_dark(gray: NDArray[np.float32]) -> bool:
    """Whether the ink is the lighter side.

    Paper is what runs along the border and covers more area; strokes are the thin minority
    that differs from its surroundings. The three vote, so that uneven light or a crop that
    cuts close does not decide alone.
    """
    if _otsu(gray) is None:
        return False
    detail = gray - _box_mean(gray, max(gray.shape) // 6)
    scale = float(np.sqrt((detail**2).mean())) + 1e-6
    skew = float(((detail / scale) ** 3).mean())  # dark strokes pull it below zero
    # Once as it is and once without the slow changes of light: the dark corners of a photo are no paper.
    votes = _paper_votes(gray) + _paper_votes(detail) - 0.5 * float(np.clip(skew, -1, 1))
    return bool(votes < 0)


def _paper_votes(gray: NDArray[np.float32]) -> float:
    """What speaks for light paper, −1.5 … 1.5: light along the border, and light in most places."""
    threshold = _otsu(gray)
    if threshold is None:
        return 0.0
    light = gray > threshold
    border = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    return float(2 * (border.mean() - 0.5) + (light.mean() - 0.5))


def _otsu(gray: NDArray[np.float32]) -> float | None:
    """Otsu (1979): the threshold with the greatest variance between the classes. None when flat."""
    low, high = float(gray.min()), float(gray.max())
    if high - low < MIN_CONTRAST:
        return None
    step = (high - low) / LEVELS
    level = np.minimum(((gray - low) * (1 / step)).astype(np.intp), LEVELS - 1)
    share = np.bincount(level.ravel(), minlength=LEVELS) / gray.size
    weight = np.cumsum(share)[:-1]  # of the dark class, at each inner edge
    moment = np.cumsum(share * np.arange(LEVELS))
    between = (moment[-1] * weight - moment[:-1]) ** 2 / np.maximum(weight * (1 - weight), 1e-9)
    return low + step * (1 + int(between.argmax()))


def _paper(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    """The paper behind dark ink: a grey closing wider than any stroke, (H, W)."""
    height, width = gray.shape
    cells = (min(width, PAPER_CELLS), min(height, PAPER_CELLS))
    small = np.asarray(Image.fromarray(gray).resize(cells, Image.Resampling.BOX))
    # A slope goes on beyond the border, so that a slope alone is all paper.
    reach = PAPER_WINDOW // 2
    top, left = (min(reach, size - 1) for size in small.shape)
    padded = np.pad(small, ((top, top), (left, left)), mode="reflect", reflect_type="odd")
    closing = Image.fromarray(padded).filter(ImageFilter.MaxFilter(PAPER_WINDOW))
    closing = closing.filter(ImageFilter.MinFilter(PAPER_WINDOW))
    inner = np.asarray(closing)[top : top + cells[1], left : left + cells[0]]
    return np.asarray(Image.fromarray(inner).resize((width, height), Image.Resampling.BILINEAR))


def _box_mean(gray: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Mean over a square window, cut off at the border, by an integral image (H, W)."""
    height, width = gray.shape
    integral = np.zeros((height + 1, width + 1))
    integral[1:, 1:] = gray.cumsum(0, dtype=np.float64).cumsum(1)
    top, bottom = _window(height, radius)
    left, right = _window(width, radius)
    total = integral[bottom][:, right] - integral[top][:, right] - integral[bottom][:, left]
    total += integral[top][:, left]
    return (total / np.outer(bottom - top, right - left)).astype(np.float32)


def _window(length: int, radius: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    place = np.arange(length)
    return np.maximum(place - radius, 0), np.minimum(place + radius + 1, length)

"""What lies behind the text: photographs from a folder, and procedural textures without one.

Patches are cut and mixed in grey, float32 (h, w), 0..255; pages ask for RGB.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from PIL import Image

log = logging.getLogger(__name__)

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
LONGEST_SIDE = 512  # pixels a photograph is kept at: finer detail than a strip shows
MOST_PHOTOS = 400  # about 50 MB in memory at LONGEST_SIDE, grey


class Backgrounds:
    """Patches of any size. ``folder`` holds photographs without writing in them; None: textures only."""

    def __init__(self, folder: Path | str | None = None) -> None:
        self.paths: list[Path] = []
        if folder is not None:
            root = Path(folder)
            self.paths = sorted(p for p in root.rglob("*") if p.suffix.lower() in SUFFIXES)[:MOST_PHOTOS]
            if not self.paths:
                log.warning("no photographs under %s; backgrounds are textures only", root)
        self._grey: dict[int, np.ndarray] = {}

    def grey(self, rng: np.random.Generator, height: int, width: int, photos: float = 0.5) -> np.ndarray:
        """A patch float32 (height, width), 0..255; a photograph with probability ``photos``."""
        if self.paths and rng.random() < photos:
            return self._photo_patch(rng, height, width)
        return texture(rng, height, width)

    def colour(self, rng: np.random.Generator, height: int, width: int) -> np.ndarray:
        """A patch uint8 (height, width, 3): a whole photograph stretched, or a tinted texture."""
        if self.paths:
            path = self.paths[int(rng.integers(len(self.paths)))]
            try:
                with Image.open(path) as image:
                    return np.asarray(image.convert("RGB").resize((width, height), Image.Resampling.BICUBIC))
            except OSError:
                pass  # an unreadable photograph is replaced by a texture
        tint = rng.uniform(0.6, 1.0, 3)
        return (texture(rng, height, width)[:, :, None] * tint).clip(0, 255).astype(np.uint8)

    def _photo_patch(self, rng: np.random.Generator, height: int, width: int) -> np.ndarray:
        photo = self._photo(int(rng.integers(len(self.paths))))
        # Text on a photograph covers anything from a corner of it to its whole width.
        span = min(photo.shape[1], max(8, int(rng.uniform(0.08, 1.0) * photo.shape[1])))
        rows = min(photo.shape[0], max(4, round(span * height / width)))
        y = int(rng.integers(0, photo.shape[0] - rows + 1))
        x = int(rng.integers(0, photo.shape[1] - span + 1))
        patch = Image.fromarray(photo[y : y + rows, x : x + span])
        return np.asarray(patch.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)

    def _photo(self, index: int) -> np.ndarray:
        if index not in self._grey:
            try:
                with Image.open(self.paths[index]) as image:
                    image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
                    grey = image.convert("L")
                    grey.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                    self._grey[index] = np.asarray(grey)
            except OSError:
                self._grey[index] = np.full((64, 64), 128, dtype=np.uint8)
        return self._grey[index]


def smooth_field(rng: np.random.Generator, height: int, width: int, cells: float) -> np.ndarray:
    """Smooth random field float32 (height, width) in −1..1, ``cells`` blobs to the height."""
    rows = max(2, round(cells) + 1)
    columns = max(2, round(cells * width / max(height, 1)) + 1)
    coarse = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def texture(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Plain, gradient, clouds, stripes, bricks, grain or two areas; float32 (height, width), 0..255."""
    field: np.ndarray
    base, depth = float(rng.uniform(0, 255)), float(rng.uniform(5, 90))
    kind = int(rng.integers(8))
    if kind <= 1:
        field = np.zeros((height, width), dtype=np.float32)
    elif kind == 2:
        angle = rng.uniform(0, 2 * np.pi)
        x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
        field = np.cos(angle) * x[None, :] + np.sin(angle) * y[:, None]
    elif kind == 3:
        field = smooth_field(rng, height, width, rng.uniform(1, 4))
    elif kind == 4:
        field = smooth_field(rng, height, width, rng.uniform(2, 4)) + 0.5 * smooth_field(
            rng, height, width, rng.uniform(5, 14)
        )
    elif kind == 5:  # boards, blinds, corrugated iron
        angle, period = rng.uniform(0, np.pi), rng.uniform(2, height)
        x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
        wave = np.sin((np.cos(angle) * x[None, :] + np.sin(angle) * y[:, None]) * (2 * np.pi / period))
        field = np.sign(wave) if rng.random() < 0.4 else wave
    elif kind == 6:  # a wall: joints between stones
        h, w = max(3, int(rng.uniform(0.2, 0.8) * height)), max(6, int(rng.uniform(0.4, 2.0) * height))
        rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
        joint = (rows % h == 0) | ((columns + (rows // h % 2) * (w // 2)) % w == 0)
        field = np.where(joint, np.float32(-1), np.float32(0.2)) + 0.3 * smooth_field(rng, height, width, 8)
    else:  # an edge: two boards, a frame, sky and roof
        slope, at = rng.uniform(-0.6, 0.6), rng.uniform(0.05, 0.95)
        x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
        upright = rng.random() < 0.4
        edge = (x - at * width + slope * y) if upright else (y - at * height + slope * 0.2 * x)
        field = np.sign(edge)
    field = base + depth * field
    if rng.random() < 0.4:
        field = field + rng.standard_normal((height, width), dtype=np.float32) * np.float32(
            rng.uniform(2, 14)
        )
    return np.clip(field, 0, 255).astype(np.float32)

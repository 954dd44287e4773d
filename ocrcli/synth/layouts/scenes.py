"""Street and shop scenes: signs in perspective in a picture that is mostly no text."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from ocrcli.synth.layouts import air, places, signs
from ocrcli.synth.layouts.runs import Lines
from ocrcli.synth.layouts.signs import Sign
from ocrcli.synth.layouts.studio import MEGAPIXEL, Desk
from ocrcli.synth.layouts.view import between, rectangle, window

SMALLEST_SEEN = 6.0  # pixels: a sign whose text would come out lower than this is not put up
NARROWEST = 0.35  # of a sign's width: seen more from the side, nobody reads it
LARGEST = 0.95  # of the picture's width or height that a sign may take
BANDS = 12  # reading order: signs are sorted by row of this many, then from the left


@dataclass
class Scene:
    """A picture with what has been put up in it so far."""

    image: Image.Image
    tilt: float = 0.0  # degrees by which the camera was held askew
    taken: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)  # lowest and highest corner
    lines: list[Lines] = field(default_factory=list)

    def put_up(self, desk: Desk, sign: Sign) -> None:
        """Hang a sign where there is room for it; it is left away where there is none."""
        width, height = sign.sheet.image.size
        target = _aspect(desk, width, height, self.tilt)
        if not _legible(target, sign):
            return
        span = target.max(0) - target.min(0)
        room = np.array(self.image.size) - span
        if (room < 4).any() or (span > LARGEST * np.array(self.image.size)).any():
            return
        target += desk.rng.random(2) * room - target.min(0)
        low, high = np.floor(target.min(0)) - 1, np.ceil(target.max(0)) + 1
        if not all((high < a).any() or (b < low).any() for a, b in self.taken):
            return
        placed = sign.lines.moved(between(rectangle(width, height), target))
        if len(placed.quads):
            self.taken.append((low, high))
            self.lines.append(placed)
            self._paint(desk, sign, between(rectangle(width, height), target), low, high)
            air.between(desk, self.image, low, high, sign.smallest * _shrink(target, height))

    def _paint(self, desk: Desk, sign: Sign, matrix: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        at = (int(low[0]), int(low[1]))
        if sign.opacity:
            mask = Image.new("L", sign.sheet.image.size, sign.opacity)
            self.image.paste(window(sign.sheet.image, matrix, low, high), at, window(mask, matrix, low, high))
            return
        wall = np.asarray(self.image.crop((*at, int(high[0]), int(high[1])))).mean((0, 1))
        opacity = 1.0 if desk.chance(0.8) else desk.uniform(0.4, 1.0)  # worn, or on glass
        for mask, colour in signs.coats(desk, sign, wall):
            seen = window(mask, matrix, low, high)
            self.image.paste(colour, at, seen if opacity == 1 else seen.point(lambda v: v * opacity))

    def emblem(self, desk: Desk, size: float) -> None:
        """A logo, where nothing hangs: a sign without text."""
        at = desk.rng.random(2) * (np.array(self.image.size) - size)
        if (at > 0).all() and all((at + size < a).any() or (b < at).any() for a, b in self.taken):
            signs.emblem(desk, self.image, (float(at[0]), float(at[1])), size)


def draw(desk: Desk) -> tuple[Image.Image, Lines]:
    """A picture RGB with signs in it, and their lines."""
    width, height = desk.size(desk.pick([0.5625, 0.5625, 0.75, 1.0, 1.5]))
    scene = Scene(places.ground(desk, width, height), desk.normal(0, 14) if desk.chance(0.25) else 0.0)
    places.clutter(desk, scene.image)
    scale = float(np.sqrt(width * height / MEGAPIXEL))
    wanted = 0 if desk.chance(0.05) else desk.pick([1, 2, 3, 5, 8, 14])
    for _ in range(wanted * 2):
        if len(scene.lines) >= wanted:
            break
        sign = signs.board(desk, scale) if desk.chance(0.55) else signs.lettering(desk, scale)
        if sign is not None and max(sign.sheet.image.size) < 2 * max(width, height):
            scene.put_up(desk, sign)
        if desk.chance(0.06):
            scene.emblem(desk, desk.uniform(20, 90) * scale)
    if desk.chance(0.1):
        places.wires(desk, scene.image)
    scene.lines.sort(
        key=lambda lines: (lines.quads[..., 1].mean() // (height / BANDS), lines.quads[..., 0].mean())
    )
    return scene.image, Lines.join(scene.lines)


def _aspect(desk: Desk, width: float, height: float, tilt: float) -> np.ndarray:
    """The corners of a flat sign as a tilted camera sees it, about the origin, float64 (4, 2)."""
    strength = desk.pick([0.02, 0.08, 0.2, 0.28])
    corners = rectangle(width, height) - (width / 2, height / 2)
    corners[:, 0] *= desk.uniform(1 - strength * 2, 1)  # seen from the side: narrower
    farther = [1, 2] if desk.chance(0.5) else [0, 3]
    corners[farther, 1] *= desk.uniform(1 - strength * 2, 1)  # the farther side is lower
    climb = 0.55 if desk.chance(0.15) else strength  # along a wall that runs away from the camera
    corners[:, 1] += corners[:, 0] * desk.uniform(-climb, climb)
    degrees = tilt + desk.normal(0, 25 if desk.chance(0.12) else 4)
    if desk.chance(0.02):
        degrees += desk.pick([-90, 90])  # a banner read upwards or downwards
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return corners @ np.array([[cos, sin], [-sin, cos]])


def _legible(corners: np.ndarray, sign: Sign) -> bool:
    """Whether the smallest type can still be read: by the shrinking of the sign's lower side."""
    width, height = sign.sheet.image.size
    top, foot = (np.linalg.norm(corners[i + 1] - corners[i]) for i in (0, 2))
    wide_enough = min(top, foot) > NARROWEST * width
    return bool(wide_enough and sign.smallest * _shrink(corners, height) >= SMALLEST_SEEN)


def _shrink(corners: np.ndarray, height: float) -> float:
    """How much lower a sign of some ``height`` is seen, at its lower side."""
    return float(
        min(np.linalg.norm(corners[2] - corners[1]), np.linalg.norm(corners[3] - corners[0])) / height
    )

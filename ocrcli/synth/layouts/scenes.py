"""Street and shop scenes: words on boards and walls, in perspective, over photographs; and much that is no text."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageFilter

from ocrcli.synth.layouts import graphics, places
from ocrcli.synth.layouts.canvas import Colour, Lines, Sheet
from ocrcli.synth.layouts.studio import Studio, chance, contrasting, pick, random_colour
from ocrcli.synth.layouts.typeset import Type, type_at
from ocrcli.synth.layouts.view import apply, between
from ocrcli.synth.layouts.wording import clean

SMALLEST_SEEN = 6.0  # pixels: a board whose text would come out lower than this is not put up
SCENE_FACES = {"sans": 0.42, "serif": 0.2, "display": 0.26, "handwriting": 0.06, "mono": 0.06}


@dataclass
class Scene:
    """A picture with what has been put up in it so far."""

    image: Image.Image
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    lines: list[Lines] = field(default_factory=list)

    def free(self, box: tuple[float, float, float, float]) -> bool:
        """Whether a box overlaps nothing put up before."""
        x0, y0, x1, y1 = box
        return all(x1 < a0 or a1 < x0 or y1 < b0 or b1 < y0 for a0, b0, a1, b1 in self.taken)


def draw(rng: np.random.Generator, studio: Studio) -> tuple[Image.Image, Lines]:
    """A photograph RGB with signs in it, and their lines."""
    width, height = studio.size(rng, float(rng.choice([0.5625, 0.5625, 0.75, 1.0, 1.5])))
    scene = Scene(places.ground(rng, studio, width, height))
    places.clutter(rng, scene.image)
    scale = np.sqrt(width * height / 1e6)
    wanted = 0 if chance(rng, 0.05) else int(rng.choice([1, 2, 3, 5, 8, 14]))
    for _ in range(wanted * 2):
        if len(scene.lines) >= wanted:
            break
        put = _board if chance(rng, 0.55) else _painted
        put(rng, studio, scene, float(scale))
    if chance(rng, 0.1):
        places.wires(rng, scene.image)
    scene.lines.sort(key=lambda lines: (lines.quads[..., 1].mean() // (height / 12), lines.quads[..., 0].mean()))
    return scene.image, Lines.join(scene.lines)


def _height(rng: np.random.Generator, scale: float) -> float:
    """Line height in the picture: mostly small, as incidental text is."""
    return float(np.clip(np.exp(rng.normal(np.log(27), 0.75)) * scale, 9, 260))


def _words(rng: np.random.Generator, studio: Studio, many: bool) -> str:
    wording, roll = studio.wording, rng.random()
    if roll < 0.5:
        text = wording.corpus.scene(rng)
    elif roll < 0.62:
        text = wording.value(rng)
    else:
        text = " ".join(wording.words(rng, int(rng.integers(1, 6 if many else 3))))
        text = text.upper() if chance(rng, 0.5) else text.title() if chance(rng, 0.6) else text
    return clean(text) or "OPEN"


def _target(rng: np.random.Generator, scene: Scene, width: float, height: float) -> np.ndarray | None:
    """Where a flat thing of this size appears: four corners in the picture, or None where there is no room."""
    span_x, span_y = scene.image.size
    strength = float(rng.choice([0.02, 0.08, 0.2]))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    target = corners - corners.mean(0)
    target[:, 0] *= rng.uniform(1 - strength * 2, 1)  # seen from the side: narrower
    angle = np.deg2rad(rng.normal(0, 25 if chance(rng, 0.12) else 4))
    if chance(rng, 0.02):
        angle += np.pi / 2 * float(rng.choice([-1, 1]))  # a banner read upwards or downwards
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    far = rng.uniform(1 - strength * 2, 1, 2)
    target[[1, 2] if chance(rng, 0.5) else [0, 3], 1] *= far[0]  # the farther side is lower
    target[:, 1] += target[:, 0] * rng.uniform(-strength, strength)
    target = target @ turn.T
    low, high = target.min(0), target.max(0)
    room = np.array([span_x, span_y]) - (high - low)
    if (room < 4).any():
        return None
    target += rng.random(2) * room - low
    box = (*target.min(0), *target.max(0))
    if not scene.free(box):
        return None
    scene.taken.append(box)
    return target


def _paste(scene: Scene, matrix: np.ndarray, box: np.ndarray, mask: Image.Image, what: Image.Image | Colour) -> None:
    """Lay ``what`` through ``matrix`` where ``mask`` allows; only the pixels of ``box`` are touched."""
    low = np.floor(box.min(0)).astype(int) - 1
    size = (np.ceil(box.max(0)).astype(int) + 1 - low).tolist()
    shift = np.array([[1, 0, low[0]], [0, 1, low[1]], [0, 0, 1]])
    inverse = np.linalg.inv(matrix) @ shift
    coefficients = (inverse / inverse[2, 2]).ravel()[:8].tolist()

    def seen(image: Image.Image) -> Image.Image:
        return image.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)

    thing = seen(what) if isinstance(what, Image.Image) else what
    scene.image.paste(thing, (int(low[0]), int(low[1])), seen(mask))


def _add(scene: Scene, lines: Lines, matrix: np.ndarray) -> None:
    if len(lines.quads):
        quads, words = apply(matrix, lines.quads), apply(matrix, lines.word_quads)
        scene.lines.append(Lines(quads, words, lines.word_lines, lines.words, lines.blocks))


def _legible(lines: list[Type], width: float, height: float, target: np.ndarray) -> bool:
    """Whether the smallest type is still seen: by the shrinking of the board's lower side."""
    sides = np.linalg.norm(target - np.roll(target, -1, 0), axis=1)
    shrink = min(sides[1], sides[3]) / max(height, 1)
    return min(type.height for type in lines) * shrink >= SMALLEST_SEEN and min(sides[0], sides[2]) > 0.35 * width


def _set_lines(rng: np.random.Generator, studio: Studio, scale: float) -> list[tuple[str, Type]]:
    """The texts of a sign, each with its type."""
    count = int(rng.choice([1, 1, 2, 3, 5, 8]))
    height = _height(rng, scale) * (0.75 if count > 2 else 1.0)
    face = studio.faces.any(rng, **SCENE_FACES)
    lines = []
    for _ in range(count):
        if chance(rng, 0.2):
            face = studio.faces.any(rng, **SCENE_FACES)
        size = height * (float(rng.uniform(0.6, 1.6)) if chance(rng, 0.4) else 1.0)
        lines.append((_words(rng, studio, count > 1), type_at(face, max(9.0, size))))
    return lines


def _board(rng: np.random.Generator, studio: Studio, scene: Scene, scale: float) -> None:
    """A sign, poster or label with its own ground."""
    lines = _set_lines(rng, studio, scale)
    leading, pad = float(rng.uniform(1.05, 1.6)), float(rng.uniform(0.3, 1.5))
    widest = max(type.length(text) for text, type in lines)
    edge = pad * lines[0][1].height
    width, height = widest + 2 * edge, sum(type.height * leading for _, type in lines) + 2 * edge * float(rng.uniform(0.5, 1))
    if width > scene.image.width * 0.95 or height > scene.image.height * 0.95:
        return
    target = _target(rng, scene, width, height)
    if target is None or not _legible([type for _, type in lines], width, height, target):
        return
    ground = random_colour(rng)
    sheet = Sheet(round(width), round(height), ground, contrasting(rng, ground, float(rng.uniform(40, 110))), grey=False)
    _dress(rng, studio, sheet)
    align, y = float(rng.choice([0.0, 0.5, 0.5, 0.5, 1.0])), (height - sum(type.height * leading for _, type in lines)) / 2
    for text, type in lines:
        step = type.height * leading
        baseline = y + (step - type.height) / 2 + type.ascent
        sheet.text(edge + align * widest, baseline, text, type, align=align, leading=step, **_finery(rng, type, ground))
        y += step
    placed = sheet.finish()
    matrix = between(np.array([[0, 0], [width, 0], [width, height], [0, height]]), target)
    mask = Image.new("L", sheet.image.size, 255 if chance(rng, 0.85) else int(rng.integers(150, 255)))
    _paste(scene, matrix, target, mask, sheet.image)
    _add(scene, placed, matrix)


def _finery(rng: np.random.Generator, type: Type, ground: Colour) -> dict[str, object]:
    """An outline or a drop shadow, now and then."""
    roll = rng.random()
    if roll < 0.08 and type.height > 20:
        return {"outline": (max(1, round(type.height / 25)), contrasting(rng, ground, 40))}
    return {"effect": random_colour(rng)} if roll < 0.18 and type.height > 16 else {}


def _dress(rng: np.random.Generator, studio: Studio, sheet: Sheet) -> None:
    """Frame, gradient or picture on the ground of a board."""
    width, height = sheet.width, sheet.height
    roll = rng.random()
    if roll < 0.2:
        shade = Image.linear_gradient("L").resize((width, height))
        if chance(rng, 0.5):
            shade = shade.transpose(Image.Transpose.ROTATE_180)
        sheet.image.paste(_nearby(rng, sheet.paper), (0, 0), shade)
    elif roll < 0.3:
        photo = studio.photo(rng, width, height, grey=False)
        sheet.image.paste(photo, (0, 0), Image.new("L", (width, height), int(rng.integers(20, 90))))
    if chance(rng, 0.3):
        inset, thick = float(rng.uniform(0, 0.06)) * height, max(1, int(rng.uniform(0.01, 0.05) * height))
        sheet.box(inset, inset, width - 1 - inset, height - 1 - inset, outline=sheet.ink, width=thick)


def _lit(rng: np.random.Generator) -> Colour:
    """A colour of neon tubes and light boxes."""
    red, green, blue = (int(v) for v in 255 - rng.uniform(0, 110, 3) * (rng.random(3) < 0.5))
    return red, green, blue


def _nearby(rng: np.random.Generator, colour: Colour) -> Colour:
    red, green, blue = (int(v) for v in np.clip(np.array(colour) + rng.normal(0, 22, 3), 0, 255))
    return red, green, blue


def _painted(rng: np.random.Generator, studio: Studio, scene: Scene, scale: float) -> None:
    """Letters straight on the wall."""
    text, face = _words(rng, studio, many=chance(rng, 0.3)), studio.faces.any(rng, **SCENE_FACES)
    type = type_at(face, _height(rng, scale) * 1.2)
    tracking = float(rng.choice([0, 0, 0, 0.06, 0.15])) * type.height
    width = type.length(text) + tracking * len(text) + type.height
    height = type.height * 1.6
    if width > scene.image.width * 0.95 or height > scene.image.height * 0.8:
        return
    target = _target(rng, scene, width, height)
    if target is None or not _legible([type], width, height, target):
        return
    sheet = Sheet(round(width), round(height), (0, 0, 0), (255, 255, 255))
    sheet.text(width / 2, (height - type.height) / 2 + type.ascent, text, type, align=0.5, tracking=tracking)
    placed = sheet.finish()
    matrix = between(np.array([[0, 0], [width, 0], [width, height], [0, height]]), target)
    low, high = np.floor(target.min(0)).astype(int), np.ceil(target.max(0)).astype(int)
    ground = scene.image.crop((*low.tolist(), *high.tolist())).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    ink = contrasting(rng, ground, float(rng.uniform(45, 130)))  # type: ignore[arg-type]
    mask, roll = sheet.image, rng.random()
    if roll < 0.25:  # a shadow or a rim lifts it off the wall
        rim = mask.filter(ImageFilter.MaxFilter(3 if type.height < 40 else 5))
        _paste(scene, matrix, target, rim, contrasting(rng, ink, 60))
    elif roll < 0.4:
        reach = max(1.0, type.height * 0.05)
        moved = matrix @ np.array([[1, 0, reach], [0, 1, reach], [0, 0, 1]])
        _paste(scene, moved, target, mask, (0, 0, 0))
    elif roll < 0.5 and type.height > 14:  # lit letters
        glow = mask.filter(ImageFilter.GaussianBlur(type.height * 0.12)).point([min(255, round(v * 1.6)) for v in range(256)])
        ink = _lit(rng)
        _paste(scene, matrix, target, glow, tuple(round(v * 0.6) for v in ink))  # type: ignore[arg-type]
    _paste(scene, matrix, target, mask, ink)
    _add(scene, placed, matrix)
    if chance(rng, 0.1):
        decoy = Sheet(scene.image.width, scene.image.height, grey=False, base=scene.image)
        size = type.height * float(rng.uniform(1, 2))
        spot = (float(rng.uniform(0, scene.image.width - size)), float(rng.uniform(0, scene.image.height - size)))
        if scene.free((*spot, spot[0] + size, spot[1] + size)):
            pick(rng, [graphics.logo])(decoy, rng, *spot, size)  # type: ignore[operator]

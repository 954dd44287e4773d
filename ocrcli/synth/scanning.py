"""What happens to a whole page on its way to a file: scanner, copier, fax, camera, screen capture.

Pillow does the full-size work; everything smooth (light, shading, fading) is a field of a
few cells blown up. Images are Pillow's, ``L`` or ``RGB``, and keep their size unless said.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

NOISE_TILE = 256  # pixels: noise repeats at this distance, which nobody and no network sees


def add_noise(
    rng: np.random.Generator, image: Image.Image, sigma: float, coloured: float = 0.3
) -> Image.Image:
    """Grain of ``sigma`` grey levels; on RGB images differing between channels with odds ``coloured``."""
    tile = rng.standard_normal((NOISE_TILE, NOISE_TILE), dtype=np.float32) * np.float32(sigma) + np.float32(
        128
    )
    tile8 = np.clip(tile, 0, 255).astype(np.uint8)
    width, height = image.size
    repeats = (-(-height // NOISE_TILE) + 1, -(-width // NOISE_TILE) + 1)
    field = np.tile(tile8, repeats)

    def cut() -> Image.Image:
        y, x = rng.integers(0, NOISE_TILE, 2)
        return Image.fromarray(np.ascontiguousarray(field[y : y + height, x : x + width]))

    if image.mode == "L":
        noise = cut()
    else:
        channels = [cut(), cut(), cut()] if rng.random() < coloured else [cut()] * 3
        noise = Image.merge("RGB", channels)
    return ImageChops.add(image, noise, 1.0, -128)


def smooth(
    rng: np.random.Generator, size: tuple[int, int], cells: int, low: float, high: float
) -> Image.Image:
    """A smooth random ``L`` image with levels between ``low`` and ``high``."""
    coarse = rng.uniform(low, high, (cells + 1, cells + 1)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def shade(rng: np.random.Generator, image: Image.Image, depth: float) -> Image.Image:
    """Uneven light: multiplied by a field that falls to 1 − ``depth``."""
    field = smooth(rng, image.size, int(rng.integers(1, 4)), 255 * (1 - depth), 255)
    return ImageChops.multiply(image, field if image.mode == "L" else Image.merge("RGB", [field] * 3))


def shadow(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """A soft-edged shadow over a part of the page, as of a hand or the camera."""
    small = Image.new("L", (64, 64), 255)
    points = rng.uniform(-16, 80, (int(rng.integers(3, 6)), 2))
    ImageDraw.Draw(small).polygon(points.ravel().tolist(), int(rng.uniform(110, 225)))
    small = small.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 8))))
    field = small.resize(image.size, Image.Resampling.BILINEAR)
    return ImageChops.multiply(image, field if image.mode == "L" else Image.merge("RGB", [field] * 3))


def fade(rng: np.random.Generator, image: Image.Image, strength: float) -> Image.Image:
    """Ink that pales in places, towards the paper."""
    field = smooth(rng, image.size, int(rng.integers(2, 7)), 0, 255 * strength)
    paper = Image.new(image.mode, image.size, "white")
    return Image.composite(ImageChops.lighter(image, paper), image, field)


def bleed_through(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """The other side of the leaf, mirrored, blurred and pale."""
    back = ImageOps.mirror(image.convert("L")).filter(ImageFilter.GaussianBlur(float(rng.uniform(0.8, 2.5))))
    if rng.random() < 0.5:
        back = ImageOps.flip(back).transpose(Image.Transpose.ROTATE_180) if rng.random() < 0.5 else back
        back = ImageChops.offset(back, int(rng.integers(-40, 40)), int(rng.integers(-40, 40)))
    floor = 255 - int(rng.integers(10, 45))
    back = back.point([round(floor + (255 - floor) * v / 255) for v in range(256)])
    return ImageChops.multiply(image, back if image.mode == "L" else Image.merge("RGB", [back] * 3))


def levels(image: Image.Image, black: float, white: float) -> Image.Image:
    """Grey scale squeezed: black becomes ``black``, white becomes ``white``."""
    table = [round(min(255.0, max(0.0, black + (white - black) * v / 255))) for v in range(256)]
    return image.point(table * len(image.getbands()))


def blur(image: Image.Image, sigma: float) -> Image.Image:
    """Defocus of ``sigma`` pixels. Small ones by a 3×3 kernel, a third of the time of a Gaussian filter."""
    if sigma <= 0.15:
        return image
    if sigma > 1.1:
        return image.filter(ImageFilter.GaussianBlur(sigma))
    times = 1 if sigma < 0.78 else 2  # variances add
    variance = sigma**2 / times
    side = variance / (
        2 * (1 - variance)
    )  # of the kernel (side, 1, side), whose variance is 2·side/(1 + 2·side)
    row = np.array([side, 1.0, side])
    weights = np.outer(row, row)
    kernel = ImageFilter.Kernel((3, 3), (weights / weights.sum()).ravel().tolist(), 1.0)
    for _ in range(times):
        image = image.filter(kernel)
    return image


def motion(rng: np.random.Generator, image: Image.Image, reach: int) -> Image.Image:
    """The camera moved: a 5×5 kernel along a line, applied as often as ``reach`` asks."""
    kernel = np.zeros((5, 5))
    angle = rng.uniform(0, np.pi)
    for t in np.linspace(-2, 2, 9):
        kernel[round(2 + t * np.sin(angle)), round(2 + t * np.cos(angle))] = 1
    for _ in range(max(1, reach)):
        image = image.filter(ImageFilter.Kernel((5, 5), kernel.ravel().tolist(), float(kernel.sum())))
    return image


def threshold(rng: np.random.Generator, image: Image.Image, spread: float) -> Image.Image:
    """Black and white, as copiers, faxes and bilevel scans make it; ``L`` with ragged edges.

    The level is such that the black area is the area of the ink times exp(−0.6 … 1 × ``spread``): thin
    print neither vanishes nor floods, whatever its face and grey.
    """
    grey = blur(image.convert("L"), float(rng.uniform(0.2, 0.7)))
    level = _ink_level(grey, float(np.exp(rng.uniform(-0.6 * spread, spread))))
    if rng.random() < 0.8:
        grey = add_noise(rng, grey, float(rng.uniform(4, 30)))
    return grey.point([0 if v < level else 255 for v in range(256)])


def _ink_level(grey: Image.Image, share: float) -> float:
    """The grey level below which lies ``share`` × the ink of the page."""
    width, height = grey.size
    inner = grey.crop(
        (width // 12, height // 12, width - width // 12, height - height // 12)
    )  # without black borders
    counts = np.array(inner.histogram(), dtype=np.float64)
    paper = 128 + int(np.argmax(counts[128:]))  # the commonest light level
    darkness = np.clip((paper - np.arange(256)) / max(paper, 1), 0, 1)
    darkness[darkness < 0.06] = 0  # shading and JPEG noise of the paper
    ink = float((counts * darkness).sum())
    level = float(np.searchsorted(np.cumsum(counts), ink * share))
    return float(np.clip(level, min(95, paper - 30), paper - 30))  # a dark picture must not drown the text


def speckle(rng: np.random.Generator, image: Image.Image, count: int, dark: bool = True) -> Image.Image:
    """Specks of one to four pixels."""
    pen = ImageDraw.Draw(image)
    width, height = image.size
    tone = "black" if dark else "white"
    xs, ys, sizes = (
        rng.integers(0, width, count),
        rng.integers(0, height, count),
        rng.integers(0, 3, (count, 2)),
    )
    single = (sizes == 0).all(1)
    if single.any():
        pen.point(np.stack([xs[single], ys[single]], 1).ravel().tolist(), tone)
    for x, y, (w, h) in zip(xs[~single].tolist(), ys[~single].tolist(), sizes[~single].tolist(), strict=True):
        pen.ellipse((x, y, x + w, y + h), tone)
    return image


def scanner_edges(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Dark bars and wedges at the borders, where the lid did not cover: within 2 % of the size."""
    pen, (width, height) = ImageDraw.Draw(image), image.size
    for side in np.flatnonzero(rng.random(4) < 0.4):
        near, far = rng.uniform(0, 0.02, 2)
        if side == 0:
            points = (0, 0, width, 0, width, far * height, 0, near * height)
        elif side == 1:
            points = (0, height, width, height, width, height * (1 - far), 0, height * (1 - near))
        elif side == 2:
            points = (0, 0, near * width, 0, far * width, height, 0, height)
        else:
            points = (width, 0, width * (1 - near), 0, width * (1 - far), height, width, height)
        pen.polygon([float(p) for p in points], "black")
    return image


def holes(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Two or three punch holes near the left edge, or a staple at a corner."""
    pen, (width, height) = ImageDraw.Draw(image), image.size
    if rng.random() < 0.6:
        r = max(2.0, width * rng.uniform(0.008, 0.015))
        x = r + width * rng.uniform(0, 0.02)
        for at in (0.3, 0.7) if rng.random() < 0.5 else (0.12, 0.5, 0.88):
            y = height * at
            pen.ellipse((x - r, y - r, x + r, y + r), "black")
    else:
        x, y = width * rng.uniform(0.01, 0.05), height * rng.uniform(0.01, 0.04)
        pen.line(
            (x, y, x + width * 0.02, y + height * rng.uniform(-0.01, 0.01)),
            (40 if image.mode == "L" else (40, 40, 40)),
            2,
        )
    return image


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Saved as JPEG and read again."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    loaded = Image.open(buffer)
    loaded.load()
    return loaded


def low_resolution(image: Image.Image, share: float) -> Image.Image:
    """Detail lost: made smaller by ``share`` and large again."""
    width, height = image.size
    small = image.resize(
        (max(8, round(width * share)), max(8, round(height * share))), Image.Resampling.BILINEAR
    )
    return small.resize(image.size, Image.Resampling.BICUBIC)


def scan(rng: np.random.Generator, image: Image.Image, smallest: float) -> Image.Image:
    """A sheet through a scanner, copier or fax. ``smallest`` is its lowest line height in pixels."""
    if rng.random() < 0.12:
        image = bleed_through(rng, image)
    if rng.random() < 0.2:
        image = fade(rng, image, float(rng.uniform(0.15, 0.55)))
    if rng.random() < 0.25:
        image = scanner_edges(rng, image)
    if rng.random() < 0.12:
        image = holes(rng, image)
    roll = rng.random()
    if roll < 0.42:
        image = _bilevel(rng, image, smallest)
    elif roll < 0.85:
        image = _greyscale(rng, image, smallest)
    if rng.random() < 0.3:
        image = speckle(rng, image, int(rng.gamma(1.0, 120)), dark=bool(rng.random() < 0.85))
    if rng.random() < 0.12:
        image = streaks(rng, image)
    if rng.random() < 0.02:
        image = ImageOps.invert(image)  # a negative: microfilm
    if rng.random() < 0.4:
        image = jpeg(image, int(rng.integers(30, 95)))
    return image


def streaks(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Thin lines down or across the page: dust on the scanner's glass, a fax head's fault, a fold."""
    pen, (width, height) = ImageDraw.Draw(image), image.size
    for _ in range(int(rng.integers(1, 4))):
        tone = int(rng.integers(0, 256))
        ink = tone if image.mode == "L" else (tone, tone, tone)
        drift = rng.normal(0, 0.004, 1)[0]
        if rng.random() < 0.6:
            x = rng.random() * width
            pen.line((x, 0, x + drift * width, height), ink, 1)
        else:
            y = rng.random() * height
            pen.line((0, y, width, y + drift * height), ink, 1)
    if rng.random() < 0.3:  # a dark, grainy band along one side, as of a book's gutter
        band = int(width * rng.uniform(0.01, 0.06))
        grain = np.where(rng.random((height, max(band, 1))) < rng.uniform(0.2, 0.8), 0, 255).astype(np.uint8)
        side = 0 if rng.random() < 0.5 else width - band
        image.paste("black", (side, 0), ImageOps.invert(Image.fromarray(grain)))
    return image


def _bilevel(rng: np.random.Generator, image: Image.Image, smallest: float) -> Image.Image:
    # Small print breaks under hard thresholds: the smaller, the nearer to its true weight.
    image = threshold(rng, image, 0.45 if smallest > 12 else 0.25)
    roll = rng.random()
    if roll < 0.6:  # most are kept at a lower resolution than they were scanned: soft again
        image = blur(image, float(rng.uniform(0.3, 0.8)))
    if roll < 0.25:
        image = levels(image, float(rng.uniform(0, 80)), float(rng.uniform(215, 255)))
    return image


def _greyscale(rng: np.random.Generator, image: Image.Image, smallest: float) -> Image.Image:
    if rng.random() < 0.4:
        image = shade(rng, image, float(rng.uniform(0.05, 0.35)))
    image = blur(image, float(rng.uniform(0, min(1.4, smallest * 0.07))))
    if rng.random() < 0.6:
        black = float(rng.uniform(0, 100))
        image = levels(image, black, float(rng.uniform(max(black + 90, 190), 265)))
    if rng.random() < 0.6:
        image = add_noise(rng, image, float(rng.gamma(2.0, 3.0)))
    return image


def camera(rng: np.random.Generator, image: Image.Image, smallest: float) -> Image.Image:
    """Taken with a hand-held camera: light, shadow, focus, grain, compression."""
    if rng.random() < 0.6:
        image = shade(rng, image, float(rng.uniform(0.1, 0.6)))
    if rng.random() < 0.25:
        image = shadow(rng, image)
    roll, most = rng.random(), min(2.2, smallest * 0.09)  # blur must leave the smallest line readable
    if roll < 0.6:
        image = blur(image, float(rng.uniform(0, most)))
    elif roll < 0.72:
        image = motion(rng, image, 1 if smallest < 18 else int(rng.integers(1, 3)))
    elif roll < 0.8 and smallest > 12:
        image = low_resolution(image, float(rng.uniform(0.5, 0.9)))
    if rng.random() < 0.35:
        black = float(rng.uniform(0, 60))
        image = levels(image, black, float(rng.uniform(150, 275)))
    if rng.random() < 0.5:
        image = add_noise(rng, image, float(rng.gamma(2.0, 2.5)))
    if rng.random() < 0.7:
        image = jpeg(image, int(rng.integers(25, 95)))
    return image


def capture(rng: np.random.Generator, image: Image.Image, smallest: float) -> Image.Image:
    """A screen capture: mostly untouched, now and then scaled or compressed."""
    roll = rng.random()
    if roll < 0.2:
        image = blur(image, float(rng.uniform(0.2, min(0.8, smallest * 0.05))))
    elif roll < 0.28 and smallest > 12:
        image = low_resolution(image, float(rng.uniform(0.6, 0.95)))
    if rng.random() < 0.35:
        image = jpeg(image, int(rng.integers(35, 95)))
    return image

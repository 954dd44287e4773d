"""What cameras, scanners, copiers and printers do to a picture of text.

Every function takes and returns grey float32 (h, w) in 0..255 unless it says otherwise.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from ocrcli.synth.backgrounds import smooth_field

FILTERS = (
    Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS,
    Image.Resampling.BOX, Image.Resampling.HAMMING,
)  # fmt: skip


def to_bytes(image: np.ndarray) -> np.ndarray:
    """Rounded and clipped to uint8."""
    return (image + 0.5).clip(0, 255).astype(np.uint8)


def to_image(image: np.ndarray) -> Image.Image:
    """The same as a picture of Pillow's, mode L."""
    return Image.fromarray(to_bytes(image))


def resized_bytes(image: np.ndarray, width: int, height: int, method: Image.Resampling) -> np.ndarray:
    """The image at another size, uint8."""
    return np.asarray(to_image(image).resize((width, height), method))


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Defocus: a Gaussian of ``sigma`` pixels."""
    return np.asarray(to_image(image).filter(ImageFilter.GaussianBlur(sigma)), dtype=np.float32)


def motion_blur(image: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """The camera moved by (dx, dy) pixels while the shutter was open: float32 (h, w) or (h, w, 3)."""
    steps = max(2, round(max(abs(dx), abs(dy))) + 1)
    height, width = image.shape[:2]
    reach = int(np.ceil(max(abs(dx), abs(dy)) / 2))
    padded = np.pad(image, [(reach, reach)] * 2 + [(0, 0)] * (image.ndim - 2), mode="edge")
    total = np.zeros_like(image)
    for t in np.linspace(-0.5, 0.5, steps):
        y, x = reach + round(t * dy), reach + round(t * dx)
        total += padded[y : y + height, x : x + width]
    return total / steps


def shaken(image: np.ndarray, way: float, angle: float) -> np.ndarray:
    """As ``motion_blur``, by ``way`` pixels in the direction ``angle``, radians."""
    return motion_blur(image, way * np.cos(angle), way * np.sin(angle))


def noise(rng: np.random.Generator, image: np.ndarray, sigma: float) -> np.ndarray:
    """Sensor noise of ``sigma`` grey levels."""
    return image + rng.standard_normal(image.shape, dtype=np.float32) * np.float32(sigma)


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """Saved as JPEG and read again."""
    picture = to_image(image)
    # The codec alone: files and their headers would take as long again.
    saved = picture.tobytes("jpeg", "L", quality)
    return np.asarray(Image.frombytes("L", picture.size, saved, "jpeg", "L", ""), dtype=np.float32)


def uneven_light(rng: np.random.Generator, image: np.ndarray, strength: float) -> np.ndarray:
    """Bright on one side, dark on the other: multiplied by 1 ± ``strength``."""
    height, width = image.shape
    return image * (1 + strength * smooth_field(rng, height, width, 1))


def contrast(image: np.ndarray, gain: float, centre: float) -> np.ndarray:
    """Steeper (gain > 1) or flatter grey scale about ``centre``, clipped."""
    return np.clip((image - centre) * gain + centre, 0, 255)


def binarise(image: np.ndarray, threshold: float) -> np.ndarray:
    """Black and white as fax machines and copiers make it."""
    return np.where(image < threshold, np.float32(0), np.float32(255))


def speckle(rng: np.random.Generator, image: np.ndarray, share: float, value: float) -> np.ndarray:
    """Specks of 1–3 pixels over ``share`` of the area."""
    height, width = image.shape
    image = image.copy()
    for _ in range(rng.poisson(share * height * width)):
        y, x = int(rng.integers(height)), int(rng.integers(width))
        size = int(rng.integers(1, 4))
        image[y : y + size, x : x + int(rng.integers(1, 4))] = value
    return image


def low_resolution(rng: np.random.Generator, image: np.ndarray, height: int) -> np.ndarray:
    """Through ``height`` rows and back: what a small text in a picture keeps."""
    rows, columns = image.shape
    if height >= rows:
        return image
    width = max(2, round(columns * height / rows))
    down, up = FILTERS[int(rng.integers(len(FILTERS)))], FILTERS[int(rng.integers(3))]
    small = to_image(image).resize((width, height), down)
    return np.asarray(small.resize((columns, rows), up), dtype=np.float32)

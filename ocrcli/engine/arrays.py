"""Pictures that are in memory already: NumPy arrays and Pillow images as RGB pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

from ocrcli.engine.images import to_rgb
from ocrcli.errors import InputError

SHAPES = "(H, W), (H, W, 3) or (H, W, 4)"


def image_pixels(image: Any, name: str) -> np.ndarray:
    """A Pillow image, of several frames the present one, as uint8 (H, W, 3). Raises InputError."""
    try:
        return to_rgb(image)
    except Exception as error:  # decoders raise nearly anything on damaged files
        raise InputError(f"{name}: damaged or cut short ({' '.join(str(error).split())})") from error


def array_pixels(array: Any, name: str) -> np.ndarray:
    """An array as RGB pixels, uint8 (H, W, 3). Raises InputError for one that is no picture.

    It is grey (H, W) or (H, W, 1), grey with alpha (H, W, 2), RGB (H, W, 3) or RGBA
    (H, W, 4). Values are 0 … 255, floats or booleans 0 … 1, or the 10 to 16 bits of a scanner,
    told by the largest one as in a file.
    """
    from PIL import Image

    values = np.asarray(array)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (2, 3, 4)):
        raise InputError(f"{name}: an array of shape {np.shape(array)} is no picture; {SHAPES} is")
    if values.dtype.kind not in "buif" or not values.size:
        raise InputError(f"{name}: an array of {values.dtype}, shape {values.shape} is no picture")
    if values.dtype != np.uint8:
        values = _eight_bits(values)
    if values.ndim == 3 and values.shape[2] == 3:
        return np.ascontiguousarray(values)
    return to_rgb(Image.fromarray(np.ascontiguousarray(values)))


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """Values of any depth, (H, W) or (H, W, C), as uint8; all channels by one scale."""
    from PIL import Image

    if values.dtype == np.bool_:
        return values.astype(np.uint8) * 255
    flat = np.ascontiguousarray(values.reshape(len(values), -1), np.float32)  # (H, W · C)
    return to_rgb(Image.fromarray(flat))[:, :, 0].reshape(values.shape)

"""Several looks at each character, averaged: what ``ocr eval char --tta`` scores.

Papers often report such figures. Nothing else uses it: it costs five times the work.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.engine.charnorm import SIZE, normalise_batch
from ocrcli.engine.classifier import CharClassifier

# Tilt in radians and slant in pixels a pixel: half of what training shows. The first is the picture itself.
LOOKS = ((0.0, 0.0), (0.1, 0.0), (-0.1, 0.0), (0.0, 0.12), (0.0, -0.12))


def classify_with_looks(classifier: CharClassifier, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """As ``classifier.classify_batch``: pictures uint8 (N, H, W) → probabilities (N, classes), averaged.

    The mean is of logarithms (a geometric one): one look that is sure of nothing changes little.
    """
    pictures, inked = normalise_batch(images)
    chances = np.full((len(images), len(classifier.alphabet)), 1 / len(classifier.alphabet), np.float32)
    if not inked.any():
        return chances
    total = np.zeros((int(inked.sum()), len(classifier.alphabet)), np.float32)
    for tilt, slant in LOOKS:
        seen = classifier.probabilities(turned(pictures[inked], tilt, slant))
        total += np.log(np.maximum(seen, 1e-12)) / len(LOOKS)
    shifted = np.exp(total - total.max(1, keepdims=True))
    chances[inked] = shifted / shifted.sum(1, keepdims=True)
    return chances


def turned(pictures: NDArray[np.uint8], tilt: float, slant: float) -> NDArray[np.uint8]:
    """Each of (N, 28, 28) turned and slanted about its centre."""
    if not tilt and not slant:
        return pictures
    a, b, c, d = math.cos(tilt), slant - math.sin(tilt), math.sin(tilt), math.cos(tilt)
    middle = (SIZE - 1) / 2
    matrix = (a, b, middle - (a + b) * middle, c, d, middle - (c + d) * middle)
    bilinear = Image.Resampling.BILINEAR
    return np.stack(
        [
            np.asarray(Image.fromarray(one).transform((SIZE, SIZE), Image.Transform.AFFINE, matrix, bilinear))
            for one in pictures
        ]
    )

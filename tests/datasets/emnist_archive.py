"""NIST's gzip.zip in small: true member names, idx files in gzip, images transposed."""

import gzip
import string
import struct
import zipfile
from pathlib import Path

import numpy as np

UPPER = string.ascii_uppercase
MERGED = string.digits + UPPER + "abdefghnqrt"  # Cohen 2017: the letters whose cases look different
CODES = {
    "byclass": [(i, ord(c)) for i, c in enumerate(string.digits + UPPER + string.ascii_lowercase)],
    "bymerge": [(i, ord(c)) for i, c in enumerate(MERGED)],
    "balanced": [(i, ord(c)) for i, c in enumerate(MERGED)],
    "letters": [(i, ord(c), ord(c.lower())) for i, c in enumerate(UPPER, 1)],
    "digits": [(i, ord(c)) for i, c in enumerate(string.digits)],
    "mnist": [(i, ord(c)) for i, c in enumerate(string.digits)],
}


def drawn(labels: np.ndarray) -> np.ndarray:
    """Upright pictures (n, 28, 28), each its own: a bar across the top, one down the left, a number."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 3, 3:25] = 255
    images[:, 4:15, 3] = 200
    images[:, 20, 5:7] = np.stack([labels, np.arange(len(labels)) % 251], 1)
    return images


def sample(split: str, counts: dict[str, int]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Raw labels and upright images of each part."""
    rng = np.random.default_rng(len(split))
    labels = {p: rng.choice([row[0] for row in CODES[split]], n).astype(np.uint8) for p, n in counts.items()}
    return {part: (raw, drawn(raw)) for part, raw in labels.items()}


def idx_images(images: np.ndarray) -> bytes:
    """As NIST's: each image transposed."""
    head = struct.pack(">IIII", 0x803, len(images), 28, 28)
    return gzip.compress(head + np.ascontiguousarray(images.transpose(0, 2, 1)).tobytes(), 1)


def idx_labels(labels: np.ndarray) -> bytes:
    return gzip.compress(struct.pack(">II", 0x801, len(labels)) + labels.tobytes(), 1)


def members(split: str, parts: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, bytes]:
    """Names in the archive and their bytes."""
    rows = "".join(" ".join(map(str, row)) + "\n" for row in CODES[split])
    found = {f"gzip/emnist-{split}-mapping.txt": rows.encode()}
    for part, (labels, images) in parts.items():
        found[f"gzip/emnist-{split}-{part}-images-idx3-ubyte.gz"] = idx_images(images)
        found[f"gzip/emnist-{split}-{part}-labels-idx1-ubyte.gz"] = idx_labels(labels)
    return found


def write_zip(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("gzip/", b"")
        for name, data in contents.items():
            packed.writestr(name, data)
    return path


def small_archive(path: Path, counts: dict[str, int], splits: tuple[str, ...] = ("byclass",)) -> Path:
    """An archive with ``counts`` images in each part of each split."""
    contents: dict[str, bytes] = {}
    for split in splits:
        contents |= members(split, sample(split, counts))
    return write_zip(path, contents)

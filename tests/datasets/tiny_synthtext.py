"""A SynthText of a few small images, in each of its true forms."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io
from PIL import Image, ImageDraw, ImageFont

SIZE = (200, 150)
VOCABULARY = ["the", "quick", "brown", "Fox", "jumps", "over", "1984", "Hello"]


@dataclass(frozen=True)
class Scene:
    """One image: JPEG bytes, quads of words (n, 4, 2) and characters (k, 4, 2), texts by instance."""

    jpeg: bytes
    words: np.ndarray
    chars: np.ndarray
    instances: list[str]

    @property
    def texts(self) -> list[str]:
        return " ".join(self.instances).split()


def scene(seed: int, lines: int = 0) -> Scene:
    """Dark words on light, one or two a line, drawn upright; by default one to three lines."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", SIZE, (220, 210, 200))
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(22.0)
    words, chars, rows = [], [], []
    for line in range(lines or int(rng.integers(1, 4))):
        x, y, row = 8.0, 8.0 + 44 * line, []
        for _ in range(int(rng.integers(1, 3))):
            word = str(rng.choice(VOCABULARY))
            pen.text((x, y), word, fill=(20, 20, 30), font=font)
            words.append(box(x, y, x + font.getlength(word), y + 28))
            for i, _ in enumerate(word):
                chars.append(box(x + font.getlength(word[:i]), y, x + font.getlength(word[: i + 1]), y + 28))
            row.append(word)
            x += font.getlength(word) + 9
        rows.append(" ".join(row))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    # The last line is an instance of its own, the others are one with line feeds, as the original has them.
    instances = ["\n".join(rows[:-1]), rows[-1]] if len(rows) > 1 else rows
    return Scene(file.getvalue(), np.array(words), np.array(chars), instances)


def box(x0: float, y0: float, x1: float, y1: float) -> list[list[float]]:
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def annotation(made: Scene, **changes: Any) -> dict[str, Any]:
    """The object in the column ``json`` of the Hub's copy."""
    fields = {
        "bounding_boxes": made.words.tolist(),
        "bb_relative": (made.words / SIZE).tolist(),
        "bb_character_level": made.chars.tolist(),
        "text": made.instances,
    }
    return {"caption": "words", "ocr_annotation": {**fields, **changes}}


def write_tars(folder: Path, count: int, a_tar: int = 10) -> Path:
    """Webdataset tars; each image is followed by its annotation."""
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, count, a_tar):
        with tarfile.open(folder / f"{start // a_tar:05d}.tar", "w") as tar:
            for i in range(start, min(start + a_tar, count)):
                made = scene(i)
                add(tar, f"{i:06d}.jpg", made.jpeg)
                add(tar, f"{i:06d}.json", json.dumps(annotation(made)).encode())
    return folder


def add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def write_parquet(folder: Path, count: int, as_text: bool = False) -> Path:
    """Parquet as the Hub converts the tars: an image struct, a nested json, ``__key__`` and ``__url__``."""
    import pyarrow as pa
    from pyarrow import parquet

    folder.mkdir(parents=True, exist_ok=True)
    made = [scene(i) for i in range(count)]
    records = [annotation(one) for one in made]
    table = pa.table(
        {
            "jpg": [{"bytes": one.jpeg, "path": f"{i:06d}.jpg"} for i, one in enumerate(made)],
            "json": [json.dumps(record) for record in records] if as_text else records,
            "__key__": [f"{i:06d}" for i in range(count)],
            "__url__": ["hf://00000.tar"] * count,
        }
    )
    parquet.write_table(table, folder / "0000.parquet", row_group_size=7)
    return folder


def write_original(folder: Path, count: int, compressed: bool = True) -> Path:
    """``SynthText/`` with ``gt.mat``; every third image has one word, hence boxes of 2 × 4."""
    columns: dict[str, Any] = {
        name: np.empty((1, count), object) for name in ("imnames", "wordBB", "charBB", "txt")
    }
    for i in range(count):
        made = one_word(i) if i % 3 == 0 else scene(i)
        name = f"{i % 4}/scene_{i}.jpg"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(made.jpeg)
        columns["imnames"][0, i] = np.array([name])
        columns["wordBB"][0, i] = np.squeeze(made.words.transpose(2, 1, 0)).astype(np.float32)
        columns["charBB"][0, i] = made.chars.transpose(2, 1, 0)
        columns["txt"][0, i] = np.array(made.instances)
    scipy.io.savemat(folder / "gt.mat", columns, do_compression=compressed)
    return folder


def one_word(seed: int) -> Scene:
    made = scene(seed, lines=1)
    while len(made.words) > 1:
        seed += 1000
        made = scene(seed, lines=1)
    return made

"""Words of 32 × 128 pixels in clear print: milliseconds a word on one thread, ours beside its peers.

    python benchmarks/word_speed.py [--words 300] [--fonts FOLDER] [--rapidocr-python PATH]

Ours is measured in the process, models loaded: all words as one batch, each alone, and the network
without what the engine does around it. The peers read files, each in a process of its own whose time
with one word is taken off. Needs the extra ``train``; the faces are held out from training.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import which
from typing import TypeVar

import numpy as np
from peers import RapidOcr, Tesseract
from PIL import Image, ImageDraw

HEIGHT, WIDTH = 32, 128
INK, PAPER, MARGIN = 30, 240, 5
SIZE = 40  # pixels an em, before a word is brought to its size
SQUEEZE = 1.25  # by which its width may be changed at most
NUMBERS = 0.2  # of the words
SEED = 32
RUNS = 5

Result = TypeVar("Result")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--fonts", type=Path, help="a folder of fonts, in place of the system's")
    parser.add_argument("--rapidocr-python", type=Path, help="a Python in which rapidocr is installed")
    options = parser.parse_args()
    texts, images = _rendered(options.words, options.fonts)
    rows = _ours(texts, images)
    peers: list[Tesseract | RapidOcr] = [Tesseract()] if which("tesseract") else []
    if options.rapidocr_python:
        peers.append(RapidOcr(options.rapidocr_python, 1))
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{i}.png" for i in range(len(images))]
        for file, image in zip(files, images, strict=True):
            Image.fromarray(image).save(file)
        for peer in peers:
            read, run = peer.words(files)
            start = peer.words(files[:1])[1].wall
            rows.append((peer.name, (run.wall - start) / (len(files) - 1), _right(texts, read)))
    print(f"{len(images)} words of {HEIGHT} × {WIDTH}, one thread")
    for name, seconds, right in rows:
        print(f"{name:<24}{1e3 * seconds:>7.2f} ms a word" + (f"{right:>8.1%} right" if right else ""))


def _ours(texts: Sequence[str], images: Sequence[np.ndarray]) -> list[tuple[str, float, float]]:
    """What was measured, seconds a word, share that was read right."""
    from ocrcli.cli.predict import words_of
    from ocrcli.engine import Decoding, Reader

    reader, decoding = Reader(threads=1), Decoding(lexicon=words_of(None))
    reader.prepare("word")
    network = reader.recogniser.networks["words"]
    strips = np.stack([image[:, :, 0] for image in images])[:, None]

    def run(size: int) -> None:
        for start in range(0, len(strips), size):
            network.run(strips[start : start + size])

    batched, read = _fastest(lambda: reader.read_words(images, decoding))
    alone, each = _fastest(lambda: [reader.read_words([image], decoding)[0] for image in images])
    figures = [
        ("ocrcli, batched", batched, _right(texts, [reading.text for reading in read])),
        ("ocrcli, alone", alone, _right(texts, [reading.text for reading in each])),
        ("its network, batched", _fastest(lambda: run(32))[0], 0.0),
        ("its network, alone", _fastest(lambda: run(1))[0], 0.0),
    ]
    return [(name, seconds / len(images), right) for name, seconds, right in figures]


def _fastest(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of the fastest of some runs, and what the last one gave."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return min(times), result


def _right(texts: Sequence[str], read: Sequence[str]) -> float:
    return sum(map(str.__eq__, texts, read)) / len(texts)


def _rendered(count: int, folder: Path | None) -> tuple[list[str], list[np.ndarray]]:
    """So many words and numbers, and their pictures (32, 128, 3)."""
    from ocrcli.engine.lexicon import english
    from ocrcli.synth.fonts import FontLibrary, open_face

    rng = np.random.default_rng(SEED)
    _, fonts = FontLibrary.discover([folder] if folder else None).split()
    words = sorted(word for word in english().words if word.isalpha() and word.isascii())
    texts: list[str] = []
    images: list[np.ndarray] = []
    while len(texts) < count:
        if rng.random() < NUMBERS:
            text = f"{rng.integers(100, 10_000)}.{rng.integers(100):02d}"
        else:
            word = words[rng.integers(len(words))]
            text = (word, word.capitalize(), word.upper())[rng.integers(3)]
        face = fonts.pick(rng, text, {"sans": 1.0, "serif": 1.0})
        if face is None:
            continue
        font = open_face(face.path, face.index, SIZE)
        left, top, right, bottom = font.getbbox(text)
        size = round(right - left) + 2 * MARGIN, round(bottom - top) + 2 * MARGIN
        if not 1 / SQUEEZE < size[0] * HEIGHT / (size[1] * WIDTH) < SQUEEZE:
            continue
        picture = Image.new("L", size, PAPER)
        ImageDraw.Draw(picture).text((MARGIN - left, MARGIN - top), text, INK, font)
        picture = picture.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        texts.append(text)
        images.append(np.asarray(picture.convert("RGB")))
    return texts, images


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()

"""How fast are raw datasets turned into stores, how much memory does that take, and how fast are stores read?

Each dataset is imitated in its true format and, where it matters, at its true size, from characters
and words of the project's own renderer. A plain ``datasets.map`` does the same work beside it.

    python benchmarks/preprocess.py emnist
    python benchmarks/preprocess.py emnist --share 0.1 --no-peer
    python benchmarks/preprocess.py synthtext --share 0.1
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import resource
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from ocrcli.synth.pages import PageSample

DRAWN = 500  # characters that are really drawn; the imitation repeats them, noise and all
NOISE = 3  # grey levels; real scans do not compress as well as copies of drawings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("dataset", choices=sorted(BENCHMARKS))
    parser.add_argument("--share", type=float, default=1.0, help="of the dataset's true size")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-peer", action="store_true", help="without datasets.map")
    parser.add_argument("--folder", type=Path, help="where to work, and to keep the imitation")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        BENCHMARKS[options.dataset](folder, options)


@dataclass(frozen=True)
class Measured:
    """Seconds on the clock and of processors (workers included), and the largest resident sets in KiB.

    ``worker_kib`` is that of the largest worker, 0 without any.
    """

    seconds: float
    cpu: float
    peak_kib: int
    worker_kib: int = 0


def report(what: str, measured: Measured, count: int, unit: str) -> None:
    rate, memory = count / measured.seconds, measured.peak_kib / 1024
    per_core = count / measured.cpu  # on a busy machine the steadier of the two
    print(f"{what:<38} {measured.seconds:7.1f} s {rate:11,.0f} {unit}/s", end="  ")
    print(f"{measured.cpu:6.1f} cpu s {per_core:9,.0f} a core  peak {memory:5.0f} MiB", end="")
    print(f", a worker {measured.worker_kib / 1024:.0f}" if measured.worker_kib else "", flush=True)


def in_a_process(code: str, *arguments: object) -> Measured:
    """Runs Python code by itself; its last line of output, if any, is how long the part that matters took.

    The peak is that of the process itself (Linux's VmHWM): ru_maxrss begins at what its parent had.
    """
    tail = """
import multiprocessing, resource
had_workers = [worker.join() for worker in multiprocessing.active_children()]
print(next(x.split()[1] for x in open("/proc/self/status") if x.startswith("VmHWM")),
      resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if had_workers else 0)
"""
    before, start = _child_seconds(), time.monotonic()
    command = [sys.executable, "-c", code + tail, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    *told, peak, worker = done.stdout.split()
    seconds = float(told[-1]) if told else time.monotonic() - start
    return Measured(seconds, _child_seconds() - before, int(peak), int(worker))


def _child_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# --- EMNIST ------------------------------------------------------------------------------------

EMNIST_STORE = """
import sys
from pathlib import Path
from ocrcli.datasets.emnist import Options, convert
convert(Path(sys.argv[1]), "byclass", Path(sys.argv[2]), Options(any_count=True))
"""
# The same with the Hub's library: labels to characters, images upright, written for random reading.
EMNIST_PEER = """
import gzip, sys, zipfile
import datasets, numpy as np
datasets.disable_progress_bars()
source, target, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])

def rows(part):
    with zipfile.ZipFile(source) as packed:
        def member(kind):
            return gzip.GzipFile(fileobj=packed.open(f"gzip/emnist-byclass-{part}-{kind}-ubyte.gz"))
        labels = np.frombuffer(member("labels-idx1").read()[8:], np.uint8)
        images = member("images-idx3")
        images.read(16)
        for label in labels:
            yield {"image": np.frombuffer(images.read(784), np.uint8).reshape(28, 28), "label": label}

def upright(batch):
    return {"image": np.asarray(batch["image"], np.uint8).transpose(0, 2, 1),
            "character": [alphabet[label] for label in batch["label"]]}

with zipfile.ZipFile(source) as packed:
    mapping = packed.read("gzip/emnist-byclass-mapping.txt").splitlines()
alphabet = [chr(int(line.split()[1])) for line in mapping]
features = datasets.Features(image=datasets.Array2D((28, 28), "uint8"), label=datasets.Value("uint8"))
for part in ("train", "test"):
    raw = datasets.Dataset.from_generator(rows, features=features, gen_kwargs={"part": part},
                                          cache_dir=target + "-cache")
    raw = raw.with_format("numpy")
    out = datasets.Features(**features, character=datasets.Value("string"))
    raw.map(upright, batched=True, num_proc=workers, features=out).save_to_disk(f"{target}/{part}")
"""
READ_CHUNKS = """
import sys, time
import numpy as np
from ocrcli.datasets.charstore import CharStore
store = CharStore(sys.argv[1])
images, total = store.images("train"), 0
start_time = time.monotonic()
order = np.random.default_rng(0).permutation(len(images) // 256) * 256
for start in order:  # batches of neighbours, in random order
    total += int(np.array(images[start : start + 256])[:, 0, 0].sum())
print(time.monotonic() - start_time)
"""
READ_SINGLE = READ_CHUNKS.replace("np.random.default_rng(0).permutation(len(images) // 256) * 256",
    "np.random.default_rng(0).permutation(len(images))[: len(images) // 256 * 256].reshape(-1, 256)").replace(
    "images[start : start + 256]", "images[start]")  # fmt: skip


def emnist(folder: Path, options: argparse.Namespace) -> None:
    """ByClass in NIST's zip → store; reading of the store."""
    counts = {"train": round(697_932 * options.share), "test": round(116_323 * options.share)}
    source, target = folder / f"emnist-{options.share:g}.zip", folder / "emnist-byclass.h5"
    if not source.exists():
        imitate_emnist(source, counts)
    total = sum(counts.values())
    print(f"{source.stat().st_size / 2**20:.0f} MiB of zip, {total:,} images")
    target.unlink(missing_ok=True)
    report(
        "ocr preprocess emnist --split byclass", in_a_process(EMNIST_STORE, source, target), total, "images"
    )
    train = int(counts["train"] * 0.95) // 256 * 256
    report("reading, 256 neighbours a batch", in_a_process(READ_CHUNKS, target), train, "images")
    report("reading, 256 at random a batch", in_a_process(READ_SINGLE, target), train, "images")
    if not options.no_peer:
        peer = in_a_process(EMNIST_PEER, source, folder / "peer", options.workers)
        report(f"datasets.map, {options.workers} processes", peer, total, "images")


def imitate_emnist(path: Path, counts: dict[str, int]) -> None:
    """NIST's ``gzip.zip`` with its split byclass: true member names and layout, images transposed."""
    from ocrcli.alphabet import EMNIST_BYCLASS, Alphabet
    from ocrcli.synth.chars import CharRenderer
    from ocrcli.synth.fonts import FontLibrary

    draw = CharRenderer(FontLibrary.discover(None), Alphabet(EMNIST_BYCLASS)).render
    rng = np.random.default_rng(0)
    samples = [draw(rng) for _ in range(DRAWN)]
    images = np.stack([sample.image.T for sample in samples])
    labels = np.array([EMNIST_BYCLASS.index(sample.label) for sample in samples], np.uint8)
    mapping = "".join(f"{i} {ord(c)}\n" for i, c in enumerate(EMNIST_BYCLASS))
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("gzip/emnist-byclass-mapping.txt", mapping)
        for part, count in counts.items():
            chosen = rng.integers(0, DRAWN, count)
            name = f"gzip/emnist-byclass-{part}"
            with packed.open(f"{name}-labels-idx1-ubyte.gz", "w") as raw, gzip.open(raw, "wb", 1) as out:
                out.write(struct.pack(">II", 0x801, count) + labels[chosen].tobytes())
            with packed.open(f"{name}-images-idx3-ubyte.gz", "w") as raw, gzip.open(raw, "wb", 1) as out:
                out.write(struct.pack(">IIII", 0x803, count, 28, 28))
                for start in range(0, count, 8192):
                    block = images[chosen[start : start + 8192]].astype(np.int16)
                    block += rng.integers(-NOISE, NOISE + 1, block.shape, np.int16) * (block > 0)
                    out.write(block.clip(0, 255).astype(np.uint8).tobytes())


# --- SynthText ---------------------------------------------------------------------------------

SYNTHTEXT_IMAGES = 20_000  # of 858,750, at --share 1
DRAWN_SCENES = 100  # pages of the renderer, of about SynthText's size; tars repeat them
SYNTHTEXT_STORE = """
import sys
from pathlib import Path
from ocrcli.datasets.convert import convert
from ocrcli.datasets.synthtext import Options, plan
if __name__ == "__main__":
    convert(plan(Path(sys.argv[1]), Path(sys.argv[2]), Options(kind=sys.argv[4]))[0], int(sys.argv[3]))
"""
# The same with the Hub's library: the same words, by the same judging and cutting, padded to the same widths,
# with text, box and source. What differs is who reads, distributes and writes them.
SYNTHTEXT_PEER = """
import sys
from collections import Counter
from pathlib import Path
import datasets, numpy as np
from ocrcli.datasets.annotation import AnnotationError, HubMarkup
from ocrcli.datasets.synthtext import decode_grey, words_of
from ocrcli.datasets.wordstore import pack_words

def cut(batch):
    rows = {name: [] for name in features}
    for image, record, name in zip(batch["jpg"], batch["json"], batch["__key__"]):
        try:
            grey = decode_grey(image["bytes"])
            found = HubMarkup(record).read((grey.shape[1], grey.shape[0]), chars=False)
        except AnnotationError:
            continue
        words, reasons = words_of(grey, found, 0.0)
        for width, bucket in pack_words(words, [name], Counter(reasons)).buckets.items():
            rows["pixels"] += [strip.tobytes() for strip in bucket.pixels]
            rows["width"] += bucket.widths.tolist()
            rows["text"] += bucket.texts
            rows["box"] += list(bucket.box.reshape(-1, 8))
            rows["source"] += [name] * len(bucket.texts)
    return rows

Value = datasets.Value
features = datasets.Features(pixels=Value("binary"), width=Value("int32"), text=Value("string"),
                             box=datasets.List(Value("float32"), 8), source=Value("string"))
if __name__ == "__main__":
    datasets.disable_progress_bars()
    files = sorted(map(str, Path(sys.argv[1]).glob("*.tar")))
    raw = datasets.load_dataset(
        "webdataset", data_files={"train": files}, split="train", cache_dir=sys.argv[2] + "-cache"
    ).cast_column("jpg", datasets.Image(decode=False))
    done = raw.map(cut, batched=True, batch_size=32, num_proc=int(sys.argv[3]), features=features,
                   remove_columns=raw.column_names)
    done.save_to_disk(sys.argv[2])
    assert len(done) == int(sys.argv[4]), "other words than ours"
"""
READ_STRIPS = """
import sys, time
from concurrent.futures import ProcessPoolExecutor
import numpy as np
from ocrcli.datasets.wordstore import WordStore

def read(task):
    path, seed, batches = task
    store = WordStore(path)
    width = 128
    starts = np.random.default_rng(seed).integers(0, store.buckets[width] - 64, batches)
    start_time = time.monotonic()
    for start in starts.tolist():
        batch = store.read(width, start, 64)
        assert len(batch.texts) == 64 and int(batch.pixels[0, 0, 0]) >= 0
    return time.monotonic() - start_time

with ProcessPoolExecutor(int(sys.argv[2])) as pool:
    print(max(pool.map(read, [(sys.argv[1], seed, int(sys.argv[3])) for seed in range(int(sys.argv[2]))])))
"""


def synthtext(folder: Path, options: argparse.Namespace) -> None:
    """Tars as the Hub has them → stores of words and of pages; reading of the words."""
    count = round(SYNTHTEXT_IMAGES * options.share)
    source = folder / f"synthtext-{options.share:g}"
    if not source.exists():
        imitate_synthtext(source, count)
    from ocrcli.datasets.store import describe

    print(f"{sum(f.stat().st_size for f in source.glob('*.tar')) / 2**20:.0f} MiB of tars, {count:,} images")
    for kind, unit in (("word", "crops"), ("page", "pages")):
        target = folder / f"synthtext-{kind}.h5"
        target.unlink(missing_ok=True)
        for workers in sorted({1, options.workers}):
            target.unlink(missing_ok=True)
            measured = in_a_process(SYNTHTEXT_STORE, source, target, workers, kind)
            report(
                f"ocr preprocess --kind {kind}, {workers} workers", measured, describe(target).samples, unit
            )
    words, batches = folder / "synthtext-word.h5", 2000
    read = in_a_process(READ_STRIPS, words, options.workers, batches)
    report(f"reading, {options.workers} workers, 64 a batch", read, 64 * batches * options.workers, "strips")
    if not options.no_peer:
        count = describe(words).samples
        peer = in_a_process(SYNTHTEXT_PEER, source, folder / "peer", options.workers, count)
        report(f"datasets.map, {options.workers} processes", peer, count, "crops")


def imitate_synthtext(folder: Path, count: int, a_tar: int = 2000) -> None:
    """Webdataset tars with the true members: some rendered scenes, again and again."""
    from ocrcli.synth.fonts import FontLibrary
    from ocrcli.synth.pages import PageRenderer

    renderer = PageRenderer(FontLibrary.discover(None), kinds={"scene": 1.0}, size=(0.26, 0.28))
    scenes = [_scene(renderer.render(np.random.default_rng([7, i]))) for i in range(DRAWN_SCENES)]
    folder.mkdir(parents=True)
    for start in range(0, count, a_tar):
        with tarfile.open(folder / f"{start // a_tar:05d}.tar", "w") as tar:
            for i in range(start, min(start + a_tar, count)):
                for suffix, data in zip(("jpg", "json"), scenes[i % DRAWN_SCENES], strict=True):
                    member = tarfile.TarInfo(f"{i:06d}.{suffix}")
                    member.size = len(data)
                    tar.addfile(member, io.BytesIO(data))


def _scene(page: PageSample) -> tuple[bytes, bytes]:
    """The JPEG and the JSON of a rendered scene."""
    file = io.BytesIO()
    Image.fromarray(page.image).save(file, "JPEG", quality=90)
    words = [word for line in page.words for word in line]
    size = page.image.shape[1::-1]
    quads = np.array([quad for _, quad in words], float).reshape(-1, 4, 2)
    chars = np.repeat(quads, [len(text) for text, _ in words], axis=0)  # as many as there would be
    boxes = {"bounding_boxes": quads.tolist(), "bb_relative": (quads / size).tolist()}
    text = [" ".join(text for text, _ in line) for line in page.words]
    record = {"ocr_annotation": {**boxes, "bb_character_level": chars.tolist(), "text": text}}
    return file.getvalue(), json.dumps(record).encode()


BENCHMARKS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "emnist": emnist,
    "synthtext": synthtext,
}

if __name__ == "__main__":
    main()

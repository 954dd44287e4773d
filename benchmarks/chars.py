"""How fast is the character classifier taught and run?

A store of EMNIST ByClass's true size (814,255 images, synthetic content) is written once; then: images
read a second, an epoch of ``ocr train char`` (by a part of it), and characters named a second.

    python benchmarks/chars.py
    python benchmarks/chars.py --device cuda --size base --folder /tmp/store
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from ocrcli.alphabet import EMNIST_BYCLASS
from ocrcli.datasets.charepochs import CharEpochs
from ocrcli.datasets.charstore import CharStore, PartWriter, char_header
from ocrcli.datasets.store import write_store
from ocrcli.datasets.stream import Stream, StreamPlan
from ocrcli.engine.classifier import CharClassifier
from ocrcli.engine.model import Model
from ocrcli.engine.weights import find_model
from ocrcli.training.char import CharTask
from ocrcli.training.loop import Trainer
from ocrcli.training.settings import TrainSettings

PARTS = {"train": 628_139, "validation": 69_793, "test": 116_323}  # EMNIST ByClass
BLOCK = 50_000  # images made at once


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--size", default="small", help="tiny, small or base")
    parser.add_argument("--batch-size", type=int, default=512)
    parser.add_argument("--threads", type=int, help="of the network (default: all cores)")
    parser.add_argument("--steps", type=int, default=60, help="of training that are timed")
    parser.add_argument("--folder", type=Path, help="where the store is kept, to be used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        store = folder / "emnist-byclass.h5"
        if not store.exists():
            folder.mkdir(parents=True, exist_ok=True)
            write(store)
        read(store, options.batch_size)
        train(store, options, Path(temporary))
    classify(options.threads)


def write(path: Path) -> None:
    """A store of the true size; its pictures are blurred noise in the middle of 28×28."""
    rng = np.random.default_rng(0)
    with write_store(path, char_header("emnist-byclass", EMNIST_BYCLASS, "benchmarks/chars.py")) as writer:
        for name, count in PARTS.items():
            part = PartWriter(writer, name, count, len(EMNIST_BYCLASS))
            for first in range(0, count, BLOCK):
                size = min(BLOCK, count - first)
                coarse = rng.integers(0, 2, (size, 6, 6), np.uint8) * 255
                images = np.pad(coarse.repeat(4, 1).repeat(4, 2), ((0, 0), (2, 2), (2, 2)))
                part.append(images, rng.integers(0, len(EMNIST_BYCLASS), size).astype(np.uint8))


def read(store: Path, batch_size: int) -> None:
    """A whole epoch of batches in their shuffled order, without a network."""
    recipe = CharEpochs(store, EMNIST_BYCLASS, batch_size)
    plan = StreamPlan(0, CharStore(store).parts["train"])
    for turn in ("first", "again"):
        began, seen = time.perf_counter(), 0
        with Stream(recipe, plan) as stream:
            for batch in stream:
                seen += len(batch.arrays["image"])
                if batch.after.chunk:
                    break
        print(f"read ({turn}): {seen / (time.perf_counter() - began):,.0f} images/s")


def train(store: Path, options: argparse.Namespace, folder: Path) -> None:
    """Some steps of the real loop: forward, backward, distortion, average; the epoch that they make."""
    settings = TrainSettings(
        run_dir=folder / "run",
        steps=1 << 30,
        data=(store,),
        synth=False,
        size=options.size,
        batch_size=options.batch_size,
        device=options.device,
        threads=options.threads,
    )
    task = CharTask(settings)
    trainer = Trainer(task, None, None)
    cuda = trainer.machine.device.type == "cuda"
    waited = 0.0
    with Stream(task.recipe(), StreamPlan(0, task.settings.chunk or 1)) as stream:
        batches = iter(stream)
        for _ in range(5):
            trainer._step(next(batches))
        began = now(cuda)
        for _ in range(options.steps):
            asked = time.perf_counter()
            batch = next(batches)
            waited += time.perf_counter() - asked
            trainer._step(batch)
        seconds = now(cuda) - began
    rate = options.steps * options.batch_size / seconds
    used = f", GPU {utilisation()} % busy" if cuda else ""
    print(
        f"train ({options.size}, {trainer.machine.describe()}): {rate:,.0f} images/s, "
        f"{waited / seconds:.1%} of the time waiting for data{used}; "
        f"an epoch of all {sum(PARTS.values()):,}: {sum(PARTS.values()) / rate / 60:.1f} min"
    )


def now(cuda: bool) -> float:
    """The clock, after the GPU is done."""
    if cuda:
        torch.cuda.synchronize()
    return time.perf_counter()


def utilisation() -> str:
    """What nvidia-smi says of the last moments."""
    query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout.strip() or "?"


def classify(threads: int | None) -> None:
    """The shipped model through the engine, from 28×28 pictures to probabilities."""
    classifier = CharClassifier(Model.load(find_model("char"), threads=threads or 2))
    coarse = np.random.default_rng(0).integers(0, 2, (4096, 6, 6), np.uint8) * 255
    images = np.pad(coarse.repeat(4, 1).repeat(4, 2), ((0, 0), (2, 2), (2, 2)))
    classifier.classify_batch(images[:512])
    began = time.perf_counter()
    classifier.classify_batch(images)
    rate = len(images) / (time.perf_counter() - began)
    print(f"classify: {rate:,.0f} characters/s on {threads or 2} threads")


if __name__ == "__main__":
    main()

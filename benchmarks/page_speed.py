"""Speed and memory on one clean A4 page of 150 dpi, about 50 lines: ours beside Tesseract.

    python benchmarks/page_speed.py [PAGE.png] [--runs 5] [--threads 2]

Each run is a whole process, from the shell to the text. Runs alternate and medians are given.
The last line says whether our peak memory stays within its bound.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which
from statistics import median

from peers import Ours, Tesseract
from startup import ROOT, alternate

PEAK_MIB = 500  # the promise: a page never takes more
SEED = 20
# In the face built into Pillow, so that the page is the same on every machine; in a process of its
# own, because this one must stay small: the peak of a child begins with the size of its parent.
RENDER = """
import sys
import numpy as np
from PIL import Image
from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.pages import render_clean_a4
page = render_clean_a4(np.random.default_rng(int(sys.argv[2])), FontLibrary.built_in())
Image.fromarray(page.image).save(sys.argv[1], dpi=(150, 150))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("page", nargs="?", type=Path, help="a page, in place of a rendered one")
    parser.add_argument("--runs", type=int, default=5, help="runs of each command")
    parser.add_argument("--threads", type=int, default=2, help="threads of ours")
    parser.add_argument("--model-dir", type=Path, help="our models, other than the packaged ones")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        page = options.page or render(Path(folder) / "a4.png")
        ours = Ours(options.threads, options.model_dir)
        commands = {"ocrcli": (ours.command(page, "--mode", "page"), {"PYTHONPATH": str(ROOT)})}
        if which("tesseract"):
            commands["tesseract"] = (["tesseract", page, "-"], Tesseract.env)
        runs = alternate(commands, options.runs)
    print(f"{'engine':<12}{'median s':>10}{'fastest s':>11}{'cpu s':>8}{'peak MiB':>10}{'words':>7}")
    for name, results in runs.items():
        wall = [run.wall for run in results]
        processor, peak = median(run.processor for run in results), max(run.peak_mib for run in results)
        words = len(results[0].output.split())
        print(f"{name:<12}{median(wall):>10.2f}{min(wall):>11.2f}{processor:>8.2f}{peak:>10.0f}{words:>7}")
    peak = max(run.peak_mib for run in runs["ocrcli"])
    print(
        f"peak memory of ocr predict: {peak:.0f} MiB ({'within' if peak <= PEAK_MIB else 'OVER'} {PEAK_MIB})"
    )


def render(path: Path) -> Path:
    """A page of the renderer (which the training extra is for), or a sample of the checkout without it."""
    done = subprocess.run(
        [sys.executable, "-c", RENDER, path, str(SEED)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return path
    samples = sorted((ROOT / "data" / "samples").glob("*page*.png"))
    if not samples:
        raise SystemExit(f"no page to read: the renderer said: {done.stderr.strip().splitlines()[-1]}")
    return samples[0]


if __name__ == "__main__":
    main()

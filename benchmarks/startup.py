"""Cold start: a whole process that reads one word, ours beside Tesseract, and ``ocr --help``.

    python benchmarks/startup.py [WORD.png] [--runs 11]

Runs alternate, so that whatever else the machine does meets all of them; medians are given.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from shutil import which
from statistics import median

from peers import Measured, Ours, Tesseract, measured

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("word", nargs="?", type=Path, help="a picture of one word")
    parser.add_argument("--runs", type=int, default=11, help="runs of each command")
    parser.add_argument("--threads", type=int, default=2, help="threads of ours")
    parser.add_argument("--model-dir", type=Path, help="our models, other than the packaged ones")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        word = options.word or draw_word(Path(folder) / "word.png")
        ours = Ours(options.threads, options.model_dir)
        runs = alternate(commands(ours, word), options.runs)
    print(f"{'command':<34}{'median s':>10}{'fastest s':>11}{'cpu s':>8}{'peak MiB':>10}")
    for name, results in runs.items():
        wall = [run.wall for run in results]
        processor, peak = median(run.processor for run in results), median(run.peak_mib for run in results)
        print(f"{name:<34}{median(wall):>10.3f}{min(wall):>11.3f}{processor:>8.3f}{peak:>10.0f}")


def commands(ours: Ours, word: Path) -> dict[str, tuple[list[str | Path], dict[str, str]]]:
    """Command lines and environments by the name in the table."""
    here = {"PYTHONPATH": str(ROOT)}
    python: list[str | Path] = [sys.executable, "-m", "ocrcli"]
    found = {
        "ocr predict word.png --mode word": (ours.command(word, "--mode", "word"), here),
        "ocr --help": ([*python, "--help"], here),
        "python -c pass": ([sys.executable, "-c", "pass"], here),
    }
    if which("tesseract"):
        command: list[str | Path] = ["tesseract", word, "-", "--psm", "8"]
        found["tesseract word.png - --psm 8"] = (command, {})
        found["the same, OMP_THREAD_LIMIT=1"] = (command, Tesseract.env)
    return found


def alternate(
    commands: dict[str, tuple[list[str | Path], dict[str, str]]], runs: int
) -> dict[str, list[Measured]]:
    """Runs each command ``runs`` times in turns, after one run each that warms the disk cache."""
    results: dict[str, list[Measured]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, (command, env) in commands.items():
            run = measured(command, env)
            if turn:
                results[name].append(run)
    return results


def draw_word(path: Path) -> Path:
    """A clean word in Pillow's own face."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (260, 64), 255)
    ImageDraw.Draw(image).text((16, 10), "Reading", font=ImageFont.load_default(40), fill=0)
    image.save(path)
    return path


if __name__ == "__main__":
    main()

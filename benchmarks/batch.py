"""Many inputs in one call: what the command adds to the engine's own time, and what processes bring.

    python benchmarks/batch.py IMAGE… [--mode word] [--runs 5] [--jobs 2]

"Engine" is a process that imports the engine, loads the models and the images, and reads them: words
and lines in one batch, pages one after the other. Runs alternate, so that whatever else the machine
does meets all of them; medians are given. Memory is that of the largest process.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median

from peers import Measured, Ours, measured

ROOT = Path(__file__).resolve().parent.parent
ENGINE = """
import sys
from pathlib import Path
from ocrcli.cli.predict import words_of
from ocrcli.engine import Decoding, Reader, load_pages
mode, threads, *names = sys.argv[1:]
reader = Reader(threads=int(threads))
reader.prepare(mode)
decoding = Decoding(lexicon=words_of(None))
pages = (page for name in names for page in load_pages(Path(name), name=name))
if mode == "word":
    reader.read_words([page.pixels for page in pages], decoding)
else:
    for page in pages:
        reader.read_page(page, mode, decoding)
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("images", nargs="+", type=Path)
    parser.add_argument("--mode", default="word", choices=["auto", "page", "word"])
    parser.add_argument("--threads", type=int, default=2, help="cores for all of it")
    parser.add_argument("--jobs", type=int, default=2, help="processes of the last row")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    env = {"PYTHONPATH": str(ROOT)}
    ours = Ours(options.threads)
    call = ours.command(*options.images, "--mode", options.mode)
    commands: dict[str, list[str | Path]] = {
        "engine": [sys.executable, "-c", ENGINE, options.mode, str(options.threads), *options.images],
        "ocr predict": [*call, "--jobs", "1"],
        f"ocr predict --jobs {options.jobs}": [*call, "--jobs", str(options.jobs)],
    }
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    for turn in range(options.runs + 1):  # the first warms the disk cache
        for name, command in commands.items():
            run = measured(command, env)
            if turn:
                runs[name].append(run)
    title = f"{len(options.images)} images"
    print(f"{title:<30}{'wall s':>8}{'of engine':>11}{'cpu s':>8}{'of engine':>11}{'MiB':>6}")
    wall0, cpu0 = (median(getattr(run, key) for run in runs["engine"]) for key in ("wall", "processor"))
    for name, results in runs.items():
        wall, cpu = (median(getattr(run, key) for run in results) for key in ("wall", "processor"))
        peak = median(run.peak_mib for run in results)
        print(f"{name:<30}{wall:>8.2f}{wall / wall0:>11.2f}{cpu:>8.2f}{cpu / cpu0:>11.2f}{peak:>6.0f}")


if __name__ == "__main__":
    main()

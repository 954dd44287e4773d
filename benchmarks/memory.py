"""Many pages in one process: does its memory stay what it was? Needs Linux.

    python benchmarks/memory.py SET/pages.jsonl [...] [--pages 200]

The pages of all sets are shuffled, and read again from the first where they do not suffice.
"""

from __future__ import annotations

import argparse
import random
import re
from itertools import cycle, islice
from pathlib import Path

STATUS = Path("/proc/self/status")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", nargs="+", type=Path, help="pages.jsonl of labelled sets")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--every", type=int, default=20, help="pages between two lines of the table")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    from ocrcli import Reader
    from ocrcli.scoring.labels import read_pages

    images = [truth.image for labels in options.labels for truth in read_pages(labels)]
    random.Random(0).shuffle(images)
    reader = Reader(threads=options.threads)
    print(f"{'pages':>6}{'MiB now':>10}{'MiB at most':>13}")
    for count, image in enumerate(islice(cycle(images), options.pages), 1):
        reader.read(image, mode="page")
        if count % options.every == 0 or count == options.pages:
            print(f"{count:>6}{_mebibytes('VmRSS'):>10}{_mebibytes('VmHWM'):>13}", flush=True)


def _mebibytes(name: str) -> int:
    """Of this process, as the kernel counts it."""
    found = re.search(rf"^{name}:\s+(\d+) kB", STATUS.read_text(encoding="ascii"), re.MULTILINE)
    assert found, name
    return int(found[1]) // 1024


if __name__ == "__main__":
    main()

"""Takes screenshots of a terminal, a web page and a spreadsheet, labelled for ``ocr eval page``.

    python benchmarks/screenshots.py OUT
    ocr eval page OUT/*/pages.jsonl

Real programs draw them: xterm under Xvfb, and Chromium (``apt-get install xterm xvfb chromium``).
What they show is made here, so that its text is known to the letter.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from shutil import which

import numpy as np
from PIL import Image

from ocrcli.synth.vocabulary import COMMON
from ocrcli.synth.vocabulary import LAST_NAMES as NAMES

SCREEN = (1280, 800)
TALL_SCREEN = (1280, 1640)  # twice the window and more: the pointer, in its middle, is off the text
EDGE = 10  # pixels around what a terminal changed on its screen
DRAWN = 20.0  # seconds within which a terminal has drawn its text
WORDS = [word.lower() for word in COMMON if len(word) > 3 and word.isalpha()]


@dataclass(frozen=True)
class Shot:
    """One screenshot to take: its name, what shows it and the text that is to be read."""

    name: str
    show: str  # text of a terminal, or HTML
    text: str
    options: tuple[str, ...] = ()  # of xterm, or of Chromium


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="a folder for the pictures")
    options = parser.parse_args()
    for program in ("Xvfb", "xterm", "chromium"):
        if which(program) is None:
            parser.error(f"{program} is not installed; apt-get install xterm xvfb chromium")
    save(options.out / "terminal", terminals(), _of_terminal)
    save(options.out / "web", web_pages(), of_browser)
    save(options.out / "spreadsheet", spreadsheets(), of_browser)


def save(folder: Path, shots: Iterator[Shot], take: Callable[[Shot, Path], None]) -> None:
    """The pictures of some shots in a folder, and their ``pages.jsonl``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "pages.jsonl").open("w", encoding="utf-8") as labels:
        for shot in shots:
            take(shot, folder / f"{shot.name}.png")
            labels.write(json.dumps({"image": f"{shot.name}.png", "words": [], "text": shot.text}) + "\n")


def terminals() -> Iterator[Shot]:
    """A listing, a log and source code, in several faces and colours."""
    looks = {
        "dark": ("-bg", "#1e1e2e", "-fg", "#cdd6f4", "-fa", "DejaVu Sans Mono", "-fs", "11"),
        "light": ("-bg", "white", "-fg", "black", "-fa", "Liberation Mono", "-fs", "10"),
        "green": ("-bg", "black", "-fg", "#33ff66", "-fa", "DejaVu Sans Mono", "-fs", "9"),
        "bitmap": ("-bg", "black", "-fg", "gray90", "-fn", "9x15"),
    }
    for number, (look, options) in enumerate(looks.items()):
        for name, lines in {"files": _listing, "log": _log, "code": _code}.items():
            text = "\n".join(lines(random.Random(100 * number + len(name))))
            yield Shot(f"{name}-{look}", text, text, options)


def _listing(rng: random.Random) -> list[str]:
    lines = [f"total {rng.randint(100, 999)}"]
    for _ in range(24):
        stem = rng.choice("_-").join(rng.sample(WORDS, 2))
        name = stem + rng.choice([".py", ".txt", ".png", ".tar.gz", ".md", ".json"])
        size, day = rng.randint(80, 99_999), rng.randint(10, 28)
        clock = f"{rng.randint(10, 23)}:{rng.randint(10, 59)}"
        date = f"{rng.choice(['Jan', 'Mar', 'Oct'])} {day} {clock}"
        lines.append(f"-rw-r--r-- 1 alice users {size:>6} {date} {name}")
    return lines


def _log(rng: random.Random) -> list[str]:
    lines = []
    for i in range(26):
        level = rng.choice(["INFO", "DEBUG", "WARNING", "ERROR"])
        what = " ".join(rng.sample(WORDS, rng.randint(3, 6)))
        date = f"2024-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"
        clock = f"1{i % 10}:{rng.randint(10, 59)}:{rng.randint(10, 59)}"
        where = ".".join(rng.sample(WORDS, 2))
        lines.append(f"{date} {clock} {level:<8} {where}: {what} in {rng.randint(2, 950)} ms")
    return lines


def _code(rng: random.Random) -> list[str]:
    lines = ["import sys", "from pathlib import Path", ""]
    for name in rng.sample(WORDS, 4):
        a, b = rng.sample(WORDS, 2)
        lines += [
            f"def {name}_{a}({b}: list[str], limit: int = {rng.randint(2, 99)}) -> dict[str, int]:",
            f'    """Counts the {a} of each {b}."""',
            "    found = {}",
            f"    for line in {b}[:limit]:",
            f'        key, _, value = line.partition("=")  # {rng.choice(WORDS)} comes first',
            f"        found[key.strip()] = int(value) + {rng.randint(1, 9)}",
            "    return found",
            "",
        ]
    return lines[:-1]


def web_pages() -> Iterator[Shot]:
    """Articles in several faces and themes, with a menu, headings, a list and a footer."""
    themes = {
        "sans": "font: 16px/1.5 'Liberation Sans', sans-serif; color: #222; background: #fff",
        "serif": "font: 17px/1.5 'Liberation Serif', serif; color: #333; background: #faf8f3",
        "dark": "font: 15px/1.6 'DejaVu Sans', sans-serif; color: #c9d1d9; background: #0d1117",
        "small": "font: 13px/1.4 'Liberation Sans', sans-serif; color: #202122; background: #fff",
    }
    for number, (name, style) in enumerate(themes.items()):
        for zoom in (1, 2):
            rng = random.Random(1000 + 10 * number + zoom)
            body, text = _article(rng, short=zoom == 2)
            page = (
                "<!doctype html><meta charset=utf-8><style>"
                f"body {{ {style}; margin: 24px auto; width: 46em }}"
                "a { color: #3b82f6 } nav a { margin-right: 2em } "
                "footer { opacity: .7; font-size: 85% }</style>"
            )
            # A high-density screen shows the same page in twice the pixels.
            yield Shot(f"{name}-{zoom}x", page + body, text, (f"--force-device-scale-factor={zoom}",))


def _article(rng: random.Random, short: bool) -> tuple[str, str]:
    parts: list[tuple[str, str]] = []
    menu = [word.title() for word in rng.sample(WORDS, 4)]
    parts.append(("<nav>" + "".join(f"<a href=#>{word}</a>" for word in menu) + "</nav>", " ".join(menu)))
    title = " ".join(rng.sample(WORDS, 4)).capitalize()
    parts.append((f"<h1>{title}</h1>", title))
    by = f"By {rng.choice(NAMES)}, {rng.randint(1, 28)} March 2024, {rng.randint(2, 9)} min read"
    parts.append((f"<p><em>{by}</em></p>", by))
    for _ in range(1 if short else 2):
        heading = " ".join(rng.sample(WORDS, 3)).capitalize()
        parts.append((f"<h2>{heading}</h2>", heading))
        paragraph = " ".join(sentence(rng) for _ in range(4))
        parts.append((f"<p>{escape(paragraph)}</p>", paragraph))
    items = [sentence(rng) for _ in range(3)]
    # The dot before an item is drawn, and is read as one.
    listed = "".join(f"<li>{item}" for item in items)
    parts.append((f"<ul>{listed}</ul>", "\n".join(f"• {item}" for item in items)))
    end = f"© 2024 {rng.choice(NAMES)} & {rng.choice(NAMES)}, all rights reserved"
    parts.append((f"<footer>{escape(end)}</footer>", end))
    return "".join(html for html, _ in parts), "\n\n".join(text for _, text in parts)


def sentence(rng: random.Random) -> str:
    """Words as of a sentence, with a sign or a number in it."""
    words = rng.sample(WORDS, rng.randint(8, 14))
    words[2] = f"{words[2]},"
    word = words[-3]
    words[-3] = rng.choice([f"({word})", f'"{word}"', f"{rng.randint(3, 4000)}", f"{word}'s"])
    return " ".join(words).capitalize() + rng.choice([".", ".", ".", "?", "!"])


def spreadsheets() -> Iterator[Shot]:
    """Grids of cells with the letters of columns and the numbers of rows, as a browser shows them."""
    faces = {
        "sans": "13px 'Liberation Sans'",
        "carlito": "15px Carlito, sans-serif",
        "dejavu": "12px 'DejaVu Sans'",
    }
    for number, (name, font) in enumerate(faces.items()):
        for lines in (True, False):
            rng = random.Random(2000 + number)
            rows = [["", *"ABCDEF"], ["1", "Date", "Item", "Customer", "Units", "Price", "Total"]]
            for i in range(2, 24):
                units, price = rng.randint(1, 400), rng.randint(100, 99_999) / 100
                item = " ".join(rng.sample(WORDS, 2)).capitalize()
                date = f"2024-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
                total = f"{units * price:,.2f}"
                rows.append([str(i), date, item, rng.choice(NAMES), str(units), f"{price:.2f}", total])
            border = "1px solid #d0d0d0" if lines else "0"
            style = (
                f"body {{ font: {font}; margin: 0 }} table {{ border-collapse: collapse; margin: 8px }}"
                f"td {{ border: {border}; padding: 3px 8px; width: 110px; white-space: nowrap }}"
                "td:nth-child(n+5) { text-align: right }"
                "tr:first-child td, td:first-child { background: #f3f3f3; color: #555; text-align: center;"
                "width: 30px } tr:nth-child(2) { font-weight: bold }"
            )
            cells = "".join("<tr>" + "".join(f"<td>{escape(c)}" for c in row) for row in rows)
            page = f"<!doctype html><meta charset=utf-8><style>{style}</style><table>{cells}</table>"
            text = "\n".join(" ".join(cell for cell in row if cell) for row in rows)
            yield Shot(f"{name}-{'lined' if lines else 'plain'}", page, text)


def of_browser(shot: Shot, out: Path) -> None:
    """Chromium's own screenshot of a page."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(shot.show, encoding="utf-8")
        command = [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={folder}/profile", f"--window-size={SCREEN[0]},{SCREEN[1]}",
            *shot.options, f"--screenshot={out.absolute()}", page.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)


def _of_terminal(shot: Shot, out: Path) -> None:
    """What xterm shows, from the memory of a virtual screen."""
    with tempfile.TemporaryDirectory() as folder, _screen(Path(folder)) as (display, memory):
        text = Path(folder) / "text"
        text.write_text(shot.show, encoding="utf-8")
        blank = _pixels(memory)
        # The cursor is hidden, and the program stays until the picture is taken.
        script = f"cat {text}; printf '\\033[?25l'; touch {folder}/shown; sleep 60"
        xterm = subprocess.Popen(
            ["xterm", "-geometry", "108x34+40+30", "-b", "6", "+sb", *shot.options, "-e", "sh", "-c", script],
            env={**os.environ, "DISPLAY": display},
        )
        try:
            deadline, last = time.monotonic() + DRAWN, blank
            while time.monotonic() < deadline:
                time.sleep(0.5)
                now = _pixels(memory)
                if (Path(folder) / "shown").exists() and (now != blank).any() and (now == last).all():
                    break
                last = now
            Image.fromarray(_window(now, blank)).save(out)
        finally:
            xterm.terminate()
            xterm.wait()


def _window(now: np.ndarray, blank: np.ndarray) -> np.ndarray:
    """The part of the screen that the window changed, and a little more: black on black is no change."""
    changed = (now != blank).any(2)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    top, left = max(rows[0] - EDGE, 0), max(columns[0] - EDGE, 0)
    return now[top : rows[-1] + EDGE, left : columns[-1] + EDGE]


@contextmanager
def _screen(folder: Path) -> Iterator[tuple[str, Path]]:
    """A virtual screen: the name of its display, and the file that holds its pixels."""
    read, write = os.pipe()
    size = "{}x{}x24".format(*TALL_SCREEN)
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-fbdir", str(folder), "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    try:
        number = b""
        while not number.endswith(b"\n"):
            number += os.read(read, 16)
        yield f":{number.decode().strip()}", folder / "Xvfb_screen0"
    finally:
        server.terminate()
        server.wait()


def _pixels(memory: Path) -> np.ndarray:
    """An X window dump of 32 bits a pixel: RGB uint8 (H, W, 3)."""
    data = memory.read_bytes()
    header = np.frombuffer(data, ">u4", 25)
    begin = int(header[0] + 12 * header[19])  # its colours come first, 12 bytes each
    width, height, stride = int(header[4]), int(header[5]), int(header[12])
    rows = np.frombuffer(data, np.uint8, height * stride, begin).reshape(height, stride)
    return np.ascontiguousarray(rows[:, : 4 * width].reshape(height, width, 4)[..., 2::-1])


if __name__ == "__main__":
    main()

"""The picture of a page above its text, as far as the terminal can show one.

Three ways, the best that the terminal understands: the graphics protocol of kitty (kitty,
Ghostty, WezTerm, Konsole), sixels (foot, xterm, mlterm, Windows Terminal …), and half blocks, two
coloured pixels in a cell, which any terminal with colours shows.
"""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from ocrcli.cli import console
from ocrcli.formats.writer import Writer

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image
    from rich.console import Console

    from ocrcli.document import Page
    from ocrcli.engine.images import LoadedPage

Way = Literal["kitty", "sixel", "blocks"]

COLUMNS, ROWS = 60, 20  # cells of a thumbnail at most: the text is what matters
CELL = (10, 20)  # pixels of a cell where the terminal shows real pictures
PATIENCE = 0.3  # seconds for the terminal to answer; over a slow line it stays with half blocks
CHUNK = 4096  # bytes of base64 in a message to kitty, as its protocol asks
SIXEL_COLOURS = 64
BAND = 6  # rows of pixels in a row of sixels
# Is a picture of one pixel welcome? And what are you? The second one every terminal answers.
QUESTION = "\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\\033[c"


class Illustrated:
    """A writer for a terminal with the picture of each page above what it writes."""

    wants_picture: Literal[True] = True

    def __init__(self, writer: Writer, terminal: Console) -> None:
        self._writer = writer
        self._terminal = terminal
        self._way = way_of_terminal()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def page(self, page: Page, picture: LoadedPage) -> None:
        """Shows a page."""
        show(self._terminal, picture.pixels, self._way)
        self._writer.page(page)


def show(terminal: Console, pixels: np.ndarray, way: Way) -> None:
    """RGB pixels, uint8 (H, W, 3), on a terminal. Nothing where colours are not wanted."""
    from PIL import Image

    if terminal.color_system is None:
        return
    cells = min(COLUMNS, max(terminal.width - 1, 1)), ROWS
    image = Image.fromarray(pixels)
    if way == "blocks":
        terminal.print(_half_blocks(_fitted(image, cells[0], 2 * cells[1])))
        return
    fitted = _fitted(image, cells[0] * CELL[0], cells[1] * CELL[1])
    terminal.file.write(f"{kitty(fitted) if way == 'kitty' else sixel(fitted)}\n")
    terminal.file.flush()


def _fitted(image: Image.Image, width: int, height: int) -> Image.Image:
    """The picture made to fit, never enlarged more than twice."""
    from PIL import Image

    scale = min(width / image.width, height / image.height, 2.0)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.convert("RGB").resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)


def _half_blocks(image: Image.Image) -> Any:
    """Upper half blocks: the ink of a cell is its upper pixel, the ground its lower one."""
    import numpy as np
    from rich.color import Color
    from rich.style import Style
    from rich.text import Text

    pixels = np.asarray(image)
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, pixels[-1:]])
    rows = []
    for upper, lower in zip(pixels[::2].tolist(), pixels[1::2].tolist(), strict=True):
        row = Text(no_wrap=True)
        for above, below in zip(upper, lower, strict=True):
            row.append("▀", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below)))
        rows.append(row)
    return Text("\n").join(rows)


def kitty(image: Image.Image) -> str:
    """A picture in the graphics protocol of kitty: PNG in base64, in chunks."""
    file = BytesIO()
    image.save(file, "PNG")
    data = b64encode(file.getvalue()).decode("ascii")
    chunks = [data[i : i + CHUNK] for i in range(0, len(data), CHUNK)]
    lead = "a=T,f=100,q=2,"  # show it, it is a PNG, do not answer
    parts = []
    for i, chunk in enumerate(chunks):
        parts.append(f"\033_G{lead if i == 0 else ''}m={int(i + 1 < len(chunks))};{chunk}\033\\")
    return "".join(parts)


def sixel(image: Image.Image) -> str:
    """A picture as sixels (DEC STD 070): for each six rows, each colour in them in turn."""
    import numpy as np

    indexed = image.quantize(SIXEL_COLOURS)
    palette = (indexed.getpalette() or [])[: 3 * SIXEL_COLOURS]
    pixels = np.asarray(indexed)  # (H, W)
    parts = ["\033Pq", f'"1;1;{image.width};{image.height}']
    for i in range(0, len(palette), 3):  # in hundredths
        red, green, blue = (round(value * 100 / 255) for value in palette[i : i + 3])
        parts.append(f"#{i // 3};2;{red};{green};{blue}")
    for top in range(0, len(pixels), BAND):
        band = pixels[top : top + BAND]
        bits = (1 << np.arange(len(band)))[:, None]
        rows = []
        for colour in np.unique(band).tolist():
            rows.append(f"#{colour}" + _runs(((band == colour) * bits).sum(0)))
        parts.append("$".join(rows) + "-")  # $: back to the beginning of the row, -: next row
    return "".join(parts) + "\033\\"


def _runs(columns: np.ndarray) -> str:
    """Columns of six bits (W,) as sixels, repeated ones counted."""
    import numpy as np

    edges = np.flatnonzero(np.diff(columns)) + 1
    starts = np.concatenate([[0], edges])
    lengths = np.diff(np.concatenate([starts, [len(columns)]]))
    parts = []
    for value, length in zip(columns[starts].tolist(), lengths.tolist(), strict=True):
        sign = chr(63 + value)
        parts.append(f"!{length}{sign}" if length > 3 else sign * length)
    return "".join(parts)


def way_of_terminal() -> Way:
    """The best way to show a picture that the terminal answers for."""
    if not (console.is_terminal(sys.stdin) and console.is_terminal(sys.stdout)):
        return "blocks"
    answer = _asked(QUESTION)
    if "\033_Gi=31;OK" in answer:
        return "kitty"
    start = answer.rfind("\033[?")
    features = answer[start + 3 : answer.find("c", start)].split(";") if start >= 0 else []
    return "sixel" if "4" in features[1:] else "blocks"


def _asked(question: str) -> str:
    """What the terminal answers, as far as it does in time."""
    try:
        import termios
        import tty
    except ImportError:  # Windows
        return ""
    import select
    import time

    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    answer = b""
    try:
        tty.setcbreak(keyboard)  # answers must neither wait for Enter nor be shown
        os.write(sys.stdout.fileno(), question.encode())
        end = time.monotonic() + PATIENCE
        while not answer.endswith(b"c") and (left := end - time.monotonic()) > 0:
            if select.select([keyboard], [], [], left)[0]:
                answer += os.read(keyboard, 256)
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
    return answer.decode("latin-1")

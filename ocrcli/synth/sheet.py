"""A contact sheet: samples in rows with their labels under them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

LABEL_HEIGHT = 14  # pixels of the text under a sample
GAP = 6


def contact_sheet(samples: Iterable[tuple[np.ndarray, str]], width: int = 1600) -> Image.Image:
    """Images uint8 (h, w) or (h, w, 3) with labels, set in rows of at most ``width`` pixels."""
    rows: list[list[tuple[Image.Image, str]]] = [[]]
    x = GAP
    for pixels, label in samples:
        image = Image.fromarray(pixels).convert("RGB")
        if rows[-1] and x + image.width + GAP > width:
            rows.append([])
            x = GAP
        rows[-1].append((image, label))
        x += image.width + GAP
    heights = [max((image.height for image, _ in row), default=0) + LABEL_HEIGHT + GAP for row in rows]
    wide = max([width, *(sum(i.width + GAP for i, _ in row) + GAP for row in rows)])
    sheet = Image.new("RGB", (wide, sum(heights) + GAP), (250, 250, 245))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(10)
    y = GAP
    for row, height in zip(rows, heights, strict=True):
        x = GAP
        for image, label in row:
            sheet.paste(image, (x, y))
            room = max(1, image.width // 5)  # about five pixels a character at this size
            pen.text(
                (x, y + height - LABEL_HEIGHT - GAP), label[: max(room, 4)], fill=(40, 40, 120), font=font
            )
            x += image.width + GAP
        y += height
    return sheet

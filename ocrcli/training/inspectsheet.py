"""One picture of what the classifier learned and sees: filters, feature maps, evidence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure, SubFigure

from ocrcli.errors import OutputError
from ocrcli.training.inspection import Seen

COLUMNS = 24  # feature maps of a block that are shown, the most active first
WIDTH = 12.0  # inches; at 150 dots an inch a map is some 70 pixels wide
INK, ZERO = "gray_r", "viridis"


def draw(path: Path, filters: np.ndarray, picture: np.ndarray, normal: np.ndarray, seen: Seen) -> None:
    """All there is to show of one picture: grey (H, W) as given and (28, 28) as the network sees it."""
    rows = [2.3, _rows_of(filters), *(0.75 for _ in seen.maps)]
    figure = Figure(figsize=(WIDTH, sum(rows)), layout="constrained", facecolor="white")
    top, second, *others = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=rows)[:, 0]
    _draw_evidence(top, picture, normal, seen)
    _draw_filters(second, filters)
    for part, (name, maps) in zip(others, seen.maps, strict=True):
        _draw_maps(part, name, maps)
    _save(figure, path)


def draw_filters(path: Path, filters: np.ndarray) -> None:
    """The first layer's kernels (C, 3, 3) alone."""
    figure = Figure(figsize=(WIDTH, _rows_of(filters)), layout="constrained", facecolor="white")
    _draw_filters(figure.subfigures(1, 1, squeeze=False)[0, 0], filters)
    _save(figure, path)


def _rows_of(filters: np.ndarray) -> float:
    return 0.4 + 0.5 * -(-len(filters) // COLUMNS)


def _draw_evidence(part: SubFigure, picture: np.ndarray, normal: np.ndarray, seen: Seen) -> None:
    axes = part.subplots(1, 3 + len(seen.evidence), width_ratios=[1, 1, *(1 for _ in seen.evidence), 1.2])
    axes[0].imshow(picture, cmap="gray")
    axes[0].set_title("picture", fontsize=9)
    axes[1].imshow(normal, cmap=INK)
    axes[1].set_title("normalised, 28 × 28", fontsize=9)
    for place, (name, _), heat in zip(axes[2:-1], seen.candidates, seen.evidence, strict=True):
        place.imshow(normal, cmap=INK)
        place.imshow(heat, cmap="inferno", alpha=0.15 + 0.6 * heat, vmin=0, vmax=1)
        place.set_title(f"evidence for {name}", fontsize=9)
    for place in axes[:-1]:
        place.set_axis_off()
    names = [name for name, _ in seen.candidates][::-1]
    bars = axes[-1].barh(range(len(names)), [chance for _, chance in seen.candidates][::-1], color="C0")
    axes[-1].bar_label(bars, fmt=lambda x: f"{x:.1%}", fontsize=8, padding=2)
    axes[-1].set_yticks(range(len(names)), names)
    axes[-1].set_xlim(0, 1.35)
    axes[-1].set_xticks([])
    axes[-1].spines[["top", "right", "bottom"]].set_visible(False)


def _draw_filters(part: SubFigure, filters: np.ndarray) -> None:
    axes = part.subplots()
    largest = float(np.abs(filters).max())
    axes.imshow(mosaic(filters, COLUMNS), cmap="RdBu", vmin=-largest, vmax=largest)
    title = f"{len(filters)} filters of the first layer: blue looks for ink, red for paper"
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_axis_off()


def _draw_maps(part: SubFigure, name: str, maps: np.ndarray) -> None:
    active = np.argsort(-maps.mean((1, 2)), kind="stable")[:COLUMNS]
    shown = maps[active] / np.maximum(maps[active].max((1, 2), keepdims=True), 1e-6)
    axes = part.subplots()
    axes.imshow(mosaic(shown, COLUMNS), cmap=ZERO, vmin=0, vmax=1)
    size = " × ".join(map(str, maps.shape[1:]))
    title = f"{name}: {len(maps)} maps of {size}; the {len(active)} most active"
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_axis_off()


def mosaic(tiles: np.ndarray, columns: int) -> np.ma.MaskedArray:
    """Tiles (n, h, w) in rows of ``columns`` with gaps between them that are masked."""
    count, height, width = tiles.shape
    gap = max(1, round(height / 7))
    rows = -(-count // columns)
    sheet = np.ma.masked_all((rows * (height + gap) - gap, columns * (width + gap) - gap), np.float32)
    for i, tile in enumerate(tiles):
        y, x = (i // columns) * (height + gap), (i % columns) * (width + gap)
        sheet[y : y + height, x : x + width] = tile
    return sheet


def _save(figure: Figure, path: Path) -> None:
    try:
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:  # ValueError: matplotlib knows no such suffix
        raise OutputError(f"{path}: cannot write the picture: {error}") from error

"""The curves of a run as a picture: loss and held-out scores against samples seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

STYLES = ("-", "--", ":", "-.")  # one a figure; each held-out set has a colour


def read_metrics(run_dir: Path) -> list[dict[str, Any]]:
    """The records of ``metrics.jsonl``, in order; a line cut off by a crash is left out."""
    records = []
    path = run_dir / "metrics.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return records


def draw(run_dir: Path) -> Path | None:
    """Writes ``curves.png``; None when matplotlib is not installed or nothing was recorded."""
    records = read_metrics(run_dir)
    trained = [record for record in records if record["kind"] == "train"]
    judged = [record for record in records if record["kind"] == "eval" and record["scores"]]
    try:
        from matplotlib.figure import Figure  # no pyplot: nothing is opened, no state is kept
    except ImportError:
        return None
    if not trained and not judged:
        return None
    figure = Figure(figsize=(13, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name in trained[0]["losses"] if trained else ():
        left.plot([r["samples"] / 1e6 for r in trained], [r["losses"][name] for r in trained], label=name)
    left.set(title="Training loss", xlabel="samples seen (millions)", yscale="log")
    names = list(judged[-1]["scores"]) if judged else []
    sets = list(dict.fromkeys(name.rpartition("/")[0] for name in names))
    figures = list(dict.fromkeys(name.rpartition("/")[2] for name in names))
    for name in names:
        prefix, _, figure_name = name.rpartition("/")
        points = [(r["samples"] / 1e6, r["scores"][name]) for r in judged if name in r["scores"]]
        colour = f"C{sets.index(prefix)}" if prefix else "black"
        style = STYLES[figures.index(figure_name) % len(STYLES)] if prefix else "-"
        width = 2.5 if name == "score" else 1.2
        right.plot(*zip(*points, strict=True), style, color=colour, linewidth=width, label=name)
    right.set(title="Held-out data", xlabel="samples seen (millions)", ylim=(0, 1))
    for axes in (left, right):
        axes.grid(alpha=0.3)
    if left.lines:
        left.legend(fontsize="small", frameon=False)
    if right.lines:
        right.legend(fontsize="x-small", frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    path = run_dir / "curves.png"
    figure.savefig(path, dpi=120)
    return path

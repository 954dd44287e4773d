"""What a run on a store ends with: scores on the official test part, its confusion matrix, the model file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ocrcli.datasets.charstore import CharStore
from ocrcli.scoring.chars import PROTOCOLS, CharScores, score_chars
from ocrcli.training import checkpoint
from ocrcli.training.calibration import softmax
from ocrcli.training.machine import set_up

if TYPE_CHECKING:
    from ocrcli.training.char import CharTask

RESULTS, CONFUSION, MODEL = "test.json", "confusion.png", "char.onnx"
INCHES_A_CLASS = 0.16  # a letter of five points stands beside each row


def finish(task: CharTask, store: Path, run_dir: Path) -> list[str]:
    """Writes ``test.json``, ``confusion.png`` and ``char.onnx`` into the run's folder; lines to tell."""
    from ocrcli.training.export import export

    saved = checkpoint.load(run_dir / checkpoint.BEST)
    exported = export(task, saved, run_dir / MODEL)
    lines = [f"{exported.path}: {exported.size / 2**20:.2f} MiB"]
    scores = test_scores(task, saved, store)
    if scores is None:
        return [*lines, f"{store}: has no part test: not scored"]
    figures = {"store": store.name, **scores.as_dict(), "protocols": PROTOCOLS}
    (run_dir / RESULTS).write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draw_confusion(scores, run_dir / CONFUSION)
    told = "  ".join(
        f"{name} {getattr(scores, name):.4f}" for name in ("top1", "top3", "top1_caseless", "ece")
    )
    return [*lines, f"official test part, {scores.samples:,} samples: {told}", str(run_dir / CONFUSION)]


def test_scores(task: CharTask, saved: dict, store: Path) -> CharScores | None:
    """The averaged weights of a checkpoint on the part ``test``; None when the store has none."""
    truth = CharStore(store)
    if "test" not in truth.parts:
        return None
    network = task.network()
    network.load_state_dict(saved["ema"])
    device = set_up(task.settings).device
    logits = task.logits(network.eval().to(device), device, truth.images("test"))
    temperature = float(saved["state"]["scores"].get("temperature", 1.0))
    labels = truth.characters("test").tolist()
    return score_chars(softmax(logits / temperature), labels, task.alphabet.characters, truth.merged("test"))


def draw_confusion(scores: CharScores, path: Path) -> None:
    """The confusion matrix as a picture: truth down, reading across, a row's shares on a root scale."""
    from matplotlib.figure import Figure

    used = np.flatnonzero(scores.confusion.any(0) | scores.confusion.any(1))
    names = [scores.characters[i] for i in used]
    counts = scores.confusion[np.ix_(used, used)]
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    side = max(4.0, 1.5 + INCHES_A_CLASS * len(names))
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot()
    # The square root lets a share of one per cent be seen.
    picture = axes.imshow(np.sqrt(shares), cmap="magma_r", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, fontsize=6)
    axes.set_yticks(range(len(names)), names, fontsize=6)
    axes.set_xlabel("read as")
    axes.set_ylabel("truth")
    axes.set_title(f"{scores.samples:,} characters, top-1 {scores.top1:.2%}", fontsize=9)
    bar = figure.colorbar(picture, ax=axes, shrink=0.6, ticks=np.sqrt([0, 0.01, 0.1, 0.25, 0.5, 1]))
    bar.ax.set_yticklabels(["0", "1 %", "10 %", "25 %", "50 %", "100 %"], fontsize=6)
    figure.savefig(path, dpi=160)

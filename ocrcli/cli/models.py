"""``ocr models``: which model files are in use, and what they say of themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ocrcli.cli import console
from ocrcli.errors import ExitCode, ModelError

if TYPE_CHECKING:
    from rich.table import Table

    from ocrcli.engine.model import Model

app = typer.Typer(add_completion=False)

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Entry:
    """A task and its model, or why there is none."""

    task: str
    model: Model | None
    problem: str = ""


@app.command()
def models(
    model_dir: Path = typer.Option(None, metavar="DIR", help="Look here first (also OCR_MODELS)."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, with everything the models carry."),
) -> None:
    """Show the models in use: file, size, digest, alphabet, scores and where they come from.

    ocr models
    ocr models --json | jq '.models[].scores'
    """
    entries = find_entries(model_dir)
    if as_json:
        record = {"schema": "ocrcli-models/1", "models": [as_record(entry) for entry in entries]}
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        out = console.rich_console()
        for number, entry in enumerate(entries):
            if number:
                out.print()
            out.print(_heading(entry))
            if entry.model is not None:
                out.print(_facts(entry.model))
    for entry in entries:
        if entry.problem:
            console.say(entry.problem)
    if any(entry.problem for entry in entries):
        raise typer.Exit(ExitCode.MODEL)


def find_entries(model_dir: Path | None) -> list[Entry]:
    """The model in use for each task, opened."""
    from ocrcli.engine.model import Model
    from ocrcli.engine.weights import TASKS, find_model

    entries = []
    for task in TASKS:
        try:
            model = Model.load(find_model(task, model_dir), task=task, device="cpu")
            entries.append(Entry(task, model))
        except ModelError as error:
            entries.append(Entry(task, None, str(error)))
    return entries


def as_record(entry: Entry) -> dict[str, Any]:
    """What ``--json`` says of a model."""
    if entry.model is None:
        return {"task": entry.task, "error": {"code": int(ExitCode.MODEL), "message": entry.problem}}
    model, card = entry.model, entry.model.card
    return {
        "task": entry.task,
        "file": str(model.path),
        "bytes": model.path.stat().st_size,
        "sha256": model.sha256,
        "architecture": card.architecture,
        "alphabet": card.alphabet,
        "alphabet_size": len(card.alphabet),
        "scores": card.scores,
        "training": card.training,
        "code_version": card.code_version,
    }


def _heading(entry: Entry) -> Any:
    from rich.text import Text

    text = Text(f"{entry.task:<7}", "bold")
    if entry.model is None:
        return text.append("missing or damaged", "red")
    card = entry.model.card
    facts = [card.architecture, f"{entry.model.path.stat().st_size / MEGABYTE:.1f} MB"]
    if card.alphabet:
        facts.append(f"{len(card.alphabet)} characters")
    return text.append(" · ".join(facts), "cyan")


def _facts(model: Model) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", min_width=8)  # leaves 64 cells of 80 for a digest
    table.add_column(overflow="fold")
    card = model.card
    rows = {
        "file": str(model.path),
        "sha256": model.sha256,
        "alphabet": card.alphabet.replace(" ", "␣"),
        "scores": "\n".join(_score_lines(card.scores)),
        "training": "\n".join(
            f"{key.replace('_', ' ')}: {flat(value)}" for key, value in card.training.items()
        ),
        "made by": f"ocrcli {card.code_version}" if card.code_version else "",
    }
    for name, value in rows.items():
        if value:
            table.add_row(f"  {name}", Text(value))
    return table


def _score_lines(scores: dict[str, Any]) -> list[str]:
    """A line for each set: ``svt_train/accuracy_36`` is the accuracy by protocol 36 on that set."""
    sets: dict[str, dict[str, Any]] = {}
    for name, value in scores.items():
        group, _, figure = name.rpartition("/")
        sets.setdefault(group, {})[figure] = value
    return [f"{group}: {flat(figures)}" if group else flat(figures) for group, figures in sets.items()]


def flat(value: Any) -> str:
    """Nested figures as one text: ``data rendered, nist · hours 3.25``."""
    if isinstance(value, dict):
        return " · ".join(f"{key} {flat(item)}".replace("_", " ") for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(flat(item) for item in value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)

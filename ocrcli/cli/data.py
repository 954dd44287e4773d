"""``ocr data STORE.h5``: what a store holds."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from ocrcli.cli import console
from ocrcli.datasets.summary import examples, summary
from ocrcli.errors import OutputError

app = typer.Typer(help="Show what a store holds.")

UNITS = {"char": "characters", "word": "words", "page": "pages"}
EXACT = 20  # lengths up to it are counted one by one, longer ones together
LONGER = (30, 50, 100)  # upper ends of those
BAR = 24  # cells of the longest bar
PARTIAL = "▏▎▍▌▋▊▉█"  # eighths of a cell


@dataclass(frozen=True)
class Histogram:
    """Counts by label; more than one column where a store has parts."""

    title: str
    columns: list[str]
    rows: dict[str, list[int]]


@app.command()
def data(
    stores: Annotated[list[Path], typer.Argument(metavar="STORE.H5", help="Made by ocr preprocess.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one object, or an array for several stores.")
    ] = False,
    show: Annotated[
        Path | None, typer.Option("--show", help="Write a contact sheet of the first store.")
    ] = None,
) -> None:
    """Show what a store holds.

    ocr data data/emnist-byclass.h5
    ocr data data/synthtext.h5 --show sheet.png

    Counts by part, labels or lengths and characters of the texts, what was dropped and why, and
    where it all comes from.
    """
    summaries = [summary(path) for path in stores]
    if show is not None:
        _draw(stores[0], show)
    if as_json:
        found = summaries if len(summaries) > 1 else summaries[0]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    on_terminal = console.is_terminal(sys.stdout)
    for i, told in enumerate(summaries):
        if i:
            typer.echo()
        (_print_rich if on_terminal else _print_plain)(told)


def _draw(store: Path, target: Path) -> None:
    from ocrcli.synth.sheet import contact_sheet

    try:
        contact_sheet(examples(store)).save(target)
    except (OSError, ValueError) as error:  # ValueError: Pillow knows no such suffix
        raise OutputError(f"{target}: cannot write the contact sheet: {error}") from error


def facts(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a store is, in lines of a name and a value."""
    sources = told["created_from"]
    names = ", ".join(source["name"] for source in sources[:3]) + (", …" if len(sources) > 3 else "")
    size = sum(source["bytes"] for source in sources) / 1e6
    what = f"{told['samples']:,} {UNITS[told['kind']]} of {told['dataset']}"
    rows = [
        ("store", told["store"]),
        ("holds", f"{what}, {told['bytes'] / 1e6:,.1f} MB"),
        ("parts", _counts(told["parts"])),
        ("contents", _counts(told.get("contents", {}))),
        ("dropped", _counts(told["dropped"]) or "none"),
        ("alphabet", f"{len(told['alphabet'])}: {told['alphabet']}" if told["alphabet"] else "open"),
        *((name.replace("_", " "), str(value)) for name, value in told["attributes"].items() if value != ""),
        ("made by", f"{told['command']} (ocrcli {told['code_version']}, seed {told['seed']})"),
        ("made from", f"{names} ({size:,.1f} MB)" if sources else ""),
    ]
    return [(name, value) for name, value in rows if value]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def histograms(told: Mapping[str, Any]) -> list[Histogram]:
    """The labels of characters; lengths and characters of texts."""
    if told["kind"] == "char":
        parts = told["labels"]
        rows = {label: [parts[part].get(label, 0) for part in parts] for label in told["alphabet"]}
        return [Histogram("label", list(parts), rows)]
    return [
        Histogram("length", ["texts"], {label: [n] for label, n in binned(told["lengths"]).items()}),
        Histogram("character", ["times"], {visible(c): [n] for c, n in told["characters"].items()}),
    ]


def binned(lengths: Mapping[str, int]) -> dict[str, int]:
    """Long texts counted together: ``21-30``, ``31-50``, ``51-100``, ``over 100``."""
    counts: dict[str, int] = {}
    for length, count in lengths.items():
        end = next((end for end in LONGER if int(length) <= end), None)
        begin = ([EXACT, *LONGER][LONGER.index(end)] + 1) if end else 0
        label = length if int(length) <= EXACT else f"{begin}-{end}" if end else f"over {LONGER[-1]}"
        counts[label] = counts.get(label, 0) + count
    return counts


def visible(character: str) -> str:
    """A character as it can be shown in a table."""
    return character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"


def _print_plain(told: Mapping[str, Any]) -> None:
    from ocrcli.scoring.table import plain_table

    rows = facts(told)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        typer.echo(f"{name:<{width}}  {console.one_line(value)}")
    for found in histograms(told):
        table = [[label, *(f"{count:,}" for count in counts)] for label, counts in found.rows.items()]
        typer.echo("\n" + plain_table([found.title, *found.columns], table))


def _print_rich(told: Mapping[str, Any]) -> None:
    from rich.columns import Columns
    from rich.markup import escape
    from rich.table import Table

    out = console.rich_console()
    grid = Table.grid(padding=(0, 2))
    for name, value in facts(told):
        grid.add_row(f"[bold]{escape(name)}[/]", escape(console.one_line(value)))
    out.print(grid)
    for found in histograms(told):
        totals = {label: sum(counts) for label, counts in found.rows.items()}
        counts = {label: f"{count:,}" for label, count in totals.items()}
        longest, wide = (max(map(len, texts), default=1) for texts in (totals, counts.values()))
        most = max(totals.values(), default=0) or 1
        cells = []
        for label, count in counts.items():
            shown = f"[bold]{escape(label.ljust(longest))}[/] [cyan]{bar(totals[label] / most):<{BAR}}[/]"
            cells.append(f"{shown} {count:>{wide}}")
        out.print(f"\n[bold]{escape(found.title)}s[/]")
        out.print(Columns(cells, padding=(0, 3), column_first=True))


def bar(share: float) -> str:
    """A bar of a share in 0..1, to an eighth of a cell."""
    eighths = round(share * BAR * 8)
    return PARTIAL[-1] * (eighths // 8) + (PARTIAL[eighths % 8 - 1] if eighths % 8 else "")

"""``ocr train char|word|detect``: trains a network, or goes on with a run that was stopped."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any

import typer

from ocrcli.errors import ExitCode, UsageError

app = typer.Typer(help="Train a network.", no_args_is_help=True)


def _options(panel: str, text: str, *names: str, **more: Any) -> Any:
    return typer.Option(
        *names, help=text, rich_help_panel=panel, show_default=more.pop("shown", False), **more
    )


LENGTH, OPTIMISATION, DATA, MACHINE = "How long", "Optimisation", "Data", "Machine and records"

Resume = Annotated[Path | None, _options(LENGTH, "Go on with this run (its folder or last.pt).", "--resume")]
Steps = Annotated[int | None, _options(LENGTH, "Optimiser steps.", "--steps", min=1)]
Minutes = Annotated[
    float | None, _options(LENGTH, "Wall-clock minutes, over all resumes (default 60).", "--minutes", min=0.0)
]
Epochs = Annotated[
    float | None,
    _options(LENGTH, "Passes over the data; 100,000 samples when rendering.", "--epochs", min=0.0),
]
Patience = Annotated[
    int | None,
    _options(LENGTH, "Stop after so many evaluations without a better score.", "--patience", min=1),
]
Init = Annotated[
    str | None,
    _options(
        OPTIMISATION, "Start from a checkpoint, an .onnx, or the shipped model (its task's name).", "--init"
    ),
]
Teachers = Annotated[
    list[Path] | None,
    _options(
        OPTIMISATION,
        "Learn from this network (a run's folder, best.pt or an .onnx), of characters beside the labels, "
        "of words, with --init, in place of them; repeatable.",
        "--teacher",
        metavar="RUN",
    ),
]
Size = Annotated[str | None, _options(OPTIMISATION, "tiny, small or base; of words slim, too.", "--size")]
BatchSize = Annotated[
    int | None, _options(OPTIMISATION, "Samples a step (words: of 128 pixels' width).", "--batch-size", min=1)
]
Rate = Annotated[float | None, _options(OPTIMISATION, "Peak learning rate.", "--lr", min=0.0)]
Seed = Annotated[int, _options(OPTIMISATION, "Of weights, data and order.", "--seed", shown=True)]
Data = Annotated[
    list[Path] | None,
    _options(
        DATA,
        "Labelled data to train on; FILE:2 counts double; 'rendered' names the renderer; repeatable.",
        "--data",
        metavar="FILE[:WEIGHT]",
    ),
]
Split = Annotated[
    str | None,
    _options(
        DATA,
        "The whole recipe for a split of EMNIST that ocr preprocess made: byclass, bymerge, balanced, "
        "letters, digits.",
        "--split",
    ),
]
Share = Annotated[
    float,
    _options(
        DATA,
        "Share of --data in the samples, the rest is rendered.",
        "--data-share",
        min=0.0,
        max=1.0,
        shown=True,
    ),
]
Scenes = Annotated[
    float | None,
    _options(DATA, "Share of scenes in the rendered words (default: 0.45).", "--scenes", min=0.0, max=1.0),
]
Lines = Annotated[
    float | None,
    _options(DATA, "Share of whole lines in what is rendered (default: 0.4).", "--lines", min=0.0, max=1.0),
]
Caseless = Annotated[
    bool, _options(DATA, "Labels of --data do not tell the case of letters: either is right.", "--caseless")
]
NoSynth = Annotated[bool, _options(DATA, "Render nothing: train on --data alone.", "--no-synth")]
Dev = Annotated[
    list[Path] | None, _options(DATA, "Labelled data that choose the best checkpoint; repeatable.", "--dev")
]
Fonts = Annotated[
    list[Path] | None,
    _options(DATA, "Folder of fonts to render with; repeatable (default: the system's).", "--fonts"),
]
Backgrounds = Annotated[Path | None, _options(DATA, "Folder of photographs to render on.", "--backgrounds")]
AlphabetOption = Annotated[
    str | None, _options(DATA, "Characters to learn (default: printed English).", "--alphabet")
]
Echo = Annotated[int | None, _options(DATA, "Times each rendered chunk is trained on.", "--echo", min=1)]
ChunkOption = Annotated[int | None, _options(DATA, "Samples a chunk.", "--chunk", min=1)]
HeldOut = Annotated[
    int, _options(DATA, "Rendered samples in the evaluation.", "--held-out", min=0, shown=True)
]
RunDir = Annotated[Path | None, _options(MACHINE, "Where results go (default: runs/TASK-TIME).", "--run-dir")]
Device = Annotated[str, _options(MACHINE, "auto, cpu, cuda or cuda:N.", "--device", shown=True)]
Precision = Annotated[str, _options(MACHINE, "auto, fp32, bf16 or fp16.", "--precision", shown=True)]
Threads = Annotated[int | None, _options(MACHINE, "Compute threads of the network.", "--threads", min=1)]
Workers = Annotated[
    int,
    _options(MACHINE, "Render processes; 0 renders in the training process.", "--workers", min=0, shown=True),
]
Compile = Annotated[bool, _options(MACHINE, "torch.compile the network (GPU).", "--compile")]
EvalEvery = Annotated[int, _options(MACHINE, "Steps between evaluations.", "--eval-every", min=1, shown=True)]
SaveEvery = Annotated[
    float, _options(MACHINE, "Minutes between checkpoints.", "--save-every", min=0.0, shown=True)
]
LogEvery = Annotated[
    float, _options(MACHINE, "Seconds between log lines.", "--log-every", min=0.0, shown=True)
]


# Options that not all tasks have: EMNIST's splits, the mixture of strips, teachers.
OWN = {"char": {"split", "teachers"}, "word": {"scenes", "lines", "caseless", "teachers"}, "detect": set()}


def _command(name: str, what: str, labels: str, example: str) -> None:
    """Adds ``ocr train NAME``; the options are the same for the three networks."""

    def command(
        ctx: typer.Context,
        resume: Resume = None,
        steps: Steps = None,
        minutes: Minutes = None,
        epochs: Epochs = None,
        patience: Patience = None,
        init: Init = None,
        split: Split = None,
        teachers: Teachers = None,
        size: Size = None,
        batch_size: BatchSize = None,
        lr: Rate = None,
        seed: Seed = 0,
        data: Data = None,
        data_share: Share = 0.5,
        caseless: Caseless = False,
        no_synth: NoSynth = False,
        scenes: Scenes = None,
        lines: Lines = None,
        dev: Dev = None,
        fonts: Fonts = None,
        backgrounds: Backgrounds = None,
        alphabet: AlphabetOption = None,
        echo: Echo = None,
        chunk: ChunkOption = None,
        held_out: HeldOut = 512,
        run_dir: RunDir = None,
        device: Device = "auto",
        precision: Precision = "auto",
        threads: Threads = None,
        workers: Workers = 1,
        compile: Compile = False,
        eval_every: EvalEvery = 500,
        save_every: SaveEvery = 5.0,
        log_every: LogEvery = 30.0,
    ) -> None:
        values = {
            key: value for key, value in ctx.params.items() if key not in {"resume", "no_synth", "split"}
        }
        for key in {"data", "dev", "fonts", "teachers"} & values.keys():
            values[key] = tuple(values[key] or ())
        values["synth"] = not no_synth
        given = {key for key in ctx.params if _on_command_line(ctx, key)} - {"resume"}
        if split and not resume:
            values = _recipe(split, values, given)
        elif not resume:
            values = _mixed(name, values, given)
        _run(name, resume, values, given)

    signature = inspect.signature(command, eval_str=True)
    foreign = set().union(*OWN.values()) - OWN[name]
    shared = [p for p in signature.parameters.values() if p.name not in foreign]
    command.__signature__ = signature.replace(parameters=shared)  # type: ignore[attr-defined]
    command.__doc__ = (
        f"Train {what}.\n\nLabelled data: {labels}.\n\n"
        f"ocr train {name} --minutes 60\n\nocr train {name} {example}"
    )
    app.command(name)(command)


_command(
    "char",
    "the character classifier",
    ".npz with images and labels, a store of ocr preprocess, or a folder with labels.tsv or with a folder "
    "a character",
    "--split byclass",
)
_command(
    "word",
    "the word and line recogniser",
    "labels.tsv with image<TAB>text a line, or a store of ocr preprocess",
    "--data data/synthtext.h5 --data data/mjsynth.h5:2 --data rendered",
)
_command(
    "detect",
    "the text-line detector",
    "pages.jsonl, a labelled page a line, as for ocr eval page, or a store of ocr preprocess",
    "--data data/synthtext-pages.h5 --data rendered --minutes 120",
)


def _recipe(split: str, values: dict[str, Any], given: set[str]) -> dict[str, Any]:
    _needs_torch()
    from ocrcli.training.charrecipe import split_values

    return split_values(split, values, given)


def _mixed(name: str, values: dict[str, Any], given: set[str]) -> dict[str, Any]:
    """The values with --data taken apart into files, weights and the renderer's share."""
    _needs_torch()
    from ocrcli.datasets.mixing import Mix, parse_mix, repeated, usual_stores

    mix = parse_mix(values["data"])
    if mix.rendered is not None:
        for key, option in (("no_synth", "--no-synth"), ("data_share", "--data-share")):
            if key in given:
                raise UsageError(f"{option} and --data rendered contradict each other: leave one out")
    if not values["data"] and (usual := usual_stores(name)):
        mix = Mix(usual, (1.0,) * len(usual), 1.0 if values["synth"] and "data_share" not in given else None)
        told = ", ".join(map(str, usual)) + (", rendered" if values["synth"] else "")
        typer.echo(f"ocr: training on {told} (choose with --data)", err=True)
    share = values["data_share"] if mix.share is None else mix.share
    if name == "char":  # draws all samples of all files alike
        return {**values, "data": repeated(mix), "data_share": share}
    return {**values, "data": mix.data, "weights": mix.weights, "data_share": share}


def _on_command_line(ctx: typer.Context, key: str) -> bool:
    source = ctx.get_parameter_source(key)
    return source is not None and source.name == "COMMANDLINE"


def _needs_torch() -> None:
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise UsageError("training needs: pip install 'ocrcli[train]'") from error


def _run(name: str, resume: Path | None, values: dict[str, Any], given: set[str]) -> None:
    _needs_torch()
    from ocrcli.training import start

    prepared = start.resume(name, resume, values, given) if resume else start.fresh(name, values)
    from ocrcli.training.loop import train

    result = train(prepared.task, prepared.checkpoint, prepared.weights)
    if not result.first:
        return
    if result.interrupted:
        go_on = f"ocr train {name} --resume {result.run_dir}"
        typer.echo(f"ocr: stopped at step {result.state.step:,} and saved; go on with: {go_on}", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED)
    for line in prepared.task.finish(result.run_dir):
        typer.echo(f"ocr: {line}", err=True)
    typer.echo(result.run_dir / "best.pt")


if __name__ == "__main__":
    app()

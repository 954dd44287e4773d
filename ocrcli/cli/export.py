"""``ocr export char|word|detect CHECKPOINT``: a checkpoint as a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ocrcli.errors import UsageError

app = typer.Typer(help="Turn a checkpoint into a model file.", no_args_is_help=True)

Checkpoint = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run's folder (its best.pt), best.pt or last.pt.")
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Default: TASK.onnx beside it.")]
Half = Annotated[bool, typer.Option("--fp16", help="Half-precision weights: half the size.")]
Int8 = Annotated[bool, typer.Option("--int8", help="8-bit convolutions: a third of the size, twice as fast.")]
Blend = Annotated[
    str | None,
    typer.Option(
        "--blend",
        metavar="RUN:SHARE",
        help="Take the mean of its weights and another run's, or those of the .onnx that it began from; "
        "SHARE of the latter, 0 to 1.",
    ),
]
Temperature = Annotated[
    float | None,
    typer.Option(
        "--temperature", min=0.1, metavar="T", help="By which the model's confidence is calmed (default: 1)."
    ),
]


def _command(name: str) -> None:
    """Adds ``ocr export NAME``."""

    def command(
        saved: Checkpoint,
        output: Output = None,
        fp16: Half = False,
        int8: Int8 = False,
        blend: Blend = None,
        temperature: Temperature = None,
    ) -> None:
        if fp16 and int8:
            raise UsageError("--fp16 and --int8 exclude each other")
        form: Any = "fp16" if fp16 else "int8" if int8 else "fp32"
        _export(name, saved, output, form, blend, temperature)

    command.__doc__ = (
        f"Write the {name} model as ONNX, if it answers as torch does.\n\n"
        f"ocr export {name} runs/{name}-1\n\nocr export {name} runs/{name}-1/best.pt -o {name}.onnx"
    )
    app.command(name)(command)


for _name in ("char", "word", "detect"):
    _command(_name)


def _export(
    name: str,
    saved: Path,
    output: Path | None,
    form: Any,
    blend: str | None,
    temperature: float | None,
) -> None:
    try:
        import onnx  # noqa: F401
        import torch  # noqa: F401
    except ImportError as error:
        raise UsageError("exporting needs: pip install 'ocrcli[train]'") from error
    from ocrcli.training.export import blended, export, load_task, other_weights
    from ocrcli.training.start import task_class

    task, values = load_task(task_class(name), name, saved)
    if blend is not None:
        run, share = _parsed(blend)
        values = blended(task, values, other_weights(task, name, run), share)
    folder = saved if saved.is_dir() else saved.parent
    result = export(task, values, output or folder / f"{name}.onnx", form, temperature)
    typer.echo(
        f"{form}, {result.size / 2**20:.2f} MiB; against torch on {result.samples} samples: "
        f"greatest difference {result.difference:.2g}, answers agree to {result.agreement:.1%}",
        err=True,
    )
    typer.echo(result.path)


def _parsed(blend: str) -> tuple[Path, float]:
    from ocrcli.datasets.mixing import WEIGHTED

    found = WEIGHTED.fullmatch(blend)
    if found is None or float(found[2]) > 1:
        raise UsageError(f"--blend {blend}: give a run or an .onnx and its share, as in runs/before:0.6")
    return Path(found[1]), float(found[2])


if __name__ == "__main__":
    app()

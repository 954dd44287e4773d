"""``ocr doctor``: everything that a bug report needs, and whether the models work here."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ocrcli import __version__
from ocrcli.cli import console
from ocrcli.cli.configfile import config_path
from ocrcli.cli.settings import PREFIX
from ocrcli.errors import ExitCode, ModelError

if TYPE_CHECKING:
    from ocrcli.engine.model import Model

app = typer.Typer(add_completion=False)

NEEDED = ("numpy", "pillow", "onnxruntime", "pypdfium2", "typer", "rich")
OPTIONAL = ("onnxruntime-gpu", "torch", "torchvision", "h5py", "onnx")
# Instruction sets that decide how fast onnxruntime is.
FLAGS = (
    "avx",
    "avx2",
    "fma",
    "avx512f",
    "avx512_vnni",
    "avx_vnni",
    "amx_int8",
    "amx_bf16",
    "asimd",
    "asimddp",
)
CODECS = ("jpg", "jpg_2000", "libtiff", "webp", "avif", "freetype2")


@dataclass(frozen=True)
class Check:
    """One line of the report. ``ok`` is None where there is nothing to be right or wrong."""

    name: str
    detail: str
    ok: bool | None = None


@app.command()
def doctor(
    model_dir: Path = typer.Option(None, metavar="DIR", help="Look for models here first (also OCR_MODELS)."),
    as_json: bool = typer.Option(False, "--json", help="The report as one JSON object."),
) -> None:
    """Check this installation: versions, processor, providers, paths, and each model by a run.

    ocr doctor
    ocr doctor --json > report.json

    Exits with 4 when a model is missing or damaged, with 1 when a package is.
    """
    packages = [_package(name) for name in NEEDED]
    system = [*_system(), *_optional_packages(), *_runtime()]
    models = _models(model_dir)
    if as_json:
        sections = {"packages": packages, "system": system, "models": models}
        record: dict[str, Any] = {"schema": "ocrcli-doctor/1", "version": __version__}
        record["ok"] = all(check.ok is not False for part in sections.values() for check in part)
        record |= {name: [asdict(check) for check in part] for name, part in sections.items()}
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        _show([*system, *packages, *models])
    if any(check.ok is False for check in packages):
        raise typer.Exit(ExitCode.UNEXPECTED)
    if any(check.ok is False for check in models):
        raise typer.Exit(ExitCode.MODEL)


def _show(checks: list[Check]) -> None:
    colour = console.has_colour(sys.stdout)
    marks = {None: ("    ", console.DIM), True: ("OK  ", console.GREEN), False: ("FAIL", console.RED)}
    width = max(len(check.name) for check in checks)
    for check in checks:
        mark, style = marks[check.ok]
        name = console.paint(f"{check.name:<{width}}", console.DIM, colour=colour and check.ok is None)
        typer.echo(f"{console.paint(mark, style, colour=colour)}  {name}  {check.detail}")


def _package(name: str) -> Check:
    try:
        return Check(name, version(name), True)
    except PackageNotFoundError:
        if name == "onnxruntime" and _optional("onnxruntime-gpu"):
            return Check(name, "onnxruntime-gpu in its place", True)
        return Check(name, "not installed", False)


def _optional(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _optional_packages() -> list[Check]:
    found = [(name, _optional(name)) for name in OPTIONAL]
    training = ", ".join(f"{name} {number}" for name, number in found if number)
    return [Check("optional", training or "none (training needs pip install 'ocrcli[train]')")]


def _system() -> list[Check]:
    return [
        Check("ocrcli", f"{__version__}, {Path(__file__).resolve().parent.parent}"),
        Check(
            "python", f"{platform.python_version()} ({platform.python_implementation()}), {sys.executable}"
        ),
        Check("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        Check("processor", _processor()),
        Check(
            "encoding", f"stdout {getattr(sys.stdout, 'encoding', None)}, files {sys.getfilesystemencoding()}"
        ),
        Check("settings", _settings()),
    ]


def _settings() -> str:
    """The configuration file, and the names of variables: a password is no part of a bug report."""
    path = config_path()
    file = f"{path}{'' if path.exists() else ' (not there)'}" if path else "no home folder"
    return ", ".join([file, *sorted(name for name in os.environ if name.startswith(PREFIX))])


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        return f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors"
    rows = dict(part.split(":", 1) for part in text.splitlines() if ":" in part)
    values = {key.strip(): value.strip() for key, value in rows.items()}
    known = set((values.get("flags") or values.get("Features") or "").split())
    flags = " ".join(flag for flag in FLAGS if flag in known)
    name = values.get("model name", platform.machine())
    return f"{name}, {os.cpu_count()} processors, {flags or 'no known instruction sets'}"


def _runtime() -> list[Check]:
    try:
        import onnxruntime
        from PIL import features

        from ocrcli.engine.model import usable_cores
        from ocrcli.engine.weights import CHECKOUT, ENVIRONMENT, PACKAGED
    except ImportError as error:
        return [Check("runtime", f"cannot be imported: {error}", False)]
    limits = [f"{name}={os.environ[name]}" for name in ("OMP_NUM_THREADS",) if name in os.environ]
    named = os.environ.get(ENVIRONMENT)
    folders = [folder for folder in (named, str(PACKAGED), str(CHECKOUT)) if folder]
    return [
        Check("threads", ", ".join([f"{usable_cores()} usable cores", *limits])),
        Check("providers", ", ".join(onnxruntime.get_available_providers())),
        Check("codecs", ", ".join(name for name in CODECS if features.check(name))),
        Check("model folders", ", ".join(folders)),
    ]


def _models(model_dir: Path | None) -> list[Check]:
    from ocrcli.cli.models import MEGABYTE, find_entries

    checks = []
    for entry in find_entries(model_dir):
        name = f"model {entry.task}"
        if entry.model is None:
            checks.append(Check(name, entry.problem, False))
            continue
        model = entry.model
        size = f"{model.path.stat().st_size / MEGABYTE:.1f} MB"
        detail = f"{model.card.architecture}, {size}, sha256 {model.sha256[:12]}, {model.path}"
        try:
            try_out(model)
            checks.append(Check(name, detail, True))
        except ModelError as error:
            checks.append(Check(name, str(error), False))
    return checks


def try_out(model: Model) -> None:
    """Runs a model on a small blank input. Raises ModelError when its output is not what its card says."""
    import numpy as np

    card = model.card
    unit = card.input.multiple_of
    height = card.input.height or 64 // unit * unit or unit
    width = card.input.width or 128 // unit * unit or unit
    output = model.run(np.full((1, card.input.channels, height, width), 255, np.uint8))
    expected = {
        "word": (1, width // card.stride, len(card.alphabet) + 1),
        "char": (1, len(card.alphabet)),
        "detect": (1, 1, height // card.stride, width // card.stride),
    }[card.task]
    if output.shape != expected:
        raise ModelError(f"{model.path}: gives {output.shape} where its card promises {expected}")
    if not np.isfinite(output).all():
        raise ModelError(f"{model.path}: gives numbers that are not finite on this processor")

"""The two halves of the project meet in the model files alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ocrcli

PACKAGE = Path(ocrcli.__file__).parent
TRAINING_HALF = ("ocrcli.nets", "ocrcli.training", "ocrcli.datasets", "ocrcli.synth", "torch")


def imported_modules(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("folder", ["engine", "formats"])
def test_inference_never_imports_the_training_half(folder):
    for file in (PACKAGE / folder).rglob("*.py"):
        guilty = {name for name in imported_modules(file) if name.startswith(TRAINING_HALF)}
        assert not guilty, f"{file} imports {guilty}"


def test_no_module_writes_to_stdout_but_the_command_line():
    for file in PACKAGE.rglob("*.py"):
        if "cli" in file.relative_to(PACKAGE).parts:
            continue
        calls = (n for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.Call))
        assert not any(isinstance(c.func, ast.Name) and c.func.id == "print" for c in calls), file


def test_importing_the_engine_loads_no_torch():
    code = "import ocrcli.engine, ocrcli.engine.pipeline, sys; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_reading_a_picture_opens_no_socket(tmp_path):
    from PIL import Image, ImageDraw, ImageFont

    picture = tmp_path / "word.png"
    image = Image.new("L", (200, 48), 255)
    ImageDraw.Draw(image).text((10, 8), "Hello", font=ImageFont.load_default(28), fill=0)
    image.save(picture)
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = refuse; socket.create_connection = refuse; socket.getaddrinfo = refuse\n"
        f"sys.argv = ['ocr', 'predict', {str(picture)!r}, '--mode', 'word']\n"
        "from ocrcli.cli.app import main\n"
        "main()\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "Hello"

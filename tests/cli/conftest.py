"""Runs the real command: in this process where only its answer matters, as a process where its
streams do. The tiny models of ``tests/conftest.py`` stand in for the weights.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from ocrcli.cli.app import run

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Result:
    code: int
    out: str
    err: str


@pytest.fixture
def models(tiny_models, monkeypatch):
    """The tiny models are the ones in use."""
    monkeypatch.setenv("OCR_MODELS", str(tiny_models))
    return tiny_models


@pytest.fixture
def ocr(models, monkeypatch, capfd):
    """``ocr(*arguments)`` runs a command line in this process."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("OCR_DEBUG", raising=False)

    def call(*arguments):
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Result(int(code), out, err)

    yield call
    os.environ.pop("NO_COLOR", None)  # --no-color sets it


@pytest.fixture
def environment(tiny_models):
    """``environment(**variables)``: what a process of the command is started with."""

    def make(**variables):
        dropped = ("NO_COLOR", "FORCE_COLOR", "OCR_DEBUG", "PYTHONWARNINGS")
        kept = {name: value for name, value in os.environ.items() if name not in dropped}
        return {**kept, "PYTHONPATH": str(ROOT), "OCR_MODELS": str(tiny_models), **variables}

    return make


@pytest.fixture
def ocr_process(environment):
    """``ocr_process(*arguments, stdin=b"", **variables)`` runs it as a process of its own."""

    def call(*arguments, stdin=b"", **variables):
        done = subprocess.run(
            [sys.executable, "-m", "ocrcli", *(str(argument) for argument in arguments)],
            input=stdin,
            capture_output=True,
            env=environment(**variables),
            timeout=120,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def page_file(tmp_path, paint_page):
    """``page_file(name, *lines)`` saves a page with these lines of text, and gives its path."""

    def save(name, *lines):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(paint_page([(60, 60 + 60 * i, line) for i, line in enumerate(lines)])).save(path)
        return path

    return save


@pytest.fixture
def word_file(tmp_path, paint_strip):
    """``word_file(name, text)`` saves the picture of a word, and gives its path."""

    def save(name, text):
        path = tmp_path / name
        Image.fromarray(paint_strip(text)).save(path)
        return path

    return save

import importlib
import subprocess
import sys

import pytest

from ocrcli import __version__
from ocrcli.cli import app as application
from ocrcli.cli.app import VERBS
from ocrcli.errors import ExitCode, NetworkError, OutputError

HEAVY = ("numpy", "PIL", "onnxruntime", "rich", "torch", "pydantic")


def modules_after(*arguments):
    """Which heavy modules a command line imports."""
    code = (
        "import sys; from ocrcli.cli.app import run; "
        f"run({list(arguments)!r}); sys.stdout.flush(); "
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stderr.strip().splitlines()[-1]


def test_help_lists_every_verb_with_examples_first(ocr):
    result = ocr("--help")
    assert result.code == 0 and result.err == ""
    assert result.out.index("Examples:") < result.out.index("Usage:")
    assert all(f"  {verb} " in result.out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_that_opens_with_two_examples(ocr, verb):
    long, short = ocr(verb, "--help"), ocr(verb, "-h")
    assert long.code == short.code == 0
    assert long.out == short.out
    examples = long.out.split("Usage:")[0]
    assert examples.count(f"ocr {verb}") >= 2
    assert "--debug" in long.out or "Commands:" in long.out


def test_every_verb_is_in_its_module():
    for module, _ in VERBS.values():
        assert importlib.import_module(module).app


def test_help_imports_nothing_heavy():
    assert modules_after("--help") == "[]"
    assert modules_after("predict", "--help") == "[]"


def test_reading_imports_neither_rich_nor_pydantic(models, word_file):
    imported = modules_after("predict", str(word_file("w.png", "cold")), "--mode", "word")
    assert imported == "['numpy', 'PIL', 'onnxruntime']"


def test_version(ocr):
    assert ocr("--version").out == f"ocr {__version__}\n"


def test_no_verb_shows_the_help_on_stderr_as_a_usage_error(ocr):
    result = ocr()
    assert result.code == ExitCode.USAGE
    assert result.out == "" and "Commands:" in result.err


def test_misspelt_verb_is_a_usage_error_with_a_suggestion(ocr):
    result = ocr("predcit", "x.png")
    assert result.code == ExitCode.USAGE
    assert result.out == "" and "predict" in result.err and result.err.count("\n") == 1


def test_misspelt_option_is_a_usage_error_with_a_suggestion(ocr):
    result = ocr("predict", "--outptu", "x")
    assert result.code == ExitCode.USAGE
    assert "--output" in result.err and "ocr predict --help" in result.err


@pytest.mark.parametrize("error", [NetworkError("no route"), OutputError("disk full")])
def test_error_of_ours_is_one_line_and_its_exit_code(ocr, monkeypatch, error):
    monkeypatch.setattr(application, "_invoke", lambda arguments: raise_(error))
    result = ocr("predict")
    assert result.code == error.exit_code
    assert result.err == f"ocr: {error}\n"


def test_unexpected_error_names_its_type_and_hides_the_traceback(ocr, monkeypatch):
    monkeypatch.setattr(application, "_invoke", lambda arguments: raise_(ZeroDivisionError("by\nzero")))
    result = ocr("predict")
    assert result.code == ExitCode.UNEXPECTED
    assert result.err == "ocr: unexpected ZeroDivisionError: by zero (run with --debug for the traceback)\n"


def test_debug_shows_the_traceback(ocr, monkeypatch):
    monkeypatch.setattr(application, "_invoke", lambda arguments: raise_(ZeroDivisionError("x")))
    assert "Traceback (most recent call last)" in ocr("predict", "--debug").err
    monkeypatch.setenv("OCR_DEBUG", "1")
    assert "Traceback (most recent call last)" in ocr("predict").err


def test_interrupt_ends_with_130(ocr, monkeypatch):
    monkeypatch.setattr(application, "_invoke", lambda arguments: raise_(KeyboardInterrupt()))
    result = ocr("predict")
    assert result.code == ExitCode.INTERRUPTED and result.err == "\n"


def test_missing_training_package_is_explained(ocr, monkeypatch):
    absent = ModuleNotFoundError("No module named 'torch'", name="torch")
    monkeypatch.setattr(importlib, "import_module", lambda name: raise_(absent))
    result = ocr("train", "word")
    assert result.code == ExitCode.USAGE
    assert result.err == "ocr: ocr train needs the package torch: pip install 'ocrcli[train]'\n"


def test_module_runs_as_the_command(ocr_process):
    assert ocr_process("--version").out == f"ocr {__version__}\n"


def test_help_is_plain_when_piped(ocr):
    assert "\033[" not in ocr("predict", "--help").out


def raise_(error):
    raise error

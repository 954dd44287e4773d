"""``ocr config`` and ``ocr man``: what they tell is what is so."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ocrcli import __version__, cli
from ocrcli.cli.app import VERBS, load_verb
from ocrcli.cli.man import EXIT_STATUS
from ocrcli.errors import ExitCode


@pytest.fixture
def config(tmp_path, monkeypatch):
    path = tmp_path / "config.toml"
    monkeypatch.setenv("OCR_CONFIG", str(path))
    return path


def settings(ocr):
    record = json.loads(ocr("config", "--json").out)
    return {(row["command"], row["option"]): (row["value"], row["origin"]) for row in record["settings"]}


def test_config_tells_value_and_origin_of_each_setting(ocr, config, monkeypatch):
    config.write_text("dpi = 300\ndevice = 'cpu'\n[predict]\nmode = 'page'\n[train.word]\nlr = 0.1\n")
    monkeypatch.setenv("OCR_MODE", "word")
    found = settings(ocr)
    assert found["predict", "dpi"] == ("300", f"{config}:1")
    assert found["predict", "mode"] == ("word", "OCR_MODE")
    assert found["predict", "fail-empty"] == (False, "default")
    assert found["eval page", "device"] == ("cpu", f"{config}:2")
    assert found["train word", "lr"] == ("0.1", f"{config}:6")
    assert ("train char", "lr") not in found


def test_config_shows_the_same_to_people(ocr, config):
    config.write_text("dpi = 300\n")
    out = ocr("config").out
    assert out.startswith(f"{config}\n")
    assert re.search(rf"^  dpi +300 +{re.escape(str(config))}:1$", out, re.MULTILINE)
    assert re.search(r"^  format +not set +default$", out, re.MULTILINE)


def test_config_checks_the_tables_of_all_commands(ocr, config):
    config.write_text("[train]\nlr = 'fast'\n")
    result = ocr("config")
    assert result.code == ExitCode.USAGE
    assert result.err.startswith(f"ocr: {config}:2: lr: 'fast' is not a number")
    config.write_text("[train.word]\nlrr = 1\n")
    assert "2: ocr train word has no option lrr to set; did you mean lr?" in ocr("config").err


def test_config_warns_of_variables_that_mean_nothing(ocr, monkeypatch):
    monkeypatch.setenv("OCR_FROMAT", "json")
    assert "warning: OCR_FROMAT means nothing; did you mean OCR_FORMAT?" in ocr("config").err


def test_config_path_is_where_the_file_would_be(ocr, config):
    assert ocr("config", "--path").out == f"{config}\n"


def test_manual_names_every_command_option_and_exit_code(ocr):
    page = ocr("man").out.replace(r"\-", "-")
    assert f'"ocrcli {__version__}"' in page
    for verb in VERBS:
        command = load_verb(verb)
        for name, part in getattr(command, "commands", {"": command}).items():
            assert f".SS ocr {verb} {name}".rstrip() in page
            options = {opt for option in part.params for opt in option.opts if opt.startswith("--")}
            assert {opt for opt in options if opt not in page} == set()
            unexplained = [p.opts for p in part.params if p.opts[0].startswith("-") and not p.help]
            assert unexplained == [], (verb, name)
    assert set(EXIT_STATUS) == set(ExitCode)


def test_manual_that_the_wheel_installs_is_of_this_version(ocr):
    kept = (Path(cli.__file__).parent / "ocr.1").read_text()
    for pattern in (r"^\.SS .*", r"^\\fB.*\\fR$"):  # commands, then options; texts may depend on Typer
        now = re.findall(pattern, ocr("man").out, re.MULTILINE)
        assert now and re.findall(pattern, kept, re.MULTILINE) == now, "make man"


def test_manual_is_the_same_for_the_same_date(ocr, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert '"1970-01-02"' in ocr("man").out


@pytest.mark.parametrize("check", [["mandoc", "-T", "lint", "-W", "style"], ["man", "--warnings", "-l"]])
def test_manual_is_well_formed(ocr, tmp_path, check):
    if shutil.which(check[0]) is None:
        pytest.skip(f"{check[0]} is not installed")
    page = tmp_path / "ocr.1"
    page.write_text(ocr("man").out)
    done = subprocess.run([*check, page], capture_output=True, text=True)
    said = done.stdout if check[0] == "mandoc" else done.stderr
    assert done.returncode == 0 and said == ""


def test_manual_shows_examples_as_they_are_typed(ocr, tmp_path):
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    page = tmp_path / "ocr.1"
    page.write_text(ocr("man").out)
    shown = subprocess.run(["mandoc", "-T", "ascii", page], capture_output=True, text=True).stdout
    shown = re.sub(".\b", "", shown)  # bold type is struck twice
    assert "ocr predict *.jpg -f jsonl | jq -r .text" in shown
    assert "--min-confidence X" in shown

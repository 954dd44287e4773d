"""Options from the environment and the configuration file, as the command heeds them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocrcli.cli.app import VERBS, load_verb
from ocrcli.cli.configfile import ConfigFile
from ocrcli.cli.settings import MAIN, PER_CALL, SHARED, settable, settings_of
from ocrcli.errors import ExitCode

BAD = {
    "dpi = 5": "1: invalid value for '--dpi': 5 is not from 20 to 1200",
    '# scans\n\n  "dpi" = "abc"': "3: invalid value for '--dpi': 'abc' is not a whole number",
    "dpi = 200.5": "1: invalid value for '--dpi': '200.5' is not a whole number",
    "dpi = true": "1: dpi is a text or a number, not true or false",
    'format = "jsno"': "1: format is one of text, json, jsonl, tsv",
    "[predict]\nmode = 'pge'": "2: mode is one of auto, page, word, char, not 'pge'",
    "fromat = 'json'": "1: ocr predict has no option fromat to set; did you mean format?",
    "min_confidence = 0.5": "1: ocr predict has no option min_confidence to set; did you mean min-",
    "output = 'x.txt'": "1: output belongs on the command line",
    "password = 'secret'": "1: password belongs on the command line",
    "[predcit]\ndpi = 300": "1: there is no command predcit; did you mean predict?",
    "quiet = 'yes'": "1: quiet is true or false, not 'yes'",
    "device = ['cpu']": "1: device is a text or a number, not a list",
    "dpi = 200\nmode = ": "2: Invalid value",
    "[predict]\ndpi = 200\n[predict]": "Cannot declare",
    "mode = 'char'\nlexicon = 'w.txt'": "2: --lexicon goes with words",
    "model-dir = 'nowhere'": "1: ",
}


@pytest.fixture
def config(tmp_path, monkeypatch):
    """``config(text)`` writes the configuration file, and gives its path."""
    path = tmp_path / "settings" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setenv("OCR_CONFIG", str(path))

    def write(text: str) -> Path:
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_each_source_yields_to_the_one_before(ocr, word_file, config, monkeypatch):
    word = word_file("w.png", "cold")
    config('format = "tsv"')
    assert ocr("predict", word).out.startswith("level\t")
    config('format = "tsv"\n[predict]\nformat = "hocr"')
    assert ocr("predict", word).out.startswith("<?xml")
    monkeypatch.setenv("OCR_FORMAT", "jsonl")
    assert ocr("predict", word).out.startswith('{"schema"')
    assert ocr("predict", word, "-f", "text").out == "cold\n"
    monkeypatch.setenv("OCR_FORMAT", "")  # as if it were not set
    assert ocr("predict", word).out.startswith("<?xml")


def test_configuration_is_found_in_the_xdg_folder(ocr, word_file, tmp_path, monkeypatch):
    monkeypatch.delenv("OCR_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert ocr("predict", word_file("w.png", "cold")).out == "cold\n"  # without one
    (tmp_path / "ocrcli").mkdir()
    (tmp_path / "ocrcli" / "config.toml").write_text("allow = 'old'")
    assert ocr("predict", word_file("w.png", "cold")).out == "dold\n"  # c is nearest to d
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")  # which the specification wants ignored
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    assert ocr("config", "--path").out == f"{tmp_path}/nobody/.config/ocrcli/config.toml\n"


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_mistakes_are_told_with_file_and_line(ocr, word_file, config, monkeypatch, text):
    path = config(text)
    monkeypatch.delenv("OCR_MODELS")
    result = ocr("predict", word_file("w.png", "cold"))
    assert result.code == (ExitCode.MODEL if "model-dir" in text else ExitCode.USAGE)
    assert result.err.startswith(f"ocr: {path}") and result.err.count("\n") == 1
    assert BAD[text] in result.err and not result.out


def test_missing_and_unreadable_files_are_told(ocr, tmp_path, monkeypatch):
    monkeypatch.setenv("OCR_CONFIG", str(tmp_path / "none.toml"))
    assert ocr("predict", "x.png").err == f"ocr: {tmp_path}/none.toml: no such file (OCR_CONFIG)\n"
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    monkeypatch.setenv("OCR_CONFIG", str(tmp_path / "latin.toml"))
    result = ocr("predict", "x.png")
    assert result.code == ExitCode.USAGE and "latin.toml: not UTF-8" in result.err


def test_mistakes_in_variables_name_the_variable(ocr, word_file, monkeypatch):
    monkeypatch.setenv("OCR_DPI", "fine")
    result = ocr("predict", word_file("w.png", "cold"))
    assert result.code == ExitCode.USAGE
    assert result.err.startswith("ocr: OCR_DPI: invalid value for '--dpi': 'fine' is not a whole number")


def test_mistake_on_the_command_line_is_not_blamed_on_the_file(ocr, word_file, config):
    config("dpi = 300")
    result = ocr("predict", word_file("w.png", "cold"), "--dpi=7")
    assert result.err.startswith("ocr: invalid value for '--dpi'")


@pytest.mark.parametrize("word, quiet", [("1", True), ("TRUE", True), ("0", False), ("no", False)])
def test_flags_in_variables_are_words(monkeypatch, word, quiet):
    monkeypatch.setenv("OCR_QUIET", word)
    command = load_verb(MAIN)
    assert settings_of(MAIN, command, ConfigFile(None)).defaults[MAIN]["quiet"] is quiet


def test_a_variable_may_hold_several_values(monkeypatch):
    monkeypatch.setenv("OCR_FORMAT", "json, text")
    command = load_verb(MAIN)
    assert settings_of(MAIN, command, ConfigFile(None)).defaults[MAIN]["format"] == ["json", "text"]


def test_password_comes_from_the_environment_and_is_not_shown(ocr, monkeypatch):
    monkeypatch.setenv("OCR_PASSWORD", "sesame")
    command = load_verb(MAIN)
    assert settings_of(MAIN, command, ConfigFile(None)).defaults[MAIN]["password"] == "sesame"
    assert "sesame" not in ocr("config").out and "OCR_PASSWORD" in ocr("config").out


def test_paths_are_relative_to_the_file_that_names_them(ocr, word_file, config, tiny_models, monkeypatch):
    monkeypatch.delenv("OCR_MODELS")
    path = config("model-dir = 'weights'\nlexicon = 'words.txt'")
    (path.parent / "weights").symlink_to(tiny_models)
    (path.parent / "words.txt").write_text("cold\n")
    assert ocr("predict", word_file("w.png", "cold")).out == "cold\n"


def test_variable_for_the_models_comes_before_the_file(ocr, word_file, config, models):
    config("model-dir = '/nowhere'")
    assert os.environ["OCR_MODELS"] == str(models)
    assert ocr("predict", word_file("w.png", "cold")).out == "cold\n"


def test_help_comes_whatever_the_settings(ocr, config, monkeypatch):
    config("mode =")
    monkeypatch.setenv("OCR_DPI", "x")
    assert ocr("predict", "--help").code == 0


def test_tables_hold_for_their_command_alone():
    train = load_verb("train")
    values = {"device": "cpu", "dpi": 300, "train": {"lr": 0.5, "word": {"batch-size": 7}}}
    found = settings_of("train", train, ConfigFile(Path("c.toml"), "", values)).defaults["train"]
    assert found["word"] == {"device": "cpu", "lr": "0.5", "batch_size": "7"}
    assert found["char"] == {"device": "cpu", "lr": "0.5"}


def test_shared_settings_reach_every_command_that_has_the_option(monkeypatch):
    monkeypatch.setenv("OCR_THREADS", "3")
    monkeypatch.setenv("OCR_BATCH_SIZE", "5")  # of predict, which must not change training
    for verb in VERBS:
        command = load_verb(verb)
        for path, found in settings_of(verb, command, ConfigFile(None)).options.items():
            part = command
            for name in path[1:]:
                part = part.commands[name]
            assert ("threads" in found) == ("threads" in settable(part))
            assert ("batch-size" in found) == (verb == MAIN)


def test_what_is_set_apart_are_options():
    """The lists in the settings name options that exist."""
    options = {
        name[2:] for option in load_verb(MAIN).params for name in option.opts if name.startswith("--")
    } | {"help"}
    assert options >= PER_CALL
    assert options >= set(SHARED)

"""The README's commands do what it says: settings, Python, recipes, the way over from Tesseract.

They are run as they stand there, in a folder with the files that they name.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "data" / "samples"
README = (ROOT / "README.md").read_text(encoding="utf-8")
HEADING, BEGINNING = (110, 140, 760, 230), (110, 140, 1120, 287)  # boxes of the sample page
PATIENCE = 120  # seconds, for a busy machine


def section(title: str) -> str:
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


RECIPES = {
    prose.strip().splitlines()[-1]: code
    for prose, code in re.findall(r"(.+?)\n```\n(.*?)```", section("Recipes"), re.DOTALL)
}
ROWS = re.findall(r"^\| `(.+?)` \| `(.+?)` \|", section("Coming from Tesseract"), re.MULTILINE)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with everything that the README's commands read, and ``ocr`` to be called."""
    folder = tmp_path_factory.mktemp("desk")
    command = folder / "bin" / "ocr"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m ocrcli "$@"\n')
    command.chmod(0o755)
    with Image.open(SAMPLES / "page.png") as page:
        heading, beginning = page.convert("L").crop(HEADING), page.convert("L").crop(BEGINNING)
    beginning.save(folder / "page.png")
    for name in ("in.png", "scans/page-1.png", "scans/page-2.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        heading.save(folder / name)
    heading.save(folder / "scan.pdf", resolution=100)
    shutil.copy(SAMPLES / "receipt.jpg", folder)
    (folder / "words").mkdir()
    shutil.copy(SAMPLES / "word.png", folder / "words")
    (folder / "list.txt").write_text("in.png\npage.png\n")
    (folder / "words.txt").write_text("Reading\n")
    (folder / "last.jsonl").touch()
    os.utime(folder / "last.jsonl", (0, 0))
    (folder / "inbox").mkdir()
    return folder


@pytest.fixture
def shell(desk):
    """``shell(line)`` starts a line of the README; ``shell.run(line)`` gives what it prints."""
    variables = {
        **os.environ,
        "PATH": f"{desk / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "OMP_THREAD_LIMIT": "1",
    }

    def start(line):
        return subprocess.Popen(
            ["bash", "-o", "pipefail", "-ec", line], cwd=desk, env=variables, text=True, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def run(line):
        process = start(line)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, f"{line}\n{err}"
        return out

    start.run = run
    return start


def recipe(words: str, *tools: str) -> str:
    """The recipe with these words in its heading; skips the test where a tool is missing."""
    (found,) = (code for prose, code in RECIPES.items() if words in prose)
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    return found


def test_every_recipe_has_a_test():
    assert len(RECIPES) == 8


def test_recipe_ripgrep_finds_words_in_pictures(shell):
    found = shell.run(recipe("ripgrep", "rg").replace("total|sum", "step by step"))
    files = sorted(line.split(":")[0] for line in found.splitlines())
    assert files == ["scans/page-1.png", "scans/page-2.png"]


def test_recipe_jq_lists_doubtful_words(shell):
    rows = [line.split("\t") for line in shell.run(recipe("doubts", "jq")).splitlines()]
    assert len(rows) == 10 and {text for _, text in rows} & {"Reading", "page,", "step", "grid", "pixels."}
    assert [float(confidence) for confidence, _ in rows] == sorted(float(row[0]) for row in rows)


def test_recipe_find_reads_what_is_new(shell, desk):
    shell.run(recipe("What is new", "find"))
    assert len((desk / "new.jsonl").read_text().splitlines()) == 2


def test_recipe_parallel_reads_every_file(shell, desk):
    shutil.rmtree(desk / "text", ignore_errors=True)
    shell.run(recipe("GNU parallel", "parallel"))
    assert sorted(path.name for path in (desk / "text").iterdir()) == ["page-1.txt", "page-2.txt"]


def test_recipe_watched_folder_is_read(shell, desk):
    line = recipe("watched", "inotifywait").replace(" -q ", " ")  # it says when it watches
    line = line.replace("-o text/;", '-o text/; echo "$file";')
    process = shell(line)
    try:
        while "established" not in process.stderr.readline():
            pass
        shutil.copy(desk / "in.png", desk / "inbox" / "new.png")
        assert process.stdout.readline() == "inbox/new.png\n"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert "Reading a page" in (desk / "text" / "new.txt").read_text()


def test_recipe_scan_becomes_a_pdf_that_can_be_searched(shell, desk):
    shown = shell.run(recipe("searched", "pdftotext"))
    assert shown.count("Reading a page, step by step") == 2
    assert "Reading a page" in shell.run("pdftotext searchable.pdf -")


def test_recipe_receipt_becomes_a_table(shell, desk):
    shell.run(recipe("receipt", "sed"))
    with (desk / "receipt.csv").open(newline="") as file:
        rows = dict(csv.reader(file))
    assert rows["2 x Rye bread"] == "7.60" and rows["TOTAL GBP"] == "19.62"


@pytest.mark.parametrize("theirs, ours", ROWS, ids=[theirs for theirs, _ in ROWS])
def test_row_of_the_migration_table(shell, desk, theirs, ours):
    told, made = did(shell, desk, ours)
    if "--allow" in ours:  # digits, of which there are none
        assert not set(told) - set("0123456789 \n")
        return
    assert told or made
    if "--mode char" not in ours and "models" not in ours:
        assert "Reading" in told + "".join(made.values())
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed: ours alone was run")
    their_told, their_made = did(shell, desk, theirs)
    assert bool(their_told) == bool(told)
    assert len(their_made) == len(made)
    for name in their_made.keys() & made.keys():
        assert made[name].split(None, 1)[0] == their_made[name].split(None, 1)[0]  # <?xml, %PDF, level


def did(shell, desk, line) -> tuple[str, dict[str, str]]:
    """What a command printed, and the files that it made: their text by their suffix."""
    for path in [*desk.glob("out*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    told = shell.run(line)
    files = [path for path in [*desk.glob("out*"), *desk.glob("out/*")] if path.is_file()]
    if (desk / "out.pdf").exists() and shutil.which("pdftotext"):
        return told, {".pdf": shell.run("pdftotext out.pdf -")}
    return told, {path.suffix: path.read_text(errors="replace") for path in files}


def test_migration_table_has_what_people_use():
    theirs = " ".join(row for row, _ in ROWS)
    wanted = "hocr tsv alto pdf stdout --psm --oem -l --dpi list.txt OMP_THREAD_LIMIT whitelist --user-words"
    assert all(word in theirs for word in wanted.split())


def test_python_of_the_readme_runs(desk):
    (code,) = re.findall(r"```python\n(.*?)```", section("In Python"), re.DOTALL)
    assert len([line for line in code.splitlines() if line]) <= 11
    code += "\nassert words[Path('words/word.png')] == 'Bakery'"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=desk, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Reading a page, step by step\n")
    assert '"schema": "ocrcli/1"' in (desk / "page.json").read_text()


def test_configuration_of_the_readme_is_valid(shell, desk):
    (text,) = re.findall(r"```toml\n(.*?)```", section("Settings"), re.DOTALL)
    (desk / "config.toml").write_text(text)
    shown = shell.run("OCR_CONFIG=config.toml ocr config")
    assert re.search(r"dpi +300 +config.toml:2\n", shown)
    assert re.search(r"ocr train word\n(.*\n)* *batch-size +64 +config.toml:7\n", shown)


def test_variables_of_the_readme_are_those_that_there_are():
    from ocrcli.cli.app import load_verb
    from ocrcli.cli.settings import MAIN, OTHER_VARIABLES, SHARED, in_environment, settable, variable_of

    rows = re.findall(r"^\| (`OCR_.*?) \|", section("Settings"), re.MULTILINE)
    main, shared, *others = [set(re.findall(r"OCR_[A-Z_]+", row)) for row in rows]
    options = {name for name in settable(load_verb(MAIN)) if in_environment(MAIN, name)}
    assert shared | {"OCR_MODELS"} == {variable_of(name) for name in SHARED}
    assert main == {variable_of(name) for name in options - set(SHARED)}
    assert set.union(*others) == {"OCR_MODELS", *OTHER_VARIABLES}

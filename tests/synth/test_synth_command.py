import json
import string
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrcli.cli.app import run
from ocrcli.synth import prose
from ocrcli.synth.compose import Layout, draw
from ocrcli.synth.fonts import FontLibrary


@pytest.fixture(autouse=True)
def no_prose(monkeypatch):
    prose.paragraphs.cache_clear()
    monkeypatch.setattr(prose, "SOURCES", ())
    yield
    prose.paragraphs.cache_clear()


def synth(*arguments: object) -> int:
    return int(run(["synth", *map(str, arguments)]))


@pytest.mark.parametrize(("kind", "height"), [("word", 32), ("char", 28)])
def test_samples_are_written_with_their_labels(kind, height, tmp_path, font_folder):
    out = tmp_path / "out"
    assert synth(kind, "-n", 5, "-o", out, "--fonts", font_folder) == 0
    rows = [line.split("\t") for line in (out / "labels.tsv").read_text("utf-8").splitlines()]
    assert len(rows) == 5
    for name, text in rows:
        assert text
        assert Image.open(out / name).size[1] == height


def test_pages_are_written_with_their_words(tmp_path, font_folder):
    out = tmp_path / "out"
    assert synth("page", "-n", 2, "-o", out, "--fonts", font_folder) == 0
    pages = [json.loads(line) for line in (out / "pages.jsonl").read_text("utf-8").splitlines()]
    assert len(pages) == 2
    for page in pages:
        assert set(page) == {"image", "words", "text"}
        assert Image.open(out / page["image"]).mode == "RGB"
        for word in page["words"]:
            assert word["text"] in page["text"]
            assert np.array(word["quad"]).shape == (4, 2)


def test_same_seed_writes_the_same_files(tmp_path, font_folder):
    for name in ("a", "b"):
        assert synth("word", "-n", 4, "--seed", 3, "-o", tmp_path / name, "--fonts", font_folder) == 0
    a, b = (sorted(p for p in (tmp_path / name).rglob("*") if p.is_file()) for name in ("a", "b"))
    assert [p.read_bytes() for p in a] == [p.read_bytes() for p in b]


def test_contact_sheet_is_a_picture(tmp_path, font_folder):
    sheet = tmp_path / "sheet.png"
    assert synth("word", "-n", 10, "--show", sheet, "--fonts", font_folder) == 0
    assert Image.open(sheet).size[0] >= 1600


def test_without_a_target_it_is_a_usage_error(font_folder, capfd):
    assert synth("word", "--fonts", font_folder) == 2
    assert "--show" in capfd.readouterr().err


def test_missing_font_folder_is_a_usage_error(tmp_path, capfd):
    assert synth("word", "--fonts", tmp_path / "none", "-o", tmp_path / "out") == 2
    assert "none" in capfd.readouterr().err


def test_unwritable_sheet_is_one_line_and_code_5(tmp_path, font_folder, capfd):
    assert synth("char", "-n", 2, "--show", Path("/dev/null/sheet.png"), "--fonts", font_folder) == 5
    assert capfd.readouterr().err.count("\n") == 1


def test_fonts_are_gathered_and_cut_to_an_alphabet(tmp_path, font_folder, capsys):
    out = tmp_path / "small"
    assert (
        synth(
            "fonts", out, "--fonts", font_folder, "--alphabet", string.ascii_letters + string.digits + ".,- "
        )
        == 0
    )
    header, row = (out / "fonts.tsv").read_text("utf-8").splitlines()
    assert header.split("\t") == ["file", "family", "face", "style", "licence", "source"]
    name, family, *_, source = row.split("\t")
    assert source == str(font_folder / "face.ttf")
    assert (out / name).stat().st_size < (font_folder / "face.ttf").stat().st_size / 2
    [face] = FontLibrary.discover([out]).faces
    assert face.family == family
    assert face.covers("Hello") and not face.covers("é")
    assert capsys.readouterr().out == f"{out}\n"


def test_cut_fonts_draw_as_the_whole_ones_do(tmp_path, font_folder):
    assert synth("fonts", tmp_path / "small", "--fonts", font_folder) == 0
    [whole], [cut] = (FontLibrary.discover([folder]).faces for folder in (font_folder, tmp_path / "small"))
    inks = [np.asarray(draw(face, "Fox & 42", Layout(64)).mask, float) for face in (whole, cut)]
    assert inks[0].shape == inks[1].shape
    assert np.corrcoef(inks[0].ravel(), inks[1].ravel())[0, 1] > 0.97  # hinting moves edges a little


def test_what_cannot_be_cut_is_copied(tmp_path, font_folder, monkeypatch):
    monkeypatch.setattr("ocrcli.synth.fontpack._smaller", lambda face, alphabet: None)
    assert synth("fonts", tmp_path / "small", "--fonts", font_folder) == 0
    [copy] = (tmp_path / "small").glob("*.ttf")
    assert copy.read_bytes() == (font_folder / "face.ttf").read_bytes()


def test_fonts_do_not_go_where_something_is(tmp_path, font_folder, capsys):
    assert synth("fonts", font_folder) == 5
    assert "not an empty folder" in capsys.readouterr().err

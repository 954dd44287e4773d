import logging
import string
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocrcli.synth import fonts as fonts_module
from ocrcli.synth.fonts import BUILT_IN, FontLibrary, default_dirs
from ocrcli.synth.fontscan import Face, family_group

ASCII = string.ascii_letters + string.digits + ".,- "


def face(name, family, style="sans", coverage=ASCII, **more):
    return Face(name, 0, family, name, style, coverage, 0.7, **more)


def test_built_in_face_is_used_with_a_warning_where_there_are_no_fonts(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        library = FontLibrary.discover([tmp_path])
    assert [f.path for f in library.faces] == [BUILT_IN]
    assert "no fonts found" in caplog.text


def test_a_font_file_is_found_and_described(font_folder):
    (only,) = FontLibrary.discover([font_folder]).faces
    assert only.path.endswith("face.ttf")
    assert only.covers("Hamburg 123")
    assert only.style == "sans"
    assert 0.5 < only.cap_height < 0.9
    assert not only.caps_only


def test_a_font_is_examined_only_once(font_folder, monkeypatch):
    first = FontLibrary.discover([font_folder])
    monkeypatch.setattr(fonts_module, "probe", lambda *_: pytest.fail("examined again"))
    assert FontLibrary.discover([font_folder]) == first


def test_a_new_font_file_is_noticed(font_folder):
    FontLibrary.discover([font_folder])
    (font_folder / "face.ttf").replace(font_folder / "renamed.ttf")
    assert FontLibrary.discover([font_folder]).faces[0].path.endswith("renamed.ttf")


def test_damaged_files_are_passed_over(font_folder):
    (font_folder / "broken.ttf").write_bytes(b"not a font")
    (font_folder / "empty.otf").write_bytes(b"")
    assert len(FontLibrary.discover([font_folder])) == 1


def test_a_character_without_a_glyph_is_not_covered(font_folder):
    (only,) = FontLibrary.discover([font_folder], alphabet=ASCII + "\u3042").faces
    assert "\u3042" not in only.coverage  # Hiragana a: the face draws an empty box for it


def test_unwritable_cache_is_no_error(font_folder, monkeypatch, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(FontLibrary.discover([font_folder])) == 1
    assert "cannot keep the font index" in caplog.text


def test_fonts_of_the_environment_come_first(font_folder, monkeypatch):
    monkeypatch.setenv("OCR_FONTS", str(font_folder))
    assert default_dirs()[0] == font_folder


def test_split_shares_no_family():
    library = FontLibrary(tuple(face(f"{i}-{j}", f"family {i}") for i in range(200) for j in range(3)))
    training, held_out = library.split(0.1)
    families = [{f.family for f in part.faces} for part in (training, held_out)]
    assert not families[0] & families[1]
    assert len(training) + len(held_out) == 600
    assert 5 <= len(families[1]) <= 40  # about a tenth of 200
    assert library.split(0.1)[1] == held_out
    assert library.split(0.1, seed=1)[1] != held_out


def test_split_of_a_single_family_gives_it_to_both():
    library = FontLibrary((face("a", "one"),))
    assert library.split() == (library, library)


def test_pick_takes_only_faces_that_draw_the_text(rng):
    library = FontLibrary((face("plain", "a"), face("euro", "b", coverage=ASCII + "€")))
    picked = {library.pick(rng, "5 €", {"sans": 1}, tries=100).name for _ in range(20)}
    assert picked == {"euro"}
    assert library.pick(rng, "½", {"sans": 1}) is None


def test_pick_keeps_to_the_wanted_styles(rng):
    library = FontLibrary((face("a", "a", "serif"), face("b", "b", "mono"), face("c", "c", "display")))
    names = [library.pick(rng, "x", {"serif": 0.5, "mono": 0.5}).name for _ in range(60)]
    assert set(names) == {"a", "b"}
    assert library.pick(rng, "x", {"handwriting": 1.0}) is not None  # none there: any style will do


def test_a_large_family_weighs_no_more_than_a_small_one(rng):
    large = tuple(face(f"large {i}", "large") for i in range(50))
    library = FontLibrary((*large, face("small", "small")))
    names = [library.pick(rng, "x", {"sans": 1}).name for _ in range(400)]
    assert 120 < names.count("small") < 280  # half of the draws


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("Noto Sans Armenian Light", "noto sans"),
        ("Roboto Condensed", "roboto"),
        ("DejaVuSans-Bold", "deja vu sans"),
        ("LMRoman10", "lmroman"),
        ("Bold", "bold"),
    ],
)
def test_family_group_drops_weights_and_sizes(name, group):
    assert family_group(name) == group


def test_doubles_in_type_1_give_way_to_modern_files():
    modern, old = face("a.otf", "x"), face("a.pfb", "x")
    lonely = replace(old, family="y")
    assert fonts_module._without_doubles([modern, old, lonely]) == [modern, lonely]


def test_likeness_tells_small_letters_in_the_place_of_capitals(font_folder, monkeypatch):
    real_probe = fonts_module.probe
    letters = fonts_module.PROBE_LETTERS

    def swapped_probe(path, index, alphabet):
        found, pictures = real_probe(path, index, alphabet)
        if "swapped" in str(path):
            pictures = pictures.copy()
            for pair in fonts_module.CASE_PAIRS:
                pictures[letters.index(pair.upper())] = pictures[letters.index(pair)]
        return replace(found, family=str(path)), pictures

    for i in range(4):
        (font_folder / f"normal{i}.ttf").write_bytes((font_folder / "face.ttf").read_bytes())
    (font_folder / "swapped.ttf").write_bytes((font_folder / "face.ttf").read_bytes())
    monkeypatch.setattr(fonts_module, "probe", swapped_probe)
    paths = [f.path for f in FontLibrary.discover([font_folder]).faces]
    assert len(paths) == 1  # the normal ones are one and the same face
    assert "swapped" not in paths[0]
    assert np.isfinite([f.legibility for f in FontLibrary.discover([font_folder]).faces]).all()


def test_signs_of_another_code_page_are_not_drawn(font_folder, monkeypatch):
    real_probe = fonts_module.probe
    first = len(fonts_module.PROBE_LETTERS)
    signs = fonts_module.PROBE_SIGNS

    def other_code_page(path, index, alphabet):
        found, pictures = real_probe(path, index, alphabet)
        places = {"other": "©°±«»…", "odd": "±"}.get(path.stem, "")
        pictures = pictures.copy()
        for sign in places:
            pictures[first + signs.index(sign)] = -pictures[first + signs.index(sign)]
        pictures[: len(places)] *= 0.99  # no double of the others
        return replace(found, family=str(path)), pictures

    face_file = (font_folder / "face.ttf").read_bytes()
    for name in ("other", "odd", *(f"normal{i}" for i in range(4))):
        (font_folder / f"{name}.ttf").write_bytes(face_file)
    monkeypatch.setattr(fonts_module, "probe", other_code_page)
    monkeypatch.setattr(fonts_module, "_without_doubles", list)
    faces = {Path(face.path).stem: face.coverage for face in FontLibrary.discover([font_folder]).faces}
    whole = faces["face"]
    assert "±" in whole
    assert faces["odd"] == whole.replace("±", "")
    assert faces["other"] == "".join(character for character in whole if character.isascii())


def test_a_font_draws_the_same_from_memory_and_from_the_disk(font_folder, monkeypatch):
    path = str(font_folder / "face.ttf")
    seen = []
    for largest in (fonts_module.SMALL_FILE, 1 << 30, 0):
        fonts_module.open_face.cache_clear()
        fonts_module._small_file.cache_clear()
        monkeypatch.setattr(fonts_module, "SMALL_FILE", largest)
        seen.append(bytes(fonts_module.open_face(path, 0, 24).getmask("Hamburg 12")))
    assert seen[0] == seen[1] == seen[2]

"""Bitmap faces: letters drawn pixel by pixel, in one size, as terminals have them."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageFont

from ocrcli.alphabet import PRINTABLE_ASCII, Alphabet
from ocrcli.synth.compose import Layout, draw
from ocrcli.synth.fonts import FontLibrary
from ocrcli.synth.fontscan import probe
from ocrcli.synth.listings import Listings
from ocrcli.synth.tokens import Tokens
from ocrcli.synth.words import HEIGHT, WordRenderer

SIZE, ADVANCE, BASELINE = 18, 11, 14


def write_bdf(path: Path) -> Path:
    """Pillow's own face as a bitmap font of SIZE pixels (Glyph Bitmap Distribution Format 2.1)."""
    font = ImageFont.load_default(15)
    lines = [
        "STARTFONT 2.1", f"FONT -test-Dots-Medium-R-Normal--{SIZE}-{SIZE}0-72-72-C-{ADVANCE}0-ISO10646-1",
        f"SIZE {SIZE} 72 72", f"FONTBOUNDINGBOX {ADVANCE} {SIZE} 0 {BASELINE - SIZE}", "STARTPROPERTIES 7",
        'FAMILY_NAME "Dots"', 'CHARSET_REGISTRY "ISO10646"', 'CHARSET_ENCODING "1"', f"PIXEL_SIZE {SIZE}",
        'SPACING "C"', f"FONT_ASCENT {BASELINE}", f"FONT_DESCENT {SIZE - BASELINE}", "ENDPROPERTIES",
        f"CHARS {len(PRINTABLE_ASCII)}",
    ]  # fmt: skip
    for character in PRINTABLE_ASCII:
        cell = np.zeros((SIZE, 16), bool)
        mask = font.getmask(character, mode="1")
        if mask.size[0] and character != " ":
            top = BASELINE + font.getbbox(character, anchor="ls")[1]
            glyph = (np.array(mask).reshape(mask.size[1], mask.size[0]) > 0)[: SIZE - top, :ADVANCE]
            cell[top : top + len(glyph), : glyph.shape[1]] = glyph
        rows = [f"{int(''.join('01'[int(bit)] for bit in row), 2):04X}" for row in cell]
        lines += [
            f"STARTCHAR U+{ord(character):04X}", f"ENCODING {ord(character)}", "SWIDTH 500 0",
            f"DWIDTH {ADVANCE} 0",
            f"BBX {ADVANCE} {SIZE} 0 {BASELINE - SIZE}", "BITMAP", *rows, "ENDCHAR",
        ]  # fmt: skip
    path.write_text("\n".join([*lines, "ENDFONT", ""]), encoding="ascii")
    return path


@pytest.fixture
def dots(tmp_path: Path):
    found = probe(write_bdf(tmp_path / "dots.bdf"), 0, PRINTABLE_ASCII)
    assert found is not None
    return found[0]


def test_a_bitmap_face_is_known_by_its_size(dots):
    assert dots.style == "bitmap"
    assert dots.strike == SIZE
    assert dots.covers("Hello, world!")


def test_a_compressed_face_draws_the_same(dots, tmp_path):
    packed = tmp_path / "dots.bdf.gz"
    packed.write_bytes(gzip.compress(Path(dots.path).read_bytes()))
    plain, unpacked = (draw(each, "Hello", Layout(SIZE)) for each in (dots, replace(dots, path=str(packed))))
    assert (np.asarray(plain.mask) == np.asarray(unpacked.mask)).all()


def test_each_size_of_a_terminals_face_is_a_family_of_its_own(dots):
    assert dots.family == f"dots {SIZE}"


def test_it_is_drawn_in_its_own_size_whatever_is_asked_for(dots):
    masks = [np.asarray(draw(dots, "make all", Layout(size)).mask) for size in (SIZE, SIZE + 20)]
    inks = [mask[mask.any(1)][:, mask.any(0)] for mask in masks]
    assert np.array_equal(*inks)
    assert set(np.unique(inks[0])) == {0, 255}  # no grey edges


def test_only_who_asks_for_bitmaps_gets_one(dots, fonts, rng):
    library = FontLibrary((dots, *fonts.faces))
    assert all(library.pick(rng, "x", {}).strike == 0 for _ in range(50))
    assert library.pick(rng, "x", {"bitmap": 1.0}) == dots


def test_a_machine_with_nothing_else_uses_the_built_in_face(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_bdf(tmp_path / "dots.bdf")
    assert [face.family for face in FontLibrary.discover([tmp_path]).faces] == ["built-in"]


def test_terminals_are_rendered_dot_for_dot(dots, fonts, monkeypatch):
    monkeypatch.setattr("ocrcli.synth.words.TERMINALS", 1.0)
    renderer = WordRenderer(FontLibrary((dots, *fonts.faces)), Alphabet(PRINTABLE_ASCII), 0.5, 0.0, 1.0)
    samples = [renderer.render(np.random.default_rng(i)) for i in range(60)]
    assert all(sample.strip.shape[0] == HEIGHT for sample in samples)
    again = [renderer.render(np.random.default_rng(i)) for i in range(60)]
    assert all(
        np.array_equal(a.strip, b.strip) and a.text == b.text for a, b in zip(samples, again, strict=True)
    )


def test_listings_have_the_signs_that_prose_lacks(rng):
    listings = Listings(Tokens())
    text = "\n".join(listings.line(rng) for _ in range(600))
    assert set("_/\\=(){}[]<>;:|$#@~&*+-\"'`%") - {"\\"} <= set(text)
    assert all(listings.word(rng).strip() for _ in range(200))

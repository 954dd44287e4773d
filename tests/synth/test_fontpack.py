"""Fonts made smaller: what becomes of their outlines."""

from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.eexec import encrypt
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import ImageFont

from ocrcli.synth.fontpack import _smaller
from ocrcli.synth.fontscan import Face

# Charstrings are those of Adobe Type 1 Font Format, chapter 6.


def number(value: int) -> bytes:
    """An integer of a charstring (section 6.2)."""
    if -107 <= value <= 107:
        return bytes([value + 139])
    sign, rest = (247, value - 108) if value > 0 else (251, -value - 108)
    return bytes([sign + rest // 256, rest % 256])


def command(*parts: int, code: int) -> bytes:
    return b"".join(map(number, parts)) + bytes([code])


HSBW, RLINETO, CLOSEPATH, RMOVETO, ENDCHAR = 13, 5, 9, 21, 14
BOX = (
    command(0, 600, code=HSBW) + command(100, 0, code=RMOVETO) + command(400, 0, code=RLINETO)
    + command(0, 700, code=RLINETO) + command(-400, 0, code=RLINETO) + bytes([CLOSEPATH, ENDCHAR])
)  # fmt: skip
BLANK = command(0, 300, code=HSBW) + bytes([ENDCHAR])
GLYPHS = {".notdef": BLANK, "space": BLANK, "H": BOX, "a.sc": BOX, "fi": BOX, "eacute": BOX}


@pytest.fixture
def type1(tmp_path: Path) -> Face:
    """A Type 1 font (sections 2.2 and 7) of boxes."""
    clear = (
        b"%!PS-AdobeFont-1.0: Boxes\n11 dict begin\n/FontInfo 3 dict dup begin\n"
        b"/FamilyName (Boxes) readonly def\n"
        b"/FullName (Boxes Regular) readonly def\n/Notice (Free as air) readonly def\nend readonly def\n"
        b"/FontName /Boxes def\n/PaintType 0 def\n/FontType 1 def\n"
        b"/FontMatrix [0.001 0 0 0.001 0 0] readonly def\n"
        b"/Encoding StandardEncoding def\n/FontBBox {0 -200 600 800} readonly def\ncurrentdict end\n"
        b"currentfile eexec\n"
    )
    strings = b"".join(
        b"/%s %d RD %s ND\n" % (name.encode(), len(code) + 4, encrypt(b"\0" * 4 + code, 4330)[0])
        for name, code in GLYPHS.items()
    )
    private = (
        b"dup /Private 8 dict dup begin\n/RD {string currentfile exch readstring pop} executeonly def\n"
        b"/ND {noaccess def} executeonly def\n/NP {noaccess put} executeonly def\n/BlueValues [] def\n"
        b"/password 5839 def\n/lenIV 4 def\n/Subrs 0 array\nND\n"
        b"2 index /CharStrings %d dict dup begin\n%send\nend\nreadonly put\nnoaccess put\n"
        b"dup /FontName get exch definefont pop\nmark currentfile closefile\n" % (len(GLYPHS), strings)
    )
    hidden = encrypt(b"\0" * 4 + private, 55665)[0]
    tail = b"\n" + (b"0" * 64 + b"\n") * 8 + b"cleartomark\n"
    parts = ((1, clear), (2, hidden), (1, tail))
    blocks = b"".join(bytes([128, kind]) + len(data).to_bytes(4, "little") + data for kind, data in parts)
    path = tmp_path / "boxes.pfb"
    path.write_bytes(blocks + bytes([128, 3]))
    return Face(str(path), 0, "boxes", "Boxes Regular", "sans", "Hé ", 0.7)


def test_a_type_1_font_becomes_truetype_with_the_letters_that_are_wanted(type1, tmp_path):
    made = _smaller(type1, "Hé a")
    assert (made.suffix, made.licence) == (".ttf", "Free as air")
    path = tmp_path / "boxes.ttf"
    path.write_bytes(made.data)
    old, new = (ImageFont.truetype(str(each), 100) for each in (type1.path, path))
    assert new.getname() == old.getname() == ("Boxes", "Regular")
    for letter in "Hé":
        assert bytes(new.getmask(letter)) == bytes(old.getmask(letter))
        assert new.getbbox(letter, anchor="ls") == old.getbbox(letter, anchor="ls")
        assert new.getmask(letter).size == (60, 70)
        assert new.getlength(letter) == 60
    missing = new.getbbox("\U000fff7f", anchor="ls")
    assert new.getbbox("a", anchor="ls") == missing  # "a.sc" is a small capital, not an a


def test_a_file_that_is_no_font_is_left_alone(type1):
    Path(type1.path).write_bytes(b"%!PS no font")
    assert _smaller(type1, "abc") is None


def drop(pen):
    """A drop of 500 × 530 units with a round top."""
    pen.moveTo((0, 0))
    pen.lineTo((500, 0))
    pen.lineTo((500, 280))
    pen.curveTo((500, 418), (388, 530), (250, 530))
    pen.curveTo((112, 530), (0, 418), (0, 280))
    pen.closePath()


def plate(pen):
    """A plate of 500 × 530 units: 10.6 pixels high at 20 to the em."""
    for i, point in enumerate(((0, 0), (0, 530), (500, 530), (500, 0))):
        (pen.lineTo if i else pen.moveTo)(point)
    pen.closePath()


def built(path: Path, cubic: bool) -> Face:
    """A font whose o is a drop, with cubic outlines, or a plate, with TrueType's."""
    builder = FontBuilder(1000, isTTF=not cubic)
    names = [".notdef", "o", "space"]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord("o"): "o", ord(" "): "space"})
    shapes = {}
    for name in names:
        pen = T2CharStringPen(600, None) if cubic else TTGlyphPen(None)
        if name != "space":
            (drop if cubic else plate)(pen)
        shapes[name] = pen.getCharString() if cubic else pen.glyph()
    if cubic:
        builder.setupCFF("Drops", {"FullName": "Drops"}, shapes, {})
    else:
        builder.setupGlyf(shapes)
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Drops", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return Face(str(path), 0, "drops", "Drops", "sans", "o ", 0.53)


def drawn(path: Path, size: int) -> np.ndarray:
    mask = ImageFont.truetype(str(path), size).getmask("o")
    return np.array(mask, np.float32).reshape(mask.size[::-1])


def test_cubic_outlines_become_truetype_and_keep_their_shape(tmp_path):
    face = built(tmp_path / "drops.otf", cubic=True)
    made = _smaller(face, "o ")
    assert made.suffix == ".ttf"
    path = tmp_path / "smaller.ttf"
    path.write_bytes(made.data)
    old, new = drawn(Path(face.path), 97), drawn(path, 97)
    assert old.shape == new.shape
    assert np.abs(old - new).max() < 40  # a tenth of a pixel at the round edge is 25
    assert np.abs(old - new).mean() < 0.5
    assert ImageFont.truetype(str(path), 97).getlength("o") == ImageFont.truetype(face.path, 97).getlength(
        "o"
    )


def test_truetype_outlines_are_drawn_as_designed(tmp_path):
    face = built(tmp_path / "plates.ttf", cubic=False)
    path = tmp_path / "smaller.ttf"
    path.write_bytes(_smaller(face, "o ").data)
    assert drawn(Path(face.path), 20)[0, 5] == 255  # FreeType's hints move the edge to the next row
    assert drawn(path, 20)[:2, 5] == pytest.approx([0.6 * 255, 255], abs=3)

"""Outlines of fonts as FreeType draws them fastest: TrueType's, as they were designed.

Of a word that is drawn once in a newly opened face, cubic outlines (CFF, Type 1) take twice as long as
quadratic ones, and TrueType outlines without instructions three to five times: FreeType then hints them
by itself, for which it measures the whole alphabet of each face that it opens. A program of no effect
keeps it from that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

ERROR = 0.001  # ems by which a quadratic outline may miss the cubic one
# SCANTYPE as in most fonts, then eight and nothing: FreeType takes a program of up to seven bytes for
# the mark that tools leave in fonts without instructions (sfnt/ttobjs, FT_Load_Glyph).
NO_HINTS = bytes([0xB8, 0x01, 0xFF, 0x85, 0xB0, 0x04, 0x8D, 0xB0, 0x00, 0x21])
STACK = 16  # elements that the program has room for


def quadratic(glyphs: Any, names: Iterable[str], units: float) -> dict[str, Any]:
    """TrueType glyphs of a fontTools glyph set, ``units`` to the em."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.filterPen import DecomposingFilterPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    made = {}
    for name in names:
        pen = TTGlyphPen(None)
        # Accented letters of Type 1 are made of others.
        to_quadratic = Cu2QuPen(pen, ERROR * units, reverse_direction=True)
        glyphs[name].draw(DecomposingFilterPen(to_quadratic, glyphs))
        made[name] = pen.glyph()
    return made


def without_cubics(font: Any) -> None:
    """Makes a TrueType font of a fontTools font with CFF outlines, in place."""
    from fontTools.fontBuilder import FontBuilder

    made = quadratic(font.getGlyphSet(), font.getGlyphOrder(), font["head"].unitsPerEm)
    builder = FontBuilder(font=font)
    builder.isTTF = True
    builder.setupGlyf(made)
    builder.setupMaxp()
    begin_at_ink(font)
    font["post"].formatType = 3.0
    for cubic in ("CFF ", "VORG"):
        if cubic in font:
            del font[cubic]
    font.sfntVersion = "\x00\x01\x00\x00"


def begin_at_ink(font: Any) -> None:
    """Has each glyph of a fontTools font begin where its outline does, as TrueType wants it, in place."""
    widths, glyphs = font["hmtx"].metrics, font["glyf"]
    for name, (width, _) in widths.items():
        widths[name] = width, getattr(glyphs[name], "xMin", 0)


def unhinted(font: Any) -> None:
    """Has a fontTools font with TrueType outlines and no instructions drawn as designed, in place."""
    from fontTools.ttLib import newTable
    from fontTools.ttLib.tables.ttProgram import Program

    font["prep"] = newTable("prep")
    font["prep"].program = Program()
    font["prep"].program.fromBytecode(NO_HINTS)
    font["maxp"].maxStackElements = max(font["maxp"].maxStackElements, STACK)

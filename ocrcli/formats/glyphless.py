"""A font without shapes, for text that is found and marked but not seen.

The picture shows the text already. All that a viewer needs is how wide a character is, how
high, and which one it is; so every character has the same glyph without ink, twice as high as
wide, that stands on the baseline. It goes into the file, for a viewer that has to find a substitute
may warn, and gives the text other measures.
"""

from __future__ import annotations

import struct

from ocrcli.formats.pdffile import PdfFile

NAME = "Glyphless"
EM = 1000  # units of the font in its size
WIDTH = 0.5  # of every character, in multiples of the size; from the baseline to 1
# A contour there and back along the diagonal of the box: it has an extent, which PDFium goes by, but
# no area. One contour and its box; its last point, no instructions; two flags, then the steps in x and y.
GLYPH = struct.pack(">5hHH", 1, 0, 0, 500, 1000, 1, 0) + struct.pack(">2B4hH", 1, 1, 0, 500, 0, 1000, 0)
CMAP_ROWS = 100  # that a section of a character map may have (Adobe technical note 5014)


class GlyphlessFont:
    """Gives out a code for every character that is used, and writes the font for them."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def encoded(self, text: str) -> str:
        """The text as a hexadecimal string of a content stream."""
        codes = (self._codes.setdefault(char, len(self._codes) + 1) for char in text)
        return "<" + "".join(f"{code:04X}" for code in codes) + ">"

    def write(self, file: PdfFile, number: int) -> None:
        """Writes the font as object ``number`` (ISO 32000-1, 9.7: a Type 0 font with its descendant)."""
        data = truetype()
        program = file.put_stream(f"/Length1 {len(data)}", data)
        glyphs = file.put_stream("", b"\0\0" + b"\0\1" * len(self._codes))  # glyph 1 for all but code 0
        meanings = file.put_stream("", self._to_unicode().encode("ascii"))
        # Flags: fixed pitch and symbolic. A descent of 0 would be taken for an unknown one.
        descriptor = file.put(
            f"<< /Type /FontDescriptor /FontName /{NAME} /Flags 5 /ItalicAngle 0 /StemV 80 "
            f"/FontBBox [0 0 {WIDTH * EM:.0f} {EM}] /Ascent {EM} /Descent -1 /CapHeight {EM} "
            f"/FontFile2 {program} 0 R >>"
        )
        descendant = file.put(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{NAME} /DW {WIDTH * EM:.0f} "
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/FontDescriptor {descriptor} 0 R /CIDToGIDMap {glyphs} 0 R >>"
        )
        file.put(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{NAME} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant} 0 R] /ToUnicode {meanings} 0 R >>",
            number,
        )

    def _to_unicode(self) -> str:
        """The character map from codes to UTF-16 (ISO 32000-1, 9.10.3)."""
        rows = [
            f"<{code:04X}> <{char.encode('utf-16-be', 'replace').hex().upper()}>"
            for char, code in self._codes.items()
        ]
        sections = [rows[i : i + CMAP_ROWS] for i in range(0, len(rows), CMAP_ROWS)]
        maps = "\n".join(
            f"{len(section)} beginbfchar\n" + "\n".join(section) + "\nendbfchar" for section in sections
        )
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{maps}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        )


def truetype() -> bytes:
    """The font as a TrueType file (ISO/IEC 14496-22): an empty glyph 0, and glyph 1."""
    width = round(WIDTH * EM)
    name = NAME.encode("utf-16-be")
    # A format 4 map of no character but the last one, which it must have.
    subtable = struct.pack(">12H", 4, 24, 0, 2, 2, 0, 0, 0xFFFF, 0, 0xFFFF, 1, 0)
    tables = {
        b"cmap": struct.pack(">4HI", 0, 1, 3, 1, 12) + subtable,
        b"glyf": GLYPH,
        # version, revision, checksum (set below), magic, flags, units; created and modified;
        # box; style, smallest size, direction; long offsets in loca
        b"head": struct.pack(
            ">IIIIHHqq4hHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, EM, 0, 0, 0, 0, width, EM, 0, 8, 2, 1, 0
        ),
        # version; ascender, descender, gap; widest; bearings and extent; caret; 4 reserved; count
        b"hhea": struct.pack(
            ">I3hH3h3h4hhH", 0x10000, EM, -1, 0, width, 0, 0, width, 1, 0, 0, 0, 0, 0, 0, 0, 2
        ),
        b"hmtx": struct.pack(">HhHh", width, 0, width, 0),
        b"loca": struct.pack(">3I", 0, 0, len(GLYPH)),
        b"maxp": struct.pack(">I14H", 0x10000, 2, 2, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
        # one record: Windows, Unicode, English; the PostScript name
        b"name": struct.pack(">3H6H", 0, 1, 18, 3, 1, 0x409, 6, len(name), 0) + name,
        b"post": struct.pack(">IIhhI4I", 0x30000, 0, 0, 0, 1, 0, 0, 0, 0),
    }
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    directory = struct.pack(">I4H", 0x10000, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    offset = len(directory) + 16 * count
    body = b""
    for tag, table in tables.items():
        directory += tag + struct.pack(">3I", _checksum(table), offset + len(body), len(table))
        body += table + b"\0" * (-len(table) % 4)
    font = directory + body
    at = font.index(tables[b"head"]) + 8
    return font[:at] + struct.pack(">I", (0xB1B0AFBA - _checksum(font)) % 2**32) + font[at + 4 :]


def _checksum(table: bytes) -> int:
    padded = table + b"\0" * (-len(table) % 4)
    return sum(struct.unpack(f">{len(padded) // 4}I", padded)) % 2**32

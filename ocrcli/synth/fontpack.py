"""A folder of small fonts: every usable face of a machine with the glyphs of an alphabet alone.

Subsets open faster than whole fonts and draw faster without hints, see outlines.py, and what is a gigabyte
of packages on one machine fits into a few dozen megabytes for another that has none.
"""

from __future__ import annotations

import io
import logging
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrcli.synth.fonts import BUILT_IN, FontLibrary
from ocrcli.synth.fontscan import Face
from ocrcli.synth.outlines import begin_at_ink, quadratic, unhinted, without_cubics

OUTLINES = frozenset({".ttf", ".otf", ".ttc"})  # what can be subset; other files are copied
LICENCE, LICENCE_URL = 13, 14  # records of the name table (OpenType, "Name IDs")
LONGEST_LICENCE = 80  # characters of a licence in the table: its name, not its text
COLUMNS = ("file", "family", "face", "style", "licence", "source")
_PACKAGE_LICENCE = re.compile(r"^License:\s*(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class PackedFont:
    """A font file of the folder and the row of ``fonts.tsv`` about it."""

    path: Path
    face: Face
    licence: str  # "" where neither the font nor its Debian package names one

    def row(self) -> str:
        """Tab-separated, as COLUMNS."""
        cells = (
            self.path.name,
            self.face.family,
            self.face.name,
            self.face.style,
            self.licence,
            self.face.path,
        )
        return "\t".join(" ".join(cell.split()) for cell in cells)


def pack_fonts(library: FontLibrary, alphabet: str, folder: Path) -> Iterator[PackedFont]:
    """Writes each face of ``library`` into ``folder``, outlines cut down to ``alphabet``.

    A face that fontTools cannot cut is copied as it is. ``fonts.tsv`` is for the caller to write:
    see :data:`COLUMNS`. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    faces = [face for face in library.faces if face.path != BUILT_IN]
    packages = _packages([face.path for face in faces])
    for number, face in enumerate(faces):
        source = Path(face.path)
        made = _smaller(face, alphabet)
        name = source.stem + made.suffix if made else source.name
        target = folder / f"{number:04d}-{name}"
        if made:
            target.write_bytes(made.data)
        else:
            shutil.copyfile(source, target)
        licence = made.licence if made else ""
        yield PackedFont(target, face, licence or _package_licence(packages.get(face.path)))


@dataclass(frozen=True)
class _Made:
    """A font file that was made of another, and the licence that this one names."""

    data: bytes
    suffix: str
    licence: str = ""


def _smaller(face: Face, alphabet: str) -> _Made | None:
    """The face with the glyphs of the alphabet; None for bitmaps, and for files too odd to be taken apart."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table that it drops
    suffix = Path(face.path).suffix.lower()
    make = _subset if suffix in OUTLINES else _from_type1 if suffix == ".pfb" else None
    try:
        return make(face, alphabet) if make else None
    except Exception:  # old files break their formats in countless ways, and are drawn all the same
        return None


def _subset(face: Face, alphabet: str) -> _Made:
    """Of an OpenType font, without hints and features, with TrueType outlines."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(
        hinting=False, desubroutinize=True, layout_features=[], name_IDs=["*"], notdef_outline=True
    )
    font = TTFont(face.path, fontNumber=face.index)
    licence = _named(font)
    if "SVG " in font:  # coloured letters, which fontTools cuts down with another library alone
        del font["SVG "]
    cutter = subset.Subsetter(options)
    cutter.populate(text=alphabet)
    cutter.subset(font)
    if "CFF " in font:
        without_cubics(font)
    if "glyf" in font:
        unhinted(font)
    return _Made(_saved(font), ".ttf", licence)


def _from_type1(face: Face, alphabet: str) -> _Made:
    """Of a Type 1 font, as TrueType: opened twenty times as fast."""
    from fontTools import agl
    from fontTools.fontBuilder import FontBuilder
    from fontTools.t1Lib import T1Font
    from PIL import ImageFont

    source = T1Font(face.path, encoding="latin-1")  # foundries' names and notices
    source.parse()
    glyphs = source.getGlyphSet()
    # A name with a suffix ("a.sc") is another form of the letter that it begins with.
    letters = {name: agl.toUnicode(name) for name in glyphs.keys() if "." not in name}  # noqa: SIM118
    wanted = set(alphabet)
    names = [".notdef", *sorted(name for name, letter in letters.items() if letter in wanted)]
    units = round(1 / source["FontMatrix"][0])
    shapes = quadratic(glyphs, names, units)  # drawing them tells their widths
    family, style = (part or "" for part in ImageFont.truetype(face.path, 20).getname())
    low, high = round(source["FontBBox"][1]), round(source["FontBBox"][3])
    builder = FontBuilder(units)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letters[name]): name for name in names[1:]})
    builder.setupGlyf(shapes)
    builder.setupHorizontalMetrics({name: (round(glyphs[name].width), 0) for name in names})
    begin_at_ink(builder.font)
    builder.setupHorizontalHeader(ascent=high, descent=low)
    builder.setupNameTable({"familyName": family, "styleName": style})
    builder.setupOS2(
        sTypoAscender=high, sTypoDescender=low, usWinAscent=max(high, 0), usWinDescent=max(-low, 0)
    )
    builder.setupPost()
    unhinted(builder.font)
    notice = str(source["FontInfo"].get("Notice", ""))
    return _Made(_saved(builder.font), ".ttf", notice[:LONGEST_LICENCE])


def _saved(font) -> bytes:  # type: ignore[no-untyped-def]
    data = io.BytesIO()
    font.flavor = None  # WOFF unpacked
    font.save(data)
    return data.getvalue()


def _named(font) -> str:  # type: ignore[no-untyped-def]
    """The licence that the font's name table gives, in short."""
    for record in (LICENCE, LICENCE_URL):
        text = font["name"].getDebugName(record) if "name" in font else None
        if text and text.strip():
            return text.strip().splitlines()[0][:LONGEST_LICENCE]
    return ""


def _packages(paths: Sequence[str]) -> dict[str, str]:
    """File → Debian package that it is from, as far as dpkg is there and knows."""
    if not paths or shutil.which("dpkg-query") is None:
        return {}
    asked = subprocess.run(["dpkg-query", "-S", *paths], capture_output=True, text=True, check=False)
    pairs = (line.split(": ", 1) for line in asked.stdout.splitlines() if ": " in line)
    return {path: package.split(",")[0].split(":")[0] for package, path in pairs}


def _package_licence(package: str | None) -> str:
    """What Debian's copyright file of a package names first."""
    if package is None:
        return ""
    try:
        text = Path(f"/usr/share/doc/{package}/copyright").read_text("utf-8", errors="replace")
    except OSError:
        return ""
    found = _PACKAGE_LICENCE.search(text)
    return found[1].strip()[:LONGEST_LICENCE] if found else f"see Debian's package {package}"

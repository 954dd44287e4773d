"""A folder of small fonts: every usable face of a machine with the glyphs of an alphabet alone.

Subsets open faster than whole fonts and draw faster without hinting instructions, and what is a gigabyte of
packages on one machine fits into a few dozen megabytes for another that has none.
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
        own, licence = _subset(face, alphabet) if source.suffix.lower() in OUTLINES else (None, "")
        target = folder / f"{number:04d}-{_plain(source, cut=own is not None)}"
        if own is None:
            shutil.copyfile(source, target)
        else:
            target.write_bytes(own)
        yield PackedFont(target, face, licence or _package_licence(packages.get(face.path)))


def _plain(source: Path, cut: bool) -> str:
    """A file name; a face cut out of a collection is a file of its own."""
    return source.stem + ".ttf" if cut and source.suffix.lower() == ".ttc" else source.name


def _subset(face: Face, alphabet: str) -> tuple[bytes | None, str]:
    """The face with the glyphs of the alphabet, without hints and features, and its licence."""
    from fontTools import subset
    from fontTools.ttLib import TTFont, TTLibError

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table that it drops
    options = subset.Options(
        hinting=False, desubroutinize=True, layout_features=[], name_IDs=["*"], notdef_outline=True
    )
    try:
        font = TTFont(face.path, fontNumber=face.index)
        licence = _named(font)
        cutter = subset.Subsetter(options)
        cutter.populate(text=alphabet)
        cutter.subset(font)
        data = io.BytesIO()
        font.flavor = None
        font.save(data)
    except (TTLibError, OSError, ValueError, KeyError, AssertionError, AttributeError, IndexError, TypeError):
        return None, ""  # old files break the format in many ways, and are drawn all the same
    except Exception as error:
        if type(error).__module__ != "struct":
            raise
        return None, ""
    return data.getvalue(), licence


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

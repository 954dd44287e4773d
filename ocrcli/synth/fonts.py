"""The fonts of this machine, examined once and remembered.

A renderer asks for a face that can draw a given text; families are drawn first and faces
second, so that a family of two thousand files weighs as much as one of a single file.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import logging
import os
import sys
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

import numpy as np
from PIL import ImageFont

from ocrcli.alphabet import PRINTED_ENGLISH
from ocrcli.synth.fontscan import CASE_PAIRS, PROBE_LETTERS, PROBE_SIGNS, Face, is_font, probe

log = logging.getLogger(__name__)

INDEX_VERSION = 10  # part of the cache key: raise it when a probe changes
MIN_LEGIBILITY = 0.42  # below it a face is pictures or scribbles; checked by eye on contact sheets
MIN_HAND_LEGIBILITY = 0.3  # handwriting is further from the average of all faces, which is print
BODY_LEGIBILITY = 0.58  # from here on a face could set a book; below it is for display
BODY_VARIANT_LEGIBILITY = 0.48  # the same for italic and light faces, whose strokes lie elsewhere
STRANGE = 0.1  # a letter this unlike the average is another letter: Cyrillic where Latin should be
MOST_STRANGE_SIGNS = 3  # with more, the signs beyond ASCII are those of another code page, all of them
MOST_STRANGE = 3  # capitals and digits a display face may draw in its own way
UNICASE = 0.1  # by which a capital must look more like its small letter to count as one
MOST_UNICASE = 2  # of the ten pairs; faces with more draw small letters for capitals
FACES_PER_FAMILY = 12
SMALL_FILE = 64 * 1024  # bytes on the disk; fonts cut down to an alphabet are smaller
BUILT_IN = "<built-in>"  # Pillow's own face, used when a machine has no fonts


# Few texts find the face of another open at their size, and an open face holds about 50 kB.
@lru_cache(maxsize=256)
def open_face(path: str, index: int, size: int) -> ImageFont.FreeTypeFont:
    """The face at ``size`` pixels per em, kept open for the next text."""
    if path == BUILT_IN:
        built_in = ImageFont.load_default(size)
        assert isinstance(built_in, ImageFont.FreeTypeFont)
        return built_in
    content = _small_file(path)
    source = path if content is None else io.BytesIO(content)
    return ImageFont.truetype(source, size, index, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)  # about 60 MB of fonts as ``ocr synth fonts`` makes them
def _small_file(path: str) -> bytes | None:
    """The bytes of a small font, which opens three times faster from them; None for a large one."""
    file = Path(path)
    if file.stat().st_size > SMALL_FILE:
        return None
    content = file.read_bytes()
    return gzip.decompress(content) if path.endswith(".gz") else content


def default_dirs() -> list[Path]:
    """Where fonts live on this system, ``$OCR_FONTS`` first."""
    own = [Path(part) for part in os.environ.get("OCR_FONTS", "").split(os.pathsep) if part]
    home = Path.home()
    if sys.platform == "darwin":
        system = [home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts")]
    elif sys.platform == "win32":
        system = [Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"]
    else:
        tex = Path("/usr/share/texlive/texmf-dist/fonts")
        texmf = Path("/usr/share/texmf/fonts")
        system = [
            home / ".fonts",
            home / ".local/share/fonts",
            Path("/usr/local/share/fonts"),
            Path("/usr/share/fonts"),
        ]
        system += [root / kind for root in (tex, texmf) for kind in ("opentype", "truetype", "type1")]
    return own + system


def cache_dir() -> Path:
    """The user's cache folder of this program."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "ocrcli"


@dataclass(frozen=True)
class FontLibrary:
    """Faces grouped by family, with draws that favour no large family."""

    faces: tuple[Face, ...]
    _groups: dict[str, list[list[Face]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.faces:
            raise ValueError("a font library needs at least one face")
        by_style: dict[str, dict[str, list[Face]]] = {}
        for face in self.faces:
            by_style.setdefault(face.style, {}).setdefault(face.family, []).append(face)
        groups = {style: list(families.values()) for style, families in by_style.items()}
        object.__setattr__(self, "_groups", groups)

    def __len__(self) -> int:
        return len(self.faces)

    @classmethod
    def discover(cls, dirs: Iterable[Path] | None = None, alphabet: str = PRINTED_ENGLISH) -> FontLibrary:
        """All usable faces under ``dirs`` (default: the system's and ``$OCR_FONTS``).

        The examination takes minutes for thousands of files, so its result is kept in the
        cache folder until a font file is added, changed or removed.
        """
        files = _font_files(default_dirs() if dirs is None else dirs)
        if not files:
            log.warning("no fonts found; using the one built into Pillow. Install fonts or set OCR_FONTS.")
            return cls.built_in(alphabet)
        cache = cache_dir() / f"fonts-{_fingerprint(files, alphabet)}.json"
        faces = _read_index(cache)
        if faces is None:
            log.info("examining %d font files (once)", len(files))
            faces = _examine(files, alphabet)
            _write_index(cache, faces)
        if all(face.strike for face in faces):
            log.warning("none of %d font files is usable; using the face built into Pillow.", len(files))
            return cls.built_in(alphabet)
        return cls(tuple(faces))

    @classmethod
    def built_in(cls, alphabet: str = PRINTED_ENGLISH) -> FontLibrary:
        """Pillow's own face alone: enough for tests and bare machines."""
        font = open_face(BUILT_IN, 0, 32)
        coverage = "".join(c for c in alphabet if c == " " or font.getmask(c).getbbox())
        missing = font.getmask("\U000fff7f")
        coverage = "".join(c for c in coverage if c == " " or bytes(font.getmask(c)) != bytes(missing))
        return cls((Face(BUILT_IN, 0, "built-in", "built-in", "sans", coverage, 0.7),))

    def split(self, holdout: float = 0.03, seed: int = 0) -> tuple[FontLibrary, FontLibrary]:
        """(training, held-out) libraries, divided by a hash of the family name.

        With very few families both are the whole library.
        """
        held = [f for f in self.faces if _unit_hash(f"{seed}:{f.family}") < holdout]
        kept = [f for f in self.faces if _unit_hash(f"{seed}:{f.family}") >= holdout]
        if not held or not kept:
            return self, self
        return FontLibrary(tuple(kept)), FontLibrary(tuple(held))

    def pick(
        self, rng: np.random.Generator, text: str, styles: dict[str, float], tries: int = 12
    ) -> Face | None:
        """A random face that can draw ``text``; ``styles`` weighs the styles. None when none was found."""
        names = [name for name in styles if name in self._groups]
        if not names:  # bitmaps are for those that ask for them: they have one size
            names = [name for name in self._groups if name != "bitmap"]
            weights = [1.0] * len(names)
        else:
            weights = [styles[name] for name in names]
        edges = list(accumulate(weights))
        needed = set(text)
        for _ in range(tries):
            chosen = bisect_left(edges, rng.random() * edges[-1])
            families = self._groups[names[min(chosen, len(names) - 1)]]
            family = families[rng.integers(len(families))]
            face = family[rng.integers(len(family))]
            if needed <= _characters(face.coverage):
                return face
        return None


@lru_cache(maxsize=4096)  # most faces share a few coverages
def _characters(coverage: str) -> frozenset[str]:
    return frozenset(coverage)


def _unit_hash(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32


def _font_files(dirs: Iterable[Path]) -> list[Path]:
    found: set[Path] = set()
    for folder in dirs:
        if folder.is_dir():
            found.update(path for path in folder.rglob("*") if is_font(path))
    return sorted(found)


def _fingerprint(files: Sequence[Path], alphabet: str) -> str:
    digest = hashlib.sha256(f"{INDEX_VERSION}|{alphabet}".encode())
    for path in files:
        try:
            stat = path.stat()
        except OSError:
            continue
        digest.update(f"{path}|{stat.st_mtime_ns}|{stat.st_size}\n".encode())
    return digest.hexdigest()[:20]


def _read_index(cache: Path) -> list[Face] | None:
    try:
        return [Face(**entry) for entry in json.loads(cache.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return None


def _write_index(cache: Path, faces: Sequence[Face]) -> None:
    temporary = cache.with_suffix(f".{os.getpid()}.tmp")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps([asdict(face) for face in faces]), "utf-8")
        temporary.replace(cache)
    except OSError as error:
        log.warning("cannot keep the font index in %s (%s)", cache.parent, error)


def _examine(files: Sequence[Path], alphabet: str) -> list[Face]:
    probed = []
    for path in files:
        for index in range(4 if path.suffix.lower() == ".ttc" else 1):
            result = probe(path, index, alphabet)
            if result is not None:
                probed.append(result)
    if not probed:
        return []
    pictures = np.stack([picture for _, picture in probed])  # (faces, letters and signs, cells)
    pictures, signs = pictures[:, : len(PROBE_LETTERS)], pictures[:, len(PROBE_LETTERS) :]
    odd = _strange_signs(signs)
    upright = np.array([not face.caps_only and not face.strike for face, _ in probed])
    template = _template(pictures[upright] if upright.any() else pictures)
    likeness = np.einsum("flc,lc->fl", pictures, template)
    small = np.array([letter.islower() for letter in PROBE_LETTERS])
    uppers = [PROBE_LETTERS.index(c.upper()) for c in CASE_PAIRS]
    lowers = [PROBE_LETTERS.index(c) for c in CASE_PAIRS]
    # How much more a face's capitals look like small letters than like capitals.
    swapped = np.einsum("flc,lc->fl", pictures[:, uppers], template[lowers]) - likeness[:, uppers]
    unicase = (swapped > UNICASE).sum(1)
    faces, seen = [], set()
    for (face, picture), scores, mixed, unlike in zip(probed, likeness, unicase, odd, strict=True):
        legibility = float(scores[~small].mean() if face.caps_only else scores.mean())
        shape = picture.astype(np.float16).tobytes()
        strange = int((scores[~small] < STRANGE).sum())
        least = MIN_HAND_LEGIBILITY if face.style == "handwriting" else MIN_LEGIBILITY
        if (
            legibility < least or strange > MOST_STRANGE or mixed > MOST_UNICASE or shape in seen
        ):  # the same face in a second file format
            continue
        seen.add(shape)
        coverage = "".join(c for c in face.coverage if c not in unlike)
        if len(unlike) > MOST_STRANGE_SIGNS:
            coverage = "".join(c for c in coverage if c.isascii())
        found = replace(face, coverage=coverage, legibility=round(legibility, 3))
        faces.append(replace(found, style=_use(face, legibility)))
    return _cap_families(_without_doubles(faces))


def _template(pictures: np.ndarray) -> np.ndarray:
    """The mean picture of each glyph, as unit vectors: (faces, glyphs, cells) → (glyphs, cells)."""
    template = pictures.mean(0)
    return template / np.maximum(np.linalg.norm(template, axis=1, keepdims=True), 1e-6)


def _strange_signs(pictures: np.ndarray) -> list[str]:
    """Of each face the signs that are unlike those of the others: pictures (faces, signs, cells)."""
    strange = (np.einsum("fsc,sc->fs", pictures, _template(pictures)) < STRANGE) & pictures.any(2)
    return ["".join(np.array(list(PROBE_SIGNS))[row]) for row in strange]


def _use(face: Face, legibility: float) -> str:
    """The style, with faces that no book or form would be set in moved to display."""
    if face.strike:
        return face.style
    variant = any(word in face.name.lower() for word in ("italic", "oblique", "slanted", "light", "thin"))
    body = legibility >= (BODY_VARIANT_LEGIBILITY if variant else BODY_LEGIBILITY)
    upright = (face.style in {"serif", "sans"} and body) or face.style == "mono"
    return "display" if face.style != "handwriting" and (face.caps_only or not upright) else face.style


def _without_doubles(faces: Sequence[Face]) -> list[Face]:
    """Type 1 faces left out where the family has modern files: they open twenty times slower."""
    modern = {face.family for face in faces if not face.path.endswith(".pfb")}
    return [face for face in faces if not face.path.endswith(".pfb") or face.family not in modern]


def _cap_families(faces: Sequence[Face]) -> list[Face]:
    """At most ``FACES_PER_FAMILY`` of each family and style, spread evenly over its files."""
    families: dict[tuple[str, str], list[Face]] = {}
    for face in faces:
        families.setdefault((face.family, face.style), []).append(face)
    kept = []
    for members in families.values():
        if len(members) > FACES_PER_FAMILY:
            chosen = np.linspace(0, len(members) - 1, FACES_PER_FAMILY).round().astype(int)
            members = [members[i] for i in chosen]
        kept += members
    return kept

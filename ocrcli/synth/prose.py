"""Running English found on this machine: dictionaries, quotations, books and licences in Debian packages.

The paragraphs are collected once and kept in the cache folder, one to a line. A machine
without any such text gets sentences of the built-in vocabulary.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ocrcli.alphabet import fold
from ocrcli.synth.vocabulary import COMMON

log = logging.getLogger(__name__)

VERSION = 3  # raise it when the cleaning below changes
BYTES_OF_SOURCE = 5_000_000  # most characters taken from one source, so that none sets the tone
SHORTEST = 40  # characters of a paragraph worth keeping
LONGEST = 600  # longer paragraphs are cut: memory, not language

# (folder, pattern) of the packages dict-gcide, dict-jargon, dict-devil, wordnet-base, anarchism, fortunes
# and base-files.
SOURCES = (
    ("/usr/share/dictd", "gcide.dict.dz"),
    ("/usr/share/dictd", "jargon.dict.dz"),
    ("/usr/share/dictd", "devil.dict.dz"),
    ("/usr/share/wordnet", "data.*"),
    ("/usr/share/doc/anarchism/markdown", "*.md*"),
    ("/usr/share/games/fortunes", "*"),
    ("/usr/share/common-licenses", "*"),
)
_MARKDOWN = re.compile(r"\[1913 Webster\]|\[PJC\]|\[WordNet 1.5\]|\]\([^)]*\)|[*_`#\[\]\\]+|^>+|<[^>]*>")
_STRESS = re.compile(r"(?<=[a-z])\"(?=[a-z])")  # dictionaries mark stress inside head words
_ENGLISH = re.compile(r"[A-Za-z ,.]")


@lru_cache(maxsize=1)
def paragraphs() -> list[str]:
    """Paragraphs of English, 40–600 characters each, single-spaced; at least one."""
    from ocrcli.synth.fonts import cache_dir

    files = [
        path for folder, pattern in SOURCES for path in sorted(Path(folder).glob(pattern)) if path.is_file()
    ]
    digest = hashlib.sha256(f"{VERSION}".encode())
    for path in files:
        digest.update(f"{path}|{path.stat().st_size}\n".encode())
    cache = cache_dir() / f"prose-{digest.hexdigest()[:16]}.txt"
    try:
        kept = cache.read_text("utf-8").splitlines()
    except OSError:
        kept = _collect()
        _keep(cache, kept)
    return kept or [" ".join(COMMON[i : i + 12]).capitalize() + "." for i in range(0, len(COMMON) - 12, 12)]


def _collect() -> list[str]:
    kept: dict[str, None] = {}
    for folder, pattern in SOURCES:
        taken = 0
        for path in sorted(Path(folder).glob(pattern)):
            if taken > BYTES_OF_SOURCE or path.suffix in {".dat", ".u8"} or not path.is_file():
                continue
            for paragraph in _split(_read(path), path):
                if len(paragraph) >= SHORTEST and _is_english(paragraph) and taken <= BYTES_OF_SOURCE:
                    kept[
                        paragraph if len(paragraph) <= LONGEST else paragraph[:LONGEST].rsplit(" ", 1)[0]
                    ] = None
                    taken += min(len(paragraph), LONGEST)
    return list(kept)


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
        if path.suffix in {".gz", ".dz"}:
            raw = gzip.decompress(raw)
        return raw.decode("utf-8", errors="ignore")
    except (OSError, EOFError, zlib.error):
        return ""


def _split(text: str, path: Path) -> Iterator[str]:
    """Paragraphs without markup: folded, single-spaced."""
    if path.name.startswith("data."):  # WordNet: codes | gloss; "example"
        for line in text.splitlines():
            if " | " in line:
                yield " ".join(fold(line.split(" | ", 1)[1]).split())
        return
    for block in re.split(r"\n\s*\n|\n%\n", text):
        yield " ".join(fold(_STRESS.sub("", _MARKDOWN.sub("", block))).split())


def _is_english(text: str) -> bool:
    return len(_ENGLISH.findall(text)) > 0.85 * len(text)


def _keep(cache: Path, lines: list[str]) -> None:
    temporary = cache.with_suffix(f".{os.getpid()}.tmp")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text("\n".join(lines), "utf-8")
        temporary.replace(cache)
    except OSError as error:
        log.warning("cannot keep the corpus in %s (%s)", cache.parent, error)

"""What the documents say is there, is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "models/MODELS.md", "benchmarks/README.md", "data/README.md")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_linked_files_exist(name: str) -> None:
    path = ROOT / name
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing


def test_every_verb_of_the_readme_exists() -> None:
    from ocrcli.cli.app import VERBS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    used = set(re.findall(r"(?:^|[`|] ?)ocr ([a-z]+)", text, re.MULTILINE))
    assert used >= {"predict", "train", "eval"}
    assert used <= set(VERBS)


def test_every_format_of_the_readme_exists() -> None:
    from ocrcli.formats.writer import FORMATS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in FORMATS)
    assert set(re.findall(r"-f ([a-z]+)", text)) <= set(FORMATS)

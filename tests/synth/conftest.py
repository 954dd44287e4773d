"""Renderer tests run on any machine: with the face built into Pillow, and with a cache of their own."""

import numpy as np
import pytest
from PIL import ImageFont

from ocrcli.synth.fonts import FontLibrary


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("OCR_FONTS", raising=False)


@pytest.fixture(scope="session")
def fonts():
    return FontLibrary.built_in()


@pytest.fixture
def font_folder(tmp_path):
    """A folder with one real font file."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    (folder / "face.ttf").write_bytes(ImageFont.load_default(20).font_bytes)
    return folder


@pytest.fixture
def rng():
    return np.random.default_rng(7)

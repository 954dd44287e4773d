"""``from ocrcli import read, Reader``: what may be read, and from where."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ocrcli
from ocrcli import Document, InputError, ModelError, OcrError, Reader, UsageError


@pytest.fixture(scope="module")
def reader(tiny_models):
    return Reader(model_dir=tiny_models, threads=1)


@pytest.fixture(scope="module")
def strip(paint_strip):
    """RGB pixels of a line."""
    return np.repeat(paint_strip("north wind")[:, :, None], 3, axis=2)


@pytest.fixture(scope="module")
def page(paint_page):
    """RGB pixels of a page of two lines."""
    return paint_page([(60, 60, "north wind"), (60, 140, "sun")])


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


LINE, PAGE = "north wind", "north wind\n\nsun"
AS_ARRAYS = {
    "grey": lambda rgb: rgb[:, :, 0],
    "grey with an axis": lambda rgb: rgb[:, :, :1],
    "RGB": lambda rgb: rgb,
    "RGBA": lambda rgb: np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]),
    "grey with alpha": lambda rgb: np.dstack([rgb[:, :, 0], np.full(rgb.shape[:2], 255, np.uint8)]),
    "floats to 1": lambda rgb: rgb / 255,
    "grey floats to 1": lambda rgb: rgb[:, :, 0].astype(np.float32) / 255,
    "floats to 255": lambda rgb: rgb.astype(np.float64),
    "RGBA floats": lambda rgb: np.dstack([rgb / 255, np.ones(rgb.shape[:2])]),
    "16 bits": lambda rgb: rgb.astype(np.uint16) * 257,
    "grey 16 bits": lambda rgb: rgb[:, :, 0].astype(np.uint16) * 257,
    "integers": lambda rgb: rgb.astype(np.int64),
    "not contiguous": lambda rgb: rgb[:, :, ::-1],
    "nested lists": lambda rgb: np.asarray(rgb.tolist()),
}


@pytest.mark.parametrize("kind", AS_ARRAYS)
def test_arrays_of_any_kind_are_read(reader, strip, kind):
    assert reader.read(AS_ARRAYS[kind](strip), mode="word").text == LINE


def test_masks_are_read_as_black_and_white(reader):
    from ocrcli.engine.arrays import array_pixels

    mask = np.eye(4, dtype=bool)
    assert (array_pixels(mask, "mask")[:, :, 1] == np.eye(4) * 255).all()


def test_transparent_ink_is_laid_over_a_contrasting_ground(reader, strip):
    alpha = np.where(strip[:, :, 0] < 255, 255, 0).astype(np.uint8)
    on_nothing = np.dstack([np.where(alpha[:, :, None] > 0, strip, 0), alpha])
    assert reader.read(on_nothing, mode="word").text == LINE


@pytest.mark.parametrize("shape", [(3, 40, 60), (5,), (2, 2, 2, 2), (0, 5), (4, 4, 7)])
def test_arrays_that_are_no_pictures_are_told(reader, shape):
    with pytest.raises(InputError, match="no picture"):
        reader.read(np.zeros(shape, np.uint8))


def test_arrays_of_no_numbers_are_told(reader):
    with pytest.raises(InputError, match="no picture"):
        reader.read(np.full((4, 4), "x"))


def test_files_come_as_path_bytes_or_stream(reader, strip, tmp_path):
    path = tmp_path / "line.png"
    path.write_bytes(png(strip))
    by_path = reader.read(path, mode="word")
    assert by_path.text == LINE and by_path.source == str(path)
    assert reader.read(str(path), mode="word") == by_path
    for content in (png(strip), memoryview(png(strip))):
        assert reader.read(content, mode="word").text == LINE
    with path.open("rb") as stream:
        assert reader.read(stream, mode="word").source == str(path)
    assert reader.read(png(strip), name="scan 7").pages[0].source == "scan 7"


def test_pillow_images_are_read(reader, strip, tmp_path):
    assert reader.read(Image.fromarray(strip), mode="word").text == LINE
    path = tmp_path / "line.png"
    path.write_bytes(png(strip))
    with Image.open(path) as image:
        assert reader.read(image, mode="word").source == str(path)
    half = png(strip)[:150]
    with Image.open(io.BytesIO(half)) as cut, pytest.raises(InputError, match="cut short"):
        reader.read(cut)


def test_results_are_typed_and_become_json(reader, page):
    document = reader.read(page)
    assert isinstance(document, Document)
    line = document.pages[0].lines[0]
    assert line.words[1].text == "wind" and 0 < line.words[1].confidence <= 1
    assert line.box[0] <= line.words[0].box[0] < line.words[1].box[0]
    (record,) = json.loads(document.to_json())
    assert record["schema"] == "ocrcli/1" and record["text"] == PAGE


def test_json_is_what_the_command_writes(reader, strip, tmp_path, tiny_models):
    from ocrcli.cli.app import run

    path, out = tmp_path / "line.png", tmp_path / "line.json"
    path.write_bytes(png(strip))
    run(["predict", str(path), "--model-dir", str(tiny_models), "-o", str(out)])
    assert out.read_text(encoding="utf-8") == reader.read(str(path)).to_json()


def test_several_pages_are_chosen_and_read(reader, tmp_path, paint_strip):
    frames = [Image.fromarray(paint_strip(word)) for word in ("one", "two", "three")]
    path = tmp_path / "scan.tiff"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert reader.read(path, mode="word").text == "one\ftwo\fthree"
    assert reader.read(path, mode="word", pages="2-").text == "two\fthree"


def test_options_of_reading_are_heeded(reader, paint_strip):
    strip = paint_strip("cold")
    assert reader.read(strip, mode="word").text == "cold"
    assert reader.read(strip, mode="word", allow="old").text == "dold"  # c is nearest to d
    assert len(reader.read(strip[:, :32], mode="char", top=3).pages[0].candidates) == 3
    assert reader.read(strip, mode="word", min_confidence=1.0).text == ""
    for lexicon in (None, "english", ["cold"]):
        assert reader.read(strip, mode="word", lexicon=lexicon).text == "cold"


def test_mistakes_of_the_caller_are_told(reader, strip, tmp_path):
    with pytest.raises(UsageError, match="mode 'pge': not one of auto, page, word, char"):
        reader.read(strip, mode="pge")
    with pytest.raises(TypeError, match="no such option: dip"):
        reader.read(strip, dip=300)
    with pytest.raises(TypeError, match="not int"):
        reader.read(7)
    with pytest.raises(InputError, match=r"none\.png: no such file"):
        reader.read(tmp_path / "none.png")
    with pytest.raises(UsageError):
        reader.read(strip, lexicon=tmp_path / "none.txt")
    with pytest.raises(ModelError):
        Reader(model_dir=tmp_path / "none").read(strip)
    assert issubclass(InputError, OcrError)


def test_threads_may_share_a_reader(tiny_models, paint_strip, page):
    """Ten threads, each with pictures of its own, and models that are not loaded yet."""
    letters = "abcdefghij"
    words = [f"{letter * 3} {letters}" for letter in letters]
    reader = Reader(model_dir=tiny_models)

    def read(i):
        if i % 10 == 7:  # the other network runs in between
            return reader.read(page).text
        strip = paint_strip(words[i % 10])
        return reader.read(strip if i % 2 else png(strip), mode="word").text

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(read, range(60)))
    assert found == [PAGE if i % 10 == 7 else words[i % 10] for i in range(60)]


def test_threads_read_with_the_packaged_models_as_one_does():
    samples = Path(__file__).parents[1] / "data" / "samples"
    reader = Reader(threads=2)
    files = [samples / name for name in ("word.png", "receipt.jpg", "word.png", "letter.png")]
    alone = [reader.read(file).to_json() for file in files]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda file: reader.read(file).to_json(), files)) == alone
    assert reader.read(files[0]).text == "Bakery"


def test_read_keeps_its_models(tiny_models, monkeypatch, strip):
    from ocrcli import api
    from ocrcli.engine.model import Model

    monkeypatch.setenv("OCR_MODELS", str(tiny_models))
    monkeypatch.setattr(api, "_shared", [])
    loaded = []
    load = Model.load
    monkeypatch.setattr(Model, "load", lambda *a, **k: loaded.append(k["task"]) or load(*a, **k))
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: ocrcli.read(strip, mode="word").text, range(8))) == {LINE}
    assert loaded == ["word"]


def test_importing_the_package_imports_nothing_heavy():
    heavy = ("numpy", "PIL", "onnxruntime", "typer")
    code = f"import ocrcli, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there():
    assert all(getattr(ocrcli, name) is not None for name in ocrcli.__all__)
    assert set(ocrcli.__all__) <= set(dir(ocrcli))
    with pytest.raises(AttributeError):
        ocrcli.nothing  # noqa: B018


def test_text_that_a_pdf_holds_is_kept_or_read(reader, tmp_path, tiny_models, strip):
    """The strip as a searchable PDF: its text layer is ours, so that it says what was read."""
    from ocrcli.cli.app import run

    picture, pdf = tmp_path / "line.png", tmp_path / "line.pdf"
    Image.fromarray(strip).save(picture, dpi=(200, 200))
    options = ["--model-dir", str(tiny_models), "--mode", "word", "-o", str(pdf)]
    assert run(["predict", str(picture), *options]) == 0
    assert reader.read(pdf, pdf_text="keep").text == LINE
    assert reader.read(pdf, pdf_text="ocr", mode="word").text == LINE

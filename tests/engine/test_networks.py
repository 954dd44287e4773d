import shutil

import pytest

from ocrcli.engine.model import Model
from ocrcli.engine.networks import CALM, Networks
from ocrcli.engine.pipeline import Reader
from ocrcli.engine.recogniser import FEW
from ocrcli.errors import ModelError


@pytest.fixture
def folder(tiny_models, tmp_path):
    shutil.copytree(tiny_models, tmp_path / "models")
    return tmp_path / "models"


def files(networks):
    return {role: networks[role].path.name for role in ("lines", "careful", "words", "blurred")}


def test_a_file_alone_does_everything_and_is_opened_once(folder):
    networks = Networks.beside(folder / "word.onnx")
    assert files(networks) == dict.fromkeys(("lines", "careful", "words", "blurred"), "word.onnx")
    assert networks["lines"] is networks["careful"] is networks["words"]


def test_variants_beside_it_take_their_roles(folder):
    shutil.copy(folder / "word.onnx", folder / "word.int8.onnx")
    assert files(Networks.beside(folder / "word.onnx")) == {
        "lines": "word.int8.onnx", "careful": "word.onnx", "words": "word.int8.onnx", "blurred": "word.onnx",
    }  # fmt: skip
    shutil.copy(folder / "word.onnx", folder / "word.scene.onnx")
    assert files(Networks.beside(folder / "word.onnx"))["words"] == "word.scene.onnx"
    shutil.copy(folder / "word.onnx", folder / "word.blurred.onnx")
    assert files(Networks.beside(folder / "word.onnx"))["blurred"] == "word.blurred.onnx"


def test_the_careful_network_is_calmer_than_its_card_says(folder):
    shutil.copy(folder / "word.onnx", folder / "word.int8.onnx")
    networks = Networks.beside(folder / "word.onnx")
    own = Model.load(folder / "word.onnx").card.temperature
    assert networks["lines"].card.temperature == own
    assert networks["careful"].card.temperature == pytest.approx(CALM * own)


def test_only_what_is_needed_is_opened(folder, monkeypatch, paint_strip):
    for kind in ("int8", "scene"):
        shutil.copy(folder / "word.onnx", folder / f"word.{kind}.onnx")
    opened = []
    load = Model.load.__func__

    def noted(cls, path, **options):
        opened.append(path.name)
        return load(cls, path, **options)

    monkeypatch.setattr(Model, "load", classmethod(noted))
    reader = Reader(folder, threads=1, device="cpu")
    reader.prepare("word")
    assert opened == ["word.int8.onnx"]
    assert [reading.text for reading in reader.recogniser.read([paint_strip("clear")], whole=True)] == [
        "clear"
    ]
    assert opened == ["word.int8.onnx"]  # a glance was enough
    reader.prepare("page")
    assert sorted(opened) == ["detect.onnx", "word.int8.onnx"]
    many = [paint_strip("clear")] * (FEW + 1)
    assert [reading.text for reading in reader.recogniser.read(many)] == ["clear"] * len(many)
    assert "word.onnx" not in opened  # nothing was doubted
    assert reader.recogniser.networks["careful"].path.name == opened[-1] == "word.onnx"


def test_variants_with_another_alphabet_are_refused(folder):
    class Other:
        path = "word.int8.onnx"

        class card:
            alphabet = "xyz"

    own = Model.load(folder / "word.onnx", threads=1)
    networks = Networks({"lines": lambda: own, "careful": Other, "words": lambda: own})
    assert networks["lines"] is networks.any
    with pytest.raises(ModelError, match="another alphabet"):
        networks["careful"]

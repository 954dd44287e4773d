from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocrcli.engine.classifier import CharClassifier
from ocrcli.engine.model import Model
from ocrcli.engine.weights import find_model

BLANK = np.full((64, 64), 255, np.uint8)


def letter(character: str, size: int = 64) -> np.ndarray:
    image = Image.new("L", (size, size), 255)
    font = ImageFont.load_default(int(size * 0.7))
    ImageDraw.Draw(image).text((size // 2, size // 2), character, fill=0, font=font, anchor="mm")
    return np.asarray(image)


class InkCounter:
    """Stands in for a model: its logits are known functions of the ink that it is shown."""

    def __init__(self, temperature: float = 1.0) -> None:
        self.card = SimpleNamespace(alphabet="abcd", temperature=temperature)
        self.batches: list[int] = []

    def run(self, array: np.ndarray) -> np.ndarray:
        assert array.dtype == np.uint8 and array.shape[1:] == (1, 28, 28)
        self.batches.append(len(array))
        ink = array.mean((1, 2, 3))[:, None] / 255
        return (np.array([[0.0, 1.0, 2.0, 3.0]]) + ink).astype(np.float32)


def test_candidates_are_sorted_and_as_many_as_asked_for():
    found = CharClassifier(InkCounter()).classify(letter("x"), top=3)
    assert [candidate.text for candidate in found] == ["d", "c", "b"]
    assert found[0].confidence > found[1].confidence > found[2].confidence
    everything = CharClassifier(InkCounter()).classify(letter("x"), top=9)
    assert sum(candidate.confidence for candidate in everything) == pytest.approx(1)


def test_a_blank_picture_has_no_candidates():
    assert CharClassifier(InkCounter()).classify(BLANK) == []


def test_temperature_softens_without_changing_the_order():
    sharp = CharClassifier(InkCounter(1.0)).classify(letter("x"))
    soft = CharClassifier(InkCounter(2.5)).classify(letter("x"))
    assert [c.text for c in sharp] == [c.text for c in soft]
    assert soft[0].confidence < sharp[0].confidence


def test_allowed_characters_share_all_of_the_probability():
    found = CharClassifier(InkCounter()).classify(letter("x"), allow="ab?")
    assert [candidate.text for candidate in found] == ["b", "a"]
    assert sum(candidate.confidence for candidate in found) == pytest.approx(1)


def test_batches_agree_with_single_pictures_at_any_size():
    model = InkCounter()
    pictures = np.stack([letter(c) for c in "mil"] + [BLANK])
    chances = CharClassifier(model, batch_size=2).classify_batch(pictures)
    assert model.batches == [2, 1]  # the blank one is not run
    assert chances.shape == (4, 4) and np.allclose(chances.sum(1), 1)
    assert np.allclose(chances[3], 0.25)
    single = CharClassifier(model).classify(pictures[1], top=1)[0]
    assert chances[1].max() == pytest.approx(single.confidence)


@pytest.mark.parametrize("size", [20, 64, 400])
def test_packaged_weights_read_plain_print(size):
    classifier = CharClassifier(Model.load(find_model("char"), task="char"))
    characters = "23457ABEGHKRabdeghnqr"
    found = [classifier.classify(letter(c, size), top=1)[0].text for c in characters]
    assert sum(a == b for a, b in zip(found, characters, strict=True)) >= len(characters) - 2
    inverted = [classifier.classify(255 - letter(c, size), top=1)[0].text for c in characters]
    assert sum(a == b for a, b in zip(inverted, found, strict=True)) >= len(characters) - 1

"""Characters are learned from the data up: task, loop, export and the engine together."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from ocrcli.engine.charnorm import normalise
from ocrcli.engine.classifier import CharClassifier
from ocrcli.engine.model import Model
from ocrcli.training import checkpoint
from ocrcli.training.char import CharTask, best_temperature, either_case_loss
from ocrcli.training.export import export
from ocrcli.training.loop import train
from ocrcli.training.settings import TrainSettings

DIGITS = "0123456789"


def render(digit: str, rng: np.random.Generator) -> np.ndarray:
    """A digit of Pillow's own face: any size, leaning, dark on light or light on dark."""
    size = int(rng.integers(24, 56))
    image = Image.new("L", (96, 96))
    ImageDraw.Draw(image).text((48, 48), digit, fill=255, font=ImageFont.load_default(size), anchor="mm")
    image = image.rotate(float(rng.uniform(-12, 12)), Image.Resampling.BILINEAR)
    slant = float(rng.uniform(-0.2, 0.2))
    image = image.transform((96, 96), Image.Transform.AFFINE, (1, slant, -48 * slant, 0, 1, 0))
    pixels = np.asarray(image, np.int32)
    return (255 - pixels if rng.random() < 0.5 else pixels).astype(np.uint8)


def digits(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.array(list(DIGITS) * (count // 10))
    return np.stack([render(label, rng) for label in labels]), labels


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A short run on rendered digits, and its exported model."""
    folder = tmp_path_factory.mktemp("char")
    images, labels = digits(300, 0)
    np.savez(folder / "digits.npz", images=images, labels=labels)
    settings = TrainSettings(
        run_dir=folder / "run",
        steps=80,
        size="tiny",
        batch_size=32,
        data=(folder / "digits.npz",),
        synth=False,
        alphabet=DIGITS,
        chunk=256,
        echo=4,
        workers=0,
        device="cpu",
        precision="fp32",
        threads=1,
        eval_every=80,
    )
    task = CharTask(settings)
    train(task)
    saved = checkpoint.load(folder / "run" / checkpoint.BEST)
    return task, export(task, saved, folder / "char.onnx").path, folder


def test_learns_unseen_renders_in_eighty_steps(trained):
    _, path, _ = trained
    images, labels = digits(200, 1)
    chances = CharClassifier(Model.load(path, threads=1)).classify_batch(images)
    assert (np.array(list(DIGITS))[chances.argmax(1)] == labels).mean() > 0.95


def test_the_loop_judges_the_held_back_tenth(trained):
    _, _, folder = trained
    records = [json.loads(line) for line in (folder / "run" / "metrics.jsonl").read_text().splitlines()]
    scores = next(r["scores"] for r in reversed(records) if "scores" in r)
    assert scores["digits/top1"] > 0.8
    assert scores["digits/top1"] <= scores["digits/top3"]
    assert 0 <= scores["ece_after"] <= 1


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_exported_model_answers_as_torch_does(trained, batch):
    task, path, _ = trained
    network = task.network()
    network.load_state_dict(checkpoint.load(task.settings.run_dir / checkpoint.BEST)["ema"])
    images = digits(10, 2)[0][:batch]
    pictures = np.stack([normalise(image) for image in images])[:, None]
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(pictures)).numpy()
    np.testing.assert_allclose(Model.load(path, threads=1).run(pictures), expected, atol=1e-3)


def test_the_card_tells_what_the_engine_needs(trained):
    task, path, _ = trained
    card = Model.load(path, task="char").card
    assert card.alphabet == DIGITS and card.architecture == "vgg-tiny"
    assert (card.input.channels, card.input.height, card.input.width) == (1, 28, 28)
    assert card.temperature == pytest.approx(task.temperature)
    assert {"ece_before", "ece_after", "digits/top1"} <= card.scores.keys()


def test_either_case_is_right_where_the_label_stands_for_both():
    classes = torch.tensor([[0, 1]])
    lower = torch.tensor([[8.0, 0.0, 0.0]]).log_softmax(-1)
    upper = torch.tensor([[0.0, 8.0, 0.0]]).log_softmax(-1)
    other = torch.tensor([[0.0, 0.0, 8.0]]).log_softmax(-1)
    torch.testing.assert_close(either_case_loss(lower, classes), either_case_loss(upper, classes))
    assert either_case_loss(lower, classes) < either_case_loss(other, classes) - 5
    both = torch.tensor([[4.0, 4.0, -9.0]]).log_softmax(-1)
    assert either_case_loss(both, classes) < either_case_loss(both, torch.tensor([[0, 0]])) - 0.5


def test_temperature_undoes_overconfidence():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 5))
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth = np.array([rng.choice(5, p=p) for p in chances])
    right = np.eye(5, dtype=bool)[truth]
    assert best_temperature(logits, right) == pytest.approx(1, abs=0.1)
    assert best_temperature(logits * 2, right) == pytest.approx(2, abs=0.2)


def test_export_needs_no_data(tmp_path: Path):
    task = CharTask(TrainSettings(run_dir=tmp_path, synth=False, alphabet=DIGITS, size="tiny"))
    assert [tuple(x.shape) for x in task.example_inputs()] == [(n, 1, 28, 28) for n in (1, 2, 7)]

"""The detector learns: on small drawn pages its loss falls and its boxes become right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from ocrcli.datasets.crops import LabelledPage
from ocrcli.engine.detector import DECODING, LineDetector, to_input
from ocrcli.engine.model import Model
from ocrcli.engine.weights import find_model
from ocrcli.nets.dbnet import DBNet
from ocrcli.scoring.boxes import HMean
from ocrcli.scoring.labels import TruthPage, TruthWord
from ocrcli.training.detect import DetectTask, _Running, recolour
from ocrcli.training.detect_loss import detection_loss, dice_loss, mined_cross_entropy
from ocrcli.training.detect_scores import PageSet, cover_counts, judge_pages, line_counts, pixel_counts
from ocrcli.training.detect_targets import LEVELS, draw_targets
from ocrcli.training.initialise import initialise
from ocrcli.training.settings import TrainSettings

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
SIZE = 160  # pixels of a drawn page


def drawn_page(rng: np.random.Generator) -> LabelledPage:
    """A few lines of text in the built-in face, dark on light or light on dark."""
    paper, ink = ((235, 20), (20, 235))[int(rng.integers(2))]
    image = Image.new("L", (SIZE, SIZE), paper)
    draw, quads = ImageDraw.Draw(image), []
    y = int(rng.integers(2, 12))
    while y < SIZE - 20:
        size = int(rng.integers(12, 22))
        font = ImageFont.load_default(size)
        text = (
            "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz    "), int(rng.integers(3, 12)))).strip()
            or "x"
        )
        x = int(rng.integers(2, 40))
        draw.text((x, y), text, fill=ink, font=font)
        left, _, right, _ = draw.textbbox((x, y), text, font=font)
        quads.append([[left, y], [right, y], [right, y + size * 1.15], [left, y + size * 1.15]])
        y += int(size * rng.uniform(1.2, 2.0))
    pixels = np.repeat(np.asarray(image)[..., None], 3, 2)
    return LabelledPage(pixels, np.array(quads, np.float32), np.zeros(len(quads), bool))


def task(**values: object) -> DetectTask:
    return DetectTask(TrainSettings(run_dir=Path("unused"), synth=False, **values))  # type: ignore[arg-type]


def test_it_learns_to_find_drawn_lines() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    pages = [drawn_page(rng) for _ in range(48)]
    images = torch.from_numpy(np.stack([page.pixels.transpose(2, 0, 1) for page in pages]))
    maps = [draw_targets(page.quads, page.ignore, SIZE, SIZE).stack() for page in pages]
    batch = {"image": images, "maps": torch.from_numpy(np.stack(maps))}
    detect = task(size="tiny")
    network = detect.network()
    optimiser = torch.optim.AdamW(network.parameters(), 4e-3)
    losses = []
    for step in range(60):
        chosen = torch.from_numpy(rng.choice(48, 8, replace=False))
        parts = detect.loss(network, {key: value[chosen] for key, value in batch.items()})
        optimiser.zero_grad()
        parts["loss"].backward()
        optimiser.step()
        losses.append(float(parts["loss"].detach()))
        if step == 50:
            optimiser.param_groups[0]["lr"] /= 4
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
    fresh = [drawn_page(rng) for _ in range(12)]
    detector = LineDetector(_Running(network.eval(), torch.device("cpu"), detect.card()))
    boxes, pixels = HMean(), np.zeros(3)
    for page in fresh:
        seen = to_input(page.pixels, 1.0)
        probability = detector.model.run(seen.image)[0, 0]
        boxes += line_counts(page, detector.decode(probability, seen.factors, (SIZE, SIZE)).quads)
        pixels += pixel_counts(page, probability, seen)
    assert 2 * pixels[0] / (pixels[1] + pixels[2]) > 0.7
    assert boxes.hmean > 0.6


def perfect(maps: torch.Tensor, certainty: float = 12.0) -> torch.Tensor:
    """The logits of a network that knows the answer."""
    kernel = torch.where(maps[:, 0] > LEVELS / 2, certainty, -certainty)
    level = (maps[:, 1].float() / LEVELS).clamp(0.01, 0.99)
    return torch.stack([kernel, torch.logit(level)], 1)


def example_maps() -> torch.Tensor:
    quads = np.array(
        [[[10, 20], [110, 20], [110, 60], [10, 60]], [[10, 64], [110, 64], [110, 104], [10, 104]]]
    )
    return torch.from_numpy(draw_targets(quads, np.zeros(2, bool), 128, 128).stack()[None])


def test_the_right_answer_costs_little_and_merging_lines_much() -> None:
    maps = example_maps()
    right = perfect(maps)
    merged = right.clone()
    merged[:, 0, 5:26, 4:26] = 12.0
    empty = torch.full_like(right, -12.0)
    costs = [float(detection_loss(logits, maps)["loss"]) for logits in (right, merged, empty)]
    assert costs[0] < 0.25 * min(costs[1:])


def test_ignored_pixels_cost_nothing() -> None:
    maps = example_maps()
    maps[:, 2] = 0
    maps[:, 0] = 0
    logits = torch.randn(1, 2, 32, 32, requires_grad=True)
    loss = detection_loss(logits, maps)["loss"]
    loss.backward()
    assert float(loss.detach()) < 1.1  # what is left of the dice of nothing
    assert logits.grad is not None and not logits.grad[:, 0].any()


def test_crops_without_text_still_teach() -> None:
    maps = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    maps[:, 2] = 32
    logits = torch.zeros(1, 2, 32, 32, requires_grad=True)
    detection_loss(logits, maps)["loss"].backward()
    assert logits.grad is not None
    assert logits.grad[:, 0].max() > 0  # pushed down
    assert torch.isfinite(logits.grad).all()


def test_only_the_hardest_background_counts() -> None:
    share = torch.zeros(1, 10, 10)
    share[0, 0, 0] = 1
    logits = torch.full((1, 10, 10), -9.0)
    logits[0, 0, 0] = 9.0
    logits[0, 5, 5] = 9.0  # one false alarm among 99
    loss = mined_cross_entropy(logits, share, torch.ones_like(share))
    assert float(loss) == pytest.approx(9.0 / 4, rel=0.01)  # one kernel pixel, three of the background


def test_dice_is_zero_for_equal_maps_and_one_for_disjoint_ones() -> None:
    a = torch.zeros(1, 100, 100)
    a[:, :50] = 1
    mask = torch.ones_like(a, dtype=torch.bool)
    assert float(dice_loss(a, a, mask)) == pytest.approx(0, abs=1e-3)
    assert float(dice_loss(a, 1 - a, mask)) == pytest.approx(1)


def test_recolouring_depends_on_the_generator_alone() -> None:
    image = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    first, again = (recolour(image, torch.Generator().manual_seed(3)) for _ in range(2))
    other = recolour(image, torch.Generator().manual_seed(4))
    assert first.dtype == torch.uint8 and first.shape == image.shape
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def box(x: float, y: float, width: float, height: float) -> list[list[float]]:
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]


def labelled(*quads: list[list[float]], ignore: list[bool] | None = None) -> LabelledPage:
    array = np.array(quads, np.float32).reshape(-1, 4, 2)
    return LabelledPage(
        np.zeros((100, 300, 3), np.uint8), array, np.array(ignore or [False] * len(array), bool)
    )


def test_line_sets_are_scored_at_iou_one_half() -> None:
    page = labelled(
        box(10, 10, 200, 20), box(10, 40, 200, 20), box(10, 70, 50, 20), ignore=[False, False, True]
    )
    found = np.array([box(12, 11, 200, 20), box(10, 45, 60, 20), box(10, 70, 50, 20)], np.float32)
    counts = line_counts(page, found)
    assert (counts.matched, counts.truths, counts.found) == (1, 2, 2)


def test_word_sets_are_scored_by_cover() -> None:
    words = labelled(box(10, 10, 60, 20), box(80, 10, 60, 20), box(10, 60, 60, 20))
    line, block = box(8, 9, 140, 22), box(0, 0, 300, 100)
    recall, precision = cover_counts(words, np.array([line, block], np.float32))
    assert (recall.matched, recall.truths) == (2, 3)  # the block covers all, but is no line
    assert (precision.matched, precision.found) == (1, 2)


def test_sets_of_words_and_of_lines_are_told_apart(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "page.png")

    def pages(*texts: str) -> list[TruthPage]:
        return [TruthPage(tmp_path / "page.png", tuple(TruthWord(text) for text in texts), None)]

    assert PageSet.load(pages("one line", "and another", "word")).by_line
    assert not PageSet.load(pages("one", "word", "after", "another")).by_line


def test_pages_are_judged_as_the_engine_sees_them() -> None:
    class Perfect:
        """Finds the lines of the one page, at the scale it is shown."""

        def __init__(self, page: LabelledPage) -> None:
            self.page, self.card = page, task().card()

        def run(self, array: np.ndarray) -> np.ndarray:
            factor = 3.0  # a page of 300 pixels is enlarged that much
            maps = draw_targets(self.page.quads * factor, self.page.ignore, *array.shape[2:])
            return (maps.kernel / LEVELS)[None, None].astype(np.float32)

    page = labelled(box(10, 10, 200, 20), box(10, 40, 200, 20), box(10, 70, 50, 20))
    by_line = judge_pages(LineDetector(Perfect(page)), PageSet([page], by_line=True))
    assert by_line == {"hmean": 1, "recall": 1, "precision": 1, "pixel_f1": 1}
    assert judge_pages(LineDetector(Perfect(page)), PageSet([page], by_line=False))["hmean"] == 1


def test_without_held_out_pages_there_is_no_score() -> None:
    assert task().evaluate(DBNet("tiny").eval(), torch.device("cpu")) == {}


def test_examples_for_the_export_have_legal_shapes() -> None:
    for example in task().example_inputs():
        assert example.dtype == torch.uint8
        assert example.shape[1] == 3 and example.shape[2] % 32 == 0 and example.shape[3] % 32 == 0


def test_training_goes_on_from_the_shipped_model_whose_threshold_head_begins_anew() -> None:
    settings = TrainSettings(run_dir=Path("unused"), synth=False, init="detect")
    started, weights = initialise(DetectTask, "detect", settings)
    network = started.network()
    network.load_state_dict(weights)
    image = to_input(np.asarray(Image.open(SAMPLES / "page.png").convert("RGB")), 0.5).image
    with torch.no_grad():
        known = network.eval()(torch.from_numpy(image)).numpy()
    found = Model.load(find_model("detect"), task="detect").run(image)  # 8 bits at every convolution
    text = found > DECODING["threshold"]
    assert 0.02 < text.mean() < 0.5
    assert ((known > DECODING["threshold"]) == text).mean() > 0.99
    assert network.train()(torch.from_numpy(image)).shape[1] == 2


def test_answers_differ_only_by_pixels_off_the_threshold() -> None:
    expected = np.array([[[[0.1, 0.2999, 0.9]]]], np.float32)
    assert task().agreement(expected, np.array([[[[0.1, 0.3001, 0.9]]]], np.float32)) == 1.0
    assert task().agreement(expected, np.array([[[[0.3, 0.2999, 0.9]]]], np.float32)) < 1.0

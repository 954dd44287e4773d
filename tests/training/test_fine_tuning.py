"""What ``--init`` changes where nobody chose: a low rate, and a length that suits the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from digit_words import NumberTask, number_settings, render_number, write_numbers

from ocrcli.cli.app import run as ocr
from ocrcli.datasets.words import fit_strip, pad_strips
from ocrcli.errors import UsageError
from ocrcli.nets.crnn import CRNN, without_blocks
from ocrcli.training import checkpoint
from ocrcli.training.initialise import initialise
from ocrcli.training.loop import DEFAULT_MINUTES, train
from ocrcli.training.start import FINE_TUNING_EPOCHS, FINE_TUNING_RATE, fine_tuning
from ocrcli.training.word import WordTask

DATA = (Path("labels.tsv"),)


def test_known_weights_are_changed_slowly() -> None:
    settings = fine_tuning("word", number_settings(Path("run"), lr=None))
    assert settings.lr == pytest.approx(FINE_TUNING_RATE * WordTask.defaults["lr"])


def test_chosen_rate_stays() -> None:
    assert fine_tuning("word", number_settings(Path("run"), lr=0.5)).lr == 0.5


def test_own_data_are_passed_over_so_often_within_the_usual_time() -> None:
    settings = fine_tuning("word", number_settings(Path("run"), data=DATA, steps=None))
    assert (settings.epochs, settings.minutes) == (FINE_TUNING_EPOCHS, DEFAULT_MINUTES)


@pytest.mark.parametrize("length", [{"steps": 7}, {"minutes": 2.0}, {"epochs": 3.0}])
def test_chosen_length_stays(length: dict[str, float]) -> None:
    settings = number_settings(Path("run"), data=DATA, lr=0.5, **{"steps": None, **length})
    assert fine_tuning("word", settings) == settings


def test_rendering_alone_has_no_passes() -> None:
    assert fine_tuning("word", number_settings(Path("run"), steps=None)).epochs is None


def test_few_pictures_are_learnt_in_as_many_passes_and_no_more(tmp_path: Path) -> None:
    labels = write_numbers(tmp_path / "numbers", 8)
    pictures = len(labels.read_text().splitlines())
    common = ["--data", str(labels), "--dev", str(labels), "--no-synth", "--chunk", "32", "--workers", "0"]
    fresh = ["--size", "tiny", "--alphabet", "0123456789", "--steps", "1", "--device", "cpu"]
    assert ocr(["train", "word", *common, *fresh, "--run-dir", str(tmp_path / "first")]) == 0
    known = ["--init", str(tmp_path / "first"), "--device", "cpu", "--run-dir", str(tmp_path / "second")]
    assert ocr(["train", "word", *common, *known]) == 0
    samples = checkpoint.load(tmp_path / "second" / checkpoint.LAST)["state"]["samples"]
    assert FINE_TUNING_EPOCHS * pictures <= samples < FINE_TUNING_EPOCHS * pictures + 64


def unlike(whole: dict[str, torch.Tensor], part: dict[str, torch.Tensor]) -> float:
    """How far columns of numbers are from those of the whole network."""
    images = [fit_strip(render_number(np.random.default_rng(i)).strip, 64) for i in range(4)]
    strips = torch.from_numpy(pad_strips(images, 64))
    columns = []
    for size, weights in (("small", whole), ("slim", part)):
        network = CRNN(11, size).eval()
        network.load_state_dict(weights)
        columns.append(network.features(strips))
    return float((columns[0] - columns[1]).detach().square().mean())


def test_a_size_with_fewer_blocks_starts_from_the_weights_of_a_larger_one(tmp_path: Path) -> None:
    first = number_settings(tmp_path / "small", size="small", steps=1, eval_every=1)
    train(NumberTask(first))
    known = str(first.run_dir / checkpoint.BEST)
    task, weights = initialise(NumberTask, "word", number_settings(tmp_path, init=known, size="slim"))
    task.network().load_state_dict(weights)
    saved = checkpoint.load(first.run_dir / checkpoint.BEST)
    assert task.settings.before[0] == saved["state"]["samples"]
    assert torch.equal(weights["lstm.weight_hh_l0"], saved["ema"]["lstm.weight_hh_l0"])
    assert unlike(saved["ema"], weights) < unlike(saved["ema"], without_blocks(saved["ema"], "small", "slim"))
    with pytest.raises(UsageError, match="--size base: the weights of --init are of size small"):
        initialise(NumberTask, "word", number_settings(tmp_path, init=known, size="base"))

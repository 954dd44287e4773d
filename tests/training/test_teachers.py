"""A classifier learns from others that were trained before it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from bar_chars import bar_settings, write_bars
from digit_words import NumberTask, number_settings, render_number

from ocrcli.datasets.words import fit_strip, pad_strips
from ocrcli.errors import ModelError, UsageError
from ocrcli.nets.crnn import without_blocks
from ocrcli.training import checkpoint
from ocrcli.training.char import HEAT, CharTask
from ocrcli.training.loop import train
from ocrcli.training.settings import TrainSettings
from ocrcli.training.teachers import Teachers


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A run of a few steps over bars at four places."""
    folder = tmp_path_factory.mktemp("teachers")
    return bar_settings(folder / "first", write_bars(folder / "bars.npz", 120), steps=4, eval_every=4)


@pytest.fixture(scope="module")
def runs(settings):
    """Two finished runs."""
    folders = [settings.run_dir.with_name(f"teacher{seed}") for seed in (1, 2)]
    for seed, folder in enumerate(folders):
        train(CharTask(replace(settings, run_dir=folder, seed=seed)))
    return folders


def test_teachers_answer_with_the_mean_of_their_soft_probabilities(runs, settings):
    image = torch.randint(0, 256, (5, 1, 28, 28), dtype=torch.uint8)
    task = CharTask(settings)
    alone = [Teachers([run], task, HEAT)(image) for run in runs]
    both = Teachers(runs, task, HEAT)(image)
    torch.testing.assert_close(both, (alone[0] + alone[1]) / 2)
    torch.testing.assert_close(both.sum(1), torch.ones(5))
    network = task.network()
    network.load_state_dict(checkpoint.load(runs[0] / checkpoint.BEST)["ema"])
    with torch.no_grad():
        expected = (network.eval()(image) / HEAT).softmax(-1)
    torch.testing.assert_close(alone[0], expected)


def test_who_answers_as_the_teachers_has_nothing_to_learn_from_them(settings):
    teachers = Teachers([], CharTask(settings), HEAT)
    logits = torch.tensor([[3.0, 0.0, -1.0], [0.0, 2.0, 2.0]])
    taught = (logits / HEAT).softmax(-1)
    torch.testing.assert_close(teachers.unlike(logits, taught), torch.zeros(2))
    turned = teachers.unlike(logits.flip(1), taught)
    assert (turned > 0.5).all()
    columns = teachers.unlike(logits.flip(1)[:, None], taught[:, None])  # one column a line
    torch.testing.assert_close(columns, turned[:, None])


def test_a_run_with_teachers_resumes_to_the_same_bits(runs, settings, tmp_path):
    taught = replace(settings, run_dir=tmp_path / "whole", teachers=tuple(runs))
    train(CharTask(taught))
    whole = checkpoint.load(tmp_path / "whole" / checkpoint.LAST)
    parts = replace(taught, run_dir=tmp_path / "parts")
    task = CharTask(parts)
    step = task.loss

    class Stop(Exception): ...

    def stop_after_two(network, batch):
        if task.calls == 2:
            raise Stop
        task.calls += 1
        return step(network, batch)

    task.calls, task.loss = 0, stop_after_two
    with pytest.raises(Stop):
        train(task)
    saved = checkpoint.load(tmp_path / "parts" / checkpoint.LAST)
    assert saved["state"]["step"] == 2
    again = TrainSettings.from_dict(saved["settings"])
    assert again.teachers == tuple(runs)
    train(CharTask(again), resume=saved)
    found = checkpoint.load(tmp_path / "parts" / checkpoint.LAST)
    assert all(torch.equal(whole["network"][k], found["network"][k]) for k in whole["network"])
    plain = checkpoint.load(runs[0] / checkpoint.LAST)  # the same seed, not taught
    assert not all(torch.equal(whole["network"][k], plain["network"][k]) for k in plain["network"])
    assert found["data"]["teachers"] == 2


def test_what_cannot_teach_is_named(runs, settings, tmp_path):
    task = CharTask(settings)
    with pytest.raises(UsageError, match="other characters"):
        Teachers(runs, CharTask(replace(settings, alphabet="abcde")))
    (tmp_path / "best.pt").write_bytes(b"no checkpoint")
    with pytest.raises(ModelError, match=r"best\.pt"):
        Teachers([tmp_path], task)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """The run of a small network that has seen numbers a little."""
    settings = number_settings(tmp_path_factory.mktemp("readers") / "small", size="small", steps=2)
    train(NumberTask(settings))
    return settings.run_dir


def test_a_reader_of_words_is_shown_what_the_teacher_makes_of_each_column(reader, tmp_path):
    taught = number_settings(tmp_path / "pupil", size="slim", teachers=(reader,), init=str(reader))
    pupil = NumberTask(taught)
    teacher = pupil.teachers.networks[0]
    assert teacher.size == "small"  # whatever the pupil's size
    recipe = pupil.recipe()
    render = recipe.open()
    chunk = recipe.pack([render(np.random.default_rng(i)) for i in range(4)])
    batch = {k: torch.from_numpy(v) for k, v in recipe.collate(chunk, np.arange(4)).items()}
    assert pupil.loss(teacher, batch)["loss"] == 0
    assert pupil.loss(pupil.network().eval(), batch)["loss"] > 0.01
    columns = teacher.features(batch["image"])
    for factor in (0.0, 0.5, 2.0):  # of the square of what is taught
        unlike = pupil._unlike_teachers(factor * columns, batch["image"])
        torch.testing.assert_close(unlike, torch.tensor((factor - 1) ** 2))


def test_what_follows_the_columns_stays_the_teachers(reader, tmp_path):
    settings = number_settings(
        tmp_path / "pupil", size="slim", teachers=(reader,), init=str(reader), steps=40, lr=1e-3
    )
    task = NumberTask(settings)
    before = without_blocks(checkpoint.load(reader / checkpoint.BEST)["ema"], "small", "slim")
    train(task, weights=before)
    after = checkpoint.load(tmp_path / "pupil" / checkpoint.LAST)["ema"]
    changed = {name.partition(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"backbone"}
    images = [fit_strip(render_number(np.random.default_rng(i)).strip, 64) for i in range(8)]
    network = task.network().eval()
    left_over = []
    for state in (before, after):
        network.load_state_dict(state)
        with torch.no_grad():
            unlike = task.loss(network, {"image": torch.from_numpy(pad_strips(images, 64))})
        left_over.append(float(unlike["loss"]))
    assert left_over[1] < 0.7 * left_over[0]


def test_teachers_of_words_have_columns_of_the_same_width(runs, reader, tmp_path):
    def teachers(**changes):
        return NumberTask(number_settings(tmp_path / "pupil", **{"init": str(reader), **changes})).teachers

    with pytest.raises(UsageError, match=r"small: has columns of 224 numbers, the network of 160"):
        teachers(teachers=(reader,), size="tiny")
    with pytest.raises(UsageError, match="a char model teaches no word model"):
        teachers(teachers=(runs[0],))
    with pytest.raises(UsageError, match="--init"):
        teachers(teachers=(reader,), init=None)

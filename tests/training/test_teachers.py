"""A classifier learns from others that were trained before it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from bar_chars import bar_settings, write_bars
from digit_words import NumberTask, number_settings

from ocrcli.errors import ModelError, UsageError
from ocrcli.training import checkpoint
from ocrcli.training.char import HEAT, CharTask
from ocrcli.training.loop import train
from ocrcli.training.settings import TrainSettings
from ocrcli.training.teachers import Teachers
from ocrcli.training.word import TAUGHT


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


def test_a_reader_of_words_is_told_column_by_column(runs, tmp_path):
    first = number_settings(tmp_path / "small", size="small", steps=2)
    train(NumberTask(first))
    pupil = NumberTask(number_settings(tmp_path / "pupil", teachers=(first.run_dir,)))
    teacher = pupil.teachers.networks[0]
    assert teacher.size == "small"  # whatever the pupil's size
    recipe = pupil.recipe()
    render = recipe.open()
    chunk = recipe.pack([render(np.random.default_rng(i)) for i in range(4)])
    batch = {k: torch.from_numpy(v) for k, v in recipe.collate(chunk, np.arange(4)).items()}
    knowing = pupil.loss(teacher, batch)
    assert knowing["taught"] == pytest.approx(0, abs=1e-5)
    assert knowing["loss"] == pytest.approx((1 - TAUGHT) * float(knowing["labels"]), rel=1e-5)
    assert pupil.loss(pupil.network().eval(), batch)["taught"] > 0.01
    with pytest.raises(UsageError, match="a char model teaches no word model"):
        NumberTask(number_settings(tmp_path / "wrong", teachers=(runs[0],))).teachers  # noqa: B018

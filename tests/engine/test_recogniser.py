import numpy as np
import pytest

from ocrcli.engine.model import Model
from ocrcli.engine.recogniser import LineRecogniser
from ocrcli.engine.stripreader import BATCH_COLUMNS
from ocrcli.engine.windows import WINDOW


@pytest.fixture(scope="module")
def recogniser(tiny_models):
    return LineRecogniser(Model.load(tiny_models / "word.onnx", threads=1))


class Recorder:
    """A model that notes the batches it is given."""

    def __init__(self, model):
        self.model, self.card, self.device, self.batches = model, model.card, model.device, []

    def run(self, array):
        self.batches.append(array)
        return self.model.run(array)


@pytest.fixture
def recorder(tiny_models):
    return Recorder(Model.load(tiny_models / "word.onnx", threads=1))


def test_texts_come_back_in_the_order_of_the_strips(recogniser, paint_strip):
    texts = [
        "a much longer line of words",
        "b",
        "some words",
        "",
        "zz",
        "another line of words here",
        "q" * 60,
    ]
    readings = recogniser.read([paint_strip(text) for text in texts])
    assert [reading.text for reading in readings] == texts
    assert all(0.9 < reading.confidence <= 1 for reading in readings if reading.text)
    assert readings[3].confidence == 0


def test_no_strips_no_readings(recogniser):
    assert recogniser.read([]) == []


def test_workers_change_nothing(tiny_models, recogniser, paint_strip):
    texts = ["word " * n + "end" for n in range(12)]
    strips = [paint_strip(text) for text in texts]
    several = LineRecogniser(Model.load(tiny_models / "word.onnx", threads=1), workers=3, batch_size=2)
    assert several.read(strips) == recogniser.read(strips)


def test_spans_are_where_the_characters_were_painted(recogniser, paint_strip):
    strip = paint_strip("abc")
    (reading,) = recogniser.read([strip])
    for i, char in enumerate(reading.chars):
        painted = (12 + 32 * i, 32 + 32 * i)
        assert char.start <= painted[0] + 4 and char.end >= painted[1] - 4
        assert 0 <= char.start < char.end <= strip.shape[1]


def test_spaces_at_the_ends_and_doubled_ones_are_dropped(recogniser, paint_strip):
    (reading,) = recogniser.read([paint_strip("  to   be  ")])
    assert reading.text == "to be"
    assert "".join(char.text for char in reading.chars) == "to be"


def test_only_allowed_characters_are_read(recogniser, paint_strip):
    (reading,) = recogniser.read([paint_strip("abc")], allow="ab")
    assert set(reading.text) <= set("ab")
    assert reading.text.startswith("ab")


@pytest.mark.parametrize("width", range(1, 9))
def test_the_narrowest_strips_are_read(recogniser, width):
    (reading,) = recogniser.read([np.full((32, width), 8 * 6, np.uint8)])
    assert reading.text == "e"
    assert reading.chars[0].end <= width


def test_padding_repeats_the_last_column_and_is_little(recorder, paint_strip):
    strips = [paint_strip("x" * n) for n in range(1, 20)]
    LineRecogniser(recorder).read(strips)
    assert len(recorder.batches) > 1
    for batch in recorder.batches:
        assert batch.dtype == np.uint8
        assert batch.shape[1:3] == (1, 32)
        assert batch.shape[3] % 4 == 0
    used = sum(strip.shape[1] for strip in strips)
    assert used > 0.85 * sum(batch.shape[0] * batch.shape[3] for batch in recorder.batches)
    ramp = np.tile(np.arange(30, dtype=np.uint8) * 8, (32, 1))
    recorder.batches.clear()
    LineRecogniser(recorder).read([ramp])
    assert (recorder.batches[0][0, 0, :, 30:] == 29 * 8).all()


def test_batches_are_bounded_in_strips_and_pixels(recorder, paint_strip):
    LineRecogniser(recorder, batch_size=3).read([paint_strip("abc")] * 10)
    assert max(len(batch) for batch in recorder.batches) == 3
    recorder.batches.clear()
    LineRecogniser(recorder).read([paint_strip("w" * 100)] * 10)
    assert max(batch.shape[0] * batch.shape[3] for batch in recorder.batches) <= BATCH_COLUMNS["cpu"]


def test_a_very_long_strip_is_read_through_windows_without_seams(recorder, paint_strip):
    text = " ".join(f"word{'abcdefghij'[i % 10]}{'klmnop'[i % 6]}" for i in range(80))
    strip = paint_strip(text)
    assert strip.shape[1] > 5 * WINDOW
    readings = LineRecogniser(recorder).read([strip, paint_strip("short")])
    assert [reading.text for reading in readings] == [text, "short"]
    assert max(batch.shape[3] for batch in recorder.batches) <= WINDOW
    starts = np.array([char.start for char in readings[0].chars])
    assert (np.abs(starts - (12 + 32 * np.arange(len(text)))) <= 12).all()


@pytest.mark.parametrize("workers", [1, 2])
def test_what_else_is_read_changes_nothing(recorder, paint_strip, workers):
    strips = [paint_strip("x" * n) for n in (1, 2, 3, 5, 8, 13)]
    alone = []
    for strip in strips:
        recorder.batches.clear()
        LineRecogniser(recorder).read([strip])
        alone.append(recorder.batches[0].shape[3])
    recorder.batches.clear()
    LineRecogniser(recorder, workers=workers).read(strips * 3)
    together = {batch.shape[3]: len(batch) for batch in recorder.batches}
    assert set(together) == set(alone)

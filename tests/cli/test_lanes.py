"""Pages read side by side in one process come out in order, and not too many are in hand."""

import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ocrcli.cli import lanes
from ocrcli.cli.inputs import Source
from ocrcli.cli.lanes import read_tasks
from ocrcli.cli.tasks import Ask, Task
from ocrcli.document import Page
from ocrcli.engine.decoding import Decoding
from ocrcli.engine.pdf import PdfAsk


class Slow:
    """A reader that reads a page when its gate is opened, and notes what it was given."""

    recogniser = SimpleNamespace(
        networks=SimpleNamespace(any=SimpleNamespace(device="cpu", card=SimpleNamespace(architecture="x")))
    )

    def __init__(self, names, opened=()):
        self.gates = {name: threading.Event() for name in names}
        self.begun = {name: threading.Event() for name in names}
        for name in opened:
            self.gates[name].set()

    def prepare(self, mode):
        pass

    def read_page(self, page, mode, decoding):
        name = Path(page.source).stem
        self.begun[name].set()
        assert self.gates[name].wait(60)
        return Page(page.source, page.number, 9, 9, "word")


@pytest.fixture
def tasks(tmp_path):
    """``tasks("abc")``: tasks of small pictures with these names."""

    def make(names, side=20):
        made = []
        for number, name in enumerate(names):
            path = tmp_path / f"{name}.png"
            Image.fromarray(np.zeros((side, side), np.uint8)).save(path)
            made.append(Task(number, Source(str(path), path, Path(path.name))))
        return made

    return make


ASK = Ask("word", Decoding(), 200, None, PdfAsk())


def named(outcomes):
    return [Path(outcome.task.source.name).stem for outcome in outcomes if outcome.page]


def test_a_page_that_is_done_early_waits_for_its_turn(tasks):
    reader = Slow("abc", opened="bc")
    outcomes = read_tasks(tasks("abc"), reader, ASK, 2)
    done = []
    reading = threading.Thread(target=lambda: done.extend(named(outcomes)))
    reading.start()
    assert reader.begun["c"].wait(60), "the second lane goes on while the first page is read"
    assert done == []
    reader.gates["a"].set()
    reading.join(60)
    assert done == ["a", "b", "c"]


def test_no_more_pages_are_loaded_than_fit(tasks, monkeypatch):
    monkeypatch.setattr(lanes, "AHEAD_PIXELS", 1000)  # two and a half of these pages
    names = "abcdefgh"
    reader = Slow(names, opened=names)
    waiting = in_hand = 0
    put, take = lanes._Queue.put, lanes._Queue._next

    def counted_put(self, one):
        nonlocal waiting, in_hand
        waiting += one.loaded is not None
        in_hand = max(in_hand, waiting)
        put(self, one)

    def counted_take(self):
        nonlocal waiting
        waiting -= self._waiting[0].loaded is not None
        return take(self)

    monkeypatch.setattr(lanes._Queue, "put", counted_put)
    monkeypatch.setattr(lanes._Queue, "_next", counted_take)
    assert named(read_tasks(tasks(names), reader, ASK, 2)) == list(names)
    assert in_hand <= 3


def test_what_has_not_begun_is_given_up_when_nobody_wants_it(tasks, monkeypatch):
    reader = Slow("abcde", opened="a")

    class Pool(lanes.ThreadPoolExecutor):
        def shutdown(self, wait=True, *, cancel_futures=False):
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            for gate in reader.gates.values():  # only now does what has begun come to its end
                gate.set()
            super().shutdown(wait=wait)

    monkeypatch.setattr(lanes, "ThreadPoolExecutor", Pool)
    outcomes = read_tasks(tasks("abcde"), reader, ASK, 1)
    assert named([next(outcomes)]) == ["a"]
    outcomes.close()
    assert not any(reader.begun[name].is_set() for name in "cde")


def test_page_that_does_not_fit_into_memory_costs_its_input_alone(tasks):
    reader = Slow("abc", opened="abc")
    read_page = reader.read_page

    def short_of_memory(page, mode, decoding):
        if "b.png" in page.source:
            raise MemoryError
        return read_page(page, mode, decoding)

    reader.read_page = short_of_memory
    outcomes = list(read_tasks(tasks("abc"), reader, ASK, 2))
    assert named(outcomes) == ["a", "c"]
    (failure,) = (outcome.failure for outcome in outcomes if outcome.failure)
    assert failure.message.endswith("b.png: too large for the memory of this machine")

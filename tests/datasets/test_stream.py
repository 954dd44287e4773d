"""The stream is a pure function of seed and position, with and without worker processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pytest

from ocrcli.datasets.stream import Chunk, Position, Recipe, Stream, StreamPlan
from ocrcli.errors import InputError, UsageError


@dataclass(frozen=True)
class Draws(Recipe):
    """A sample is the first number that its generator gives."""

    batch_size: int = 4

    def open(self) -> Callable[[np.random.Generator], int]:
        return lambda rng: int(rng.integers(1 << 30))

    def pack(self, samples: list[int]) -> Chunk:
        return {"values": np.array(samples, np.int64)}

    def collate(self, chunk: Chunk, indices: np.ndarray) -> dict[str, np.ndarray]:
        return {"image": chunk["values"][indices]}


class Unreadable(Draws):
    def open(self) -> Callable[[np.random.Generator], int]:
        raise InputError("labels.tsv: cannot read the labels")


class Choosy(Draws):
    """Leaves out four samples of each chunk for one reason and one for another."""

    drop_reasons = ("odd", "large")

    def pack(self, samples: list[int]) -> Chunk:
        return {"values": np.array(samples[:4], np.int64), "dropped": np.array([[4, 1]])}


class Useless(Draws):
    def length(self, chunk: Chunk) -> int:
        return 0


Seen = tuple[list[int], int, Position]


def batches(plan: StreamPlan, count: int, start: Position | None = None) -> list[Seen]:
    with Stream(Draws(), plan, start) as stream:
        return [(b.arrays["image"].tolist(), b.echo, b.after) for b in islice(stream, count)]


def test_workers_render_what_the_training_process_would() -> None:
    inline = batches(StreamPlan(seed=3, chunk=10, echo=2), 12)
    assert batches(StreamPlan(seed=3, chunk=10, echo=2, workers=2), 12) == inline


def test_resuming_at_any_batch_yields_the_rest() -> None:
    plan = StreamPlan(seed=1, chunk=12, echo=3)
    whole = batches(plan, 25)
    for done in range(1, 20):
        assert batches(plan, 25 - done, start=whole[done - 1][2]) == whole[done:]


def test_each_echo_sees_the_same_samples_in_another_order() -> None:
    first, second = batches(StreamPlan(seed=0, chunk=4, echo=2), 2)
    assert (first[1], second[1]) == (0, 1)
    assert sorted(first[0]) == sorted(second[0])
    plan = StreamPlan(seed=0, chunk=64, echo=2)
    ordered = [value for values, _, _ in batches(plan, 32) for value in values]
    assert ordered[:64] != ordered[64:]
    assert sorted(ordered[:64]) == sorted(ordered[64:])


def test_sample_depends_on_seed_chunk_and_number_alone() -> None:
    wanted = {int(np.random.default_rng([5, 1, i]).integers(1 << 30)) for i in range(8)}
    second_chunk = batches(StreamPlan(seed=5, chunk=8), 4)[2:]
    assert {value for values, _, _ in second_chunk for value in values} == wanted


def test_processes_of_one_run_share_no_chunk() -> None:
    seen = [
        {value for values, _, _ in batches(StreamPlan(0, 8, rank=rank, world=2), 6) for value in values}
        for rank in (0, 1)
    ]
    assert not seen[0] & seen[1]


def test_unreadable_data_in_a_worker_are_told_as_such() -> None:
    with Stream(Unreadable(), StreamPlan(0, 8, workers=1)) as stream:  # noqa: SIM117
        with pytest.raises(InputError, match=r"labels\.tsv"):
            next(iter(stream))


def test_data_without_a_usable_sample_end_the_run() -> None:
    with Stream(Useless(), StreamPlan(0, 8)) as stream, pytest.raises(UsageError, match="no usable sample"):
        next(iter(stream))


def test_what_was_left_out_is_counted_by_reason() -> None:
    with Stream(Choosy(), StreamPlan(0, 8, echo=2)) as stream:
        for _ in islice(stream, 3):  # a batch a pass: the third is of the second chunk
            pass
        assert stream.dropped == {"odd": 8, "large": 2}


def test_stream_that_is_told_to_stop_ends_while_it_waits() -> None:
    with Stream(Draws(), StreamPlan(0, 400_000, workers=1), stopped=lambda: True) as stream:
        assert list(stream) == []

"""Progress, rate and the average of the weights."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ocrcli.training.ema import Ema
from ocrcli.training.schedule import LAST_RATE, Limits, rate


@given(st.floats(0, 1), st.floats(0.01, 0.5))
def test_rate_stays_between_its_ends(progress: float, warmup: float) -> None:
    assert LAST_RATE - 1e-9 <= rate(progress, warmup) <= 1 + 1e-9


def test_rate_climbs_then_falls() -> None:
    rates = [rate(i / 100, 0.05) for i in range(101)]
    assert rates.index(max(rates)) == 5
    assert rates[:6] == sorted(rates[:6])
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] == pytest.approx(LAST_RATE)


def test_nearest_limit_drives_the_run() -> None:
    limits = Limits(steps=100, seconds=60)
    assert limits.progress(50, 6, 0) == 0.5
    assert limits.progress(50, 45, 0) == 0.75
    assert limits.progress(500, 0, 0) == 1


def test_average_follows_quickly_at_first_and_slowly_later() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    early, late = Ema(network), Ema(network)
    nn.init.ones_(network.weight)
    early.update(network, step=1)
    late.update(network, step=100_000)
    assert early.network.weight.item() > 0.8
    assert late.network.weight.item() < 0.001


def test_average_takes_over_counters_and_statistics() -> None:
    network = nn.BatchNorm1d(2)
    ema = Ema(network)
    network.train()(torch.randn(8, 2) + 5)
    ema.update(network, step=1)
    assert ema.network.num_batches_tracked == 1
    assert ema.network.running_mean.min() > 0.1
    assert not ema.network.training

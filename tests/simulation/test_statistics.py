"""Percentiles, intervals of confidence, and the distribution that durations are drawn from."""

from __future__ import annotations

from random import Random
from statistics import fmean

import pytest

from pipec.ir.model import Estimate
from pipec.simulation.chance import duration
from pipec.simulation.statistics import Proportion, distribution, percentile


@pytest.mark.parametrize(("share", "value"), [(0, 10), (0.5, 30), (0.25, 20), (0.95, 48), (1, 50), (0.125, 15)])
def test_percentiles(share: float, value: float) -> None:
    assert percentile([10, 20, 30, 40, 50], share) == pytest.approx(value)


def test_one_value() -> None:
    found = distribution([7.0])
    assert {found.mean, found.min, found.p50, found.p95, found.p99, found.max} == {7.0}


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [  # checked against tables of Wilson's interval
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_confidence(count: int, total: int, low: float, high: float) -> None:
    found = Proportion(count, total)
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-4)


@pytest.mark.parametrize(("low", "likely", "high"), [(10, 20, 60), (10, 10, 40), (10, 40, 40), (0, 5, 10)])
def test_durations_are_of_the_pert_distribution(low: float, likely: float, high: float) -> None:
    random = Random(1)
    drawn = [duration(Estimate(min=low, likely=likely, max=high), random) for _ in range(20_000)]
    assert min(drawn) >= low
    assert max(drawn) <= high
    assert fmean(drawn) == pytest.approx((low + 4 * likely + high) / 6, rel=0.02)


def test_a_point_is_a_point() -> None:
    assert duration(Estimate(min=5, likely=5, max=5), Random(1)) == 5

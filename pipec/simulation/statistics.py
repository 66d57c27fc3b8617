"""Numbers over many runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pipec.frozen import Frozen

_CERTAINTY = 1.959964
"""Standard deviations on either side that hold 95 % of a normal distribution."""


class Distribution(Frozen):
    """Seconds over runs; `p50` is the median."""

    mean: float
    min: float
    p50: float
    p95: float
    p99: float
    max: float

    def to_json(self) -> dict[str, Any]:
        return {name: round(getattr(self, name), 6) for name in ("mean", "min", "p50", "p95", "p99", "max")}


def distribution(values: Sequence[float]) -> Distribution:
    """The distribution of at least one value."""
    ordered = sorted(values)
    return Distribution(
        mean=math.fsum(ordered) / len(ordered),
        min=ordered[0],
        p50=percentile(ordered, 0.5),
        p95=percentile(ordered, 0.95),
        p99=percentile(ordered, 0.99),
        max=ordered[-1],
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that so large a share of sorted values does not exceed, between two of them in proportion."""
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


class Proportion(Frozen):
    """How many of so many runs; `low` and `high` hold the true share with 95 % confidence (Wilson's interval)."""

    count: int
    total: int

    @property
    def share(self) -> float:
        return self.count / self.total

    @property
    def low(self) -> float:
        return max(0.0, self._middle - self._reach) if self.count else 0.0

    @property
    def high(self) -> float:
        return min(1.0, self._middle + self._reach) if self.count < self.total else 1.0

    @property
    def _middle(self) -> float:
        return (self.share + _CERTAINTY**2 / (2 * self.total)) / (1 + _CERTAINTY**2 / self.total)

    @property
    def _reach(self) -> float:
        variance = self.share * (1 - self.share) / self.total + _CERTAINTY**2 / (4 * self.total**2)
        return _CERTAINTY * math.sqrt(variance) / (1 + _CERTAINTY**2 / self.total)

    def to_json(self) -> dict[str, Any]:
        return {"probability": round(self.share, 6), "low": round(self.low, 6), "high": round(self.high, 6)}

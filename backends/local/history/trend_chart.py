"""How long the last runs took, one bar a run, against the deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..store.records import RunSummary
from ..words import duration
from .statistics import over, seconds_of
from .timescale import tick_label, tick_step
from .wording import local_time

CHART_WIDTH = 560.0
CHART_HEIGHT = 150.0
_SHOWN = 60
_FAR = 3.0
"""A deadline further off than this times the longest run is named and not drawn."""


@dataclass(frozen=True, slots=True)
class TrendBar:
    """A run. One without an end has the height 0."""

    x: float
    y: float
    width: float
    height: float
    status: str
    is_shown_run: bool
    title: str


@dataclass(frozen=True, slots=True)
class TrendChart:
    """Bars, oldest first. `deadline_y` is None where there is no deadline or it is far off."""

    bars: Sequence[TrendBar]
    ticks: Sequence[tuple[float, str]]
    deadline_y: float | None
    deadline: str | None

    @property
    def has_killed(self) -> bool:
        return any(not bar.height for bar in self.bars)


def trend_chart(runs: Sequence[RunSummary], deadline: float | None, shown_run: str) -> TrendChart | None:
    """The chart of the last runs that are over; None where no run is."""
    ended = over(runs)[:_SHOWN][::-1]
    if not ended:
        return None
    longest = max((seconds_of(run) or 0.0 for run in ended), default=0.0) or 1.0
    is_drawn = deadline is not None and deadline <= _FAR * longest
    top = max(longest, deadline if is_drawn and deadline else 0.0) * 1.08
    pitch = min(CHART_WIDTH / len(ended), 28.0)
    bars = [_bar(run, index * pitch, pitch, top, shown_run) for index, run in enumerate(ended)]
    step = tick_step(top / 4)
    ticks = [(_y(number * step, top), tick_label(number * step, step)) for number in range(int(top / step) + 1)]
    return TrendChart(
        bars,
        ticks,
        _y(deadline, top) if is_drawn and deadline is not None else None,
        duration(deadline) if deadline is not None else None,
    )


def _bar(run: RunSummary, x: float, pitch: float, top: float, shown_run: str) -> TrendBar:
    seconds = seconds_of(run)
    y = _y(seconds or 0.0, top)
    took = "no end" if seconds is None else duration(seconds)
    title = f"{run.run_id}: {run.status}, {took}\nstarted {local_time(run.started_at)}"
    gap = min(4.0, pitch / 4)
    is_shown = run.run_id == shown_run
    return TrendBar(x + gap / 2, y, pitch - gap, CHART_HEIGHT - y, run.status, is_shown, title)


def _y(seconds: float, top: float) -> float:
    return CHART_HEIGHT * (1 - seconds / top)

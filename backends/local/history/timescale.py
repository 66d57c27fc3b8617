"""Time as a horizontal axis: seconds to pixels, with ticks at round times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..words import duration

_STEPS = (
    *(base * 10**power for power in range(-3, 1) for base in (1, 2, 5)),
    *(10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400),
)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its label."""

    position: float
    label: str


@dataclass(frozen=True, slots=True)
class TimeScale:
    """From `start` to `end` (Unix times) in `width` pixels. `cuts` are spans that take no room, in order."""

    start: float
    end: float
    width: float
    cuts: Sequence[tuple[float, float]] = ()

    def position(self, moment: float) -> float:
        """Pixels from the left; moments outside are at the edges."""
        shown = self._elapsed(min(max(moment, self.start), self.end))
        return self.width * shown / max(self._elapsed(self.end), 1e-9)

    def ticks(self, about: int) -> list[Tick]:
        """About so many ticks, at round times since the start, cuts left out."""
        total = self._elapsed(self.end)
        step = tick_step(total / about)
        count = int(total / step + 1e-9)
        return [
            Tick(self.width * number * step / max(total, 1e-9), tick_label(number * step, step))
            for number in range(count + 1)
        ]

    def _elapsed(self, moment: float) -> float:
        left_out = sum(max(0.0, min(moment, last) - first) for first, last in self.cuts if first < moment)
        return moment - self.start - left_out


def tick_step(wanted: float) -> float:
    """The smallest round time, in seconds, that is at least `wanted`; above a day in whole days."""
    for step in _STEPS:
        if step >= wanted:
            return float(step)
    return 86400.0 * -(-wanted // 86400)


def tick_label(seconds: float, step: float) -> str:
    """A round time: `0`, `250ms`, `15s`, `2m30s`, `1h05m`."""
    if not seconds:
        return "0"
    if step < 0.01:
        return f"{seconds * 1000:.0f}ms"
    if seconds < 60:
        return f"{seconds:g}s" if step >= 1 else f"{seconds:.2f}".rstrip("0").rstrip(".") + "s"
    return duration(seconds).removesuffix("00s") if step >= 60 else duration(seconds)

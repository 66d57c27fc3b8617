"""A line of time: where its ticks are and what stands at them."""

from __future__ import annotations

import math
from typing import Literal

from pipec.analysis.plan_words import duration_text
from pipec.frozen import Frozen

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


class Timescale(Frozen):
    """From 0 to `end` on `width` pixels."""

    end: float
    width: float
    unit: Literal["seconds", "tasks"]

    def x(self, moment: float) -> float:
        """How far from the left a moment is."""
        return moment / self.end * self.width if self.end else 0.0

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """At most so many round moments after 0, and 0, with their names."""
        step = self._step(most)
        moments = [number * step for number in range(math.floor(self.end / step + 1e-9) + 1)]
        if self.unit == "tasks":
            return [(moment, f"{moment:g}") for moment in moments]
        return [(moment, duration_text(moment)) for moment in moments]

    def _step(self, most: int) -> float:
        least = self.end / most if self.end else 1.0
        if self.unit == "seconds":
            for step in _STEPS:
                if 1 <= least <= step:
                    return float(step)
            if least > _STEPS[-1]:
                return _STEPS[-1] * self._round(least / _STEPS[-1])
        return max(self._round(least), 1.0) if self.unit == "tasks" else self._round(least)

    def _round(self, least: float) -> float:
        """The smallest of 1, 2 and 5 times a power of ten that is not below."""
        power = 10.0 ** math.floor(math.log10(least))
        return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= least * (1 - 1e-9))

"""Times, shares and lists of a simulation in words."""

from __future__ import annotations

from collections.abc import Sequence

from pipec.analysis.plan_text import duration_text
from pipec.simulation.study import Findings

_NAMED = 8
"""So many tasks of a list are named."""


def amount(found: Findings, value: float) -> str:
    """A time: exact where there is one run, else no finer than the figures are."""
    if found.unit == "tasks":
        return count(round(value), "task") if value == round(value) else f"{value:.1f} tasks"
    if not found.is_random:
        return duration_text(value)
    for least, step in ((7200, 60), (10, 1)):
        if found.makespan.p50 >= least:
            return duration_text(round(value / step) * step)
    return duration_text(value)


def total(found: Findings, value: float) -> str:
    """A sum of times: of days no more than hours matter, of hours no more than minutes."""
    if found.unit == "tasks":
        return amount(found, value)
    step = 3600 if value >= 2 * 86_400 else 60 if value >= 7200 else None
    return amount(found, value if step is None else round(value / step) * step)


def percent(share: float) -> str:
    """A part of a whole, no finer than it is told by runs."""
    if 0.9995 <= share < 1:
        return "over 99.9 %"
    if 0 < share < 0.0005:
        return "under 0.1 %"
    decimals = 0 if share in (0, 1) or 0.1 <= share <= 0.99 else 1
    return f"{share:.{decimals}%}".replace("%", " %")


def count(number: int, noun: str) -> str:
    """`1 run`, `1,000 runs`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def shortened(names: Sequence[str], separator: str) -> str:
    """A list, without what stands in the middle of a long chain or at the end of another long list."""
    if len(names) <= _NAMED + 1:
        return separator.join(names) or "nothing takes any time"
    half = _NAMED // 2
    if separator == ", ":
        return separator.join([*names[:_NAMED], f"and {len(names) - _NAMED} more"])
    return separator.join([*names[:half], f"… {len(names) - 2 * half} more …", *names[-half:]])

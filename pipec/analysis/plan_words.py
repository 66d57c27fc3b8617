"""Amounts and lists of a plan in words."""

from __future__ import annotations

from collections.abc import Sequence

from pipec.analysis.plan import Plan

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_ROUNDED_FROM = 60.0


def duration_text(seconds: float) -> str:
    """Seconds as the language writes a duration: `1h30m`, `250ms`, `0s`; below a millisecond rounded."""
    milliseconds = round(abs(seconds) * 1000)
    whole, rest = divmod(milliseconds, 1000)
    text = ""
    for size, unit in _UNITS:
        number, whole = divmod(whole, size)
        text += f"{number}{unit}" if number else ""
    text += f"{rest}ms" if rest else ""
    return ("-" if seconds < 0 and text else "") + (text or "0s")


def count(number: int, noun: str) -> str:
    """`1 task`, `2 tasks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def amount(plan: Plan, value: float) -> str:
    """A time of the plan in its unit; what was measured is rounded to seconds from a minute on."""
    if plan.unit == "tasks":
        return count(round(value), "task")
    return duration_text(round(value) if plan.runs and abs(value) >= _ROUNDED_FROM else value)


def listed(names: Sequence[str], most: int, everything: bool = False) -> str:
    """Names with commas; of more than `most` the first and how many there are besides."""
    if len(names) <= most or everything:
        return ", ".join(names)
    return ", ".join(names[: most - 1]) + f" and {len(names) - most + 1} more"

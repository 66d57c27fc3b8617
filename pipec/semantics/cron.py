"""Cron expressions: which five fields make sense."""

from __future__ import annotations

import re

PRESETS = ("@hourly", "@daily", "@weekly", "@monthly", "@quarterly", "@yearly")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)
"""What each field is, its lowest and highest value, and the names of values."""

_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?\Z", re.ASCII)
_LAST_DAY = "l"
_NTH_DAY = re.compile(r"(?P<day>\w+)#[1-5]\Z", re.ASCII)


def cron_fault(expression: str) -> str | None:
    """What is wrong with a cron expression, None where it is good."""
    if expression in PRESETS:
        return None
    fields = expression.lower().split()
    if len(fields) != len(_FIELDS):
        return f"it has {len(fields)} fields, not five"
    for text, (name, lowest, highest, names) in zip(fields, _FIELDS, strict=True):
        for part in text.split(","):
            if not _is_good(part, name, lowest, highest, names):
                return f"`{part}` is no {name}: {lowest} to {highest}{_named(names)}, `*`, ranges and steps"
    return None


def _is_good(part: str, name: str, lowest: int, highest: int, names: dict[str, int]) -> bool:
    if name == "day of month" and part == _LAST_DAY:
        return True
    if name == "day of week" and (nth := _NTH_DAY.match(part)):
        return _number(nth["day"], lowest, highest, names) is not None
    match = _PART.match(part)
    if match is None or match["step"] == "0":
        return False
    ends = [_number(end, lowest, highest, names) for end in (match["first"], match["last"]) if end is not None]
    known = [end for end in ends if end is not None]
    return len(known) == len(ends) and known == sorted(known)


def _number(text: str, lowest: int, highest: int, names: dict[str, int]) -> int | None:
    number = int(text) if text.isdigit() else names.get(text)
    return number if number is not None and lowest <= number <= highest else None


def _named(names: dict[str, int]) -> str:
    return f" or {', '.join(names)}" if names else ""

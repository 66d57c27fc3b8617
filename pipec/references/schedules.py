"""Cron schedules that fire never, or not in every month, because there is no such day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipec.diagnostics.model import Diagnostics
from pipec.ir.model import CombinedSchedule, CronSchedule, Schedule
from pipec.ir.traverse import location_of

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.references.writing import Writing

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def check_schedules(loaded: Loaded, writing: Writing, diagnostics: Diagnostics) -> None:
    """Reports days of the month that some or all of the schedule's months do not have."""
    assert loaded.program is not None
    for key in loaded.program.own:
        pipeline = loaded.program.pipelines[key]
        for cron in _crons(pipeline.schedule):
            fault = missing_days(cron.expression)
            if fault is None:
                continue
            for place in writing.strings(cron.expression, loaded.span_of(location_of(pipeline, "schedule"))):
                diagnostics.warning(
                    "L204",
                    f"`{cron.expression}` {fault}",
                    place,
                    help=f"`L` is the last day of a month: `{_with_last_day(cron.expression)}`",
                )


def _crons(schedule: Schedule | None) -> Iterator[CronSchedule]:
    match schedule:
        case CronSchedule():
            yield schedule
        case CombinedSchedule(members=members):
            for member in members:
                yield from _crons(member)


def missing_days(expression: str) -> str | None:
    """What is wrong with the days of a cron expression, as the end of a sentence; None where all come every month."""
    fields = expression.split()
    if len(fields) != 5 or fields[4] != "*" or not any(day in fields[2] for day in ("29", "30", "31")):
        return None  # a preset, such as @daily, or days that every month has
    from croniter import croniter

    expanded = croniter(" ".join(fields)).expanded
    days = _numbers(expanded[2])
    months = list(range(1, 13)) if expanded[3] == ["*"] else _numbers(expanded[3])
    if len(days) < len(expanded[2]):  # `L` is among them
        return None
    day = min(days)
    lacking = [month for month in months if _DAYS[month - 1] < day]
    if not lacking:
        return None
    if len(lacking) == len(months):
        if lacking == [2] and day == 29:
            return "fires in leap years only"
        return f"never fires: no day {day} in {_listed(lacking)}"
    rarely = ", which has one in leap years only" if day == 29 else ""
    return f"does not fire in every month: no day {day} in {_listed(lacking)}{rarely}"


def _with_last_day(expression: str) -> str:
    fields = expression.split()
    return " ".join([*fields[:2], "L", *fields[3:]])


def _numbers(field: Sequence[int | str]) -> list[int]:
    return [int(value) for value in field if isinstance(value, int)]


def _listed(months: list[int]) -> str:
    names = [_MONTHS[month - 1] for month in months]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

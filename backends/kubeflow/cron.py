"""Cron expressions as the scheduler of Kubeflow Pipelines reads them: six fields, the seconds first.

The scheduler parses them with robfig/cron 1.2. It knows no `7` for Sunday, no `L` and no `#`, and it takes the day of
month *and* the day of week as soon as one of the two has a `*`, be it a `*` with a step; cron takes either unless one
of them is a bare `*`. Therefore fields are written anew from the values that they mean.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, pairwise, product
from typing import Any

from pipec.analysis.intervals import PRESETS

_MONTHS = range(1, 13)
_CYCLE = range(2024, 2052)
"""Years after which the days of the week come again in the same order."""

_SUNDAY = 0


Values = tuple[int, ...] | None
"""What a field may be, in order; None for anything."""


class CronError(Exception):
    """An expression whose times no expression of Kubeflow has. `way_out` is what to write instead."""

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(reason)
        self.way_out = way_out


@dataclass(frozen=True, slots=True)
class CronTimes:
    """What an expression means: the values of each field, None for any; `weeks` are those of a month, 1 to 5.

    A day has to fit `days` and `weekdays` where one of these is None, else either of them.
    """

    minutes: Values
    hours: Values
    days: Values
    months: Values
    weekdays: Values
    weeks: frozenset[int] = frozenset()


def kubeflow_cron(expression: str) -> str:
    """The expression of Kubeflow that fires at the times of a five-field one or of a word such as `@daily`.

    Raises CronError where there is none.
    """
    return written(cron_times(expression))


def written(times: CronTimes) -> str:
    """The expression of Kubeflow for these times. Raises CronError where there is none."""
    minutes, hours, months = _steps(times.minutes, 0, 59), _steps(times.hours, 0, 23), _steps(times.months, 1, 12)
    days, weekdays = _days(times)
    return " ".join(["0", minutes, hours, days, months, weekdays])


def cron_times(expression: str) -> CronTimes:
    """What an expression means. Raises CronError where Kubeflow cannot say it or where no time fits it."""
    from croniter import croniter

    parsed = croniter(PRESETS.get(expression, expression))
    fields = [None if "*" in values else values for values in parsed.expanded[:5]]
    if "l" in (fields[2] or ()):
        raise CronError("Kubeflow's cron has no last day of a month", 'use the first day instead: cron("0 2 1 * *")')
    minutes, hours, days, months, weekdays = map(_numbers, fields)
    if hours is None and parsed.expanded[1] != ["*"]:  # such as `*,0`, which is no cron of every hour for the language
        hours = tuple(range(24))
    times = CronTimes(minutes, hours, days, months, weekdays, _weeks(parsed.nth_weekday_of_month))
    if times.weeks and times.days is not None:
        raise CronError(
            "Kubeflow's cron has no n-th weekday of a month beside days of the month", "write one of the two alone"
        )
    if _is_rare(times):
        raise CronError(
            "years have no day that it names, and Kubeflow would then start one run after the other",
            "name a day that there is every year",
        )
    return times


def _numbers(values: Sequence[int | str] | None) -> Values:
    return None if values is None else tuple(sorted(int(value) for value in values))


def _is_rare(times: CronTimes) -> bool:
    """Whether more than five years may go by without a day for it: further the scheduler does not look."""
    if times.weekdays is not None and not times.weeks:
        return False
    days = (29, 30, 31) if times.weeks == {5} else times.days or (1,)
    if times.weeks - {5} or days[0] < 29:
        return False
    years = [
        year for year in _CYCLE if any(_is_day(times, year, day) for day in product(times.months or _MONTHS, days))
    ]
    return not years or any(later - earlier > 5 for earlier, later in pairwise([*years, years[0] + len(_CYCLE)]))


def _is_day(times: CronTimes, year: int, month_and_day: tuple[int, int]) -> bool:
    month, day = month_and_day
    if day > monthrange(year, month)[1]:
        return False
    return times.weekdays is None or date(year, month, day).isoweekday() % 7 in times.weekdays


def _weeks(weeks_by_weekday: Mapping[Any, set[int]]) -> frozenset[int]:
    """In which weeks of the month the weekdays of `mon#1` lie."""
    weeks = {frozenset(weeks) for weeks in weeks_by_weekday.values()}
    if len(weeks) > 1:
        raise CronError(
            "Kubeflow's cron has one set of days for all weekdays", "name the same weeks for each, as in `mon#1,fri#1`"
        )
    return next(iter(weeks), frozenset())


# --- several expressions -------------------------------------------------------------------------


def merged(crons: Sequence[CronTimes]) -> CronTimes:
    """The times of all of them as those of one. Raises CronError where no one expression has them."""
    left = list(dict.fromkeys(crons))
    while len(left) > 1:
        pair = next(((one, other) for one, other in combinations(left, 2) if _union(one, other) is not None), None)
        union = None if pair is None else _union(*pair)
        if pair is None or union is None:
            raise CronError(
                "Kubeflow has one cron for a recurring run, and none has the times of all of these",
                "let them differ in one field, such as the hour, or make several pipelines",
            )
        left = [union, *(one for one in left if one not in pair)]
    return left[0]


def _union(one: CronTimes, other: CronTimes) -> CronTimes | None:
    """Either of two that differ in one field; None where that is no expression."""
    different = [name for name in one.__slots__ if getattr(one, name) != getattr(other, name)]
    if len(different) != 1 or different[0] == "weeks":
        return None
    name = different[0]
    first, second = getattr(one, name), getattr(other, name)
    if first is not None and second is not None:
        return _changed(one, name, tuple(sorted({*first, *second})))
    is_either = name in ("days", "weekdays") and not (_is_any_day(one) or _is_any_day(other))
    return None if is_either else _changed(one, name, None)


def _is_any_day(times: CronTimes) -> bool:
    return times.days is None and times.weekdays is None


def _changed(times: CronTimes, name: str, values: Values) -> CronTimes:
    changes: dict[str, Any] = {name: values}
    return replace(times, **changes)


# --- writing fields ------------------------------------------------------------------------------


def _days(times: CronTimes) -> tuple[str, str]:
    """The fields of the days of the month and of the week."""
    if not times.weeks:
        return _values(times.days), _values(times.weekdays)
    days = tuple(day for week in sorted(times.weeks) for day in range(7 * week - 6, min(7 * week, 31) + 1))
    weekdays = times.weekdays or ()
    # Both have to fit where one field has a `*`, and a step beyond the end leaves nothing of it but the first value.
    if days[0] == 1:
        return f"*/31,{_values(days[1:])}", _values(weekdays)
    if weekdays[0] == _SUNDAY:
        return _values(days), ",".join(["*/7", *filter(None, [_values(weekdays[1:])])])
    raise CronError(
        "Kubeflow's cron has no n-th weekday of a month, but the first one or Sundays",
        'use `#1` or a Sunday, or a day of the month: cron("0 2 8 * *")',
    )


def _steps(values: Values, lowest: int, highest: int) -> str:
    """A field in which a `*` with a step means no more than its values."""
    if values is not None and len(values) > 2:
        step = values[1] - values[0]
        if step > 1 and values == tuple(range(lowest, highest + 1, step)):
            return f"*/{step}"
    return _values(values)


def _values(values: Values) -> str:
    """`*`, or the values with neighbours as ranges; empty for no values."""
    if values is None:
        return "*"
    return ",".join(f"{first}-{last}" if first != last else f"{first}" for first, last in _ranges(values))


def _ranges(values: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    first = last = None
    for value in values:
        if first is None or last is None:
            first = value
        elif value != last + 1:
            yield first, last
            first = value
        last = value
    if first is not None and last is not None:
        yield first, last

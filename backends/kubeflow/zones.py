"""Where the scheduler of Kubeflow Pipelines and the language differ around a change of the clock.

A time that is skipped fires later in the language, and not at all on Kubeflow; one that comes twice fires once in the
language, and twice on Kubeflow. A schedule of every hour fires in each hour on both.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from .cron import CronTimes

_FIRST, _LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
"""The years whose changes are looked at; later ones follow the same rules."""

_UTC = frozenset({"UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Universal", "Zulu"})
"""Names of the zone whose clock never changes, each also after `Etc/`."""

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def is_same_zone(one: str, other: str) -> bool:
    """Whether two names of IANA are one time zone."""
    return one == other or (_is_utc(one) and _is_utc(other))


def _is_utc(name: str) -> bool:
    return name.removeprefix("Etc/") in _UTC


def is_zone(name: str) -> bool:
    """Whether IANA has a time zone of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


def ambiguous_time(times: CronTimes, zone: str) -> datetime | None:
    """The first time of a cron that is skipped or comes twice in a zone, where that matters; None where there is none.

    Where a change touches midnight it is the first time of a cron on the days around it: then the scheduler of
    Kubeflow does not find the days for certain.
    """
    for begin, end in _changes(zone):
        if times.hours is None and (end - begin) % _HOUR == timedelta():
            continue
        if (
            begin.date() != (end - _MINUTE).date()
            or begin.time() == datetime.min.time()
            or end.time() == begin.min.time()
        ):
            return begin
        wall = begin
        while wall < end:
            if _fires(times, wall):
                return wall
            wall += _MINUTE
    return None


def _fires(times: CronTimes, wall: datetime) -> bool:
    fields = ((times.minutes, wall.minute), (times.hours, wall.hour), (times.months, wall.month))
    return all(values is None or value in values for values, value in fields) and _is_day(times, wall)


def _is_day(times: CronTimes, wall: datetime) -> bool:
    is_day = times.days is None or wall.day in times.days
    is_weekday = times.weekdays is None or wall.isoweekday() % 7 in times.weekdays
    if times.weeks:
        return is_weekday and (wall.day + 6) // 7 in times.weeks
    return is_day and is_weekday if times.days is None or times.weekdays is None else is_day or is_weekday


@cache
def _changes(zone: str) -> tuple[tuple[datetime, datetime], ...]:
    """The spans of the clock on the wall, end excluded, that are skipped or come twice."""
    return tuple(_find_changes(ZoneInfo(zone)))


def _find_changes(zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    day = _FIRST
    while day < _LAST:
        following = day + timedelta(days=1)
        before, after = _offset(day, zone), _offset(following, zone)
        if before != after:
            moment = _change_between(day, following, zone).replace(tzinfo=None)
            yield moment + min(before, after), moment + max(before, after)
        day = following


def _change_between(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The first minute with the later offset."""
    while after - before > _MINUTE:
        middle = before + (after - before) // 2
        middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
        if _offset(middle, zone) == _offset(before, zone):
            before = middle
        else:
            after = middle
    return after


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()

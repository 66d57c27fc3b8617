"""The scheduler of Kubeflow Pipelines 2.17 in Python, line by line: when a recurring run starts runs.

`CronParser` is `Parse` and `Next` of robfig/cron 1.2.0, `due_times` the controller of ScheduledWorkflow objects.
"""

from __future__ import annotations

from calendar import day_abbr, month_abbr
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_STAR = 1 << 63
_MONTHS = {name.lower(): number for number, name in enumerate(month_abbr)}
_WEEKDAYS = {name.lower(): (number + 1) % 7 for number, name in enumerate(day_abbr)}
_BOUNDS: tuple[tuple[int, int, Mapping[str, int]], ...] = (
    (0, 59, {}),
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _WEEKDAYS),
)


class NotCronError(Exception):
    """The server would refuse the expression."""


@dataclass(frozen=True)
class Cron:
    """The bits of each field: seconds, minutes, hours, days, months, weekdays."""

    bits: tuple[int, ...]

    def following(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The next time after a moment, in UTC; None where there is none within five years."""
        second, minute, hour, _, month, _ = self.bits
        t = (moment + timedelta(seconds=1)).astimezone(zone).replace(microsecond=0)
        limit, added = t.year + 5, False
        while True:
            if t.year > limit:
                return None
            wrapped = False
            while not 1 << t.month & month:
                if not added:
                    added, t = True, _date(t.replace(day=1, hour=0, minute=0, second=0), zone)
                t = _date(t.replace(year=t.year + t.month // 12, month=t.month % 12 + 1), zone)
                if t.month == 1:
                    wrapped = True
                    break
            while not wrapped and not self._is_day(t):
                if not added:
                    added, t = True, _date(t.replace(hour=0, minute=0, second=0), zone)
                t = _date(t.replace(tzinfo=None) + timedelta(days=1), zone)
                wrapped = t.day == 1
            for unit, bits, name in ((3600, hour, "hour"), (60, minute, "minute"), (1, second, "second")):
                while not wrapped and not 1 << getattr(t, name) & bits:
                    if not added:
                        added, t = True, _truncated(t, name)
                    t = (t.astimezone(UTC) + timedelta(seconds=unit)).astimezone(zone)
                    wrapped = getattr(t, name) == 0
            if not wrapped:
                return t.astimezone(UTC)

    def _is_day(self, t: datetime) -> bool:
        days, weekdays = self.bits[3], self.bits[5]
        is_day, is_weekday = bool(1 << t.day & days), bool(1 << t.isoweekday() % 7 & weekdays)
        if (days | weekdays) & _STAR:
            return is_day and is_weekday
        return is_day or is_weekday


def _truncated(t: datetime, name: str) -> datetime:
    t = t.replace(microsecond=0) if name == "second" else t.replace(second=0, microsecond=0)
    return t.replace(minute=0) if name == "hour" else t


def _date(wall: datetime, zone: ZoneInfo) -> datetime:
    """`time.Date`: a time that is skipped is read with the offset before the change, and is therefore later."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)


def parse(expression: str) -> Cron:
    """Raises NotCronError where the server refuses the expression."""
    fields = expression.split()
    if len(fields) != len(_BOUNDS):  # the server fills in a sixth one, which nobody should rely on
        raise NotCronError(expression)
    return Cron(tuple(_field(field, *bounds) for field, bounds in zip(fields, _BOUNDS, strict=True)))


def _field(field: str, lowest: int, highest: int, names: Mapping[str, int]) -> int:
    bits = 0
    for part in filter(None, field.split(",")):
        bits |= _range(part, lowest, highest, names)
    return bits


def _range(part: str, lowest: int, highest: int, names: Mapping[str, int]) -> int:
    ends, *steps = part.split("/")
    low, *high = ends.split("-")
    if low in ("*", "?"):
        start, end, extra = lowest, highest, _STAR
    else:
        start, extra = _number(low, names), 0
        end = _number(high[0], names) if high else start
    step = int(steps[0]) if steps else 1
    if steps and not high:
        end = highest
    if len(steps) > 1 or len(high) > 1 or start < lowest or end > highest or start > end or step == 0:
        raise NotCronError(part)
    return sum(1 << value for value in range(start, end + 1, step)) | extra


def _number(text: str, names: Mapping[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not text.isdigit():
        raise NotCronError(text)
    return int(text)


def due_times(
    body: Mapping[str, Any], created: datetime, until: datetime, zone: str = "UTC", look: timedelta | None = None
) -> Iterator[datetime]:
    """When a recurring run that was made at a time starts runs, by their scheduled time, in UTC.

    The controller looks at every due time without delay, or every `look`, as it does when it was down.
    """
    trigger = body["trigger"]
    last: datetime | None = None
    now = created
    while now <= until:
        due = _due(trigger, body["no_catchup"], last, created, now, zone)
        if due is not None and due <= now:
            last = due
            yield due
        elif look is not None:
            now += look
        elif due is None:
            return
        else:
            now = due


def _due(
    trigger: Mapping[str, Any], no_catchup: bool, last: datetime | None, created: datetime, now: datetime, zone: str
) -> datetime | None:
    ((kind, schedule),) = trigger.items()
    start, end = _moment(schedule.get("start_time")), _moment(schedule.get("end_time"))
    base = last or start or created
    if kind == "periodic_schedule":
        return _periodic(timedelta(seconds=schedule["interval_second"]), base, start, end, no_catchup, now)
    cron, where = parse(schedule["cron"]), ZoneInfo(zone)
    due = cron.following(base if start is None else max(base, start), where)
    assert due is not None, "the server would start runs without end"
    if end is not None and end < due:
        return None
    while no_catchup:
        later = cron.following(due, where)
        if later is None or later > now or (end is not None and later > end):
            break
        due = later
    return due


def _periodic(
    interval: timedelta,
    base: datetime,
    start: datetime | None,
    end: datetime | None,
    no_catchup: bool,
    now: datetime,
) -> datetime | None:
    due = start if start is not None and start > base else base + interval
    if end is not None and end < due:
        return None
    if no_catchup and now >= due + interval:
        return end if end is not None and end < now else now
    return due


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

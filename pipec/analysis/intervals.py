"""The times at which a schedule fires between two dates, as Airflow 3 counts them.

A cron schedule fires at wall-clock times of its zone. Around a change of the clock the rules are those of Airflow's
`CronTriggerTimetable`: a time that is skipped fires as much later as was skipped, a time that comes twice fires at its
second coming, and a schedule of every hour fires in both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from heapq import merge
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from pipec.ir.base import Location
from pipec.ir.model import AssetSchedule, CombinedSchedule, CronSchedule, IntervalSchedule, Pipeline, Schedule

PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}
"""The five fields that a preset stands for."""


_FIRST_DAY, _LAST_DAY = date.min + timedelta(days=2), date.max - timedelta(days=2)
"""The days whose begin and end can be told in every time zone."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A run that a schedule asks for: `run.timestamp`, `run.interval_start`, `run.interval_end` and `run.date`.

    The times are those of the pipeline's time zone, by their offset. Start and end are the timestamp itself, as they
    are in Airflow for schedules that fire at a moment.
    """

    timestamp: datetime
    start: datetime
    end: datetime
    date: date


class NoIntervalsError(Exception):
    """A pipeline's schedule does not say at which times it runs. `location` is where the schedule is written, or the
    pipeline where it has none; `help` is a way out.
    """

    def __init__(self, message: str, help: str, location: Location) -> None:
        super().__init__(message)
        self.help = help
        self.location = location


def intervals(pipeline: Pipeline, first: date, last: date) -> list[Interval]:
    """What the schedule asks for from `first` to `last`, both included, in order.

    The dates are days in the pipeline's time zone; `start` and `end` of the pipeline cut the range. `every(…)` counts
    from `start`, without one from `first`. Raises NoIntervalsError for a pipeline whose schedule names no times.
    """
    zone = ZoneInfo(pipeline.timezone)
    begin, stop = _first_moment(max(first, _FIRST_DAY), zone), _moment_after(min(last, _LAST_DAY), zone)
    anchor = begin
    if pipeline.start is not None:
        anchor = _first_moment(date.fromisoformat(pipeline.start), zone)
        begin = max(begin, anchor)
    if pipeline.end is not None:
        stop = min(stop, _moment_after(date.fromisoformat(pipeline.end), zone))
    times = _fire_times(_timed(pipeline), begin, anchor)
    return [_interval(moment, zone) for moment in takewhile(lambda moment: moment < stop, times)]


def next_runs(pipeline: Pipeline, after: datetime, count: int = 5) -> list[datetime]:
    """The next times at which the schedule fires after a moment (with its time zone), at most `count`, in order.

    The times are those of the pipeline's time zone, by their offset. `start` and `end` of the pipeline cut them;
    `every(…)` counts from `start`, without one from `after`. Fewer than `count` where the schedule ends or never fires.
    Raises NoIntervalsError for a pipeline whose schedule names no times.
    """
    zone = ZoneInfo(pipeline.timezone)
    begin = anchor = after.astimezone(UTC)
    if pipeline.start is not None:
        anchor = _first_moment(date.fromisoformat(pipeline.start), zone)
        begin = max(begin, anchor)
    last = date.fromisoformat(pipeline.end) if pipeline.end is not None else _LAST_DAY
    stop = _moment_after(min(last, _LAST_DAY), zone)
    times = takewhile(lambda moment: moment < stop, _fire_times(_timed(pipeline), begin, anchor))
    later = (moment for moment in times if moment > after)
    return [_interval(moment, zone).timestamp for moment in islice(later, count)]


def _interval(moment: datetime, zone: ZoneInfo) -> Interval:
    """By its offset: of two times an hour apart that a clock shows alike, each equals itself alone."""
    local = moment.astimezone(zone)
    timestamp = local.replace(tzinfo=timezone(local.utcoffset() or timedelta()), fold=0)
    return Interval(timestamp, timestamp, timestamp, timestamp.date())


# --- which schedules have times ------------------------------------------------------------------


def _timed(pipeline: Pipeline) -> list[CronSchedule | IntervalSchedule]:
    """The parts of the schedule that fire at known times, each of which is enough for a run."""
    place = pipeline.locations.get("schedule", pipeline.location)
    name = f"pipeline `{pipeline.name}`"
    match pipeline.schedule:
        case None:
            raise NoIntervalsError(
                f"{name} has no schedule to run by: it is started by hand",
                "give it a schedule such as cron(…), or run it for one day with --date",
                place,
            )
        case schedule if _has_and(schedule):
            raise NoIntervalsError(
                f"{name} has no schedule to run by: `and` fires when the last of its parts did, "
                "and when an asset is updated no date can tell",
                "run it for one day with --date",
                place,
            )
        case schedule:
            found = list(_parts(schedule))
    if not found:
        raise NoIntervalsError(
            f"{name} has no schedule to run by: it runs when an asset is updated, which no date can tell",
            "run it for one day with --date",
            place,
        )
    return found


def _has_and(schedule: Schedule) -> bool:
    match schedule:
        case CombinedSchedule(kind=kind, members=members):
            return kind == "and" or any(map(_has_and, members))
        case _:
            return False


def _parts(schedule: Schedule) -> Iterator[CronSchedule | IntervalSchedule]:
    match schedule:
        case CombinedSchedule(members=members):
            for member in members:
                yield from _parts(member)
        case AssetSchedule():
            pass
        case timed:
            yield timed


# --- when they fire ------------------------------------------------------------------------------


def _fire_times(
    schedules: list[CronSchedule | IntervalSchedule], begin: datetime, anchor: datetime
) -> Iterator[datetime]:
    """The times, from `begin` on, at which any of them fires, each time once."""
    previous = None
    for moment in merge(*(_times(schedule, begin, anchor) for schedule in schedules)):
        if moment != previous:
            yield moment
        previous = moment


def _times(schedule: CronSchedule | IntervalSchedule, begin: datetime, anchor: datetime) -> Iterator[datetime]:
    match schedule:
        case CronSchedule():
            return _cron_times(_Cron(schedule), begin)
        case IntervalSchedule(interval=interval):
            return _regular_times(timedelta(seconds=interval), begin, anchor)


def _regular_times(step: timedelta, begin: datetime, anchor: datetime) -> Iterator[datetime]:
    moment = anchor + max(0, -((anchor - begin) // step)) * step
    while True:
        yield moment
        moment += step


def _cron_times(cron: _Cron, begin: datetime) -> Iterator[datetime]:
    moment = cron.at_or_after(begin)
    while moment is not None:
        yield moment
        moment = cron.after(moment)


class _Cron:
    """A cron expression in a time zone. All times are given and taken in UTC."""

    def __init__(self, schedule: CronSchedule) -> None:
        from croniter import croniter

        self._croniter = croniter
        self._expression = PRESETS.get(schedule.expression, schedule.expression)
        self._zone = ZoneInfo(schedule.timezone)
        self._is_hourly = croniter(self._expression).expanded[1] == ["*"]

    def at_or_after(self, moment: datetime) -> datetime | None:
        """`moment` itself where the schedule fires then, else its next time; None where there is none."""
        following = self.after(moment)
        if following is not None and self._before(following) == moment:
            return moment
        return following

    def after(self, moment: datetime) -> datetime | None:
        return self._step(moment, "get_next")

    def _before(self, moment: datetime) -> datetime | None:
        return self._step(moment, "get_prev")

    def _step(self, moment: datetime, step: str) -> datetime | None:
        from croniter import CroniterBadDateError

        wall = moment.astimezone(self._zone).replace(tzinfo=None)
        try:
            found: datetime = getattr(self._croniter(self._expression, wall), step)(datetime)
        except CroniterBadDateError:  # such as 30 February
            return None
        if self._is_hourly:
            return moment + (found - wall)
        return _later_reading(found, self._zone)


def _later_reading(wall: datetime, zone: ZoneInfo) -> datetime:
    """The later of the two times that a clock may mean while it is being changed, else the time it means."""
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


# --- days ----------------------------------------------------------------------------------------


def _first_moment(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins, in UTC."""
    return datetime.combine(day, dt.time(), zone).astimezone(UTC)


def _moment_after(day: date, zone: ZoneInfo) -> datetime:
    """When the day after it begins, in UTC."""
    return _first_moment(day + timedelta(days=1), zone)

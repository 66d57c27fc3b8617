"""When schedules fire between two dates: by hand in tables, and as a real Airflow counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.analysis.intervals import PRESETS, Interval, NoIntervalsError, intervals
from pipec.ir.model import AssetSchedule, CombinedSchedule, CronSchedule, IntervalSchedule, Pipeline, Schedule
from pipec.semantics.cron import PRESETS as PRESETS_OF_THE_LANGUAGE
from tests.analysis.builders import pipeline, place

ASSET = AssetSchedule(uri="s3://lake/lots")


def cron(expression: str, timezone: str = "UTC") -> CronSchedule:
    return CronSchedule(expression=expression, timezone=timezone)


def every(minutes: float) -> IntervalSchedule:
    return IntervalSchedule(interval=minutes * 60)


def any_of(*members: Schedule) -> CombinedSchedule:
    return CombinedSchedule(kind="or", members=members)


def all_of(*members: Schedule) -> CombinedSchedule:
    return CombinedSchedule(kind="and", members=members)


def scheduled(schedule: Schedule | None, **fields: Any) -> Pipeline:
    return pipeline(schedule=schedule, **fields)


def times(schedule: Schedule, first: str, last: str, **fields: Any) -> list[str]:
    """The timestamps as `09-30T02:00+02:00`: without year and seconds, which no table here needs."""
    found = intervals(scheduled(schedule, **fields), date.fromisoformat(first), date.fromisoformat(last))
    return [_short(interval) for interval in found]


def _short(interval: Interval) -> str:
    return interval.timestamp.isoformat(timespec="minutes")[5:].removesuffix("+00:00")


# --- tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "first", "last", "expected"),
    [
        ("0 2 * * *", "2026-01-30", "2026-02-01", "01-30T02:00 01-31T02:00 02-01T02:00"),
        ("0 0 * * *", "2026-01-01", "2026-01-02", "01-01T00:00 01-02T00:00"),
        ("59 23 * * *", "2026-01-01", "2026-01-01", "01-01T23:59"),
        ("*/30 5-6 1 1 *", "2026-01-01", "2026-12-31", "01-01T05:00 01-01T05:30 01-01T06:00 01-01T06:30"),
        ("15,45 8 * * *", "2026-01-01", "2026-01-01", "01-01T08:15 01-01T08:45"),
        ("0 6 * * mon-wed", "2026-01-01", "2026-01-11", "01-05T06:00 01-06T06:00 01-07T06:00"),
        ("0 6 * feb,Mar sun#1", "2026-01-01", "2026-12-31", "02-01T06:00 03-01T06:00"),
        ("0 0 l * *", "2026-01-15", "2026-03-15", "01-31T00:00 02-28T00:00"),
        ("0 12 29 2 *", "2023-01-01", "2029-01-01", "02-29T12:00 02-29T12:00"),
        ("0 0 13 * 5", "2026-02-10", "2026-02-21", "02-13T00:00 02-20T00:00"),  # the 13th, or a Friday
        ("0 12 30 2 *", "2026-01-01", "2026-12-31", ""),
        ("@hourly", "2026-01-01", "2026-01-01", " ".join(f"01-01T{hour:02}:00" for hour in range(24))),
        ("@daily", "2026-01-01", "2026-01-02", "01-01T00:00 01-02T00:00"),
        ("@weekly", "2026-01-01", "2026-01-14", "01-04T00:00 01-11T00:00"),
        ("@monthly", "2026-01-02", "2026-03-01", "02-01T00:00 03-01T00:00"),
        ("@quarterly", "2026-01-01", "2026-12-31", "01-01T00:00 04-01T00:00 07-01T00:00 10-01T00:00"),
        ("@yearly", "2026-01-01", "2026-12-31", "01-01T00:00"),
    ],
)  # fmt: skip
def test_cron(expression: str, first: str, last: str, expected: str) -> None:
    assert times(cron(expression), first, last) == expected.split()


def test_all_presets_of_the_language_are_known() -> None:
    assert sorted(PRESETS) == sorted(PRESETS_OF_THE_LANGUAGE)


@pytest.mark.parametrize(
    ("expression", "first", "last", "expected"),
    [
        # On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00: 02:30 comes an hour later.
        ("30 2 * * *", "2026-03-28", "2026-03-30", "03-28T02:30+01:00 03-29T03:30+02:00 03-30T02:30+02:00"),
        ("0 1-4 29 3 *", "2026-03-29", "2026-03-29", "03-29T01:00+01:00 03-29T03:00+02:00 03-29T04:00+02:00"),
        # On 25 October 2026 they go from 03:00 back to 02:00: 02:30 is the second one.
        ("30 2 * * *", "2026-10-24", "2026-10-26", "10-24T02:30+02:00 10-25T02:30+01:00 10-26T02:30+01:00"),
        # Every hour of the day has its run: 23 and 25 of them.
        (
            "0 * * * *",
            "2026-03-29",
            "2026-03-29",
            "03-29T00:00+01:00 03-29T01:00+01:00 " + " ".join(f"03-29T{hour:02}:00+02:00" for hour in range(3, 24)),
        ),
        (
            "0 * * * *",
            "2026-10-25",
            "2026-10-25",
            "10-25T00:00+02:00 10-25T01:00+02:00 10-25T02:00+02:00 "
            + " ".join(f"10-25T{hour:02}:00+01:00" for hour in range(2, 24)),
        ),
    ],
)
def test_cron_when_the_clock_changes(expression: str, first: str, last: str, expected: str) -> None:
    assert times(cron(expression, "Europe/Berlin"), first, last) == expected.split()


@pytest.mark.parametrize(
    ("minutes", "start", "first", "last", "expected"),
    [
        (360, None, "2026-01-01", "2026-01-01", "01-01T00:00 01-01T06:00 01-01T12:00 01-01T18:00"),
        (7 * 60, "2026-01-01", "2026-01-02", "2026-01-02", "01-02T04:00 01-02T11:00 01-02T18:00"),
        (7 * 60, None, "2026-01-02", "2026-01-02", "01-02T00:00 01-02T07:00 01-02T14:00 01-02T21:00"),
        (2880, "2026-01-01", "2026-01-01", "2026-01-06", "01-01T00:00 01-03T00:00 01-05T00:00"),
        (2880, "2026-01-01", "2026-01-02", "2026-01-04", "01-03T00:00"),
        (2880, "2026-01-05", "2026-01-01", "2026-01-08", "01-05T00:00 01-07T00:00"),
    ],
)
def test_every_counts_from_the_start(minutes: int, start: str | None, first: str, last: str, expected: str) -> None:
    assert times(every(minutes), first, last, start=start) == expected.split()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "01 02 03 04 05"),
        ({"start": "2026-01-03"}, "03 04 05"),
        ({"end": "2026-01-03"}, "01 02 03"),
        ({"start": "2026-01-02", "end": "2026-01-02"}, "02"),
        ({"start": "2026-02-01"}, ""),
        ({"end": "2025-12-31"}, ""),
    ],
)
def test_start_and_end_cut_the_range_and_belong_to_it(fields: dict[str, str], expected: str) -> None:
    found = times(cron("0 23 * * *", "America/New_York"), "2026-01-01", "2026-01-05", **fields)
    assert [time[3:5] for time in found] == expected.split()


def test_an_interval_is_a_moment_of_the_time_zone() -> None:
    (found,) = intervals(scheduled(cron("30 0 * * *", "Asia/Tokyo")), date(2026, 1, 31), date(2026, 1, 31))
    moment = datetime(2026, 1, 31, 0, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert found == Interval(timestamp=moment, start=moment, end=moment, date=date(2026, 1, 31))
    assert found.timestamp.isoformat() == "2026-01-31T00:30:00+09:00"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ((cron("0 6 * * *"), ASSET), "01-01T06:00 01-02T06:00"),
        ((cron("0 6 1 * *"), cron("0 4,6 * * *")), "01-01T04:00 01-01T06:00 01-02T04:00 01-02T06:00"),
        ((any_of(every(1440), ASSET), cron("0 6 2 * *")), "01-01T00:00 01-02T00:00 01-02T06:00"),
    ],
)
def test_or_fires_when_any_part_does(members: tuple[Schedule, ...], expected: str) -> None:
    assert times(any_of(*members), "2026-01-01", "2026-01-02") == expected.split()


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        (None, "it is started by hand"),
        (ASSET, "it runs when an asset is updated, which no date can tell"),
        (any_of(ASSET, ASSET), "it runs when an asset is updated, which no date can tell"),
        (all_of(cron("@daily"), ASSET), "`and` fires when the last of its parts did"),
        (any_of(cron("@daily"), all_of(ASSET, ASSET)), "`and` fires when the last of its parts did"),
    ],
)
def test_a_schedule_without_times_is_an_error_that_says_why(schedule: Schedule | None, reason: str) -> None:
    with pytest.raises(NoIntervalsError, match=r"^pipeline `p` has no schedule to run by: ") as caught:
        intervals(scheduled(schedule), date(2026, 1, 1), date(2026, 1, 2))
    assert reason in str(caught.value)
    assert "--date" in caught.value.help
    assert caught.value.location == place()


def test_an_error_points_to_the_schedule() -> None:
    given_at = place(7)
    with pytest.raises(NoIntervalsError) as caught:
        intervals(scheduled(ASSET, locations={"schedule": given_at}), date(2026, 1, 1), date(2026, 1, 2))
    assert caught.value.location == given_at


@pytest.mark.parametrize(("first", "last"), [("2026-01-02", "2026-01-01"), ("9999-12-30", "9999-12-31")])
def test_a_range_without_days_has_no_intervals(first: str, last: str) -> None:
    assert times(cron("@daily", "Asia/Tokyo"), first, last) == []


def test_the_same_time_of_two_hours_is_two_intervals() -> None:
    found = intervals(scheduled(cron("0 * * * *", "Europe/Berlin")), date(2026, 10, 25), date(2026, 10, 25))
    assert len({*found}) == len({one.timestamp for one in found}) == len(found) == 25


# --- properties ----------------------------------------------------------------------------------

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]
"""Lord Howe's clock changes by half an hour, Cairo's at midnight."""

EXPRESSIONS = [
    "0 * * * *",
    "*/15 * * * *",
    "30 2 * * *",
    "0 0 * * *",
    "15 1-3 * * *",
    "45 */2 * * 0",
    "0 * * * 1",
    "@weekly",
]


@given(
    expression=st.sampled_from(EXPRESSIONS),
    timezone=st.sampled_from(ZONES),
    first=st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    days=st.integers(0, 10),
)
def test_times_rise_and_lie_within_the_days(expression: str, timezone: str, first: date, days: int) -> None:
    last = first + timedelta(days=days)
    found = intervals(scheduled(cron(expression, timezone)), first, last)
    moments = [interval.timestamp.astimezone(UTC) for interval in found]
    assert moments == sorted(set(moments))
    assert all(first <= interval.date <= last for interval in found)
    assert all(interval.date == interval.timestamp.date() for interval in found)


@given(
    schedule=st.sampled_from(
        [cron("30 2 * * *", "Europe/Berlin"), cron("*/20 1-3 * * *", "America/New_York"), every(420)]
    ),
    first=st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    days=st.lists(st.integers(1, 5), min_size=2, max_size=2),
)
def test_two_ranges_together_are_the_whole(schedule: Any, first: date, days: list[int]) -> None:
    """What a backfill is for does not hang on where its range begins."""
    middle, last = first + timedelta(days=days[0]), first + timedelta(days=sum(days))
    whole = scheduled(schedule, start="2026-01-01")
    halves = [*intervals(whole, first, middle), *intervals(whole, middle + timedelta(days=1), last)]
    assert halves == intervals(whole, first, last)


# --- as Airflow counts ---------------------------------------------------------------------------


def airflow_times(timetable: Any, earliest: datetime, latest: datetime) -> list[tuple[datetime, datetime, datetime]]:
    """What Airflow's own scheduler and backfill ask of a timetable: logical date, start and end of the interval."""
    from airflow.timetables.base import TimeRestriction
    from pendulum import instance

    restriction = TimeRestriction(instance(earliest), instance(latest), catchup=True)
    found: list[tuple[datetime, datetime, datetime]] = []
    last: Any = None
    while True:
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
        if info is None:
            return found
        last = info.data_interval
        found.append((info.logical_date, info.data_interval.start, info.data_interval.end))


def in_utc(found: list[Interval]) -> list[tuple[datetime, datetime, datetime]]:
    return [(one.timestamp.astimezone(UTC), one.start.astimezone(UTC), one.end.astimezone(UTC)) for one in found]


def day_bounds(first: date, last: date, timezone: str) -> tuple[datetime, datetime]:
    """The first moment of `first` and the last one, to the microsecond, of `last`."""
    zone = ZoneInfo(timezone)
    after = last + timedelta(days=1)
    begin = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    stop = datetime(after.year, after.month, after.day, tzinfo=zone).astimezone(UTC)
    return begin, stop - timedelta(microseconds=1)


CHANGES = {
    "UTC": [],
    "Asia/Kolkata": [],
    "Europe/Berlin": ["2026-03-29", "2026-10-25"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "Africa/Cairo": ["2026-04-24", "2026-10-29"],
}
"""The days on which clocks go forward and back."""


def ranges(expression: str, timezone: str) -> list[tuple[date, date]]:
    """29 February and the days around a change of the clock; for what fires many times a day, few of them."""
    margin = timedelta(days=1 if expression.split()[:1] == ["*/15"] else 15)
    centres = [date(2028, 2, 29), *map(date.fromisoformat, CHANGES[timezone])]
    return [(centre - margin, centre + margin) for centre in centres]


@pytest.mark.parametrize(("timezone", "day"), [(zone, day) for zone, days in CHANGES.items() for day in days])
def test_clocks_change_on_these_days(timezone: str, day: str) -> None:
    zone, change = ZoneInfo(timezone), datetime.fromisoformat(day)
    before, after = (moment.replace(tzinfo=zone).utcoffset() for moment in (change, change + timedelta(days=1)))
    assert before != after


@pytest.mark.engine
@pytest.mark.usefixtures("airflow")
@pytest.mark.parametrize("timezone", ZONES)
@pytest.mark.parametrize(
    "expression",
    [*EXPRESSIONS, "30 2,3 * * *", "*/30 0-3 * * *", "0 6 * * mon-fri", "0 0 13 * 5", "5 4 29 2 *", "0 0 l * *",
     "0 12 * feb-apr,nov sun#2", "10-50/20 23 * * *", "59 23 * * *", "@hourly", "@daily", "@monthly", "@quarterly"],
)  # fmt: skip
def test_cron_is_that_of_airflow(expression: str, timezone: str) -> None:
    from airflow.timetables.trigger import CronTriggerTimetable

    timetable = CronTriggerTimetable(expression, timezone=timezone)
    for first, last in ranges(expression, timezone):
        expected = airflow_times(timetable, *day_bounds(first, last, timezone))
        assert in_utc(intervals(scheduled(cron(expression, timezone)), first, last)) == expected


@pytest.mark.engine
@pytest.mark.usefixtures("airflow")
@pytest.mark.parametrize("minutes", [15, 420, 1440, 10_080])
def test_every_is_that_of_airflow_from_the_start(minutes: int) -> None:
    from airflow.timetables.trigger import DeltaTriggerTimetable

    timetable = DeltaTriggerTimetable(timedelta(minutes=minutes))
    start, last = date(2026, 3, 20), date(2026, 4, 10)
    expected = airflow_times(timetable, *day_bounds(start, last, "UTC"))
    assert expected
    assert in_utc(intervals(scheduled(every(minutes), start=start.isoformat()), date(2026, 1, 1), last)) == expected
    assert in_utc(intervals(scheduled(every(minutes)), start, last)) == expected

"""Cron expressions: what Kubeflow's scheduler makes of those written for it, against what they mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipec.backends.kubeflow.cron import CronError, cron_times, kubeflow_cron, merged, written
from pipec.backends.kubeflow.zones import ambiguous_time, is_same_zone

from pipec.analysis.intervals import next_runs
from pipec.ir.base import Location
from pipec.ir.model import CombinedSchedule, CronSchedule, Pipeline, Schedule
from tests.backends.kubeflow.scheduler import parse

PLACE = Location(file="p.pipe", start=0, end=1, line=1, column=1, end_line=1, end_column=2)

WRITTEN = {
    "@hourly": "0 0 * * * *",
    "@daily": "0 0 0 * * *",
    "@weekly": "0 0 0 * * 0",
    "@monthly": "0 0 0 1 * *",
    "@quarterly": "0 0 0 1 */3 *",
    "@yearly": "0 0 0 1 1 *",
    "0 2 * * *": "0 0 2 * * *",
    "*/15 * * * *": "0 */15 * * * *",
    "5/15 9-17 * * *": "0 5,20,35,50 9-17 * * *",
    "0 0 * * 7": "0 0 0 * * 0",
    "0 0 * * 5-7": "0 0 0 * * 0,5-6",
    "0 0 * jan,mar MON": "0 0 0 * 1,3 1",
    "0 0 * * 0-7": "0 0 0 * * *",
    "0 0 1-31 * 1": "0 0 0 1-31 * 1",
    "0 0 */10 * 1": "0 0 0 1,11,21,31 * 1",
    "0 0 13 * */3": "0 0 0 13 * 0,3,6",
    "0 2 * * mon#1": "0 0 2 */31,2-7 * 1",
    "0 2 * * mon#1,fri#1": "0 0 2 */31,2-7 * 1,5",
    "0 2 * * mon#1,mon#2": "0 0 2 */31,2-14 * 1",
    "0 2 * * sun#3": "0 0 2 15-21 * */7",
    "0 2 * * sun#2,mon#2": "0 0 2 8-14 * */7,1",
    "0 2 30 2,4 *": "0 0 2 30 2,4 *",
    "0 2 29 2 *": "0 0 2 29 2 *",
}
REFUSED = {
    "0 2 L * *": "no last day",
    "0 2 1,L * *": "no last day",
    "0 2 * * mon#2": "no n-th weekday",
    "0 2 * * mon#5": "no n-th weekday",
    "0 2 * * mon#1,fri#2": "one set of days",
    "0 2 13 * fri#1": "beside days of the month",
    "0 2 30 2 *": "years have no day",
    "0 2 * 2 sun#5": "years have no day",
    "0 2 31 4,6,9,11 *": "years have no day",
}


@pytest.mark.parametrize("expression", WRITTEN)
def test_an_expression_is_written_with_six_fields(expression: str) -> None:
    assert kubeflow_cron(expression) == WRITTEN[expression]


@pytest.mark.parametrize("expression", REFUSED)
def test_what_kubeflow_cannot_say_is_refused_with_a_way_out(expression: str) -> None:
    with pytest.raises(CronError, match=REFUSED[expression]) as refusal:
        kubeflow_cron(expression)
    assert refusal.value.way_out


# --- the same times ------------------------------------------------------------------------------


def language_times(schedule: Schedule, after: datetime, count: int) -> list[datetime]:
    """When a schedule fires by the rules of the language."""
    pipeline = Pipeline(name="p", schedule=schedule, location=PLACE)
    return [moment.astimezone(UTC) for moment in next_runs(pipeline, after, count)]


def kubeflow_times(expression: str, after: datetime, count: int, zone: str = "UTC") -> list[datetime]:
    """When the scheduler of Kubeflow starts runs."""
    times: list[datetime] = []
    cron, moment = parse(expression), after
    while len(times) < count:
        following = cron.following(moment, ZoneInfo(zone))
        assert following is not None
        times.append(following)
        moment = following
    return times


def field(lowest: int, highest: int) -> st.SearchStrategy[str]:
    number = st.integers(lowest, highest)
    span = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    step = st.integers(1, highest + 1)
    part = st.one_of(
        st.just("*"),
        number.map(str),
        span,
        st.tuples(st.one_of(st.just("*"), span, number.map(str)), step).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    )
    return st.one_of(st.just("*"), st.lists(part, min_size=1, max_size=3).map(",".join))


WEEKS = st.lists(
    st.tuples(st.sampled_from(["sun", "mon", "3", "6", "7"]), st.integers(1, 5)).map(
        lambda pair: f"{pair[0]}#{pair[1]}"
    ),
    min_size=1,
    max_size=3,
).map(",".join)
EXPRESSIONS = st.one_of(
    st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)).map(" ".join),
    st.tuples(field(0, 59), field(0, 23), st.just("*"), field(1, 12), WEEKS).map(" ".join),
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS, MOMENTS)
def test_kubeflow_starts_runs_at_the_times_of_the_expression(expression: str, after: datetime) -> None:
    try:
        text = kubeflow_cron(expression)
    except CronError:
        return
    expected = language_times(CronSchedule(expression=expression), after, 4)
    assert kubeflow_times(text, after, len(expected)) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(EXPRESSIONS, min_size=2, max_size=3), MOMENTS)
def test_merged_expressions_have_the_times_of_all(expressions: list[str], after: datetime) -> None:
    fields = expressions[0].split()
    alike = [" ".join([fields[0], other.split()[1], *fields[2:]]) for other in expressions]
    try:
        text = written(merged([cron_times(expression) for expression in alike]))
    except CronError:
        return
    members = tuple(CronSchedule(expression=expression) for expression in alike)
    expected = language_times(CombinedSchedule(kind="or", members=members), after, 4)
    assert kubeflow_times(text, after, len(expected)) == expected


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        (["0 2 * * *", "0 14 * * *"], "0 0 2,14 * * *"),
        (["0 2 * * 1", "0 2 * * 3", "0 2 * * 1"], "0 0 2 * * 1,3"),
        (["0 2 * * *", "0 2 1 * *"], "0 0 2 * * *"),
        (["0 0 * * *", "0 12 * * *", "30 0 * * *", "30 12 * * *"], "0 0,30 0,12 * * *"),
        (["0 2 * * *", "30 14 * * *"], None),
        (["0 2 1 * 1", "0 2 * * 1"], None),
        (["0 2 * * mon#1", "0 2 * * mon"], None),
    ],
)
def test_crons_are_merged_where_they_differ_in_one_field(expressions: list[str], expected: str | None) -> None:
    times = [cron_times(expression) for expression in expressions]
    if expected is None:
        with pytest.raises(CronError, match="one cron for a recurring run"):
            merged(times)
    else:
        assert written(merged(times)) == expected


# --- changes of the clock ------------------------------------------------------------------------

ZONES = ["Europe/Berlin", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata"]


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("0 2 * * *", "Europe/Berlin", "02:00"),
        ("30 2 * * 0", "Europe/Berlin", "02:30"),
        ("0 3 * * *", "Europe/Berlin", None),
        ("0 2 * * 1-5", "Europe/Berlin", None),
        ("0 2 * 6 *", "Europe/Berlin", None),
        ("0 2 * * sun#1", "Europe/Berlin", None),
        ("15 * * * *", "Europe/Berlin", None),
        ("*/30 0-6 * * *", "Europe/Berlin", "02:00"),
        ("0 2 * * *", "Europe/London", None),
        ("0 1 * * *", "Europe/London", "01:00"),
        ("0 9 * * *", "Africa/Cairo", "00:00"),
        ("0 0 * * *", "Asia/Kolkata", None),
        ("0 2 * * *", "UTC", None),
    ],
)
def test_times_around_a_change_of_the_clock(expression: str, zone: str, expected: str | None) -> None:
    wall = ambiguous_time(cron_times(expression), zone)
    assert (wall and f"{wall:%H:%M}") == expected


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(field(0, 59), field(0, 4), st.just("*"), st.just("*"), field(0, 7)).map(" ".join),
    st.sampled_from(ZONES),
    st.sampled_from([datetime(2026, 3, 6), datetime(2026, 3, 27), datetime(2026, 10, 23), datetime(2026, 10, 30)]),
)
def test_other_times_are_the_same_in_a_zone_of_the_server(expression: str, zone: str, day: datetime) -> None:
    """From a Friday over a Sunday on which clocks are changed somewhere.

    Every hour of some days is left out: Airflow, whose rules the language has, then counts hours across the change.
    """
    after = day.replace(tzinfo=UTC)
    try:
        times = cron_times(expression)
    except CronError:
        return
    is_every_hour_of_some_days = times.hours is None and times.weekdays is not None
    if is_every_hour_of_some_days or ambiguous_time(times, zone) is not None:
        return
    expected = language_times(CronSchedule(expression=expression, timezone=zone), after, 60)
    expected = [moment for moment in expected if moment < after + timedelta(days=5)]
    assert kubeflow_times(written(times), after, len(expected), zone) == expected


def test_names_of_utc_are_one_zone() -> None:
    assert is_same_zone("Etc/UTC", "UTC")
    assert is_same_zone("GMT", "Etc/Zulu")
    assert not is_same_zone("Europe/London", "UTC")

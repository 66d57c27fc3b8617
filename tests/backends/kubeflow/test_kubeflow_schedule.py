"""Schedules as recurring runs: the body of the request, the runs that it starts, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipec.backends.kubeflow.schedule import recurring_run, recurring_run_file
from pipec.backends.kubeflow.schedule_refusing import schedule_refusals

from pipec.analysis.intervals import intervals
from pipec.api import load
from pipec.compilation import check_target
from pipec.ir.model import Pipeline
from tests.backends.kubeflow.scheduler import due_times

BERLIN = 'timezone = "Europe/Berlin"'
IN_BERLIN = 'target kubeflow { server_timezone = "Europe/Berlin" }'


def pipeline_of(settings: str, header: str = "p") -> Pipeline:
    text = f'pipeline {header} {{\n  {settings}\n  task work = shell("true")\n}}\n'
    loaded = load(Path("test.pipe"), text=text)
    assert loaded.program is not None, [fault.message for fault in loaded.diagnostics.found]
    return loaded.program.pipelines["p"]


def body_of(settings: str, header: str = "p") -> dict[str, Any]:
    pipeline = pipeline_of(settings, header)
    assert pipeline.schedule is not None
    assert list(schedule_refusals(pipeline)) == []
    body: dict[str, Any] = recurring_run(pipeline, pipeline.schedule)
    return body


def test_the_side_file_is_the_body_of_the_request() -> None:
    pipeline = pipeline_of(
        f'schedule = cron("30 2 * * 1-5", {BERLIN})  start = 2026-01-01  end = 2026-06-30  {IN_BERLIN}\n'
        "  catchup = true  max_active_runs = 2",
        'p(day: date = run.date, region: str = "eu", limit: int = 7, share: float = 0.5, names: list[str] = ["a"],\n'
        "    wait: duration = 90s, note: str? = null)",
    )
    file = recurring_run_file(pipeline)
    assert file is not None
    assert file.path == "p_recurring_run.json"
    assert file.is_side
    assert json.loads(file.text) == {
        "display_name": "p",
        "mode": "ENABLE",
        "max_concurrency": 2,
        "no_catchup": False,
        "trigger": {
            "cron_schedule": {
                "start_time": "2025-12-31T22:59:59Z",
                "end_time": "2026-06-30T21:59:59Z",
                "cron": "0 30 2 * * 1-5",
            }
        },
        "runtime_config": {
            "parameters": {
                "region": "eu",
                "limit": 7,
                "share": 0.5,
                "names": ["a"],
                "wait": 90,
                "note": "null",
            }
        },
    }


def test_a_pipeline_without_schedule_has_no_side_file() -> None:
    assert recurring_run_file(pipeline_of("")) is None


def test_an_interval_is_a_periodic_schedule() -> None:
    body = body_of("schedule = every(7m)  start = 2026-01-01  catchup = true")
    assert body["trigger"] == {"periodic_schedule": {"start_time": "2025-12-31T23:53:00Z", "interval_second": 420}}
    assert body_of("schedule = every(90m)")["trigger"] == {"periodic_schedule": {"interval_second": 5400}}


@pytest.mark.parametrize(
    ("interval", "cron"),
    [
        ("15m", "0 */15 * * * *"),
        ("1h", "0 0 * * * *"),
        ("6h", "0 0 */6 * * *"),
        ("1d", "0 0 0 * * *"),
        ("7d", "0 0 0 * * 4"),
    ],
)
def test_an_interval_counted_from_the_start_without_catchup_is_a_cron(interval: str, cron: str) -> None:
    body = body_of(f"schedule = every({interval})  start = 2026-01-01")  # a Thursday
    assert body["trigger"] == {"cron_schedule": {"start_time": "2025-12-31T23:59:59Z", "cron": cron}}


def test_without_limit_as_many_runs_go_on_at_once_as_the_server_allows() -> None:
    assert body_of('schedule = cron("@daily")')["max_concurrency"] == 10


def test_the_target_block_can_keep_it_from_starting_runs() -> None:
    assert body_of('schedule = cron("@daily")  target kubeflow { enabled = false }')["mode"] == "DISABLE"


def test_several_crons_become_one() -> None:
    body = body_of('schedule = cron("0 2 * * *") or cron("0 14 * * *")')
    assert body["trigger"] == {"cron_schedule": {"cron": "0 0 2,14 * * *"}}


@pytest.mark.parametrize("text", ["[[RunUUID]]", "on [[ScheduledTime.2006]]", "{{$.currentTime.strftime('%Y')}}"])
def test_a_default_that_the_server_would_change_is_left_to_the_pipeline(text: str) -> None:
    body = body_of('schedule = cron("@daily")', f'p(a: list[str] = [{json.dumps(text)}], b: str = "[[a]]")')
    assert body["runtime_config"] == {"parameters": {"b": "[[a]]"}}


def test_a_default_that_has_too_many_digits_is_left_to_the_pipeline() -> None:
    body = body_of('schedule = cron("@daily")', "p(a: int = 9007199254740993, b: int = 9007199254740992)")
    assert body["runtime_config"] == {"parameters": {"b": 9007199254740992}}


def test_the_end_of_time_is_no_end() -> None:
    body = body_of('schedule = cron("@daily")  start = 1970-01-02  end = 9999-12-31')
    assert body["trigger"] == {"cron_schedule": {"start_time": "1970-01-01T23:59:59Z", "cron": "0 0 0 * * *"}}


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "key", "reason", "way_out"),
    [
        (f'schedule = cron("0 5 * * *", {BERLIN})', "schedule", "which is UTC, not Europe/Berlin", "server_timezone"),
        (
            f'schedule = cron("0 5 * * *")  {IN_BERLIN}',
            "schedule",
            "which is Europe/Berlin, not UTC",
            "server_timezone",
        ),
        (f'schedule = cron("0 2 * * *", {BERLIN})  {IN_BERLIN}', "schedule", "02:00 is skipped or comes twice", "hour"),
        ('schedule = cron("0 2 L * *")', "schedule", "no last day of a month", "first day"),
        ('schedule = cron("0 2 * * *") or cron("5 3 * * *")', "schedule", "one cron", "one field"),
        ("schedule = every(1500ms)", "schedule", "whole seconds", "whole seconds"),
        ("schedule = every(7m)  start = 2026-01-01", "schedule", "from the last run", "catchup = true"),
        ('schedule = cron("@daily")  max_active_runs = 11', "max_active_runs", "at most 10 runs", "10 or less"),
        ('schedule = cron("@daily")  start = 1969-12-31', "start", "from 1970 on", "later date"),
        ("max_active_runs = 1", "max_active_runs", "not those started by hand", "give the pipeline a schedule"),
        (
            'schedule = cron("@daily")  target kubeflow { server_timezone = "Mars/Base" }',
            "target.kubeflow.server_timezone",
            "no time zone `Mars/Base`",
            "Europe/Berlin",
        ),
    ],
)
def test_what_no_recurring_run_can_do_is_refused(settings: str, key: str, reason: str, way_out: str) -> None:
    (refusal,) = schedule_refusals(pipeline_of(settings))
    assert refusal.key == key
    assert reason in refusal.reason
    assert way_out in refusal.way_out


def test_a_refusal_is_an_error_at_its_place() -> None:
    text = 'pipeline p {\n  schedule = cron("0 2 L * *")\n  task work = shell("true") { image = "bash:5" }\n}\n'
    (error,) = check_target(load(Path("test.pipe"), text=text), "p", "kubeflow").found
    assert error.code == "P0501"
    assert error.message == "`kubeflow` cannot express this schedule: Kubeflow's cron has no last day of a month"
    assert error.help == 'use the first day instead: cron("0 2 1 * *")'
    assert text[error.span.start :].startswith("schedule")


@pytest.mark.parametrize(
    "settings",
    [
        'schedule = asset("a")',
        'schedule = cron("@daily") or asset("a")',
        'schedule = cron("@daily") and asset("a")',
        f'schedule = cron("@daily") or cron("@daily", {BERLIN})',
        "",
    ],
)
def test_what_the_capabilities_refuse_is_not_refused_twice(settings: str) -> None:
    assert list(schedule_refusals(pipeline_of(settings))) == []


# --- when runs start -----------------------------------------------------------------------------

TIMED = {
    'schedule = cron("@daily")': "UTC",
    'schedule = cron("0 2 * * mon#1")': "UTC",
    'schedule = cron("0 6,18 * * *") or cron("30 6,18 * * *")': "UTC",
    f'schedule = cron("@daily", {BERLIN})  {IN_BERLIN}': "Europe/Berlin",
    f'schedule = cron("30 * * * *", {BERLIN})  {IN_BERLIN}': "Europe/Berlin",
    "schedule = every(6h)": "UTC",
    "schedule = every(7d)": "UTC",
    "schedule = every(5h)": "UTC",
}
DAYS = st.dates(date(2026, 3, 1), date(2026, 11, 20))


@pytest.mark.engine
@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(TIMED)), DAYS, st.integers(0, 20), st.booleans())
def test_runs_start_at_the_times_of_the_language(schedule: str, first: date, length: int, catchup: bool) -> None:
    """From the first day to the last, both whole, with a recurring run that was made before."""
    last = first + timedelta(days=length)
    if schedule.endswith("every(5h)"):
        catchup = True
    pipeline = pipeline_of(f"{schedule}\n  start = {first}  end = {last}\n  catchup = {json.dumps(catchup)}")
    assert pipeline.schedule is not None
    body = recurring_run(pipeline, pipeline.schedule)
    created = datetime(2026, 2, 1, 12, tzinfo=UTC)
    until = datetime(2027, 1, 1, tzinfo=UTC)
    expected = [one.timestamp.astimezone(UTC) for one in intervals(pipeline, date(2026, 1, 1), date(2026, 12, 31))]
    assert list(due_times(body, created, until, TIMED[schedule])) == expected


@pytest.mark.parametrize("schedule", ['schedule = cron("@daily")', "schedule = every(6h)", "schedule = every(7h)"])
def test_catchup_makes_up_for_all_that_was_missed_since_the_start(schedule: str) -> None:
    pipeline = pipeline_of(f"{schedule}  start = 2026-01-01  catchup = true")
    assert pipeline.schedule is not None
    now = datetime(2026, 2, 1, 12, tzinfo=UTC)
    runs = due_times(recurring_run(pipeline, pipeline.schedule), now, now + timedelta(days=1))
    expected = [one.timestamp.astimezone(UTC) for one in intervals(pipeline, date(2026, 1, 1), date(2026, 2, 1))]
    assert list(islice(runs, len(expected) - 2)) == expected[:-2]


def test_after_a_standstill_without_catchup_only_the_last_time_is_made_up_for() -> None:
    pipeline = pipeline_of("schedule = every(6h)  start = 2026-01-10")
    assert pipeline.schedule is not None
    body = recurring_run(pipeline, pipeline.schedule)
    created = datetime(2026, 1, 1, tzinfo=UTC)
    runs = list(due_times(body, created, datetime(2026, 1, 14, tzinfo=UTC), look=timedelta(hours=49)))
    assert [f"{moment:%d %H:%M}" for moment in runs] == ["11 00:00", "13 06:00"]

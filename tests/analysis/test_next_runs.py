"""The next runs of a schedule."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipec.analysis.intervals import NoIntervalsError, next_runs
from pipec.analysis.plan_text import next_runs_text
from pipec.api import load
from pipec.ir.model import Pipeline

_AFTER = datetime(2026, 10, 24, 12, tzinfo=UTC)


def pipeline(options: str) -> Pipeline:
    return load("main.pipe", text=f"pipeline p {{\n {options}\n task t = shell('true')\n}}\n").pipeline()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ('schedule = cron("0 12 * * *")', ["2026-10-25T12:00:00+00:00", "2026-10-26T12:00:00+00:00"]),
        (
            'schedule = cron("30 2 * * *", timezone = "Europe/Berlin")',
            ["2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"],
        ),
        ("schedule = every(90m)", ["2026-10-24T13:30:00+00:00", "2026-10-24T15:00:00+00:00"]),
        ("schedule = every(7d)\n start = 2026-10-20", ["2026-10-27T00:00:00+00:00", "2026-11-03T00:00:00+00:00"]),
        (
            'schedule = cron("@monthly") or every(1d)\n start = 2026-10-31',
            ["2026-10-31T00:00:00+00:00", "2026-11-01T00:00:00+00:00"],
        ),
        ('schedule = cron("@daily")\n start = 2026-12-01', ["2026-12-01T00:00:00+00:00", "2026-12-02T00:00:00+00:00"]),
        ('schedule = cron("@daily")\n start = 2026-01-01\n end = 2026-10-25', ["2026-10-25T00:00:00+00:00"]),
        ('schedule = cron("@daily")\n start = 2026-01-01\n end = 2026-10-01', []),
        ('schedule = cron("0 0 31 2 *")', []),
    ],
)
def test_next_runs(options: str, expected: list[str]) -> None:
    assert [moment.isoformat() for moment in next_runs(pipeline(options), _AFTER, 2)] == expected


def test_five_are_told_unless_another_number_is_asked_for() -> None:
    assert len(next_runs(pipeline('schedule = cron("@hourly")'), _AFTER)) == 5


def test_a_schedule_without_times_has_none() -> None:
    with pytest.raises(NoIntervalsError, match="which no date can tell"):
        next_runs(pipeline('schedule = asset("s3://lake/lots")'), _AFTER)


def test_as_text() -> None:
    moments = next_runs(pipeline('schedule = cron("30 2 * * *", timezone = "Europe/Berlin")'), _AFTER, 2)
    assert next_runs_text(moments) == "next runs:\n  Sun 2026-10-25 02:30+01:00\n  Mon 2026-10-26 02:30+01:00\n"
    assert next_runs_text([]) == "next runs:\n  none: the schedule never fires\n"

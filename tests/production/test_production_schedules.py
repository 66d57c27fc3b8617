"""Runs that the scheduler makes: backfill over dates that have passed, and what was missed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.production.scenario import Backfill, Scenario
from tests.production.session import Production

pytestmark = pytest.mark.engine

DATES = """\
def dates(day, at, begin, end):
    return [day.isoformat(), at.isoformat(), begin.isoformat(), end.isoformat()]
"""

NIGHTLY = Scenario(
    """\
pipeline nightly(day: date = run.date) {
  schedule = cron("30 0 * * *", timezone = "Europe/Berlin")
  start    = 2026-06-01
  end      = 2026-06-30
  task dates(day, at = run.timestamp, begin = run.interval_start, end = run.interval_end) -> list[str]
    = python("nightly_steps:dates")
}
""",
    DATES,
    runs={},
    backfill=Backfill(date(2026, 6, 1), date(2026, 6, 4)),
)

MISSED = Scenario(
    """\
pipeline missed {
  schedule        = cron("@daily")
  start           = 2026-03-01
  end             = 2026-03-02
  catchup         = true
  max_active_runs = 1
  task dates(day = run.date) -> date = python("missed_steps:same")
}
""",
    "def same(day):\n    return day\n",
    runs={},
)


def test_backfill_runs_each_date_with_that_date(production: Production) -> None:
    runs = production.wait_for_runs(NIGHTLY, 3)
    assert [run.state for run in runs] == ["success"] * 3
    assert {run.details()["run_type"] for run in runs} == {"backfill"}
    assert [run.value("dates")[:2] for run in runs] == [
        ["2026-06-02", "2026-06-02T00:30:00+02:00"],
        ["2026-06-03", "2026-06-03T00:30:00+02:00"],
        ["2026-06-04", "2026-06-04T00:30:00+02:00"],
    ]


def test_catchup_makes_up_for_each_date_one_after_the_other(production: Production) -> None:
    runs = production.wait_for_runs(MISSED, 2)
    assert [run.state for run in runs] == ["success", "success"]
    assert {run.details()["run_type"] for run in runs} == {"scheduled"}
    assert [run.value("dates") for run in runs] == ["2026-03-01", "2026-03-02"]
    first, second = (run.details() for run in runs)
    assert first["end_date"] <= second["start_date"]

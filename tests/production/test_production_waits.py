"""Waits: for files, for a time, for what a Python function says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.production.scenario import Scenario
from tests.production.session import Production

pytestmark = pytest.mark.engine

WAITING = ("running", "deferred", "up_for_reschedule")

ARRIVALS = Scenario(
    """\
pipeline arrivals {
  wait lots = file("${env("PRODUCTION_NOTES")}/lot-*.csv") { poll = 1s  timeout = 5m }
  wait never = file("${env("PRODUCTION_NOTES")}/never-*.csv") { poll = 1s  timeout = 3s  on_timeout = skip }
  wait missed = file("${env("PRODUCTION_NOTES")}/missed-*.csv") { poll = 1s  timeout = 3s }
  task load after lots = shell('true')
  task other after never = shell('true')
  task third after missed = shell('true')
}
"""
)

MOMENT = Scenario(
    """\
pipeline moment {
  wait later = until(run.timestamp + 3s)
  task at_last after later = shell('true')
}
"""
)

RELEASED = Scenario(
    """\
pipeline released {
  wait ready = python("released_steps:is_released", run_id = run.id) { poll = 1s }
  task load after ready = shell('true')
}
""",
    '''\
import os
from pathlib import Path


def is_released(run_id):
    """Not the first time that one asks."""
    note = Path(os.environ["PRODUCTION_NOTES"]) / f"released-{run_id}"
    asked_before = note.exists()
    note.touch()
    return asked_before
''',
)


def test_a_wait_ends_when_a_file_has_come(production: Production) -> None:
    run = production.run(ARRIVALS)
    run.wait_for_task("lots", *WAITING)
    created = datetime.now(UTC)
    (production.installation.notes / "lot-1.csv").touch()
    run.wait()
    (load,) = (attempt for attempt in run.attempts() if attempt.task == "load")
    assert load.state == "success"
    assert load.started is not None
    assert load.started > created


def test_a_wait_in_vain_fails_or_is_skipped(production: Production) -> None:
    run = production.run(ARRIVALS)
    run.wait_for_task("third", "upstream_failed")
    run.wait_for_task("other", "skipped")
    assert run.states()["never"] == "skipped"
    assert run.states()["missed"] == "failed"


def test_a_wait_for_a_time_ends_no_earlier(production: Production) -> None:
    run = production.run(MOMENT).wait()
    assert run.state == "success"
    (task,) = (attempt for attempt in run.attempts() if attempt.task == "at_last")
    assert task.started is not None
    assert (task.started - datetime.fromisoformat(run.details()["run_after"])).total_seconds() >= 3


def test_a_predicate_is_asked_until_it_says_yes(production: Production) -> None:
    run = production.run(RELEASED).wait()
    assert run.state == "success"
    assert (production.installation.notes / "released-by_hand").exists()

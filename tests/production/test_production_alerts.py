"""Alerts: functions that the scheduler, the DAG processor and the workers call, or do not."""

from __future__ import annotations

import pytest

from tests.production.client import wait_for
from tests.production.scenario import Scenario
from tests.production.session import RUN_SECONDS, Production

pytestmark = pytest.mark.engine

TELL = '''\
import json
import os
from pathlib import Path


def tell(event, pipeline, run_id, task, message, url):
    """Note what one is told."""
    note = {"event": event, "run_id": run_id, "task": task, "message": message, "url": url}
    with (Path(os.environ["PRODUCTION_NOTES"]) / f"{pipeline}.jsonl").open("a") as notes:
        notes.write(json.dumps(note) + "\\n")
'''

ALERTED = Scenario(
    """\
pipeline alerted(works: bool) {
  on failure, success = python("alerted_steps:tell")
  task fetch(attempt = run.attempt) = shell('test "$attempt" -eq 2') {
    retries = 1
    on failure, retry = python("alerted_steps:tell")
  }
  task train(works) after fetch = shell('test "$works" = true') {
    on failure, success = python("alerted_steps:tell")
  }
  task publish after train = shell('true') {
    on failure, success = python("alerted_steps:tell")
  }
}
""",
    TELL,
    runs={"good": {"works": True}, "bad": {"works": False}},
)

LATE = Scenario(
    """\
pipeline late {
  deadline = 2s
  on deadline = python("late_steps:tell")
  task patient = python("late_steps:patient")
}
""",
    TELL
    + '''

def patient():
    """Go on until the alert has come."""
    import time

    for _ in range(240):
        if (Path(os.environ["PRODUCTION_NOTES"]) / "late.jsonl").exists():
            return
        time.sleep(0.5)
    raise TimeoutError("nobody was told")
''',
)

PUNCTUAL = Scenario(
    """\
pipeline punctual {
  deadline = 1d
  on deadline = python("punctual_steps:tell")
  task quick = shell('true')
}
""",
    TELL,
)


def told(production: Production, run: str) -> set[tuple[str, str | None]]:
    return {(note["event"], note["task"]) for note in production.notes(ALERTED, run)}


@pytest.mark.parametrize(
    ("run", "state", "expected"),
    [
        ("good", "success", {("retry", "fetch"), ("success", "train"), ("success", "publish"), ("success", None)}),
        ("bad", "failed", {("retry", "fetch"), ("failure", "train"), ("failure", None)}),
    ],
)
def test_what_happened_is_told_once(
    production: Production, run: str, state: str, expected: set[tuple[str, str | None]]
) -> None:
    assert production.run(ALERTED, run).wait().state == state
    wait_for(lambda: told(production, run) >= expected, f"{expected} to be told", RUN_SECONDS)
    notes = production.notes(ALERTED, run)
    assert {(note["event"], note["task"]) for note in notes} == expected
    assert len(notes) == len(expected)
    assert all(note["message"] for note in notes if note["event"] != "success")
    assert all(note["url"].startswith("http://127.0.0.1:") for note in notes)


def test_a_missed_deadline_is_told_while_the_run_goes_on_and_does_not_fail_it(production: Production) -> None:
    run = production.run(LATE).wait()
    (note,) = production.notes(LATE, "by_hand")
    assert (note["event"], note["task"]) == ("deadline", None)
    assert run.state == "success"


def test_a_kept_deadline_is_not_told(production: Production) -> None:
    production.run(LATE).wait()  # by then the scheduler has looked at deadlines
    assert production.run(PUNCTUAL).wait().state == "success"
    assert production.notes(PUNCTUAL, "by_hand") == []

"""What keeps tasks and runs from going on at once: pools, concurrency, priorities, active runs."""

from __future__ import annotations

import pytest

from tests.production.scenario import Scenario
from tests.production.session import Production, most_at_once

pytestmark = pytest.mark.engine

NAP = "def nap():\n    import time\n\n    time.sleep(1.5)\n"

POOLED = Scenario(
    """\
pipeline pooled {
  defaults = { pool: "licences" }
  target airflow { pools = { licences: 2 } }
  for seat in ["a", "b", "c", "d"] {
    task work = python("pooled_steps:nap")
  }
}
""",
    NAP,
    pools=True,
)

PRIORITIES = Scenario(
    """\
pipeline priorities {
  defaults = { pool: "one_seat" }
  target airflow { pools = { one_seat: 1 } }
  task low = shell('true') { priority = 1 }
  task high = shell('true') { priority = 9 }
  task middle = shell('true') { priority = 5 }
}
""",
    pools=True,
)

NARROW = Scenario(
    """\
pipeline narrow {
  concurrency     = 1
  max_active_runs = 1
  for part in [1, 2] {
    task work = python("narrow_steps:nap")
  }
}
""",
    NAP,
    runs={"first": {}, "second": {}},
)

UNKNOWN_POOL = Scenario(
    """\
pipeline unknown_pool {
  task work = shell('true') { pool = "made_later" }
}
"""
)


def test_no_more_tasks_of_a_pool_run_at_once_than_it_has_slots(production: Production) -> None:
    run = production.run(POOLED).wait()
    assert run.state == "success"
    assert len(run.attempts()) == 4
    assert most_at_once(run.attempts()) <= 2


def test_the_higher_priority_takes_the_slot_first(production: Production) -> None:
    run = production.run(PRIORITIES).wait()
    order = sorted(run.attempts(), key=lambda attempt: str(attempt.started))
    assert [attempt.task for attempt in order] == ["high", "middle", "low"]


def test_concurrency_holds_in_a_run_and_active_runs_in_the_pipeline(production: Production) -> None:
    runs = [production.run(NARROW, name).wait() for name in ("first", "second")]
    attempts = [attempt for run in runs for attempt in run.attempts()]
    assert {attempt.state for attempt in attempts} == {"success"}
    assert most_at_once(attempts) == 1


def test_a_task_of_an_unknown_pool_waits_until_there_is_one(production: Production) -> None:
    production.run(POOLED).wait()  # the scheduler has had time enough
    run = production.run(UNKNOWN_POOL)
    assert run.states() == {"work": "scheduled"}
    production.make_pool("made_later", 1)
    assert run.wait().state == "success"

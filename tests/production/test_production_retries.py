"""Further attempts: how many there are, when, and after which failures."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.production.scenario import Scenario
from tests.production.session import Production, Run

pytestmark = pytest.mark.engine

FLAKY = Scenario(
    """\
pipeline flaky {
  task constant(attempt = run.attempt) -> int = python("flaky_steps:third_time") {
    retry = { max: 4, delay: 2s }
  }
  task growing(attempt = run.attempt) -> int = python("flaky_steps:third_time") {
    retry = { max: 2, delay: 1s, backoff: 3, max_delay: 10s }
  }
  task program(attempt = run.attempt) = shell('test "$attempt" -ge 2 || exit 75') {
    retry = { max: 3, on: [75] }
  }
  task busy(attempt = run.attempt) -> int = python("flaky_steps:second_time") {
    retry = { max: 3, delay: 1s, on: ["ConnectionError"] }
  }
}
""",
    """\
def third_time(attempt):
    if attempt < 3:
        raise ValueError(f"attempt {attempt} is not the third")
    return attempt


def second_time(attempt):
    if attempt < 2:
        raise ConnectionResetError("busy")
    return attempt
""",
)

HOPELESS = Scenario(
    """\
pipeline hopeless {
  task broken = python("hopeless_steps:broken") { retry = { max: 2, delay: 1s } }
  task unlike = python("hopeless_steps:broken") { retry = { max: 2, on: ["ConnectionError"] } }
  task refused -> int = python("hopeless_steps:wrong_output") { retries = 2 }
  task slow = shell('sleep 600') { timeout = 2s }
  task behind after broken = shell('true')
}
""",
    """\
def broken():
    raise ValueError("for ever")


def wrong_output():
    return "three"
""",
)


def waits(run: Run, task: str) -> list[timedelta]:
    """The times between the end of an attempt and the start of the next."""
    attempts = run.all_attempts(task)
    found = []
    for before, after in pairwise(attempts):
        assert before.ended is not None
        assert after.started is not None
        found.append(after.started - before.ended)
    return found


def test_a_task_is_tried_again_until_it_succeeds(production: Production) -> None:
    run = production.run(FLAKY).wait()
    assert run.state == "success"
    numbers = {task: [attempt.number for attempt in run.all_attempts(task)] for task in run.states()}
    assert numbers == {"constant": [1, 2, 3], "growing": [1, 2, 3], "program": [1, 2], "busy": [1, 2]}
    assert (run.value("constant"), run.value("growing"), run.value("busy")) == (3, 3, 2)


def test_between_attempts_the_delay_is_waited_for(production: Production) -> None:
    run = production.run(FLAKY).wait()
    assert all(wait >= timedelta(seconds=2) for wait in waits(run, "constant"))
    first, second = waits(run, "growing")
    assert first >= timedelta(seconds=1)
    assert second >= timedelta(seconds=3)


def test_no_attempt_is_made_beyond_the_limit_or_after_other_failures(production: Production) -> None:
    run = production.run(HOPELESS).wait()
    assert run.state == "failed"
    assert run.states() == {
        "broken": "failed",
        "unlike": "failed",
        "refused": "failed",
        "slow": "failed",
        "behind": "upstream_failed",
    }
    attempts = {task: len(run.all_attempts(task)) for task in ("broken", "unlike", "refused", "slow")}
    assert attempts == {"broken": 3, "unlike": 1, "refused": 1, "slow": 1}

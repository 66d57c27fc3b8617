"""Approvals, answered through the API as the user interface does it, or by nobody."""

from __future__ import annotations

import pytest

from tests.production.scenario import Scenario
from tests.production.session import Production

pytestmark = pytest.mark.engine

SHIPPED = Scenario(
    """\
pipeline shipped {
  task prepare -> { rows: int } = python("shipped_steps:prepare")
  approval ship after prepare {
    message = "Ship ${prepare.rows} rows, {{ ds }}?"
    timeout = 1h
  }
  task deploy after ship = shell('true')
  task report after deploy = shell('true') { trigger_rule = all_done }
}
""",
    'def prepare():\n    return {"rows": 3}\n',
    runs={"approved": {}, "rejected": {}},
)

UNANSWERED = Scenario(
    """\
pipeline unanswered {
  approval granted { message = "?"  timeout = 20s  on_timeout = approve }
  approval refused { message = "?"  timeout = 20s  on_timeout = reject }
  approval missed { message = "?"  timeout = 20s }
  task after_granted after granted
  task after_refused after refused
  task after_missed after missed
}
"""
)


def test_an_approved_task_runs(production: Production) -> None:
    run = production.run(SHIPPED, "approved")
    question = run.question("ship")
    assert "Ship 3 rows, {{ ds }}?" in (question["subject"], question["body"])
    assert run.states()["deploy"] is None
    run.answer("ship", "Approve")
    assert run.wait().state == "success"
    assert run.states() == {"prepare": "success", "ship": "success", "deploy": "success", "report": "success"}


def test_a_rejected_task_is_skipped_with_what_depends_on_it(production: Production) -> None:
    run = production.run(SHIPPED, "rejected")
    run.question("ship")
    run.answer("ship", "Reject")
    assert run.wait().state == "success"
    assert run.states() == {"prepare": "success", "ship": "skipped", "deploy": "skipped", "report": "success"}


def test_when_nobody_answers_the_pipeline_says_what_happens(production: Production) -> None:
    run = production.run(UNANSWERED).wait()
    assert run.state == "failed"
    assert run.states() == {
        "granted": "success",
        "refused": "skipped",
        "missed": "failed",
        "after_granted": "success",
        "after_refused": "skipped",
        "after_missed": "upstream_failed",
    }

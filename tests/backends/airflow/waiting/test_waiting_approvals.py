"""Approvals in real Airflow, answered as its REST API does, or timed out by its scheduler's own code."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.backends.airflow.compiling import compile_text
from tests.backends.airflow.waiting.answering import answers, time_passes
from tests.support.airflow import AirflowHome

HOSTILE = "Ship \"it\" {{ ds }}?\n{% raw %} 'x' \\ {# é\n"

ASKED = """pipeline shipping(rows: int = 7, note: str = "") {
  approval ship {
    message = %s
    %s
  }
  task deploy after ship = shell("true")
  task tidy after ship = shell("true") { trigger_rule = all_done }
  task either after ship = shell("true") { trigger_rule = all_skipped }
}"""


def asked(options: str = "", message: str = '"Ship ${rows} rows?"') -> str:
    """The DAG file of a pipeline with an approval."""
    return compile_text(ASKED % (message, options))


APPROVED = {"ship": "success", "deploy": "success", "tidy": "success", "either": "skipped"}
REJECTED = {"ship": "skipped", "deploy": "skipped", "tidy": "success", "either": "success"}
FAILED = {"ship": "failed", "deploy": "upstream_failed", "tidy": "success", "either": "skipped"}


@pytest.mark.engine
@pytest.mark.parametrize(("answer", "states"), [("Approve", APPROVED), ("Reject", REJECTED)])
def test_an_answer_decides_and_rules_go_on_from_there(
    airflow: AirflowHome, answer: str, states: Mapping[str, str]
) -> None:
    with answers({"ship": answer}) as requests:
        run = airflow.run(asked('approvers = ["ml-lead", "ops"]'))
    assert run.states == states
    assert run.state == "success"
    options = ["Approve", "Reject"]
    assert requests == [{"subject": "Ship 7 rows?", "options": options, "defaults": None, "users": ["ml-lead", "ops"]}]


@pytest.mark.engine
@pytest.mark.parametrize(
    ("then", "states", "state"),
    [("fail", FAILED, "failed"), ("approve", APPROVED, "success"), ("reject", REJECTED, "success")],
)
def test_where_nobody_answers_in_time(airflow: AirflowHome, then: str, states: Mapping[str, str], state: str) -> None:
    with time_passes():
        run = airflow.run(asked(f"timeout = 1s\n    on_timeout = {then}"))
    assert (run.states, run.state) == (states, state)
    assert run.attempts["ship"] == 1


@pytest.mark.engine
def test_the_message_arrives_as_it_was_written(airflow: AirflowHome) -> None:
    with answers({"ship": "Approve"}) as requests:
        airflow.run(asked(message='"${note}!"'), parameters={"note": HOSTILE})
    assert [request["subject"] for request in requests] == [f"{HOSTILE}!"]

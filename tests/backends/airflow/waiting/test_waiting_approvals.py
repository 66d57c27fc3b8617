"""Approvals in real Airflow, answered as its REST API does, or timed out by its scheduler's own code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipec.api import load
from tests.backends.airflow.compiling import compile_text
from tests.backends.airflow.waiting.answering import answers, time_passes
from tests.conformance.both import dag_file
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


MANY = """pipeline inner(lot: str) {
  approval ask { message = "Scrap ${lot}?" }
  task scrap after ask = shell("true")
}
pipeline scrapping {
  task lots() -> list[str] = python("steps:lots")
  map lot in lots {
    approval each { message = "Ship ${lot}?" }
    task deploy after each = shell("true")
  }
  task part(lot = "d") = inner
  task late after part = shell("true")
}"""

AFTER_ANSWERS = {
    "each[0]": "success",
    "deploy[0]": "success",
    "each[1]": "skipped",
    "deploy[1]": "skipped",
    "part.ask": "skipped",
    "part.scrap": "skipped",
    "part": "success",
    "late": "success",
}


@pytest.mark.engine
def test_each_item_of_a_map_is_asked_for_and_so_is_a_pipeline_run_as_a_task(airflow: AirflowHome) -> None:
    text = dag_file(load(Path("many.pipe"), text=MANY), "scrapping")
    given = {"each[0]": "Approve", "each[1]": "Reject", "part.ask": "Reject"}
    with answers(given) as requests:
        run = airflow.run(text, {"steps.py": "def lots():\n    return ['a', 'b']\n"})
    assert sorted(request["subject"] for request in requests) == ["Scrap d?", "Ship a?", "Ship b?"]
    assert {name: run.states[name] for name in AFTER_ANSWERS} == AFTER_ANSWERS
    assert run.state == "success"

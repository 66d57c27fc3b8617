"""Approvals and waits: what an answer, a thing that came, or a time that ran out means."""

from __future__ import annotations

from typing import Any

import pytest

from pipec.engine.events import ApprovalAnswered, CancelRun, Failure, StartAttempt, TaskChanged
from tests.engine.driver import ENDED, TIMEOUT, Outcome, played, written

# --- approvals -----------------------------------------------------------------------------------

SHIP = """
pipeline p {
  task train -> { auc: float } = python("s:train")
  approval ship after train { message = "Ship auc ${train.auc}?"  timeout = 12h ON_TIMEOUT }
  task deploy after ship = python("s:deploy")
  task either_way after ship = python("s:either_way") { trigger_rule = all_done }
}
"""


@pytest.mark.parametrize(
    ("answer", "on_timeout", "rows", "failure", "verdict"),
    [
        (True, "", "ship:S deploy:S either_way:S", None, "success"),
        (False, "", "ship:- deploy:- either_way:S", Failure("rejected", "rejected"), "success"),
        (TIMEOUT, "", "ship:F deploy:U either_way:S", TIMEOUT, "failed"),
        (TIMEOUT, "on_timeout = fail", "ship:F deploy:U either_way:S", TIMEOUT, "failed"),
        (TIMEOUT, "on_timeout = reject", "ship:- deploy:- either_way:S", TIMEOUT, "success"),
        (TIMEOUT, "on_timeout = approve", "ship:S deploy:S either_way:S", None, "success"),
    ],
)
def test_answers(answer: Outcome, on_timeout: str, rows: str, failure: Failure | None, verdict: str) -> None:
    text = SHIP.replace("ON_TIMEOUT", on_timeout)
    run = played(text, {"train": [{"auc": 0.9}], "ship": [answer]})
    assert run.rows == f"train:S {rows}"
    assert run.failure("ship") == failure
    assert run.inputs("ship") == {"message": "Ship auc 0.9?"}
    assert run.finish.state == verdict


def test_what_a_person_is_asked() -> None:
    run = written("pipeline p { approval ship }").start()
    assert run.commands == [TaskChanged("ship", "running", 1), StartAttempt("ship", 1, {})]
    assert run.send(ApprovalAnswered("ship", approved=True))[0] == TaskChanged("ship", "success", 1, outputs={})


def test_a_question_that_cannot_be_put_fails() -> None:
    text = """
    pipeline p(names: list[str]) {
      approval ship { message = "Ship ${names[3]}?" }
      task deploy after ship = python("s:deploy")
    }
    """
    run = played(text, parameters={"names": ["a"]})
    assert run.rows == "ship:F deploy:U"
    assert run.failure("ship") == Failure("input", "the message: index 3 is outside a list of 1 in names[3]")


@pytest.mark.parametrize(("answer", "row"), [(True, "S"), (False, "-"), (TIMEOUT, "F"), (ENDED, "F")])
def test_an_answer_after_cancelling(answer: Any, row: str) -> None:
    run = written(SHIP.replace("ON_TIMEOUT", "on_timeout = approve"), {"train": [{"auc": 1}], "ship": [answer]}).start()
    run.end("train")
    run.send(CancelRun())
    run.end("ship")
    assert run.rows == f"train:S ship:{row} deploy:- either_way:-"
    assert run.finish.state == "failed"


def test_a_person_decides_for_each_item() -> None:
    text = """
    pipeline p(models: list[str]) {
      map model in models {
        approval ship { message = "Ship ${model}?" }
        task deploy(model) -> str after ship = python("s:deploy")
      }
      task tell(shipped = deploy[*]) = python("s:tell") { trigger_rule = all_done }
    }
    """
    ends: dict[str, list[Outcome]] = {"ship[1]": [False], "deploy": [{"output": "v1"}]}
    run = played(text, ends, {"models": ["rf", "gbm", "svm"]})
    assert run.rows == "ship:S-S deploy:S-S tell:S"
    assert run.inputs("ship[2]") == {"message": "Ship svm?"}
    assert run.inputs("tell") == {"shipped": ["v1", None, "v1"]}


# --- waits ---------------------------------------------------------------------------------------

LOTS = """
pipeline p(day: date = 2026-05-01) {
  wait lots = file("/data/${day}/*.stdf") { timeout = 1h ON_TIMEOUT }
  task load after lots = python("s:load")
  task either_way after lots = python("s:either_way") { trigger_rule = all_done }
}
"""


@pytest.mark.parametrize(
    ("end", "on_timeout", "rows", "verdict"),
    [
        ({}, "", "lots:S load:S either_way:S", "success"),
        (TIMEOUT, "", "lots:F load:U either_way:S", "failed"),
        (TIMEOUT, "on_timeout = fail", "lots:F load:U either_way:S", "failed"),
        (TIMEOUT, "on_timeout = skip", "lots:- load:- either_way:S", "success"),
        (Failure("error", "no such bucket"), "on_timeout = skip", "lots:F load:U either_way:S", "failed"),
    ],
)
def test_waits(end: Outcome, on_timeout: str, rows: str, verdict: str) -> None:
    run = played(LOTS.replace("ON_TIMEOUT", on_timeout), {"lots": [end]})
    assert run.rows == rows
    assert run.failure("lots") == (end if isinstance(end, Failure) else None)
    assert run.finish.state == verdict


def test_what_is_waited_for() -> None:
    run = written(LOTS.replace("ON_TIMEOUT", "")).start()
    [values] = run.inputs("lots").values()
    assert values == "/data/2026-05-01/*.stdf"


def test_a_message_is_the_value_of_its_wait() -> None:
    text = """
    pipeline p {
      wait order_placed = message("orders")
      task load(number = order_placed["number"]) = python("s:load")
    }
    """
    run = played(text, {"order_placed": [{"output": {"number": 7}}]})
    assert run.rows == "order_placed:S load:S"
    assert run.inputs("load") == {"number": 7}


# --- capacity ------------------------------------------------------------------------------------


def test_people_and_waits_take_no_slot() -> None:
    text = """
    pipeline p {
      task a = python("s:a")
      approval ok
      wait lots = file("/data")
      task b = python("s:b")
    }
    """
    run = written(text, max_parallel=1).start()
    assert run.rows == "a:r ok:r lots:r b:."
    run.end("ok", "lots")
    assert run.rows == "a:r ok:S lots:S b:."
    run.end("a")
    assert run.rows == "a:S ok:S lots:S b:r"

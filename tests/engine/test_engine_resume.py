"""Resumed runs: what stands of the earlier part, and what is done again."""

from __future__ import annotations

from typing import Any

import pytest

from pipec.engine.events import Failure, StartAttempt, TaskChanged, WaitForRetry
from pipec.engine.restored import Restored
from tests.engine.driver import ERROR, last, played, written

CHAIN = """
pipeline p(n: int = 1) {
  task a(n) -> int = python("s:a")
  task b(x = a) -> int = python("s:b") { retries = 1 }
  task c(y = b) = python("s:c")
}
"""
A = Restored(1, {"n": 1}, {"output": 10})
B = Restored(2, {"x": 10}, {"output": 20})
C = Restored(1, {"y": 20}, {})


@pytest.mark.parametrize(
    ("restored", "parameters", "started"),
    [
        ({}, {}, "a b c"),
        ({"a": A}, {}, "b c"),
        ({"a": A, "b": B}, {}, "c"),
        ({"a": A, "b": B, "c": C}, {}, ""),
        ({"a": A, "b": B, "c": C}, {"n": 2}, "a b c"),
        ({"b": B, "c": C}, {}, "a"),
        ({"a": A, "c": C}, {}, "b"),
        ({"a": A, "b": Restored(1, {"x": 11}, {"output": 20}), "c": C}, {}, "b"),
        ({"a": A, "b": Restored(2, {"x": 10}), "c": C}, {}, "b"),
        ({"a": Restored(1, {"n": 1, "m": 2}, {"output": 10})}, {}, "a b c"),
    ],
)
def test_a_success_stands_where_its_inputs_are_the_same(restored: Any, parameters: Any, started: str) -> None:
    ends = {"a": [{"output": 10 * parameters.get("n", 1)}], "b": [{"output": 20 * parameters.get("n", 1)}]}
    run = played(CHAIN, ends, parameters, restored=restored)
    assert run.rows == "a:S b:S c:S"
    assert " ".join(run.started) == started
    stands = {command.task for command in run.commands if isinstance(command, TaskChanged) and command.restored}
    assert stands == {"a", "b", "c"} - set(run.started)
    assert run.engine.outputs("b") == ends["b"][0]


def test_commands_of_a_resumed_run() -> None:
    run = written(CHAIN, restored={"a": A, "b": Restored(1, {"x": 10})}).start()
    assert run.commands == [
        TaskChanged("a", "success", 1, outputs={"output": 10}, restored=True),
        TaskChanged("b", "running", 2),
        StartAttempt("b", 2, {"x": 10}),
    ]


def test_attempts_are_counted_on_with_all_retries_anew() -> None:
    run = written(CHAIN, {"b": [ERROR]}, restored={"a": A, "b": Restored(2, {"x": 10})}).start()
    run.end("b")
    assert run.commands[-2:] == [TaskChanged("b", "up_for_retry", 3, ERROR), WaitForRetry("b", 4, 0)]
    run.go_on()
    assert run.rows == "a:S b:F c:U"
    assert run.engine.attempts("b") == 4


def test_what_did_not_run_before_is_not_counted() -> None:
    run = played(CHAIN, {"a": [ERROR]}, restored={"b": Restored(2), "c": C})
    assert run.rows == "a:F b:U c:U"
    assert [run.engine.attempts(task) for task in "abc"] == [1, 2, 1]


def test_nobody_is_told_of_what_stands() -> None:
    text = CHAIN.replace("retries = 1", 'on success = slack("#b")')
    assert written(text, restored={"a": A, "b": B}).run().alerts == []


@pytest.mark.parametrize(("arguments", "started"), [(None, "a"), (("echo", "7"), "a"), (("echo", "6"), "a b")])
def test_a_command_stands_where_its_elements_are_the_same(arguments: Any, started: str) -> None:
    text = 'pipeline p { task a -> int = python("s:a")  task b = command(["echo", "${a}"]) }'
    run = played(text, {"a": [{"output": 7}]}, restored={"b": Restored(1, {}, {}, arguments)})
    assert " ".join(run.started) == started


def test_decisions_and_gates_are_played_again() -> None:
    text = """
    pipeline p {
      task a -> int = python("s:a")
      gate enough { require a > 5 }
      if a > 10 { task big after enough = python("s:big") } else { task small after enough = python("s:small") }
    }
    """
    before = {
        "a": Restored(1, {}, {"output": 7}),
        "enough": Restored(1, {}, {}),
        "decide_big": Restored(1, {}, {"output": True}),
        "big": Restored(1, {}, {}),
    }
    run = played(text, restored=before)
    assert run.rows == "a:S enough:S decide_big:S big:- small:S"
    assert run.started == ["small"]


def test_what_failed_before_and_goes_well_now_runs_what_read_nothing_of_it() -> None:
    text = """
    pipeline p {
      task a -> int = python("s:a")
      task b(x = a ?? 0) -> int = python("s:b") { trigger_rule = all_done }
    }
    """
    run = played(text, {"a": [{"output": 5}]}, restored={"a": Restored(1), "b": Restored(1, {"x": 0}, {"output": 1})})
    assert run.started == ["a", "b"]


# --- people --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("restored", "started"),
    [
        (Restored(1, {"message": "Ship 1?"}, {}), []),
        (Restored(1, {"message": "Ship 2?"}, {}), ["ship"]),
        (Restored(1, {"message": "Ship 1?"}), ["ship"]),
    ],
)
def test_who_was_asked_is_asked_again_only_about_something_else(restored: Restored, started: list[str]) -> None:
    run = played('pipeline p(n: int = 1) { approval ship { message = "Ship ${n}?" } }', restored={"ship": restored})
    assert run.started == started


def test_what_was_waited_for_came() -> None:
    text = 'pipeline p { wait lots = message("orders")  task a(x = lots["n"]) = python("s:a") }'
    first = written(text).start()
    run = played(text, restored={"lots": Restored(1, first.inputs("lots"), {"output": {"n": 3}})})
    assert run.started == ["a"]
    assert run.inputs("a") == {"x": 3}


# --- maps ----------------------------------------------------------------------------------------

MAPPED = """
pipeline p(xs: list[int]) {
  map x in xs { task score(x) -> int = python("s:score") }
  task all(scores = score[*]) = python("s:all") { trigger_rule = all_done }
}
"""


@pytest.mark.parametrize(
    ("xs", "started", "scores"),
    [
        ([1, 2, 3], ["score[1]", "all"], [10, 5, 30]),
        ([1, 9, 3], ["score[1]", "all"], [10, 5, 30]),
        ([1, 3], ["score[1]", "all"], [10, 5]),
        ([0, 1, 2, 3], ["score[0]", "score[1]", "score[2]", "score[3]", "all"], [5, 5, 5, 5]),
        ([1], ["all"], [10]),
        ([], ["all"], []),
    ],
)
def test_instances(xs: list[int], started: list[str], scores: list[int]) -> None:
    """An instance stands with its place in the list and its item."""
    before = {
        "score[0]": Restored(1, {"x": 1}, {"output": 10}),
        "score[1]": Restored(2, {"x": 2}),
        "score[2]": Restored(1, {"x": 3}, {"output": 30}),
        "all": Restored(1, {"scores": [10, None, 30]}, {}),
    }
    run = played(MAPPED, {"score": [{"output": 5}]}, {"xs": xs}, restored=before)
    assert run.started == started
    assert run.inputs("all") == {"scores": scores}


def test_items_that_stand_hold_no_place() -> None:
    text = MAPPED.replace("map x in xs {", "map x in xs { max_parallel = 1 ")
    before = {f"score[{number}]": Restored(1, {"x": number}, {"output": 1}) for number in range(3)}
    run = written(text, parameters={"xs": [0, 1, 2, 3, 4]}, restored=before).start()
    assert run.rows == "score:SSSr. all:."
    assert run.go_on(last).rows == "score:SSSSS all:S"


# --- called pipelines ----------------------------------------------------------------------------

CALLS = """
pipeline inner(n: int) -> { y: int } {
  task a(n) -> int = python("s:a")
  task b(x = a) -> int = python("s:b")
  return { y: b }
}
pipeline p(n: int = 1) {
  task call(n) = inner { retries = 1  timeout = 60s }
  task end(y = call.y) = python("s:end")
}
"""
INNER_A = Restored(1, {"n": 1}, {"output": 10})
INNER_B = Restored(1, {"x": 10}, {"output": 20})


@pytest.mark.parametrize(
    ("restored", "rows", "started"),
    [
        ({"call": Restored(1), "call/a": INNER_A}, "call:S call/a:S call/b:S end:S", "call/b end"),
        (
            {"call": Restored(1, {"n": 1}, {"y": 20}), "call/a": INNER_A, "call/b": INNER_B},
            "call:S call/a:S call/b:S end:S",
            "end",
        ),
        (
            {"call": Restored(1), "call/a": Restored(1, {"n": 2}, {"output": 10}), "call/b": INNER_B},
            "call:S call/a:S call/b:S end:S",
            "call/a end",
        ),
        (
            {"call": Restored(2), "call/a": INNER_A, "call/b": Restored(1), "call@2/a": INNER_A},
            "call:S call@2/a:S call@2/b:S end:S",
            "call@2/b end",
        ),
        ({"call/a": INNER_A}, "call:S call/a:S call/b:S end:S", "call/b end"),
    ],
)
def test_a_call_goes_on_with_the_attempt_it_was_in(restored: Any, rows: str, started: str) -> None:
    run = played(CALLS, {"a": [{"output": 10}], "b": [{"output": 20}]}, restored=restored)
    assert run.rows == rows
    assert " ".join(run.started) == started
    assert run.engine.outputs("call") == {"y": 20}


def test_a_call_that_goes_on_has_all_its_retries() -> None:
    restored = {"call": Restored(2), "call@2/a": INNER_A}
    run = written(CALLS, {"b": [ERROR]}, restored=restored).start()
    run.end("call@2/b")
    failed = Failure("error", "the pipeline inner failed: call@2/b")
    assert run.commands[-2:] == [TaskChanged("call", "up_for_retry", 2, failed), WaitForRetry("call", 3, 0)]
    run.go_on()
    assert run.rows == "call:F call@2/a:S call@2/b:F call@3/a:S call@3/b:F end:U"
    assert run.engine.attempts("call") == 3

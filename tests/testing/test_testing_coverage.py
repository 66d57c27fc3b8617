"""What tests reach of a pipeline, and what they do not."""

from __future__ import annotations

import pytest

from pipec.testing import run_tests
from pipec.testing.coverage import Collector, goals_of, percent
from tests.testing.support import loaded

PIPELINE = """\
pipeline p(n: int = 1) {
  task fetch -> { rows: int } = python("m:f") { require rows > 0 }
  gate enough { require fetch.rows > 10 }
  if fetch.rows > 100 as large {
    approval ok { timeout = 1h }
    task split after ok = shell('true')
  }
  task join after split, enough = shell('true')
}
"""
MAP = """\
pipeline p {
  task find -> list[int] = python("m:f")
  map x in find { task one(x) = python("m:f") }
}
"""
LOOP = "pipeline p { for x in [1, 2] { task t(x) = python('m:f') } task end after t = shell('true') { retries = 1 } }"
BOTH = """\
pipeline p(flag: bool) {
  if flag { task left = shell('true') } else { task right = shell('true') }
  task end after left, right = shell('true')
}
"""
WAIT = "pipeline p { wait w = file('x') { timeout = 1h  on_timeout = skip } task a after w = shell('true') }"


def shown(pipeline: str, *bodies: str) -> tuple[list[str], list[str]]:
    """What the tests of these bodies reach, and what they do not, as `kind subject case`."""
    text = "".join(f'test "{number}" for p {{ {body} }}\n' for number, body in enumerate(bodies))
    program = loaded(f"{pipeline}{text}").program
    assert program is not None
    collector = Collector(program.pipelines.values())
    list(run_tests(program, watch=collector))
    found = collector.found["p"]
    goals = [(f"{goal.kind} {goal.subject}: {goal.case}", goal in found.reached) for goal in found.goals]
    assert percent([found]) == 100 * len(found.reached) / len(found.goals)
    return [goal for goal, is_reached in goals if is_reached], [goal for goal, is_reached in goals if not is_reached]


def test_what_there_is_to_reach() -> None:
    program = loaded(PIPELINE).program
    assert program is not None
    assert [f"{goal.kind} {goal.subject}: {goal.case}" for goal in goals_of(program.pipelines["p"])] == [
        "outcome fetch: success",
        "outcome fetch: failed",
        "requirement rows > 0: holds",
        "requirement rows > 0: fails",
        "requirement fetch.rows > 10: holds",
        "requirement fetch.rows > 10: fails",
        "branch large: if",
        "branch large: else",
        "approval ok: approved",
        "approval ok: rejected",
        "approval ok: timeout",
        "outcome split: success",
        "outcome split: failed",
        "outcome split: skipped",
        "outcome join: success",
        "outcome join: failed",
        "trigger rule join: all before it succeeded",
        "trigger rule join: not all before it succeeded",
    ]


def test_without_tests_nothing_is_reached() -> None:
    assert shown(PIPELINE)[0] == []


ROWS = ["outcome fetch: success", "requirement rows > 0: holds"]
NOT_ALL = "trigger rule join: not all before it succeeded"
SMALL = ["branch large: else", "outcome split: skipped", NOT_ALL]

REACHED = [
    (
        PIPELINE,
        ["given fetch.rows = 50"],
        [*ROWS, "requirement fetch.rows > 10: holds", *SMALL, "outcome join: success"],
    ),
    (PIPELINE, ["given fetch.rows = 5"], [*ROWS, "requirement fetch.rows > 10: fails", *SMALL]),
    (PIPELINE, ["given fetch.rows = 0"], ["outcome fetch: failed", "requirement rows > 0: fails", NOT_ALL]),
    (PIPELINE, ["given fetch is failed"], ["outcome fetch: failed", NOT_ALL]),
    (PIPELINE, [""], ["outcome fetch: success"]),
    (MAP, ["given find = []"], ["map x in find: no item", "outcome one: skipped", "outcome find: success"]),
    (MAP, ["given find = [1]"], ["map x in find: one item", "outcome one: success", "outcome find: success"]),
    (
        MAP,
        ["given find = [1, 2] given one[0] is failed"],
        ["map x in find: many items", "outcome one: success", "outcome one: failed", "outcome find: success"],
    ),
    (MAP, ["given find is failed"], ["outcome find: failed"]),
    (MAP, [""], ["outcome find: success"]),
    (LOOP, ["given t[2] is failed"], ["outcome t: success", "outcome t: failed"]),
    (WAIT, ["given w is timeout"], ["outcome w: skipped", "outcome a: skipped"]),
]


@pytest.mark.parametrize(("pipeline", "bodies", "reached"), REACHED)
def test_what_is_reached(pipeline: str, bodies: list[str], reached: list[str]) -> None:
    assert sorted(shown(pipeline, *bodies)[0]) == sorted(reached)


ANSWERS = [
    ("given ok is approved", "approved"),
    ("", "approved"),
    ("given ok is rejected", "rejected"),
    ("given ok is timeout", "timeout"),
]


@pytest.mark.parametrize(("body", "answer"), ANSWERS)
def test_answers(body: str, answer: str) -> None:
    reached, _ = shown(PIPELINE, f"given fetch.rows = 500 {body}")
    assert [one for one in reached if one.startswith("approval")] == [f"approval ok: {answer}"]


def test_tests_that_reach_it_all() -> None:
    bodies = [
        "given fetch.rows = 500",
        "given fetch.rows = 500 given ok is rejected",
        "given fetch.rows = 500 given ok is timeout",
        "given fetch.rows = 500 given split is failed",
        "given fetch.rows = 500 given join is failed",
        "given fetch.rows = 50",
        "given fetch.rows = 5",
        "given fetch.rows = 0",
    ]
    assert shown(PIPELINE, *bodies)[1] == []


def test_what_joins_both_sides_never_sees_both_succeed() -> None:
    reached, missing = shown(BOTH, "given flag = true", "given flag = false", "given flag = true given end is failed")
    assert "trigger rule end: not all before it succeeded" in reached
    assert missing == ["outcome left: failed", "outcome right: failed"]


def test_nothing_to_reach_is_all_of_it() -> None:
    assert percent([]) == 100

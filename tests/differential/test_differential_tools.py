"""The tools of the comparison: they must see a difference, and make it small."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from pipec.ir.model import Pipeline
from tests.differential.__main__ import compare_one
from tests.differential.comparison import is_certain
from tests.differential.engine_play import play_engine
from tests.differential.generator import random_case
from tests.differential.known import unexplained
from tests.differential.plans import Case, Plan, load
from tests.differential.results import Result, differences
from tests.differential.shrink import shrink


@pytest.mark.parametrize(
    ("mine", "theirs", "is_same"),
    [
        ({-1: "success"}, {-1: "success"}, True),
        ({-1: "success"}, {-1: "skipped"}, False),
        ({0: "success", 1: "failed"}, {0: "success", 1: "failed"}, True),
        ({0: "success", 1: "failed"}, {0: "failed", 1: "success"}, False),
        ({0: "skipped", 1: "skipped"}, {-1: "skipped"}, True),
        ({0: "skipped", 1: "success"}, {-1: "skipped"}, False),
        ({-1: "upstream_failed"}, {0: "upstream_failed"}, True),
        ({0: "success"}, {0: "success", 1: "success"}, False),
        ({0: "success"}, {}, False),
    ],
)
def test_what_counts_as_the_same(mine: dict[int, str], theirs: dict[int, str], is_same: bool) -> None:
    one, other = Result("success", {"a": mine}, {}), Result("success", {"a": theirs}, {})
    assert (not differences(one, other)) == is_same
    assert (not differences(other, one)) == is_same


def test_numbers_of_attempts_count() -> None:
    states = {"a": {-1: "success"}}
    once, twice = Result("success", states, {("a", -1): 1}), Result("success", states, {("a", -1): 2})
    assert differences(once, twice) == {"a": "a -1: attempts are 1 in the engine, 2 in Airflow"}


def test_what_a_known_difference_explains() -> None:
    """The race at `both`, and what depends on it; nothing else."""
    text = """\
pipeline p(level: int) {
  task other = python("steps:f")
  if level > 1 { task inside = python("steps:f") }
  task both after inside, other = python("steps:f") { trigger_rule = all_success }
  task then after both = python("steps:f")
  task last after then = python("steps:f")
}
"""
    pipeline = load(text)
    assert pipeline is not None
    case = Case(text, pipeline, Plan(parameters={"level": 1}))
    engine = play_engine(case.pipeline, case.plan)
    assert unexplained(case, engine, ["both", "then", "last"]) == set()
    assert unexplained(case, engine, ["both", "last"]) == {"last"}
    assert unexplained(case, engine, ["then", "other"]) == {"then", "other"}


def play_engine_again(pipeline: Pipeline, plan: Plan, random: Random) -> Result:
    return play_engine(pipeline, plan, orders=1)


def play_wrongly(pipeline: Pipeline, plan: Plan, random: Random) -> Result:
    """As the engine, but whatever waits for a failed task is skipped."""
    result = play_engine(pipeline, plan, orders=1)
    upstream_failed = {
        task: {-1: "skipped"} for task, states in result.states.items() if states == {-1: "upstream_failed"}
    }
    return replace(result, states={**result.states, **upstream_failed})


def test_a_difference_is_found_and_shown_small(capsys: pytest.CaptureFixture[str]) -> None:
    def fails_upstream(case: Case) -> bool:
        result = play_engine(case.pipeline, case.plan, orders=1)
        return is_certain(case) and {-1: "upstream_failed"} in result.states.values()

    case = random_case(11, fails_upstream)
    assert compare_one(case, 11, play_engine_again) == "same"
    assert capsys.readouterr().out == ""
    assert compare_one(case, 11, play_wrongly) == "different"
    shown = capsys.readouterr().out
    assert "upstream_failed in the engine, skipped in Airflow" in shown
    assert shown.count("task t") == 2, shown


def test_shrinking_keeps_what_it_is_for() -> None:
    case = random_case(3, lambda found: any(task.trigger_rule == "one_failed" for task in found.pipeline.tasks))
    smallest = shrink(case, lambda found: any(task.trigger_rule == "one_failed" for task in found.pipeline.tasks))
    assert "one_failed" in smallest.text
    assert len(smallest.pipeline.tasks) <= 2
    assert len(smallest.text) < len(case.text)

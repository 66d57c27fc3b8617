"""Sides of decisions that are left out, and that all other tasks end as they did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from pipec.ir.model import TriggerRule
from pipec.optimisation.constant_branches import truth, without_constant_branches
from tests.engine.driver import ERROR, driver, written
from tests.engine.test_engine_properties import Scenario, limits, scenarios, seeds
from tests.optimisation.proof import before_and_after
from tests.support.ir_builder import binary, literal, output, parameter_value


def test_before_and_after(golden: Callable[[Path, str], None]) -> None:
    golden(*before_and_after("constant-branches", "main"))


JOINING: list[TriggerRule] = ["all_success", "none_failed", "none_failed_min_one_success", "all_done"]


@given(scenarios() | scenarios(JOINING), seeds, seeds, limits)
def test_all_that_is_left_ends_as_it_did(scenario: Scenario, one: int, other: int, limit: int | None) -> None:
    """The decisions of these scenarios are all literals."""
    after, _ = without_constant_branches(scenario.pipeline)
    if not after.tasks:
        return
    first, second = scenario.play(one), replace(scenario, pipeline=after).play(other, limit)
    before = first.engine.states
    assert second.engine.states == {id: before[id] for id in second.engine.states}
    assert second.finish.state == first.finish.state
    assert set(second.started) == {id for id in first.started if id in second.engine.states}
    gone = before.keys() - second.engine.states.keys()
    assert {before[id] for id in gone} <= {"skipped", "upstream_failed", "success"}
    for id in second.engine.states:
        assert second.engine.outputs(id) == first.engine.outputs(id)


JOINED = """
pipeline p(level: int = 3) {
  if level > 3 CONDITION {
    task a -> int = shell('a')
    task a2 after a = shell('a2')
  } else {
    task b -> int = shell('b')
  }
  task join(value = a ?? b ?? 0) -> int = shell('join')
  task after_all after a2, b = shell('after_all') { trigger_rule = all_done }
  return { value: join ?? 7, a: a }
}
"""


@pytest.mark.parametrize("condition", ["and false", "or true"])
@pytest.mark.parametrize("failing", ["", "a", "b", "join"])
def test_what_is_read_of_a_side_that_is_gone(condition: str, failing: str) -> None:
    text = JOINED.replace("CONDITION", condition)
    outcomes: dict[str, Any] = {id: [{"output": 5}] for id in ("a", "b", "join")}
    outcomes |= {failing: [ERROR]} if failing else {}
    before = written(text, outcomes).run()
    after_pipeline, reasons = without_constant_branches(before.pipeline)
    after = driver(after_pipeline, outcomes, {"level": 3}).run()
    assert len(list(reasons)) == 2
    assert len(after_pipeline.tasks) < len(before.pipeline.tasks)
    assert after.engine.states == {id: before.engine.states[id] for id in after.engine.states}
    assert (after.finish.state, after.finish.returns) == (before.finish.state, before.finish.returns)
    if "join" in after.started:
        assert after.inputs("join") == before.inputs("join")


LEVEL = parameter_value("level")
DIVIDED = binary(binary(1, "/", LEVEL), ">", 3)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (literal(True), True),
        (binary(literal(True), "and", literal(False)), False),
        (binary(binary(LEVEL, ">", 3), "and", literal(False)), False),
        (binary(binary(LEVEL, ">", 3), "or", literal(True)), True),
        (binary(binary(LEVEL, ">", 3), "or", literal(False)), None),
        (binary(literal(False), "and", DIVIDED), False),
        (binary(DIVIDED, "and", literal(False)), None),
        (binary(binary(output("a"), ">", 3), "and", literal(False)), None),
        (binary(literal(3), ">", literal(2)), True),
        (DIVIDED, None),
        (binary(binary(1, "/", 0), ">", 3), None),
        (LEVEL, None),
    ],
)
def test_conditions(condition: Any, expected: bool | None) -> None:
    """What may fail, or wait for an output, is not passed over."""
    assert truth(condition, {}) is expected


def test_with_a_constant() -> None:
    assert truth(binary(LEVEL, ">", 3), {"level": literal(4)}) is True
    assert truth(DIVIDED, {"level": literal(0)}) is None

"""Which tasks may run together, and that all others are none the wiser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipec
from pipec.ir.model import Options, Pipeline, Retry, Task
from pipec.optimisation.fusing import MOST, chains
from tests.engine.driver import Outcome
from tests.engine.test_engine_properties import Scenario, limits, own_end, scenarios, seeds
from tests.support.ir_builder import output, pipeline, task


def found(made: Pipeline) -> list[str]:
    return [" ".join(chain.tasks) for chain in chains(made)[0]]


def written(text: str) -> list[str]:
    loaded = pipec.load("test.pipe", text="pipeline p {\n" + text + "\n}\n")
    assert loaded.program is not None, [fault.message for fault in loaded.diagnostics.found]
    return found(loaded.program.pipelines["p"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("task a = shell('a')  task b after a = shell('b')  task c after b = shell('c')", ["a b c"]),
        ("task a -> int = shell('a')  task b(n = a) = python('m:b')  task c after b = command(['c'])", ["a b c"]),
        ("task a = shell('a')  task b after a = shell('b')  task c after a = shell('c')", []),
        ("task a = shell('a')  task b after a = shell('b')  task c after a, b = shell('c')", []),
        ("task a -> int = shell('a')  task b after a = shell('b')  task c(n = a) after b = shell('c')", []),
        ("task a = shell('a')  task b = shell('b')  task c after a, b = shell('c')", []),
        ("task a = shell('a')  task b after a = shell('b') { trigger_rule = all_done }", []),
        (
            "task a = shell('a')  task b after a = shell('b')  task c after b = shell('c') { trigger_rule = one_done }",
            [],
        ),
        ("task a = shell('a') { retries = 1 }  task b after a = shell('b')", []),
        ("task a = shell('a') { timeout = 1h }  task b after a = shell('b')", []),
        ("task a = shell('a') { cache = true }  task b after a = shell('b')", []),
        ("task a = shell('a') { deadline = 1h }  task b after a = shell('b')", []),
        ("task a = shell('a') { image = 'x:1' }  task b after a = shell('b') { image = 'x:2' }", []),
        ("task a = shell('a') { resources = { cpu: 2 } }  task b after a = shell('b')", []),
        ("task a = shell('a') { env = { A: 'b' } }  task b after a = shell('b')", []),
        ("task a = shell('a') { on failure = slack('#x') }  task b after a = shell('b')", []),
        ("task a = shell('a') { target kubeflow { workspace = true } }  task b after a = shell('b')", []),
        ("task a = shell('a')  gate b { require 1 > 0 }  order a -> b", []),
        ("task a = shell('a')  approval b {}  order a -> b", []),
        ("task a = image('x:1')  task b after a = shell('b')", []),
        ("task a = shell('a')  finally { task b = shell('b')  task c after b = shell('c') }", []),
        ("task a -> int = shell('a')  task b after a = shell('b')  finally { task c(n = a ?? 0) = shell('c') }", []),
        (
            "task a -> list[int] = shell('a')  map n in a { task b(n) = shell('b')  task c after b = shell('c') }",
            ["b c"],
        ),
        ("task a -> int = shell('a')  if a > 1 { task b = shell('b')  task c after b = shell('c') }", ["b c"]),
        (
            "task a = shell('a') { estimate = 1m  tags = ['x'] }  task b after a = shell('b') { packages = ['y'] }",
            ["a b"],
        ),
        ("task a = shell('a') { require 2 > 1 }  task b after a = shell('b')", ["a b"]),
    ],
)
def test_chains(text: str, expected: list[str]) -> None:
    assert written(text) == expected


def test_what_a_pipeline_returns_is_seen() -> None:
    made = pipeline(task("a", outputs="int"), task("b", after="a"))
    assert found(made) == ["a b"]
    assert found(made.model_copy(update={"returns": output("a")})) == []


def test_why() -> None:
    made = pipeline(task("a"), task("b", after="a"), task("c", after="b"), task("d", after="c"), task("e", after="c"))
    assert [reason.message for reason in chains(made)[1]] == [
        "`a -> b -> c` run in one container: each waits for the one before it alone"
    ]


def test_thousands_of_tasks() -> None:
    """A chain that is too long for one container; of the last part nothing is left but one task."""
    long = [task(f"c{number}", after=f"c{number - 1}" if number else "") for number in range(10_001)]
    lengths = [len(chain.tasks) for chain in chains(pipeline(*long))[0]]
    assert lengths == [MOST] * 500


# --- proof ---------------------------------------------------------------------------------------


@st.composite
def with_chains(draw: st.DrawFn) -> Scenario:
    """A scenario whose tasks of code are followed by others, perhaps, and tried once."""
    scenario = draw(scenarios())
    tasks: list[Task] = []
    outcomes: dict[str, Sequence[Outcome]] = {}
    last: dict[str, str] = {}
    for one in scenario.pipeline.tasks:
        upstream = tuple(last.get(id, id) for id in one.upstream)
        tasks.append(one.model_copy(update={"upstream": upstream, "options": Options(retry=Retry())}))
        outcomes.update({id: ends for id, ends in scenario.outcomes.items() if id.partition("[")[0] == one.id})
        is_code = one.implementation.kind == "python"
        is_read = any(one.id in str(region.items) for region in scenario.pipeline.maps)
        for number in range(draw(st.integers(0, 2)) if is_code and not is_read else 0):
            id = f"{one.id}_{number}"
            ends = scenario.outcomes[one.id] if draw(st.booleans()) else [{"output": []}]
            further = {"id": id, "name": id, "upstream": (tasks[-1].id,), "trigger_rule": "all_success"}
            tasks.append(tasks[-1].model_copy(update=further))
            outcomes[id] = ends
            last[one.id] = id
    return Scenario(scenario.pipeline.model_copy(update={"tasks": tuple(tasks)}), outcomes)


def contracted(scenario: Scenario) -> Scenario:
    """The scenario with each chain as one task, the last one by name, that fails where one of the chain does."""
    found, _ = chains(scenario.pipeline)
    chain_of = {chain.tasks[-1]: chain.tasks for chain in found}
    within = {id for chain in found for id in chain.tasks[:-1]}
    by_id = {one.id: one for one in scenario.pipeline.tasks}
    tasks = []
    outcomes: dict[str, Sequence[Outcome]] = dict(scenario.outcomes)
    for one in scenario.pipeline.tasks:
        if one.id in within:
            continue
        if one.id in chain_of:
            head = by_id[chain_of[one.id][0]]
            one = one.model_copy(update={"upstream": head.upstream, "trigger_rule": head.trigger_rule})
            outcomes |= _ends(scenario, [by_id[id] for id in chain_of[one.id]])
        tasks.append(one)
    return Scenario(scenario.pipeline.model_copy(update={"tasks": tuple(tasks)}), outcomes)


def _ends(scenario: Scenario, chain: Sequence[Task]) -> Mapping[str, Any]:
    """How the chain ends, by instance: as the first of it that fails, else as the last one."""
    suffixes = {id.removeprefix(one.id) for one in chain for id in scenario.outcomes if id.startswith(f"{one.id}[")}
    ends: dict[str, Any] = {}
    for suffix in ("", *sorted(suffixes)):
        path = tuple(int(part) for part in suffix.replace("]", "").split("[")[1:])
        deciding = next((one for one in chain if own_end(scenario, one, path) == "failed"), chain[-1])
        ends[chain[-1].id + suffix] = scenario.outcomes.get(deciding.id + suffix, scenario.outcomes[deciding.id])
    return ends


@given(with_chains(), seeds, seeds, limits)
def test_all_others_end_as_they_did(scenario: Scenario, one: int, other: int, limit: int | None) -> None:
    apart, together = scenario.play(one), contracted(scenario).play(other, limit)
    lasts = {chain.tasks[-1] for chain in chains(scenario.pipeline)[0]}
    before, after = apart.engine.states, together.engine.states
    assert together.finish.state == apart.finish.state
    for id, state in after.items():
        if id.partition("[")[0] in lasts and state == "failed":
            assert before[id] in ("failed", "upstream_failed")
        else:
            assert before[id] == state
        assert together.engine.outputs(id) == apart.engine.outputs(id)

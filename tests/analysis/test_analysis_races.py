"""Where a skip and a failure may meet: cases by hand, and that no meeting of any run is missed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.analysis.graph import topological_order, upstream_map
from pipec.analysis.never_runs import never_runs
from pipec.analysis.races import Race, find_races, may_be_skipped
from pipec.engine.trigger_rules import decide
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import ApprovalRequest, Decision, MapRegion, Pipeline, Task, TriggerRule, WaitCondition
from pipec.ir.types import INT, STR, ListType
from tests.analysis.builders import decision, output, pipeline, place, task

IF, ELSE = ("d", True), ("d", False)
SENSOR = WaitCondition(condition="file", arguments={"path": LiteralValue(value="x", type=STR)}, on_timeout="skip")

SAFE: dict[str, list[Task]] = {
    "no skips at all": [task("a"), task("b"), task("t", "a", "b")],
    "the branch alone": [decision("d"), task("x", "d", sides=[IF]), task("y", "x", sides=[IF])],
    "the failing one is what the decision needs": [
        task("f"),
        decision("d", "f"),
        task("x", "d", sides=[IF]),
        task("t", "x", "f"),
    ],
    "the failing one is upstream of the decision over two tasks": [
        task("f"),
        task("g", "f"),
        decision("d", "g"),
        task("x", "d", sides=[IF]),
        task("t", "x", "f"),
    ],
    "both stand on the same side": [
        decision("d"),
        task("x", "d", sides=[IF]),
        task("y", "d", sides=[IF]),
        task("t", "x", "y"),
    ],
    "both follow the same side": [
        decision("d"),
        task("x", "d", sides=[IF]),
        task("f", "x"),
        task("t", "x", "f"),
    ],
    "the join of the language": [
        task("f"),
        decision("d"),
        task("x", "d", sides=[IF]),
        task("t", "x", "f", "d", rule="none_failed_min_one_success"),
    ],
    "downstream of a join that cannot be skipped": [
        decision("d"),
        task("x", "d", sides=[IF]),
        task("y", "d", sides=[ELSE]),
        task("join", "x", "y", "d", rule="none_failed_min_one_success"),
        task("f"),
        task("t", "join", "f"),
    ],
    "an eager rule outside": [
        task("f"),
        decision("d"),
        task("x", "d", sides=[IF]),
        task("t", "x", "f", rule="one_failed"),
    ],
    "one_failed was skipped, so what it watches did not fail": [
        task("f"),
        task("k", "f", rule="one_failed"),
        task("t", "k", "f"),
    ],
    "a sensor's own upstream": [task("f"), task("k", "f", implementation=SENSOR), task("t", "k", "f")],
    "a finally task": [
        task("f"),
        decision("d"),
        task("x", "d", sides=[IF]),
        task("t", "x", "f", rule="all_done", is_finally=True),
    ],
    "an eager rule in a branch that looks inside it": [
        decision("d"),
        task("x", "d", sides=[IF]),
        task("t", "d", "x", rule="one_success", sides=[IF]),
    ],
    "one_failed in a branch, over what the decision needs": [
        task("f"),
        decision("d", "f"),
        task("t", "d", "f", rule="one_failed", sides=[IF]),
    ],
}

RACES: dict[str, tuple[list[Task], Race]] = {
    "a branch and a task beside it": (
        [task("f"), decision("d"), task("x", "d", sides=[IF]), task("t", "x", "f", "d")],
        Race("t", "x", "f", "d", mendable=True),
    ),
    "a task after the decision cannot go before it": (
        [decision("d"), task("f", "d"), task("x", "d", sides=[IF]), task("t", "x", "f")],
        Race("t", "x", "f", "d", mendable=False),
    ),
    "two sides of one decision": (
        [decision("d"), task("x", "d", sides=[IF]), task("y", "d", sides=[ELSE]), task("t", "x", "y")],
        Race("t", "x", "y", "d", mendable=False),
    ),
    "the skip comes over a chain": (
        [task("f"), decision("d"), task("x", "d", sides=[IF]), task("y", "x"), task("z", "y"), task("t", "z", "f")],
        Race("t", "z", "f", "d", mendable=True),
    ),
    "what the decision needs may fail behind all_done": (
        [
            task("f"),
            task("g", "f", rule="all_done"),
            decision("d", "g"),
            task("x", "d", sides=[IF]),
            task("t", "x", "f"),
        ],
        Race("t", "x", "f", "d", mendable=True),
    ),
    "a rule that skips": (
        [task("a"), task("k", "a", rule="all_failed"), task("f"), task("t", "k", "f")],
        Race("t", "k", "f", None, mendable=False),
    ),
    "a sensor that skips": (
        [task("k", implementation=SENSOR), task("f"), task("t", "k", "f")],
        Race("t", "k", "f", None, mendable=False),
    ),
    "an approval that is rejected": (
        [task("k", implementation=ApprovalRequest()), task("f"), task("t", "k", "f")],
        Race("t", "k", "f", None, mendable=False),
    ),
    "none_failed runs after a skip and may fail": (
        [decision("d"), task("x", "d", sides=[IF]), task("f", "x", "d", rule="none_failed"), task("t", "x", "f")],
        Race("t", "x", "f", "d", mendable=False),
    ),
    "the first task of a branch waits for one outside": (
        [task("f"), decision("d"), task("x", "d", "f", sides=[IF])],
        Race("x", "x", "f", "d", mendable=True),
    ),
    "deeper in a branch": (
        [task("f"), decision("d"), task("x", "d", sides=[IF]), task("y", "x", "f", sides=[IF])],
        Race("y", "x", "f", "d", mendable=True),
    ),
    "always in a branch": (
        [decision("d"), task("x", "d", rule="always", sides=[IF])],
        Race("x", "x", None, "d", mendable=False),
    ),
    "an eager rule in a branch": (
        [task("f"), decision("d"), task("x", "d", "f", rule="one_success", sides=[IF])],
        Race("x", "x", "f", "d", mendable=False),
    ),
    "an eager rule in a branch starts before the decision even where that follows": (
        [task("f"), decision("d", "f"), task("x", "d", "f", rule="one_done", sides=[IF])],
        Race("x", "x", "f", "d", mendable=False),
    ),
}


@pytest.mark.parametrize("case", SAFE)
def test_no_race(case: str) -> None:
    assert find_races(pipeline(*SAFE[case])) == []


@pytest.mark.parametrize("case", RACES)
def test_race(case: str) -> None:
    tasks, expected = RACES[case]
    assert find_races(pipeline(*tasks)) == [expected]


def mapped(*tasks: Task) -> Pipeline:
    region = MapRegion(
        name="m",
        variable="x",
        items=output("items", ListType(element=INT)),
        item_type=INT,
        location=place(),
    )
    return pipeline(*tasks, maps=(region,))


def test_an_empty_list_skips_and_what_gave_it_cannot_have_failed() -> None:
    items, inside = task("items"), task("k", "items", map="m")
    assert find_races(mapped(items, inside, task("t", "k", "items"))) == []
    assert find_races(mapped(items, inside, task("f"), task("t", "k", "f"))) == [
        Race("t", "k", "f", None, mendable=False)
    ]


def test_instances_of_one_task_race_with_each_other() -> None:
    choice = decision("d", "items", map="m")
    inside = task("k", "d", map="m", sides=[IF])
    assert find_races(mapped(task("items"), choice, inside, task("t", "k"))) == [
        Race("t", "k", "k", "d", mendable=False)
    ]


RULES: tuple[TriggerRule, ...] = (
    "all_success",
    "all_success",
    "all_success",
    "none_failed",
    "none_failed_min_one_success",
    "none_skipped",
    "all_done",
    "all_done_min_one_success",
    "all_failed",
    "all_skipped",
    "one_success",
    "one_failed",
    "one_done",
)


@st.composite
def branching(draw: st.DrawFn) -> Pipeline:
    """Up to seven tasks, some of them decisions, some in a branch directly after its decision."""
    tasks: list[Task] = []
    for index in range(draw(st.integers(3, 7))):
        names = [task.id for task in tasks]
        some = st.lists(st.sampled_from(names), unique=True, max_size=3)
        parents = draw(some) if names else []
        if draw(st.integers(0, 3)) == 0:
            tasks.append(decision(f"d{index}", *parents))
            continue
        choices = [task.id for task in tasks if isinstance(task.implementation, Decision)]
        sides: list[tuple[str, bool]] = []
        if draw(st.booleans()) and choices:
            side = (draw(st.sampled_from(choices)), draw(st.booleans()))
            sides = [side]
            parents = list(dict.fromkeys([*parents, side[0]]))
        tasks.append(task(f"t{index}", *parents, rule=draw(st.sampled_from(RULES)), sides=sides))
    return pipeline(*tasks)


def runs(pipe: Pipeline) -> Iterator[dict[str, str]]:
    """The final states of every run: every choice of every decision, every set of tasks that fail of themselves."""
    tasks = {task.id: task for task in pipe.tasks}
    order = topological_order(upstream_map(pipe))
    choices = [task.id for task in pipe.tasks if isinstance(task.implementation, Decision)]
    for taken in product((True, False), repeat=len(choices)):
        chosen = dict(zip(choices, taken, strict=True))
        for broken in product((True, False), repeat=len(order)):
            fails = dict(zip(order, broken, strict=True))
            states: dict[str, Any] = {}
            for id in order:
                states[id] = final_state(tasks[id], states, chosen, fails[id])
            yield states


def final_state(current: Task, states: dict[str, Any], chosen: dict[str, bool], fails: bool) -> str:
    parents = [states[parent] for parent in current.upstream]
    failed = any(state in ("failed", "upstream_failed") for state in parents)
    for side in current.branches:
        if states[side.decision] == "success" and chosen[side.decision] != side.taken:
            waits = current.trigger_rule in ("all_success", "none_failed", "none_failed_min_one_success")
            return "upstream_failed" if failed and waits else "skipped"
    verdict = decide(current.trigger_rule, parents) if parents else "run"
    if verdict != "run":
        return str(verdict)
    return "failed" if fails else "success"


@settings(max_examples=80, deadline=None)
@given(branching())
def test_every_meeting_of_skip_and_failure_is_found(pipe: Pipeline) -> None:
    """A task that sees both in some run races, or stands downstream of one that does."""
    racing = {race.task for race in find_races(pipe)}
    upstream = upstream_map(pipe)
    excused: set[str] = set()
    for id in topological_order(upstream):
        if id in racing or any(parent in excused for parent in upstream[id]):
            excused.add(id)
    watched = [task for task in pipe.tasks if task.trigger_rule == "all_success" and task.id not in excused]
    skippable = may_be_skipped(pipe)
    for states in runs(pipe):
        for current in watched:
            seen = {states[parent] for parent in current.upstream}
            assert not ("skipped" in seen and seen & {"failed", "upstream_failed"}), (current.id, states)
        for id, state in states.items():
            assert state != "skipped" or id in skippable


@settings(max_examples=80, deadline=None)
@given(branching())
def test_what_never_runs_does_not_run_in_any_run(pipe: Pipeline) -> None:
    dead = never_runs(pipe)
    for states in runs(pipe):
        assert not [id for id in dead if states[id] in ("success", "failed")]


NEVER: dict[str, tuple[list[Task], dict[str, str]]] = {
    "both sides": (
        [decision("d"), task("x", "d", sides=[IF]), task("y", "d", sides=[ELSE]), task("t", "x", "y")],
        {"t": "it needs both sides of `d`, and a run takes one"},
    ),
    "and what follows it": (
        [
            decision("d"),
            task("x", "d", sides=[IF]),
            task("t", "d", "x", sides=[ELSE]),
            task("u", "t"),
            task("v", "t", rule="all_done"),
        ],
        {"t": "it needs both sides of `d`, and a run takes one", "u": "it needs `t`, which never runs"},
    ),
    "a skip that never comes": (
        [task("a"), task("t", "a", rule="all_skipped")],
        {"t": "it needs `a` to be skipped, which never happens"},
    ),
    "both sides may run after a decision that failed, by a rule that lets them": (
        [
            decision("d"),
            task("x", "d", rule="none_skipped", sides=[IF]),
            task("y", "d", rule="none_skipped", sides=[ELSE]),
            task("t", "x", "y"),
        ],
        {},
    ),
    "a join may run": (
        [
            decision("d"),
            task("x", "d", sides=[IF]),
            task("y", "d", sides=[ELSE]),
            task("t", "x", "y", "d", rule="none_failed_min_one_success"),
        ],
        {},
    ),
}


@pytest.mark.parametrize("case", NEVER)
def test_never_runs(case: str) -> None:
    tasks, expected = NEVER[case]
    assert never_runs(pipeline(*tasks)) == expected


def test_thousands_of_tasks() -> None:
    tasks: list[Task] = []
    for index in range(1_000):
        before = [f"t{index - 1}"] if index else []
        tasks += [
            decision(f"d{index}", *before),
            task(f"x{index}", f"d{index}", sides=[(f"d{index}", True)]),
            task(f"y{index}", f"d{index}", sides=[(f"d{index}", False)]),
            task(f"t{index}", f"x{index}", f"y{index}", f"d{index}", rule="none_failed_min_one_success"),
        ]
    assert find_races(pipeline(*tasks)) == []

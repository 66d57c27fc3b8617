"""The verifier finds each kind of broken IR, and nothing in a good one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.ir.expressions import ItemReference, LiteralValue, ParameterReference
from pipec.ir.model import (
    Estimate,
    Expectation,
    Given,
    Group,
    Input,
    MapRegion,
    Options,
    Output,
    Parameter,
    Pipeline,
    PipelineCall,
    Retry,
)
from pipec.ir.model import (
    TestCase as DeclaredTest,
)
from pipec.ir.types import BOOL, FLOAT, INT, STR, ListType, optional
from pipec.ir.verify import verify
from tests.analysis.builders import decision, from_edges, output, pipeline, place, program, task

NUMBER = Parameter(name="n", type=INT, location=place())
LIST = ListType(element=INT)


def given_input(value: Any, type: Any = INT) -> tuple[Input, ...]:
    return (Input(name="x", type=type, value=value),)


def region(**fields: Any) -> MapRegion:
    return MapRegion(name="m", variable="x", items=output("a", LIST), item_type=INT, location=place(), **fields)


LISTING = task("a", outputs=(Output(name="output", type=LIST),))

GOOD: dict[str, Pipeline] = {
    "nothing": pipeline(),
    "a chain": pipeline(task("a"), task("b", "a", reads=["a"]), task("c", "b", reads=["a"])),
    "an output that may be missing": pipeline(
        decision("d"),
        task("a", "d", sides=[("d", True)]),
        task("b", "a", "d", inputs=given_input(output("a", optional(INT)), optional(INT))),
    ),
    "an int for a float": pipeline(task("a"), task("b", "a", inputs=given_input(output("a"), FLOAT))),
    "a parameter": pipeline(
        task("a", inputs=given_input(ParameterReference(name="n", type=INT))), parameters=(NUMBER,)
    ),
    "a map": pipeline(
        LISTING,
        task("b", "a", map="m", inputs=given_input(ItemReference(map="m", type=INT))),
        task("c", "b", inputs=given_input(output("b", LIST, mapped=True), LIST)),
        maps=(region(),),
    ),
    "an instance of a loop": pipeline(task('a["x"]', name="a", keys=("x",))),
    "what a decision chose": pipeline(decision("d"), returns=output("d", INT)),
}

BAD: dict[str, tuple[Pipeline, str]] = {
    "an id twice": (pipeline(task("a"), task("a")), "task `a` stands 2 times"),
    "no such upstream": (pipeline(task("a", "b")), "task `a` has the upstream `b`, which is no task"),
    "upstream twice": (pipeline(task("a"), task("b", "a", "a")), "task `b`: upstream `a` stands 2 times"),
    "a circle": (
        from_edges({"a": ["c"], "b": ["a"], "c": ["b"]}),
        "tasks in a circle: ",
    ),
    "work after finally": (
        pipeline(task("a", is_finally=True), task("b", "a")),
        "task `b` waits for `a` of `finally`",
    ),
    "no such task is read": (
        pipeline(task("a", inputs=given_input(output("b")))),
        "task `a` reads `b`, which is no task",
    ),
    "no such output": (
        pipeline(task("a"), task("b", "a", inputs=given_input(output("a", name="rows")))),
        "task `b` reads `a.rows`, which is no output",
    ),
    "an output of another type": (
        pipeline(task("a"), task("b", "a", inputs=given_input(output("a", STR), STR))),
        "task `b` reads `a.output` as str, it is int",
    ),
    "read but not upstream": (
        pipeline(task("a"), task("b", reads=["a"])),
        "task `b` reads `a`, which is not upstream of it",
    ),
    "a whole map where there is none": (
        pipeline(task("a"), task("b", "a", inputs=given_input(output("a", LIST, mapped=True), LIST))),
        "task `b` reads `a` as mapped, and it is not in a map",
    ),
    "a value that does not fit": (
        pipeline(task("a", inputs=given_input(LiteralValue(value="x", type=STR)))),
        "task `a`: input `x` is int, its value str",
    ),
    "null where none is allowed": (
        pipeline(task("a"), task("b", "a", inputs=given_input(output("a", optional(INT))))),
        "task `b`: input `x` is int, its value int?",
    ),
    "no such parameter": (
        pipeline(task("a", inputs=given_input(ParameterReference(name="n", type=INT)))),
        "task `a` reads the parameter `n`, which there is not",
    ),
    "a parameter of another type": (
        pipeline(task("a", inputs=given_input(ParameterReference(name="n", type=STR), STR)), parameters=(NUMBER,)),
        "task `a` reads the parameter `n` as str, it is int",
    ),
    "an item outside its map": (
        pipeline(LISTING, task("b", "a", inputs=given_input(ItemReference(map="m", type=INT))), maps=(region(),)),
        "task `b` reads the item of map `m`, in which it does not stand",
    ),
    "no such map": (pipeline(task("a", map="m")), "task `a` stands in `m`, which is no map"),
    "no such group": (pipeline(task("a", group="g")), "task `a` stands in `g`, which is no group"),
    "no such group around a group": (
        pipeline(groups=(Group(name="g", parent="h", location=place()),)),
        "group `g` stands in `h`, which is no group",
    ),
    "a branch of a task that does not decide": (
        pipeline(task("a"), task("b", "a", sides=[("a", True)])),
        "task `b` stands in a branch of `a`, which is no decision",
    ),
    "no such pipeline": (
        pipeline(task("a", implementation=PipelineCall(pipeline="q"))),
        "task `a` runs `q`, which is no pipeline",
    ),
    "inputs of one name": (
        pipeline(task("a", inputs=given_input(LiteralValue(value=1, type=INT)) * 2)),
        "task `a`: input `x` stands 2 times",
    ),
    "a single output of another name": (
        pipeline(task("a", outputs=(Output(name="rows", type=INT),))),
        "task `a`: a single unnamed output must be called `output`",
    ),
    "an instance without keys": (
        pipeline(task('a["x"]', name="a")),
        "its id differs from its name `a`, and it has no keys",
    ),
    "a timeout of nothing": (pipeline(task("a", options=Options(timeout=0))), "`timeout` is 0.0, not above 0"),
    "a delay below 0": (
        pipeline(task("a", options=Options(retry=Retry(max=1, delay=-1)))),
        "`retry` holds a number below 0",
    ),
    "a backoff below 1": (
        pipeline(task("a", options=Options(retry=Retry(max=1, backoff=0.5)))),
        "`retry.backoff` is 0.5, below 1",
    ),
    "an estimate out of order": (
        pipeline(task("a", options=Options(estimate=Estimate(min=2, likely=1, max=3)))),
        "`estimate` is not in order: 2.0, 1.0, 3.0",
    ),
    "a rate above 1": (pipeline(task("a", options=Options(failure_rate=2))), "`failure_rate` is 2.0"),
    "a deadline below 0": (pipeline(deadline=-1), "`deadline` is -1.0, not above 0"),
    "a return of nothing known": (pipeline(returns=output("a")), "reads `a`, which is no task"),
}


@pytest.mark.parametrize("case", GOOD)
def test_good(case: str) -> None:
    assert verify(program(GOOD[case])) == []


@pytest.mark.parametrize("case", BAD)
def test_bad(case: str) -> None:
    broken, expected = BAD[case]
    faults = verify(program(broken))
    assert len(faults) == 1, faults
    assert expected in faults[0]
    assert faults[0].startswith("pipeline `p`: ")


def test_program() -> None:
    missing = DeclaredTest(title="t", pipeline="q", location=place())
    broken = program(pipeline()).model_copy(update={"own": ("p", "r"), "tests": (missing,)})
    assert verify(broken) == ["`own` names `r`, which is no pipeline", "test `t`: `q` is no pipeline"]


def test_tests() -> None:
    holds = LiteralValue(value=True, type=BOOL)
    good = DeclaredTest(
        title="good",
        pipeline="p",
        givens=(Given(task="a", state="failed", location=place()), Given(fact="date", value=holds, location=place())),
        expectations=(
            Expectation(tasks=("a", "a[3]", "run"), state="failed", source="", location=place()),
            Expectation(condition=holds, source="", location=place()),
        ),
        location=place(),
    )
    bad = DeclaredTest(
        title="bad",
        pipeline="p",
        givens=(
            Given(task="b", state="failed", location=place()),
            Given(parameter="m", value=holds, location=place()),
            Given(value=holds, location=place()),
        ),
        expectations=(
            Expectation(tasks=("b[0]",), state="failed", source="", location=place()),
            Expectation(source="x", location=place()),
        ),
        location=place(),
    )
    checked = program(pipeline(task("a"))).model_copy(update={"tests": (good, bad)})
    assert verify(checked) == [
        "test `bad`: `b` is no task",
        "test `bad`: `m` is no parameter",
        "test `bad`: something is given of not exactly one of a task, a parameter and the run",
        "test `bad`: `b` is no task",
        "test `bad`: `x` is neither a state nor a condition",
    ]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), unique=True, max_size=3), min_size=1, max_size=7))
def test_any_graph_is_good_exactly_when_it_exists_and_has_no_circle(parents: list[list[int]]) -> None:
    edges = {f"t{index}": [f"t{parent}" for parent in row] for index, row in enumerate(parents)}
    exists = all(parent in edges for row in edges.values() for parent in row)
    assert (not verify(program(from_edges(edges)))) == (exists and has_order(edges))


def has_order(edges: dict[str, list[str]]) -> bool:
    """Whether the tasks can be taken away one by one, each after its upstream tasks."""
    left = dict(edges)
    while ready := [id for id, row in left.items() if not any(parent in left for parent in row)]:
        for id in ready:
            del left[id]
    return not left

"""What changed in a pipeline, and what a resumed run takes over."""

from __future__ import annotations

from typing import Any

import pytest
from pipec.backends.local.comparison import Changes, changes
from pipec.backends.local.resume import kept_parameters, restored_tasks
from pipec.backends.local.store.records import Entry, RunRecord

from pipec.engine.restored import Restored
from pipec.ir.base import Location
from pipec.ir.model import CommandLine, Estimate, MapRegion, Pipeline, PipelineCall, Program, Retry, ShellScript, Task
from pipec.ir.types import INT
from tests.backends.local.store.samples import AT, attempt, ended, state
from tests.support.ir_builder import (
    HERE,
    binary,
    decision,
    expression,
    literal,
    parameter,
    parameter_value,
    pipeline,
    require,
    task,
)

ELSEWHERE = Location(file="test.pipe", start=9, end=9, line=9, column=9, end_line=9, end_column=9)


def program(main: Pipeline, **called: Pipeline) -> Program:
    return Program(source="p.pipe", digest="", pipelines={"p": main, **called}, own=("p",))


def options(built: Task, **values: Any) -> Task:
    changed: Task = built.model_copy(update={"options": built.options.model_copy(update=values)})
    return changed


def shell(id: str, text: str = "true", **fields: Any) -> Task:
    return task(id, implementation=ShellScript(text=text), **fields)


def call(id: str, key: str, **fields: Any) -> Task:
    return task(id, implementation=PipelineCall(pipeline=key), **fields)


def compared(old: tuple[Task, ...], new: tuple[Task, ...], **fields: Any) -> Changes:
    return changes(program(pipeline(*old)), program(pipeline(*new)), "p", **fields)


A, B, C = shell("a"), shell("b", after="a"), shell("c", after="b")

# --- what changed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "same",
    [
        A,
        A.model_copy(update={"doc": "new", "location": ELSEWHERE, "locations": {"x": ELSEWHERE}, "group": "g"}),
        options(A, estimate=Estimate(min=1, likely=2, max=3), tags=("x",), failure_rate=0.5),
        options(A, retry=Retry(max=3), timeout=5.0, priority=1, pool="p", cache=True, deadline=9.0),
    ],
)
def test_what_does_not_change_what_a_task_computes(same: Task) -> None:
    assert compared((A, B), (same, B)) == Changes()
    assert compared((A, B), (B, same)) == Changes()


def test_how_a_condition_is_written_does_not_matter() -> None:
    old, new = (decision("d", binary(1, "<", 2, source=text)) for text in ("1<2", "1 < 2"))
    assert compared((old,), (new,)) == Changes()


def test_the_order_of_inputs_and_upstream_tasks_does_not_matter() -> None:
    old = shell("c", after="a b", inputs={"x": 1, "y": 2})
    new = shell("c", after="b a", inputs={"y": 2, "x": 1})
    assert compared((A, shell("b"), old), (A, shell("b"), new)) == Changes()


@pytest.mark.parametrize(
    ("new", "line"),
    [
        (shell("a", "false"), "its implementation changed"),
        (task("a"), "its implementation changed"),
        (shell("a", inputs={"x": 1}), "its inputs changed"),
        (shell("a", outputs="int"), "its outputs changed"),
        (shell("a", require=[require(binary(1, "<", 2))]), "its requirements changed"),
        (shell("a", rule="all_done"), "its trigger rule changed"),
        (shell("a", is_finally=True), "it was moved into or out of `finally`"),
        (options(A, env={"location": "x"}), "its option `env` changed"),
        (options(A, working_dir="x", image="y"), "its option `image` changed, its option `working_dir` changed"),
    ],
)
def test_what_changes_what_a_task_computes(new: Task, line: str) -> None:
    found = compared((A, B, C, shell("x")), (new, B, C, shell("x")))
    assert found == Changes((f"task `a`: {line}",), frozenset("a"), frozenset("abc"))


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), ({"location": 1}, {"location": 2})])
def test_values_of_the_user_are_compared_with_their_types(old: Any, new: Any) -> None:
    found = compared((shell("a", inputs={"x": old}),), (shell("a", inputs={"x": new}),))
    assert found.lines == ("task `a`: its inputs changed",)


def test_tasks_come_and_go() -> None:
    found = compared((A, shell("old"), shell("join", after="a old")), (A, shell("new"), shell("join", after="a new")))
    assert found.lines == (
        "task `new` is new",
        "task `join`: what is upstream of it changed",
        "task `old` is gone",
    )
    assert found.rerun == {"new", "join"}


def test_the_list_of_a_map() -> None:
    def mapped(items: list[int]) -> Program:
        regions = [
            MapRegion(name="m", variable="x", items=literal(items), item_type=INT, location=HERE),
            MapRegion(name="n", variable="y", items=literal([1]), item_type=INT, location=HERE, parent="m"),
        ]
        tasks = [A.model_copy(update={"map": "n"}), shell("b")]
        return program(pipeline(*tasks, maps=tuple(regions)))

    found = changes(mapped([1]), mapped([1, 2]), "p")
    assert (found.lines, found.rerun) == (("the list of the map `m` changed",), {"a"})
    assert changes(mapped([1]), mapped([1]), "p") == Changes()


def test_parameters() -> None:
    old = program(pipeline(parameters=(parameter("gone"), parameter("x"), parameter("y"))))
    new = program(pipeline(parameters=(parameter("x", "str"), parameter("y"), parameter("new"))))
    assert changes(old, new, "p", {"y"}).lines == (
        "parameter `new` is new",
        "parameter `gone` is gone",
        "parameter `x` was int and is str",
        "parameter `y` has another value",
    )


def test_what_reads_a_parameter_that_has_another_value() -> None:
    tasks = (
        shell("reads", inputs={"x": parameter_value("x")}),
        task("line", implementation=CommandLine(arguments=(expression("ls"), parameter_value("x")))),
        shell("requires", require=[require(binary(parameter_value("x"), "<", 2))]),
        shell("other", inputs={"x": parameter_value("y")}),
        shell("behind", after="reads"),
    )
    found = compared(tasks, tasks, parameters={"x"})
    assert found.changed == {"reads", "line", "requires"}
    assert found.rerun == {"reads", "line", "requires", "behind"}


@pytest.mark.parametrize(
    ("outer", "inner", "changed", "rerun"),
    [
        ([A, call("c", "clean", after="a"), shell("d", after="c")], [shell("s"), shell("t", after="s")], "", ""),
        (
            [A, call("c", "clean", after="a"), shell("d", after="c")],
            [shell("s"), shell("t", "false", after="s")],
            "c c/t",
            "c c/t d",
        ),
        (
            [shell("a", "false"), call("c", "clean", after="a"), shell("d", after="c")],
            [shell("s"), shell("t", after="s")],
            "a",
            "a c c/s c/t d",
        ),
        (
            [A, call("c", "other", after="a"), shell("d", after="c")],
            [shell("s"), shell("t", after="s")],
            "c",
            "c c/u d",
        ),
    ],
)
def test_pipelines_run_as_tasks(outer: list[Task], inner: list[Task], changed: str, rerun: str) -> None:
    other = pipeline(shell("u"))
    before = [A, call("c", "clean", after="a"), shell("d", after="c")]
    old = program(pipeline(*before), clean=pipeline(shell("s"), shell("t", after="s")), other=other)
    new = program(pipeline(*outer), clean=pipeline(*inner), other=other)
    found = changes(old, new, "p")
    if "other" not in str(outer):
        assert found.changed == set(changed.split())
    assert found.rerun >= set(rerun.split())
    assert found.rerun <= {*rerun.split(), "c/u"}


def test_what_a_pipeline_returns() -> None:
    old, new = (
        program(pipeline(call("c", "clean"), shell("d", after="c")), clean=pipeline(shell("s"), returns=literal(value)))
        for value in (1, 2)
    )
    found = changes(old, new, "p")
    assert found.lines == ("what the pipeline of task `c` returns changed",)
    assert found.rerun == {"c", "d"}


def test_a_pipeline_that_was_not_there() -> None:
    found = changes(Program(source="p.pipe", digest=""), program(pipeline(A, call("c", "x")), x=pipeline(B)), "p")
    assert (found.lines, found.rerun) == (("the pipeline `p` is new",), {"a", "c", "c/b"})


# --- what is taken over --------------------------------------------------------------------------


def recorded(*entries: Entry) -> RunRecord:
    record = RunRecord("r", "p", "p.pipe", "", {"x": 1, "old": 2}, {}, AT)
    for entry in entries:
        record.apply(entry)
    return record


def test_successes_are_taken_over_with_their_inputs() -> None:
    record = recorded(
        *attempt("a", 1, "failed"),
        *attempt("a", 2, inputs={"x": 1}, arguments=["ls"], outputs={"n": 1}),
        *attempt("b", 1, "failed"),
        *attempt("gone"),
        ended("failed"),
    )
    found = restored_tasks(record, program(pipeline(A, B, C)), "p", Changes())
    assert found == {
        "a": Restored(2, {"x": 1}, outputs={"n": 1}, arguments=("ls",)),
        "b": Restored(1),
    }


def test_what_changed_is_not_taken_over() -> None:
    record = recorded(*attempt("a"), *attempt("b"), *attempt("c"), ended())
    found = restored_tasks(record, program(pipeline(A, B, C)), "p", Changes(rerun=frozenset("bc")))
    assert found == {"a": Restored(1, outputs={}), "b": Restored(1), "c": Restored(1)}


def test_instances_are_taken_over_one_by_one() -> None:
    shape = program(
        pipeline(A, shell('t["x/y"]'), shell("t[2]"), call("c", "clean")),
        clean=pipeline(shell("s"), call("deep", "clean2")),
        clean2=pipeline(shell("u")),
    )
    instances = ["a[0]", "a[2][1]", 't["x/y"]', "t[2]", "t[2][1]", "c/s", "c@2/s", "c[1]@2/deep[0]/u[3]"]
    record = recorded(
        Entry("mapped", AT, "a", data={"count": 3}),
        state("c", "running", 2),
        *(entry for instance in instances for entry in attempt(instance)),
        *attempt("c/nothing"),
    )
    found = restored_tasks(record, shape, "p", Changes(rerun=frozenset({"c/s"})))
    assert {instance for instance, one in found.items() if one.outputs is not None} == {
        "a[0]",
        "a[2][1]",
        't["x/y"]',
        "t[2]",
        "t[2][1]",
        "c[1]@2/deep[0]/u[3]",
    }
    assert found["c"] == Restored(2)
    assert "a" not in found
    assert "c/nothing" not in found


def test_decisions_are_made_again() -> None:
    record = recorded(state("d", "success", outputs={"output": True}), *attempt("a"))
    found = restored_tasks(record, program(pipeline(decision("d", True), A)), "p", Changes())
    assert found == {"d": Restored(1), "a": Restored(1, outputs={})}


FINAL = shell("f", is_finally=True)
DONE = [*attempt("a"), *attempt("b"), *attempt("f")]


@pytest.mark.parametrize(
    ("entries", "rerun", "taken_over"),
    [
        ([*DONE, ended()], "", True),
        ([*DONE], "", True),
        ([*attempt("a"), state("b", "skipped", 0), *attempt("f"), ended()], "", True),
        ([*attempt("a"), state("b", "skipped", 0), *attempt("f"), ended("failed", interrupted=True)], "", False),
        ([*attempt("a"), *attempt("b", 1, "failed"), *attempt("f"), ended("failed")], "", False),
        ([*attempt("a"), state("b", "upstream_failed", 0), *attempt("f"), ended("failed")], "", False),
        ([*attempt("a"), *attempt("f")], "", False),
        ([*DONE, ended()], "b", False),
        ([*DONE, ended()], "f", False),
        ([Entry("mapped", AT, "a", data={"count": 2}), *attempt("a[0]"), *attempt("b"), *attempt("f")], "", False),
        ([*DONE, Entry("mapped", AT, "a", data={"count": 1}), *attempt("a[0]")], "", True),
    ],
)
def test_finally_is_taken_over_where_nothing_else_is_left(entries: list[Entry], rerun: str, taken_over: bool) -> None:
    found = restored_tasks(
        recorded(*entries), program(pipeline(A, B, FINAL)), "p", Changes(rerun=frozenset(rerun.split()))
    )
    assert (found["f"].outputs is not None) is taken_over


def test_finally_of_a_pipeline_that_is_a_task_looks_at_its_own_tasks() -> None:
    shape = program(pipeline(call("c", "clean"), A), clean=pipeline(B, FINAL))
    record = recorded(*attempt("c/b"), *attempt("c/f"), *attempt("c@2/f"), *attempt("a", 1, "failed"))
    found = restored_tasks(record, shape, "p", Changes())
    assert found["c/f"].outputs == {}
    assert found["c@2/f"].outputs is None


def test_parameters_are_kept_unless_given_anew() -> None:
    shape = pipeline(parameters=(parameter("x"), parameter("y"), parameter("z")))
    record = recorded()
    record.parameters = {"x": 1, "y": 2, "gone": 3}
    assert kept_parameters(record, shape, {}) == ({"x": 1, "y": 2}, frozenset())
    assert kept_parameters(record, shape, {"y": 2, "x": 5, "z": 0}) == ({"x": 5, "y": 2, "z": 0}, {"x"})

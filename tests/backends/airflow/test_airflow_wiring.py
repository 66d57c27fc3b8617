"""Edges: which there are, which are drawn by values, and how they are written down."""

from __future__ import annotations

import pytest
from pipec.backends.airflow.wiring import all_edges

from pipec.ir.model import Group, Pipeline, ShellScript, Task
from tests.backends.airflow.compiling import dag_of
from tests.support.ir_builder import HERE, output, pipeline, task


def bash(id: str, after: str = "", **options: object) -> Task:
    return task(id, after=after, implementation=ShellScript(text="true"), **options)  # type: ignore[arg-type]


def edges_written(*tasks: Task) -> list[str]:
    """The lines of the DAG below the tasks."""
    lines = dag_of(pipeline(*tasks)).partition("with DAG(")[2].split("\n# Copied")[0].splitlines()
    return [line.strip() for line in lines if ">>" in line]


@pytest.mark.parametrize(
    ("tasks", "lines"),
    [
        ([bash("a"), bash("b")], []),
        ([bash("a"), bash("b", "a"), bash("c", "b")], ["a >> b >> c"]),
        ([bash("a"), bash("b", "a"), bash("c", "a")], ["a >> [b, c]"]),
        ([bash("a"), bash("b"), bash("c", "a b")], ["[a, b] >> c"]),
        ([bash("a"), bash("b", "a"), bash("c", "a"), bash("d", "b c")], ["a >> [b, c] >> d"]),
        ([bash("a"), bash("b"), bash("c", "a b"), bash("d", "a b")], ["[a, b] >> c", "[a, b] >> d"]),
        ([bash("c", "b"), bash("b", "a"), bash("a")], ["a >> b >> c"]),
        ([task("a", outputs="int"), task("b", inputs={"x": output("a")})], []),
        ([task("a", outputs="int"), task("b", inputs={"x": output("a")}), bash("c", "b")], ["b_task >> c"]),
        # The way over b says all that the edge from a to c would.
        ([task("a", outputs="int"), task("b", inputs={"x": output("a")}), bash("c", "a b")], ["b_task >> c"]),
        ([bash("a"), bash("b", "a"), task("c", after="a b", rule="all_done")], ["a >> b", "[a, b] >> c_task"]),
    ],
)
def test_lines(tasks: list[Task], lines: list[str]) -> None:
    assert edges_written(*tasks) == lines


def test_long_lines_are_broken() -> None:
    names = [f"a_task_with_a_long_name_{number}" for number in range(6)]
    text = dag_of(pipeline(bash("first"), *(bash(name, "first") for name in names), bash("last", " ".join(names))))
    listed = "".join(f"        {name},\n" for name in names)
    assert f"    first >> [\n{listed}    ]\n    [\n{listed}    ] >> last\n" in text


@pytest.mark.parametrize(
    ("tasks", "awaited"),
    [
        ([task("a")], ["a"]),
        ([task("a"), task("b", after="a"), task("c", after="b")], ["c"]),
        ([task("a"), task("b", after="a", rule="always")], ["a", "b"]),
        # c is upstream_failed as soon as one of the two fails, while the other one still runs.
        ([task("a"), task("b"), task("c", after="a b")], ["a", "b", "c"]),
        ([task("a"), task("b"), task("c", after="a b", rule="all_done")], ["c"]),
    ],
)
def test_finally_waits_for_all_work(tasks: list[Task], awaited: list[str]) -> None:
    made = pipeline(*tasks, task("first", is_finally=True), task("second", after="first", is_finally=True))
    assert all_edges(made, {})["first"] == awaited
    assert all_edges(made, {})["second"] == ["first"]


def test_groups_are_opened_again_where_values_ask_for_it() -> None:
    def within(made: Task, group: str) -> Task:
        return made.model_copy(update={"group": group})

    made: Pipeline = pipeline(
        within(task("a", outputs="int"), "g"),
        task("b", inputs={"x": output("a")}, outputs="int"),
        within(task("c", inputs={"x": output("b")}), "inner"),
        groups=(
            Group(name="g", doc="The group.", location=HERE),
            Group(name="inner", parent="g", location=HERE),
            Group(name="empty", location=HERE),
        ),
    )
    wiring = """
    with TaskGroup("g", tooltip="The group.", prefix_group_id=False) as g_group:
        a_task = a()
    b_task = b(a_task)
    with g_group:
        with TaskGroup("inner", prefix_group_id=False):
            c(b_task)
"""
    assert wiring in dag_of(made)

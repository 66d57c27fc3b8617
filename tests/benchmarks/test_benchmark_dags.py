"""The benchmarks say what they mean: their DAGs, the forms made of them, and the tables."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pipec.api import load
from tests.benchmarks import run_scale
from tests.benchmarks.dags import Dag, cases, read
from tests.benchmarks.pipes import source
from tests.benchmarks.processes import Cost, FailedError, medians, run
from tests.benchmarks.run_overhead import Measured, figures, table
from tests.benchmarks.runner import ALL, PIPEC, Taken
from tests.benchmarks.runners.metaflow_flow import flow
from tests.benchmarks.targets import Figures, target_rows

DIAMOND = Dag(
    "sleeps",
    "python",
    2,
    {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]},
    {"a": 1, "b": 2, "c": 3, "d": 1},
)


def test_the_bound_is_the_longest_path_or_the_work_of_a_slot() -> None:
    assert DIAMOND.bound == 5
    assert Dag("sleeps", "python", 2, {"a": [], "b": [], "c": []}, {"a": 2, "b": 2, "c": 3}).bound == 3.5
    assert Dag("sleeps", "python", 1, DIAMOND.upstream, DIAMOND.seconds).bound == 7


def test_a_dag_is_read_as_it_was_written(tmp_path: Path) -> None:
    for dag in cases(5):
        dag.write(tmp_path / "dag.json")
        assert read(tmp_path / "dag.json") == dag


@pytest.mark.parametrize("dag", cases(5), ids=lambda dag: dag.name)
def test_pipec_runs_the_same_dag(dag: Dag) -> None:
    loaded = load("benchmark.pipe", text=source(dag))
    assert loaded.program is not None, loaded.diagnostics.sorted()
    assert {task.id: list(task.upstream) for task in loaded.pipeline().tasks} == dag.upstream


@pytest.mark.parametrize("kind", run_scale.KINDS)
def test_the_pipelines_of_scale_have_no_errors(kind: str) -> None:
    make, _ = run_scale.KINDS[kind]
    assert load("benchmark.pipe", text=make(30)).program is not None


def test_the_largest_value_fills_the_limit() -> None:
    steps: dict[str, object] = {}
    exec(run_scale.STEPS, steps)
    text = steps["text"]
    assert callable(text)
    assert len('{"output": ""}') + len(text()) == 48 * 1024


def test_metaflow_flows_are_python() -> None:
    flows = {dag.name: flow(dag) for dag in cases(3)}
    assert flows.pop("sleeps") is None
    steps = {}
    for name, text in flows.items():
        assert text is not None
        (made,) = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
        steps[name] = [step.name for step in made.body if isinstance(step, ast.FunctionDef)]
    assert steps["chain"] == ["start", "t0", "t1", "t2", "end"]
    assert steps["parallel"] == ["start", "work", "join", "end"]


def test_every_runner_has_a_row() -> None:
    assert {runner.peer for runner in ALL} == {None, "airflow", "dagster", "kfp", "luigi", "metaflow", "prefect"}


def taken(inside: float | None, wall: float) -> Taken:
    return Taken(inside, Cost(wall, wall, 10.0))


def test_tables() -> None:
    chain, sleeps = Dag("chain", "python", 2, {"a": [], "b": ["a"], "c": ["b"]}, {}), DIAMOND
    one = Dag("one python", "python", 2, {"a": []}, {})
    measured = Measured(
        PIPEC, {"one python": taken(0.5, 1), "chain": taken(0.7, 2), "sleeps": taken(5.5, 6), "one shell": "failed"}
    )
    rows = [figures(measured, [one, chain, sleeps]), Figures("other", reasons={"chain": "not installed"})]
    assert table(chain, rows).splitlines()[2:] == [
        "| runner | ms a task | x bare | whole process s |",
        "| --- | --- | --- | --- |",
        "| **pipec run** | 100.00 | - | 2.00 |",
        "| other | not installed |  |  |",
    ]
    assert table(sleeps, rows[:1]).splitlines()[-1] == "| **pipec run** | 5.500 | 1.10 | 6.00 |"


def test_targets() -> None:
    ours = Figures("own", task={"shell": 0.003, "parallel": 0.001}, wall={"parallel": 0.6}, stretch={"sleeps": 1.06})
    threads, processes = Figures("threads", task={"shell": 0.001}), Figures("pool", task={"parallel": 0.0002})
    others = [Figures("slow", task={"shell": 0.009, "parallel": 0.002}), Figures("absent", reasons={"shell": "failed"})]
    text = target_rows([ours, threads, processes, *others], own="own", threads="threads", processes="pool")
    assert text.splitlines()[4:] == [
        "| a shell task, at most 2 x the bare loop | 3.0 | no |",
        "| a python task, at most 5 x a bare process pool | 5.0 | yes |",
        "| the whole process of many python tasks, s, at most 0.7 | 0.60 | yes |",
        "| makespan / bound, at most 1.05 | 1.06 | no |",
        "| below slow, a task | 2.0 x at least | yes |",
    ]


def test_a_process_is_measured(tmp_path: Path) -> None:
    finished = run(["sh", "-c", 'pwd; echo "$SAID"; echo no >&2'], folder=tmp_path, environment={"SAID": "yes"})
    assert finished.output == f"{tmp_path.resolve()}\nyes\n"
    assert finished.cost.wall > 0
    assert finished.cost.peak > 0


@pytest.mark.parametrize(("command", "code"), [(["sh", "-c", "echo why >&2; exit 3"], 3), (["no-such-program"], 127)])
def test_a_process_that_fails(command: list[str], code: int) -> None:
    with pytest.raises(FailedError, match=f"exit {code}: "):
        run(command)


def test_medians() -> None:
    assert medians([Cost(1, 30, 5), Cost(2, 10, 7), Cost(3, 20, 6)]) == (2, 20, 6)

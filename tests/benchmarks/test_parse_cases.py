"""The files written by hand have the tasks of the generated ones, and are as good."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.parse_airflow import compare, write_pair
from tests.benchmarks.parse_cases import CASES, texts
from tests.support.airflow import AirflowHome

ADDED = "finally-verdict"
"""The one task that a person would not write: it makes a failed clean-up fail the run."""


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("tasks", [1, 2, 12, 45])
def test_both_files_are_python(kind: str, tasks: int, tmp_path: Path) -> None:
    pair = write_pair(tmp_path, kind, tasks, seed=1)
    for file in (pair.generated, pair.by_hand):
        ast.parse(file.read_text("utf-8"))


@pytest.mark.parametrize("kind", CASES)
def test_another_seed_is_another_graph(kind: str) -> None:
    assert texts(kind, 45, 1) == texts(kind, 45, 1)
    assert texts(kind, 45, 1) != texts(kind, 45, 2)


def test_both_are_loaded_equally_often(tmp_path: Path) -> None:
    loads: list[Path] = []
    pair = write_pair(tmp_path, "shell", 2, seed=1)
    compare(pair, loads.append, 3, is_changed=True)
    first, second = pair.generated, pair.by_hand
    assert loads.count(first) == loads.count(second) == 4
    assert loads[2:4] == loads[4:6][::-1] == loads[6:8]


def described(dag: Any) -> dict[str, tuple[str, int, str, bool, str | None]]:
    """By task: its operator, attempts, trigger rule, whether it is a teardown, and its group."""
    return {
        task.task_id: (
            task.task_type,
            task.retries,
            str(task.trigger_rule),
            task.is_teardown,
            task.task_group.group_id if task.task_group else None,
        )
        for task in dag.tasks
        if task.task_id != ADDED
    }


def edges(dag: Any) -> set[tuple[str, str]]:
    return {(above, task.task_id) for task in dag.tasks for above in task.upstream_task_ids if task.task_id != ADDED}


@pytest.mark.engine
@pytest.mark.parametrize("kind", CASES)
def test_both_files_are_the_same_dag(kind: str, tmp_path: Path, airflow: AirflowHome) -> None:
    pair = write_pair(tmp_path, kind, 45, seed=1)
    generated, by_hand = (
        next(iter(airflow.load(file.read_text("utf-8")).values())) for file in (pair.generated, pair.by_hand)
    )
    assert described(generated) == described(by_hand)
    assert edges(generated) == edges(by_hand)

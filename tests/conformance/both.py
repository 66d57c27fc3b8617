"""Runs one pipeline here and in a real Airflow, and holds that both did the same."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pipec
from pipec.api import Loaded
from pipec.ir.model import Decision, Pipeline, Task
from tests.support.airflow import AirflowHome, AirflowRun


def run_both(
    loaded: Loaded,
    name: str,
    files: Mapping[str, str] | Path,
    airflow: AirflowHome,
    store: Path,
    parameters: Mapping[str, Any],
    date: datetime | None = None,
) -> tuple[Any, AirflowRun]:
    """The result of `pipec run` and of Airflow's `dag.test()`. `files` stand beside the DAG file."""
    assert loaded.program is not None
    pipeline = loaded.program.pipelines[name]
    (compiled,) = pipec.compile(loaded, "airflow", pipeline=name)
    local = pipec.run(loaded, pipeline=name, parameters=parameters, date=date, store_folder=store)
    remote = airflow.run(compiled.text, files, parameters, **({} if date is None else {"logical_date": date}))
    assert remote.states == airflow_states(pipeline, local), compiled.text
    assert remote.state == local.state
    assert airflow_attempts(pipeline, local, remote) == local_attempts(pipeline, local)
    assert airflow_values(pipeline, remote) == local_values(pipeline, local)
    return local, remote


def airflow_states(pipeline: Pipeline, local: Any) -> dict[str, str]:
    """The states of a local run under Airflow's task ids."""
    return {airflow_id: local.tasks[id].state for id, airflow_id in _ids(pipeline).items()}


def local_attempts(pipeline: Pipeline, local: Any) -> dict[str, int]:
    """How often each task with code of its own was tried, of those that ran."""
    return {task.id: local.tasks[task.id].attempts for task in _with_code(pipeline, local)}


def airflow_attempts(pipeline: Pipeline, local: Any, remote: AirflowRun) -> dict[str, int]:
    """The same of Airflow."""
    ids = _ids(pipeline)
    return {task.id: remote.attempts[ids[task.id]] for task in _with_code(pipeline, local)}


def _with_code(pipeline: Pipeline, local: Any) -> list[Task]:
    ran = [task for task in pipeline.tasks if local.tasks[task.id].state in ("success", "failed")]
    return [task for task in ran if task.implementation.kind not in ("decision", "gate")]


def local_values(pipeline: Pipeline, local: Any) -> dict[str, Any]:
    """The outputs of the tasks that succeeded, by task."""
    return {task.id: dict(local.tasks[task.id].outputs or {}) for task in _with_outputs(pipeline, local.tasks)}


def airflow_values(pipeline: Pipeline, remote: AirflowRun) -> dict[str, Any]:
    """The same from the XComs: a single output is the value itself, several are a dict."""
    ids = _ids(pipeline)
    found: dict[str, Any] = {}
    for task in pipeline.tasks:
        if not _has_outputs(task) or remote.states[ids[task.id]] != "success":
            continue
        value = remote.values.get(ids[task.id])
        found[task.id] = {task.outputs[0].name: value} if task.single_output else value
    return found


def _with_outputs(pipeline: Pipeline, results: Mapping[str, Any]) -> list[Task]:
    return [task for task in pipeline.tasks if _has_outputs(task) and results[task.id].state == "success"]


def _has_outputs(task: Task) -> bool:
    return bool(task.outputs) and not isinstance(task.implementation, Decision)


def _ids(pipeline: Pipeline) -> dict[str, str]:
    names = importlib.import_module("pipec.backends.airflow.names")
    ids: dict[str, str] = names.airflow_ids(pipeline.tasks)
    return ids

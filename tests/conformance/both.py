"""Runs one pipeline here and in a real Airflow, and holds that both did the same."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pipec
from pipec.api import Loaded
from pipec.ir.model import PipelineCall, Task
from tests.support.airflow import AirflowHome, AirflowRun
from tests.support.airflow2 import Airflow2Home

ENDS_UNRUN = ("skipped", "upstream_failed")
"""States of tasks that never ran: Airflow may know so before it knows how many items a map has."""

WITHOUT_CODE = ("decision", "gate", "pipeline")
"""Kinds of tasks whose attempts are no attempts on Airflow."""


def run_both(
    loaded: Loaded,
    name: str,
    files: Mapping[str, str] | Path,
    airflow: AirflowHome | Airflow2Home,
    store: Path,
    parameters: Mapping[str, Any],
    date: datetime | None = None,
) -> tuple[Any, AirflowRun]:
    """The result of `pipec run` and of Airflow's `dag.test()`. `files` stand beside the DAG file."""
    text = dag_file(loaded, name, airflow.version)
    local = pipec.run(loaded, pipeline=name, parameters=parameters, date=date, store_folder=store)
    remote = airflow.run(text, files, parameters, **({} if date is None else {"logical_date": date}))
    differences = list(differing(loaded, name, local, remote))
    assert not differences, "\n".join([*differences, remote.log[-4000:], text])
    return local, remote


def dag_file(loaded: Loaded, name: str, version: str | None = None) -> str:
    """The text of the DAG file of a pipeline, for a version of Airflow or for the default one."""
    files = pipec.compile(loaded, "airflow", pipeline=name, target_version=version)
    assert files, [diagnostic.message for diagnostic in loaded.diagnostics.sorted()]
    return next(file.text for file in files if file.path.endswith("_dag.py"))


def differing(loaded: Loaded, name: str, local: Any, remote: AirflowRun) -> Iterator[str]:
    """What an Airflow run did otherwise than a run here: the verdict, states, attempts, and outputs of successes."""
    if remote.state != local.state:
        yield f"run: {local.state} here, {remote.state} on Airflow"
    here = dict(instances_here(loaded, name, local))
    there = states_there(here, remote)
    parts = {airflow_id for id, airflow_id in airflow_names(loaded, name)[0].items() if "/" in id}
    unrun = {id: state for id, state in there.items() if state in ENDS_UNRUN and id.partition("[")[0] in parts}
    mine = collapsed(unrun | {id: result.state for id, (_, result) in here.items()})
    theirs = collapsed(there)
    for id in sorted({*mine, *theirs}):
        if mine.get(id) != theirs.get(id):
            yield f"{id}: {mine.get(id)} here, {theirs.get(id)} on Airflow"
    for id, (task, result) in here.items():
        ran = result.state in ("success", "failed") and task.implementation.kind not in WITHOUT_CODE
        if ran and result.attempts != remote.attempts.get(id):
            yield f"{id}: {result.attempts} attempts here, {remote.attempts.get(id)} on Airflow"
        if result.state == "success" and task.outputs and task.implementation.kind != "decision":
            returned = remote.values.get(id)
            value = {task.outputs[0].name: returned} if task.single_output else returned
            if value != dict(result.outputs):
                yield f"{id}: {dict(result.outputs)!r} here, {value!r} on Airflow"


def states_there(here: Mapping[str, tuple[Task, Any]], remote: AirflowRun) -> dict[str, str]:
    """The states on Airflow of the tasks that there are here; a pipeline that failed is upstream_failed there."""
    known = {id.partition("[")[0] for id in here}
    states = {id: state for id, state in remote.states.items() if id.partition("[")[0] in known}
    for id, (task, result) in here.items():
        is_call = isinstance(task.implementation, PipelineCall)
        if is_call and (result.state, states.get(id)) == ("failed", "upstream_failed"):
            states[id] = "failed"
    return states


def instances_here(loaded: Loaded, name: str, local: Any) -> Iterator[tuple[str, tuple[Task, Any]]]:
    """Every instance of every task of a local run, by what it is called on Airflow."""
    ids, tasks = airflow_names(loaded, name)
    for id, result in local.tasks.items():
        task, indices = without_indices(id, tasks)
        if result.instances is None:
            yield ids[task] + indices, (tasks[task], result)
        for number, instance in enumerate(result.instances or ()):
            yield f"{ids[task]}{indices}[{number}]", (tasks[task], instance)


def without_indices(id: str, tasks: Collection[str]) -> tuple[str, str]:
    """The task of an id, and which instance it is: of `cleaned[2]/scrub` these are `cleaned/scrub` and `[2]`."""
    names = importlib.import_module("pipec.backends.local.history.instances")
    task, indices = "", ""
    for segment in names.segments(id):
        prefix = f"{task}/" if task else ""
        read = names.read_segment(segment, {one.removeprefix(prefix) for one in tasks if one.startswith(prefix)})
        task = prefix + read.task
        indices += "".join(f"[{index}]" for index in read.indices)
    return task, indices


def airflow_names(loaded: Loaded, name: str) -> tuple[dict[str, str], dict[str, Task]]:
    """By the id of each task, also of those in pipelines that are run as tasks: its id on Airflow, and the task."""
    assert loaded.program is not None
    names = importlib.import_module("pipec.backends.airflow.names")
    prepare = importlib.import_module("pipec.backends.airflow.prepare")
    ids: dict[str, str] = names.airflow_ids(prepare.prepared(loaded.program, name).pipeline.tasks)
    tasks: dict[str, Task] = {}

    def add(key: str, prefix: str) -> None:
        assert loaded.program is not None
        for task in loaded.program.pipelines[key].tasks:
            tasks[prefix + task.id] = task
            if isinstance(task.implementation, PipelineCall):
                add(task.implementation.pipeline, f"{prefix}{task.id}/")

    add(name, "")
    return ids, tasks


def collapsed(states: Mapping[str, str]) -> dict[str, str]:
    """The states, those of a map where nothing ran as one."""
    found: dict[str, str] = {}
    for task, ids in itertools.groupby(sorted(states), key=lambda id: id.partition("[")[0]):
        of_task = {id: states[id] for id in ids}
        values = set(of_task.values())
        if len(values) == 1 and values <= set(ENDS_UNRUN):
            found[task] = values.pop()
        else:
            found.update(of_task)
    return found

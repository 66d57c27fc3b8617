"""Runs the specification of a program by the local runner of Kubeflow's SDK, and the program here."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pipec
from pipec.api import Loaded
from pipec.compilation import check_target
from pipec.ir.model import Decision, PipelineCall, Task
from tests.conformance.both import without_indices
from tests.differential.file_cases import FileCase, in_folder, load_program
from tests.differential.file_generator import MAIN, random_program
from tests.support.kubeflow import Kubeflow, KubeflowRun

_TOLERANT = "all_done_min_one_success|all_done|none_skipped|all_failed|all_skipped|one_failed|one_done|always"


def kubeflow_case(seed: int) -> FileCase:
    """The first random case of a seed that Kubeflow can express; rules it has not become `none_failed`.

    In every third one the texts that tasks give are artifacts.
    """
    number = 0
    while True:
        random = Random(f"kubeflow/{seed}/{number}")
        text = re.sub(rf"trigger_rule = ({_TOLERANT})\b", "trigger_rule = none_failed", random_program(random))
        if seed % 3 == 2:
            text = text.replace("-> str =", "-> dataset =").replace("seen: str", "seen: dataset")
        text = text.replace("{\n", '{\n  target kubeflow { image = "registry.example.com/steps:1" }\n', 1)
        loaded = load_program(text)
        if loaded is not None and not check_target(loaded, MAIN, "kubeflow").has_errors:
            items = [random.randint(0, 5) for _ in range(random.randint(0, 3))]
            return FileCase(text, f"kubeflow/{seed}/{number}", {"level": random.randint(0, 5), "list": items})
        number += 1


def compare_case(case: FileCase, kubeflow: Kubeflow) -> list[str]:
    """What the tasks of a random program did otherwise than in `pipec run`."""
    with in_folder(case) as (loaded, folder):
        return compare(loaded, MAIN, kubeflow, case.parameters, folder, folder / "store")


def compare(
    loaded: Loaded, name: str, kubeflow: Kubeflow, parameters: Mapping[str, Any], folder: Path, store: Path
) -> list[str]:
    """What differs between a run here and one of the specification, whose tasks run in `folder`."""
    local = pipec.run(loaded, pipeline=name, parameters=parameters, store_folder=store)
    remote = kubeflow.run(specification(loaded, name), parameters, folder)
    return list(differing(loaded, name, local, remote))


def specification(loaded: Loaded, name: str) -> str:
    """The text of the specification of a pipeline."""
    files = pipec.compile(loaded, "kubeflow", pipeline=name)
    assert files, [diagnostic.message for diagnostic in loaded.diagnostics.sorted()]
    return files[0].text


def differing(loaded: Loaded, name: str, local: Any, remote: KubeflowRun, *, goes_on: bool = False) -> Iterator[str]:
    """The verdict, which tasks ran and failed, and what they gave.

    After a failure a cluster `goes_on` with what has nothing to do with it, and the SDK's own runner may not.
    """
    verdict = {"SUCCESS": "success", "FAILURE": "failed"}[remote.state]
    if verdict != local.state:
        yield f"run: {local.state} here, {verdict} on Kubeflow"
    there = {_place(path): task for path, task in remote.tasks.items()}
    for id, task, result in _instances(loaded, name, local):
        found = there.get(id)
        is_condition = isinstance(task.implementation, Decision) and found is None and result.state == "success"
        if is_condition or isinstance(task.implementation, PipelineCall):
            continue
        is_missed = found is not None and found.outputs.get("arrived") is False  # a wait that is skipped
        state = None if found is None or is_missed else {"SUCCESS": "success", "FAILURE": "failed"}[found.state]
        mine = result.state if result.state in ("success", "failed") else None
        may_be_missing = local.state == "failed" and not goes_on
        if mine != state and not (may_be_missing and state is None):
            yield f"{id}: {result.state} here, {state} on Kubeflow"
        elif mine == "success" and found is not None and task.implementation.kind not in ("decision", "wait"):
            for output, value in result.outputs.items():
                if not _is_same(value, found.outputs.get(output)):
                    yield f"{id}.{output}: {value!r} here, {found.outputs.get(output)!r} on Kubeflow"


def _place(path: str) -> tuple[str, tuple[int, ...]]:
    """The name of a task of Kubeflow, without that of the small DAG around it, and the items it is for."""
    indices = tuple(int(index) for index in re.findall(r"\[(\d+)\]", path))
    return path.rpartition("/")[2].partition("[")[0].removesuffix("-run"), indices


def _instances(loaded: Loaded, name: str, local: Any) -> Iterator[tuple[tuple[str, tuple[int, ...]], Task, Any]]:
    tasks = dict(_tasks(loaded, name, ""))
    names = {id: kubeflow_name(id) for id in tasks}
    for id, result in local.tasks.items():
        task, shown = without_indices(id, tasks)
        indices = tuple(int(index) for index in re.findall(r"\d+", shown))
        if result.instances is None:
            yield (names[task], indices), tasks[task], result
        for number, instance in enumerate(result.instances or ()):
            yield (names[task], (*indices, number)), tasks[task], instance


def _tasks(loaded: Loaded, key: str, prefix: str) -> Iterator[tuple[str, Task]]:
    assert loaded.program is not None
    for task in loaded.program.pipelines[key].tasks:
        yield prefix + task.id, task
        if isinstance(task.implementation, PipelineCall):
            yield from _tasks(loaded, task.implementation.pipeline, f"{prefix}{task.id}/")


def kubeflow_name(id: str) -> str:
    names = importlib.import_module("pipec.backends.kubeflow.names")
    history = importlib.import_module("pipec.backends.local.history.instances")
    return "--".join(names.plain_name(segment) for segment in history.segments(id))


def _is_same(value: Any, given: Any) -> bool:
    if isinstance(given, dict) and "uri" in given and value == given["metadata"]["location"]:
        return True
    if isinstance(given, str) and given != value:
        try:
            return bool(json.loads(given) == value)
        except ValueError:
            return False
    return bool(value == given)

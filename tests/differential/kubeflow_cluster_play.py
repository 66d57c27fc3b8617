"""Plays the specification of a program by the rules of a cluster; the commands of its tasks really run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.kubeflow import KubeflowRun, KubeflowTask
from tests.support.kubeflow_cluster import Outcome, play
from tests.support.kubeflow_cluster_graphs import kept_components

_CONSTANTS = {
    "{{$.pipeline_job_uuid}}": "run-1",
    "{{$.pipeline_job_schedule_time_utc}}": "2026-03-04T05:06:07Z",
    "{{$.pipeline_job_create_time_utc}}": "2026-03-04T05:06:07Z",
}


def play_on_cluster(text: str, parameters: Mapping[str, Any], folder: Path) -> KubeflowRun:
    """What became of the tasks of a specification, which run in `folder`."""
    specification = next(iter(yaml.safe_load_all(text)))
    components = kept_components(specification)
    tasks: dict[str, KubeflowTask] = {}

    def act(path: str, inputs: Mapping[str, Any], attempt: int) -> Outcome:
        name = path.rpartition("/")[2].partition("[")[0].partition("@")[0]
        component = components[f"comp-{name}"]
        container = specification["deploymentSpec"]["executors"][component["executorLabel"]]["container"]
        state, outputs, log = _execute(component, container, inputs, folder)
        tasks[path] = KubeflowTask(
            path, "SUCCESS" if state == "success" else "FAILURE", outputs, None, log, attempt, []
        )
        return ("success", outputs) if state == "success" else ("failed", None)

    played = play(specification, act, parameters)
    log = json.dumps({"states": played.states, "errors": played.errors}, indent=1)
    return KubeflowRun("SUCCESS" if played.verdict == "succeeded" else "FAILURE", played.outputs, tasks, log)


def _execute(
    component: Mapping[str, Any], container: Mapping[str, Any], inputs: Mapping[str, Any], folder: Path
) -> tuple[str, dict[str, Any], str]:
    declared = component.get("inputDefinitions", {})
    with tempfile.TemporaryDirectory() as written:
        outputs = component.get("outputDefinitions", {})
        executor_input = {
            "inputs": {
                "parameterValues": {
                    name: _CONSTANTS.get(inputs[name], inputs[name]) if isinstance(inputs[name], str) else inputs[name]
                    for name in declared.get("parameters", {})
                    if name in inputs
                },
                "artifacts": {
                    name: {"artifacts": [inputs[name]]} for name in declared.get("artifacts", {}) if name in inputs
                },
            },
            "outputs": {
                "artifacts": {
                    name: {"artifacts": [{"name": name, "uri": f"{written}/artifacts/{name}"}]}
                    for name in outputs.get("artifacts", {})
                },
                "outputFile": f"{written}/outputs.json",
            },
        }
        words = [*container.get("command", ()), *container.get("args", ())]
        command = [json.dumps(executor_input) if word == "{{$}}" else word for word in words]
        command[0] = sys.executable if command[0] == "python3" else command[0]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return "failed", {}, done.stderr
        told = Path(written, "outputs.json")
        made = json.loads(told.read_text("utf-8")) if told.exists() else {"parameterValues": {}, "artifacts": {}}
    artifacts = {name: one["artifacts"][0] for name, one in made["artifacts"].items()}
    for name, one in artifacts.items():
        # The launcher takes what lies at the URI into the store of the run, and fails for one that is not in there.
        if not one["uri"].startswith(f"{written}/"):
            return "failed", {}, f'failed to upload output artifact "{name}": URI "{one["uri"]}" is not in the store'
    return "success", {**made["parameterValues"], **artifacts}, done.stderr

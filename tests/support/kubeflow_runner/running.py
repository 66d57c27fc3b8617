"""Runs a pipeline to its end."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import logging
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.support.kubeflow_runner import documents
from tests.support.kubeflow_runner.launching import told
from tests.support.kubeflow_runner.orchestration import Orchestration

Answer = dict[str, Any]

CONSTANTS = {
    "{{$.pipeline_job_name}}": "test-run",
    "{{$.pipeline_job_resource_name}}": "test-run-x7k2p",
    "{{$.pipeline_job_uuid}}": "5f2a1c3e-0000-4000-8000-000000000001",
    "{{$.pipeline_job_create_time_utc}}": "2026-01-02T03:04:05Z",
    "{{$.pipeline_job_schedule_time_utc}}": "2026-01-02T03:04:00Z",
}
"""What placeholders of a run are, in every run."""


def run(pipeline: str, arguments: dict[str, Any], folder: str, root: str, variables: dict[str, str]) -> Answer:
    """Run a file with these arguments, with the outputs of tasks below `root`.

    `folder` is where tasks run and find their modules, `variables` are environment variables that they have besides.
    """
    components: Any = import_module("kfp.components")
    local: Any = import_module("kfp.local")
    orchestration = Orchestration(Path(root), folder, variables, CONSTANTS)
    text, definitions = _with_names_for_conditions(pipeline, orchestration)
    component = components.load_component_from_text(text)
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=root, workspace_root=str(Path(root, "workspace")))
    state, outputs = "SUCCESS", {}
    log = io.StringIO()
    with orchestration.in_place(), _logged(log):
        try:
            outputs = dict(component(**arguments).outputs)
        except RuntimeError as error:
            if "FAILURE" not in str(error):
                raise
            state = "FAILURE"
    if orchestration.faults:
        raise RuntimeError("\n".join(orchestration.faults))
    return {
        "state": state,
        "outputs": told(outputs, definitions),
        "tasks": [dataclasses.asdict(task) for task in orchestration.tasks],
        "log": log.getvalue(),
    }


def _with_names_for_conditions(pipeline: str, orchestration: Orchestration) -> tuple[str, Any]:
    """A file in which names stand for conditions, which the orchestration then knows; and the pipeline's outputs.

    The runner gives a condition to who evaluates it as a text alone, which does not say what its inputs are.
    """
    yaml: Any = import_module("yaml")
    json_format: Any = import_module("google.protobuf.json_format")
    specification: Any = import_module("kfp.pipeline_spec.pipeline_spec_pb2")
    document, platform = documents.read(pipeline)
    parsed = json_format.ParseDict(document, specification.PipelineSpec())
    for part, component in (("root", document["root"]), *document.get("components", {}).items()):
        for name, task in component.get("dag", {}).get("tasks", {}).items():
            policy = task.get("triggerPolicy", {})
            if condition := policy.get("condition"):
                specified = (parsed.root if part == "root" else parsed.components[part]).dag.tasks[name]
                policy["condition"] = f"{part}/{name}"
                of_task = parsed.components[specified.component_ref.name]
                orchestration.conditions[policy["condition"]] = condition, specified, of_task
    text = yaml.dump_all([document, platform] if platform else [document], Dumper=yaml.CSafeDumper)
    return text, parsed.root.output_definitions


@contextlib.contextmanager
def _logged(log: io.StringIO) -> Iterator[None]:
    """What the runner says of the run goes to a text."""
    handler, logger = logging.StreamHandler(log), logging.getLogger()
    level, others = logger.level, logger.handlers[:]
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    with contextlib.redirect_stdout(log):
        try:
            yield
        finally:
            logger.handlers[:] = others
            logger.setLevel(level)

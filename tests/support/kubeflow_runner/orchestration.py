"""Has the SDK's local runner do what a cluster does, where it does not by itself.

The runner finds out what comes after what. It cannot run a command that is no Python function, looks up the inputs of
conditions and loops by how their names are spelled, gives a loop's other inputs the item, evaluates conditions as
Python and lets parts of a pipeline see what they were not given. Those parts of it are replaced while a pipeline runs.
"""

from __future__ import annotations

import contextlib
import copy
import json
import re
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from tests.support.kubeflow_runner import cel
from tests.support.kubeflow_runner.inputs import Arguments, InputError, OmittedError, arguments, parameters
from tests.support.kubeflow_runner.launching import Attempt, launch, told
from tests.support.kubeflow_runner.values import plain

_ITERATION = re.compile(r"(.*)-iteration-([0-9]+)")


@dataclass(slots=True)
class Task:
    """A task that was to run, or a part of a pipeline that could not be given its inputs."""

    path: str
    state: str
    outputs: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    log: str = ""
    attempts: int = 0
    waits: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Orchestration:
    """A run: where tasks run and what is known of it. `faults` are errors that no task can have."""

    root: Path
    folder: str
    variables: dict[str, str]
    constants: dict[str, str]
    tasks: list[Task] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    conditions: dict[str, tuple[str, Any, Any]] = field(default_factory=dict)
    """By what stands in its place: a condition, its task and the component of that."""

    known: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """The runner does it this way in the block."""
        enhanced = _module("orchestrator.enhanced_dag_orchestrator")
        utils = _module("orchestrator.orchestrator_utils").OrchestratorUtils
        specs = _module("orchestrator.task_spec_utils")
        replaced: list[tuple[Any, str, Any]] = [
            (_module("orchestrator.dag_orchestrator"), "run_dag", enhanced.run_enhanced_dag),  # goes on after a failure
            (_module("orchestrator.task_executor"), "execute_single_task", self.execute),
            (enhanced, "execute_task", _around(enhanced.execute_task, self.watch)),
            (enhanced, "_run_parallel_for_task", self.loop),
            (enhanced.ConditionEvaluator, "evaluate_condition", staticmethod(self.holds)),
            (specs, "get_nested_pipeline_resource_name", _nested),
            (specs, "build_nested_dag_arguments", self.nested_arguments),
            (utils, "join_user_inputs_and_defaults", staticmethod(with_defaults)),
            (utils, "get_dag_outputs", staticmethod(outputs)),
            (_module("io"), "IOStore", _own_store(_module("io").IOStore)),
        ]
        with contextlib.ExitStack() as stack:
            for place, name, replacement in replaced:
                stack.enter_context(mock.patch.object(place, name, replacement))
            yield

    def watch(self, execute: Any, **given: Any) -> Any:
        """Execute a task or a part of the pipeline; what a task cannot be blamed for is known at the end."""
        try:
            return execute(**given)
        except OmittedError:
            return {}, _module("status").Status.SUCCESS  # what follows is omitted too, for its own inputs
        except InputError as error:
            self.add(Task(_path(given["pipeline_resource_name"], given["task_name"]), "FAILURE", error=str(error)))
            return {}, _module("status").Status.FAILURE
        except Exception:
            self.faults.append(traceback.format_exc())
            raise

    def execute(self, *, task_name: str, task_spec: Any, pipeline_resource_name: str, **given: Any) -> Any:
        """Execute a task until it succeeds or has no retries left, without the waits between them."""
        status = _module("status").Status
        name = task_spec.component_ref.name
        component = given["components"][name]
        executor = given["executors"][component.executor_label]
        inputs = arguments(task_spec, component, given["io_store"], self.constants)
        task = Task(_path(pipeline_resource_name, task_name), "FAILURE")
        for wait in (*_waits(task_spec.retry_policy), None):
            task.attempts += 1
            attempt = self.attempt(f"{pipeline_resource_name}/{task_name}", name, component, executor, inputs)
            task.error, task.log = attempt.error, task.log + attempt.log
            if attempt.error is None or wait is None:
                break
            task.waits.append(wait)
        task.state = "SUCCESS" if task.error is None else "FAILURE"
        task.outputs = told(attempt.outputs, component.output_definitions)
        self.add(task)
        return attempt.outputs, status[task.state]

    def attempt(self, resource: str, name: str, component: Any, executor: Any, inputs: Arguments) -> Attempt:
        """Start a task once."""
        root = self.root / resource
        if executor.WhichOneof("spec") == "container":
            return launch(executor.container, component, inputs, root, self.folder, self.variables)
        made, status = _module("importer_handler").run_importer(
            pipeline_resource_name=resource,
            component_name=name,
            component_spec=component,
            executor_spec=executor,
            arguments=inputs,
            pipeline_root=str(self.root),
            unique_pipeline_id=self.constants["{{$.pipeline_job_uuid}}"],
        )
        return Attempt(made, None if status.name == "SUCCESS" else "the artifact could not be imported")

    def loop(self, *, task_name: str, task_spec: Any, io_store: Any, parallel_executor: Any, **given: Any) -> bool:
        """Run a loop over the items that its inputs say, each under its name in the store. Whether it failed."""
        component = given["components"][task_spec.component_ref.name]
        items = task_spec.parameter_iterator.items
        try:
            inputs = arguments(task_spec, component, io_store, self.constants)
        except OmittedError:
            return False
        except InputError as error:
            self.add(Task(_path(given["pipeline_resource_name"], task_name), "FAILURE", error=str(error)))
            return True
        values = inputs[items.input_parameter] if items.HasField("input_parameter") else json.loads(items.raw)
        names = [f"{task_name}-iteration-{index}" for index, _ in enumerate(values)]
        for name, value in zip(names, values, strict=True):
            io_store.put_parent_input(name, plain(value))
        found, status = parallel_executor.execute_parallel_tasks(
            tasks=[(name, _iteration(task_spec, name)) for name in names],
            io_store=io_store,
            parallelism_limit=task_spec.iterator_policy.parallelism_limit,
            **given,
        )
        failed: bool = status.name != "SUCCESS"
        io_store.put_task_status(task_name, "FAILED" if failed else "SUCCEEDED")
        of_outputs = component.output_definitions
        for output in (*of_outputs.parameters, *of_outputs.artifacts) if names and not failed else ():
            io_store.put_task_output(task_name, output, [found[name].get(output) for name in names])
        return failed

    def holds(self, condition: str, store: Any) -> bool:
        """Whether a task is to run. One whose inputs cannot be had is: it fails by that."""
        text, task, component = self.conditions[condition]
        try:
            return cel.holds(text, parameters(task, component, store, self.constants))
        except OmittedError:
            return False
        except InputError:
            return True

    def nested_arguments(self, *, task_name: str, task_spec: Any, component_spec: Any, io_store: Any) -> Arguments:
        """What a part of the pipeline is given: what its task says, and nothing of what is around it."""
        return arguments(task_spec, component_spec, io_store, self.constants)

    def add(self, task: Task) -> None:
        """Keep what came of a task: loops run two at once."""
        with self.known:
            self.tasks.append(task)


def with_defaults(dag_arguments: Arguments, dag_inputs_spec: Any) -> Arguments:
    """The inputs of a part of the pipeline; one that has neither a value nor a default is null."""
    values = _module("executor_output_utils")
    found = dict(dag_arguments)
    for name, declared in dag_inputs_spec.parameters.items():
        if name not in found:
            found[name] = (
                values.pb2_value_to_python(declared.default_value) if declared.HasField("default_value") else None
            )
    return found


def outputs(dag_outputs_spec: Any, io_store: Any) -> dict[str, Any]:
    """What a part of the pipeline gives. What no task gave is left out: only who asks for it fails."""
    found: dict[str, Any] = {}
    for name, source in dag_outputs_spec.parameters.items():
        one_of = source.value_from_oneof.parameter_selectors
        for place in one_of or [source.value_from_parameter]:
            with contextlib.suppress(ValueError):
                found.setdefault(name, io_store.get_task_output(place.producer_subtask, place.output_parameter_key))
    for name, source in dag_outputs_spec.artifacts.items():
        for place in source.artifact_selectors:
            with contextlib.suppress(ValueError):
                found.setdefault(name, io_store.get_task_output(place.producer_subtask, place.output_artifact_key))
    return found


def _iteration(loop: Any, item: str) -> Any:
    """The task of one item, which the store has under this name. It does not know the others."""
    task = copy.deepcopy(loop)
    inputs, iterator = task.inputs.parameters, task.parameter_iterator
    if iterator.items.input_parameter in inputs:
        del inputs[iterator.items.input_parameter]
    inputs[iterator.item_input].component_input_parameter = item
    return task


def _module(name: str) -> ModuleType:
    return import_module(f"kfp.local.{name}")


def _around(original: Any, replacement: Any) -> Any:
    return lambda **given: replacement(original, **given)


def _own_store(kind: Any) -> Any:
    """A part of the pipeline has a store of its own, where the runner would look into those around it too."""
    return lambda parent=None: kind()


def _nested(task_name: str, pipeline_resource_name: str) -> str:
    return f"{pipeline_resource_name}/{task_name}"


def _path(resource: str, task: str) -> str:
    """Where a task is: `for-loop-1[0]/train`."""
    _, *parts = [*resource.split("/"), task]
    found = [(part, _ITERATION.fullmatch(part)) for part in parts]
    return "/".join(part if match is None else f"{match[1]}[{match[2]}]" for part, match in found)


def _waits(policy: Any) -> list[float]:
    """The seconds before each retry."""
    factor = policy.backoff_factor or 2.0
    most = _seconds(policy.backoff_max_duration) if policy.HasField("backoff_max_duration") else 3600.0
    return [min(_seconds(policy.backoff_duration) * factor**retry, most) for retry in range(policy.max_retry_count)]


def _seconds(duration: Any) -> float:
    return float(duration.seconds + duration.nanos / 1e9)

"""Plays a PipelineSpec by the rules of a cluster, where they differ from those of `kfp.local`.

    played = play(specification, act, {"n": 3})
    played.states == {"gen": "succeeded", "for-loop-1[0]/work": "failed", …}

The rules are those of the backend of Kubeflow Pipelines 2.17 (its compiler to Argo, drivers and launcher) and of the
DAGs of Argo 4.1, as read in their source:

- A task runs when all its dependencies succeeded, else it is omitted. One whose condition is false is skipped, and what
  depends on it is omitted. A loop whose condition is false succeeds without iterations.
- A DAG fails when a task in it failed, and so does the run. A task fails when its container did so at each attempt, or
  when its driver did: inputs that cannot be found, of the wrong type, conditions that cannot be told.
- An exit task (ALL_UPSTREAM_TASKS_COMPLETED) is a hook of each of its dependencies: it runs after each that succeeded
  or failed in its container, before those that depend on it, and whether it fails counts for nothing. Of several on
  one task the last of the alphabet runs. After loops and importers, and after a failed driver, none does.
- Of components whose containers are equal the first one stands for all: its inputs and outputs are those of each.
- Retries are for containers alone; a policy of a DAG goes to the tasks inside which have none.

After a failure all runs that has nothing to do with it: that Argo ends a DAG early (`failFast`) is looked at when
nothing in it is running, and what can run was started just before (`tests.support.argo_dags` is that in detail).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.kubeflow_cluster_graphs import State, dependencies, is_exit, kept_components, omit
from tests.support.kubeflow_cluster_records import Kind, Record, output
from tests.support.kubeflow_cluster_values import DriverError, carried, holds, items_of, selected, taken, written

Outcome = tuple[Literal["success", "failed"], Mapping[str, Any] | None]
Act = Callable[[str, Mapping[str, Any], int], Outcome]
"""What a container does: given its path, its inputs and the attempt from 1, its end and its outputs by name."""

_KINDS: tuple[Kind, ...] = ("parameters", "artifacts")


@dataclass
class Played:
    """What became of a run.

    `states` has the tasks that came to be considered: `a/b` is the task b inside of a, `a[0]` an iteration of the loop
    a, `a@b` the exit task a after b where it has several dependencies; an exit task that never ran is omitted.
    `attempts` are the containers in the order they ran. `errors` say why drivers failed, and which outputs were not
    written. `parallel` is how many iterations of a loop may run at once.
    """

    states: dict[str, State] = field(default_factory=dict)
    attempts: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    parallel: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    verdict: Literal["succeeded", "failed"] = "succeeded"


def play(
    specification: Mapping[str, Any],
    act: Act,
    parameters: Mapping[str, Any] | None = None,
) -> Played:
    """Run a PipelineSpec with `act` in place of containers.

    Raises ValueError where the server would not take the parameters, or tasks wait for each other.
    """
    run = _Run(specification, act)
    root = specification["root"]
    record = _dag_record("root", None, root)
    record.task_count = None
    record.inputs["parameters"] = _given_to_run(root, parameters or {})
    run.played.verdict = "succeeded" if run.dag(record, root, "", None) else "failed"
    for kind in _KINDS:
        for name in root.get("outputDefinitions", {}).get(kind, {}):
            run.output_of_root(record, name, kind)
    return run.played


def _given_to_run(root: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    declared = root.get("inputDefinitions", {}).get("parameters", {})
    if parameters.keys() - declared.keys():
        raise ValueError(f"unknown parameters: {sorted(parameters.keys() - declared.keys())}")
    values: dict[str, Any] = {}
    for name, declaration in declared.items():
        value = carried(parameters.get(name, declaration.get("defaultValue")))
        if value is None and not declaration.get("isOptional"):
            raise ValueError(f'parameter "{name}" is missing')
        if value is not None and not written(value, declaration["parameterType"]):
            raise ValueError(f'parameter "{name}": {value!r} is no {declaration["parameterType"]}')
        values[name] = value
    return values


def _dag_record(name: str, parent: Record | None, component: Mapping[str, Any]) -> Record:
    dag = component.get("dag", {})
    return Record(name, parent, True, selections=dag.get("outputs", {}), task_count=len(dag.get("tasks", {})))


@dataclass
class _Task:
    """A task that is about to run: `path` is what it is called in what is told of the run."""

    name: str
    path: str
    spec: Mapping[str, Any]
    component: Mapping[str, Any]
    dag: Record
    retry: Mapping[str, Any] | None

    @property
    def condition(self) -> str:
        return str(self.spec.get("triggerPolicy", {}).get("condition", ""))

    @property
    def declared(self) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = self.component.get("inputDefinitions", {}).get("parameters", {})
        return found


class _Run:
    def __init__(self, specification: Mapping[str, Any], act: Act) -> None:
        self.specification = specification
        self.components = kept_components(specification)
        self.act = act
        self.played = Played()

    def dag(self, record: Record, component: Mapping[str, Any], path: str, retry: Mapping[str, Any] | None) -> bool:
        """Run the tasks of a DAG, in waves of those that are ready: whether none failed."""
        specs: Mapping[str, Mapping[str, Any]] = component["dag"]["tasks"]
        tasks = {
            name: _Task(
                name,
                f"{path}{name}",
                spec,
                self.components[spec["componentRef"]["name"]],
                record,
                spec.get("retryPolicy") or retry,
            )
            for name, spec in sorted(specs.items())
        }
        exits = {name: task for name, task in tasks.items() if is_exit(task.spec)}
        hooks = {upstream: task for task in exits.values() for upstream in dependencies(task.spec)}
        states: dict[str, State] = {}
        waiting = [name for name in tasks if name not in exits]
        upstream = {name: dependencies(specs[name]) for name in waiting}
        while waiting:
            wave = [name for name in waiting if all(each in states for each in upstream[name])]
            if not wave:
                raise ValueError(f"tasks that wait for what never runs: {waiting}")
            for name in sorted(wave, key=lambda name: not self._is_skipped(tasks[name])):
                states[name] = self._step(tasks[name], hooks.get(name))
            omit(waiting, states, upstream)
            waiting = [name for name in waiting if name not in states]
        self.played.states |= {tasks[name].path: state for name, state in states.items()}
        self._tell_exits(exits)
        return "failed" not in states.values()

    def _is_skipped(self, task: _Task) -> bool:
        """Whether nothing will run: drivers begin together, and those that skip end before any container does."""
        try:
            inputs, artifacts = self._inputs(task)
            return bool(task.condition) and not holds(task.condition, inputs, artifacts)
        except DriverError:
            return False

    def _step(self, task: _Task, hook: _Task | None) -> State:
        try:
            state = self._ran(task)
        except DriverError as error:
            self.played.errors[task.path] = str(error)
            return "failed"
        has_hooks = "parameterIterator" not in task.spec and "importer" not in self._executor(task)
        if hook is not None and state != "skipped" and has_hooks:
            self._exit(hook, task.name)
        return state

    def _exit(self, task: _Task, upstream: str) -> None:
        path = task.path if len(dependencies(task.spec)) == 1 else f"{task.path}@{upstream}"
        hook = _Task(task.name, path, task.spec, task.component, task.dag, task.retry)
        try:
            self.played.states[path] = self._ran(hook)
        except DriverError as error:
            self.played.errors[path] = str(error)
            self.played.states[path] = "failed"

    def _tell_exits(self, exits: Mapping[str, _Task]) -> None:
        for task in exits.values():
            upstream = dependencies(task.spec)
            paths = [task.path] if len(upstream) == 1 else [f"{task.path}@{each}" for each in upstream]
            for path in paths:
                self.played.states.setdefault(path, "omitted")

    def _ran(self, task: _Task) -> State:
        if "parameterIterator" in task.spec:
            return self._loop(task)
        inputs, artifacts = self._inputs(task)
        return self._one(task, inputs, artifacts, None)

    def _one(
        self, task: _Task, inputs: dict[str, Any], artifacts: dict[str, Any], iteration: tuple[Record, int] | None
    ) -> State:
        """Run a DAG or a container with what it is given, as a task or as an iteration of a loop."""
        triggers = not task.condition or holds(task.condition, inputs, artifacts)
        parent, key = iteration or (task.dag, task.name)
        is_dag = "dag" in task.component
        record = _dag_record(task.name, parent, task.component) if is_dag else Record(task.name, parent, False)
        record.inputs = {"parameters": inputs, "artifacts": artifacts}
        record.iteration_index = iteration[1] if iteration else None
        parent.add(record, key)
        if not triggers:
            record.state = "CANCELED"
            return "skipped"
        if is_dag:
            return "succeeded" if self.dag(record, task.component, f"{task.path}/", task.retry) else "failed"
        if "importer" in self._executor(task):
            return self._imported(task, record)
        return self._container(task, record)

    def _loop(self, task: _Task) -> State:
        """A loop of which the condition is false is one without iterations, and nothing was wrong."""
        inputs, artifacts = self._inputs(task)
        triggers = not task.condition or holds(task.condition, inputs, artifacts)
        iterator = task.spec["parameterIterator"]
        source = iterator["items"].get("inputParameter")
        items: list[Any] = []
        if triggers:
            if source is not None and source not in inputs:
                raise DriverError(f'iterating failed: there is no input "{source}"')
            items = items_of(iterator["items"]["raw"] if source is None else inputs[source])
        record = _dag_record(task.name, task.dag, task.component)
        record.iteration_count = len(items) if triggers else None
        record.state = "RUNNING" if triggers else "CANCELED"
        record.inputs = {"parameters": inputs, "artifacts": artifacts}
        task.dag.add(record, task.name)
        limit = task.spec.get("iteratorPolicy", {}).get("parallelismLimit") or len(items)
        self.played.parallel[task.path] = min(limit, len(items))
        states = [self._iteration(task, record, index, item) for index, item in enumerate(items)]
        return "failed" if "failed" in states else "succeeded"

    def _iteration(self, task: _Task, loop: Record, index: int, item: Any) -> State:
        """One iteration: it is given the item, and the list no longer."""
        iterator = task.spec["parameterIterator"]
        path = f"{task.path}[{index}]"
        inputs = {**loop.inputs["parameters"]}
        inputs.pop(iterator["items"].get("inputParameter"), None)
        inputs[iterator["itemInput"]] = item
        inside = _Task(task.name, path, task.spec, task.component, loop, task.retry)
        try:
            _check_types(inside.declared, inputs, {iterator["items"].get("inputParameter")})
            state = self._one(inside, inputs, dict(loop.inputs["artifacts"]), (loop, index))
        except DriverError as error:
            self.played.errors[path] = str(error)
            state = "failed"
        self.played.states[path] = state
        return state

    def _container(self, task: _Task, record: Record) -> State:
        """The attempts of a container. Defaults are put in by the launcher, so after the condition was looked at."""
        inputs: dict[str, Any] = {
            name: carried(each["defaultValue"]) for name, each in task.declared.items() if "defaultValue" in each
        }
        inputs |= record.inputs["parameters"] | record.inputs["artifacts"]
        for attempt in range(1, 2 + int((task.retry or {}).get("maxRetryCount", 0))):
            self.played.attempts.append(task.path)
            end, outputs = self.act(task.path, inputs, attempt)
            done = end == "success" and self._collect(task, record, outputs or {})
            record.state = "COMPLETE" if done else "FAILED"
            assert record.parent is not None
            record.parent.update()
            if done:
                return "succeeded"
        return "failed"

    def _collect(self, task: _Task, record: Record, outputs: Mapping[str, Any]) -> bool:
        """Keep the outputs of a container: whether each parameter was written, in its type; artifacts always are."""
        definitions = task.component.get("outputDefinitions", {})
        parameters = {name: carried(outputs.get(name)) for name in definitions.get("parameters", {})}
        for name, declaration in definitions.get("parameters", {}).items():
            if not written(parameters[name], declaration["parameterType"]):
                self.played.errors[task.path] = f'output "{name}": {parameters[name]!r} was written'
                return False
        artifacts = {name: outputs.get(name, f"{task.path}/{name}") for name in definitions.get("artifacts", {})}
        record.outputs = {"parameters": parameters, "artifacts": artifacts}
        return True

    def _imported(self, task: _Task, record: Record) -> State:
        uri = self._executor(task)["importer"]["artifactUri"]
        value = uri["constant"] if "constant" in uri else record.inputs["parameters"][uri["runtimeParameter"]]
        for name in task.component.get("outputDefinitions", {}).get("artifacts", {}):
            record.outputs["artifacts"][name] = value
        record.state = "COMPLETE"
        return "succeeded"

    def _executor(self, task: _Task) -> Mapping[str, Any]:
        executors: Mapping[str, Mapping[str, Any]] = self.specification["deploymentSpec"]["executors"]
        return executors.get(task.component.get("executorLabel", ""), {})

    def _inputs(self, task: _Task) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the driver of a task finds for its inputs."""
        given = task.spec.get("inputs", {})
        nulls: set[str | None] = set()
        parameters: dict[str, Any] = {}
        if "dag" in task.component or "parameterIterator" in task.spec:
            for name, declaration in task.declared.items():
                if name not in given.get("parameters", {}) and declaration.get("isOptional"):
                    parameters[name] = carried(declaration.get("defaultValue"))
                    nulls |= {name} if parameters[name] is None else set()
        for name, source in given.get("parameters", {}).items():
            value = self._parameter(task, source)
            if value is None and "componentInputParameter" in source:
                if not task.declared.get(name, {}).get("isOptional"):
                    raise DriverError(f'the input "{name}" is null')
                continue
            selector = source.get("parameterExpressionSelector")
            parameters[name] = value if selector is None else carried(selected(selector, value))
        item = task.spec.get("parameterIterator", {}).get("itemInput")
        _check_types(task.declared, parameters, nulls | {item})
        artifacts = {name: self._artifact(task.dag, source) for name, source in given.get("artifacts", {}).items()}
        return parameters, artifacts

    def _parameter(self, task: _Task, source: Mapping[str, Any]) -> Any:
        match source:
            case {"componentInputParameter": name}:
                if name not in task.dag.inputs["parameters"]:
                    raise DriverError(f'the DAG around has no input "{name}"')
                return task.dag.inputs["parameters"][name]
            case {"taskOutputParameter": {"producerTask": producer, "outputParameterKey": key}}:
                return output(task.dag, producer, key, "parameters")
            case {"runtimeValue": {"constant": constant}}:
                return carried(constant)
            case {"taskFinalStatus": _}:
                upstream = dependencies(task.spec)[0]  # whichever task it names
                if upstream not in task.dag.children:
                    raise DriverError(f'producer task "{upstream}" is not among the tasks')
                return {"state": task.dag.children[upstream].state, "pipelineTaskName": upstream, "error": {}}
        raise DriverError(f"inputs from {source!r} are not known")

    def _artifact(self, dag: Record, source: Mapping[str, Any]) -> Any:
        if "componentInputArtifact" in source:
            name = source["componentInputArtifact"]
            if name not in dag.inputs["artifacts"]:
                raise DriverError(f'the DAG around has no input artifact "{name}"')
            return dag.inputs["artifacts"][name]
        reference = source["taskOutputArtifact"]
        found = output(dag, reference["producerTask"], reference["outputArtifactKey"], "artifacts")
        if found is None:
            raise DriverError(f'there is no artifact "{reference["outputArtifactKey"]}"')
        return found

    def output_of_root(self, root: Record, name: str, kind: Kind) -> None:
        """Look up an output of the run; one that cannot be found is left out."""
        around = Record("run", None, True, children={"root": root})
        try:
            self.played.outputs[name] = output(around, "root", name, kind)
        except DriverError as error:
            self.played.errors[f"output {name}"] = str(error)


def _check_types(declared: Mapping[str, Mapping[str, Any]], values: dict[str, Any], excepted: set[str | None]) -> None:
    """Bring values to their declared types. Raises DriverError where one is of another type, or missing."""
    for name, declaration in declared.items():
        if name in excepted:
            continue
        if name in values:
            values[name] = taken(values[name], declaration["parameterType"], name)
        elif not declaration.get("isOptional"):
            raise DriverError(f'there is no value for the input "{name}"')

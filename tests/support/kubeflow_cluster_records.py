"""What a cluster of Kubeflow remembers of a run, and how it finds the outputs of tasks there.

Each driver writes a record. Outputs are looked up in the records: down through DAGs by the selectors of their outputs,
collected over the iterations of loops. That goes by rules of its own, oddities included, which are kept here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.kubeflow_cluster_values import DriverError

Kind = Literal["parameters", "artifacts"]
_KEYS: Mapping[Kind, str] = {"parameters": "outputParameterKey", "artifacts": "outputArtifactKey"}
_DONE = ("COMPLETE", "CACHED")
_COUNTED = (*_DONE, "CANCELED")


@dataclass
class Record:
    """A container, a DAG, a loop or one iteration of it; `state` is what the status of an exit task is told."""

    name: str
    parent: Record | None
    is_dag: bool
    state: str = "RUNNING"
    selections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The outputs of a DAG, by kind: where each comes from."""
    task_count: int | None = None
    """Of a DAG other than the root."""
    iteration_count: int | None = None
    """Of a loop that began."""
    iteration_index: int | None = None
    """Of an iteration."""
    inputs: dict[Kind, dict[str, Any]] = field(default_factory=lambda: {"parameters": {}, "artifacts": {}})
    outputs: dict[Kind, dict[str, Any]] = field(default_factory=lambda: {"parameters": {}, "artifacts": {}})
    children: dict[str | int, Record] = field(default_factory=dict)
    """By the name of the task; the iterations of a loop by their index."""
    has_twins: bool = False
    """Whether two tasks in this DAG have one name, after which its state is told no more."""
    is_ambiguous: bool = False
    """Whether there are such in this DAG or inside of it, after which nothing can be looked up in it."""

    def add(self, child: Record, key: str | int) -> None:
        """Write the record of a task."""
        if key in self.children:
            self.has_twins = True
            around: Record | None = self
            while around is not None:
                around.is_ambiguous = True
                around = around.parent
        self.children[key] = child

    def update(self) -> None:
        """What the launcher does at the end of each container in this DAG: tell its state, and so upwards.

        A DAG of which a task was omitted never is complete, as the tasks with records are counted.
        """
        expected = self.task_count if self.iteration_count is None else self.iteration_count
        if expected is None or self.has_twins:
            return
        states = [child.state for child in self.children.values()]
        if sum(state in _COUNTED for state in states) == expected:
            self.state = "COMPLETE"
        elif "FAILED" in states:
            self.state = "FAILED"
        else:
            return
        if self.parent is not None:
            self.parent.update()


def output(dag: Record, producer: str, key: str, kind: Kind) -> Any:
    """The output of a task of a DAG, None where that task was skipped. Raises DriverError."""
    if dag.is_ambiguous:
        raise DriverError("two tasks have the same task name")
    current = _child(dag, producer)
    while current.is_dag:
        if current.iteration_count:
            return _collected(current, key, kind)
        subtask, key = _selected(current, key, kind)
        current = _child(current, subtask)  # there is none in a loop without iterations
    return current.outputs[kind].get(key)


def _child(dag: Record, name: str) -> Record:
    if name not in dag.children:
        raise DriverError(f'"{name}" is not among the tasks of "{dag.name}" that ran')
    return dag.children[name]


def _selected(dag: Record, key: str, kind: Kind) -> tuple[str, str]:
    """The task which a DAG has an output from, and what the output is called there."""
    if key not in dag.selections.get(kind, {}):
        raise DriverError(f'"{dag.name}" has no output "{key}"')
    selection = dag.selections[kind][key]
    if "valueFromParameter" in selection:
        choices, is_choice = [selection["valueFromParameter"]], False
    elif "valueFromOneof" in selection:
        choices, is_choice = selection["valueFromOneof"].get("parameterSelectors", []), True
    else:
        choices = selection.get("artifactSelectors", [])
        is_choice = len(choices) > 1
    if not is_choice:
        return choices[0]["producerSubtask"], choices[0][_KEYS[kind]]
    for choice in choices:
        # within an iteration itself the tasks have other names than those that are looked for
        there = dag.children.get(choice["producerSubtask"]) if dag.iteration_index is None else None
        if there is not None and there.state in _DONE:
            return choice["producerSubtask"], choice[_KEYS[kind]]
    raise DriverError(f'processing OneOf: no successful task for the output "{key}" of "{dag.name}"')


def _collected(loop: Record, key: str, kind: Kind) -> list[Any]:
    """The outputs of all iterations, breadth first: loops in loops give one flat list.

    The key that is looked for is kept from one record to the next, as the backend does it.
    """
    values: list[Any] = []
    waiting = deque([loop])
    before, key_before = loop.name, key
    while waiting:
        current = waiting.popleft()
        if current.name == before:
            key = key_before
        before, key_before = current.name, key
        if not current.is_dag:
            if key not in current.outputs[kind]:
                raise DriverError(f'"{current.name}" gave no output "{key}", and a list needs all')
            values.append(current.outputs[kind][key])
            continue
        subtask, key = _selected(current, key, kind)
        if current.iteration_count is not None:
            waiting += [_iteration(current, index) for index in range(current.iteration_count)]
        else:
            waiting.append(_child(current, subtask))
    return values


def _iteration(loop: Record, index: int) -> Record:
    if index not in loop.children:
        raise DriverError(f'iteration {index} of "{loop.name}" has no record')
    return loop.children[index]

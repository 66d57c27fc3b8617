"""Several tasks that run one after the other in one container."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pipec.ir.model import Task

from .bindings import Bindings, Known, known
from .carrying import Carriage
from .channels import JSON_TEXT
from .containers import Outputs, container_node
from .executors import EXECUTOR_INPUT
from .names import Names
from .nodes import Dag, Given, Node, TaskOutput
from .requests import program
from .setting import Setting
from .shim.shielding import shielded


def chained_node(
    tasks: Sequence[Task],
    name: str,
    dag: Dag,
    bind: Callable[[str], Bindings],
    found: dict[tuple[str, str], Known],
    setting: Setting,
    carriage: Carriage,
    names: Names,
) -> tuple[Node, Outputs]:
    """The tasks as one, with the outputs of the last by its `carriage`: each container is made as if it were alone.

    Between them values are JSON in texts. Those that tasks before the last one make are put into `found`.
    """
    node, alone = Node(name, dag), Dag()
    outputs: Outputs = {}
    for number, task in enumerate(tasks, 1):
        inside = f"{name}.{number}"  # a name that no task of a specification has
        carried = carriage if task is tasks[-1] else Carriage({one.name: JSON_TEXT for one in task.outputs}, {})
        one, outputs = container_node(task, inside, alone, bind(task.id), setting, carried, names)
        for output, channel in outputs.items():
            found[task.id, output] = known(TaskOutput(one, output), channel)
    last = alone.nodes[-1]
    assert last.executor is not None
    node.executor = {"container": {**last.executor["container"], **_program(tasks, alone.nodes, node)}}
    node.outputs.update(last.outputs)
    node.settings.update(last.settings)
    node.platform.update(last.platform)
    return node, outputs


def _program(tasks: Sequence[Task], nodes: Sequence[Node], node: Node) -> dict[str, Any]:
    """The command and its arguments; the node is given what the tasks read of others."""
    programs: list[str] = []
    steps = []
    for task, one in zip(tasks, nodes, strict=True):
        assert one.executor is not None
        text, asked = one.executor["container"]["command"][-1], one.executor["container"]["args"][0]
        if text not in programs:
            programs.append(text)
        step: dict[str, Any] = {"task": task.id, "program": programs.index(text), "request": asked}
        step["given"], step["made"] = {}, {}
        for name, given in one.inputs.items():
            if isinstance(given.source, TaskOutput) and given.source.node in nodes:
                step["made"][name] = [nodes.index(given.source.node), given.source.key]
            else:
                step["given"][name] = _input(node, name, given)
        steps.append(step)
    request = shielded({"programs": programs, "steps": steps})
    return {"command": ["python3", "-c", program("steps", False)], "args": [request, EXECUTOR_INPUT]}


def _input(node: Node, name: str, given: Given) -> str:
    """The name under which the tasks together are given a value: the task's own where no other one has it."""
    number, free = 1, name
    while node.inputs.setdefault(free, given) != given:
        number += 1
        free = f"{name}-{number}"
    return free

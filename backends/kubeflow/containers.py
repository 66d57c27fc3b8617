"""Tasks as containers, and the helpers that only compute."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pipec.ir.expressions import Expression, LiteralValue
from pipec.ir.model import (
    CommandLine,
    ContainerImage,
    Decision,
    GateCheck,
    PythonFunction,
    ShellScript,
    Task,
    WaitCondition,
)
from pipec.ir.types import BOOL, STR, Type

from .bindings import Bindings
from .carrying import Carriage
from .channels import LIST, TEXT, Channel, channel_of
from .executors import python_container
from .images import give_outwards, image_container, needs_reading, reader
from .names import Names
from .nodes import Dag, Given, Node, TaskOutput
from .options import settings_of
from .platform import platform_of, resources_of, workspace_of
from .preparing import preparation
from .retries import attempts_request
from .setting import Setting
from .waits import wait_container

Outputs = dict[str, Channel]


def container_node(
    task: Task,
    name: str,
    dag: Dag,
    bindings: Bindings,
    setting: Setting,
    carriage: Carriage,
    names: Names,
) -> tuple[Node, Outputs]:
    """The task and what carries its outputs, copies among them."""
    outputs = carriage.all
    if isinstance(task.implementation, ContainerImage):
        return _image(task, task.implementation, name, dag, bindings, setting, carriage, names), carriage.outputs
    node = Node(name, dag)
    match task.implementation:
        case Decision(condition=condition):
            made, outputs = _values(bindings, setting, {"taken": (condition, BOOL)}, task)
        case WaitCondition() as wait:
            made, outputs = wait_container(task, wait, bindings, setting)
        case GateCheck():
            made, outputs = _values(bindings, setting, {}, task)
        case PythonFunction():
            made = _python(task, task.implementation, bindings, setting, carriage)
        case ShellScript(text=text):
            words = [LiteralValue(value=word, type=STR) for word in ("bash", "-c", text)]
            made = _program(task, words, bindings, setting, carriage)
        case CommandLine(arguments=arguments):
            made = _program(task, arguments, bindings, setting, carriage)
        case other:
            raise TypeError(f"{other.kind} tasks are not lowered")
    is_helper = isinstance(task.implementation, Decision | GateCheck)
    node.executor = made
    if not is_helper:
        node.executor["container"].update(resources_of(task))
    node.inputs.update(bindings.inputs)
    node.outputs.update(outputs)
    node.settings.update(settings_of(task))
    node.platform.update(platform_of(None if is_helper else task, setting.target))
    node.inputs.update(workspace_of(task))
    return node, outputs


def helper(
    bindings: Bindings,
    name: str,
    dag: Dag,
    setting: Setting,
    values: Mapping[str, tuple[Expression, Type]],
    lists: Collection[str] = (),
    forced: Channel | None = None,
) -> tuple[Node, Outputs]:
    """A task that gives computed values, by the name of its output. Of `lists` each item is JSON in a text."""
    node = Node(name, dag)
    node.executor, outputs = _values(bindings, setting, values, None, lists, forced)
    node.inputs.update(bindings.inputs)
    node.outputs.update(outputs)
    node.settings["cachingOptions"] = {}
    node.platform.update(platform_of(None, setting.target))
    return node, outputs


def _values(
    bindings: Bindings,
    setting: Setting,
    values: Mapping[str, tuple[Expression, Type]],
    task: Task | None,
    lists: Collection[str] = (),
    forced: Channel | None = None,
) -> tuple[dict[str, Any], Outputs]:
    outputs = {name: forced or channel_of(type_, artifacts=False) for name, (_, type_) in values.items()}
    outputs.update(dict.fromkeys(lists, LIST))
    request = {
        "inputs": {name: [bindings.compute(value), str(type_)] for name, (value, type_) in values.items()},
        "requirements": bindings.requirements(task) if task is not None else [],
        **bindings.outside(setting, outputs),
    }
    request["outputs_by"].update(dict.fromkeys(lists, "json-items"))
    return python_container(setting.helper_image, "values", request, True), outputs


def _python(
    task: Task, function: PythonFunction, bindings: Bindings, setting: Setting, carriage: Carriage
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "module": function.module,
        "function": function.function,
        "outputs": {output.name: str(output.type) for output in task.outputs},
        "single_output": task.single_output,
        **attempts_request(task),
        **preparation(task),
    }
    computes = bool(task.requirements) or not all(bindings.give(one.name, one.value, one.type) for one in task.inputs)
    if computes:
        bindings.inputs.clear()
        bindings.channels.clear()
        request["inputs"] = {one.name: [bindings.compute(one.value), str(one.type)] for one in task.inputs}
        request["requirements"] = bindings.requirements(task)
    request.update(_outside(bindings, setting, carriage))
    return python_container(setting.image_of(task), "call", request, computes)


def _program(
    task: Task, arguments: Collection[Expression], bindings: Bindings, setting: Setting, carriage: Carriage
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "arguments": [bindings.compute(one) for one in arguments],
        "inputs": {one.name: [bindings.compute(one.value), str(one.type)] for one in task.inputs},
        "requirements": bindings.requirements(task),
        "outputs": {output.name: str(output.type) for output in task.outputs},
        **attempts_request(task),
        **preparation(task),
    }
    request.update(_outside(bindings, setting, carriage))
    return python_container(setting.image_of(task), "program", request, True)


def _outside(bindings: Bindings, setting: Setting, carriage: Carriage) -> dict[str, Any]:
    """What the program has to know of how values travel, and whose values are handed over once more."""
    copies = {name: output for name, (_, output) in carriage.copies.items()}
    return {**bindings.outside(setting, carriage.all), **({"copies": copies} if copies else {})}


def _image(
    task: Task,
    image: ContainerImage,
    name: str,
    dag: Dag,
    bindings: Bindings,
    setting: Setting,
    carriage: Carriage,
    names: Names,
) -> Node:
    """An image task: its container, in a DAG where helpers compute its texts or read its outputs."""
    made = image_container(task, image, bindings, setting, carriage.copies)
    is_read = needs_reading(task, carriage.outputs)
    node = run = last = Node(name, dag)
    if made.texts or is_read:
        body = node.with_body()
        run = last = Node(names.free(f"{name}-run"), body)
    run.executor = made.executor
    run.executor["container"].update(resources_of(task))
    run.inputs.update({**made.inputs, **workspace_of(task)})
    run.outputs.update(made.outputs)
    run.settings.update(settings_of(task))
    run.platform.update(platform_of(task, setting.target))
    if made.texts:
        texts, _ = helper(_anew(bindings), names.free(f"{name}-texts"), run.dag, setting, made.texts)
        run.inputs.update({key: Given(TEXT, TaskOutput(texts, key)) for key in made.texts})
    if is_read:
        last = reader(task, run, names.free(f"{name}-outputs"), _anew(bindings), setting, carriage.outputs)
        last.platform.update(platform_of(None, setting.target))
    if node is not last:
        give_outwards(node, last)
    return node


def _anew(bindings: Bindings) -> Bindings:
    """Bindings of another component that sees the same."""
    return Bindings(bindings.find, bindings.own, bindings.find_text)

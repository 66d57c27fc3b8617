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
)
from pipec.ir.types import BOOL, STR, Type

from .bindings import Bindings
from .channels import JSON_TEXT, LIST, Channel, channel_of
from .executors import container, python_container
from .nodes import Dag, Node
from .options import settings_of
from .platform import platform_of, resources_of
from .requests import form_of
from .setting import Setting

Outputs = dict[str, Channel]


def container_node(
    task: Task, name: str, dag: Dag, bindings: Bindings, setting: Setting, as_texts: bool, is_optional: bool
) -> tuple[Node, Outputs]:
    """The task and what carries its outputs: URIs `as_texts` instead of artifacts, all as JSON where `is_optional`."""
    node = Node(name, dag)
    outputs = {
        output.name: JSON_TEXT if is_optional else channel_of(output.type, artifacts=not as_texts)
        for output in task.outputs
    }
    match task.implementation:
        case Decision(condition=condition):
            made, outputs = _values(bindings, setting, {"taken": (condition, BOOL)}, task)
        case GateCheck():
            made, outputs = _values(bindings, setting, {}, task)
        case PythonFunction():
            made = _python(task, task.implementation, bindings, setting, outputs)
        case ShellScript(text=text):
            words = [LiteralValue(value=word, type=STR) for word in ("bash", "-c", text)]
            made = _program(task, words, bindings, setting, outputs)
        case CommandLine(arguments=arguments):
            made = _program(task, arguments, bindings, setting, outputs)
        case ContainerImage():
            made = _image(task, task.implementation)
        case other:
            raise TypeError(f"{other.kind} tasks are not lowered")
    is_helper = isinstance(task.implementation, Decision | GateCheck)
    node.executor = made
    if not is_helper:
        node.executor["container"].update(resources_of(task))
    node.inputs.update(bindings.inputs)
    node.outputs.update(outputs)
    node.settings.update(settings_of(task))
    node.platform.update(platform_of(task))
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
        "requirements": _requirements(task, bindings) if task is not None else [],
        **_outside(bindings, setting, outputs),
    }
    request["outputs_by"].update(dict.fromkeys(lists, "json-items"))
    return python_container(setting.helper_image, "values", request, True, bindings.facts), outputs


def _outside(bindings: Bindings, setting: Setting, outputs: Outputs) -> dict[str, Any]:
    """What the program has to know of how values travel."""
    found: dict[str, Any] = {
        "channels": bindings.channels,
        "outputs_by": {name: form_of(channel) for name, channel in outputs.items()},
    }
    if bindings.facts:
        found["timezone"] = setting.timezone
        found["pipeline"] = setting.pipeline
    return found


def _python(
    task: Task, function: PythonFunction, bindings: Bindings, setting: Setting, outputs: Outputs
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "module": function.module,
        "function": function.function,
        "outputs": {output.name: str(output.type) for output in task.outputs},
        "single_output": task.single_output,
    }
    computes = bool(task.requirements) or not all(bindings.give(one.name, one.value, one.type) for one in task.inputs)
    if computes:
        bindings.inputs.clear()
        bindings.channels.clear()
        request["inputs"] = {one.name: [bindings.compute(one.value), str(one.type)] for one in task.inputs}
        request["requirements"] = _requirements(task, bindings)
    request.update(_outside(bindings, setting, outputs))
    return python_container(setting.image_of(task), "call", request, computes, bindings.facts)


def _program(
    task: Task, arguments: Collection[Expression], bindings: Bindings, setting: Setting, outputs: Outputs
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "arguments": [bindings.compute(one) for one in arguments],
        "inputs": {one.name: [bindings.compute(one.value), str(one.type)] for one in task.inputs},
        "requirements": _requirements(task, bindings),
        "outputs": {output.name: str(output.type) for output in task.outputs},
    }
    request.update(_outside(bindings, setting, outputs))
    return python_container(setting.image_of(task), "program", request, True, bindings.facts)


def _image(task: Task, implementation: ContainerImage) -> dict[str, Any]:
    """The container as it is written; what it computes and gives is refused by the capability check."""
    texts = {
        name: [str(one.value) for one in given if isinstance(one, LiteralValue)]
        for name, given in (("command", implementation.command), ("args", implementation.arguments))
    }
    image = implementation.image
    assert isinstance(image, LiteralValue)
    return container(str(image.value), texts["command"], texts["args"])


def _requirements(task: Task, bindings: Bindings) -> list[list[Any]]:
    return [
        [
            bindings.compute(one.condition),
            None if one.message is None else bindings.compute(one.message),
            one.source,
        ]
        for one in task.requirements
    ]

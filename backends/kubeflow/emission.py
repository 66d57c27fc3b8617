"""The graph as the two documents that Kubeflow reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .channels import Channel
from .nodes import Constant, Dag, DagInput, DagOutput, Given, Node, TaskOutput
from .plumbing import lead
from .specification import Specification
from .telling_apart import tell_apart

SCHEMA_VERSION = "2.1.0"
SDK_VERSION = "kfp-2.17.0"
"""The SDK whose documents these equal; servers show it."""


def emit(name: str, root: Dag, defaults: Mapping[str, dict[str, Any]], description: str | None) -> Specification:
    """The specification of a graph. `defaults` adds to the definitions of the root's inputs."""
    lead(root)
    components: dict[str, Any] = {}
    executors: dict[str, Any] = {}
    platform: dict[str, Any] = {}
    for node in root.inside():
        components[f"comp-{node.name}"] = _component(node)
        if node.executor is not None:
            executors[f"exec-{node.name}"] = node.executor
        if node.platform:
            platform[f"exec-{node.name}"] = node.platform
    tell_apart(components, executors)
    inputs = _definitions(root.inputs)
    for parameter, extra in defaults.items():
        inputs["parameters"][parameter].update(extra)
    info = {"name": name} if description is None else {"name": name, "description": description}
    document: dict[str, Any] = {
        "pipelineInfo": info,
        "schemaVersion": SCHEMA_VERSION,
        "sdkVersion": SDK_VERSION,
        "components": components,
        "deploymentSpec": {"executors": executors},
        "root": component_of(root),
    }
    if inputs:
        document["root"]["inputDefinitions"] = inputs
    return Specification(document, {"deploymentSpec": {"executors": platform}} if platform else {})


def component_of(dag: Dag) -> dict[str, Any]:
    """The component of a DAG; around iterations its outputs are other ones."""
    component: dict[str, Any] = {"dag": _dag(dag)}
    if dag.inputs:
        component["inputDefinitions"] = _definitions(dag.inputs)
    if dag.outputs:
        component["outputDefinitions"] = _definitions({name: one.channel for name, one in dag.outputs.items()})
    return component


def _component(node: Node) -> dict[str, Any]:
    component: dict[str, Any] = (
        {"executorLabel": f"exec-{node.name}"} if node.body is None else {"dag": _dag(node.body)}
    )
    channels = {name: given.channel for name, given in node.inputs.items()}
    inputs = _definitions({**channels, **(node.body.inputs if node.body is not None else {})})
    outputs = node.outputs if node.body is None else {key: one.channel for key, one in node.body.outputs.items()}
    if inputs:
        component["inputDefinitions"] = inputs
    if outputs:
        # Behind an iteration the component itself says what one iteration gives, or a list where it collects.
        component["outputDefinitions"] = _definitions({key: node.outputs.get(key, outputs[key]) for key in outputs})
    return component


def _definitions(channels: Mapping[str, Channel]) -> dict[str, Any]:
    definitions: dict[str, Any] = {}
    for name, channel in channels.items():
        definitions.setdefault(f"{channel.kind}s", {})[name] = channel.definition
    return definitions


def _dag(dag: Dag) -> dict[str, Any]:
    written: dict[str, Any] = {"tasks": {node.name: task_of(node) for node in dag.nodes}}
    if dag.outputs:
        written["outputs"] = {}
        for name, output in dag.outputs.items():
            written["outputs"].setdefault(f"{output.channel.kind}s", {})[name] = _selection(output)
    return written


def _selection(output: DagOutput) -> dict[str, Any]:
    if output.channel.kind == "artifact":
        selectors = [{"producerSubtask": one.node.name, "outputArtifactKey": one.key} for one in output.choices]
        return {"artifactSelectors": selectors}
    chosen = [{"producerSubtask": one.node.name, "outputParameterKey": one.key} for one in output.choices]
    if len(chosen) == 1:
        return {"valueFromParameter": chosen[0]}
    return {"valueFromOneof": {"parameterSelectors": chosen}}


def task_of(node: Node) -> dict[str, Any]:
    """A task as its DAG says it."""
    task: dict[str, Any] = {"taskInfo": {"name": node.name}, "componentRef": {"name": f"comp-{node.name}"}}
    task.update(node.settings)
    inputs: dict[str, Any] = {}
    upstream = {other.name: None for other in node.after}
    for name, given in node.inputs.items():
        inputs.setdefault(f"{given.channel.kind}s", {})[name] = _input(given)
        if isinstance(given.source, TaskOutput):
            upstream[given.source.node.name] = None
    if inputs:
        task["inputs"] = inputs
    if upstream:
        task["dependentTasks"] = sorted(upstream)
    if node.condition:
        task["triggerPolicy"] = {"condition": node.condition}
    if node.needs_no_success:
        task["triggerPolicy"] = {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}
    return task


def _input(given: Given) -> dict[str, Any]:
    is_parameter = given.channel.kind == "parameter"
    match given.source:
        case Constant(value=value):
            return {"runtimeValue": {"constant": given.channel.constant(value)}}
        case DagInput(name=name):
            return {"componentInputParameter" if is_parameter else "componentInputArtifact": name}
        case TaskOutput(node=node, key=key) if is_parameter:
            return {"taskOutputParameter": {"producerTask": node.name, "outputParameterKey": key}}
        case TaskOutput(node=node, key=key):
            return {"taskOutputArtifact": {"producerTask": node.name, "outputArtifactKey": key}}

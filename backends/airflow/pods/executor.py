"""Pods that the Kubernetes executor starts for tasks that have no image of their own."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.analysis.pods import demands, executor_starts_pod
from pipec.ir.model import Pipeline, Task

from ..layout import Call, DictNode, ListNode, Node
from ..literals import py
from .resources import container_resources, placement
from .volumes import volume_nodes

_CONTAINER = "base"
"""The container of such a pod that runs the task."""


def executor_arguments(pipeline: Pipeline, task: Task) -> Iterator[tuple[str, Node]]:
    """`executor_config` of a task that asks for more than the executor's own pod has."""
    resources = task.options.resources
    volumes, mounts = volume_nodes(task) if executor_starts_pod(task, pipeline) else ([], [])
    if not executor_starts_pod(task, pipeline) or not (demands(resources) or mounts):
        return
    container: list[tuple[str | None, Node]] = [("name", py(_CONTAINER))]
    needed = container_resources(resources) if resources is not None else None
    if needed is not None:
        container.append(("resources", needed))
    if mounts:
        container.append(("volume_mounts", ListNode(tuple(mounts))))
    spec: list[tuple[str | None, Node]] = [("containers", ListNode((Call("k8s.V1Container", tuple(container)),)))]
    spec += placement(resources)
    if volumes:
        spec.append(("volumes", ListNode(tuple(volumes))))
    pod = Call("k8s.V1Pod", (("spec", Call("k8s.V1PodSpec", tuple(spec))),))
    yield "executor_config", DictNode(((py("pod_override"), pod),))

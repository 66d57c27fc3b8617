"""What tasks ask of the cluster: resources in the specification, all else in the document for Kubernetes."""

from __future__ import annotations

from typing import Any

from pipec.ir.model import Task


def resources_of(task: Task) -> dict[str, Any]:
    """`resources` and `env` of the container."""
    found: dict[str, Any] = {}
    texts = {name: value for name, value in task.options.env.items() if isinstance(value, str)}
    if texts:
        found["env"] = [{"name": name, "value": value} for name, value in texts.items()]
    resources = task.options.resources
    if resources is not None:
        asked: dict[str, Any] = {}
        if resources.cpu:
            asked["resourceCpuRequest"] = asked["resourceCpuLimit"] = f"{resources.cpu:g}"
        if resources.memory:
            asked["resourceMemoryRequest"] = asked["resourceMemoryLimit"] = str(resources.memory)
        if resources.gpu:
            asked["accelerator"] = {"resourceCount": str(resources.gpu), "resourceType": "nvidia.com/gpu"}
        if asked:
            found["resources"] = asked
    return found


def platform_of(task: Task) -> dict[str, Any]:
    """What the document for Kubernetes says of the task's executor; empty where nothing has to be said."""
    found: dict[str, Any] = {}
    if task.options.timeout is not None:
        found["activeDeadlineSeconds"] = str(round(task.options.timeout))
    return found

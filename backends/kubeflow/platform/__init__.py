"""What tasks ask of the cluster: resources and variables in the specification, all else in the document for Kubernetes.

Everything is written as kfp and kfp-kubernetes write it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipec.ir.model import Task

from ..channels import TEXT
from ..nodes import Constant, Given
from .mounts import secret_environment, volumes
from .placement import placement
from .pods import pod_settings, time_limit
from .resources import container_resources, environment

__all__ = ["platform_of", "resources_of", "workspace_of"]


def resources_of(task: Task) -> dict[str, Any]:
    """`resources` and `env` of the container."""
    found: dict[str, Any] = {}
    texts = environment(task)
    if texts:
        found["env"] = texts
    resources = task.options.resources
    asked = container_resources(resources) if resources is not None else {}
    if asked:
        found["resources"] = asked
    return found


def workspace_of(task: Task) -> dict[str, Given]:
    """The input by which a task gets the workspace of the run: the cluster mounts it where a value names it."""
    if not task.targets.get("kubeflow", {}).get("workspace"):
        return {}
    return {"kfp-workspace": Given(TEXT, Constant("{{$.workspace_path}}"))}


def platform_of(task: Task | None, of_pipeline: Mapping[str, Any]) -> dict[str, Any]:
    """What the document for Kubernetes says of an executor: that of a task, or of a helper of the backend.

    `of_pipeline` is the target block of the pipeline. Empty where nothing has to be said.
    """
    if task is None:
        return pod_settings(of_pipeline, {})
    resources = task.options.resources
    return {
        **(placement(resources) if resources is not None else {}),
        **volumes(task),
        **secret_environment(task),
        **time_limit(task),
        **pod_settings(of_pipeline, task.targets.get("kubeflow", {})),
    }

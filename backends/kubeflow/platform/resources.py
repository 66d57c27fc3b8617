"""Cores, memory, GPUs and environment variables of a container."""

from __future__ import annotations

from typing import Any

from pipec.analysis.placement import gpu_resource
from pipec.analysis.pods import secret_variables
from pipec.analysis.quantities import cores, memory
from pipec.ir.model import Resources, Task

from ..texts import for_kubernetes

_GIGA = 1_000_000_000


def environment(task: Task) -> list[dict[str, str]]:
    """The variables whose values are written; Kubernetes puts nothing in place of `$(NAME)` in them."""
    secrets, names = secret_variables(task), variables_of(task)
    return [
        {"name": name, "value": for_kubernetes(value, names)}
        for name, value in task.options.env.items()
        if isinstance(value, str) and name not in secrets
    ]


def variables_of(task: Task) -> set[str]:
    """The names of all variables that Kubernetes gives the container of a task."""
    said = task.targets.get("kubeflow", {})
    of_block = {name for option in ("config_map_env", "field_path_env") for name in said.get(option, {})}
    return {*task.options.env, *secret_variables(task), *of_block}


def container_resources(resources: Resources) -> dict[str, Any]:
    """`resources` of a container, limits being the requests where they do not differ; empty where nothing is asked.

    Kubeflow knows cores and memory twice: as quantities, and as numbers for its servers before 2.14.
    """
    requests: dict[str, Any] = {"cpu": resources.cpu, "memory": resources.memory, "gpu": resources.gpu}
    limits = {**requests, **resources.limits}
    found: dict[str, Any] = {}
    for what, quantities in (("Request", requests), ("Limit", limits)):
        if quantities["cpu"]:
            text = cores(quantities["cpu"])
            found[f"resourceCpu{what}"], found[f"cpu{what}"] = text, _number_of_cores(text)
        if quantities["memory"]:
            found[f"resourceMemory{what}"] = memory(quantities["memory"])
            found[f"memory{what}"] = float(quantities["memory"]) / _GIGA
    if limits["gpu"]:
        count, resource = str(limits["gpu"]), gpu_resource(resources.gpu_type)
        found["accelerator"] = {"count": count, "type": resource, "resourceCount": count, "resourceType": resource}
    return found


def _number_of_cores(text: str) -> float:
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)

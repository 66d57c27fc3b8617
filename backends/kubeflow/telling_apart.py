"""Containers that are equal, of components that are not.

A server keeps a container with its component once, by a hash of the container: of components with equal containers it
knows the inputs and outputs of the first alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

_VARIABLE = "PIPEC_TASK"

_Kept = tuple[dict[str, Any], dict[str, Any]]
"""A container, and the inputs and outputs of its component."""


def tell_apart(components: Mapping[str, Mapping[str, Any]], executors: dict[str, dict[str, Any]]) -> None:
    """Give containers whose components have other inputs or outputs an environment variable with the task's name."""
    known: defaultdict[tuple[str, ...], list[_Kept]] = defaultdict(list)
    for component in components.values():
        label = component.get("executorLabel")
        if label is None:
            continue
        container = executors[label]["container"]
        alike = known[container["image"], *container.get("command", ()), *container.get("args", ())]
        interface = {key: value for key, value in component.items() if key != "executorLabel"}
        while any(other == container and kept != interface for other, kept in alike):
            container = _named(container, label.removeprefix("exec-"))
            executors[label] = {**executors[label], "container": container}
        if (container, interface) not in alike:
            alike.append((container, interface))


def _named(container: dict[str, Any], task: str) -> dict[str, Any]:
    variables = container.get("env", [])
    name, taken = _VARIABLE, {variable["name"] for variable in variables}
    while name in taken:
        name += "_"
    return {**container, "env": [*variables, {"name": name, "value": task}]}

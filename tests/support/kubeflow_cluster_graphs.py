"""What follows from a document alone: what waits for what, how a failure spreads, and which components are kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

State = Literal["succeeded", "failed", "skipped", "omitted"]
EXIT = "ALL_UPSTREAM_TASKS_COMPLETED"


def is_exit(spec: Mapping[str, Any]) -> bool:
    """Whether a task is to run after others whatever becomes of them."""
    return bool(spec.get("triggerPolicy", {}).get("strategy") == EXIT)


def dependencies(spec: Mapping[str, Any]) -> list[str]:
    """The tasks that a task waits for, in the order of the alphabet: those it names, and those it takes outputs of."""
    inputs = spec.get("inputs", {})
    found = set(spec.get("dependentTasks", []))
    for source in inputs.get("parameters", {}).values():
        if "taskOutputParameter" in source:
            found.add(source["taskOutputParameter"]["producerTask"])
    for source in inputs.get("artifacts", {}).values():
        if "taskOutputArtifact" in source:
            found.add(source["taskOutputArtifact"]["producerTask"])
    return sorted(found)


def omit(waiting: Sequence[str], states: dict[str, State], upstream: Mapping[str, Sequence[str]]) -> None:
    """Omit the tasks of which all dependencies ended, and one without success; and so what depends on these."""
    found = True
    while found:
        found = False
        for name in waiting:
            ends = [states.get(each) for each in upstream[name]]
            if name not in states and None not in ends and any(end != "succeeded" for end in ends):
                states[name] = "omitted"
                found = True


def kept_components(specification: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The components by name as the server knows them: of those whose containers are equal, all are the first.

    The first is the one that is used first, where tasks are looked at in the order of the alphabet, those inside of a
    DAG before the next one.
    """
    components: Mapping[str, Mapping[str, Any]] = specification["components"]
    executors: Mapping[str, Mapping[str, Any]] = specification.get("deploymentSpec", {}).get("executors", {})
    first: dict[str, Mapping[str, Any]] = {}
    kept: dict[str, Mapping[str, Any]] = {}

    def visit(component: Mapping[str, Any]) -> None:
        for _, task in sorted(component["dag"]["tasks"].items()):
            name = task["componentRef"]["name"]
            if name in kept:
                continue
            kept[name] = components[name]
            if "dag" in components[name]:
                visit(components[name])
                continue
            container = executors.get(components[name].get("executorLabel", ""), {}).get("container")
            if container is not None:
                kept[name] = first.setdefault(json.dumps(container, sort_keys=True), components[name])

    visit(specification["root"])
    return kept

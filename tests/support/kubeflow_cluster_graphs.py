"""What follows from the tasks of a DAG alone: what waits for what, and how a failure spreads."""

from __future__ import annotations

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

"""The PlatformSpec: settings of Kubernetes for executors that exist, with values that exist where these run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .document import Document, Use, declared, listed
from .inputs import available_inputs


def check(document: Document) -> Iterator[str]:
    """The faults in the settings of platforms."""
    for platform, settings in document.platform.get("platforms", {}).items():
        if platform != "kubernetes":
            yield f"platforms.{platform}: the backend knows kubernetes alone"
            continue
        for label, executor in settings.get("deploymentSpec", {}).get("executors", {}).items():
            path = f"platforms.kubernetes.deploymentSpec.executors.{label}"
            if label not in document.executors:
                yield f'{path}: there is no executor "{label}"; {listed(document.executors)}'
            for name, component in document.components.items():
                if component.get("executorLabel") == label:
                    for use in document.uses.get(name, ()):
                        yield from _values(document, use, executor, path)


def _values(document: Document, use: Use, value: Any, path: str) -> Iterator[str]:
    """Values that settings take from the graph in which a task is, anywhere inside of them."""
    match value:
        case {"componentInputParameter": name}:
            available = available_inputs(document, use.graph, "parameters")
            if name not in available:
                yield f'{path}: there is no input "{name}" of {use.graph.path}; {listed(available)}'
        case {"taskOutputParameter": {"producerTask": producer, "outputParameterKey": key}}:
            yield from _output(document, use, producer, key, path)
        case dict():
            for name, inner in value.items():
                yield from _values(document, use, inner, f"{path}.{name}")
        case list():
            for position, inner in enumerate(value):
                yield from _values(document, use, inner, f"{path}[{position}]")


def _output(document: Document, use: Use, producer: str, key: str, path: str) -> Iterator[str]:
    if producer not in use.graph.tasks:
        yield f'{path}: there is no task "{producer}" in the dag of {use.path}; {listed(use.graph.tasks)}'
        return
    component = document.component_of(use.graph.tasks[producer])
    if component is not None and key not in declared(component, "outputDefinitions", "parameters"):
        yield f'{path}: "{producer}" has no output "{key}"'
    if producer not in use.task.get("dependentTasks", []):
        yield f'{path}: takes an output of "{producer}", which dependentTasks of {use.path} has to name'

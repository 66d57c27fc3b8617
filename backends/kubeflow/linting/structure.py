"""What a PipelineSpec has to have, and that its parts name parts that exist and are used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from .document import ROOT, Document, component_name, listed

SCHEMA_VERSION = "2.1.0"
_PIPELINE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")


def check(document: Document) -> Iterator[str]:
    """The faults in how the document is put together."""
    yield from _head(document)
    yield from _components(document)
    yield from _executors(document)
    yield from _use(document)


def _head(document: Document) -> Iterator[str]:
    pipeline = document.pipeline
    if pipeline.get("schemaVersion") != SCHEMA_VERSION:
        yield f'schemaVersion: is {pipeline.get("schemaVersion")!r}, the server takes "{SCHEMA_VERSION}" alone'
    if not pipeline.get("sdkVersion"):
        yield 'sdkVersion: is missing, as "kfp-2.17.0"'
    name = pipeline.get("pipelineInfo", {}).get("name", "")
    if not _PIPELINE_NAME.fullmatch(name):
        yield f'pipelineInfo.name: "{name}" is no name of a pipeline: 1 to 128 small letters, digits and "-"'
    if ROOT not in pipeline:
        yield "root: is missing"


def _components(document: Document) -> Iterator[str]:
    roots = [(ROOT, document.pipeline[ROOT])] if ROOT in document.pipeline else []
    for path, component in [*roots, *((f"components.{name}", each) for name, each in document.components.items())]:
        if ("dag" in component) == ("executorLabel" in component):
            yield f"{path}: has to have either a dag or an executorLabel"
        elif path == ROOT and "dag" not in component:
            yield "root: has to have a dag"
        elif "dag" in component and not component["dag"].get("tasks"):
            yield f"{path}.dag.tasks: there is no task"
        elif "executorLabel" in component and component["executorLabel"] not in document.executors:
            label = component["executorLabel"]
            yield f'{path}.executorLabel: there is no executor "{label}"; {listed(document.executors)}'
    for use in document.tasks():
        if document.component_of(use.task) is None:
            name = component_name(use.task)
            yield f'{use.path}.componentRef: there is no component "{name}"; {listed(document.components)}'


def _executors(document: Document) -> Iterator[str]:
    for label, executor in document.executors.items():
        if len(executor) != 1 or not executor.keys() <= {"container", "importer"}:
            yield f"deploymentSpec.executors.{label}: has to be either a container or an importer"
        elif "container" in executor and not executor["container"].get("image"):
            yield f"deploymentSpec.executors.{label}.container.image: is missing"


def _use(document: Document) -> Iterator[str]:
    """Components that contain themselves; components and executors that nothing needs.

    Where a reference leads nowhere, what it meant would seem to be unused: that is not said as well.
    """
    contained = {
        graph.name: {component_name(task) for task in graph.tasks.values()} & document.components.keys()
        for graph in document.graphs
    }
    try:
        TopologicalSorter(contained).prepare()
    except CycleError as error:
        yield f"components.{error.args[1][0]}: contains itself: {' in '.join(error.args[1])}"
    if all(document.component_of(use.task) is not None for use in document.tasks()) and contained.get(ROOT):
        for name in sorted(document.components.keys() - _reached(contained)):
            yield f"components.{name}: no task uses it"
    labels = {component.get("executorLabel") for component in document.components.values()} - {None}
    if labels <= document.executors.keys():
        for label in sorted(document.executors.keys() - labels):
            yield f"deploymentSpec.executors.{label}: no component uses it"


def _reached(contained: dict[str, set[str]]) -> set[str]:
    """The components that are used from the root on."""
    reached: set[str] = set()
    waiting = [ROOT]
    while waiting:
        new = contained.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return reached

"""Names that a cluster takes: the backend uses those of components and tasks in an Argo workflow as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .document import KINDS, SIDES, Data, Document, Graph, declared, is_loop

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_VALUE_NAME = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 128
"""Characters of a name in Argo."""

_DRIVER = "-driver"
"""What the backend adds to the name of a task to name the step before it."""

_TAKEN = re.compile(r"root|entrypoint|(retry-|metadata-\d+-\d+-)?system-.*|exit-hook-.*")
"""Templates that the backend makes itself."""


def check(document: Document) -> Iterator[str]:
    """The faults in names of components, tasks, parameters and artifacts."""
    for name, component in document.components.items():
        path = f"components.{name}"
        yield from _in_argo(name, path, "component", "-iteration-item")
        if _TAKEN.fullmatch(name):
            yield f'{path}: "{name}" is a name that the backend itself uses'
        yield from _of_values(component, path)
    yield from _of_values(document.pipeline.get("root", {}), "root")
    for graph in document.graphs:
        yield from _of_tasks(graph)


def _of_tasks(graph: Graph) -> Iterator[str]:
    for name, task in graph.tasks.items():
        path = graph.path_of(name)
        yield from _in_argo(name, path, "task", _DRIVER)
        if not is_loop(task) and f"{name}{_DRIVER}" in graph.tasks:
            yield f'{path}: the backend puts a step "{name}{_DRIVER}" before it, and there is a task of that name'


def _in_argo(name: str, path: str, what: str, longest_suffix: str) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield f'{path}: "{name}" is no name of a {what}: small letters, digits and "-", with a letter first'
    elif len(name) + len(longest_suffix) > _LONGEST:
        most = _LONGEST - len(longest_suffix)
        yield f"{path}: the name is too long: {len(name)} characters, at most {most} fit"


def _of_values(component: Data, path: str) -> Iterator[str]:
    for side in SIDES:
        for kind in KINDS:
            for name in declared(component, side, kind):
                if not _VALUE_NAME.fullmatch(name):
                    yield f'{path}.{side}.{kind}.{name}: "{name}" is no name: letters, digits, "-" and "_"'

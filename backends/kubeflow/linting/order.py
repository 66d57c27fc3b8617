"""The order of the tasks of a graph: what they wait for exists, is complete, and ends somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from .document import Document, Graph, listed, producers


def check(document: Document) -> Iterator[str]:
    """The faults in dependencies."""
    for graph in document.graphs:
        for name in graph.tasks:
            yield from _dependencies(graph, name)
        yield from _cycle(graph)


def _dependencies(graph: Graph, name: str) -> Iterator[str]:
    task, path = graph.tasks[name], graph.path_of(name)
    dependencies = task.get("dependentTasks", [])
    for dependency in dependencies:
        if dependency not in graph.tasks:
            yield f'{path}.dependentTasks: there is no task "{dependency}" in this dag; {listed(graph.tasks)}'
    if len(set(dependencies)) != len(dependencies):
        yield f"{path}.dependentTasks: a task is named twice"
    for where, producer in producers(task):
        if producer in graph.tasks and producer not in dependencies:
            yield f'{path}.{where}: takes an output of "{producer}", which dependentTasks has to name'


def _cycle(graph: Graph) -> Iterator[str]:
    waits = {
        name: {*task.get("dependentTasks", []), *(producer for _, producer in producers(task))} & graph.tasks.keys()
        for name, task in graph.tasks.items()
    }
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        around = " -> ".join(reversed(error.args[1]))
        yield f"{graph.path}.dag.tasks: they wait for each other: {around}"

"""Tasks that depend on each other in a circle, each shown as its whole path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from pipec.diagnostics.model import Diagnostics, Label
from pipec.semantics.placing import Placed
from pipec.syntax.source import Span


def topological_order(tasks: Sequence[Placed], diagnostics: Diagnostics) -> list[Placed]:
    """The tasks with every upstream task before them.

    Circles are reported; their tasks then stand at the end, so that what else is wrong can still be found.
    """
    graph: dict[Placed, Mapping[Placed, Span]] = {task: task.upstream for task in tasks}
    circular: list[Placed] = []
    while True:
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            cycle: list[Placed] = error.args[1]
            _report(_from_first(cycle[:-1], tasks), diagnostics)
            circular.extend(cycle[:-1])
            removed = set(cycle)
            graph = {
                task: {one: span for one, span in upstream.items() if one not in removed}
                for task, upstream in graph.items()
                if task not in removed
            }
            continue
        return order + circular


def _from_first(cycle: list[Placed], tasks: Sequence[Placed]) -> list[Placed]:
    """The cycle along its edges, each task upstream of the next, beginning with the one declared first."""
    if cycle[0] not in cycle[1 % len(cycle)].upstream:
        cycle = cycle[::-1]
    position = {task: index for index, task in enumerate(tasks)}
    start = min(range(len(cycle)), key=lambda index: position[cycle[index]])
    return cycle[start:] + cycle[:start]


def _report(cycle: list[Placed], diagnostics: Diagnostics) -> None:
    path = " -> ".join(f"`{task.id}`" for task in [*cycle, cycle[0]])
    labels = [
        Label(later.upstream[earlier], f"`{later.id}` depends on `{earlier.id}` here")
        for earlier, later in zip(cycle, [*cycle[1:], cycle[0]], strict=True)
    ]
    diagnostics.error(
        "P0401",
        f"tasks depend on each other in a circle: {path}",
        cycle[0].span,
        label="starts and ends here",
        labels=tuple(labels),
        help="drop one of these dependencies",
    )

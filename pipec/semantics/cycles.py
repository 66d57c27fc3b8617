"""Tasks that depend on each other in a circle, each shown as its whole path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from pipec.diagnostics.model import Diagnostics, Label
from pipec.semantics.placement import Placed


def topological_order(tasks: Sequence[Placed], diagnostics: Diagnostics) -> list[Placed]:
    """The tasks with every upstream task before them.

    Circles are reported, one of those that hang together; their tasks stand where they may, so that what else is
    wrong can still be found.
    """
    reported: set[frozenset[int]] = set()
    order: list[Placed] = []
    for component in _components(tasks):
        order.extend(component)
        if len(component) == 1 and component[0] not in component[0].upstream:
            continue
        statements = frozenset(id(task.node) for task in component)
        if statements not in reported:  # else the same circle in another iteration of a loop
            reported.add(statements)
            for task in component:
                task.rule_is_unknown = True  # what runs when is anybody's guess
            _report(_from_first(_circle(component), tasks), diagnostics)
    return order


def _circle(component: Sequence[Placed]) -> list[Placed]:
    """One circle among tasks that all hang on each other."""
    inside = set(component)
    graph = {task: [one for one in task.upstream if one in inside] for task in component}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[Placed] = error.args[1][:-1]
        return circle
    raise AssertionError("these tasks hold no circle")


def _components(tasks: Sequence[Placed]) -> list[list[Placed]]:
    """The strongly connected components, upstream ones first (Tarjan's algorithm, without recursion)."""
    index: dict[Placed, int] = {}
    lowest: dict[Placed, int] = {}
    stack: list[Placed] = []
    on_stack: set[Placed] = set()
    components: list[list[Placed]] = []
    for root in tasks:
        if root in index:
            continue
        work: list[tuple[Placed, Iterator[Placed]]] = [(root, iter(root.upstream))]
        while work:
            task, remaining = work[-1]
            if task not in index:
                index[task] = lowest[task] = len(index)
                stack.append(task)
                on_stack.add(task)
            upstream = next((one for one in remaining if one not in index or one in on_stack), None)
            if upstream is not None:
                if upstream in index:
                    lowest[task] = min(lowest[task], index[upstream])
                else:
                    work.append((upstream, iter(upstream.upstream)))
                continue
            work.pop()
            if work:
                above = work[-1][0]
                lowest[above] = min(lowest[above], lowest[task])
            if lowest[task] == index[task]:
                components.append(_pop_to(task, stack, on_stack))
    return components


def _pop_to(task: Placed, stack: list[Placed], on_stack: set[Placed]) -> list[Placed]:
    """Takes the tasks down to this one off the stack."""
    popped: list[Placed] = []
    while not popped or popped[-1] is not task:
        popped.append(stack.pop())
        on_stack.remove(popped[-1])
    return popped[::-1]


def _from_first(cycle: list[Placed], tasks: Sequence[Placed]) -> list[Placed]:
    """The cycle along its edges, each task upstream of the next, beginning with the one declared first."""
    if cycle[0] not in cycle[1 % len(cycle)].upstream:
        cycle = cycle[::-1]
    position = {task: index for index, task in enumerate(tasks)}
    start = min(range(len(cycle)), key=lambda index: position[cycle[index]])
    return cycle[start:] + cycle[:start]


def _report(cycle: list[Placed], diagnostics: Diagnostics) -> None:
    """Reports a circle at the dependency on a task declared further down: most likely it is the one too many."""
    path = " -> ".join(f"`{task.id}`" for task in [*cycle, cycle[0]])
    edges = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    suspect = next((edge for edge in edges if edge[0].span.start >= edge[1].span.start), edges[-1])
    texts = {edge: f"`{edge[1].id}` depends on `{edge[0].id}` here" for edge in edges}
    diagnostics.error(
        "P0401",
        f"tasks depend on each other in a circle: {path}",
        suspect[1].upstream[suspect[0]],
        label=texts[suspect],
        labels=tuple(Label(edge[1].upstream[edge[0]], texts[edge]) for edge in edges if edge is not suspect),
        help="drop one of these dependencies",
    )

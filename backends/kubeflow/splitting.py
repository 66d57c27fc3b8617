"""DAGs that are too large for their driver, with parts of their tasks in DAGs of their own.

A driver is given the whole component of its DAG as one argument, and Linux takes 131,072 bytes in one. The DAG of a
part has a component and a driver of its own; in the DAG around it the part is a single task.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from pipec.ir.base import Location
from pipec.optimisation.reasons import Reason
from pipec.optimisation.splitting import NAME, Part, enough, parts

from .emission import component_of, task_of
from .names import Names
from .nodes import Dag, Node, TaskOutput
from .plumbing import lead

LARGEST = 100_000
"""Bytes of a component that is left as it is."""

_SHARE = 0.6
"""How much of that the tasks of a part may have: what is led in and out comes on top."""

_TASK = 400
"""Bytes of the task that stands for a part, about."""


def split(root: Dag, names: Names, location: Location, largest: int | None = None, of_inputs: int = 0) -> list[Reason]:
    """Put parts of each DAG that is too large into DAGs of their own, and those of parts that are; why.

    `of_inputs` are the bytes that defaults of the root's inputs take besides.
    """
    lead(root)
    reasons: list[Reason] = []
    pending = [root]
    most = LARGEST if largest is None else largest
    while pending:
        dag = pending.pop()
        _split(dag, names, most - of_inputs if dag is root else most, location, reasons)
        pending.extend(node.body for node in reversed(dag.nodes) if node.body is not None)
    return reasons


def component_size(dag: Dag) -> int:
    """Bytes of the component of a DAG, as its driver is given it."""
    return _size(component_of(dag))


def _size(document: object) -> int:
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def _split(dag: Dag, names: Names, largest: int, location: Location, reasons: list[Reason]) -> None:
    whose = "the pipeline" if dag.owner is None else f"`{dag.owner.name}`"
    while (size := component_size(dag)) > largest:
        weights = {node.name: _size(task_of(node)) + len(node.name) for node in dag.nodes}
        upstream = {node.name: _awaited(node) for node in dag.nodes}
        found = parts(upstream, weights, set(_held(dag)), int(largest * _SHARE))
        chosen = enough(found, weights, size - largest, _TASK)
        if not chosen:
            message = f"the DAG of {whose} has {size:,} bytes and cannot be split without a task waiting for more"
            reasons.append(Reason(NAME, message, location))
            return
        count = len(dag.nodes)
        for part, node in zip(chosen, _with_parts(dag, chosen, names), strict=True):
            message = (
                f"{len(part)} of the {count} tasks of {whose}, `{part[0]}` to `{part[-1]}`, stand in `{node.name}`"
            )
            why = f"its DAG would have {size:,} bytes, and above {largest:,} they may be too many for its driver"
            reasons.append(Reason(NAME, f"{message}: {why}", location))
        lead(dag)


def _awaited(node: Node) -> list[str]:
    """The names of the tasks beside it that a task waits for."""
    read = [given.source.node for given in node.inputs.values() if isinstance(given.source, TaskOutput)]
    return list(dict.fromkeys(other.name for other in (*node.after, *read)))


def _held(dag: Dag) -> Iterator[str]:
    """Tasks that stay: exit tasks with what they follow, and what is skipped perhaps and others wait for.

    Skipped tasks keep what waits for them from running. A DAG around them would succeed.
    """
    awaited = {name for node in dag.nodes for name in _awaited(node)}
    awaited.update(choice.node.name for output in dag.outputs.values() for choice in output.choices)
    for node in dag.nodes:
        if node.needs_no_success:
            yield node.name
            yield from _awaited(node)
        elif node.condition and node.name in awaited:
            yield node.name


def _with_parts(dag: Dag, chosen: Collection[Part], names: Names) -> list[Node]:
    """The tasks that stand for the parts, each in the place of the first of its own."""
    by_name = {node.name: node for node in dag.nodes}
    made: dict[str, Node] = {}
    for part in chosen:
        node = Node(_free(names), dag)
        body = node.with_body()
        for name in part:
            by_name[name].dag = body
            made[name] = node
    dag.nodes[:] = dict.fromkeys(made.get(name, node) for name, node in by_name.items())
    for name, part_node in made.items():
        assert part_node.body is not None
        part_node.body.nodes.append(by_name[name])
    return list(dict.fromkeys(made.values()))


def _free(names: Names) -> str:
    number = 1
    while f"part-{number}" in names.taken:
        number += 1
    return names.free(f"part-{number}")

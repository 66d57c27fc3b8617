"""How tasks hang together: which edges are drawn by values, which are not, and the body of `with DAG(…):`."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from pipec.ir.model import Pipeline, Task

from .layout import Call, ListNode, Node, Writer
from .literals import py
from .names import VERDICT_ID, Names


@dataclass(frozen=True, slots=True)
class Placed:
    """A task as it stands in the DAG: what creates it, and the tasks whose outputs it is given."""

    task: Task
    creation: Node
    reads: tuple[str, ...]


def all_edges(pipeline: Pipeline) -> dict[str, list[str]]:
    """The direct upstream tasks of every task, also those that make a `finally` task wait for all work.

    A `finally` task waits for each task that is not certain to be final as soon as one further downstream is.
    """
    edges = {task.id: list(dict.fromkeys(task.upstream)) for task in pipeline.tasks}
    work = [task for task in pipeline.tasks if not task.is_finally]
    covered = {edges[task.id][0] for task in work if len(edges[task.id]) == 1 and task.trigger_rule != "always"}
    covered.update(id for task in work if _awaits_all(task) for id in edges[task.id])
    awaited = [task.id for task in work if task.id not in covered]
    finals = {task.id for task in pipeline.tasks if task.is_finally}
    for id in finals:
        if not finals.intersection(edges[id]):
            edges[id] = list(dict.fromkeys([*awaited, *edges[id]]))
    return edges


def _awaits_all(task: Task) -> bool:
    """Whether a task is never final before all of its upstream tasks are."""
    is_behind_decision = any(side.decision in task.upstream for side in task.branches)
    return task.trigger_rule == "all_done" and not is_behind_decision


def write_wiring(pipeline: Pipeline, placed: dict[str, Placed], names: Names) -> str:
    """The body of `with DAG(…):`: tasks in their groups, then the edges that no value draws."""
    edges = all_edges(pipeline)
    drawn = {
        id: [upstream for upstream in upstreams if upstream not in placed[id].reads] for id, upstreams in edges.items()
    }
    used = {id for task in placed.values() for id in task.reads}
    for id, upstreams in drawn.items():
        used.update([id, *upstreams] if upstreams else [])
    finals = [task.id for task in pipeline.tasks if task.is_finally]
    used.update(finals)

    writer = Writer(indent=4)
    parents = {group.name: group.parent for group in pipeline.groups}
    order = _creation_order([(placed[task.id], _path(task.group, parents)) for task in pipeline.tasks])
    _write_tasks(writer, order, pipeline, names, used)
    if finals:
        call = Call("EmptyOperator", (("task_id", py(VERDICT_ID)),))
        writer.statement(call, "finally_verdict = ")
    lines = _edge_lines(drawn, names.variables)
    if finals:
        shown = [names.variables[id] for id in finals]
        lines.append((tuple(shown), ("finally_verdict",)))
    if lines:
        writer.line()
    for steps in _chains(lines):
        _write_chain(writer, steps)
    return writer.text


def _path(group: str | None, parents: dict[str, str | None]) -> tuple[str, ...]:
    path: list[str] = []
    while group is not None:
        path.insert(0, group)
        group = parents[group]
    return tuple(path)


_Positioned = tuple[Placed, tuple[str, ...]]


def _creation_order(tasks: Sequence[_Positioned]) -> list[_Positioned]:
    """The tasks so that each comes after those it reads, in source order and with groups together where that goes."""
    waiting = {placed.task.id: len(placed.reads) for placed, _ in tasks}
    readers: dict[str, list[int]] = {}
    for index, (placed, _) in enumerate(tasks):
        for id in placed.reads:
            readers.setdefault(id, []).append(index)
    ready: dict[tuple[str, ...], list[int]] = {}

    def add(index: int) -> None:
        heapq.heappush(ready.setdefault(tasks[index][1], []), index)

    for index, (placed, _) in enumerate(tasks):
        if not waiting[placed.task.id]:
            add(index)
    order: list[_Positioned] = []
    path: tuple[str, ...] = ()
    while ready:
        if path not in ready or not path:
            path = min(ready, key=lambda candidate: ready[candidate][0])
        index = heapq.heappop(ready[path])
        if not ready[path]:
            del ready[path]
        order.append(tasks[index])
        for reader in readers.get(tasks[index][0].task.id, ()):
            waiting[tasks[reader][0].task.id] -= 1
            if not waiting[tasks[reader][0].task.id]:
                add(reader)
    return order


def _write_tasks(writer: Writer, order: list[_Positioned], pipeline: Pipeline, names: Names, used: set[str]) -> None:
    docs = {group.name: group.doc for group in pipeline.groups}
    openings = _openings(order, 0)
    opened: set[str] = set()

    def write(writer: Writer, tasks: Iterable[_Positioned], depth: int) -> None:
        for group, members in groupby(tasks, key=lambda task: task[1][depth] if len(task[1]) > depth else None):
            if group is None:
                for placed, _ in members:
                    before = f"{names.variables[placed.task.id]} = " if placed.task.id in used else ""
                    writer.statement(placed.creation, before, ".as_teardown()" if placed.task.is_finally else "")
            else:
                if group in opened:
                    writer.line(f"with {names.group_variables[group]}:")
                else:
                    opened.add(group)
                    arguments: list[tuple[str | None, Node]] = [(None, py(names.group_ids[group]))]
                    if docs[group]:
                        arguments.append(("tooltip", py(docs[group])))
                    arguments.append(("prefix_group_id", "False"))
                    variable = f" as {names.group_variables[group]}" if openings[group] > 1 else ""
                    writer.statement(Call("TaskGroup", tuple(arguments)), "with ", f"{variable}:")
                write(writer.nested(), members, depth + 1)

    write(writer, order, 0)


def _openings(order: Iterable[_Positioned], depth: int) -> dict[str, int]:
    """How often each group is opened when tasks are created in this order."""
    found: dict[str, int] = {}
    for group, members in groupby(order, key=lambda task: task[1][depth] if len(task[1]) > depth else None):
        if group is not None:
            found[group] = found.get(group, 0) + 1
            for inner, count in _openings(list(members), depth + 1).items():
                found[inner] = found.get(inner, 0) + count
    return found


# --- edges ---------------------------------------------------------------------------------------

_Step = tuple[str, ...]


def _edge_lines(drawn: dict[str, list[str]], variables: dict[str, str]) -> list[tuple[_Step, _Step]]:
    """Edges as pairs of steps, of which one is a single task: `a >> [b, c]` or `[a, b] >> c`."""
    upstreams: dict[_Step, list[str]] = {}
    for id, above in drawn.items():
        if above:
            upstreams.setdefault(tuple(variables[upstream] for upstream in above), []).append(variables[id])
    lines: list[tuple[_Step, _Step]] = []
    singles: dict[str, list[str]] = {}
    for above_step, below in upstreams.items():
        if len(above_step) == 1:
            singles.setdefault(above_step[0], []).extend(below)
            if len(singles[above_step[0]]) == len(below):
                lines.append((above_step, ()))
        else:
            lines.extend((above_step, (one,)) for one in below)
    return [(above_step, below_step or tuple(singles[above_step[0]])) for above_step, below_step in lines]


def _chains(lines: list[tuple[_Step, _Step]]) -> list[list[_Step]]:
    """Lines joined where one ends in the step that another begins with, each line once."""
    following: dict[_Step, int] = {}
    for number, (above, _) in enumerate(lines):
        following.setdefault(above, number)
    followed = {number: following[below] for number, (_, below) in enumerate(lines) if below in following}
    joined: set[int] = set()
    next_line: dict[int, int] = {}
    for number, other in followed.items():
        if other not in joined:
            joined.add(other)
            next_line[number] = other
    chains = []
    for number, (above, below) in enumerate(lines):
        if number not in joined:
            chain, last = [above, below], number
            while last in next_line:
                last = next_line[last]
                chain.append(lines[last][1])
            chains.append(chain)
    return chains


def _write_chain(writer: Writer, steps: list[_Step]) -> None:
    shown = [step[0] if len(step) == 1 else "[" + ", ".join(step) + "]" for step in steps]
    line = " >> ".join(shown)
    if writer.indent + len(line) <= 120:
        writer.line(line)
        return
    for (above, above_shown), (below, below_shown) in pairwise(zip(steps, shown, strict=True)):
        if writer.indent + len(above_shown) + len(below_shown) + 4 <= 120:
            writer.line(f"{above_shown} >> {below_shown}")
        elif len(below) > 1:
            writer.statement(ListNode(below), f"{above_shown} >> ")
        else:
            writer.statement(ListNode(above), after=f" >> {below_shown}")

"""In which order tasks are created, and in which task groups and maps they stand."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from itertools import groupby

from pipec.frozen import Frozen
from pipec.ir.model import Pipeline

from .setting import Written


class TaskBlock(Frozen):
    task: str


class GroupBlock(Frozen):
    """A task group, or what more of one follows after something it reads."""

    name: str
    blocks: tuple[Block, ...]


class MapBlock(Frozen):
    """A map as a whole, with all tasks inside."""

    name: str
    tasks: tuple[str, ...]
    blocks: tuple[Block, ...]


Block = TaskBlock | GroupBlock | MapBlock


class _Unit(Frozen):
    """What is created in one go: a task, or a map. `path` are the groups around it, `reads` what comes before it."""

    tasks: tuple[str, ...]
    path: tuple[str, ...]
    reads: frozenset[str]
    region: str | None = None


def blocks_of(pipeline: Pipeline, written: Mapping[str, Written], list_tasks: Mapping[str, str]) -> list[Block]:
    """All tasks so that each comes after those it reads, in source order and with groups together where that goes."""
    parents = {group.name: group.parent for group in pipeline.groups}
    paths = {task.id: _path(task.group, parents) for task in pipeline.tasks}
    members: dict[str, list[str]] = {}
    for task in pipeline.tasks:
        if task.map is not None:
            members.setdefault(task.map, []).append(task.id)
    units: list[_Unit] = []
    for task in pipeline.tasks:
        if task.map is None:
            units.append(_Unit((task.id,), paths[task.id], frozenset(written[task.id].reads)))
        elif members[task.map][0] == task.id:
            inside = tuple(members[task.map])
            reads = {id for one in inside for id in written[one].reads} - set(inside)
            around = _common([paths[one] for one in inside])
            units.append(_Unit(inside, around, frozenset({*reads, list_tasks[task.map]}), task.map))
    return _nested(_ordered(units), 0, written, paths)


def _path(group: str | None, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    path: list[str] = []
    while group is not None:
        path.insert(0, group)
        group = parents[group]
    return tuple(path)


def _common(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The groups around all of these."""
    first, *others = paths
    length = 0
    while length < len(first) and all(path[: length + 1] == first[: length + 1] for path in others):
        length += 1
    return first[:length]


def _nested(
    units: Sequence[_Unit], depth: int, written: Mapping[str, Written], paths: Mapping[str, tuple[str, ...]]
) -> list[Block]:
    blocks: list[Block] = []
    for group, members in groupby(units, key=lambda unit: unit.path[depth] if len(unit.path) > depth else None):
        if group is not None:
            blocks.append(GroupBlock(group, tuple(_nested(list(members), depth + 1, written, paths))))
            continue
        for unit in members:
            if unit.region is None:
                blocks.append(TaskBlock(unit.tasks[0]))
                continue
            inside = set(unit.tasks)
            inner = [
                _Unit((id,), paths[id][depth:], frozenset(inside.intersection(written[id].reads))) for id in unit.tasks
            ]
            blocks.append(MapBlock(unit.region, unit.tasks, tuple(_nested(_ordered(inner), 0, written, paths))))
    return blocks


def _ordered(units: Sequence[_Unit]) -> list[_Unit]:
    """The units so that each comes after what it reads; where there is a choice, the open group goes on."""
    if not any(unit.reads for unit in units) and len({unit.path for unit in units}) < 2:
        return list(units)
    owner = {task: index for index, unit in enumerate(units) for task in unit.tasks}
    waiting = {index: {owner[id] for id in unit.reads} for index, unit in enumerate(units)}
    readers: dict[int, list[int]] = {}
    for index, above in waiting.items():
        for one in above:
            readers.setdefault(one, []).append(index)
    ready: dict[tuple[str, ...], list[int]] = {}

    def add(index: int) -> None:
        heapq.heappush(ready.setdefault(units[index].path, []), index)

    for index, above in waiting.items():
        if not above:
            add(index)
    order: list[_Unit] = []
    path: tuple[str, ...] = ()
    while ready:
        if path not in ready or not path:
            path = min(ready, key=lambda candidate: ready[candidate][0])
        index = heapq.heappop(ready[path])
        if not ready[path]:
            del ready[path]
        order.append(units[index])
        for reader in readers.get(index, ()):
            waiting[reader].discard(index)
            if not waiting[reader]:
                add(reader)
    return order

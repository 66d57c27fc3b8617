"""Which frames surround which tasks: groups, maps and `finally`, each inside the smallest that holds all its tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pipec.frozen import Frozen
from pipec.ir.model import Pipeline, Task
from pipec.ir.printout import expression_text


class Surround(Frozen):
    """A frame and the tasks in it, also those of frames inside."""

    kind: Literal["group", "map", "finally"]
    title: str
    note: str
    doc: str | None
    tasks: frozenset[str]


def surrounds(pipeline: Pipeline) -> list[Surround]:
    """The frames of a pipeline, largest first, so that what stands around another comes before it."""
    found = [*_finally(pipeline), *_maps(pipeline), *_groups(pipeline)]
    found = [frame for frame in found if frame.tasks]
    found.sort(key=lambda frame: -len(frame.tasks))
    nested: list[Surround] = []
    for frame in found:
        # Frames that only cross, as a group half in `finally` does, cannot both be boxes.
        if all(frame.tasks <= other.tasks or not frame.tasks & other.tasks for other in nested):
            nested.append(frame)
    return nested


def _finally(pipeline: Pipeline) -> Iterator[Surround]:
    tasks = frozenset(task.id for task in pipeline.tasks if task.is_finally)
    yield Surround("finally", "finally", "after all else", None, tasks)


def _maps(pipeline: Pipeline) -> Iterator[Surround]:
    parents = {region.name: region.parent for region in pipeline.maps}
    inside = _members(pipeline.tasks, {task.id: task.map for task in pipeline.tasks}, parents)
    for region in pipeline.maps:
        limit = "" if region.max_parallel is None else f"at most {region.max_parallel} at once"
        title = f"map {region.variable} in {expression_text(region.items)}"
        yield Surround("map", title, limit, None, inside[region.name])


def _groups(pipeline: Pipeline) -> Iterator[Surround]:
    parents = {group.name: group.parent for group in pipeline.groups}
    inside = _members(pipeline.tasks, {task.id: task.group for task in pipeline.tasks}, parents)
    for group in pipeline.groups:
        yield Surround("group", group.name, "", group.doc, inside[group.name])


def _members(
    tasks: tuple[Task, ...], innermost: Mapping[str, str | None], parents: Mapping[str, str | None]
) -> dict[str, frozenset[str]]:
    """The tasks in each region, given the innermost region of each task and what is around the regions."""
    found: dict[str, set[str]] = {name: set() for name in parents}
    for task in tasks:
        region = innermost[task.id]
        while region is not None:
            found[region].add(task.id)
            region = parents[region]
    return {name: frozenset(ids) for name, ids in found.items()}

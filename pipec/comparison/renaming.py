"""A pipeline with the names that its parts have in another one, so that only what else differs differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pipec.frozen import Frozen
from pipec.ir.expressions import Expression, ItemReference, OutputReference
from pipec.ir.model import MapRegion, Pipeline, PipelineCall, Task
from pipec.ir.rewriting import rewrite, rewrite_implementation, rewrite_requirement


class Names(Frozen):
    """New names by old ones, of what is called otherwise; a thing that is not there keeps its name."""

    tasks: Mapping[str, str] = field(default_factory=dict)
    maps: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    pipelines: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.tasks or self.maps or self.groups or self.pipelines)


def renamed(pipeline: Pipeline, names: Names) -> Pipeline:
    """The pipeline with other names wherever they stand."""
    if names.is_empty:
        return pipeline

    def replace(leaf: Expression) -> Expression:
        match leaf:
            case OutputReference(task=task) if task in names.tasks:
                return leaf.model_copy(update={"task": names.tasks[task]})
            case ItemReference(map=map) if map in names.maps:
                return leaf.model_copy(update={"map": names.maps[map]})
            case _:
                return leaf

    def task(one: Task) -> Task:
        implementation = rewrite_implementation(one.implementation, replace)
        if isinstance(implementation, PipelineCall):
            called = names.pipelines.get(implementation.pipeline, implementation.pipeline)
            implementation = PipelineCall(pipeline=called)
        update = {
            "id": names.tasks.get(one.id, one.id),
            "inputs": tuple(given.model_copy(update={"value": rewrite(given.value, replace)}) for given in one.inputs),
            "upstream": tuple(names.tasks.get(id, id) for id in one.upstream),
            "implementation": implementation,
            "requirements": tuple(rewrite_requirement(requirement, replace) for requirement in one.requirements),
            "branches": tuple(
                side.model_copy(update={"decision": names.tasks.get(side.decision, side.decision)})
                for side in one.branches
            ),
            "group": None if one.group is None else names.groups.get(one.group, one.group),
            "map": None if one.map is None else names.maps.get(one.map, one.map),
        }
        return one.model_copy(update=update)

    def region(one: MapRegion) -> MapRegion:
        parent = None if one.parent is None else names.maps.get(one.parent, one.parent)
        items = rewrite(one.items, replace)
        return one.model_copy(update={"name": names.maps.get(one.name, one.name), "items": items, "parent": parent})

    return pipeline.model_copy(
        update={
            "tasks": tuple(task(one) if _is_touched(one, names) else one for one in pipeline.tasks),
            "maps": tuple(map(region, pipeline.maps)),
            "groups": tuple(
                one.model_copy(
                    update={
                        "name": names.groups.get(one.name, one.name),
                        "parent": None if one.parent is None else names.groups.get(one.parent, one.parent),
                    }
                )
                for one in pipeline.groups
            ),
            "returns": None if pipeline.returns is None else rewrite(pipeline.returns, replace),
        }
    )


def _is_touched(task: Task, names: Names) -> bool:
    """Whether a task can name anything that is called otherwise: it names itself, its decisions and its upstream."""
    return (
        task.id in names.tasks
        or task.group in names.groups
        or (task.map is not None and bool(names.maps))
        or isinstance(task.implementation, PipelineCall)
        or any(id in names.tasks for id in task.upstream)
        or any(side.decision in names.tasks for side in task.branches)
    )

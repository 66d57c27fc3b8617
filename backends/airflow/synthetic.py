"""Tasks that only the DAG has: what computes the list of a map, the first and the last task of a pipeline in a DAG."""

from __future__ import annotations

from typing import Any, Literal, cast

from pipec.ir.base import Model
from pipec.ir.expressions import OutputReference, outputs_used
from pipec.ir.model import Implementation, Input, MapRegion, Output, Pipeline, Task
from pipec.ir.types import ListType

from .embedded_ids import encode
from .references import failing_part

ITEMS = "items"
"""What the list of a map is called where a task computes it."""


class GivenValues(Model):
    """Gives its inputs as outputs of the same names."""

    kind: Literal["values"] = "values"


class MapItems(Model):
    """Gives the list of a map, its single input."""

    kind: Literal["items"] = "items"
    region: str


def as_implementation(synthetic: GivenValues | MapItems) -> Implementation:
    """An implementation that is none of the language."""
    return cast(Implementation, synthetic)


def list_task_id(region: MapRegion) -> str:
    """The task that returns nothing but the list of a map: the user's own where one does, else one that is added."""
    source = _plain_source(region)
    return source.task if source is not None else f"{encode(region.name)}-{ITEMS}"


def _plain_source(region: MapRegion) -> OutputReference | None:
    """The output that is the list as it stands; None where the list must be computed or taken out of a dict."""
    items = region.items
    if isinstance(items, OutputReference) and not items.mapped and items.output == "output":
        return items if isinstance(items.type, ListType) else None
    return None


def with_list_tasks(pipeline: Pipeline) -> Pipeline:
    """The pipeline with a task for each list of a map that no task returns as it is."""
    tasks = {task.id: task for task in pipeline.tasks}
    added: dict[str, Task] = {}
    for region in pipeline.maps:
        if list_task_id(region) not in tasks:
            inside = [task for task in pipeline.tasks if task.map == region.name]
            if inside:
                added[inside[0].id] = _list_task(region, inside)
    if not added:
        return pipeline
    placed = [one for task in pipeline.tasks for one in ([added[task.id]] if task.id in added else []) + [task]]
    return pipeline.model_copy(update={"tasks": tuple(placed)})


def _list_task(region: MapRegion, inside: list[Task]) -> Task:
    """It follows what the list is read from; one that may fail also follows the decisions that skip what is inside."""
    sources = dict.fromkeys(output.task for output in outputs_used(region.items))
    branches = tuple(side for side in inside[0].branches if all(side in task.branches for task in inside))
    upstream = {id for task in inside for id in task.upstream}
    if failing_part(region.items) is not None:
        sources.update((side.decision, None) for side in branches if side.decision in upstream)
    list_type = ListType(element=region.item_type)
    name = list_task_id(region)
    return Task(
        id=name,
        name=name,
        doc=f"The list that `{region.name}` maps over.",
        inputs=(Input(name=ITEMS, value=region.items, type=list_type),),
        outputs=(Output(name="output", type=list_type),),
        single_output=True,
        upstream=tuple(sources),
        implementation=as_implementation(MapItems(region=region.name)),
        branches=branches,
        group=_common_group(inside),
        location=region.location,
    )


def _common_group(inside: list[Task]) -> str | None:
    groups = {task.group for task in inside}
    return groups.pop() if len(groups) == 1 else None


def is_synthetic(task: Task) -> bool:
    """Whether the language knows nothing of a task."""
    implementation: Any = task.implementation
    return isinstance(implementation, GivenValues | MapItems)

"""What Kubeflow cannot express of a pipeline, though it offers the features that are used."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pipec.analysis.feature_names import FEATURES
from pipec.backend import Refusal
from pipec.ir.expressions import outputs_used
from pipec.ir.model import CommandLine, MapRegion, Pipeline, PythonFunction, ShellScript, Task, WaitCondition
from pipec.ir.traverse import location_of

from .capabilities import CAPABILITIES

_MOST_NAMED = 5
_BLOCK = "target.kubeflow"


def image_refusals(pipeline: Pipeline, main: Pipeline) -> Iterator[Refusal]:
    """Tasks whose code is in no image: in their pods there would be none of it."""
    if "image" in main.targets.get("kubeflow", {}):
        return
    without = [task for task in pipeline.tasks if task.options.image is None and _has_code(task)]
    if without:
        more = f" and {len(without) - _MOST_NAMED} more" if len(without) > _MOST_NAMED else ""
        named = ", ".join(f"`{task.id}`" for task in without[:_MOST_NAMED]) + more
        is_part = pipeline is not main
        where = f"all of them in `{main.name}`" if is_part else "all of them"
        yield Refusal(
            _BLOCK,
            "tasks without an image",
            f"each task runs in a pod of its own, which has what its image has; none is named for {named}",
            f'give the tasks an `image` that has Python and their code, or {where}: target kubeflow {{ image = "…" }}',
            without[0].location if is_part else None,
            f"task `{without[0].id}` of pipeline `{pipeline.name}`" if is_part else "",
        )


def _has_code(task: Task) -> bool:
    match task.implementation:
        case PythonFunction() | ShellScript() | CommandLine():
            return True
        case WaitCondition(condition=condition):
            return condition == "python"
        case _:
            return False


def option_refusals(pipeline: Pipeline, main: Pipeline) -> Iterator[Refusal]:
    """Options that hold what Argo would fill in: they stand in the workflow as they are."""
    things: list[tuple[Pipeline | Task, str]] = [(main, f"pipeline `{main.name}`")] if pipeline is main else []
    things += [(task, f"task `{task.id}`") for task in pipeline.tasks]
    for thing, subject in things:
        for name, value in thing.targets.get("kubeflow", {}).items():
            found = next((text for text in _texts(value) if "{{" in text), None)
            if found is not None:
                key = f"{_BLOCK}.{name}"
                yield Refusal(
                    key,
                    FEATURES["text.placeholder"],
                    CAPABILITIES["text.placeholder"].reason,
                    f"write the option `{name}` without two braces in a row",
                    thing.locations.get(key) or location_of(thing, _BLOCK),
                    f"{subject}: `{found[found.index('{{') :][:40]}`",
                )


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list() | tuple():
            for item in value:
                yield from _texts(item)
        case dict():
            for name, item in value.items():
                yield name
                yield from _texts(item)


def loop_refusals(pipeline: Pipeline) -> Iterator[Refusal]:
    """Maps of which one part waits for what follows another: a loop of Kubeflow runs as a whole."""
    if not pipeline.maps:
        return
    try:
        TopologicalSorter(_waits_of_wholes(pipeline)).prepare()
    except CycleError as error:
        inside = {place[-1] for place in error.args[1]}
        yield next(_looping(region) for region in pipeline.maps if region.name in inside)


def _waits_of_wholes(pipeline: Pipeline) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    """What waits for what among tasks and whole maps side by side: each is the maps around it, and itself."""
    outer = {region.name: region.parent for region in pipeline.maps} | {task.id: task.map for task in pipeline.tasks}

    def path(name: str) -> tuple[str, ...]:
        around = outer[name]
        return (name,) if around is None else (*path(around), name)

    awaited = {task.id: list(task.upstream) for task in pipeline.tasks}
    awaited |= {region.name: [read.task for read in outputs_used(region.items)] for region in pipeline.maps}
    waits: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for name, others in awaited.items():
        for other in others:
            here, there = path(name), path(other)
            depth = next((place for place, (one, two) in enumerate(zip(here, there, strict=False)) if one != two), None)
            if depth is not None:
                waits.setdefault(here[: depth + 1], []).append(there[: depth + 1])
    return waits


def _looping(region: MapRegion) -> Refusal:
    return Refusal(
        "",
        "a map of which a part waits for what follows another part",
        "a loop of Kubeflow ends as a whole before anything goes on",
        "make two maps: one before what waits in between, and one behind it",
        region.location,
        f"map over `{region.variable}`",
    )

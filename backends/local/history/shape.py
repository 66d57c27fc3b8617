"""The pipeline of a recorded run: which task an instance belongs to, and what stood before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pipec.analysis.graph import run_upstream
from pipec.ir.model import Pipeline, PipelineCall, Program, Task

from ..store.records import RunRecord
from .instances import Segment, read_segment, segments


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance stands.

    `prefix` is the instance that runs the pipeline it is in, "" for the run's own; `row` the task with those around it,
    without indices and attempts: `cleaned/score`. `task` is None where the pipeline no longer tells.
    """

    instance: str
    prefix: str
    segment: Segment
    row: str
    pipeline: Pipeline | None
    task: Task | None

    @property
    def depth(self) -> int:
        """How many pipelines run as a task are around it."""
        return len(segments(self.row)) - 1


class Shape:
    """The pipelines of one run. Everything is unknown where the record's pipeline cannot be read any more."""

    def __init__(self, root: Pipeline | None, pipelines: Mapping[str, Pipeline] | None = None) -> None:
        self.root = root
        self._pipelines = dict(pipelines or {})
        self._tasks: dict[int, dict[str, Task]] = {}
        self._upstream: dict[int, dict[str, tuple[str, ...]]] = {}
        self._places: dict[str, Place] = {}

    def place(self, instance: str) -> Place:
        """Where an instance stands."""
        if instance not in self._places:
            self._places[instance] = self._find(instance)
        return self._places[instance]

    def tasks(self, pipeline: Pipeline) -> dict[str, Task]:
        """The tasks of a pipeline by id."""
        if id(pipeline) not in self._tasks:
            self._tasks[id(pipeline)] = {task.id: task for task in pipeline.tasks}
        return self._tasks[id(pipeline)]

    def upstream(self, pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
        """The direct upstream tasks of every task, as the run ordered them."""
        if id(pipeline) not in self._upstream:
            self._upstream[id(pipeline)] = run_upstream(pipeline)
        return self._upstream[id(pipeline)]

    def shared_indices(self, pipeline: Pipeline, task: Task, upstream: Task) -> int:
        """How many maps are around both tasks: so many first indices their instances have in common."""
        around = [self._maps_around(pipeline, each) for each in (task, upstream)]
        shared = 0
        for one, other in zip(*around, strict=False):
            if one != other:
                break
            shared += 1
        return shared

    @cached_property
    def deadline(self) -> float | None:
        """In how many seconds the run should end."""
        return self.root.deadline if self.root else None

    def _maps_around(self, pipeline: Pipeline, task: Task) -> list[str]:
        """Outermost first."""
        parents = {region.name: region.parent for region in pipeline.maps}
        names: list[str] = []
        name = task.map
        while name is not None:
            names.append(name)
            name = parents.get(name)
        return names[::-1]

    def _find(self, instance: str) -> Place:
        parts = segments(instance)
        prefix = "/".join(parts[:-1])
        around = self.place(prefix) if prefix else None
        pipeline = self._called(around) if around else self.root
        segment = read_segment(parts[-1], self.tasks(pipeline) if pipeline else ())
        task = self.tasks(pipeline).get(segment.task) if pipeline else None
        row = f"{around.row}/{segment.task}" if around else segment.task
        return Place(instance, prefix, segment, row, pipeline, task)

    def _called(self, place: Place) -> Pipeline | None:
        if place.task is None or not isinstance(place.task.implementation, PipelineCall):
            return None
        return self._pipelines.get(place.task.implementation.pipeline)


def shape_of(record: RunRecord) -> Shape:
    """The shape of a run; an empty one where what was kept of the pipeline is of another version of pipec."""
    from pydantic import ValidationError

    try:
        document = json.loads(record.pipeline_json or "null")
        if not isinstance(document, dict):
            return Shape(None)
        if "pipelines" not in document:
            return Shape(Pipeline.model_validate(document))
        pipelines = Program.model_validate(document).pipelines
    except (ValueError, ValidationError):
        return Shape(None)
    root = pipelines.get(record.pipeline)
    return Shape(root or next((each for each in pipelines.values() if each.name == record.pipeline), None), pipelines)

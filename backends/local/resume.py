"""What a resumed run takes over from its earlier part."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipec.engine.restored import Restored
from pipec.ir.model import Pipeline, PipelineCall, Program, Task

from .comparison import Changes, all_tasks
from .history.instances import read_segment, segments
from .store.records import RunRecord, TaskRecord


def kept_parameters(
    record: RunRecord, pipeline: Pipeline, given: Mapping[str, Any]
) -> tuple[dict[str, Any], frozenset[str]]:
    """The parameters of the earlier part, save those given anew, and the names of those that have another value now.

    All in JSON form, and to be checked: a parameter may have another type than it had, or be a new one.
    """
    names = [parameter.name for parameter in pipeline.parameters]
    kept = {name: record.parameters[name] for name in names if name in record.parameters}
    other = {name for name, value in given.items() if name in kept and json.dumps(value) != json.dumps(kept[name])}
    return {**kept, **given}, frozenset(other)


def restored_tasks(record: RunRecord, program: Program, pipeline: str, changed: Changes) -> dict[str, Restored]:
    """What the engine is to know of the earlier part of a run, by instance; `pipeline` is a key of the program.

    A success is taken over where the task is not to be run again because of what changed; that of a `finally` task
    only where nothing else of its pipeline remains to be run. The engine itself compares the inputs.
    """
    tasks = all_tasks(program, pipeline)
    instances = [
        instance
        for task in record.tasks.values()
        if task.mapped is None and (instance := _find(task, tasks, pipeline, changed)) is not None
    ]
    unfinished = _unfinished(instances, record, program)
    restored: dict[str, Restored] = {}
    for one in instances:
        if one.stands and not (one.task.is_finally and one.part in unfinished):
            attempt = one.record.attempts[-1]
            restored[one.record.task] = Restored(
                one.record.attempts_made, attempt.inputs, outputs=one.record.outputs, arguments=attempt.arguments
            )
        elif one.record.attempts_made:
            restored[one.record.task] = Restored(one.record.attempts_made)
    return restored


@dataclass(frozen=True, slots=True)
class _Instance:
    """An instance of the earlier part whose task is still there. `part` is the instance that runs its pipeline, ""
    for the run's own, and `pipeline` the key of that.
    """

    record: TaskRecord
    part: str
    pipeline: str
    task: Task
    is_unchanged: bool

    @property
    def stands(self) -> bool:
        """Whether there is a success to take over; decisions, gates and pipelines are played again by the engine."""
        is_played = isinstance(self.task.implementation, PipelineCall) or not self.record.attempts
        return self.record.succeeded and self.is_unchanged and not is_played

    def is_done(self, was_interrupted: bool) -> bool:
        """Whether it has nothing more to run. An interruption skips what would have run."""
        was_skipped = self.record.state == "skipped" and not was_interrupted
        return self.is_unchanged and (self.record.succeeded or was_skipped)


def _find(record: TaskRecord, tasks: Mapping[str, Task], pipeline: str, changed: Changes) -> _Instance | None:
    parts = segments(record.task)
    prefix = ""
    for part in parts[:-1]:
        prefix += read_segment(part, _Within(tasks, prefix)).task + "/"
    name = prefix + read_segment(parts[-1], _Within(tasks, prefix)).task
    if name not in tasks:
        return None
    call = tasks[prefix.removesuffix("/")].implementation if prefix else None
    key = call.pipeline if isinstance(call, PipelineCall) else pipeline
    return _Instance(record, "/".join(parts[:-1]), key, tasks[name], name not in changed.rerun)


@dataclass(frozen=True, slots=True)
class _Within:
    """The tasks of one pipeline, by their own ids."""

    tasks: Mapping[str, Task]
    prefix: str

    def __contains__(self, task: object) -> bool:
        return f"{self.prefix}{task}" in self.tasks


def _unfinished(instances: list[_Instance], record: RunRecord, program: Program) -> set[str]:
    """The instances that run a pipeline, "" for the run itself, of which something outside `finally` is to be run."""
    by_part: dict[str, list[_Instance]] = defaultdict(list)
    for one in instances:
        by_part[one.part].append(one)
    unfinished = set[str]()
    for part, members in by_part.items():
        done = {one.task.id for one in members if one.is_done(record.interrupted)}
        undone = {one.task.id for one in members if not one.is_done(record.interrupted)}
        work = {task.id for task in program.pipelines[members[0].pipeline].tasks if not task.is_finally}
        if work & undone or not work <= done:
            unfinished.add(part)
    return unfinished | _with_unheard_items(record)


def _with_unheard_items(record: RunRecord) -> set[str]:
    """Of the instances that run a pipeline those with a map of which not all items were heard of."""
    mapped = ((task.task, index) for task in record.tasks.values() for index in range(task.mapped or 0))
    return {"/".join(segments(task)[:-1]) for task, index in mapped if f"{task}[{index}]" not in record.tasks}

"""What a run came to: the object `pipec run --json` prints and the store keeps, with a JSON schema of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipec.engine.states import State
from pipec.ir.base import Model
from pipec.ir.model import Pipeline

from .history.instances import read_segment, segments
from .store.records import AttemptRecord, RunRecord, RunStatus, TaskRecord
from .store.states import summed_state


class TaskResult(Model):
    """One task of a run. Times are ISO 8601 with offset, null where no attempt was made."""

    state: State
    attempts: int
    """Attempts made; 0 for a task that never ran."""
    started_at: str | None = None
    """Start of the first attempt."""
    ended_at: str | None = None
    """End of the last attempt."""
    duration_s: float = 0.0
    """Seconds its attempts ran, without waiting in between."""
    outputs: dict[str, Any] = field(default_factory=dict)
    """Outputs by name, in their JSON form."""
    error: str | None = None
    """Why the last attempt failed."""
    log: str | None = None
    """Path of the last attempt's log."""
    restored: bool = False
    """Whether its success is that of an earlier part of a resumed run."""
    cached_from: str | None = None
    """The run whose outputs were taken from the cache."""
    index: tuple[int, ...] | None = None
    """Of an instance of a mapped task: the index of its item, in nested maps the outermost first."""
    instances: tuple[TaskResult, ...] | None = None
    """Of a mapped task: its instances in item order; state, attempts, times and error are then summed up."""


class RunResult(Model):
    """A run. `interrupted` says that it was ended from outside before its time.

    One that `pipec run` reports is a success or failed; one that is looked up may be running or killed.
    """

    run_id: str
    pipeline: str
    state: RunStatus
    interrupted: bool = False
    resumed: bool = False
    """Whether it is an earlier run gone on with."""
    started_at: str
    ended_at: str | None = None
    duration_s: float
    """Seconds to its end, or to what was last heard of it; where it was resumed, since then."""
    parameters: dict[str, Any] = field(default_factory=dict)
    returns: Any = None
    error: str | None = None
    """A fault of the run itself: of its return value."""
    tasks: dict[str, TaskResult]
    """By task id, in source order; those of a pipeline run as the task `cleaned` are `cleaned/scrub` behind it."""

    def json_text(self) -> str:
        """The object as it is printed and kept."""
        return self.model_dump_json(indent=2) + "\n"


def result_of(record: RunRecord, pipeline: Pipeline, folder: Path) -> RunResult:
    """The result of a run of `pipeline`, as far as it got; `folder` is that of the run, where its logs are."""
    began = record.resumed_at[-1] if record.resumed_at else record.started_at
    return RunResult(
        run_id=record.run_id,
        pipeline=record.pipeline,
        state=record.status,
        interrupted=record.interrupted,
        resumed=bool(record.resumed_at),
        started_at=_moment(record.started_at),
        ended_at=None if record.ended_at is None else _moment(record.ended_at),
        duration_s=round(max(0.0, (record.ended_at or _last_heard(record) or began) - began), 3),
        parameters=record.parameters,
        returns=record.returns,
        error=record.error,
        tasks={task: _task_result(record, task, folder) for task in _tasks(record, pipeline)},
    )


def _last_heard(record: RunRecord) -> float | None:
    """When the last attempt started or ended."""
    attempts = (attempt for task in record.tasks.values() for attempt in task.attempts)
    return max((attempt.ended_at or attempt.started_at for attempt in attempts), default=None)


def _tasks(record: RunRecord, pipeline: Pipeline) -> list[str]:
    """The tasks of the pipeline, each followed by those of the pipeline it runs, as they were heard of."""
    inner: dict[str, list[str]] = {task.id: [] for task in pipeline.tasks}
    for instance in record.tasks:
        is_mapped = instance.endswith("]") and instance.rpartition("[")[0] in record.tasks
        if instance not in inner and not is_mapped:
            owner = read_segment(segments(instance)[0], inner).task
            inner.setdefault(owner, []).append(instance)
    return [one for task, others in inner.items() for one in dict.fromkeys([task, *others]) if one]


def _task_result(record: RunRecord, task: str, folder: Path, index: tuple[int, ...] | None = None) -> TaskResult:
    found = record.tasks.get(task) or TaskRecord(task)
    if found.mapped is not None:
        return _summed_up([_task_result(record, *instance) for instance in _instances(record, found, folder, ())])
    ran = found.attempts
    last: AttemptRecord | None = ran[-1] if ran else None
    return TaskResult(
        state=found.state,
        attempts=found.attempts_made,
        started_at=_moment(ran[0].started_at) if ran else None,
        ended_at=None if last is None or last.ended_at is None else _moment(last.ended_at),
        duration_s=round(sum(one.ended_at - one.started_at for one in ran if one.ended_at is not None), 3),
        outputs=found.outputs if found.state == "success" else {},
        error=found.error,
        log=str(folder / last.log) if last is not None and last.log is not None else None,
        restored=found.restored,
        cached_from=last.cached_from if last is not None and found.state == "success" else None,
        index=index,
    )


def _instances(
    record: RunRecord, mapped: TaskRecord, folder: Path, outer: tuple[int, ...]
) -> Iterator[tuple[str, Path, tuple[int, ...]]]:
    """The arguments of `_task_result` for every instance of a mapped task, those of nested maps flattened."""
    for item in range(mapped.mapped or 0):
        name, index = f"{mapped.task}[{item}]", (*outer, item)
        instance = record.tasks.get(name)
        if instance is not None and instance.mapped is not None:
            yield from _instances(record, instance, folder, index)
        else:
            yield name, folder, index


def _summed_up(instances: list[TaskResult]) -> TaskResult:
    failed = [one for one in instances if one.state == "failed"]
    starts = [one.started_at for one in instances if one.started_at is not None]
    ends = [one.ended_at for one in instances if one.ended_at is not None]
    return TaskResult(
        state=summed_state([one.state for one in instances]),
        attempts=sum(one.attempts for one in instances),
        started_at=min(starts, default=None),
        ended_at=max(ends, default=None),
        duration_s=round(sum(one.duration_s for one in instances), 3),
        error=f"{len(failed)} of {len(instances)} instances failed, the first with: {failed[0].error}"
        if failed
        else None,
        restored=bool(instances) and all(one.restored for one in instances),
        instances=tuple(instances),
    )


def _moment(at: float) -> str:
    """ISO 8601 in UTC, always with microseconds: as texts they are ordered as in time."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")

"""A run as people read it: one row a task, the instances of a map folded into it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipec.engine.states import State

from ..store.records import AttemptRecord, RunRecord, TaskRecord
from ..store.states import summed_state
from ..words import first_line
from .instances import call_attempt, mapped_parents, prefixes, segments
from .shape import Shape


@dataclass(slots=True)
class Row:
    """A task of a run with its instances: one, or those of a map. `task` has those around it: `cleaned/score`.

    `superseded` are instances of an attempt of a pipeline run as a task that was followed by another attempt: they have
    attempts and no say in the state.
    """

    task: str
    depth: int = 0
    kind: str = ""
    instances: list[TaskRecord] = field(default_factory=list)
    superseded: list[TaskRecord] = field(default_factory=list)
    is_mapped: bool = False

    @property
    def states(self) -> Counter[State]:
        return Counter(instance.state for instance in self.instances)

    @property
    def state(self) -> State:
        """What its instances add up to; pending where it was never heard of."""
        if len(self.instances) == 1:
            return self.instances[0].state
        return summed_state([instance.state for instance in self.instances])

    @property
    def attempts_made(self) -> int:
        return sum(instance.attempts_made for instance in self.instances)

    @property
    def retries(self) -> int:
        return sum(max(0, instance.attempts_made - 1) for instance in self.instances)

    @property
    def is_cached(self) -> bool:
        """Whether nothing ran because all results were known."""
        return bool(self.instances) and all(
            bool(instance.attempts) and instance.attempts[-1].cached_from is not None for instance in self.instances
        )

    @property
    def is_restored(self) -> bool:
        """Whether the successes are those of an earlier part of the run."""
        return bool(self.instances) and all(instance.restored for instance in self.instances)

    @property
    def states_text(self) -> str:
        """The state; of a mapped task how many instances are in which."""
        if not self.is_mapped:
            return self.state
        return ", ".join(f"{number} {state}" for state, number in self.states.most_common())

    @property
    def started_at(self) -> float | None:
        """When its first attempt began, Unix time."""
        return min((attempt.started_at for _, attempt in self.attempts()), default=None)

    @property
    def seconds(self) -> float | None:
        """How long its attempts took that are over, all together; None where there are none."""
        ended = [each.ended_at - each.started_at for _, each in self.attempts() if each.ended_at is not None]
        return sum(ended) if ended else None

    @property
    def note(self) -> str:
        """What there is to say beside the state: where a result came from, or why there is none."""
        if self.is_restored:
            return "kept from the earlier part of the run"
        if self.is_cached:
            return f"cached, from run {self.instances[0].attempts[-1].cached_from}" if not self.is_mapped else "cached"
        return next((first_line(message) for _, message in self.errors()), "")

    def attempts(self) -> Iterator[tuple[TaskRecord, AttemptRecord]]:
        for instance in (*self.superseded, *self.instances):
            for attempt in instance.attempts:
                yield instance, attempt

    def errors(self) -> Iterator[tuple[TaskRecord, str]]:
        """The instances that failed, with why."""
        for instance in self.instances:
            if instance.state == "failed":
                yield instance, instance.error or "no message"


def rows(record: RunRecord, shape: Shape) -> list[Row]:
    """Every task of a run in source order, those of a pipeline run as a task below it."""
    found: dict[str, Row] = {}
    if shape.root is not None:
        found = {task.id: Row(task.id, 0, task.implementation.kind) for task in shape.root.tasks}
    latest = _latest_calls(record)
    for task in _instances(record, shape):
        place = shape.place(task.task)
        row = found.get(place.row)
        if row is None:
            kind = place.task.implementation.kind if place.task else ""
            row = found[place.row] = Row(place.row, place.depth, kind)
        calls = map(call_attempt, prefixes(task.task))
        is_latest = all(latest[call] == attempt for call, attempt in calls)
        (row.instances if is_latest else row.superseded).append(task)
        row.is_mapped = row.is_mapped or bool(place.segment.indices)
    return _nested(list(found.values()))


def _latest_calls(record: RunRecord) -> dict[str, int]:
    """The last attempt of every task that runs a pipeline."""
    latest: dict[str, int] = {}
    for instance in record.tasks:
        for call, attempt in map(call_attempt, prefixes(instance)):
            latest[call] = max(latest.get(call, 1), attempt)
    return latest


def _instances(record: RunRecord, shape: Shape) -> list[TaskRecord]:
    """Without mapped tasks that have instances of their own, and without instances that a shorter list no longer has.

    Instances that were not heard of yet are there, pending.
    """
    divided: set[str] = set()
    gone: set[str] = set()
    for instance in record.tasks:
        for parent, index in mapped_parents(instance, shape.place(instance).segment.indices):
            divided.add(parent)
            known = record.tasks.get(parent)
            if known is not None and known.mapped is not None and index >= known.mapped:
                gone.add(instance)
    instances: list[TaskRecord] = []
    for instance, task in record.tasks.items():
        if task.mapped and instance not in gone:
            unheard = (f"{instance}[{index}]" for index in range(task.mapped))
            instances.extend(TaskRecord(each) for each in unheard if each not in record.tasks)
        elif instance not in divided and instance not in gone:
            instances.append(task)
    return instances


def _nested(unordered: list[Row]) -> list[Row]:
    """Tasks of a called pipeline right behind the task that runs it."""
    known = {row.task for row in unordered}
    inner: dict[str, list[Row]] = {}
    outer: list[Row] = []
    for row in unordered:
        around = "/".join(segments(row.task)[:-1])
        (inner.setdefault(around, []) if around in known else outer).append(row)
    ordered: list[Row] = []
    pending = outer[::-1]
    while pending:
        row = pending.pop()
        ordered.append(row)
        pending.extend(reversed(inner.get(row.task, ())))
    return ordered


def task_counts(record: RunRecord, shape: Shape) -> Counter[State]:
    """How many instances are in which state; tasks that were never heard of are pending."""
    counts: Counter[State] = Counter()
    for row in rows(record, shape):
        counts.update(row.states or Counter({"pending": 1}))
    return counts


def last_moment(record: RunRecord, now: float) -> float:
    """When the run ended; for one under way now, for one that was killed the last that was heard of it."""
    if record.ended_at is not None:
        return record.ended_at
    if record.status == "running":
        return now
    return max(
        (
            moment
            for task in record.tasks.values()
            for attempt in task.attempts
            for moment in (attempt.started_at, attempt.ended_at)
            if moment is not None
        ),
        default=record.started_at,
    )

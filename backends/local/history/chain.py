"""What determined when a run ended: the chain of attempts that waited for one another, from the real times."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

from ..store.records import AttemptRecord, RunRecord
from .instances import attempt_prefix, call_attempt, prefixes
from .rows import last_moment
from .shape import Place, Shape

Reason = Literal["start", "upstream", "retry", "slot"]
"""What an attempt waited for: nothing, a task before it, its own failed attempt, or a free place."""

_SAME_MOMENT = 0.002
"""Seconds by which an end may seem to lie behind the start that it allowed: both are stamped one after the other."""

_NOTICED = 0.1
"""Seconds; who starts sooner than this after being ready did not wait for a place."""


@dataclass(frozen=True, slots=True)
class Link:
    """An attempt of the chain. `waited` is the time in seconds from what it waited for to its start."""

    instance: str
    attempt: AttemptRecord
    reason: Reason
    waited: float


@dataclass(frozen=True, slots=True)
class Span:
    """An attempt with the end that is taken for it where it has none."""

    instance: str
    attempt: AttemptRecord
    end: float


_Key = tuple[str, str, tuple[int, ...]]
"""The instances of a task that begin with these indices, in the pipeline that the first one runs."""


class Waiting:
    """Answers what the attempts of one run waited for."""

    def __init__(self, record: RunRecord, shape: Shape, now: float) -> None:
        self._record = record
        self._shape = shape
        self._horizon = last_moment(record, now)
        self._members: dict[_Key, list[Place]] = {}
        self._inside: dict[str, list[str]] = {}
        for instance in record.tasks:
            place = shape.place(instance)
            for length in range(len(place.segment.indices) + 1):
                key = (place.prefix, place.segment.task, place.segment.indices[:length])
                self._members.setdefault(key, []).append(place)
            if place.prefix:
                # An attempt of a called pipeline counts for the task that runs it, and for all around that.
                for around in prefixes(instance):
                    self._inside.setdefault(call_attempt(around)[0], []).append(instance)
        self._ends: dict[_Key, list[Span]] = {}
        spans = [self._span(instance, each) for instance, task in record.tasks.items() for each in task.attempts]
        self._all = sorted(spans, key=attrgetter("end"))

    def last(self) -> Span | None:
        """The attempt that ended last."""
        return self._all[-1] if self._all else None

    def ready(self, instance: str, start: float) -> Span | None:
        """Of what the instance had to wait for, the attempt that ended last before `start`."""
        latest: Span | None = None
        seen: set[_Key] = set()
        pending = self._before(self._shape.place(instance))
        while pending:
            key = pending.pop()
            if key in seen:
                continue
            seen.add(key)
            spans = self._spans(key)
            if not spans:
                pending.extend(self._passed_through(key))
            found = _latest_before(spans, start)
            if found is not None and (latest is None or found.end > latest.end):
                latest = found
        return latest

    def before(self, span: Span) -> tuple[Span, Reason] | None:
        """What an attempt waited for; None where it was there from the start."""
        earlier = [each for each in self._record.tasks[span.instance].attempts if each.attempt < span.attempt.attempt]
        if earlier:
            return self._span(span.instance, earlier[-1]), "retry"
        start = span.attempt.started_at
        ready = self.ready(span.instance, start)
        ready_at = ready.end if ready else self._record.started_at
        if start - ready_at > _NOTICED:
            tried = self._earlier_try(span.instance, start)
            if tried is not None and tried.end > ready_at:
                return tried, "retry"
            freed = _latest_before(self._all, start)
            if freed is not None and freed.end > ready_at + _NOTICED and freed.instance != span.instance:
                return freed, "slot"
        return (ready, "upstream") if ready else None

    def _earlier_try(self, instance: str, start: float) -> Span | None:
        """What ended last in the attempt before of a task around this one that runs a pipeline."""
        for around in reversed(prefixes(instance)):
            call, attempt = call_attempt(around)
            if attempt > 1:
                within = f"{attempt_prefix(call, attempt - 1)}/"
                names = [name for name in self._inside[call] if name.startswith(within)]
                spans = [self._span(name, each) for name in names for each in self._record.tasks[name].attempts]
                return _latest_before(sorted(spans, key=attrgetter("end")), start)
        return None

    def _span(self, instance: str, attempt: AttemptRecord) -> Span:
        end = self._horizon if attempt.ended_at is None else attempt.ended_at
        return Span(instance, attempt, max(end, attempt.started_at))

    def _before(self, place: Place) -> list[_Key]:
        """The upstream tasks of an instance, each with the indices that it shares with it."""
        while place.pipeline is not None and place.task is not None:
            upstream = self._shape.upstream(place.pipeline)[place.segment.task]
            if upstream or not place.prefix:
                return [self._key(place, each) for each in upstream]
            place = self._shape.place(place.prefix)
        return []

    def _key(self, place: Place, upstream: str) -> _Key:
        assert place.pipeline is not None
        assert place.task is not None
        other = self._shape.tasks(place.pipeline)[upstream]
        shared = self._shape.shared_indices(place.pipeline, place.task, other)
        return place.prefix, upstream, place.segment.indices[:shared]

    def _passed_through(self, key: _Key) -> list[_Key]:
        """What stands before a task that had no attempt: a decision, a gate, a task that was skipped."""
        places = self._members.get(key, [])
        if not places:
            return []
        return [(prefix, task, shared[: len(key[2])]) for prefix, task, shared in self._before(places[0])]

    def _spans(self, key: _Key) -> list[Span]:
        """The attempts of a task, by their ends: of the instances that begin with these indices."""
        if key not in self._ends:
            spans: list[Span] = []
            for place in self._members.get(key, []):
                for instance in (place.instance, *self._inside.get(place.instance, ())):
                    spans.extend(self._span(instance, each) for each in self._record.tasks[instance].attempts)
            self._ends[key] = sorted(spans, key=attrgetter("end"))
        return self._ends[key]


def critical_chain(record: RunRecord, shape: Shape, now: float) -> list[Link]:
    """The attempts that determined the end of a run, first to last: each began when what it waited for was over."""
    waiting = Waiting(record, shape, now)
    links: list[Link] = []
    seen: set[int] = set()
    span = waiting.last()
    while span is not None and id(span.attempt) not in seen:
        seen.add(id(span.attempt))
        before = waiting.before(span)
        began = before[0].end if before else record.started_at
        links.append(
            Link(
                span.instance,
                span.attempt,
                before[1] if before else "start",
                max(0.0, span.attempt.started_at - began),
            )
        )
        span = before[0] if before else None
    return links[::-1]


def _latest_before(spans: list[Span], moment: float) -> Span | None:
    position = bisect_right(spans, moment + _SAME_MOMENT, key=attrgetter("end"))
    return spans[position - 1] if position else None

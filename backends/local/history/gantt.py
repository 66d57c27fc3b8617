"""The attempts of a run over time: bars in rows, waiting between them, and the chain that determined the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

from ..store.records import AttemptRecord, RunRecord, TaskRecord
from ..words import duration
from .chain import Link, Waiting
from .instances import segments
from .rows import Row, last_moment
from .shape import Shape
from .timescale import Tick, TimeScale
from .wording import cut

CHART_WIDTH = 820.0
LABEL_WIDTH = 230.0
MOST_ROWS = 1000
_ROOMY_ROWS = 60
_MOST_LANES = 24
_FOLDED = 400
"""Rows of more attempts than this have bars merged that are too thin to be told apart."""
_SHOWN_WAIT = 2.0
"""Pixels; shorter waits are not drawn."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An attempt. `kind` is its state, cached or killed; pixels within the chart."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    is_critical: bool
    title: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Time between: `kind` is retry (the delay before the next attempt) or queue (ready, but not started)."""

    x: float
    y: float
    width: float
    kind: str
    title: str


@dataclass(slots=True)
class GanttRow:
    """A task with its bars; `y` is the top of the row."""

    task: str
    label: str
    depth: int
    y: float
    height: float
    is_critical: bool
    bars: list[Bar] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Gantt:
    """The chart. `links` are paths of SVG between the bars of the critical chain, `resumes` where it went on."""

    height: float
    rows: Sequence[GanttRow]
    ticks: Sequence[Tick]
    links: Sequence[str]
    resumes: Sequence[float]
    left_out: int

    @property
    def kinds(self) -> list[str]:
        """What there is to explain: kinds of bars, then of waits."""
        bars = dict.fromkeys(bar.kind for row in self.rows for bar in row.bars)
        return [*bars, *dict.fromkeys(wait.kind for row in self.rows for wait in row.waits)]


def gantt(record: RunRecord, shape: Shape, rows: Sequence[Row], chain: Sequence[Link], now: float) -> Gantt:
    """The chart of a run, without the tasks that had no attempt."""
    ran = [row for row in rows if next(row.attempts(), None)]
    ran.sort(key=lambda row: min(attempt.started_at for _, attempt in row.attempts()))
    end = max(last_moment(record, now), record.started_at + 1e-3)
    scale = TimeScale(record.started_at, end, CHART_WIDTH, _gaps(record))
    drawing = _Drawing(record, scale, Waiting(record, shape, now), chain, now, is_roomy=len(ran) <= _ROOMY_ROWS)
    y = 0.0
    drawn: list[GanttRow] = []
    for row in ran[:MOST_ROWS]:
        drawn.append(drawing.row(row, y))
        y += drawn[-1].height
    return Gantt(
        height=y,
        rows=drawn,
        ticks=scale.ticks(8),
        links=drawing.links(),
        resumes=[scale.position(moment) for moment in record.resumed_at],
        left_out=len(ran) - len(drawn),
    )


def _gaps(record: RunRecord) -> list[tuple[float, float]]:
    """The time between what broke off and its resumption: nothing went on, it takes no room."""
    moments = sorted(
        moment
        for task in record.tasks.values()
        for attempt in task.attempts
        for moment in (attempt.started_at, attempt.ended_at)
        if moment is not None
    )
    gaps = []
    for resumed in record.resumed_at:
        before = [moment for moment in moments if moment < resumed]
        gaps.append((before[-1] if before else record.started_at, resumed))
    return gaps


class _Drawing:
    """What the rows of one chart have in common."""

    def __init__(
        self,
        record: RunRecord,
        scale: TimeScale,
        waiting: Waiting,
        chain: Sequence[Link],
        now: float,
        *,
        is_roomy: bool,
    ) -> None:
        self._record = record
        self._scale = scale
        self._waiting = waiting
        self._chain = chain
        self._end = last_moment(record, now)
        self._critical = {id(link.attempt) for link in chain}
        self._middles: dict[int, tuple[float, float, float]] = {}
        self._is_roomy = is_roomy
        self._row_height = 26.0 if is_roomy else 17.0

    def row(self, row: Row, y: float) -> GanttRow:
        """A task's bars, in as many lanes as ran at once."""
        attempts = sorted(row.attempts(), key=lambda each: each[1].started_at)
        lanes, count = self._lanes(attempts)
        padding = 5.0 if self._is_roomy else 3.0
        lane_height = self._row_height - 2 * padding
        if count > 1:
            lane_height = max(3.0, min(lane_height, 72.0 / count))
        gap = 1.0 if count > 1 else 0.0
        height = max(self._row_height, count * lane_height + 2 * padding)
        drawn = GanttRow(
            row.task,
            cut(segments(row.task)[-1], 27 - 2 * row.depth),
            row.depth,
            y,
            height,
            self._has_critical(attempts),
        )
        for (instance, attempt), lane in zip(attempts, lanes, strict=True):
            top = y + padding + lane * lane_height
            bar = self._bar(row, instance, attempt, top, lane_height - gap)
            drawn.bars.append(bar)
            self._middles[id(attempt)] = (bar.x, bar.x + bar.width, bar.y + bar.height / 2)
        drawn.waits.extend(self._retry_waits(row))
        if not row.is_mapped:
            drawn.waits.extend(self._queue_wait(attempts, y + height / 2))
        if len(drawn.bars) > _FOLDED:
            drawn.bars = _merged(drawn.bars)
        return drawn

    def links(self) -> list[str]:
        """Curves from the end of each bar of the chain to the start of the next."""
        paths = []
        for one, other in pairwise(self._chain):
            if id(one.attempt) not in self._middles or id(other.attempt) not in self._middles:
                continue
            _, x1, y1 = self._middles[id(one.attempt)]
            x2, _, y2 = self._middles[id(other.attempt)]
            if abs(y1 - y2) > 1:
                bend = max(4.0, min(14.0, abs(x2 - x1) / 2))
                paths.append(f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}")
        return paths

    def _lanes(self, attempts: Sequence[tuple[TaskRecord, AttemptRecord]]) -> tuple[list[int], int]:
        """A lane for every attempt, free when it starts, and how many there are; further ones share lanes."""
        free: list[tuple[float, int]] = []
        lanes: list[int] = []
        count = 0
        for _, attempt in attempts:
            if free and free[0][0] <= attempt.started_at + 1e-6:
                _, lane = heappop(free)
            else:
                lane, count = count, count + 1
            lanes.append(lane)
            heappush(free, (self._ended(attempt), lane))
        return [lane % _MOST_LANES for lane in lanes], min(count, _MOST_LANES)

    def _has_critical(self, attempts: Sequence[tuple[TaskRecord, AttemptRecord]]) -> bool:
        return any(id(attempt) in self._critical for _, attempt in attempts)

    def _ended(self, attempt: AttemptRecord) -> float:
        return max(attempt.started_at, self._end if attempt.ended_at is None else attempt.ended_at)

    def _bar(self, row: Row, instance: TaskRecord, attempt: AttemptRecord, y: float, height: float) -> Bar:
        x = self._scale.position(attempt.started_at)
        width = max(self._scale.position(self._ended(attempt)) - x, 1.5)
        kind = "cached" if attempt.cached_from else attempt.state
        took = duration(self._ended(attempt) - attempt.started_at)
        number = f", attempt {attempt.attempt}" if attempt.attempt > 1 or instance.attempts_made > 1 else ""
        begins = f", from {duration(attempt.started_at - self._record.started_at)}"
        title = f"{instance.task}{number}: {kind} in {took}{begins}"
        if attempt.failure and attempt.failure.get("message"):
            title += f"\n{cut(str(attempt.failure['message']), 200)}"
        is_last = not row.is_mapped and attempt is instance.attempts[-1]
        label = took if self._is_roomy and is_last else ""
        return Bar(x, y, width, height, kind, id(attempt) in self._critical, title, label)

    def _retry_waits(self, row: Row) -> list[Wait]:
        waits = []
        for instance in (*row.superseded, *row.instances):
            for one, other in pairwise(instance.attempts):
                x1, x2 = (self._scale.position(moment) for moment in (self._ended(one), other.started_at))
                if x2 - x1 >= _SHOWN_WAIT:
                    y = self._middles[id(other)][2]
                    title = f"{instance.task} waited {duration(other.started_at - self._ended(one))} to try again"
                    waits.append(Wait(x1, y, x2 - x1, "retry", title))
        return waits

    def _queue_wait(self, attempts: Sequence[tuple[TaskRecord, AttemptRecord]], y: float) -> list[Wait]:
        instance, first = attempts[0]
        ready = self._waiting.ready(instance.task, first.started_at)
        ready_at = ready.end if ready else self._record.started_at
        x1, x2 = self._scale.position(ready_at), self._scale.position(first.started_at)
        if x2 - x1 < _SHOWN_WAIT:
            return []
        title = f"{instance.task} was ready {duration(first.started_at - ready_at)} before it started"
        return [Wait(x1, y, x2 - x1, "queue", title)]


def _merged(bars: list[Bar]) -> list[Bar]:
    """Bars of one lane and kind that touch become one; those of the critical chain stay."""
    merged: list[Bar] = []
    last_of: dict[tuple[float, str], int] = {}
    for bar in bars:
        at = last_of.get((bar.y, bar.kind))
        if at is not None and not bar.is_critical:
            before = merged[at]
            if not before.is_critical and bar.x - (before.x + before.width) < 1.0 and bar.width < 3.0:
                title = before.title if before.title.endswith("and more") else f"{before.title} and more"
                width = max(before.width, bar.x + bar.width - before.x)
                merged[at] = Bar(before.x, before.y, width, before.height, before.kind, False, title)
                continue
        last_of[bar.y, bar.kind] = len(merged)
        merged.append(bar)
    return merged

"""The page of a run: one HTML file that needs nothing else, neither network nor JavaScript."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pipec.engine.states import State

from ..store.records import RunRecord, RunSummary
from ..words import duration, printable
from .chain import Link, critical_chain
from .faults import Fault, LogTail, faults
from .gantt import CHART_WIDTH, LABEL_WIDTH, Gantt, gantt
from .graph_chart import GraphChart, graph_chart
from .instances import segments
from .rows import Row, last_moment, rows, task_counts
from .shape import Shape
from .statistics import (
    Health,
    TaskStatistics,
    Trend,
    health,
    percent,
    slowest,
    top_failing,
    trend,
)
from .trend_chart import CHART_HEIGHT, TrendChart, trend_chart
from .trend_chart import CHART_WIDTH as TREND_WIDTH
from .wording import cut, local_time, took

if TYPE_CHECKING:
    from jinja2 import Environment

GLYPHS = {
    "success": "✓",
    "failed": "✕",
    "upstream_failed": "⊘",
    "skipped": "»",
    "running": "▸",
    "up_for_retry": "↻",
    "pending": "·",
    "killed": "✕",
    "cached": "✓",
}
"""States are told by sign as well as by colour."""

_STATES: tuple[State, ...] = (
    "success",
    "failed",
    "upstream_failed",
    "skipped",
    "running",
    "up_for_retry",
    "pending",
)

_MOST_CELLS = 400
_MOST_LINES = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table of tasks."""

    row: Row
    label: str
    attempts: str
    started: str
    took: str
    is_critical: bool
    has_cells: bool


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything the page shows, prepared."""

    record: RunRecord
    state: str
    started: str
    ended: str
    took: str
    date: str
    counts: Sequence[tuple[str, int]]
    retries: int
    chain_text: str
    parameters: Sequence[tuple[str, str]]
    faults: Sequence[Fault]
    faults_left_out: int
    lines: Sequence[Line]
    anchors: Mapping[str, str]
    lines_left_out: int
    graph: GraphChart | None
    gantt: Gantt
    health: Health | None
    trend: Trend | None
    chart: TrendChart | None
    slowest: Sequence[TaskStatistics]
    failing: Sequence[TaskStatistics]
    task_runs: int
    alerts: Sequence[tuple[str, str]]


def page(
    record: RunRecord,
    shape: Shape,
    history: Sequence[RunSummary],
    statistics: Sequence[TaskStatistics],
    log_tail: LogTail,
    now: float,
) -> str:
    """The page as HTML.

    `history` are the runs of the pipeline, `statistics` those of its tasks; `now` is Unix time, the end of what runs.
    """
    view = _view(record, shape, history, statistics, log_tail, now)
    return _environment().get_template("run.html.j2").render(view=view)


@cache
def _environment() -> Environment:
    """Every text is escaped, and what no browser can show of it replaced."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=PackageLoader("pipec.backends.local.history"),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"duration": duration, "took": took, "percent": percent, "cut": cut}
    environment.globals |= {
        "glyphs": GLYPHS,
        "chart_width": CHART_WIDTH,
        "label_width": LABEL_WIDTH,
        "trend_width": TREND_WIDTH,
        "trend_height": CHART_HEIGHT,
    }
    return environment


def _view(
    record: RunRecord,
    shape: Shape,
    history: Sequence[RunSummary],
    statistics: Sequence[TaskStatistics],
    log_tail: LogTail,
    now: float,
) -> PageView:
    all_rows = rows(record, shape)
    chain = critical_chain(record, shape, now)
    critical = {shape.place(link.instance).row for link in chain}
    lines = [_line(row, record, row.task in critical) for row in all_rows]
    shown_faults, left_out = faults(all_rows, log_tail)
    counts = task_counts(record, shape)
    return PageView(
        record=record,
        state="interrupted" if record.interrupted else record.status,
        started=local_time(record.started_at),
        ended=local_time(record.ended_at) if record.ended_at is not None else "",
        took=duration(max(0.0, last_moment(record, now) - record.started_at)),
        date=str(record.context.get("date", "")),
        counts=[(state, counts[state]) for state in _STATES if counts[state]],
        retries=sum(row.retries for row in all_rows),
        chain_text=_chain_text(chain),
        parameters=[(name, json.dumps(value, ensure_ascii=False)) for name, value in record.parameters.items()],
        faults=shown_faults,
        faults_left_out=left_out,
        lines=lines[:_MOST_LINES],
        anchors={row.task: f"task-{number}" for number, row in enumerate(all_rows, start=1)},
        lines_left_out=max(0, len(lines) - _MOST_LINES),
        graph=graph_chart(shape, all_rows, chain, {line.row.task: _detail(line) for line in lines}),
        gantt=gantt(record, shape, all_rows, chain, now),
        health=health(history, shape.deadline),
        trend=trend(history),
        chart=trend_chart(history, shape.deadline, record.run_id),
        slowest=slowest(statistics),
        failing=top_failing(statistics),
        task_runs=max((each.runs for each in statistics), default=0),
        alerts=[(local_time(alert["at"]), _alert_text(alert)) for alert in record.alerts],
    )


def _line(row: Row, record: RunRecord, is_critical: bool) -> Line:
    first = row.started_at
    return Line(
        row,
        cut(segments(row.task)[-1], 48),
        str(row.attempts_made or "-"),
        "-" if first is None else f"+{duration(max(0.0, first - record.started_at))}",
        took(row.seconds),
        is_critical,
        row.is_mapped and len(row.instances) <= _MOST_CELLS,
    )


def _detail(line: Line) -> str:
    """The second line of a node."""
    row = line.row
    if row.is_mapped:
        failed = row.states["failed"]
        return f"{failed} of {len(row.instances)} failed" if failed else f"{len(row.instances)} instances"
    words = {"success": "", "pending": "pending"}.get(row.state, row.state.replace("_", " "))
    retried = f"{line.attempts} attempts" if row.retries else ""
    cached = "cached" if row.is_cached else "kept" if row.is_restored else ""
    time = line.took if line.took != "-" else ""
    return ", ".join(part for part in (words, time, cached, retried) if part) or row.kind


def _chain_text(chain: Sequence[Link]) -> str:
    """Where the time of the critical chain went."""
    if not chain:
        return ""
    worked = sum(each.attempt.ended_at - each.attempt.started_at for each in chain if each.attempt.ended_at is not None)
    retrying = sum(link.waited for link in chain if link.reason == "retry")
    queued = sum(link.waited for link in chain if link.reason != "retry")
    parts = [f"{len(chain)} attempts", f"{duration(worked)} at work"]
    parts.extend([f"{duration(retrying)} until tried again"] if retrying >= 0.005 else [])
    parts.extend([f"{duration(queued)} in between"] if queued >= 0.005 else [])
    slots = sum(link.reason == "slot" for link in chain)
    parts.extend([f"{slots} waited for a free place"] if slots else [])
    return ", ".join(parts)


def _alert_text(alert: dict[str, Any]) -> str:
    about = f"{alert['task']}: " if alert.get("task") else ""
    outcome = f"not delivered: {alert['error']}" if alert.get("error") else "delivered"
    return f"{about}{alert.get('event', '')} by {alert.get('channel', '')}, {outcome}: {alert.get('message', '')}"

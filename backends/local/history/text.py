"""Runs as text: the list of them, one of them, and what the last ones of a pipeline say together."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pipec.diagnostics.style import Painter

from ..store.records import RunRecord, RunSummary
from ..words import STATE_STYLES, duration, first_line, printable
from .faults import Fault, LogTail, faults
from .rows import Row, last_moment, rows, task_counts
from .shape import Shape
from .statistics import TASK_WINDOW, Health, TaskStatistics, Trend, percent, seconds_of, slowest, top_failing
from .wording import cut, local_time, took

_STYLES = {**STATE_STYLES, "killed": "error", "HEALTHY": "good", "WARNING": "warning", "CRITICAL": "error"}
_COLUMNS = 60
_LOG_COLUMNS = 300


def runs_text(runs: Sequence[tuple[RunSummary, RunRecord]], paint: Painter, now: float) -> str:
    """The list of runs, a line each; tasks are those that succeeded of all that were heard of."""
    lines = [("run", "pipeline", "state", "date", "started", "took", "tasks ok", "failed")]
    for run, record in runs:
        counts = task_counts(record, Shape(None))
        failed = counts["failed"] + counts["upstream_failed"]
        seconds = seconds_of(run) if run.status != "running" else now - run.started_at
        lines.append(
            (
                run.run_id,
                cut(run.pipeline, 40),
                run.status,
                run.date or "-",
                local_time(run.started_at),
                took(seconds),
                f"{counts['success']}/{sum(counts.values())}",
                str(failed or "-"),
            )
        )
    return _table(lines, paint, right={5, 6, 7}, head=True)


def run_text(record: RunRecord, shape: Shape, folder: str, log_tail: LogTail, paint: Painter, now: float) -> str:
    """One run: its head, its tasks, what failed with the end of the log, its alerts. `folder` is where its logs are."""
    all_rows = rows(record, shape)
    parts = [_head(record, paint, now), _tasks(all_rows, record, paint), f"logs: {folder}"]
    shown, left_out = faults(all_rows, log_tail)
    parts.extend(_fault(fault, paint) for fault in shown)
    parts.extend([f"and {left_out} more that failed"] if left_out else [])
    alerts = [_alert(alert, paint) for alert in record.alerts]
    if alerts:
        parts.append("\n".join(alerts))
    return "\n\n".join(parts) + "\n"


def health_text(
    pipeline: str,
    health: Health | None,
    trend: Trend | None,
    statistics: Sequence[TaskStatistics],
    paint: Painter,
) -> str:
    """What the last runs of a pipeline say together."""
    if health is None:
        return f"{paint(pipeline, 'strong')}: no run is over yet, so there is no verdict\n"
    lines = [
        f"{paint(pipeline, 'strong')} {paint(health.verdict, _STYLES[health.verdict])}: {health.reason}",
        f"  success rate  {percent(health.success_rate)}, {health.succeeded} of the last {health.runs}",
        f"  duration      typical {took(health.p50)}, 95 % within {took(health.p95)}, last {took(health.last)}",
    ]
    if health.deadline is not None:
        kept = {True: "kept", False: "not kept", None: "no run with an end"}[health.is_in_time]
        lines.append(f"  deadline      {duration(health.deadline)}, {kept}")
    if trend is not None:
        lines.append(f"  trend         {trend.words}: {duration(trend.recent)}, was {duration(trend.before)}")
    slow, failing = slowest(statistics), top_failing(statistics)
    if slow:
        lines.extend(["", f"  slowest tasks, of the last {TASK_WINDOW} runs"])
        times = [(each.task, took(each.mean), f"at most {took(each.longest)}") for each in slow]
        lines.extend(_indent(_table(times, paint, right={1})))
    if failing:
        lines.extend(["", f"  most failures, of the last {TASK_WINDOW} runs"])
        failed = [
            (each.task, f"{each.failed_runs} of {each.runs} runs", f"{each.failed_attempts} failed attempts")
            for each in failing
        ]
        lines.extend(_indent(_table(failed, paint)))
    return "\n".join(lines) + "\n"


def _head(record: RunRecord, paint: Painter, now: float) -> str:
    seconds = max(0.0, last_moment(record, now) - record.started_at)
    state = "interrupted" if record.interrupted else record.status
    lines = [
        f"{paint(record.pipeline, 'strong')} {paint(state, _STYLES[record.status])} in {duration(seconds)}, "
        f"run {record.run_id}",
        f"  started  {local_time(record.started_at)}",
    ]
    if record.ended_at is not None:
        lines.append(f"  ended    {local_time(record.ended_at)}")
    lines.extend(f"  resumed  {local_time(moment)}" for moment in record.resumed_at)
    lines.append(f"  date     {record.context.get('date', '-')}")
    lines.append(f"  file     {record.file}")
    if record.error:
        lines.append(f"  {paint(printable(record.error), 'error')}")
    return "\n".join(lines)


def _tasks(all_rows: Sequence[Row], record: RunRecord, paint: Painter) -> str:
    lines = [("task", "state", "attempts", "started", "took", "log", "note")]
    for row in all_rows:
        logs = [attempt.log for _, attempt in row.attempts() if attempt.log]
        lines.append(
            (
                cut(row.task, _COLUMNS),
                row.states_text,
                str(row.attempts_made or "-"),
                "-" if row.started_at is None else f"+{duration(max(0.0, row.started_at - record.started_at))}",
                took(row.seconds),
                logs[-1] if logs and not row.is_mapped else "-",
                cut(row.note, 80),
            )
        )
    return _table(lines, paint, right={2, 3, 4}, head=True).rstrip("\n")


def _fault(fault: Fault, paint: Painter) -> str:
    head = f"{paint(fault.instance, 'strong')} {paint('failed', 'error')}: {_indented(fault.message)}"
    return "\n".join([head, *(f"  | {cut(printable(line), _LOG_COLUMNS)}" for line in fault.tail)])


def _alert(alert: dict[str, object], paint: Painter) -> str:
    about = f" of {alert['task']}" if alert.get("task") else ""
    error = alert.get("error")
    outcome = paint(f"not delivered: {printable(str(error))}", "warning") if error else "delivered"
    return f"alert {alert.get('event')}{about} by {alert.get('channel')}: {outcome}"


def _table(lines: Sequence[Sequence[str]], paint: Painter, right: Collection[int] = (), *, head: bool = False) -> str:
    """Columns as wide as they need to be, some to the right; states in their colours, a head line bold."""
    shown = [[first_line(cell) for cell in line] for line in lines]
    widths = [max(len(line[column]) for line in shown) for column in range(len(shown[0]))]
    text = []
    for number, line in enumerate(shown):
        cells = []
        for column, cell in enumerate(line):
            padding = " " * (widths[column] - len(cell))
            style = "strong" if head and number == 0 else _STYLES.get(cell, "plain") if column in (1, 2) else "plain"
            painted = paint(cell, style)
            cells.append(padding + painted if column in right else painted + padding)
        text.append("  ".join(cells).rstrip())
    return "\n".join(text) + "\n"


def _indent(text: str) -> list[str]:
    return [f"    {line}" for line in text.splitlines()]


def _indented(message: str) -> str:
    """Further lines of a message, below the first one."""
    return printable(message).replace("\n", "\n  ")

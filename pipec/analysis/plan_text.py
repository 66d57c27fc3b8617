"""A plan as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from pipec.analysis.plan import Plan, PlannedTask

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def plan_text(plan: Plan) -> str:
    """The table of tasks by level, then what stands out. Ends in a newline."""
    return "\n".join([_headline(plan), "", *_table(plan), "", *_findings(plan)]) + "\n"


def next_runs_text(moments: Sequence[datetime]) -> str:
    """The times of the next runs, one a line, with the day of the week. Ends in a newline."""
    lines = [f"  {moment:%a} {moment.isoformat(sep=' ', timespec='minutes')}" for moment in moments]
    return "\n".join(["next runs:", *(lines or ["  none: the schedule never fires"])]) + "\n"


def duration_text(seconds: float) -> str:
    """Seconds as the language writes a duration: `1h30m`, `250ms`, `0s`; below a millisecond rounded."""
    milliseconds = round(abs(seconds) * 1000)
    whole, rest = divmod(milliseconds, 1000)
    text = ""
    for size, unit in _UNITS:
        number, whole = divmod(whole, size)
        text += f"{number}{unit}" if number else ""
    text += f"{rest}ms" if rest else ""
    return ("-" if seconds < 0 and text else "") + (text or "0s")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _amount(plan: Plan, value: float) -> str:
    """A time of the plan in its unit."""
    return duration_text(value) if plan.unit == "seconds" else _count(round(value), "task")


def _headline(plan: Plan) -> str:
    tasks, levels = _count(len(plan.tasks), "task"), _count(len(plan.levels), "level")
    return f"{plan.pipeline}: {tasks} in {levels}, at most {plan.width} at once"


def _table(plan: Plan) -> Iterator[str]:
    tasks = {task.id: task for task in plan.tasks}
    estimated = plan.unit == "seconds"
    header = ["level", "task", "estimate", "start", "slack", "after"]
    rows = [header]
    for index, level in enumerate(plan.levels):
        rows.extend(_row(plan, tasks[id], str(index) if id == level[0] else "") for id in level)
    if not estimated:
        rows = [[row[0], row[1], row[4], row[5]] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].rjust(widths[0]), *(cell.ljust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()


def _row(plan: Plan, task: PlannedTask, level: str) -> list[str]:
    return [
        level,
        task.id,
        "-" if task.estimate is None else duration_text(task.estimate),
        _amount(plan, task.earliest_start),
        "critical" if task.critical else _amount(plan, task.slack),
        ", ".join(task.upstream),
    ]


def _findings(plan: Plan) -> Iterator[str]:
    length, total = _amount(plan, plan.critical_path_length), _amount(plan, plan.total_work)
    if plan.unit == "seconds":
        yield f"critical path: {_count(len(plan.critical_path), 'task')}, {length} of {total} total work"
    else:
        yield f"critical path: {length} of {total}"
    yield f"  {' -> '.join(plan.critical_path)}"
    if plan.parallel_groups:
        yield "parallel groups:"
        yield from (f"  {{{', '.join(group)}}}" for group in plan.parallel_groups)
    if plan.redundant_edges:
        yield "redundant edges, ordered by others already:"
        yield from (f"  {upstream} -> {task}" for upstream, task in plan.redundant_edges)
    yield from _deadline(plan)
    yield from _missing_estimates(plan)


def _deadline(plan: Plan) -> Iterator[str]:
    if plan.deadline is None:
        return
    deadline = duration_text(plan.deadline)
    if plan.deadline_margin is None:
        yield f"deadline {deadline}: no margin is known without estimates"
    elif plan.deadline_margin < 0:
        yield f"deadline {deadline}: missed by {duration_text(-plan.deadline_margin)}, even if all goes well"
    else:
        yield f"deadline {deadline}: margin {duration_text(plan.deadline_margin)}"


def _missing_estimates(plan: Plan) -> Iterator[str]:
    missing = sum(task.estimate is None for task in plan.tasks)
    if plan.unit == "tasks":
        yield "no task has an estimate: lengths are numbers of tasks"
    elif missing:
        yield f"{_count(missing, 'task')} without an estimate: counted as 0s"

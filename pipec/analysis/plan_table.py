"""The tasks of a plan as a table, a line each, by levels; what is long is folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipec.analysis.plan import Plan, PlannedTask
from pipec.analysis.plan_words import amount, count, listed

_MOST_IN_LEVEL = 12
_SHOWN_IN_LEVEL = 8
_MOST_LEVELS = 60
_MOST_UPSTREAM = 8

_Row = list[str]


def table(plan: Plan, everything: bool) -> Iterator[str]:
    """The lines of the table. Where a level is folded its critical tasks are shown before others."""
    tasks = {task.id: task for task in plan.tasks}
    rows: list[_Row | str] = [["level", "task", "estimate", "start", "slack", "after"]]
    half = _MOST_LEVELS // 2
    for index, level in enumerate(plan.levels):
        if len(plan.levels) <= _MOST_LEVELS or everything or not half <= index < len(plan.levels) - half:
            rows.extend(_level(plan, index, [tasks[id] for id in level], everything))
        elif index == half:
            rows.append(_folded_levels(plan.levels[half:-half]))
    if plan.unit == "tasks":
        rows = [row if isinstance(row, str) else [row[0], row[1], row[4], row[5]] for row in rows]
    widths = [max(map(len, column)) for column in zip(*(row for row in rows if not isinstance(row, str)), strict=True)]
    for row in rows:
        if isinstance(row, str):
            yield " " * (widths[0] + 2) + row
        else:
            cells = [
                row[0].rjust(widths[0]),
                *(cell.ljust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
            yield "  ".join(cells).rstrip()


def _level(plan: Plan, index: int, level: Sequence[PlannedTask], everything: bool) -> Iterator[_Row | str]:
    shown = list(level)
    if len(level) > _MOST_IN_LEVEL and not everything:
        critical_first = sorted(level, key=lambda task: not task.critical)[:_SHOWN_IN_LEVEL]
        chosen = {task.id for task in critical_first}
        shown = [task for task in level if task.id in chosen]
    for number, task in enumerate(shown):
        yield _row(plan, task, "" if number else str(index), everything)
    if len(shown) < len(level):
        ids = {task.id for task in shown}
        yield _folded_tasks(plan, [task for task in level if task.id not in ids])


def _row(plan: Plan, task: PlannedTask, level: str, everything: bool) -> _Row:
    estimate = "-" if task.estimate is None else amount(plan, task.estimate)
    if task.estimate is not None and task.waves > 1:
        estimate += f" x {task.waves}"
    return [
        level,
        task.id,
        estimate,
        amount(plan, task.earliest_start) if task.runs else "-",
        _slack(plan, task),
        listed(task.upstream, _MOST_UPSTREAM, everything),
    ]


def _slack(plan: Plan, task: PlannedTask) -> str:
    if not task.runs:
        return "skipped"
    return "critical" if task.critical else amount(plan, task.slack)


def _folded_tasks(plan: Plan, tasks: Sequence[PlannedTask]) -> str:
    critical = sum(task.critical for task in tasks)
    slack = [task.slack for task in tasks if task.runs and not task.critical]
    facts = [f"{critical} critical"] if critical else []
    if slack:
        least, most = amount(plan, min(slack)), amount(plan, max(slack))
        facts.append(f"slack {least}" if least == most else f"slack {least} to {most}")
    return f"and {len(tasks)} more" + (f": {', '.join(facts)}" if facts else "")


def _folded_levels(levels: Sequence[Sequence[str]]) -> str:
    return f"and {len(levels)} levels more with {count(sum(map(len, levels)), 'task')}"

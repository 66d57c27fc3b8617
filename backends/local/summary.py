"""A run that is over, as a person reads it."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipec.diagnostics.style import Painter

from .result import RunResult, TaskResult
from .run_folder import last_lines
from .words import STATE_STYLES, duration, printable

_SHOWN_TASKS = 50
"""Of a pipeline with more tasks those that succeeded are counted."""

_SHOWN_FAILURES = 10
_LOG_LINES = 10
_LOG_COLUMNS = 300


def summary(result: RunResult, *, color: bool) -> str:
    """States, times and, for every task that failed, its message, the end of its log and where that is."""
    paint = Painter(color)
    parts = [_head(result, paint), _table(result, paint), _totals(result)]
    if result.returns is not None:
        parts.append(f"returned {json.dumps(result.returns, ensure_ascii=False)}")
    if result.error is not None:
        parts.append(paint(printable(result.error), "error"))
    failed = [(name, one) for task_name, task in result.tasks.items() for name, one in _failures(task_name, task)]
    parts.extend(_failure(name, task, paint) for name, task in failed[:_SHOWN_FAILURES])
    if len(failed) > _SHOWN_FAILURES:
        parts.append(f"... and {len(failed) - _SHOWN_FAILURES} more failed: see `pipec runs {result.run_id}`")
    return "\n\n".join(parts) + "\n"


def _head(result: RunResult, paint: Painter) -> str:
    state = paint("interrupted" if result.interrupted else result.state, STATE_STYLES[result.state])
    return f"{paint(result.pipeline, 'strong')} {state} in {duration(result.duration_s)}, run {result.run_id}"


def _failures(name: str, task: TaskResult) -> Iterator[tuple[str, TaskResult]]:
    """A task that failed by its name; of a mapped one the instances that did."""
    if task.state != "failed":
        return
    if not task.instances:
        yield name, task
    for instance in task.instances or ():
        if instance.state == "failed":
            yield name + "".join(f"[{index}]" for index in instance.index or ()), instance


def _table(result: RunResult, paint: Painter) -> str:
    shown_tasks, others = _shown_tasks(result)
    rows = [("task", "state", "attempts", "time")]
    for name, task in shown_tasks.items():
        shown = f"{name} x {len(task.instances)}" if task.instances else name
        rows.append((shown, task.state, str(task.attempts or "-"), _took(task)))
    names, states, attempts, times = (max(len(row[column]) for row in rows) for column in range(4))
    styles = {**STATE_STYLES, "state": "strong"}
    lines = [
        f"{name:<{names}}  {paint(state, styles[state])}{' ' * (states - len(state))}  "
        f"{attempt:>{attempts}}  {time:>{times}}"
        for name, state, attempt, time in rows
    ]
    return "\n".join([*lines, *others])


def _shown_tasks(result: RunResult) -> tuple[dict[str, TaskResult], list[str]]:
    """The tasks that have a row, and a line that counts the others."""
    if len(result.tasks) <= _SHOWN_TASKS:
        return result.tasks, []
    unlike = [(name, task) for name, task in result.tasks.items() if task.state != "success"]
    shown = dict(unlike[:_SHOWN_TASKS])
    others: Counter[str] = Counter(task.state for name, task in result.tasks.items() if name not in shown)
    return shown, [f"... and {_counted(others)}: see `pipec runs {result.run_id}`"]


def _counted(states: Counter[str]) -> str:
    return ", ".join(f"{states[state]} {state}" for state in STATE_STYLES if states[state])


def _took(task: TaskResult) -> str:
    if task.restored:
        return "before"
    if task.cached_from is not None:
        return "cached"
    return duration(task.duration_s) if task.started_at is not None else "-"


def _totals(result: RunResult) -> str:
    tasks = [one for task in result.tasks.values() for one in task.instances or (task,)]
    states: Counter[str] = Counter(task.state for task in tasks)
    ran = states["success"] + states["failed"] + states["upstream_failed"]
    rate = f"; success rate {states['success'] * 100 // ran}%" if ran else ""  # 100% is without a failure
    task_time = sum(task.duration_s for task in tasks)
    speed_up = f", speed-up {task_time / result.duration_s:.1f}" if result.duration_s else ""
    retries = sum(max(0, task.attempts - 1) for task in tasks)
    return f"tasks: {_counted(states) or 'none'}{rate}\ntask time {duration(task_time)}{speed_up}, retries {retries}"


def _failure(name: str, task: TaskResult, paint: Painter) -> str:
    after = f" after {task.attempts} attempts" if task.attempts > 1 else ""
    lines = [f"{paint(name, 'strong')} {paint('failed', 'error')}{after}: {_indented(printable(task.error or ''))}"]
    if task.log is not None:
        lines.extend(f"  | {_cut(printable(line))}" for line in last_lines(Path(task.log), _LOG_LINES))
        lines.append(f"  log: {_shown(task.log)}")
    return "\n".join(lines)


def _indented(message: str) -> str:
    """Further lines of a message, below the first one."""
    return message.replace("\n", "\n  ")


def _cut(line: str) -> str:
    """A line of a log short enough to read: one without newlines may have megabytes."""
    return line if len(line) <= _LOG_COLUMNS else f"{line[:_LOG_COLUMNS]} ... ({len(line)} characters)"


def _shown(path: str) -> str:
    """A path as one would type it: relative where it lies below the current folder."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative

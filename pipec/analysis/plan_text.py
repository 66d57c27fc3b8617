"""A plan as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from pipec.analysis.plan import Outlook, Plan, PlannedDecision
from pipec.analysis.plan_table import table
from pipec.analysis.plan_words import amount, count, duration_text, listed

_KINDS = {"min": "at best", "likely": "as is likely", "max": "at worst"}
_ORIGINS = {"given": "given", "runs": "the median of earlier runs", "default": "by the defaults of parameters"}
_PERCENTILES = "5th, 50th and 95th percentile of the attempts that succeeded"
_MOST_LINES = 12
_MOST_TASKS = 16
_MOST_GAINS = 3

__all__ = ["duration_text", "next_runs_text", "plan_text"]


def plan_text(plan: Plan, everything: bool = False) -> str:
    """The table of tasks by level, then what stands out. Ends in a newline.

    What is long is folded, unless `everything` is to be shown.
    """
    return "\n".join([_headline(plan), "", *table(plan, everything), "", *_findings(plan, everything)]) + "\n"


def next_runs_text(moments: Sequence[datetime]) -> str:
    """The times of the next runs, one a line, with the day of the week. Ends in a newline."""
    lines = [f"  {moment:%a} {moment.isoformat(sep=' ', timespec='minutes')}" for moment in moments]
    return "\n".join(["next runs:", *(lines or ["  none: the schedule never fires"])]) + "\n"


def _headline(plan: Plan) -> str:
    tasks, levels = count(len(plan.tasks), "task"), count(len(plan.levels), "level")
    return f"{plan.pipeline}: {tasks} in {levels}, at most {plan.width} at once"


def _findings(plan: Plan, everything: bool) -> Iterator[str]:
    yield from _critical_path(plan, everything)
    if plan.parallel_groups:
        yield "parallel groups:"
        groups = [f"  {{{listed(group, 8, everything)}}}" for group in plan.parallel_groups]
        yield from _lines(groups, everything)
    if 0 < len(plan.bottlenecks) < len(plan.tasks):
        yield f"bottlenecks, nothing runs beside them: {listed(plan.bottlenecks, 12, everything)}"
    yield from _gains(plan)
    if plan.redundant_edges:
        yield "redundant edges, ordered by others already:"
        yield from _lines([f"  {upstream} -> {task}" for upstream, task in plan.redundant_edges], everything)
    yield from _deadline(plan)
    yield from _decisions(plan, everything)
    yield from _maps(plan, everything)
    yield from _estimates(plan)


def _critical_path(plan: Plan, everything: bool) -> Iterator[str]:
    length, total = amount(plan, plan.critical_path_length), amount(plan, plan.total_work)
    if plan.least_work != plan.total_work:
        total = f"{_bare(plan, plan.least_work)} to {total}"
    if plan.unit == "tasks":
        yield f"critical path: {length} of {total}"
    else:
        kind = "" if plan.estimate == "likely" else f" {_KINDS[plan.estimate]}"
        yield f"critical path{kind}: {count(len(plan.critical_path), 'task')}, {length} of {total} total work"
    yield f"  {_chain(plan.critical_path, everything)}"
    if not plan.has_spread:
        return
    for kind, outlook in plan.outlooks.items():
        if kind != plan.estimate:
            same = outlook.critical_path == plan.critical_path
            path = "" if same else f": {_chain(outlook.critical_path, everything)}"
            yield f"  {_KINDS[kind]} {amount(plan, outlook.critical_path_length)}{path}"


def _bare(plan: Plan, value: float) -> str:
    return amount(plan, value) if plan.unit == "seconds" else str(round(value))


def _chain(path: Sequence[str], everything: bool) -> str:
    if len(path) <= _MOST_TASKS or everything:
        return " -> ".join(path)
    half = _MOST_TASKS // 2
    return " -> ".join([*path[:half], f"({len(path) - 2 * half} more)", *path[-half:]])


def _lines(lines: Sequence[str], everything: bool) -> Iterator[str]:
    if len(lines) <= _MOST_LINES or everything:
        yield from lines
    else:
        yield from lines[: _MOST_LINES - 1]
        yield f"  and {len(lines) - _MOST_LINES + 1} more"


def _gains(plan: Plan) -> Iterator[str]:
    """Where time is to be won: only tasks of the critical path, and not more than the next longest path allows."""
    gains = [(task.sooner_if_halved, task) for task in plan.tasks if task.sooner_if_halved]
    gains.sort(key=lambda gain: -(gain[0] or 0.0))
    if not gains or len(plan.tasks) == 1:
        return
    shown = [
        f"{task.id} by {amount(plan, gain or 0.0)}" + ("*" if (gain or 0.0) < task.duration / 2 else "")
        for gain, task in gains[:_MOST_GAINS]
    ]
    yield f"halving one task shortens the run: {', '.join(shown)}"
    if any(text.endswith("*") for text in shown):
        yield "  * no more, for then another path is as long"


def _deadline(plan: Plan) -> Iterator[str]:
    if plan.deadline is None:
        return
    deadline = duration_text(plan.deadline)
    if plan.deadline_margin is None:
        yield f"deadline {deadline}: no margin is known without estimates"
        return
    best = plan.outlooks["min"].deadline_margin or 0.0
    others = [
        f"{_margin(plan, outlook)} {_KINDS[kind]}"
        for kind, outlook in plan.outlooks.items()
        if kind != plan.estimate and plan.has_spread
    ]
    own = _margin(plan, plan.outlooks[plan.estimate])
    if best < 0:
        own = f"{own}, even if all goes well"
    yield f"deadline {deadline}: {own}" + (f" ({', '.join(others)})" if others else "")


def _margin(plan: Plan, outlook: Outlook) -> str:
    margin = outlook.deadline_margin or 0.0
    return f"missed by {amount(plan, -margin)}" if margin < 0 else f"margin {amount(plan, margin)}"


def _decisions(plan: Plan, everything: bool) -> Iterator[str]:
    known = [f"  {approval} is rejected" for approval in plan.rejected]
    known.extend(
        f"  {decision.id} is {_word(decision.taken)}" for decision in plan.decisions if decision.taken is not None
    )
    if known:
        yield "by what is given:"
        yield from _lines(known, everything)
    still_open = [f"  {_by_side(plan, decision)}" for decision in plan.decisions if decision.taken is None]
    if still_open:
        yield "the longest run by what is decided:"
        yield from _lines(still_open, everything)
    if plan.usual is not None:
        length = amount(plan, plan.usual.critical_path_length)
        same = plan.usual.critical_path == plan.critical_path
        path = "the worst path" if same else _chain(plan.usual.critical_path, everything)
        yield f"as most earlier runs decide: {length}, {path}"


def _by_side(plan: Plan, decision: PlannedDecision) -> str:
    if decision.worst is None:
        return f"{decision.id}: no difference{_habit(decision)}"
    sides = [
        f"{_word(side)} {'not worked out' if length is None else amount(plan, length)}"
        + (" (worst)" if side is decision.worst else "")
        for side, length in ((True, decision.length_if_true), (False, decision.length_if_false))
    ]
    return f"{decision.id}: {', '.join(sides)}{_habit(decision)}"


def _habit(decision: PlannedDecision) -> str:
    habit = decision.habit
    return "" if habit is None else f"; true in {habit.true} of {count(habit.all, 'earlier run')}"


def _word(side: bool) -> str:
    return "true" if side else "false"


def _maps(plan: Plan, everything: bool) -> Iterator[str]:
    lines = []
    for region in plan.maps:
        if region.items is None:
            lines.append(f"  {region.variable}: counted as one item, for nothing tells how many there are")
            continue
        if region.waves <= 1:
            waves = "all at once" if region.items > 1 else ""
        else:
            waves = f"in {region.waves} waves" + (f", {region.max_parallel} at once" if region.max_parallel else "")
        origin = _ORIGINS[region.origin or "given"]
        lines.append(f"  {region.variable}: {' '.join([count(region.items, 'item'), waves]).rstrip()}, {origin}")
    if lines:
        yield "maps:"
        yield from _lines(lines, everything)


def _estimates(plan: Plan) -> Iterator[str]:
    learnt = sum(task.attempts is not None for task in plan.tasks)
    if plan.runs == 0:
        yield "no earlier run tells how long tasks take: there are none of this pipeline"
    elif plan.runs is not None:
        yield f"{count(learnt, 'estimate')} learnt from {count(plan.runs, 'run')}: {_PERCENTILES}"
    missing = sum(task.estimate is None for task in plan.tasks)
    if plan.unit == "tasks":
        yield "no task has an estimate: lengths are numbers of tasks"
    elif missing:
        yield f"{count(missing, 'task')} without an estimate: counted as 0s"

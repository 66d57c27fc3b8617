"""What changes mean for the plan and for the next runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pipec.analysis.intervals import NoIntervalsError, next_runs
from pipec.analysis.plan import Plan, plan
from pipec.comparison.model import Measures, NextRuns, SlackChange, Times
from pipec.ir.model import Pipeline, Program

_NEXT_RUNS = 3


def times(old: Program, old_key: str | None, new: Program, new_key: str | None, pairs: Mapping[str, str]) -> Times:
    """Both plans in figures, and the slack of the tasks that both have, where it is another; in source order."""
    before = None if old_key is None else plan(old.pipelines[old_key], program=old)
    after = None if new_key is None else plan(new.pipelines[new_key], program=new)
    slack: tuple[SlackChange, ...] = ()
    if before is not None and after is not None and before.unit == after.unit:
        here, there = ({task.id: task.slack for task in one.tasks} for one in (before, after))
        slack = tuple(
            SlackChange(old=id, new=partner, old_slack=here[id], new_slack=there[partner])
            for id, partner in pairs.items()
            if here[id] != there[partner]
        )
    return Times(old=_measures(before), new=_measures(after), slack=slack)


def _measures(plan: Plan | None) -> Measures | None:
    if plan is None:
        return None
    return Measures(
        unit=plan.unit,
        tasks=len(plan.tasks),
        levels=len(plan.levels),
        width=plan.width,
        critical_path=plan.critical_path,
        critical_path_length=plan.critical_path_length,
        critical_path_max=plan.outlooks["max"].critical_path_length if plan.has_spread else None,
        total_work=plan.total_work,
        deadline=plan.deadline,
        deadline_margin=plan.deadline_margin,
    )


def compared_runs(old: Pipeline, new: Pipeline, now: datetime) -> NextRuns:
    """When both run next after a moment."""
    return NextRuns(old=_runs(old, now), new=_runs(new, now))


def _runs(pipeline: Pipeline, now: datetime) -> tuple[str, ...] | None:
    try:
        moments = next_runs(pipeline, now, _NEXT_RUNS)
    except NoIntervalsError:
        return None
    return tuple(moment.isoformat(timespec="minutes") for moment in moments)

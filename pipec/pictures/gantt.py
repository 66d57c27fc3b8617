"""The plan as a Gantt chart: each task as early as it may start, and how late it might."""

from __future__ import annotations

from pipec.analysis.plan import Plan, PlannedTask
from pipec.ir.model import Pipeline
from pipec.pictures.chart import Bar, Chart, Row
from pipec.pictures.facts import Facts, all_facts
from pipec.pictures.nodes import times_text, tone_of


def plan_chart(pipeline: Pipeline, plan: Plan) -> Chart:
    """The chart of a plan, a row for each task that runs, in the order of their starts."""
    facts = all_facts(pipeline, plan)
    ran = sorted((task for task in plan.tasks if task.runs), key=lambda task: task.earliest_start)
    return Chart(
        rows=tuple(_row(plan, task, facts[task.id]) for task in ran),
        end=plan.critical_path_length,
        unit=plan.unit,
        deadline=plan.deadline if plan.unit == "seconds" else None,
    )


def _row(plan: Plan, task: PlannedTask, facts: Facts) -> Row:
    end = task.earliest_start + task.duration
    bars = [Bar("run", task.earliest_start, end)]
    if task.slack:
        bars.insert(0, Bar("slack", end, end + task.slack))
    return Row(task.id, task.id, times_text(plan, task), facts.text(), tone_of(plan, task), tuple(bars))

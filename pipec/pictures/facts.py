"""What a picture says of a task to who points at it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipec.analysis.graph import downstream_map
from pipec.analysis.plan import Plan, PlannedTask
from pipec.analysis.plan_words import amount, duration_text
from pipec.analysis.quantities import cores, memory
from pipec.frozen import Frozen
from pipec.ir.model import Options, Pipeline, Resources, Retry, Task
from pipec.ir.printout import expression_text, implementation_text

_MOST_NEIGHBOURS = 12
_LONGEST = 200
"""Characters of a value that are shown."""


class Facts(Frozen):
    """A task in words: its documentation, then what there is to know, by name."""

    task: str
    doc: str
    rows: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """All of it, a line each."""
        lines = [self.task, *([self.doc] if self.doc else []), *(f"{name}: {value}" for name, value in self.rows)]
        return "\n".join(lines)


def all_facts(pipeline: Pipeline, plan: Plan) -> dict[str, Facts]:
    """What there is to say of every task."""
    downstream = downstream_map({task.id: task.upstream for task in plan.tasks})
    tasks = {task.id: task for task in pipeline.tasks}
    return {
        planned.id: Facts(
            planned.id,
            tasks[planned.id].doc or "",
            tuple(_rows(tasks[planned.id], plan, planned, downstream[planned.id])),
        )
        for planned in plan.tasks
    }


def _rows(task: Task, plan: Plan, planned: PlannedTask, downstream: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield "does", _short(implementation_text(task.implementation))
    for side in task.branches:
        yield "only if", side.decision if side.taken else f"not {side.decision}"
    if task.trigger_rule != "all_success":
        yield "trigger rule", task.trigger_rule
    if task.map is not None:
        yield "map", task.map
    for requirement in task.requirements:
        yield "requires", _short(expression_text(requirement.condition))
    if (estimate := task.options.estimate) is not None:
        spread = (
            "" if estimate.min == estimate.max else f", {duration_text(estimate.min)} to {duration_text(estimate.max)}"
        )
        yield "estimate", duration_text(estimate.likely) + spread
    elif planned.estimate is not None:
        yield "estimate", duration_text(planned.estimate)
    yield "starts after", amount(plan, planned.earliest_start)
    yield "slack", "none: critical" if planned.critical else amount(plan, planned.slack)
    yield from _options(task.options)
    yield "after", _listed(planned.upstream)
    yield "before", _listed(downstream)


def _listed(tasks: Sequence[str]) -> str:
    if not tasks:
        return "nothing"
    more = len(tasks) - _MOST_NEIGHBOURS
    return ", ".join(tasks[:_MOST_NEIGHBOURS]) + (f" and {more} more" if more > 0 else "")


def _options(options: Options) -> Iterator[tuple[str, str]]:
    given = options.model_dump(exclude_defaults=True)
    for name in Options.model_fields():
        if name in given and name != "estimate":
            value = getattr(options, name)
            yield name.replace("_", " "), _short(_option(name, value, given[name]))


def _option(name: str, value: Any, dumped: Any) -> str:
    match value:
        case Retry():
            return _retry(value)
        case Resources():
            return _resources(value)
        case bool():
            return "yes" if value else "no"
        case int() | float() if name in ("timeout", "deadline", "cache"):
            return duration_text(value)
        case str() | int() | float():
            return str(value)
        case Mapping():
            return ", ".join(value)
        case tuple() if all(isinstance(item, str) for item in value):
            return ", ".join(value)
        case _:
            return json.dumps(dumped, sort_keys=True, ensure_ascii=False)


def _retry(retry: Retry) -> str:
    text = f"{retry.max} more"
    if retry.delay:
        text += f", {duration_text(retry.delay)} apart"
    return text if retry.backoff == 1 else f"{text}, each wait times {retry.backoff:g}"


def _resources(resources: Resources) -> str:
    parts = []
    if resources.cpu is not None:
        parts.append(f"cpu {cores(resources.cpu)}")
    if resources.memory is not None:
        parts.append(f"memory {memory(resources.memory)}")
    if resources.gpu is not None:
        parts.append(f"gpu {resources.gpu}" + (f" {resources.gpu_type}" if resources.gpu_type else ""))
    if resources.spot:
        parts.append("spot")
    return ", ".join(parts) or "as placed"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"

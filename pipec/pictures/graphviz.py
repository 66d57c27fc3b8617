"""A plan as the source of a drawing by Graphviz, the critical path drawn bold."""

from __future__ import annotations

from itertools import pairwise

from pipec.analysis.plan import Plan, PlannedTask
from pipec.analysis.plan_words import duration_text


def dot(plan: Plan) -> str:
    """A Graphviz digraph, nodes named by the tasks' ids."""
    on_path = set(plan.critical_path)
    critical = _critical_edges(plan)
    lines = [f"digraph {_dot_text(plan.pipeline)} {{", "  rankdir=LR;", "  node [shape=box];"]
    for task in plan.tasks:
        style = ", penwidth=3" if task.id in on_path else ""
        lines.append(f"  {_dot_text(task.id)} [label={_dot_text(_label(task))}{style}];")
    for task in plan.tasks:
        for parent in task.upstream:
            style = " [penwidth=3]" if (parent, task.id) in critical else ""
            lines.append(f"  {_dot_text(parent)} -> {_dot_text(task.id)}{style};")
    return "\n".join([*lines, "}"]) + "\n"


def _label(task: PlannedTask) -> str:
    return task.id if task.estimate is None else f"{task.id}\n{duration_text(task.estimate)}"


def _critical_edges(plan: Plan) -> set[tuple[str, str]]:
    return set(pairwise(plan.critical_path))


def _dot_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'

"""A plan as the source of a drawing, for Mermaid and for Graphviz, the critical path drawn bold."""

from __future__ import annotations

from itertools import pairwise

from pipec.analysis.plan import Plan, PlannedTask
from pipec.analysis.plan_words import duration_text


def mermaid(plan: Plan) -> str:
    """A Mermaid flowchart. Nodes are numbered in source order; labels are the tasks' ids."""
    number = {task.id: f"t{index}" for index, task in enumerate(plan.tasks)}
    lines = ["flowchart LR"]
    lines.extend(f'  {number[task.id]}["{_mermaid_text(_label(task))}"]' for task in plan.tasks)
    critical = _critical_edges(plan)
    for task in plan.tasks:
        for parent in task.upstream:
            arrow = "==>" if (parent, task.id) in critical else "-->"
            lines.append(f"  {number[parent]} {arrow} {number[task.id]}")
    lines.append("  classDef critical stroke-width:3px")
    lines.append(f"  class {','.join(number[id] for id in plan.critical_path)} critical")
    return "\n".join(lines if plan.critical_path else lines[:-2]) + "\n"


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


def _mermaid_text(text: str) -> str:
    """Text inside quotes: Mermaid knows entities, written `#name;`."""
    entities = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "\n": "<br>"}
    return "".join(entities.get(character, character) for character in text)


def _dot_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'

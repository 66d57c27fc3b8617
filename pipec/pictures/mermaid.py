"""A plan as a Mermaid flowchart, as GitHub and others draw it inside Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.analysis.plan import Plan
from pipec.analysis.plan_words import duration_text
from pipec.ir.model import Pipeline
from pipec.pictures.building import scene_of
from pipec.pictures.markup import clean
from pipec.pictures.placing import all_nodes
from pipec.pictures.scene import Edge, Frame, Node

_ENTITIES = {
    "#": "#35;",
    '"': "#quot;",
    "<": "#lt;",
    ">": "#gt;",
    "&": "#amp;",
    "`": "#96;",  # begins Markdown inside quotes
    "%": "#37;",  # two begin a comment, also there
    "\\": "#92;",
    "\n": "<br>",
}
_ARROWS = {"critical": "==>", "plain": "-->", "faint": "-.->", "hidden": "~~~"}


def mermaid(pipeline: Pipeline, plan: Plan) -> str:
    """A flowchart with the frames and nodes of the other pictures. Nodes are numbered; what users named is quoted."""
    scene = scene_of(pipeline, plan)
    estimates = {task.id: task.estimate for task in plan.tasks}
    nodes = sorted(all_nodes(scene), key=lambda node: int(node.key[1:]))
    lines = ["flowchart LR"]
    for member in scene.members:
        lines.extend(_member(member, estimates, "  "))
    lines.extend(f"  {edge.source} {_ARROWS[edge.style]}{_side(edge)} {edge.target}" for edge in scene.edges)
    critical = [node.key for node in nodes if node.tone == "critical"]
    bold = [str(index) for index, edge in enumerate(scene.edges) if edge.style == "critical"]
    if critical:
        lines.append("  classDef critical stroke:#d9520b,stroke-width:3px")
        lines.append(f"  class {','.join(critical)} critical")
    if bold:
        lines.append(f"  linkStyle {','.join(bold)} stroke:#d9520b")
    return "\n".join(lines) + "\n"


def _member(member: Node | Frame, estimates: dict[str, float | None], space: str) -> Iterator[str]:
    if isinstance(member, Node):
        opening, closing = {"task": ("[", "]"), "decision": ("{", "}"), "bundle": ("[[", "]]")}[member.shape]
        yield f'{space}{member.key}{opening}"{_text(_label(member, estimates))}"{closing}'
        return
    note = f", {member.note}" if member.note and member.kind == "map" else ""
    yield f'{space}subgraph {member.key}["{_text(member.title + note)}"]'
    for inner in member.members:
        yield from _member(inner, estimates, space + "  ")
    yield f"{space}end"


def _label(node: Node, estimates: dict[str, float | None]) -> str:
    name = node.tasks[0] if len(node.tasks) == 1 else f"{node.title} {node.keys}"
    estimate = estimates[node.tasks[0]]
    same = len({estimates[task] for task in node.tasks}) == 1
    return name if estimate is None or not same else f"{name}\n{duration_text(estimate)}"


def _side(edge: Edge) -> str:
    return f"|{edge.label}|" if edge.label else ""


def _text(text: str) -> str:
    """Text inside quotes: Mermaid knows entities, written `#name;`."""
    return "".join(_ENTITIES.get(character, character) for character in clean(text).replace("\r", " "))
